//! A sale that could not be reckoned, for want of an exchange rate: finance sees that it waits, and it is tried again each day.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::{OpportunityId, RowId, UserId},
    incentive_adjustment::{ActiveModel, AdjustmentReason, Column as J, Entity as Adjustments},
    incentive_run::Model as Run,
    incentive_source::{Column as C, Entity as Sources},
    opportunity::{Column as O, Entity as Opportunities},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};
use serde_json::json;

use super::{CLAWBACK, hear::Changed};
use crate::{
    actor::Permission,
    crm::all_rows,
    error::Result,
    store::{Access, Scoped, Tx, jobs::NewJob},
};

/// Says it once to whom it concerns, as a correction of 0, and puts the work down again for the day after.
pub async fn say(access: &Access, run: &Run, one: &Changed, at: DateTime<Utc>, why: &str) -> Result<()> {
    let access = access.next();
    let mut tx = access.begin(Permission::IncentiveAdjust).await?;
    // once, for however many runs: the job looks at all of them again
    let day = access.now() + TimeDelta::days(1);
    let effect = format!("clawback/{}/{}/{}", one.deal, at.timestamp_micros(), day.date_naive());
    tx.enqueue(NewJob::new(CLAWBACK, json!({ "at": at, "changed": [one] })).at(day).once(effect)).await?;
    let deal = OpportunityId::from_uuid(one.deal);
    let said =
        Condition::all().add(J::RunId.eq(run.id.uuid())).add(J::OpportunityId.eq(one.deal)).add(J::TriggeredAt.eq(at));
    if tx.read(Scoped::<Adjustments>::read(&all_rows(&tx)).filter(said)).await?.is_empty()
        && let Some(user) = whose(&tx, run, deal).await?
    {
        tx.insert::<Adjustments>(row(run, user, deal, at, why)).await?;
    }
    tx.commit(serde_json::Value::Null).await
}

/// Somebody whom the run has paid for it, else its owner.
async fn whose(tx: &Tx, run: &Run, deal: OpportunityId) -> Result<Option<UserId>> {
    let theirs = Condition::all().add(C::RunId.eq(run.id.uuid())).add(C::OpportunityId.eq(deal.uuid()));
    let paid = Scoped::<Sources>::read(&all_rows(tx))
        .filter(theirs.add(C::Revision.eq(run.revision)))
        .shape(|q| _ = q.limit(1));
    if let Some(source) = tx.read(paid).await?.pop() {
        return Ok(Some(source.user_id));
    }
    let sale = Scoped::<Opportunities>::read(&all_rows(tx)).filter(O::Id.eq(deal.uuid()));
    Ok(tx.read(sale).await?.pop().and_then(|sale| sale.owner_id))
}

fn row(run: &Run, user: UserId, deal: OpportunityId, at: DateTime<Utc>, why: &str) -> ActiveModel {
    ActiveModel {
        user_id: Set(user),
        run_id: Set(run.id),
        agreement_version_id: Set(run.agreement_version_id),
        statement_line_id: Set(None),
        opportunity_id: Set(Some(deal)),
        reason: Set(AdjustmentReason::Clawback),
        amount_minor: Set(0),
        currency: Set(run.currency),
        note: Set(Some(format!("a sale has changed and cannot be reckoned yet; it is tried again each day: {why}"))),
        triggered_at: Set(at),
        detail: Set(None),
        posted_run_id: Set(Some(run.id)),
        ..Default::default()
    }
}
