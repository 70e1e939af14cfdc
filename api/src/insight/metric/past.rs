//! What there was at the instant that is meant, as conditions on rows that say when they were made and deleted.

use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::ask::Ask;

/// Made before it. As it is now, whatever there is.
pub fn made(ask: &Ask, table: &'static str) -> Condition {
    let made = ask.at.map(|at| Expr::col((table, "created_at")).lt(at));
    Condition::all().add_option(made)
}

/// Not deleted by then.
pub fn stays(ask: &Ask, table: &'static str) -> Condition {
    let deleted = || Expr::col((table, "deleted_at"));
    Condition::any().add(deleted().is_null()).add_option(ask.at.map(|at| deleted().gte(at)))
}

/// Both.
pub fn there(ask: &Ask, table: &'static str) -> Condition {
    made(ask, table).add(stays(ask, table))
}
