//! Steps of the ladder: who is told, and what handoffs are asked to do: they listen to clocks and act on the events
//! `sla.reassign` and `sla.reclaim` in the same commit.

use entity::{
    handoff,
    id::{RowId, UserId},
    membership, pool_member,
    sla_clock::{Entity, Kind, Model},
    user,
};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use super::policy::EscalationAction;
use crate::{
    access::notification::{Word, tell},
    crm::all_rows,
    error::Result,
    store::{Guarded, Scoped, Tx},
};

/// The clock has just been written: the event names that change.
pub(super) async fn escalate(tx: &mut Tx, clock: &Model, after_pct: i32, action: EscalationAction) -> Result<()> {
    match action {
        EscalationAction::Reassign => tx.emit("sla.reassign"),
        EscalationAction::Reclaim => tx.emit("sla.reclaim"),
        EscalationAction::Notify => {
            tx.emit("sla.escalated");
            let whom = recipients(tx, clock, after_pct).await?;
            let subject = subject(clock.kind, after_pct);
            let word = Word { kind: "sla.escalated", subject: &subject, about: (Entity::NAME, clock.id.uuid()) };
            tell(tx, &whom, &word).await?;
        }
    }
    Ok(())
}

/// Who is to act: one, or all of a pool or team. Their managers too once it is too late, and instead of those who are
/// not active any more.
async fn recipients(tx: &Tx, clock: &Model, after_pct: i32) -> Result<Vec<UserId>> {
    let users = match clock.user_id {
        Some(user) => vec![user],
        None => offered_to(tx, clock).await?,
    };
    let ids: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let rows = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    let gone = |user: &UserId| rows.iter().any(|row| row.id == *user && !row.active);
    let mut whom: Vec<UserId> = users.into_iter().filter(|user| !gone(user)).collect();
    whom.extend(rows.iter().filter(|row| after_pct >= 100 || !row.active).filter_map(|row| row.reports_to_id));
    whom.sort_unstable();
    whom.dedup();
    Ok(whom)
}

async fn offered_to(tx: &Tx, clock: &Model) -> Result<Vec<UserId>> {
    let all = all_rows(tx);
    let Some(id) = clock.handoff_id else { return Ok(vec![]) };
    let offer = tx.read(Scoped::<handoff::Entity>::read(&all).ids(&[id.uuid()])).await?.pop();
    let Some(offer) = offer else { return Ok(vec![]) };
    if let Some(pool) = offer.offered_pool_id {
        let theirs = Condition::all().add(pool_member::Column::PoolId.eq(pool));
        let members = tx.read(Scoped::<pool_member::Entity>::read(&all).filter(theirs)).await?;
        return Ok(members.into_iter().map(|member| member.user_id).collect());
    }
    let theirs = Condition::all().add(membership::Column::TeamId.eq(offer.offered_team_id));
    let members = tx.read(Scoped::<membership::Entity>::read(&all).filter(theirs)).await?;
    Ok(members.into_iter().map(|member| member.user_id).collect())
}

fn subject(kind: Kind, after_pct: i32) -> String {
    let what = match kind {
        Kind::Accept => "A lead waits to be accepted",
        Kind::FirstResponse => "A lead waits for its first response",
        Kind::FollowUp => "A lead waits for a follow-up",
    };
    format!("{what}: {after_pct} % of the agreed time have passed")
}
