//! What other systems hold on to and bring along: the change feed, the work that goes on by itself, files brought in.
//! It knows every theme below and decides none of their rules.

pub mod changes;
pub mod import;
pub mod work;
