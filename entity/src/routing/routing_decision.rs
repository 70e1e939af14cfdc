//! Decisions to whom a lead goes, with all that led to them.

use crate::{
    id::{LeadId, PoolId, UserId},
    row::row,
    words,
};

words! {
    /// What a routing rule does with a lead.
    pub enum Action as "RoutingAction" {
        /// Gives it to the owner of the account that it matches.
        AccountOwner = "ACCOUNT_OWNER",
        /// Gives it to the member of a pool whose turn it is.
        Pool = "POOL",
        /// Gives it to a certain user.
        User = "USER",
        /// Leaves it to whoever of a pool takes it first.
        Queue = "QUEUE",
    }
}

row! {
    /// A decision to whom a lead goes.
    "routing_decision", RoutingDecisionId {
        /// The lead.
        pub lead_id: LeadId,
        /// When.
        pub at: DateTimeUtc,
        /// The rule that decided, by its label; none when nothing did.
        pub rule: Option<String>,
        /// What it did; none when nothing could be done.
        pub action: Option<Action>,
        /// Who was chosen.
        pub chosen_user_id: Option<UserId>,
        /// The pool whose turn it was, or that may take it.
        pub pool_id: Option<PoolId>,
        /// Nobody could be found.
        pub failed: bool,
        /// Each rule that was tried, and why it did or did not decide.
        pub trace: Json,
        /// The pool's members as they stood: share, count, eligible or why not.
        pub pool_state: Json,
        /// The version of the routing agreement.
        pub agreement_version_id: Option<Uuid>,
    }
}
