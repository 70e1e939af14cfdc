//! Whether executives may decide where both sides do not, and which versions of agreements they decided.

use crate::table::{Column, boolean};

pub fn columns() -> Vec<(&'static str, Column)> {
    vec![
        ("organization", boolean("agreement_tie_break").filled("false")),
        ("agreement_version", boolean("tie_broken").filled("false")),
    ]
}
