//! Who took part in a campaign, and how far they came.

use crate::{
    id::{CampaignId, ContactId, LeadId},
    row::row,
    words,
};

words! {
    /// How far somebody came in a campaign; later words are further.
    pub enum Step as "CampaignStep" {
        /// Is on the list.
        Listed = "LISTED",
        /// Was written to or called.
        Contacted = "CONTACTED",
        /// Opened, clicked or answered.
        Engaged = "ENGAGED",
        /// Said they would come.
        Registered = "REGISTERED",
        /// Said so and did not come.
        NoShow = "NO_SHOW",
        /// Came.
        Attended = "ATTENDED",
    }
}

row! {
    /// A lead's or contact's part in a campaign.
    "campaign_member", CampaignMemberId {
        /// The campaign.
        pub campaign_id: CampaignId,
        /// The contact; either this or the lead is set.
        pub contact_id: Option<ContactId>,
        /// The lead; either this or the contact is set.
        pub lead_id: Option<LeadId>,
        /// How far they came.
        pub step: Step,
        /// They did what the campaign was for.
        pub success: bool,
        /// When they first answered.
        pub responded_at: Option<DateTimeUtc>,
    }
}
