//! Credit for sales by the signed ATTRIBUTION agreements, several side by side. Computed from touches by
//! `marketing::attribution`, and kept in `attribution_credit` so that reports only add: a job follows every change, and
//! what is kept always equals what is computed. Credit of a frozen period stays; corrections are added beside it.

mod affected;
mod body;
mod cast;
pub mod correct;
pub mod days;
mod deals;
pub mod entry;
mod exchange;
mod follow;
pub mod freeze;
pub mod graphql;
mod ledger;
pub mod models;
pub mod roll;

use entity::{
    attribution::Anchor,
    attribution_credit::{Column as C, Entity},
    id::{AttributionCreditId, OpportunityId, RowId},
    opportunity,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

pub use self::{
    body::AttributionBody,
    deals::{Deal, Reach},
    follow::{BUILD, FOLLOW, REBUILD, build, follow, listeners, rebuild, rebuild_later},
    models::Agreed,
};
use crate::{
    actor::{Actor, Permission},
    crm::Reader,
    error::{Error, Result},
    graph::{Meta, Record},
    store::{Access, Guarded, Scoped, visible},
};

impl Guarded for Entity {
    type Id = AttributionCreditId;
    const NAME: &'static str = "attribution_credit";
    const READ: Permission = Permission::OpportunityRead;
    /// Computed from other rows, whose events tell.
    const TOLD: bool = false;

    /// With the opportunity.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        if actor.reaches_all(permission) {
            return Condition::all();
        }
        let theirs = visible::<opportunity::Entity>(actor, permission);
        Condition::all().add(Expr::col((Self::NAME, C::OpportunityId)).in_subquery(theirs))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        graphql::meta()
    }
}

/// Most touches of which the credit for one opportunity is computed at once.
const MOST_TOUCHES: usize = 20_000;

/// An opportunity that the caller may read, with every touch before it that somebody of its account had a part in.
pub async fn deal(access: &Access, id: OpportunityId) -> Result<Option<Deal>> {
    let Some(row) = Scoped::<opportunity::Entity>::read(access).ids(&[id.uuid()]).one().await? else { return Ok(None) };
    let reach = Reach { whole: true, look_back: None, most: Some(MOST_TOUCHES), only: None };
    let too_many = || {
        let message =
            format!("opportunityId: its people have more than {MOST_TOUCHES} touches; see `attributionCredits`");
        Error::BadInput(message)
    };
    let deals = deals::load(Reader::Access(access), vec![row], reach).await?;
    Ok(deals.ok_or_else(too_many)?.pop())
}

/// Who gets credit for it, computed at once; none while the anchor has no moment.
pub fn shared<'a>(
    deal: &'a Deal,
    agreed: &Agreed,
    anchor: Anchor,
) -> Option<crate::marketing::attribution::Shared<'a>> {
    let members_only = !agreed.body.whole_account();
    crate::marketing::attribution::share(&deal.touches, &deal.moments, anchor, &agreed.policy, members_only)
}
