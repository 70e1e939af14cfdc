//! News inside a unit of work: what one theme wrote is told to higher themes before the commit, so that what follows
//! from it lies in the same transaction. A lower theme never learns who listens.

use std::sync::OnceLock;

use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Op, Tx};
use crate::error::Result;

/// One change of this unit of work.
#[derive(Clone, Debug)]
pub struct News {
    pub id: Uuid,
    pub op: Op,
    /// The event's name, e.g. `lead.disqualified`.
    pub kind: String,
    /// The columns that changed.
    pub changed: Vec<String>,
    /// What they held before, where an event may say so.
    pub before: Map<String, Value>,
}

/// Who wants to know of a table's changes. It is told of all of them at once, so that what it does costs the same
/// statements for one row and for a thousand; it acts with every right, in the name of whoever wrote.
#[derive(Clone, Copy)]
pub struct Listener {
    pub table: &'static str,
    pub hear: for<'a> fn(&'a mut Tx, Vec<News>) -> BoxFuture<'a, Result<()>>,
}

static LISTENERS: OnceLock<Vec<Listener>> = OnceLock::new();

/// Names the listeners, once, before the first unit of work.
pub fn listen(listeners: fn() -> Vec<Listener>) {
    LISTENERS.get_or_init(listeners);
}

pub(super) fn listeners() -> &'static [Listener] {
    LISTENERS.get().map(Vec::as_slice).unwrap_or_default()
}
