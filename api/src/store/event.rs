//! One event row per change: audit, history, outbox and change feed in one. On PostgreSQL committed events get
//! their gapless `seq` from the sequencer; on SQLite, where writers are serial, at insert.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use entity::id::RowId;
use rand::{TryRngCore, rngs::OsRng};
use sea_orm::{
    ConnectionTrait, DbBackend, IdenStatic, Iterable, ModelTrait, Statement, Value,
    sea_query::{CommonTableExpression, Expr, Query, WithClause, sea_value_to_json_value},
};
use serde_json::{Map, json};
use sha2::{Digest, Sha256};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{Access, Guarded, News, Store, Tx, row::id_of};
use crate::{
    actor::{Permission, Via},
    error::{Error, Result},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Created,
    Updated,
    Deleted,
    Restored,
    /// Deleted, as another record took its place.
    Merged,
}

impl Op {
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Updated => "UPDATED",
            Self::Deleted => "DELETED",
            Self::Restored => "RESTORED",
            Self::Merged => "MERGED",
        }
    }
}

/// One change, not yet written.
pub struct Change {
    entity: &'static str,
    entity_id: Uuid,
    op: Op,
    kind: String,
    version: i32,
    permission: Permission,
    at: DateTime<Utc>,
    /// Column -> [before, after]; of personal columns only the values' hashes.
    changed: Map<String, serde_json::Value>,
    /// Column -> [before, after] of the personal columns, kept apart so that erasure can delete them.
    personal: Map<String, serde_json::Value>,
}

#[derive(Default)]
pub(super) struct Events(Vec<Change>);

/// Columns that every write changes and that say nothing.
const UNTOLD: [&str; 6] = ["updated_at", "updated_by", "version", "search_text", "id", "organization_id"];

impl Events {
    pub(super) fn record<E: Guarded>(
        &mut self,
        access: &Access,
        permission: Permission,
        op: Op,
        before: Option<&E::Model>,
        after: &E::Model,
    ) -> Result<()> {
        if !E::TOLD {
            return Ok(());
        }
        let (mut changed, mut personal) = (Map::new(), Map::new());
        let mut salt = None;
        for c in E::Column::iter() {
            let name = IdenStatic::as_str(&c);
            let (old, new) = (before.map(|row| row.get(c)), after.get(c));
            let same = old.as_ref().map_or(is_null(&new), |old| super::differ::same(old, &new));
            if same || UNTOLD.contains(&name) || E::QUIET.contains(&name) {
                continue;
            }
            let (old, new) = (old.as_ref().map_or(serde_json::Value::Null, json_of), json_of(&new));
            let told = if E::SECRET.contains(&name) {
                json!({})
            } else if E::PERSONAL.contains(&name) {
                let salt = salt.get_or_insert_with(random);
                let hashes = json!({ "hash": [hash(salt, &old), hash(salt, &new)] });
                personal.insert(name.to_owned(), json!([old, new]));
                hashes
            } else {
                json!([old, new])
            };
            changed.insert(name.to_owned(), told);
        }
        personal.extend(salt.map(|salt| (SALT.to_owned(), salt.into())));
        currencies::<E>(after, &mut changed);
        let version = after.get(super::row::column::<E>("version")?);
        let Value::Int(Some(version)) = version else { return Err(Error::internal("row without version")) };
        let kind = format!("{}.{}", E::NAME, op.word().to_ascii_lowercase());
        let entity_id = id_of::<E>(after)?;
        let at = access.now();
        self.0.push(Change { entity: E::NAME, entity_id, op, kind, version, permission, at, changed, personal });
        Ok(())
    }

    pub(super) fn name_last(&mut self, kind: &'static str) {
        self.name(1, kind);
    }

    /// Names the last ones.
    pub(super) fn name(&mut self, count: usize, kind: &'static str) {
        for change in self.0.iter_mut().rev().take(count) {
            kind.clone_into(&mut change.kind);
        }
    }

    /// The last change says this too.
    pub(super) fn tell_last(&mut self, column: &str, pair: &[serde_json::Value; 2]) {
        if let Some(last) = self.0.last_mut() {
            last.changed.insert(column.to_owned(), json!(pair));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What happened to rows of this table, among these events.
    pub(super) fn news(&self, table: &str, range: std::ops::Range<usize>) -> Vec<News> {
        let told = |c: &Change| News {
            id: c.entity_id,
            op: c.op,
            kind: c.kind.clone(),
            changed: c.changed.keys().cloned().collect(),
            before: c.changed.iter().filter_map(|(name, pair)| Some((name.clone(), pair.get(0)?.clone()))).collect(),
        };
        self.0[range].iter().filter(|c| c.entity == table).map(told).collect()
    }

    /// Whether one of the events from `mark` on is about this row.
    pub(super) fn touches(&self, mark: usize, table: &str, id: Uuid) -> bool {
        self.0[mark..].iter().any(|c| c.entity == table && c.entity_id == id)
    }

    pub(super) fn truncate(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// Writes them all: at most two statements a few hundred events.
    pub(super) async fn write(self, tx: &Tx) -> Result<()> {
        for batch in self.0.chunks(500) {
            insert(tx, batch).await?;
        }
        Ok(())
    }
}

/// An amount says nothing without its currency: where one changed alone, the event says what currency it is in.
fn currencies<E: Guarded>(after: &E::Model, changed: &mut Map<String, serde_json::Value>) {
    if !changed.keys().any(|name| name.ends_with("_minor")) {
        return;
    }
    for c in E::Column::iter().filter(|c| IdenStatic::as_str(c).ends_with("currency")) {
        let name = IdenStatic::as_str(&c).to_owned();
        changed.entry(name).or_insert_with(|| json!({ "is": json_of(&after.get(c)) }));
    }
}

const COLUMNS: [&str; 14] = [
    "id",
    "organization_id",
    "entity",
    "entity_id",
    "op",
    "kind",
    "version",
    "permission",
    "changed",
    "actor_id",
    "api_key_id",
    "at",
    "request_id",
    "seq",
];

async fn insert(tx: &Tx, batch: &[Change]) -> Result<()> {
    let (access, actor) = (tx.access(), tx.access().actor());
    let api_key = if let Via::ApiKey(id) = actor.via { Some(id.uuid()) } else { None };
    let mut next = first_seq(tx, batch.len()).await?;
    let mut insert = Query::insert();
    insert.into_table("event").columns(COLUMNS);
    let mut apart = Query::insert();
    apart.into_table("event_personal").columns(["event_id", "changed"]);
    let mut any_apart = false;
    for change in batch {
        let id = super::row::new_id();
        let values: [Value; 14] = [
            id.into(),
            actor.organization.uuid().into(),
            change.entity.into(),
            change.entity_id.into(),
            change.op.word().into(),
            change.kind.as_str().into(),
            change.version.into(),
            entity::word::Word::word(change.permission).into(),
            serde_json::Value::Object(change.changed.clone()).into(),
            actor.user.map(RowId::uuid).into(),
            api_key.into(),
            change.at.into(),
            access.request().map(str::to_owned).into(),
            next.into(),
        ];
        insert.values(values.map(Expr::val)).map_err(Error::internal)?;
        next = next.map(|n| n + 1);
        if !change.personal.is_empty() {
            any_apart = true;
            let changed = serde_json::Value::Object(change.personal.clone());
            apart.values([Expr::val(id), Expr::val(changed)]).map_err(Error::internal)?;
        }
    }
    if any_apart && access.store().backend() == DbBackend::Postgres {
        // one round trip for both
        let apart = CommonTableExpression::new().table_name("apart").query(apart).to_owned();
        tx.db().execute(&insert.with(WithClause::new().cte(apart).to_owned())).await?;
        return Ok(());
    }
    tx.db().execute(&insert).await?;
    if any_apart {
        tx.db().execute(&apart).await?;
    }
    Ok(())
}

/// SQLite numbers events at insert; PostgreSQL leaves it to the sequencer.
async fn first_seq(tx: &Tx, events: usize) -> Result<Option<i64>> {
    if tx.access().store().backend() == DbBackend::Postgres {
        return Ok(None);
    }
    let sql = "INSERT INTO event_head (organization_id, seq) VALUES (?, ?) \
               ON CONFLICT (organization_id) DO UPDATE SET seq = seq + excluded.seq RETURNING seq";
    let events = i64::try_from(events).map_err(Error::internal)?;
    let values = [Value::from(tx.access().actor().organization.uuid()), Value::from(events)];
    let row = tx.db().query_one_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    let head: i64 = row.ok_or_else(|| Error::internal("no event head"))?.try_get_by_index(0)?;
    Ok(Some(head - events + 1))
}

/// Numbers committed events in the order of their `pos`, gapless per organisation. One node at a time does it.
const SEQUENCE: &str = "\
WITH fresh AS (
  SELECT pos, organization_id, row_number() OVER (PARTITION BY organization_id ORDER BY pos) AS n
  FROM (SELECT pos, organization_id FROM event WHERE seq IS NULL ORDER BY pos LIMIT 1000) AS waiting
), heads AS (
  INSERT INTO event_head (organization_id, seq)
  SELECT organization_id, max(n) FROM fresh GROUP BY organization_id
  ON CONFLICT (organization_id) DO UPDATE SET seq = event_head.seq + excluded.seq
  RETURNING organization_id, seq
), counts AS (SELECT organization_id, max(n) AS n FROM fresh GROUP BY organization_id)
UPDATE event SET seq = heads.seq - counts.n + fresh.n
FROM fresh JOIN heads USING (organization_id) JOIN counts USING (organization_id)
WHERE event.pos = fresh.pos AND event.seq IS NULL";

/// When a sequencer that does not get through is too late.
pub(super) const LATE: Duration = Duration::from_mins(1);

/// How long commits are gathered, so that a busy server numbers a hundred events at once and not one a hundred times.
const GATHER: Duration = Duration::from_millis(10);

impl Store {
    /// Gives waiting events their numbers; how many got one. Nothing to do on SQLite. Belongs to no request, so its
    /// statements are not counted.
    pub async fn sequence(&self) -> Result<u64> {
        if self.backend() != DbBackend::Postgres {
            return Ok(0);
        }
        let db = self.begin().await?;
        let lock = "SELECT pg_try_advisory_xact_lock(4717201)";
        let free = db.query_one_raw(Statement::from_string(DbBackend::Postgres, lock)).await?;
        if !free.map(|row| row.try_get_by_index::<bool>(0)).transpose()?.unwrap_or(false) {
            return Ok(0);
        }
        let done = db.execute_unprepared(SEQUENCE).await?.rows_affected();
        db.commit().await?;
        if done > 0 {
            self.0.commits.send_modify(|n| *n += 1);
        }
        Ok(done)
    }

    /// Numbers events after every commit, and each second those of other nodes. Runs until dropped.
    pub async fn run_sequencer(self) {
        let mut commits = self.commits();
        loop {
            let done = self.sequence().await;
            if let (Ok(_), Ok(mut at)) = (&done, self.0.numbered.lock()) {
                *at = Some(Instant::now());
            }
            match done {
                Ok(1000) => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the sequencer will try again"),
            }
            commits.mark_unchanged();
            _ = timeout(Duration::from_secs(1), commits.changed()).await;
            sleep(GATHER).await;
        }
    }
}

fn is_null(value: &Value) -> bool {
    json_of(value).is_null()
}

/// A cell as JSON: times by RFC 3339 and days as they are, where the library would write SQL.
fn json_of(value: &Value) -> serde_json::Value {
    match value {
        Value::ChronoDateTimeUtc(Some(time)) => json!(time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        Value::ChronoDate(Some(day)) => json!(day.to_string()),
        other => sea_value_to_json_value(other),
    }
}

/// Kept beside the personal values and gone with them: names and numbers are few enough to be guessed from bare hashes.
const SALT: &str = "_salt";

fn random() -> String {
    let mut salt = [0; 16];
    // without randomness there would be no sign-in either; the hash is then as good as a bare one
    _ = OsRng.try_fill_bytes(&mut salt);
    hex(&salt)
}

fn hash(salt: &str, value: &serde_json::Value) -> serde_json::Value {
    if value.is_null() {
        return serde_json::Value::Null;
    }
    let digest = Sha256::new_with_prefix(salt).chain_update(value.to_string()).finalize();
    json!(hex(&digest[..16]))
}

/// Bytes as text.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Settings;

    #[tokio::test]
    async fn a_sequencer_that_does_not_get_through_is_noticed() {
        let store = Store::open(&Settings::new("sqlite::memory:")).await.expect("a store");
        assert!(store.numbers(), "where none has begun none is late");
        let sequencer = tokio::spawn(store.clone().run_sequencer());
        while store.0.numbered.lock().expect("a lock").is_none() {
            sleep(Duration::from_millis(1)).await;
        }
        assert!(store.numbers());
        sequencer.abort();
        *store.0.numbered.lock().expect("a lock") = Instant::now().checked_sub(LATE);
        assert!(!store.numbers());
    }
}
