//! Calls, mails, meetings, notes and tasks: what was said and what is to be done. Seen by who may see their owner's
//! activities, not by everybody who sees what they are about.

mod graphql;

use chrono::{DateTime, Utc};
use entity::{
    activity::{ActiveModel, Column as C, Direction, Entity, Kind},
    id::{ActivityId, LeadId},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

pub use graphql::meta;

use super::{all_rows, owner};
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Refusals},
    store::{Guarded, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = ActivityId;
    const NAME: &'static str = "activity";
    const READ: Permission = Permission::ActivityRead;
    const ASSIGN: Option<Permission> = Some(Permission::ActivityAssign);
    const PERSONAL: &'static [&'static str] = &["subject", "body"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::OwnerId))
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::Subject]))
    }
}

impl Record for Entity {
    /// See `alignment::sla::evidence`.
    const REFUSES: Refusals = &[(&["Update", "Upsert", "Delete"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                if change.before.is_none() {
                    owner::or_me(tx.access().actor(), &mut change.row.owner_id);
                }
                timed(change, tx.access().now());
            }
            Ok(())
        })
    }
}

/// What is neither planned nor a task has happened: now, unless it says when.
fn timed(change: &mut Change<Entity>, now: DateTime<Utc>) {
    let row = &mut change.row;
    let kind = row.kind.try_as_ref().copied();
    let unset = row.happened_at.is_not_set() && row.due_at.try_as_ref().copied().flatten().is_none();
    if change.before.is_none() && unset && kind != Some(Kind::Task) {
        row.happened_at = Set(Some(now));
    }
    if row.happened_at.try_as_ref().copied().flatten().is_some_and(|at| at > now + chrono::Duration::minutes(5)) {
        let message = "this lies in the future; use dueAt for what is planned";
        change.faults.push(Fault::new(FaultCode::Validation, "happenedAt", message));
    }
    if kind != Some(Kind::Task) && row.done_at.is_set() && row.done_at.try_as_ref().copied().flatten().is_some() {
        change.faults.push(Fault::new(FaultCode::Validation, "doneAt", "only a TASK is done; others have happened"));
    }
}

/// Whether somebody has called, written to or met this lead since an instant, whoever it was. What came from the lead is
/// no attempt of ours.
pub async fn contacted(tx: &Tx, lead: LeadId, since: Option<DateTime<Utc>>) -> Result<bool> {
    let column = |c: C| Expr::col((Entity::NAME, c));
    let ours = Condition::any()
        .add(column(C::Kind).eq(Kind::Meeting))
        .add(column(C::Direction).is_null())
        .add(column(C::Direction).ne(Direction::Inbound));
    let when = match since {
        Some(since) => column(C::HappenedAt).gte(since),
        None => column(C::HappenedAt).is_not_null(),
    };
    let attempts = Condition::all()
        .add(Expr::col((Entity::NAME, C::LeadId)).eq(lead))
        .add(Expr::col((Entity::NAME, C::Kind)).is_in([Kind::Call, Kind::Mail, Kind::Meeting]))
        .add(when)
        .add(ours);
    let found = Scoped::<Entity>::read(&all_rows(tx)).filter(attempts).shape(|q| _ = q.limit(1));
    Ok(!tx.read(found).await?.is_empty())
}
