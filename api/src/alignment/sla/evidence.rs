//! What ended a clock stays as it is for whom that clock measures: whoever could take their call back, or say that it
//! was to somebody else or at another time, could be in time without having been. Others may, and stand for it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    activity,
    id::{LeadId, RowId},
    lead,
    sla_clock::{Column as C, Entity as Clocks, Model},
};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use super::hear::unique;
use crate::{
    actor::Permission,
    error::{Error, FaultCode, Result},
    store::{Guarded, News, Op, Scoped, Tx, within_ids},
};

/// Columns that say to whom an answer went, and when it came.
const AIMS: [&str; 3] = ["lead_id", "happened_at", "direction"];

/// Refuses, with LOCKED, to delete or re-aim what ended a clock that measures whoever does it. Nothing is asked where
/// nothing is deleted or re-aimed; a merged lead takes its activities along.
pub(super) async fn keep(tx: &Tx, news: &[News]) -> Result<()> {
    let aimed = |n: &News, column: &str| n.before.get(column).is_some_and(|before| !before.is_null());
    let gone = |n: &&News| n.op == Op::Deleted || AIMS.iter().any(|column| aimed(n, column));
    let news: Vec<&News> = news.iter().filter(|n| n.op != Op::Created).filter(gone).collect();
    let Some(me) = tx.access().actor().user.filter(|_| !news.is_empty()) else { return Ok(()) };
    let ids = unique(news.iter().map(|n| n.id));
    let rows = Scoped::<activity::Entity>::with_deleted(tx.access(), Permission::ActivityRead).ids(&ids);
    let rows = tx.read(rows).await?;
    let before = |n: &News| Before::of(n, rows.iter().find(|row| row.id.uuid() == n.id)?);
    let before: Vec<Before> = news.iter().filter_map(|n| before(n)).collect();
    let leads = unique(before.iter().map(|was| was.lead.uuid()));
    let mine = within_ids((Clocks::NAME, "lead_id"), &leads, tx.access().store().backend())
        .add(C::UserId.eq(me))
        .add(C::MetAt.is_not_null());
    let clocks = tx.read(Scoped::<Clocks>::read(tx.access()).filter(mine)).await?;
    let held: Vec<&Before> = before.iter().filter(|was| clocks.iter().any(|clock| was.ended(clock))).collect();
    if held.is_empty() {
        return Ok(());
    }
    let merged = merged(tx, &leads).await?;
    if held.iter().all(|was| was.now.is_some_and(|now| merged.contains(&(was.lead, now)))) {
        return Ok(());
    }
    let message = "this answered a lead whose clock measures you: somebody else must change or delete it";
    Err(Error::refused(FaultCode::Locked, "id", message))
}

/// An activity as it was before it was deleted or re-aimed.
struct Before {
    lead: LeadId,
    at: DateTime<Utc>,
    written: DateTime<Utc>,
    /// The lead it concerns now.
    now: Option<LeadId>,
}

impl Before {
    /// None for what concerned no lead, or had not taken place.
    fn of(news: &News, row: &activity::Model) -> Option<Self> {
        let lead = match news.before.get("lead_id") {
            Some(lead) => Some(LeadId::from_uuid(lead.as_str()?.parse::<Uuid>().ok()?)),
            None => row.lead_id,
        };
        let at = match news.before.get("happened_at") {
            Some(at) => at.as_str()?.parse().ok(),
            None => row.happened_at,
        };
        let now = if news.op == Op::Deleted { None } else { row.lead_id };
        Some(Self { lead: lead?, at: at?, written: row.created_at, now })
    }

    /// What is said to happen in a moment is taken for now.
    fn ended(&self, clock: &Model) -> bool {
        clock.lead_id == self.lead && clock.met_at.is_some_and(|met| met == self.at || met == self.at.min(self.written))
    }
}

/// Which of these leads were merged, and into which.
async fn merged(tx: &Tx, leads: &[Uuid]) -> Result<HashSet<(LeadId, LeadId)>> {
    let rows = Scoped::<lead::Entity>::with_deleted(tx.access(), Permission::LeadRead).ids(leads);
    let rows = tx.read(rows.filter(Condition::all().add(lead::Column::MergedIntoId.is_not_null()))).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.merged_into_id?))).collect())
}
