//! Quarrels over an answer, and how both sides settled them together.

use crate::{
    id::{HandoffId, UserId},
    row::row,
    words,
};

words! {
    /// What a dispute is about.
    pub enum Kind as "DisputeKind" {
        /// The answer to an offer of a lead.
        Handoff = "HANDOFF",
    }
}

words! {
    /// Where a dispute stands.
    pub enum Status as "DisputeStatus" {
        /// Opened; nobody has looked.
        Open = "OPEN",
        /// Somebody looks into it.
        UnderReview = "UNDER_REVIEW",
        /// Whoever opened it was right.
        Upheld = "UPHELD",
        /// Whoever opened it was wrong.
        Denied = "DENIED",
        /// Taken back by who opened it.
        Withdrawn = "WITHDRAWN",
    }
}

words! {
    /// Why a handoff went wrong, as both sides see it.
    pub enum Verdict as "DisputeVerdict" {
        /// Marketing offered what does not meet the definition.
        MarketingMiss = "MARKETING_MISS",
        /// Sales refused or neglected what does meet it.
        SalesMiss = "SALES_MISS",
        /// The definition does not say, or says the wrong thing; it is to be changed.
        DefinitionGap = "DEFINITION_GAP",
        /// The data were wrong; neither side could know.
        DataError = "DATA_ERROR",
    }
}

row! {
    /// A dispute over the answer to an offer.
    "dispute", DisputeId {
        /// What it is about.
        pub kind: Kind,
        /// The offer.
        pub handoff_id: HandoffId,
        /// What whoever opened it says.
        pub claim: String,
        /// Ids of records that speak for it.
        pub evidence: Json,
        /// Where it stands.
        pub status: Status,
        /// What marketing's manager found.
        pub marketing_verdict: Option<Verdict>,
        /// Who that was.
        pub marketing_by: Option<UserId>,
        /// What sales' manager found.
        pub sales_verdict: Option<Verdict>,
        /// Who that was.
        pub sales_by: Option<UserId>,
        /// What was settled.
        pub verdict: Option<Verdict>,
        /// The same in somebody's words.
        pub resolution: Option<String>,
        /// Whoever signed last, or broke the tie.
        pub resolved_by: Option<UserId>,
        /// When.
        pub resolved_at: Option<DateTimeUtc>,
        /// The draft of a better definition that came of it.
        pub agreement_version_id: Option<Uuid>,
    }
}
