//! Opportunities: sales in the making, won or lost. What a stage says of an opportunity holds however the stage was
//! set, and every move is kept in `stage_change`.

mod book;
mod graphql;
mod history;
mod life;
pub mod moves;
mod settle;
mod steps;

use chrono::{DateTime, Utc};
use entity::{
    campaign,
    id::{OpportunityId, RowId},
    lead,
    opportunity::{ActiveModel, Column as C, Entity, Model, OppType},
    stage::StageType,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait,
    sea_query::{Expr, Query, SimpleExpr},
};

pub use book::Book;
pub use graphql::meta;
pub use life::settle_account;

use super::{custom_field, owner};
use crate::{
    actor::{Actor, Permission},
    error::Result,
    graph::{self, Change, Meta, Record},
    store::{Guarded, Tx},
};

/// Permissions under which opportunities are written.
pub const WRITES: [Permission; 3] =
    [Permission::OpportunityCreate, Permission::OpportunityUpdate, Permission::OpportunityReopen];

impl Guarded for Entity {
    type Id = OpportunityId;
    const NAME: &'static str = "opportunity";
    const READ: Permission = Permission::OpportunityRead;
    const ASSIGN: Option<Permission> = Some(Permission::OpportunityAssign);

    /// Read also by who has the lead or the campaign that it began with within the same reach; not changed by them.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let own = actor.reach(permission, (Self::NAME, C::OwnerId));
        if permission != Self::READ || actor.reaches_all(permission) || !actor.may(permission) {
            return own;
        }
        let leads = actor.reach(permission, ("lead", lead::Column::OwnerId));
        let campaigns = actor.reach(permission, ("campaign", campaign::Column::OwnerId));
        Condition::any().add(own).add(began_with(actor, C::SourceLeadId, "lead", leads)).add(began_with(
            actor,
            C::SourceCampaignId,
            "campaign",
            campaigns,
        ))
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::Name]))
    }
}

/// The opportunity began with a row of this table that has an owner within reach. An unowned source is nobody's merit.
fn began_with(actor: &Actor, key: C, table: &'static str, reach: Condition) -> SimpleExpr {
    let sources = Query::select()
        .column((table, "id"))
        .from(table)
        .and_where(Expr::col((table, "organization_id")).eq(actor.organization.uuid()))
        .and_where(Expr::col((table, "deleted_at")).is_null())
        .and_where(Expr::col((table, "owner_id")).is_not_null())
        .cond_where(reach)
        .take();
    Expr::col((Entity::NAME, key)).in_subquery(sources)
}

impl Record for Entity {
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
            settle::freeze(tx, book.home, changes).await
        })
    }

    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            history::write(tx, written).await?;
            life::follow(tx, written).await
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
