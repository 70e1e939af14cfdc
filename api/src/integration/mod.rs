//! What other systems hold on to: the change feed and the work that goes on by itself. It knows every theme below and
//! decides none of their rules.

pub mod changes;
