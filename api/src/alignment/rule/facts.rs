//! What rules look at: a lead with its touches and activities. Whoever asks, rules see all of them, as they decide for
//! the organisation; nothing but the answer is shown.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    activity::{self, Direction, Kind as ActivityKind},
    campaign::Channel,
    id::{ActivityId, LeadId, RowId, TouchpointId},
    lead,
    touchpoint::{self, Kind as TouchKind},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use crate::{
    crm::Reader,
    error::Result,
    store::{Scoped, within_ids},
};

/// A touch, as far as rules and scores look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    pub id: TouchpointId,
    pub kind: TouchKind,
    pub channel: Channel,
    pub at: DateTime<Utc>,
}

/// An activity that has taken place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    pub id: ActivityId,
    pub kind: ActivityKind,
    pub direction: Option<Direction>,
    pub at: DateTime<Utc>,
}

/// One lead at one instant.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub lead: &'a lead::Model,
    pub touches: &'a [Touch],
    pub activities: &'a [Act],
    pub now: DateTime<Utc>,
}

/// The touches and activities of some leads.
#[derive(Debug, Default)]
pub struct History {
    touches: HashMap<LeadId, Vec<Touch>>,
    activities: HashMap<LeadId, Vec<Act>>,
}

impl History {
    /// Of these leads: two statements, however many there are.
    pub async fn of(reader: Reader<'_>, leads: &[LeadId]) -> Result<Self> {
        let ids: Vec<Uuid> = leads.iter().map(|id| id.uuid()).collect();
        let mut history = Self::default();
        for row in reader.cells(touches(reader, &ids)).await? {
            let touch = Touch {
                id: row.try_get_by_index(1)?,
                kind: row.try_get_by_index(2)?,
                channel: row.try_get_by_index(3)?,
                at: row.try_get_by_index(4)?,
            };
            history.touches.entry(row.try_get_by_index(0)?).or_default().push(touch);
        }
        for row in reader.cells(activities(reader, &ids)).await? {
            let act = Act {
                id: row.try_get_by_index(1)?,
                kind: row.try_get_by_index(2)?,
                direction: row.try_get_by_index(3)?,
                at: row.try_get_by_index(4)?,
            };
            history.activities.entry(row.try_get_by_index(0)?).or_default().push(act);
        }
        Ok(history)
    }

    /// What rules look at for one of them.
    pub fn facts<'a>(&'a self, lead: &'a lead::Model, now: DateTime<Utc>) -> Facts<'a> {
        let touches = self.touches.get(&lead.id).map(Vec::as_slice).unwrap_or_default();
        let activities = self.activities.get(&lead.id).map(Vec::as_slice).unwrap_or_default();
        Facts { lead, touches, activities, now }
    }
}

fn ordered(query: &mut SelectStatement, table: &'static str, columns: [&'static str; 5]) {
    for column in columns {
        query.column((table, column));
    }
    query.order_by((table, columns[4]), sea_orm::Order::Asc).order_by((table, "id"), sea_orm::Order::Asc);
}

fn touches(reader: Reader<'_>, leads: &[Uuid]) -> Scoped<touchpoint::Entity> {
    let columns = ["lead_id", "id", "kind", "channel", "occurred_at"];
    let theirs = within_ids(("touchpoint", "lead_id"), leads, reader.backend());
    Scoped::read(&reader.everything()).filter(theirs).shape(|q| ordered(q, "touchpoint", columns))
}

fn activities(reader: Reader<'_>, leads: &[Uuid]) -> Scoped<activity::Entity> {
    let columns = ["lead_id", "id", "kind", "direction", "happened_at"];
    let theirs = within_ids(("activity", "lead_id"), leads, reader.backend());
    let happened = Condition::all().add(Expr::col(("activity", "happened_at")).is_not_null());
    Scoped::read(&reader.everything()).filter(theirs).filter(happened).shape(|q| ordered(q, "activity", columns))
}
