//! What a campaign has cost. Apart from `campaign`, because fewer people may see it.

use crate::{id::CampaignId, money::Currency, row::row, words};

words! {
    /// What the money went to.
    pub enum Kind as "CampaignCostKind" {
        /// Places for advertisements.
        Media = "MEDIA",
        /// Software and services.
        Tool = "TOOL",
        /// Agencies and freelancers.
        Agency = "AGENCY",
        /// Our own people's time.
        People = "PEOPLE",
    }
}

row! {
    /// Money spent on a campaign.
    "campaign_cost", CampaignCostId {
        /// The campaign.
        pub campaign_id: CampaignId,
        /// The day it counts for.
        pub date: Date,
        /// How much, in minor units; negative for money given back.
        pub amount_minor: i64,
        /// Currency of that.
        pub currency: Currency,
        /// What it went to.
        pub kind: Kind,
        /// What it was exactly, in plain text.
        pub note: Option<String>,
    }
}
