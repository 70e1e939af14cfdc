//! What a reader may know of rows that events speak of: one guarded statement for each table, however many events.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use sea_orm::sea_query::Expr;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    error::Result,
    graph::{Field, Meta, field::Shape, veil},
    store::{Access, Former, Logged, within_ids},
};

/// What the event of a merged record says beside its columns.
pub const MERGED_INTO: &str = "merged_into_id";

type Row = (&'static str, Uuid);

/// Rows within the reader's reach.
#[derive(Default)]
pub struct Sight {
    live: HashSet<Row>,
    deleted: HashSet<Row>,
    /// Columns of rows that the reader may not know.
    veiled: HashSet<(Row, &'static str)>,
    /// Events that took a row out of reach.
    lost: HashSet<i64>,
}

/// An event and the record it is about.
pub type Told = (&'static Meta, Logged);

impl Sight {
    /// Asks for the events' records and for those that their values lead to.
    pub async fn of(access: &Access, events: &[Told]) -> Result<Self> {
        let mut wanted: IndexMap<&str, (&'static Meta, BTreeSet<Uuid>)> = IndexMap::new();
        for (meta, event) in events {
            let mut want =
                |meta: &'static Meta, id| _ = wanted.entry(meta.table).or_insert((meta, BTreeSet::new())).1.insert(id);
            want(meta, event.entity_id);
            for (to, id) in references(meta, event) {
                want(to, id);
            }
        }
        let mut sight = Self::default();
        for (meta, ids) in wanted.into_values() {
            sight.look(access, meta, &ids.into_iter().collect::<Vec<_>>()).await?;
        }
        sight.look_back(access, events).await?;
        Ok(sight)
    }

    async fn look(&mut self, access: &Access, meta: &'static Meta, ids: &[Uuid]) -> Result<()> {
        let columns = meta.fields.iter().filter(|field| field.veil.is_some()).filter_map(Field::key);
        let veils = columns.filter_map(|c| Some((c, veil::shown(meta, c, access.actor())?))).collect::<Vec<_>>();
        let rows = (meta.scoped_deleted)(access)
            .filter(within_ids((meta.table, "id"), ids, access.store().backend()))
            .shape(|q| {
                q.column((meta.table, "id")).column((meta.table, "deleted_at"));
                q.exprs(veils.iter().map(|(_, shown)| veil::behind(Expr::val(1), Some(shown.clone()))));
            })
            .rows()
            .await?;
        for row in rows {
            let (id, deleted): (Uuid, Option<DateTime<Utc>>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let rows = if deleted.is_some() { &mut self.deleted } else { &mut self.live };
            rows.insert((meta.table, id));
            for (at, (column, _)) in veils.iter().enumerate() {
                if row.try_get_by_index::<Option<i32>>(at + 2)?.is_none() {
                    self.veiled.insert(((meta.table, id), column));
                }
            }
        }
        Ok(())
    }

    /// Which events gave away a row that was within reach: the guard is asked of the row with its owner of then.
    async fn look_back(&mut self, access: &Access, events: &[Told]) -> Result<()> {
        let mut given: IndexMap<&str, (&'static Meta, Vec<i64>, Vec<Former>)> = IndexMap::new();
        for (meta, event) in events.iter().filter(|(meta, e)| !self.reaches(meta, e.entity_id)) {
            let Some(row) = former(event) else { continue };
            let (_, seqs, rows) = given.entry(meta.table).or_insert((meta, vec![], vec![]));
            seqs.push(event.seq);
            rows.push(row);
        }
        for (meta, seqs, former) in given.into_values() {
            let Some(scoped) = (meta.formerly)(access, &former) else { continue };
            for row in scoped.rows().await? {
                let place = usize::try_from(row.try_get_by_index::<i32>(0)?).unwrap_or(usize::MAX);
                self.lost.extend(seqs.get(place));
            }
        }
        Ok(())
    }

    /// Readable now: what its events say may be shown.
    pub fn reads(&self, meta: &Meta, id: Uuid) -> bool {
        self.live.contains(&(meta.table, id))
    }

    /// Readable now, or deleted and readable if it were not.
    pub fn reaches(&self, meta: &Meta, id: Uuid) -> bool {
        self.reads(meta, id) || self.deleted.contains(&(meta.table, id))
    }

    /// What its events say of this column may be shown, too.
    pub fn knows(&self, meta: &Meta, id: Uuid, column: &'static str) -> bool {
        !self.veiled.contains(&((meta.table, id), column))
    }

    /// This event took the row out of the reader's reach.
    pub fn lost(&self, event: &Logged) -> bool {
        self.lost.contains(&event.seq)
    }
}

/// The row as an event found it; none when it left the owner alone or the row is new.
fn former(event: &Logged) -> Option<Former> {
    let [owner, _] = event.changed.get("owner_id")?.as_array()?.as_slice() else { return None };
    let known = event.op != entity::event::Op::Created;
    known.then(|| Former { id: event.entity_id, owner: uuid(owner) })
}

/// The records that the values of an event lead to.
fn references<'a>(meta: &'static Meta, event: &'a Logged) -> impl Iterator<Item = (&'static Meta, Uuid)> + 'a {
    let one = |f: &Field| if let Shape::One(key, to) = f.shape { Some((key, to())) } else { None };
    meta.fields.iter().filter_map(one).chain([(MERGED_INTO, meta)]).flat_map(|(key, to)| {
        let pair = event.changed.get(key).and_then(Value::as_array);
        pair.into_iter().flatten().filter_map(uuid).map(move |id| (to, id))
    })
}

pub fn uuid(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}
