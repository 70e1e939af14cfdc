//! Finds the records that rows refer to: one guarded statement for each relation of a batch, over the texts that are
//! not in the bounded cache yet. It never finds what the caller may not see.

use std::collections::{HashMap, HashSet};

use entity::id::RowId;
use quick_cache::unsync::Cache;
use sea_orm::{
    Condition, JoinType,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::plan::{By, Relation};
use crate::{
    error::Result,
    graph::veil,
    store::{Scoped, Tx},
};

/// Relations remembered from batch to batch.
const REMEMBERED: usize = 50_000;

pub struct Lookups(Cache<(Place, String), Uuid>);

/// Which target of which step.
pub type Place = (usize, usize);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    One(Uuid),
    /// More than one record is named so.
    Many,
}

impl Default for Lookups {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl Lookups {
    /// The work was undone: what it made is gone.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// What these texts name; what is missing is not there or not visible.
    pub async fn find(
        &mut self,
        tx: &Tx,
        place: Place,
        relation: &Relation,
        texts: HashSet<String>,
    ) -> Result<HashMap<String, Found>> {
        let mut found = HashMap::with_capacity(texts.len());
        let mut unknown = HashMap::new();
        for text in texts {
            match self.0.get(&(place, text.clone())) {
                Some(id) => _ = found.insert(text, Found::One(*id)),
                None => unknown.entry(stored(relation, &text)).or_insert_with(Vec::new).push(text),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let scoped = query(tx, relation, unknown.keys().map(String::as_str).collect());
        for row in tx.cells(scoped).await? {
            let (id, key): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            for text in unknown.get(&key).into_iter().flatten() {
                found.entry(text.clone()).and_modify(|f| *f = Found::Many).or_insert(Found::One(id));
            }
        }
        for text in unknown.into_values().flatten() {
            if let Some(Found::One(id)) = found.get(&text) {
                self.0.insert((place, text), *id);
            }
        }
        Ok(found)
    }
}

/// The text as the database keeps it.
fn stored(relation: &Relation, text: &str) -> String {
    let normal = if let By::Field(field, _) = relation.by { field.normal } else { None };
    normal.and_then(|normal| normal(text).ok()).unwrap_or_else(|| text.to_owned())
}

fn query(tx: &Tx, relation: &Relation, keys: Vec<&str>) -> Scoped {
    let (access, to) = (tx.access(), relation.to);
    let scoped = (to.scoped)(access);
    match &relation.by {
        By::Field(_, column) => scoped.shape(|q| {
            let shown = veil::shown(to, column, access.actor());
            q.column((to.table, "id"))
                .column((to.table, *column))
                .and_where(Expr::col((to.table, *column)).is_in(keys))
                .cond_where(Condition::all().add_option(shown));
        }),
        By::ExternalRef(system) => scoped.shape(|q| {
            let reference = |column: &'static str| Expr::col(("external_ref", column));
            let on = reference("entity_id")
                .eq(Expr::col((to.table, "id")))
                .and(reference("organization_id").eq(access.actor().organization.uuid()))
                .and(reference("entity_type").eq(to.table))
                .and(reference("system").eq(system.as_str()))
                .and(reference("deleted_at").is_null());
            q.column((to.table, "id"))
                .column(("external_ref", "external_id"))
                .join(JoinType::InnerJoin, "external_ref", on)
                .and_where(reference("external_id").is_in(keys));
        }),
    }
}
