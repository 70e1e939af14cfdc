//! The feed as one reader sees it: which events they get, and as what. It shows nothing that their present rights do
//! not, and says so when it cannot go on without a gap.

use entity::event::Op;

use super::{
    cursor::{self, Reader},
    image,
    sight::{MERGED_INTO, Sight, Told, uuid},
};
use crate::{
    error::{Error, Result},
    graph::{Meta, root::catalog},
    store::{Access, Logged},
};

/// One event as its reader sees it.
pub struct Change {
    pub meta: &'static Meta,
    pub event: Logged,
    pub cursor: String,
    /// The row left the reader's view: nothing else of the event is shown.
    pub lost: bool,
    pub fields: Vec<String>,
    /// The record it was merged into, if the reader may know it.
    pub merged_into: Option<uuid::Uuid>,
    /// None when the record cannot be read now.
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
}

/// A stretch of the feed.
pub struct Batch {
    pub changes: Vec<Change>,
    /// Behind what it was read.
    pub start: i64,
    /// Everything up to here has been seen.
    pub end: i64,
    pub more: bool,
    pub head: i64,
    pub reader: Reader,
}

/// Where to begin.
#[derive(Clone)]
pub enum From {
    Oldest,
    Cursor(String),
    /// After this number, which the same reader has seen.
    Seen(i64, Reader),
}

impl From {
    /// The number it begins after, where that is known.
    pub fn seen(&self) -> Option<i64> {
        if let Self::Seen(seq, _) = self { Some(*seq) } else { None }
    }
}

/// A reader of the feed.
pub struct Feed {
    access: Access,
    records: Vec<&'static Meta>,
}

const MOST_TYPES: usize = 50;

impl Feed {
    /// Of all records that the caller may read, or of these types only.
    pub fn open(access: &Access, types: Option<&[String]>) -> Result<Self> {
        let all = catalog().map(|c| c.records.as_slice()).unwrap_or_default();
        let mut records = all.to_vec();
        if let Some(types) = types {
            if types.len() > MOST_TYPES {
                return Err(Error::BadInput(format!("types: at most {MOST_TYPES}")));
            }
            if let Some(unknown) = types.iter().find(|t| !all.iter().any(|m| m.name == *t)) {
                return Err(Error::BadInput(format!("types: no record type {unknown}")));
            }
            records.retain(|meta| types.iter().any(|t| *t == meta.name));
        }
        records.retain(|meta| access.actor().may(meta.rules.read));
        Ok(Self { access: access.clone(), records })
    }

    /// Behind the newest event.
    pub async fn newest(&self) -> Result<From> {
        let reader = Reader::of(&self.access).await?;
        Ok(From::Seen(self.access.log(&[], 0, 1).await?.head, reader))
    }

    /// Up to `first` changes from a place on.
    pub async fn read(&self, from: From, first: usize) -> Result<Batch> {
        let reader = Reader::of(&self.access).await?;
        let (after, expired) = Self::begin(from, reader)?;
        // who reads everything gets what is fetched; others lose some of it to their guards
        let whole = self.records.iter().all(|meta| self.access.actor().reaches_all(meta.rules.read));
        let most = if whole { first + 1 } else { first * 4 };
        let tables: Vec<&str> = self.records.iter().map(|meta| meta.table).collect();
        let window = self.access.log(&tables, after.unwrap_or(0), most as u64).await?;
        let gap = after.is_some_and(|after| after + 1 < window.oldest);
        if expired || gap {
            return Err(Error::CursorExpired(reader.at(window.head)));
        }
        let full = window.events.len() == most;
        let last = window.events.last().map(|e| e.seq);
        let mut changes = self.shown(reader, window.events).await?;
        let cut = changes.len() > first;
        changes.truncate(first);
        let end = match (changes.last(), last) {
            (Some(change), _) if cut => change.event.seq,
            (_, Some(last)) if full => last,
            // a cursor from a node that is further on than this one stays where it is
            _ => window.head.max(after.unwrap_or(0)),
        };
        let start = after.unwrap_or(window.oldest - 1);
        Ok(Batch { changes, start, end, more: cut || full, head: window.head, reader })
    }

    /// The number to go on from, and whether its cursor was made under other rights.
    fn begin(from: From, reader: Reader) -> Result<(Option<i64>, bool)> {
        Ok(match from {
            From::Oldest => (None, false),
            From::Seen(seq, then) => (Some(seq), then != reader),
            From::Cursor(text) => {
                let place = cursor::parse(&text)?;
                if !place.reader.same_organization(reader) {
                    return Err(Error::BadInput("after: this cursor belongs to another organisation".into()));
                }
                (Some(place.seq), place.reader != reader)
            }
        })
    }

    async fn shown(&self, reader: Reader, events: Vec<Logged>) -> Result<Vec<Change>> {
        let record = |e: Logged| Some((*self.records.iter().find(|meta| meta.table == e.entity)?, e));
        let told: Vec<Told> = events.into_iter().filter_map(record).collect();
        let sight = Sight::of(&self.access, &told).await?;
        Ok(told.into_iter().filter_map(|(meta, event)| change(meta, event, &sight, reader)).collect())
    }
}

/// What a reader gets of an event, if anything.
fn change(meta: &'static Meta, event: Logged, sight: &Sight, reader: Reader) -> Option<Change> {
    let cursor = reader.at(event.seq);
    if !sight.reaches(meta, event.entity_id) {
        let event =
            Logged { op: Op::Deleted, kind: format!("{}.deleted", meta.table), actor: None, api_key: None, ..event };
        let gone =
            Change { meta, event, cursor, lost: true, fields: vec![], merged_into: None, before: None, after: None };
        return sight.lost(&gone.event).then_some(gone);
    }
    let fields = image::changed(meta, &event);
    let values = |side| sight.reads(meta, event.entity_id).then(|| image::values(meta, &event, sight, side));
    let before = values(image::Side::Before).filter(|_| event.op != Op::Created);
    let after = values(image::Side::After);
    let into = event.changed.get(MERGED_INTO).filter(|_| event.op == Op::Merged).and_then(|pair| uuid(pair.get(1)?));
    let merged_into = into.filter(|id| sight.reads(meta, *id));
    Some(Change { meta, cursor, lost: false, fields, merged_into, before, after, event })
}
