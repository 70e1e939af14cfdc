//! How soon leads are answered: clocks that run by an agreement while a lead waits, and what follows when they run out.
//! It hears of offers, answers and calls, and gives no lead to anybody: what the ladder asks for, handoffs do.

mod clockwork;
mod evidence;
pub mod graphql;
mod hear;
pub(super) mod hours;
mod life;
mod notify;
mod offers;
mod policy;
mod priority;
mod steps;
pub mod volume;
mod waiting;
mod watch;

use entity::{
    id::SlaClockId,
    lead,
    sla_clock::{Column as C, Entity, Model, Status},
};
use sea_orm::Condition;

pub use hear::listeners;
pub use policy::{EscalationAction, KEY, SlaBody, VolumePeriod};
pub use steps::{Begin, from_the_beginning, meet, of_offers, pause, resume, start};
pub use watch::{WATCH, catch_up, watch};

use crate::{
    actor::{Actor, Permission},
    error::FaultCode,
    graph::{Meta, Record, Refusals},
    store::{Guarded, outliving},
};

impl Guarded for Entity {
    type Id = SlaClockId;
    const NAME: &'static str = "sla_clock";
    const READ: Permission = Permission::LeadRead;

    /// A clock is seen, and stopped, with its lead.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        outliving::<lead::Entity>(actor, permission, (Self::NAME, C::LeadId))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Pause", "Void"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        graphql::meta()
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        (before.status != after.status).then_some(match after.status {
            Status::Pending => "sla.resumed",
            Status::Paused => "sla.paused",
            Status::Met => "sla.met",
            Status::Breached => "sla.breached",
            Status::Void => "sla.voided",
        })
    }
}
