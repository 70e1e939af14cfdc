//! Buying committees: who at the buyer has a say in a sale, or in any sale to a company.

use crate::{
    id::{AccountId, ContactId, OpportunityId},
    row::row,
    words,
};

words! {
    /// What part somebody plays when their company buys.
    pub enum CommitteeRole as "CommitteeRole" {
        /// Releases the money.
        EconomicBuyer = "ECONOMIC_BUYER",
        /// Decides.
        DecisionMaker = "DECISION_MAKER",
        /// Speaks for us when we are not there.
        Champion = "CHAMPION",
        /// Judges whether it works.
        TechnicalEvaluator = "TECHNICAL_EVALUATOR",
        /// Judges whether it pays.
        BusinessEvaluator = "BUSINESS_EVALUATOR",
        /// Is listened to.
        Influencer = "INFLUENCER",
        /// Will work with it.
        EndUser = "END_USER",
        /// Buys, on the buyer's terms.
        Procurement = "PROCUREMENT",
        /// Reads the contract.
        Legal = "LEGAL",
        /// Can stop it.
        Blocker = "BLOCKER",
    }
}

words! {
    /// Where somebody at the buyer stands.
    pub enum CommitteeStance as "CommitteeStance" {
        /// Pushes it forward.
        Champion = "CHAMPION",
        /// Is for it.
        Supporter = "SUPPORTER",
        /// Is neither for nor against it.
        Neutral = "NEUTRAL",
        /// Has doubts.
        Skeptic = "SKEPTIC",
        /// Works against it.
        Blocker = "BLOCKER",
        /// Nobody knows yet.
        Unknown = "UNKNOWN",
    }
}

row! {
    /// Somebody's part in a buying committee.
    "committee_member", CommitteeMemberId {
        /// The sale it is about; else the company.
        pub opportunity_id: Option<OpportunityId>,
        /// The company, for its standing committee.
        pub account_id: Option<AccountId>,
        /// The person.
        pub contact_id: ContactId,
        /// Their part.
        pub role: CommitteeRole,
        /// Where they stand.
        pub stance: CommitteeStance,
        /// How much they count, 1 to 5.
        pub influence: i32,
        /// What else is known, in plain text.
        pub note: Option<String>,
    }
}
