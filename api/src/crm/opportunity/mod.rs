//! Opportunities: sales in the making, won or lost. What a stage says of an opportunity holds however the stage was
//! set, and every move is kept in `stage_change`.

mod book;
pub mod exit;
mod graphql;
mod heard;
mod history;
mod life;
mod linked;
pub mod moves;
mod settle;
mod stalled;
mod steps;

use chrono::{DateTime, Utc};
use entity::{
    id::OpportunityId,
    opportunity::{ActiveModel, Column as C, Entity, Model, OppType},
    stage::StageType,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

pub use book::Book;
pub use graphql::meta;
pub use heard::LISTENER;
pub use life::settle_account;

use super::{custom_field, owner};
use crate::{
    actor::{Actor, Permission},
    error::{Error, FaultCode, Result},
    graph::{self, Change, Meta, Record, Refusals},
    store::{Guarded, Op, Tx},
};

/// Permissions under which opportunities are written.
pub const WRITES: [Permission; 4] = [
    Permission::OpportunityCreate,
    Permission::OpportunityUpdate,
    Permission::OpportunityReopen,
    Permission::OpportunityOverride,
];

impl Guarded for Entity {
    type Id = OpportunityId;
    const NAME: &'static str = "opportunity";
    const READ: Permission = Permission::OpportunityRead;
    const ASSIGN: Option<Permission> = Some(Permission::OpportunityAssign);

    /// Read also by who follows the lead or the campaigns that led to it; not changed by them.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let own = actor.reach(permission, (Self::NAME, C::OwnerId));
        let follows = permission == Self::READ && actor.may(Permission::OpportunityReadLinked);
        if own.is_empty() || !follows { own } else { Condition::any().add(own).add(linked::linked(actor)) }
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::Name]))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[
        (&["Create", "Update", "Upsert", "Restore"], &[FaultCode::CriteriaUnmet]),
        (&["Move", "Win", "Lose", "Reopen"], &[FaultCode::CriteriaUnmet]),
        (&["Update", "Upsert"], &[FaultCode::InvalidTransition, FaultCode::Locked]),
        (&["Restore"], &[FaultCode::Conflict]),
        custom_field::REFUSES,
    ];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { opp_type: Set(OppType::New), custom: Set(serde_json::json!({})), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut().filter(|c| c.before.is_none()) {
                owner::or_me(tx.access().actor(), &mut change.row.owner_id);
            }
            custom_field::check::<Self>(tx, changes).await?;
            let book = Book::load(tx).await?;
            let (now, reopening) = (tx.access().now(), tx.permission() == Permission::OpportunityReopen);
            for change in changes.iter_mut() {
                settle::settle(change, &book, now, reopening);
            }
            exit::guard(tx, &book, changes).await?;
            settle::freeze(tx, book.home, changes).await
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            history::write(tx, written).await?;
            life::follow(tx, written).await
        })
    }

    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if op == Op::Restored && Book::load(tx).await?.stage(row.stage_id).is_none() {
                return Err(Error::refused(FaultCode::Conflict, "id", "its stage is deleted: restore that first"));
            }
            Ok(())
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        Some(match (before.stage_type, after.stage_type) {
            (StageType::Open, StageType::Won) => "opportunity.won",
            (StageType::Open, StageType::Lost) => "opportunity.lost",
            (StageType::Won | StageType::Lost, StageType::Open) => "opportunity.reopened",
            _ if before.stage_id != after.stage_id => "opportunity.moved",
            _ => return None,
        })
    }
}
