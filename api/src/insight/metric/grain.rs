//! What a metric counts one by one: the table, who may see its rows, and what leads from it to other tables.

use chrono::{DateTime, Utc};
use entity::{
    account, activity, attribution_credit, campaign_cost, committee_member, contact, content_asset, customer_contract,
    forecast_submission, goal, handoff, lead, lead_cycle, opportunity_state, sla_clock, survey_response, target_entry,
    target_list, words,
};

use crate::{
    actor::{Actor, Permission},
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
        /// What was spent on campaigns.
        CampaignCost = "CAMPAIGN_COST",
        /// Contracts with customers.
        CustomerContract = "CUSTOMER_CONTRACT",
        /// What people forecast.
        ForecastSubmission = "FORECAST_SUBMISSION",
        /// What customers answered when asked.
        SurveyResponse = "SURVEY_RESPONSE",
        /// Accounts, as they are.
        Account = "ACCOUNT",
        /// Contacts, as they are.
        Contact = "CONTACT",
        /// Leads, as they are.
        Lead = "LEAD",
        /// Accounts on lists of target accounts.
        TargetEntry = "TARGET_ENTRY",
        /// Goals.
        Goal = "GOAL",
        /// Content.
        ContentAsset = "CONTENT_ASSET",
        /// What was to be done.
        Activity = "ACTIVITY",
        /// Credit for sales, as it is.
        AttributionCredit = "ATTRIBUTION_CREDIT",
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
    pub const ALL: [Self; 16] = [
        Self::Opportunity,
        Self::LeadCycle,
        Self::Handoff,
        Self::SlaClock,
        Self::CampaignCost,
        Self::CustomerContract,
        Self::ForecastSubmission,
        Self::SurveyResponse,
        Self::Account,
        Self::Contact,
        Self::Lead,
        Self::TargetEntry,
        Self::Goal,
        Self::ContentAsset,
        Self::Activity,
        Self::AttributionCredit,
    ];

    pub fn table(self) -> &'static str {
        match self {
            Self::Opportunity => opportunity_state::Entity::NAME,
            Self::LeadCycle => lead_cycle::Entity::NAME,
            Self::Handoff => handoff::Entity::NAME,
            Self::SlaClock => sla_clock::Entity::NAME,
            Self::CampaignCost => campaign_cost::Entity::NAME,
            Self::CustomerContract => customer_contract::Entity::NAME,
            Self::ForecastSubmission => forecast_submission::Entity::NAME,
            Self::Account => account::Entity::NAME,
            Self::Contact => contact::Entity::NAME,
            Self::Lead => lead::Entity::NAME,
            Self::SurveyResponse => survey_response::Entity::NAME,
            Self::TargetEntry => target_entry::Entity::NAME,
            Self::Goal => goal::Entity::NAME,
            Self::ContentAsset => content_asset::Entity::NAME,
            Self::Activity => activity::Entity::NAME,
            Self::AttributionCredit => attribution_credit::Entity::NAME,
        }
    }

    /// Whose reach decides what the caller sees of them.
    pub fn permission(self) -> Permission {
        match self {
            Self::Opportunity => opportunity_state::Entity::READ,
            Self::LeadCycle => lead_cycle::Entity::READ,
            Self::Handoff => handoff::Entity::READ,
            Self::SlaClock => sla_clock::Entity::READ,
            Self::CampaignCost => campaign_cost::Entity::READ,
            Self::CustomerContract => customer_contract::Entity::READ,
            Self::ForecastSubmission => forecast_submission::Entity::READ,
            // entries of lists are seen with their accounts
            Self::Account | Self::TargetEntry => account::Entity::READ,
            Self::Contact => contact::Entity::READ,
            Self::Lead => lead::Entity::READ,
            Self::SurveyResponse => survey_response::Entity::READ,
            Self::Goal => goal::Entity::READ,
            Self::ContentAsset => content_asset::Entity::READ,
            Self::Activity => activity::Entity::READ,
            Self::AttributionCredit => attribution_credit::Entity::READ,
        }
    }

    /// Whose reach decides which people may be named beside them: answers are of accounts, and so are the people.
    pub fn names_people_by(self) -> Permission {
        if self == Self::SurveyResponse { account::Entity::READ } else { self.permission() }
    }

    /// Whether the actor sees each of them.
    pub fn is_seen_by(self, actor: &Actor) -> bool {
        let parent = match self {
            // answers without a contact are seen with the account
            Self::SurveyResponse => account::Entity::READ,
            Self::TargetEntry => target_list::Entity::READ,
            _ => self.permission(),
        };
        actor.reaches_all(self.permission()) && actor.reaches_all(parent)
    }

    /// Whether the actor sees all that a goal or a report may rest on.
    pub fn all_seen_by(actor: &Actor) -> bool {
        Self::ALL.iter().all(|grain| grain.is_seen_by(actor)) && actor.reaches_all(committee_member::Entity::READ)
    }

    /// Whether the caller may be told what rests on all of them: costs only who may read costs at all.
    pub fn is_shared_with(self, actor: &Actor) -> bool {
        self != Self::CampaignCost || actor.may(self.permission())
    }

    /// What it was is still known.
    pub fn has_past(self) -> bool {
        !matches!(self, Self::Account | Self::Contact | Self::Lead | Self::AttributionCredit)
    }

    /// Belongs to no day: a figure is of what there was at its instant, whatever the period.
    pub fn stands(self) -> bool {
        matches!(self, Self::TargetEntry | Self::Goal | Self::ContentAsset)
    }

    /// The rows that there are, and at a past instant were. Of costs, contracts, forecasts and answers only those that there
    /// still are.
    pub fn rows(self, access: &Access, door: Door, at: Option<DateTime<Utc>>) -> Scoped {
        fn of<E: Guarded>(access: &Access, door: Door) -> Scoped {
            then::<E>(access, door, None)
        }
        fn then<E: Guarded>(access: &Access, door: Door, at: Option<DateTime<Utc>>) -> Scoped {
            match door {
                Door::Shared => Scoped::<E>::shared_at(access, at).erased(),
                Door::Own => Scoped::<E>::read_at(access, at).erased(),
            }
        }
        match self {
            Self::Opportunity => of::<opportunity_state::Entity>(access, door),
            Self::LeadCycle => then::<lead_cycle::Entity>(access, door, at),
            Self::Handoff => of::<handoff::Entity>(access, door),
            Self::SlaClock => of::<sla_clock::Entity>(access, door),
            Self::CampaignCost => of::<campaign_cost::Entity>(access, door),
            Self::CustomerContract => of::<customer_contract::Entity>(access, door),
            Self::ForecastSubmission => of::<forecast_submission::Entity>(access, door),
            Self::Account => of::<account::Entity>(access, door),
            Self::Contact => of::<contact::Entity>(access, door),
            Self::Lead => of::<lead::Entity>(access, door),
            Self::SurveyResponse => of::<survey_response::Entity>(access, door),
            Self::TargetEntry => then::<target_entry::Entity>(access, door, at),
            Self::Goal => then::<goal::Entity>(access, door, at),
            Self::ContentAsset => then::<content_asset::Entity>(access, door, at),
            Self::Activity => then::<activity::Entity>(access, door, at),
            Self::AttributionCredit => of::<attribution_credit::Entity>(access, door),
        }
    }
}
