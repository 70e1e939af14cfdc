//! A search of all records of one type, done by the job runner: reads them page by page, compares those that share a key,
//! and keeps the pairs. It may run again after a crash: it keeps no pair twice and opens none that was dismissed.

use std::{collections::HashMap, sync::LazyLock};

use entity::{
    account, contact,
    duplicate_pair::{self as pairs, State},
    duplicate_scan::{ActiveModel, Column as C, Entity, Model, Of, Status},
    id::{DuplicateScanId, RowId},
    lead,
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, IntoActiveModel, Order, Value, sea_query::Expr};
use uuid::Uuid;

use super::{
    DEFAULT_SCORE,
    block::{self, Pair},
    read::{Comparable, OwnFields, columns, subject},
    subject::Subject,
};
use crate::{
    actor::{Actor, Permission},
    crm,
    error::{Error, Result},
    graph::{self, Meta, Record, Rules},
    store::{
        Access, Guarded, Op, Scoped, Store, Tx,
        jobs::{Job, NewJob},
    },
};

/// The job's kind.
pub const JOB: &str = "duplicates.scan";
/// Rows read at once, and pairs written at once: small enough that other writers hardly wait.
const PAGE: u64 = 5000;
const BATCH: usize = 500;

impl Guarded for Entity {
    type Id = DuplicateScanId;
    const NAME: &'static str = "duplicate_scan";
    const READ: Permission = Permission::DuplicateRead;

    /// The whole organisation's: it tells numbers only.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: chrono::DateTime<chrono::Utc>) -> ActiveModel {
        ActiveModel {
            status: Set(Status::Queued),
            records: Set(0),
            found: Set(0),
            opened: Set(0),
            ..Default::default()
        }
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for (_, row) in written.iter().filter(|(before, _)| before.is_none()) {
                tx.enqueue(NewJob::new(JOB, serde_json::json!({ "scan": row.id.uuid() }))).await?;
            }
            Ok(())
        })
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::DuplicateRead,
            create: Some(Permission::DuplicateCreate),
            update: None,
            delete: None,
            assign: None,
        };
        let about = "A search of all records of one type for duplicates. It runs by itself once created; what it finds \
                     is in `duplicatePairs`, open until somebody merges or dismisses it.";
        Meta::new::<Entity>(
            "DuplicateScan",
            "duplicateScans",
            about,
            rules,
            vec![
                graph::word::<Of, _>(C::Entity, "What is searched.").required().once().filter().group(),
                graph::word::<Status, _>(C::Status, "How far it is.").filter().order().group(),
                graph::integer(C::Records, "How many records it compared."),
                graph::integer(C::Found, "How many pairs it found; at most 50,000, the likeliest."),
                graph::integer(C::Opened, "How many of them were not known before."),
                graph::time(C::StartedAt, "When it began."),
                graph::time(C::EndedAt, "When it ended."),
            ],
        )
    });
    &META
}

/// What the job runner does.
pub async fn work(store: Store, job: Job) -> Result<()> {
    let organization = job.organization.ok_or_else(|| Error::internal("a scan of no organisation"))?;
    let id = job.payload["scan"].as_str().and_then(|id| id.parse().ok()).map(DuplicateScanId::from_uuid);
    let id = id.ok_or_else(|| Error::internal("a scan without id"))?;
    run(&crm::machine(&store, organization), id).await
}

pub async fn run(access: &Access, id: DuplicateScanId) -> Result<()> {
    let mut tx = access.begin(Permission::DuplicateCreate).await?;
    let scan = tx.lock::<Entity>(id).await?;
    let of = scan.entity;
    let now = tx.access().now();
    let row = ActiveModel { status: Set(Status::Running), started_at: Set(Some(now)), ..scan.into_active_model() };
    tx.update::<Entity>(row).await?;
    tx.commit(serde_json::Value::Null).await?;
    let table = of.word().to_lowercase();
    let subjects = match of {
        Of::Lead => load::<lead::Entity>(access).await?,
        Of::Contact => load::<contact::Entity>(access).await?,
        Of::Account => load::<account::Entity>(access).await?,
    };
    let records = subjects.len();
    let found = tokio::task::spawn_blocking(move || block::pairs(subjects, DEFAULT_SCORE));
    let found = found.await.map_err(Error::internal)?;
    let opened = keep(access, &table, &found).await?;
    let access = access.next();
    let mut tx = access.begin(Permission::DuplicateCreate).await?;
    let scan = tx.lock::<Entity>(id).await?;
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let row = ActiveModel {
        status: Set(Status::Done),
        records: Set(count(records)),
        found: Set(count(found.len())),
        opened: Set(count(opened)),
        ended_at: Set(Some(access.now())),
        ..scan.into_active_model()
    };
    tx.update::<Entity>(row).await?;
    tx.commit(serde_json::Value::Null).await
}

/// Everything that is compared, page by page: a person takes a few hundred bytes.
async fn load<E: Comparable>(access: &Access) -> Result<Vec<Subject>> {
    let own = OwnFields::of::<E>(access).await?;
    let mut all: Vec<Subject> = Vec::new();
    loop {
        let mut page = Scoped::<E>::read(access).shape(|q| {
            columns::<E>(q, access);
            q.order_by((E::NAME, "id"), Order::Asc).limit(PAGE);
        });
        if let Some(last) = all.last() {
            page = page.filter(Condition::all().add(Expr::col((E::NAME, "id")).gt(last.id)));
        }
        let rows = page.rows().await?;
        let full = rows.len() as u64 == PAGE;
        for row in &rows {
            all.push(subject(row, &own)?);
        }
        if !full {
            return Ok(all);
        }
    }
}

/// Writes the pairs that are new, corrects scores that changed, and closes open pairs that no longer hold.
async fn keep(access: &Access, table: &str, found: &[Pair]) -> Result<usize> {
    let mine = Condition::all().add(Expr::col((pairs::Entity::NAME, pairs::Column::Entity)).eq(table));
    let known = Scoped::<pairs::Entity>::read(access).filter(mine).models().await?;
    let known: HashMap<(Uuid, Uuid), pairs::Model> =
        known.into_iter().map(|p| ((p.first_id, p.second_id), p)).collect();
    let (mut new, mut other) = (Vec::new(), Vec::new());
    let mut open: HashMap<(Uuid, Uuid), &pairs::Model> =
        known.iter().filter(|(_, p)| p.state == State::Open).map(|(key, p)| (*key, p)).collect();
    for pair in found {
        open.remove(&(pair.first, pair.second));
        match known.get(&(pair.first, pair.second)) {
            None => new.push(row(table, pair)),
            Some(p) if p.state == State::Open && p.score != pair.verdict.score() => other.push((p, pair)),
            Some(_) => {}
        }
    }
    let opened = new.len();
    for batch in new.chunks(BATCH) {
        let mut tx = access.next().begin(Permission::DuplicateCreate).await?;
        tx.insert_many::<pairs::Entity>(batch.to_vec()).await?;
        tx.commit(serde_json::Value::Null).await?;
    }
    for batch in other.chunks(BATCH) {
        let mut tx = access.next().begin(Permission::DuplicateCreate).await?;
        for (known, pair) in batch {
            let now = tx.lock::<pairs::Entity>(known.id).await?;
            let (score, rules) = (Set(pair.verdict.score()), Set(rules(pair)));
            tx.update::<pairs::Entity>(pairs::ActiveModel { score, rules, ..now.into_active_model() }).await?;
        }
        tx.commit(serde_json::Value::Null).await?;
    }
    close(access, open.into_values().map(|p| p.id.uuid()).collect()).await?;
    Ok(opened)
}

async fn close(access: &Access, gone: Vec<Uuid>) -> Result<()> {
    for batch in gone.chunks(BATCH) {
        let mut tx = access.next().begin(Permission::DuplicateCreate).await?;
        let these = crate::store::within_ids((pairs::Entity::NAME, "id"), batch, access.store().backend());
        let rows = tx.lock_where::<pairs::Entity>(these).await?;
        let rows: Vec<pairs::Model> = rows.into_iter().filter(|p| p.state == State::Open).collect();
        let deleted = vec![("deleted_at", Value::from(Some(tx.access().now())))];
        tx.set_all::<pairs::Entity>(&rows, &deleted, Op::Deleted).await?;
        tx.commit(serde_json::Value::Null).await?;
    }
    Ok(())
}

fn rules(pair: &Pair) -> serde_json::Value {
    pair.verdict.rules.iter().map(|rule| rule.word()).collect::<Vec<_>>().into()
}

fn row(table: &str, pair: &Pair) -> pairs::ActiveModel {
    pairs::ActiveModel {
        entity: Set(table.to_owned()),
        first_id: Set(pair.first),
        second_id: Set(pair.second),
        score: Set(pair.verdict.score()),
        rules: Set(rules(pair)),
        state: Set(State::Open),
        ..Default::default()
    }
}
