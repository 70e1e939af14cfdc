//! Offers of leads to sales and their answers. An offer is answered only by whom it was made to, a member of its pool or
//! team, or a manager of theirs, and a lead has at most one that waits. Rejection comes before contact and needs a
//! reason; giving a lead up after contact is the lead's own step.

mod answer;
mod confirm;
pub mod dispute;
mod disqualify;
mod evidence;
mod expire;
pub mod feedback;
mod gap;
mod give_back;
pub mod graphql;
mod offer;
pub mod reason;
mod rescue;
mod settle;
pub mod states;
mod target;

use entity::{
    handoff::{Column as C, Entity, Model, State},
    id::HandoffId,
    lead,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

pub use self::{
    confirm::confirm,
    disqualify::disqualify,
    expire::{KIND as EXPIRY, handlers},
    graphql::meta,
    offer::{keep, offer, place_all},
};
use crate::{
    actor::{Actor, Permission},
    crm::lead::offered,
    error::FaultCode,
    graph::{Meta, Record, Refusals},
    store::{Guarded, Listener, visible},
};

/// What handoffs hear of.
pub fn listeners() -> Vec<Listener> {
    vec![rescue::LISTENER, give_back::LISTENER]
}

impl Guarded for Entity {
    type Id = HandoffId;
    const NAME: &'static str = "handoff";
    const READ: Permission = Permission::LeadRead;
    const PERSONAL: &'static [&'static str] = &["note", "suggested_fix"];

    /// Read by who sees the lead, and by who was offered it or answered, or is above them; answered only by whom it was
    /// made to.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        if permission == Permission::HandoffDecide {
            return offered::answerable(actor);
        }
        if actor.reaches_all(permission) {
            return Condition::all();
        }
        let column = |c: C| Expr::col((Self::NAME, c));
        let theirs = Condition::any().add(column(C::LeadId).in_subquery(visible::<lead::Entity>(actor, permission)));
        if permission == Permission::HandoffCreate {
            return theirs;
        }
        let made = actor.reach(permission, (Self::NAME, C::OfferedUserId));
        let answered = actor.reach(permission, (Self::NAME, C::DecidedBy));
        theirs
            .add(Condition::all().add(made).add(column(C::OfferedUserId).is_not_null()))
            .add(Condition::all().add(answered).add(column(C::DecidedBy).is_not_null()))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Accept", "Dispute"], &[FaultCode::CriteriaUnmet])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        match after.state {
            _ if before.state == after.state => (before.overturned != after.overturned).then_some("handoff.overturned"),
            State::Accepted => Some("handoff.accepted"),
            State::Rejected => Some("handoff.rejected"),
            State::Expired => Some("handoff.expired"),
            State::Withdrawn => Some("handoff.withdrawn"),
            State::Pending => None,
        }
    }
}
