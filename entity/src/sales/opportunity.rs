//! Opportunities: sales in the making, won or lost.

use crate::{
    id::{AccountId, CampaignId, ContactId, LeadId, PipelineId, ProductId, StageId, UserId},
    money::Currency,
    row::row,
    stage::{ForecastCategory, StageType},
    words,
};

words! {
    /// What sort of business an opportunity is.
    pub enum OppType as "OppType" {
        /// Their first purchase.
        New = "NEW",
        /// More than they have.
        Expansion = "EXPANSION",
        /// The same again.
        Renewal = "RENEWAL",
    }
}

words! {
    /// Why an opportunity was lost.
    pub enum LossReason as "LossReason" {
        /// They bought elsewhere.
        Competitor = "COMPETITOR",
        /// Too dear.
        Price = "PRICE",
        /// They decided nothing.
        NoDecision = "NO_DECISION",
        /// Not now.
        Timing = "TIMING",
        /// Does not do what they need.
        Fit = "FIT",
        /// We did not reach those who decide, or lost them.
        Relationship = "RELATIONSHIP",
        /// It was there already; counts in no win rate.
        Duplicate = "DUPLICATE",
        /// There never was a sale to be made; counts in no win rate.
        Invalid = "INVALID",
        /// Something else; the note says what.
        Other = "OTHER",
    }
}

row! {
    /// A sale in the making.
    "opportunity", OpportunityId {
        /// The name people see.
        pub name: String,
        /// The company that may buy.
        pub account_id: Option<AccountId>,
        /// The person there we deal with.
        pub primary_contact_id: Option<ContactId>,
        /// The way it is sold.
        pub pipeline_id: PipelineId,
        /// Where it stands on that way.
        pub stage_id: StageId,
        /// That stage's type, kept here for filtering.
        pub stage_type: StageType,
        /// When it came to stand there.
        pub stage_changed_at: DateTimeUtc,
        /// What sort of business it is.
        pub opp_type: OppType,
        /// What it is worth, in minor units.
        pub amount_minor: Option<i64>,
        /// Currency of that.
        pub currency: Option<Currency>,
        /// The day it is expected to be won, or was won or lost.
        pub close_date: Option<Date>,
        /// Chance of winning, 0 to 100 percent, where it is not the stage's.
        pub probability: Option<i32>,
        /// Which part of the forecast it counts in.
        pub forecast_category: ForecastCategory,
        /// Who sells it.
        pub owner_id: Option<UserId>,
        /// The lead it began with.
        pub source_lead_id: Option<LeadId>,
        /// The campaign it began with.
        pub source_campaign_id: Option<CampaignId>,
        /// The main thing sold.
        pub product_id: Option<ProductId>,
        /// What is to be done next, in a line.
        pub next_step: Option<String>,
        /// Why it was lost.
        pub loss_reason: Option<LossReason>,
        /// The same in somebody's words.
        pub loss_note: Option<String>,
        /// Who else wanted to sell, or sold.
        pub competitor: Option<String>,
        /// When work on it began.
        pub opened_at: DateTimeUtc,
        /// When it was won or lost.
        pub closed_at: Option<DateTimeUtc>,
        /// Units of the organisation's base currency for one of `currency` on the close date,
        /// times 10^10; kept so that a later rate changes no closed sale.
        pub fx_rate_at_close_e10: Option<i64>,
        /// What it is about, in plain text.
        pub description: Option<String>,
        /// The organisation's own fields: an object from key to value.
        pub custom: Json,
        /// Lower-case name, for search.
        pub search_text: String,
    }
}
