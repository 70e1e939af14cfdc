//! Reads numbered events in their order. It says what happened and to which row, never whether the reader may know:
//! the feed asks that of each row's own guard.

use chrono::{DateTime, Utc};
use entity::{event::Op, id::RowId, word::Word};
use sea_orm::{
    ExprTrait, QueryResult,
    sea_query::{Expr, JoinType, Order, Query, SelectStatement},
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Access;
use crate::error::{Error, Result};

/// An event as it was written.
pub struct Logged {
    pub seq: i64,
    pub id: Uuid,
    /// The table of the row.
    pub entity: String,
    pub entity_id: Uuid,
    pub op: Op,
    pub kind: String,
    pub version: i32,
    pub actor: Option<Uuid>,
    pub at: DateTime<Utc>,
    /// The right by which it was done.
    pub permission: String,
    /// The key with which it was done, if a program did it.
    pub api_key: Option<Uuid>,
    /// Column -> [before, after]; an object where the values are kept apart or secret.
    pub changed: Map<String, Value>,
    /// Column -> [before, after] of personal columns; empty once erased.
    pub personal: Map<String, Value>,
}

/// A stretch of the log, all of it read at one instant.
#[derive(Default)]
pub struct Window {
    pub events: Vec<Logged>,
    /// The last number given.
    pub head: i64,
    /// The first number that is still kept; one past the head when none is.
    pub oldest: i64,
}

const EVENT: [&str; 12] = [
    "seq",
    "id",
    "entity",
    "entity_id",
    "op",
    "kind",
    "version",
    "actor_id",
    "at",
    "changed",
    "permission",
    "api_key_id",
];

impl Access {
    /// Up to `most` events on these tables that come after a number.
    pub async fn log(&self, tables: &[&str], after: i64, most: u64) -> Result<Window> {
        let organization = self.actor().organization.uuid();
        let rows = self.fetch(&window(organization, tables, after, most)).await?;
        let Some(first) = rows.first() else { return Ok(Window { oldest: 1, ..Window::default() }) };
        let head: i64 = first.try_get_by_index(0)?;
        let oldest: Option<i64> = first.try_get_by_index(1)?;
        let events = rows.iter().filter_map(|row| logged(row).transpose()).collect::<Result<_>>()?;
        Ok(Window { events, head, oldest: oldest.unwrap_or(head + 1) })
    }

    /// Whoever the caller reaches by team or tree at present.
    pub async fn circle(&self) -> Result<Vec<Uuid>> {
        let rows = self.fetch(&self.actor().circle()).await?;
        Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
    }
}

/// One statement, so that events, head and oldest are of the same instant.
fn window(organization: Uuid, tables: &[&str], after: i64, most: u64) -> SelectStatement {
    let ours = || Expr::col(("event", "organization_id")).eq(organization);
    let numbered = || Expr::col(("event", "seq")).is_not_null();
    let mut events = Query::select();
    events
        .columns(EVENT.map(|column| ("event", column)))
        .expr_as(Expr::col(("apart", "changed")), "personal")
        .from("event")
        .join_as(
            JoinType::LeftJoin,
            "event_personal",
            "apart",
            Expr::col(("apart", "event_id")).equals(("event", "id")),
        )
        .and_where(ours())
        .and_where(numbered())
        .and_where(Expr::col(("event", "seq")).gt(after))
        .and_where(Expr::col(("event", "entity")).is_in(tables.iter().copied()))
        .order_by(("event", "seq"), Order::Asc)
        .limit(most);
    let oldest =
        Query::select().expr(Expr::cust("MIN(seq)")).from("event").and_where(ours()).and_where(numbered()).take();
    Query::select()
        .column(("head", "seq"))
        .expr_as(Expr::from(oldest), "oldest")
        .columns(EVENT.map(|column| ("found", column)))
        .column(("found", "personal"))
        .from_as("event_head", "head")
        .join_subquery(JoinType::LeftJoin, events, "found", Expr::cust("TRUE"))
        .and_where(Expr::col(("head", "organization_id")).eq(organization))
        .order_by(("found", "seq"), Order::Asc)
        .take()
}

fn logged(row: &QueryResult) -> Result<Option<Logged>> {
    let Some(seq) = row.try_get_by_index(2)? else { return Ok(None) };
    let op: String = row.try_get_by_index(6)?;
    let object = |at: usize| {
        let value: Option<Value> = row.try_get_by_index(at)?;
        Ok::<_, Error>(if let Some(Value::Object(members)) = value { members } else { Map::new() })
    };
    Ok(Some(Logged {
        seq,
        id: row.try_get_by_index(3)?,
        entity: row.try_get_by_index(4)?,
        entity_id: row.try_get_by_index(5)?,
        op: Op::parse(&op).ok_or_else(|| Error::internal(format!("an event says {op}")))?,
        kind: row.try_get_by_index(7)?,
        version: row.try_get_by_index(8)?,
        actor: row.try_get_by_index(9)?,
        at: row.try_get_by_index(10)?,
        changed: object(11)?,
        permission: row.try_get_by_index(12)?,
        api_key: row.try_get_by_index(13)?,
        personal: object(14)?,
    }))
}
