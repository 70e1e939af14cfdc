//! Who turned which key on a version of an agreement, or refused to.

use crate::{
    id::{AgreementVersionId, UserId},
    row::row,
    words,
};

words! {
    /// A side that has a key to agreements.
    pub enum Side as "AgreementSide" {
        /// Whoever answers for marketing.
        Marketing = "MARKETING",
        /// Whoever answers for sales.
        Sales = "SALES",
        /// Whoever answers for money; only for incentive plans.
        Finance = "FINANCE",
        /// Whoever decides where marketing has turned its key and sales has not, or the other way round; only if the
        /// organisation's `agreementTieBreak` allows it.
        TieBreak = "TIE_BREAK",
    }

    /// What somebody said to a version.
    pub enum Decision as "AgreementDecision" {
        /// Turned the key.
        Approved = "APPROVED",
        /// Refused it.
        Rejected = "REJECTED",
    }
}

row! {
    /// A decision on a version of an agreement.
    "agreement_approval", AgreementApprovalId {
        /// The version.
        pub agreement_version_id: AgreementVersionId,
        /// For which side.
        pub side: Side,
        /// Who decided.
        pub user_id: UserId,
        /// What they decided.
        pub decision: Decision,
        /// Why, in their words.
        pub comment: Option<String>,
        /// The hash of what they decided on.
        pub hash: String,
        /// When an edit made it void; none while it counts.
        pub cleared_at: Option<DateTimeUtc>,
    }
}
