//! What a platform says a campaign did on a day: how often it was shown and clicked.

use crate::{id::CampaignId, row::row};

row! {
    /// What a platform delivered for a campaign.
    "campaign_delivery", CampaignDeliveryId {
        /// The campaign.
        pub campaign_id: CampaignId,
        /// The day.
        pub date: Date,
        /// Which advertisement or place, as the platform calls it.
        pub placement: Option<String>,
        /// How often it was shown.
        pub impressions: i32,
        /// How often it was clicked.
        pub clicks: i32,
    }
}
