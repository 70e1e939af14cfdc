//! How far leads came, round by round. Rows are kept by the lead's own writes; they are seen by who sees the lead.

use std::{collections::HashMap, sync::LazyLock};

use chrono::{DateTime, Utc};
use entity::{
    id::{LeadCycleId, LeadId, RowId},
    lead::{self, Model as Lead, Status},
    lead_cycle::{ActiveModel, Column as C, Entity},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, IntoActiveModel};
use uuid::Uuid;

use super::lead as leads;
use crate::{
    actor::{Actor, Permission},
    error::Result,
    graph::{self, Meta, Record, Rules},
    store::{Guarded, Listener, News, Op, Tx, outliving, within_ids},
};

impl Guarded for Entity {
    type Id = LeadCycleId;
    const NAME: &'static str = "lead_cycle";
    const READ: Permission = Permission::LeadRead;
    /// Who gives a lead away still writes its history.
    const ASSIGN: Option<Permission> = Some(Permission::LeadAssign);
    /// The lead's own event tells the same.
    const TOLD: bool = false;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        outliving::<lead::Entity>(actor, permission, (Self::NAME, C::LeadId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

/// How far a status is on the way: 1 for MQL to 4 for converted; none where it goes no further.
fn steps(status: Status) -> Option<usize> {
    Some(match status {
        Status::New | Status::Nurturing => 0,
        Status::Mql | Status::Offered => 1,
        Status::Accepted | Status::Working => 2,
        Status::Sql => 3,
        Status::Converted => 4,
        Status::Rejected | Status::Disqualified | Status::Recycled | Status::Merged => return None,
    })
}

/// The round after its lead came to a status: a step that was left out was taken when a later one was.
fn come(mut round: ActiveModel, status: Status, at: DateTime<Utc>) -> ActiveModel {
    let steps = steps(status);
    let firsts = [&mut round.mql_at, &mut round.sal_at, &mut round.sql_at, &mut round.converted_at];
    for first in firsts.into_iter().take(steps.unwrap_or(0)) {
        if first.try_as_ref().copied().flatten().is_none() {
            *first = Set(Some(at));
        }
    }
    let over = steps.is_none() || status == Status::Converted;
    let ended = round.ended_at.try_as_ref().copied().flatten();
    let ends = if over { ended.or(Some(at)) } else { None };
    if ends != ended || round.ended_at.is_not_set() {
        round.ended_at = Set(ends);
    }
    round
}

/// Follows leads that were made or moved: an insert for all that began a round, an update for each that moved on.
pub async fn follow(tx: &mut Tx, written: &[(Option<Lead>, Lead)]) -> Result<()> {
    let begins = |before: &Option<Lead>, after: &Lead| before.as_ref().is_none_or(|b| b.cycle_no != after.cycle_no);
    let new: Vec<ActiveModel> = written.iter().filter(|(b, a)| begins(b, a)).map(|(_, lead)| first(lead)).collect();
    for batch in new.chunks(500) {
        tx.insert_many::<Entity>(batch.to_vec()).await?;
    }
    let moved = |(b, a): &&(Option<Lead>, Lead)| !begins(b, a) && b.as_ref().is_some_and(|b| b.status != a.status);
    let moved: HashMap<LeadId, &Lead> = written.iter().filter(moved).map(|(_, lead)| (lead.id, lead)).collect();
    if moved.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = moved.keys().map(|id| id.uuid()).collect();
    let rounds = tx.lock_followers::<Entity>(of(tx, &ids)).await?;
    for round in rounds {
        let Some(lead) = moved.get(&round.lead_id).filter(|lead| lead.cycle_no == round.cycle_no) else { continue };
        tx.update::<Entity>(come(round.into_active_model(), lead.status, lead.status_changed_at)).await?;
    }
    Ok(())
}

fn first(lead: &Lead) -> ActiveModel {
    let round = ActiveModel {
        lead_id: Set(lead.id),
        cycle_no: Set(lead.cycle_no),
        began_at: Set(lead.status_changed_at),
        ..Default::default()
    };
    come(round, lead.status, lead.status_changed_at)
}

fn of(tx: &Tx, leads: &[Uuid]) -> Condition {
    within_ids((Entity::NAME, "lead_id"), leads, tx.access().store().backend())
}

/// Rounds go and come back with their lead.
pub const LISTENER: Listener = Listener { table: lead::Entity::NAME, hear };

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let those =
            |meant: fn(&Op) -> bool| -> Vec<Uuid> { news.iter().filter(|n| meant(&n.op)).map(|n| n.id).collect() };
        let gone = those(|op| matches!(op, Op::Deleted | Op::Merged));
        let back = those(|op| *op == Op::Restored);
        for (leads, at) in [(gone, Some(tx.access().now())), (back, None)] {
            if !leads.is_empty() {
                let rounds = tx.lock_followers::<Entity>(of(tx, &leads)).await?;
                tx.set_all::<Entity>(&rounds, &[("deleted_at", at.into())], Op::Updated).await?;
            }
        }
        Ok(())
    })
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::LeadRead, create: None, update: None, delete: None, assign: None };
        let about = "A round of a lead, and when it first came to each step of the funnel. A step that was left out was \
                     taken when a later one was; later steps back undo none.";
        let fields = vec![
            graph::one(C::LeadId, leads::meta, "The lead.").filter(),
            graph::integer(C::CycleNo, "Which round, from 1.").filter().order(),
            graph::time(C::BeganAt, "When it began.").filter().order().group(),
            graph::time(C::MqlAt, "When the lead first was MQL or further.").filter().order(),
            graph::time(C::SalAt, "When sales had first accepted it: ACCEPTED or further.").filter().order(),
            graph::time(C::SqlAt, "When it first was SQL or further.").filter().order(),
            graph::time(C::ConvertedAt, "When it was converted.").filter().order(),
            graph::time(
                C::EndedAt,
                "When it came to where it goes no further: converted, rejected, disqualified, recycled or merged; null while it may.",
            )
            .filter(),
        ];
        Meta::new::<Entity>("LeadCycle", "leadCycles", about, rules, fields)
    });
    &META
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::days(day)
    }

    fn told(moves: &[Status]) -> [Option<i64>; 5] {
        let round =
            moves.iter().zip(1..).fold(ActiveModel::default(), |round, (status, day)| come(round, *status, at(day)));
        [round.mql_at, round.sal_at, round.sql_at, round.converted_at, round.ended_at]
            .map(|v| v.try_as_ref().copied().flatten().map(|t| (t - at(0)).num_days()))
    }

    #[test]
    fn each_step_is_dated_by_the_first_time() {
        use Status::{Accepted, Converted, Mql, New, Nurturing, Offered, Sql, Working};
        assert_eq!(told(&[New, Mql, Offered, Accepted, Working, Sql, Converted]), [2, 4, 6, 7, 7].map(Some));
        assert_eq!(told(&[New, Mql, Nurturing, Mql]), [Some(2), None, None, None, None]);
    }

    #[test]
    fn a_step_left_out_was_taken_with_a_later_one() {
        assert_eq!(told(&[Status::New, Status::Sql]), [Some(2), Some(2), Some(2), None, None]);
    }

    #[test]
    fn a_round_ends_once_and_goes_on_when_a_lead_is_taken_up_again() {
        use Status::{Disqualified, Mql, New, Nurturing, Offered, Recycled, Rejected};
        assert_eq!(told(&[New, Mql, Offered, Rejected, Recycled])[4], Some(4));
        assert_eq!(told(&[New, Disqualified, Nurturing])[4], None);
    }
}
