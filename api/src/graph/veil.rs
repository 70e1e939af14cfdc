//! Columns that not everybody who reads a record may know of every row. Where the caller may not, the column is null in
//! the statement itself: read, filtered and ordered by, and as a key. Search text must leave out what is closed.

use sea_orm::{
    Condition, ExprTrait,
    sea_query::{CaseStatement, Expr, Func, SimpleExpr},
};
use uuid::Uuid;

use super::{field::Field, record::Meta};
use crate::{
    actor::Actor,
    error::Result,
    store::{Tx, within_ids},
};

/// In which rows a column is closed, and which of these the caller may know all the same: none when that is all of them.
pub struct Veil {
    pub closed: fn() -> Condition,
    pub knows: fn(&Actor) -> Option<Condition>,
}

impl Field {
    /// Not everybody may know it of every row. Nothing is grouped by it.
    #[must_use]
    pub fn veiled(mut self, veil: &'static Veil) -> Self {
        self.veil = Some(veil);
        self.group = false;
        self
    }
}

fn veil_of(meta: &Meta, column: &str) -> Option<&'static Veil> {
    meta.fields.iter().find(|field| field.via.is_none() && field.key() == Some(column))?.veil
}

/// Rows in which a column is closed, whoever asks; none where it never is.
pub fn closed(meta: &Meta, column: &str) -> Option<Condition> {
    veil_of(meta, column).map(|veil| (veil.closed)())
}

/// Rows of which the caller may know a column; none where that is all.
pub fn shown(meta: &Meta, column: &str, actor: &Actor) -> Option<Condition> {
    let veil = veil_of(meta, column)?;
    let knows = (veil.knows)(actor)?;
    Some(Condition::any().add(not((veil.closed)())).add(knows))
}

/// The column, null in rows of which the caller may not know it.
pub fn cell(meta: &Meta, column: &'static str, actor: &Actor) -> SimpleExpr {
    behind(Expr::col((meta.table, column)), shown(meta, column, actor))
}

/// A value, null in rows where it is not shown.
pub fn behind(value: Expr, shown: Option<Condition>) -> SimpleExpr {
    match shown {
        None => value,
        Some(shown) => CaseStatement::new().case(shown, value).into(),
    }
}

/// Columns of a row that the caller may not know.
pub async fn hidden(tx: &Tx, meta: &'static Meta, id: Uuid) -> Result<Vec<&'static str>> {
    let access = tx.access();
    let mut hidden = vec![];
    for column in meta.fields.iter().filter(|field| field.veil.is_some()).filter_map(Field::key) {
        let Some(shown) = shown(meta, column, access.actor()) else { continue };
        let row = (meta.scoped)(access)
            .filter(within_ids((meta.table, "id"), &[id], access.store().backend()))
            .filter(shown)
            .shape(|q| _ = q.column((meta.table, "id")));
        if tx.cells(row).await?.is_empty() {
            hidden.push(column);
        }
    }
    Ok(hidden)
}

/// Everything else: rows for which the condition is false or unknown.
pub fn not(condition: Condition) -> Condition {
    let truth = Func::coalesce([SimpleExpr::from(condition), Expr::cust("FALSE")]);
    Condition::all().add(SimpleExpr::from(truth).not())
}
