//! What sales tells marketing about a lead that it rejected, and what marketing answers.

use crate::{
    id::{CampaignId, HandoffId},
    row::row,
};

row! {
    /// A word on a rejected or accepted lead.
    "feedback_item", FeedbackItemId {
        /// The offer it is about.
        pub handoff_id: HandoffId,
        /// The campaign that had brought the lead.
        pub campaign_id: Option<CampaignId>,
        /// What is said.
        pub body: String,
        /// What marketing did about it.
        pub outcome: Option<String>,
        /// When marketing said so.
        pub resolved_at: Option<DateTimeUtc>,
    }
}
