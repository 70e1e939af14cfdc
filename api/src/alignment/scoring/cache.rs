//! Keeps the score on the lead: whatever is written to a lead, its touches or activities renews it in the same commit,
//! all leads of a commit at once; what only fades is renewed once a day, in small commits.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::{
    activity, agreement_version,
    id::{LeadId, RowId},
    lead, touchpoint,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Order},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{KEY, SCORE, SCORED_AT, ScoringBody, score};
use crate::{
    actor::Permission,
    alignment::{agreement::active_in, rule::History},
    crm::Reader,
    error::Result,
    store::{
        Access, Guarded, Listener, News, Op, Scoped, Tx,
        jobs::{Job, NewJob},
        within_ids,
    },
};

/// The kind of job that renews every score of an organisation.
pub const REFRESH: &str = "scoring.refresh";
/// Leads renewed in one commit.
const BATCH: u64 = 250;
/// Every change changes these, and no event says so.
const UNTOLD: [&str; 3] = ["updated_at", "updated_by", "version"];
/// What was renewed less long ago has not faded.
const FRESH: TimeDelta = TimeDelta::hours(1);

pub fn listeners() -> Vec<Listener> {
    vec![
        Listener { table: touchpoint::Entity::NAME, hear: touched },
        Listener { table: activity::Entity::NAME, hear: talked },
        Listener { table: lead::Entity::NAME, hear: changed },
        Listener { table: agreement_version::Entity::NAME, hear: agreed },
    ]
}

fn touched(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let leads = leads_of::<touchpoint::Entity>(tx, &news).await?;
        renew(tx, &leads).await
    })
}

fn talked(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let leads = leads_of::<activity::Entity>(tx, &news).await?;
        renew(tx, &leads).await
    })
}

/// A move through the funnel changes nothing that counts, unless a rule asks for it.
fn changed(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let Some(agreed) = active_in::<ScoringBody>(tx, KEY).await? else { return Ok(()) };
        let columns = agreed.body.columns();
        let every = UNTOLD.iter().any(|column| columns.contains(column));
        let counts = |one: &&News| match one.op {
            Op::Deleted => false,
            Op::Updated => every || one.changed.iter().any(|column| columns.contains(column.as_str())),
            Op::Created | Op::Restored | Op::Merged => true,
        };
        let ids: Vec<LeadId> = news.iter().filter(counts).map(|one| LeadId::from_uuid(one.id)).collect();
        renew_by(tx, &agreed.body, &ids).await.map(|_| ())
    })
}

/// Another version in force scores every lead anew: by a job, as there may be many.
fn agreed(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let Some(active) = active_in::<ScoringBody>(tx, KEY).await? else { return Ok(()) };
        if news.iter().any(|one| one.id == active.version.uuid()) {
            let job = NewJob::new(REFRESH, json!({ "all": true })).once(format!("{REFRESH}/{}", active.version));
            tx.enqueue(job).await?;
        }
        Ok(())
    })
}

/// The leads that these rows belong to, or belonged to before.
async fn leads_of<E: Guarded>(tx: &Tx, news: &[News]) -> Result<Vec<LeadId>> {
    let ids: Vec<Uuid> = news.iter().map(|one| one.id).collect();
    let rows = Scoped::<E>::with_deleted(&Reader::Tx(tx).everything(), E::READ)
        .ids(&ids)
        .filter(Expr::col((E::NAME, "lead_id")).is_not_null())
        .shape(|q| _ = q.column((E::NAME, "lead_id")).distinct());
    let mut leads = BTreeSet::new();
    for row in tx.cells(rows).await? {
        leads.insert(row.try_get_by_index::<LeadId>(0)?);
    }
    let before = news.iter().filter_map(|one| one.before.get("lead_id")?.as_str()?.parse::<Uuid>().ok());
    leads.extend(before.map(LeadId::from_uuid));
    Ok(leads.into_iter().collect())
}

/// A step: computes the scores of these leads and keeps them. A few statements, however many leads.
pub async fn renew(tx: &mut Tx, leads: &[LeadId]) -> Result<()> {
    if leads.is_empty() {
        return Ok(());
    }
    match active_in::<ScoringBody>(tx, KEY).await? {
        Some(agreed) => renew_by(tx, &agreed.body, leads).await.map(|_| ()),
        None => Ok(()),
    }
}

/// A step: a lead that the work has locked, with the score that it has now by the agreement in force, which is kept. What
/// is judged by its score is judged by this one: the kept one fades only once a day, and another version reaches it by a
/// job.
pub async fn renewed(tx: &mut Tx, lead: &lead::Model) -> Result<lead::Model> {
    let Some(agreed) = active_in::<ScoringBody>(tx, KEY).await? else { return Ok(lead.clone()) };
    let found = renew_by(tx, &agreed.body, &[lead.id]).await?.pop();
    Ok(lead::Model { score: found.map_or(lead.score, |(_, score)| score), ..lead.clone() })
}

async fn renew_by(tx: &mut Tx, body: &ScoringBody, leads: &[LeadId]) -> Result<Vec<(Uuid, i32)>> {
    if leads.is_empty() {
        return Ok(vec![]);
    }
    let ids: Vec<Uuid> = leads.iter().map(|id| id.uuid()).collect();
    // locked, so that of two who count events of one lead the later one sees both
    let rows = tx
        .lock_where::<lead::Entity>(within_ids((lead::Entity::NAME, "id"), &ids, tx.access().store().backend()))
        .await?;
    let history = History::of(Reader::Tx(tx), leads).await?;
    let now = tx.access().now();
    let scores: Vec<(Uuid, i32)> =
        rows.iter().map(|row| (row.id.uuid(), score(body, &history.facts(row, now)).whole())).collect();
    tx.cache::<lead::Entity>(SCORE, SCORED_AT, &scores).await?;
    Ok(scores)
}

/// Puts the daily job down for one organisation.
pub async fn put_down(access: &Access) -> Result<()> {
    let mut tx = access.begin(Permission::LeadUpdate).await?;
    if active_in::<ScoringBody>(&tx, KEY).await?.is_some() {
        let today = tx.access().now().date_naive();
        tx.enqueue(NewJob::new(REFRESH, json!({ "all": false })).once(format!("{REFRESH}/{today}"))).await?;
    }
    tx.commit(Value::Null).await
}

/// The job for one organisation: renews what was not renewed lately, in the order of ids, each few leads in a commit of
/// their own; stopped in between, it goes on the next time.
pub async fn refresh_all(access: &Access, job: &Job) -> Result<u64> {
    let all = job.payload["all"] == Value::Bool(true);
    let until = if all { access.now() } else { access.now() - FRESH };
    let (mut after, mut renewed) = (Uuid::nil(), 0);
    loop {
        let access = access.next();
        let mut tx = access.begin(Permission::LeadUpdate).await?;
        if active_in::<ScoringBody>(&tx, KEY).await?.is_none() {
            return Ok(renewed);
        }
        let leads = stale(&tx, until, after).await?;
        let Some(last) = leads.last() else { return Ok(renewed) };
        after = last.uuid();
        renew(&mut tx, &leads).await?;
        tx.commit(Value::Null).await?;
        renewed += u64::try_from(leads.len()).unwrap_or_default();
    }
}

async fn stale(tx: &Tx, until: chrono::DateTime<chrono::Utc>, after: Uuid) -> Result<Vec<LeadId>> {
    let id = (lead::Entity::NAME, "id");
    let scored_at = || Expr::col((lead::Entity::NAME, SCORED_AT));
    let old = Condition::any().add(scored_at().is_null()).add(scored_at().lt(until));
    let rows = Scoped::<lead::Entity>::read(tx.access())
        .filter(Condition::all().add(old).add(Expr::col(id).gt(after)))
        .shape(|q| _ = q.column(id).order_by(id, Order::Asc).limit(BATCH));
    Ok(tx.cells(rows).await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}
