//! Customers and work with them: accounts, contacts, leads, opportunities, activities, and what an organisation
//! settles for them. No campaigns, no goals.

pub mod account;
pub mod activity;
pub mod committee;
pub mod contact;
pub mod contact_account;
pub mod contact_address;
pub mod contact_consent;
pub mod criterion;
pub mod custom_field;
pub mod customer_contract;
pub mod duplicate;
pub mod exchange_rate;
pub mod external_ref;
pub mod forecast_submission;
pub mod fx;
pub mod home;
pub mod lead;
pub mod lead_cycle;
pub mod lead_status_change;
pub mod matching;
pub mod merge;
pub mod opportunity;
pub mod opportunity_line;
pub mod opportunity_split;
pub mod opportunity_state;
pub mod owner;
pub mod pipeline;
pub mod product;
pub mod quality;
pub mod stage;
pub mod stage_change;
pub mod survey_response;
pub mod transition;
pub mod tree;

use sea_orm::{DbBackend, QueryResult};

use crate::{
    actor::Actor,
    error::Result,
    graph::Meta,
    store::{Access, Guarded, Scoped, Store, Tx},
};

/// The records of this theme.
pub fn records() -> Vec<&'static Meta> {
    vec![
        account::meta(),
        contact::meta(),
        contact_account::meta(),
        contact_address::meta(),
        contact_consent::meta(),
        lead::meta(),
        lead_status_change::meta(),
        lead_cycle::meta(),
        opportunity::meta(),
        opportunity_line::meta(),
        opportunity_split::meta(),
        stage_change::meta(),
        opportunity_state::meta(),
        forecast_submission::meta(),
        customer_contract::meta(),
        survey_response::meta(),
        committee::meta(),
        committee::requirement::meta(),
        pipeline::meta(),
        stage::meta(),
        criterion::meta(),
        criterion::confirmation::meta(),
        criterion::overridden::meta(),
        product::meta(),
        activity::meta(),
        external_ref::meta(),
        custom_field::meta(),
        quality::meta(),
        exchange_rate::meta(),
        merge::meta(),
        duplicate::pairs::meta(),
        duplicate::scan::meta(),
    ]
}

/// Accord itself, at work on an organisation's records by itself: for jobs, and for definitions that tell no value.
pub(crate) fn machine(store: &Store, organization: entity::id::OrganizationId) -> Access {
    Access::new(store.clone(), Actor::system(organization), None)
}

/// What rules must know of the organisation's rows whoever asks: its pipelines, custom fields, rates, and whether
/// an account would become its own ancestor. Nothing read this way is shown.
pub(crate) fn all_rows(tx: &Tx) -> Access {
    whole(tx.access())
}

/// The same outside a unit of work, at the request's instant.
pub(crate) fn whole(access: &Access) -> Access {
    Access::new(access.store().clone(), Actor::system(access.actor().organization), None).at(access.now())
}

/// By whom the same question is asked: inside a unit of work or outside.
#[derive(Clone, Copy)]
pub enum Reader<'a> {
    Tx(&'a Tx),
    Access(&'a Access),
}

impl Reader<'_> {
    pub(crate) fn access(&self) -> &Access {
        match self {
            Self::Tx(tx) => tx.access(),
            Self::Access(access) => access,
        }
    }

    /// Every row of the organisation, for rules that decide for it. Nothing read this way is shown.
    pub(crate) fn everything(&self) -> Access {
        whole(self.access())
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.access().store().backend()
    }

    /// Whole rows: for rules and small lists.
    pub(crate) async fn models<E: Guarded>(&self, scoped: Scoped<E>) -> Result<Vec<E::Model>> {
        match self {
            Self::Tx(tx) => tx.read(scoped).await,
            Self::Access(_) => scoped.models().await,
        }
    }

    pub(crate) async fn cells<E: Guarded>(&self, scoped: Scoped<E>) -> Result<Vec<QueryResult>> {
        match self {
            Self::Tx(tx) => tx.cells(scoped).await,
            Self::Access(_) => scoped.rows().await,
        }
    }
}
