//! Credit for sales: what each touch earned, by each version of an agreement, for each anchor. Computed from touches;
//! once its time is frozen a row stays, and what changes is added beside it.

use crate::{
    attribution::Anchor,
    campaign::Channel,
    id::{AgreementVersionId, CampaignId, OpportunityId, TouchpointId},
    money::Currency,
    row::row,
};

row! {
    /// Credit for a sale.
    "attribution_credit", AttributionCreditId {
        /// The sale.
        pub opportunity_id: OpportunityId,
        /// The version of the agreement by which it is given.
        pub agreement_version_id: AgreementVersionId,
        /// What it is given for.
        pub anchor: Anchor,
        /// The touch that earned it; none when no touch counted.
        pub touchpoint_id: Option<TouchpointId>,
        /// It corrects credit that was frozen.
        pub adjusts: bool,
        /// When it counts: at the anchor, or when it was corrected.
        pub counts_at: DateTimeUtc,
        /// The day on which that is, where the organisation is.
        pub counts_on: Date,
        /// 1: the touch counts for the sale; of corrections 1 where it did not count before, -1 where it does not any more,
        /// 0 where it goes on counting.
        pub presence: i32,
        /// Its share of the sale, in units of 10^-12.
        pub weight_e12: i64,
        /// Its share of the amount, in minor units; none while the sale has no amount.
        pub amount_minor: Option<i64>,
        /// Currency of that.
        pub currency: Option<Currency>,
        /// The same in the organisation's currency; none without a rate.
        pub home_minor: Option<i64>,
        /// Which currency that was.
        pub home_currency: Option<Currency>,
        /// The whole sale, of corrections what it changed by, in minor units of its currency.
        pub deal_minor: Option<i64>,
        /// The same in the organisation's currency.
        pub deal_home_minor: Option<i64>,
        /// The touch's channel.
        pub channel: Option<Channel>,
        /// The touch's campaign.
        pub campaign_id: Option<CampaignId>,
        /// Where the touch came from: `utm_source`.
        pub source: Option<String>,
        /// What the touch was on: `utm_content`.
        pub content: Option<String>,
        /// The creating lead or contact came by this touch.
        pub sourcing: bool,
    }
}
