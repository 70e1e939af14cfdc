//! Every step of those who take part in campaigns. Rows are only added.

use crate::{
    campaign_member::Step,
    id::{CampaignMemberId, UserId},
    row::row,
};

row! {
    /// A step of somebody in a campaign.
    "campaign_member_change", CampaignMemberChangeId {
        /// Whose part it is.
        pub campaign_member_id: CampaignMemberId,
        /// How far they had come; none for the beginning.
        pub from_step: Option<Step>,
        /// How far they came.
        pub to_step: Step,
        /// When.
        pub at: DateTimeUtc,
        /// Who said so; none when the system did.
        pub by: Option<UserId>,
    }
}
