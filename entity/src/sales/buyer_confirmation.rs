//! Evidence from the buyer: who confirmed what, and when.

use crate::{
    id::{ContactId, OpportunityId, StageCriterionId},
    row::row,
};

row! {
    /// Something that somebody at the buyer confirmed.
    "buyer_confirmation", BuyerConfirmationId {
        /// The opportunity.
        pub opportunity_id: OpportunityId,
        /// The condition that it answers.
        pub stage_criterion_id: StageCriterionId,
        /// Who confirmed it.
        pub contact_id: ContactId,
        /// What they confirmed, in plain text.
        pub statement: String,
        /// When they did.
        pub confirmed_at: DateTimeUtc,
        /// Where it can be read, e.g. a mail or document.
        pub url: Option<String>,
    }
}
