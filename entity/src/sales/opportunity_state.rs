//! How an opportunity stood, from an instant to another: what reports of the past read. Rows are added by what changes
//! the opportunity; only their end is filled in later. Each begins where the one before it ended.

use crate::{
    id::{AccountId, CampaignId, LeadId, OpportunityId, PipelineId, ProductId, StageId, UserId},
    money::Currency,
    opportunity::{LossReason, OppType},
    row::row,
    stage::{ForecastCategory, StageType},
};

row! {
    /// How an opportunity stood for a while.
    "opportunity_state", OpportunityStateId {
        /// The opportunity.
        pub opportunity_id: OpportunityId,
        /// From when.
        pub at: DateTimeUtc,
        /// Until when; none while it holds.
        pub until: Option<DateTimeUtc>,
        /// It is the first of its opportunity.
        pub initial: bool,
        /// The way it was sold.
        pub pipeline_id: PipelineId,
        /// Where it stood.
        pub stage_id: StageId,
        /// That stage's type.
        pub stage_type: StageType,
        /// When it came to stand there.
        pub stage_changed_at: DateTimeUtc,
        /// What sort of business it was.
        pub opp_type: OppType,
        /// Worth, in minor units.
        pub amount_minor: Option<i64>,
        /// Currency of that.
        pub currency: Option<Currency>,
        /// The day it was expected to be won, or was won or lost.
        pub close_date: Option<Date>,
        /// Chance of winning, 0 to 100 percent, where it was not the stage's.
        pub probability: Option<i32>,
        /// Which part of the forecast it counted in.
        pub forecast_category: ForecastCategory,
        /// Why it was lost.
        pub loss_reason: Option<LossReason>,
        /// Who else wanted to sell, or sold.
        pub competitor: Option<String>,
        /// Who sold it.
        pub owner_id: Option<UserId>,
        /// The company that might buy.
        pub account_id: Option<AccountId>,
        /// The lead it began with.
        pub source_lead_id: Option<LeadId>,
        /// The campaign it began with.
        pub source_campaign_id: Option<CampaignId>,
        /// The main thing sold.
        pub product_id: Option<ProductId>,
        /// When work on it began.
        pub opened_at: DateTimeUtc,
        /// When it was won or lost.
        pub closed_at: Option<DateTimeUtc>,
        /// From the one to the other, in microseconds.
        pub cycle_micros: Option<i64>,
        /// The rate into the organisation's currency that was frozen when it was closed, times 10^10.
        pub fx_rate_at_close_e10: Option<i64>,
    }
}
