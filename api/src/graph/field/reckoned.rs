//! Fields that no column holds: the database reckons them in the statement that reads the row.

use sea_orm::sea_query::SimpleExpr;

use super::{Field, Kind, Shape, field};
use crate::{graph::record::Meta, store::Access};

/// What the database reckons for a row from other rows, in the statement that reads it: the name of its cell, and the
/// expression over the row's table. Whoever may not know gets a typed null.
#[derive(Clone, Copy)]
pub struct Reckoned {
    pub name: &'static str,
    pub sql: fn(&Access) -> SimpleExpr,
}

/// A value that the database reckons from other rows; null for who may not know it.
pub fn reckoned(name: &'static str, kind: Kind, sql: fn(&Access) -> SimpleExpr, about: &'static str) -> Field {
    field(name, about, Shape::Reckoned(Reckoned { name, sql }, kind), true)
}

/// The record whose id the database reckons; null where there is none, or the caller may not see it.
pub fn found(
    name: &'static str,
    sql: fn(&Access) -> SimpleExpr,
    to: fn() -> &'static Meta,
    about: &'static str,
) -> Field {
    field(name, about, Shape::Found(Reckoned { name, sql }, to), true)
}

/// A share whose two numbers the database reckons; null for who may not know it.
pub fn ratio(name: &'static str, of: [Reckoned; 2], about: &'static str) -> Field {
    let [numerator, denominator] = of;
    field(name, about, Shape::Ratio(numerator, denominator), true)
}
