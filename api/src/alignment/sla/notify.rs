//! Steps of the ladder: who is told, and what handoffs are asked to do: they listen to clocks and act on the events
//! `sla.reassign` and `sla.reclaim` in the same commit.

use entity::{
    id::{RowId, UserId},
    sla_clock::{Entity, Kind, Model},
    user,
};

use super::policy::{EscalationAction, EscalationStep};
use crate::{
    access::notification::{Word, tell},
    crm::all_rows,
    error::Result,
    store::{Guarded, Scoped, Tx},
};

/// The clock has just been written: the event names that change.
pub(super) async fn escalate(tx: &mut Tx, clock: &Model, step: &EscalationStep) -> Result<()> {
    match step.action.0 {
        EscalationAction::Reassign => tx.emit("sla.reassign"),
        EscalationAction::Reclaim => tx.emit("sla.reclaim"),
        EscalationAction::Notify => {
            tx.emit("sla.escalated");
            let whom = recipients(tx, clock, step.after_pct).await?;
            let subject = subject(clock.kind, step.after_pct);
            let word = Word { kind: "sla.escalated", subject: &subject, about: (Entity::NAME, clock.id.uuid()) };
            tell(tx, &whom, &word).await?;
        }
    }
    Ok(())
}

/// Who is to act, and their manager once it is too late.
async fn recipients(tx: &Tx, clock: &Model, after_pct: i32) -> Result<Vec<UserId>> {
    let Some(user) = clock.user_id else { return Ok(vec![]) };
    let mut whom = vec![user];
    if after_pct >= 100 {
        let row = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&[user.uuid()])).await?.pop();
        whom.extend(row.and_then(|row| row.reports_to_id));
    }
    Ok(whom)
}

fn subject(kind: Kind, after_pct: i32) -> String {
    let what = match kind {
        Kind::Accept => "A lead waits to be accepted",
        Kind::FirstResponse => "A lead waits for its first response",
        Kind::FollowUp => "A lead waits for a follow-up",
    };
    format!("{what}: {after_pct} % of the agreed time have passed")
}
