//! Who is credited for a sale, and how much. The shares of a sale are set all at once, so that they are always 100 percent
//! together; without any its owner has all of it. They are seen by who sees the opportunity, and say nothing of pay.

pub mod graphql;
mod set;
pub mod share;

use entity::{
    id::OpportunitySplitId,
    opportunity,
    opportunity_split::{Column as C, Entity},
};
use sea_orm::Condition;

pub use graphql::meta;
pub use set::set;

use crate::{
    actor::{Actor, Permission},
    graph::{Meta, Record},
    store::{Guarded, belonging},
};

impl Guarded for Entity {
    type Id = OpportunitySplitId;
    const NAME: &'static str = "opportunity_split";
    const READ: Permission = Permission::OpportunityRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<opportunity::Entity>(actor, permission, (Self::NAME, C::OpportunityId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}
