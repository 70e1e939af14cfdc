//! Leads: from first sight to converted, or given up. Their status moves by steps, never by a plain update.

pub mod convert;
mod graphql;
mod history;
pub mod later;
pub mod lifecycle;
pub mod offered;
pub mod steps;

use chrono::{DateTime, Utc};
use entity::{
    id::LeadId,
    lead::{ActiveModel, Column as C, Entity, Model, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{self, Set},
    Condition, ExprTrait, Iterable, ModelTrait,
    sea_query::Expr,
};

pub use graphql::meta;

use super::{custom_field, matching, owner};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Change, Meta, Patch, Record, Refusals},
    store::{Guarded, Op, Tx},
};

impl Guarded for Entity {
    type Id = LeadId;
    const NAME: &'static str = "lead";
    const READ: Permission = Permission::LeadRead;
    const ASSIGN: Option<Permission> = Some(Permission::LeadAssign);
    const PERSONAL: &'static [&'static str] =
        &["first_name", "last_name", "email", "phone", "description", "need", "custom"];
    /// The score follows from events that are told; it fades by itself.
    const QUIET: &'static [&'static str] = &["score", "scored_at"];

    /// A lead that sales has is changed by who may work it, not by who may only change leads until then. One that is
    /// offered is read by who may answer, and answered by nobody else.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let owner = (Self::NAME, C::OwnerId);
        let reach = actor.reach(permission, owner);
        match permission {
            Permission::HandoffDecide => Condition::all().add(offered::to_answer(actor)),
            Permission::LeadRead if actor.may(Permission::HandoffDecide) && !actor.reaches_all(permission) => {
                Condition::any().add(reach).add(offered::to_answer(actor))
            }
            Permission::LeadUpdate | Permission::LeadDelete | Permission::LeadAssign
                if !actor.reaches_all(Permission::LeadWork) =>
            {
                let ours = Expr::col((Self::NAME, C::Status)).is_not_in(lifecycle::WITH_SALES);
                let worked = actor.reach(Permission::LeadWork, owner);
                Condition::all().add(reach).add(Condition::any().add(ours).add(worked))
            }
            _ => reach,
        }
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::FirstName, C::LastName, C::Email, C::CompanyName]))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[
        (&["Create", "Upsert"], &[FaultCode::InvalidTransition]),
        custom_field::REFUSES,
        (&["Update", "Upsert", "Delete", "Restore"], &[FaultCode::Locked]),
        (&["Offer", "Work", "Confirm", "Qualify", "Disqualify"], &[FaultCode::CriteriaUnmet]),
        (&["Qualify"], &[FaultCode::AgreementRequired]),
        (&["Offer", "Work", "Confirm", "Recycle", "Nurture", "Disqualify", "Qualify", "Reopen"], &[FaultCode::Locked]),
    ];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(now: DateTime<Utc>) -> ActiveModel {
        ActiveModel {
            status: Set(Status::New),
            status_changed_at: Set(now),
            cycle_no: Set(1),
            score: Set(0),
            custom: Set(serde_json::json!({})),
            ..Default::default()
        }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                match change.before.clone() {
                    None => {
                        owner::or_pool(tx.access().actor(), Permission::LeadCreate, &mut change.row.owner_id);
                        begin(tx.access().actor(), change);
                    }
                    Some(before) => proceed(change, &before, tx.access().now()),
                }
            }
            custom_field::check::<Self>(tx, changes).await?;
            matching::follow(tx, changes).await
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(history::write(tx, written))
    }

    /// An offer that waits must be answered or taken back first: nobody could answer it for a lead that is gone.
    fn leave<'a>(_: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if op == Op::Deleted && row.status == Status::Offered {
                return Err(Error::refused(FaultCode::Locked, "id", "this lead is offered: withdraw its offer first"));
            }
            Ok(())
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        match (before.status, after.status) {
            (from, to) if from == to => None,
            (_, Status::Converted) => Some("lead.converted"),
            (_, Status::Disqualified) => Some("lead.disqualified"),
            (_, Status::Offered) => Some("lead.offered"),
            (_, Status::Accepted) => Some("lead.accepted"),
            (_, Status::Rejected) => Some("lead.rejected"),
            (_, Status::Recycled) => Some("lead.recycled"),
            (Status::Disqualified, _) => Some("lead.reopened"),
            _ => Some("lead.moved"),
        }
    }
}

/// A new lead may say where it stands, if nothing else would have to exist for it. That it has come further than
/// marketing's own work is said only by who brings leads of the whole organisation, from another system: others take it
/// there by steps, which ask what both sides agreed. What is sales' to say is said by who may also do it: that sales has
/// it, by who works every lead; that it was given up, which asks for an attempt to reach them, by who may overrule, too.
fn begin(actor: &Actor, change: &mut Change<Entity>) {
    let status = change.row.status.try_as_ref().copied().unwrap_or(Status::New);
    let mut fault = |code, field: &str, message: &str| change.faults.push(Fault::new(code, field, message));
    if !lifecycle::BEGINNINGS.contains(&status) {
        fault(
            FaultCode::InvalidTransition,
            "status",
            "a lead comes to this by a step of its own, not by being created",
        );
    }
    if !matches!(status, Status::New | Status::Nurturing) && !actor.reaches_all(Permission::LeadCreate) {
        let message =
            "only who may create all leads says that one has come this far; create it, then take it there by steps";
        fault(FaultCode::Validation, "status", message);
    }
    let from_sales = lifecycle::WITH_SALES.contains(&status) || status == Status::Disqualified;
    if from_sales && !actor.reaches_all(Permission::LeadWork) {
        let message = "only who may work all leads, by LEAD_WORK, says what sales has done with one";
        fault(FaultCode::Validation, "status", message);
    }
    if status == Status::Disqualified && !actor.may(Permission::LeadQualifyOverride) {
        let message = "giving a lead up needs an attempt to reach it: create it, log that, then disqualify it; \
                       LEAD_QUALIFY_OVERRIDE does without";
        fault(FaultCode::Validation, "status", message);
    }
    let category = change.row.disqualify_category.try_as_ref().copied().flatten();
    if (status == Status::Disqualified) != category.is_some() {
        fault(FaultCode::Validation, "disqualifyCategory", "DISQUALIFIED leads have one, others do not");
    }
}

fn proceed(change: &mut Change<Entity>, before: &Model, now: DateTime<Utc>) {
    let status = change.row.status.try_as_ref().copied().unwrap_or(before.status);
    if status != before.status {
        if let Err(Error::Refused(faults)) = lifecycle::ensure(before.status, status) {
            change.faults.extend(faults);
        }
        // clocks of nodes may differ: history never goes back
        change.row.status_changed_at = Set(std::cmp::max(now, before.status_changed_at));
        // what was said of the last move is not said of this one
        clear(&mut change.row.status_reason);
        clear(&mut change.row.agreement_version_id);
        if before.status == Status::Recycled {
            change.row.recycle_until = Set(None);
        }
        if lifecycle::begins_round(before.status, status) {
            change.row.cycle_no = Set(before.cycle_no + 1);
        }
    } else if lifecycle::is_final(status) && touches_more_than_custom(change, before) {
        let message = format!("a lead that is {status} is only changed in its custom fields");
        change.faults.push(Fault::new(FaultCode::Locked, "status", message));
    }
}

fn clear<T: Into<sea_orm::Value>>(said: &mut ActiveValue<Option<T>>)
where
    Option<T>: Into<sea_orm::Value>,
{
    if !said.is_set() {
        *said = Set(None);
    }
}

/// A step: moves a lead that the work has locked, by the rules of its life cycle, and writes its history. What is
/// laid over the row beside the status, e.g. `status_reason` and `agreement_version_id`, is in `told`.
pub async fn advance(tx: &mut Tx, before: Model, to: Status, told: Patch) -> Result<Model> {
    graph::record::save::<Entity>(tx, Some(before), told.with("status", to)).await
}

fn touches_more_than_custom(change: &Change<Entity>, before: &Model) -> bool {
    C::iter().filter(|c| !matches!(c, C::Custom)).any(|c| match change.row.get(c) {
        sea_orm::ActiveValue::Set(new) => new != before.get(c),
        _ => false,
    })
}
