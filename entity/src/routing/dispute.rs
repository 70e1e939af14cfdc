//! Quarrels over an answer or over credit, and how both sides settled them together.

use crate::{
    id::{HandoffId, OpportunityId, TouchpointId, UserId},
    row::row,
    words,
};

words! {
    /// What a dispute is about.
    pub enum Kind as "DisputeKind" {
        /// The answer to an offer of a lead.
        Handoff = "HANDOFF",
        /// The credit that a touch earned for a sale.
        Attribution = "ATTRIBUTION",
    }
}

words! {
    /// What is wrong with the touches of a sale.
    pub enum AttributionClaim as "AttributionClaim" {
        /// One was not recorded.
        MissingTouch = "MISSING_TOUCH",
        /// Somebody else did it.
        WrongPerson = "WRONG_PERSON",
        /// It happened at another time.
        WrongTime = "WRONG_TIME",
        /// It was not marketing's doing.
        NotMarketing = "NOT_MARKETING",
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
    /// What both sides find: why a handoff went wrong, or whether a claim on credit is right.
    pub enum Verdict as "DisputeVerdict" {
        /// Marketing offered what does not meet the definition.
        MarketingMiss = "MARKETING_MISS",
        /// Sales refused or neglected what does meet it.
        SalesMiss = "SALES_MISS",
        /// The definition does not say, or says the wrong thing; it is to be changed.
        DefinitionGap = "DEFINITION_GAP",
        /// The data were wrong; neither side could know.
        DataError = "DATA_ERROR",
        /// Of a dispute over credit: the claim is right, and the touch is corrected.
        ClaimRight = "CLAIM_RIGHT",
        /// Of a dispute over credit: the claim is wrong, and the touch stays.
        ClaimWrong = "CLAIM_WRONG",
    }
}

row! {
    /// A dispute over the answer to an offer, or over credit for a sale.
    "dispute", DisputeId {
        /// What it is about.
        pub kind: Kind,
        /// The offer, if it is about an answer.
        pub handoff_id: Option<HandoffId>,
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
        /// The sale, if it is about credit.
        pub opportunity_id: Option<OpportunityId>,
        /// The touch whose credit it is about; none of one that was not recorded.
        pub touchpoint_id: Option<TouchpointId>,
        /// What is wrong with it.
        pub attribution_claim: Option<AttributionClaim>,
        /// How the touch should have been recorded.
        pub correction: Option<Json>,
    }
}
