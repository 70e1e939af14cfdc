//! What a metric counts one by one: the table, who may see its rows, and what leads from it to other tables.

use entity::{handoff, lead_cycle, opportunity_state, sla_clock, words};

use crate::{
    actor::Permission,
    store::{Access, Guarded, Scoped},
};

words! {
    /// What a metric counts, one by one.
    pub enum Grain as "MetricGrain" {
        /// Opportunities, as they stood.
        Opportunity = "OPPORTUNITY",
        /// Leads, once in each of their rounds.
        LeadCycle = "LEAD_CYCLE",
        /// Offers of leads to sales.
        Handoff = "HANDOFF",
        /// Clocks of response times.
        SlaClock = "SLA_CLOCK",
    }
}

/// Whose rows are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// All of the organisation, for a value that is the same for everybody.
    Shared,
    /// Those that the caller may see.
    Own,
}

impl Grain {
    pub const ALL: [Self; 4] = [Self::Opportunity, Self::LeadCycle, Self::Handoff, Self::SlaClock];

    pub fn table(self) -> &'static str {
        match self {
            Self::Opportunity => opportunity_state::Entity::NAME,
            Self::LeadCycle => lead_cycle::Entity::NAME,
            Self::Handoff => handoff::Entity::NAME,
            Self::SlaClock => sla_clock::Entity::NAME,
        }
    }

    /// Whose reach decides what the caller sees of them.
    pub fn permission(self) -> Permission {
        match self {
            Self::Opportunity => opportunity_state::Entity::READ,
            Self::LeadCycle => lead_cycle::Entity::READ,
            Self::Handoff => handoff::Entity::READ,
            Self::SlaClock => sla_clock::Entity::READ,
        }
    }

    pub fn rows(self, access: &Access, door: Door) -> Scoped {
        fn of<E: Guarded>(access: &Access, door: Door) -> Scoped {
            match door {
                Door::Shared => Scoped::<E>::shared(access).erased(),
                Door::Own => Scoped::<E>::read(access).erased(),
            }
        }
        match self {
            Self::Opportunity => of::<opportunity_state::Entity>(access, door),
            Self::LeadCycle => of::<lead_cycle::Entity>(access, door),
            Self::Handoff => of::<handoff::Entity>(access, door),
            Self::SlaClock => of::<sla_clock::Entity>(access, door),
        }
    }
}
