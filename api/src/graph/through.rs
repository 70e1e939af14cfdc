//! Orders by a column of the record that a field leads to, such as an account's name. The record is joined with its own
//! guard in it: one that the caller may not see sorts like none.

use sea_orm::{
    ColumnTrait, ExprTrait, IdenStatic, JoinType,
    sea_query::{Expr, SelectStatement},
};

use super::{
    field::{Field, Kind, Shape, camel},
    order::Key,
    record::Meta,
};
use crate::store::Access;

/// A column of the record whose id `key` holds.
#[derive(Clone, Copy)]
pub struct Through {
    pub key: &'static str,
    pub to: fn() -> &'static Meta,
    pub column: &'static str,
    pub kind: Kind,
    /// The name of its cell: `owner_id.name`.
    pub cell: &'static str,
}

impl Through {
    fn join(&self) -> String {
        format!("by_{}", self.key)
    }

    pub fn expr(&self) -> Expr {
        Expr::col((self.join(), self.column))
    }
}

impl Field {
    /// Lists may be ordered by this column of the record it leads to: `ACCOUNT_NAME`.
    #[must_use]
    pub fn ordered_by<C: ColumnTrait>(mut self, c: C, kind: Kind) -> Self {
        if let Shape::One(key, to) = self.shape {
            let column = IdenStatic::as_str(&c);
            // a few names, made once with the records
            let cell = Box::leak(format!("{key}.{column}").into_boxed_str());
            self.through.push(Through { key, to, column, kind, cell });
        }
        self
    }

    /// The words of its orders through the record that it leads to, with what they mean.
    pub fn orders(&self) -> impl Iterator<Item = (String, &Through)> {
        let word = |through: &Through| format!("{}_{}", self.enum_name(), through.column.to_ascii_uppercase());
        self.through.iter().map(move |through| (word(through), through))
    }

    pub fn order_about(&self, through: &Through) -> String {
        let path = format!("`{}.{}`", self.name, camel(through.column));
        format!("By {path}; a record that the caller may not see has none. Sorts whatever the filter leaves.")
    }
}

/// Joins what the keys go through: each record once, whatever columns of it.
pub fn join(query: &mut SelectStatement, keys: &[Key], table: &'static str, access: &Access) {
    let mut joined: Vec<&Through> = Vec::new();
    for through in keys.iter().filter_map(|key| key.through.as_ref()) {
        if joined.iter().any(|other| other.key == through.key) {
            continue;
        }
        joined.push(through);
        let to = (through.to)();
        let mut seen = (to.visible)(access.actor(), to.rules.read);
        let mut columns: Vec<&str> =
            keys.iter().filter_map(|k| k.through.as_ref()).filter(|t| t.key == through.key).map(|t| t.column).collect();
        columns.sort_unstable();
        columns.dedup();
        seen.columns(columns.into_iter().map(|column| (to.table, column)));
        let on = Expr::col((through.join(), "id")).eq(Expr::col((table, through.key)));
        query.join_subquery(JoinType::LeftJoin, seen.take(), through.join(), on);
    }
}
