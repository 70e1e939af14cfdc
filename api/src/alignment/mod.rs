//! What marketing and sales agree on, and what follows from it: rules, scores, definitions of a qualified lead. It
//! knows leads and campaigns; they do not know it.

pub mod rule;
