//! What the demo organisation did about its offers afterwards, and what time has brought until now: quarrels, answers to
//! sales' complaints, clocks that ran out, scores that faded, duplicates.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    dispute::{self, Verdict},
    duplicate_scan, feedback_item, handoff,
    handoff::State,
    id::{DuplicateScanId, LeadId, RowId},
    lead,
};
use sea_orm::ColumnTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    people::{MIA, MONA, NOBODY, RITA, STAN},
    words::{CLAIMS, MENDED},
    write::{Ground, rows},
};
use crate::{
    actor::Permission,
    alignment::{handoff as handoffs, scoring, sla},
    crm::duplicate::scan,
    error::{Error, Result},
    graph::{Patch, Record, record::Target},
    store::{Guarded, Scoped, Tx},
};

pub async fn settle(ground: Ground<'_>) -> Result<()> {
    let system = ground.at(NOBODY, ground.store.now());
    let rejected = Scoped::<handoff::Entity>::read(&system).filter(handoff::Column::State.eq(State::Rejected));
    let mut rejected = rejected.models().await?;
    rejected.sort_by_key(|offer| (offer.decided_at, offer.id));
    quarrels(ground, &rejected).await?;
    answers(ground).await?;
    let mut tx = system.begin(Permission::ImportCreate).await?;
    forget(&mut tx).await?;
    tx.commit(Value::Null).await?;
    sla::catch_up(&system, None).await?;
    scores(ground).await?;
    duplicates(ground).await
}

/// Does a step of a record.
async fn step<E: Record>(tx: &mut Tx, name: &str, id: Uuid, told: Patch) -> Result<()> {
    let step = E::meta().named(name).ok_or_else(|| Error::internal(format!("{} has no {name}", E::NAME)))?;
    step.act.within(tx, Target { id, version: None }, told).await
}

/// How a quarrel over a rejection ends.
enum End {
    /// Nobody has taken it up.
    Open,
    /// Marketing has signed, sales has not.
    Waiting(Verdict),
    Agreed(Verdict),
    /// Both signed something else: operations decided.
    Tie(Verdict),
}

/// Marketing disputes some rejections; the latest are not settled.
async fn quarrels(ground: Ground<'_>, rejected: &[handoff::Model]) -> Result<()> {
    let ends = [
        End::Open,
        End::Waiting(Verdict::SalesMiss),
        End::Agreed(Verdict::SalesMiss),
        End::Tie(Verdict::DefinitionGap),
        End::Agreed(Verdict::MarketingMiss),
        End::Agreed(Verdict::DataError),
        End::Agreed(Verdict::SalesMiss),
        End::Agreed(Verdict::MarketingMiss),
    ];
    let apart = (rejected.len() / 20).max(1);
    for ((offer, end), claim) in rejected.iter().rev().step_by(apart).zip(ends).zip(CLAIMS.iter().cycle()) {
        quarrel(ground, offer, end, claim).await?;
    }
    Ok(())
}

async fn quarrel(ground: Ground<'_>, offer: &handoff::Model, end: End, claim: &str) -> Result<()> {
    let now = ground.calendar.now();
    // each some hours after the one before, as far as there is time
    let from = offer.decided_at.unwrap_or(now);
    let when = |turn: i32| from + (now - from).min(TimeDelta::hours(30)) * turn / 5;
    let mut tx = ground.at(MONA, when(1)).begin(Permission::DisputeCreate).await?;
    step::<handoff::Entity>(&mut tx, "Dispute", offer.id.uuid(), Patch::default().with("claim", claim)).await?;
    tx.commit(Value::Null).await?;
    let of = dispute::Column::HandoffId.eq(offer.id.uuid());
    let opened = Scoped::<dispute::Entity>::read(&ground.at(NOBODY, now)).filter(of).one().await?;
    let id = opened.ok_or_else(|| Error::internal("no dispute"))?.id.uuid();
    let (marketing, sales) = match end {
        End::Open => return Ok(()),
        End::Waiting(verdict) => (verdict, None),
        End::Agreed(verdict) => (verdict, Some(verdict)),
        End::Tie(_) => (Verdict::SalesMiss, Some(Verdict::MarketingMiss)),
    };
    let says = |verdict: Verdict| Patch::default().with("verdict", verdict);
    let mut said = vec![(STAN, "Review", Patch::default()), (MONA, "SignMarketing", says(marketing))];
    said.extend(sales.map(|verdict| (STAN, "SignSales", says(verdict))));
    if let End::Tie(verdict) = end {
        let why = "The definition does not say what counts as a request.";
        said.push((RITA, "BreakTie", says(verdict).with("resolution", why)));
    }
    for ((who, name, told), turn) in said.into_iter().zip(2..) {
        let mut tx = ground.at(who, when(turn)).begin(Permission::DisputeCreate).await?;
        step::<dispute::Entity>(&mut tx, name, id, told).await?;
        tx.commit(Value::Null).await?;
    }
    Ok(())
}

/// Marketing has done something about most of what sales said, two days later.
async fn answers(ground: Ground<'_>) -> Result<()> {
    let now = ground.calendar.now();
    let access = ground.at(MIA, now);
    let mut said = Scoped::<feedback_item::Entity>::read(&access).models().await?;
    said.sort_by_key(|item| item.id);
    let mut tx = access.begin(Permission::FeedbackResolve).await?;
    for (at, item) in said.iter().enumerate().filter(|(at, _)| at % 5 != 4) {
        let done: DateTime<Utc> = item.created_at + TimeDelta::days(2);
        if done < now {
            tx.at(done);
            let told = Patch::default().with("outcome", MENDED[at % MENDED.len()]);
            step::<feedback_item::Entity>(&mut tx, "Resolve", item.id.uuid(), told).await?;
        }
    }
    tx.at(now);
    tx.commit(Value::Null).await
}

/// What jobs were to do in the past has been done.
async fn forget(tx: &mut Tx) -> Result<()> {
    let now = tx.access().now();
    for kind in [handoffs::EXPIRY, scoring::REFRESH] {
        tx.forget(kind, now).await?;
    }
    // clocks that still run are looked at next
    tx.forget(sla::WATCH, now + TimeDelta::days(3650)).await?;
    Ok(())
}

/// As they are now: what leads did long ago has faded.
async fn scores(ground: Ground<'_>) -> Result<()> {
    let access = ground.at(NOBODY, ground.calendar.now());
    let leads = Scoped::<lead::Entity>::read(&access).shape(|q| _ = q.column((lead::Entity::NAME, "id")));
    let leads = leads.rows().await?;
    let ids = leads.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<LeadId>, _>>()?;
    for some in ids.chunks(250) {
        let mut tx = access.begin(Permission::LeadUpdate).await?;
        scoring::renew(&mut tx, some).await?;
        tx.commit(Value::Null).await?;
    }
    Ok(())
}

async fn duplicates(ground: Ground<'_>) -> Result<()> {
    let access = ground.at(RITA, ground.store.now());
    let mut tx = access.begin(Permission::DuplicateCreate).await?;
    let wanted = ["LEAD", "CONTACT"].map(|of| json!({ "entity": of }));
    let scans = rows::<duplicate_scan::Entity>(&mut tx, wanted.to_vec()).await?;
    tx.forget(scan::JOB, access.now()).await?;
    tx.commit(Value::Null).await?;
    for id in scans {
        scan::run(&access, DuplicateScanId::from_uuid(id)).await?;
    }
    Ok(())
}
