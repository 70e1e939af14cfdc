//! Offers of leads from marketing to sales, each with its answer.

use crate::{
    campaign::Channel,
    id::{CampaignId, LeadId, PoolId, RejectionReasonId, RoutingDecisionId, TeamId, UserId},
    row::row,
    words,
};

words! {
    /// Where an offer of a lead stands; all but PENDING are final.
    pub enum State as "HandoffState" {
        /// Waits for an answer.
        Pending = "PENDING",
        /// Sales took the lead.
        Accepted = "ACCEPTED",
        /// Sales gave the lead back with a reason.
        Rejected = "REJECTED",
        /// Nobody answered in time; the lead was offered anew.
        Expired = "EXPIRED",
        /// Taken back by who offered it.
        Withdrawn = "WITHDRAWN",
    }
}

words! {
    /// What kind of reason a lead was rejected for.
    pub enum Category as "RejectionCategory" {
        /// It did not come the agreed way, e.g. without its evidence.
        Procedural = "PROCEDURAL",
        /// Its data are wrong or missing, e.g. the telephone number.
        Clerical = "CLERICAL",
        /// It does not meet the agreed definition of a qualified lead.
        Definitional = "DEFINITIONAL",
        /// Sales knows this person already.
        Duplicate = "DUPLICATE",
        /// Nobody has time for it at present.
        Capacity = "CAPACITY",
    }
}

row! {
    /// An offer of a lead to sales.
    "handoff", HandoffId {
        /// The lead.
        pub lead_id: LeadId,
        /// The round the lead was in.
        pub cycle_no: i32,
        /// Which offer of this round it is, from 1.
        pub attempt: i32,
        /// Where it stands.
        pub state: State,
        /// When it was offered.
        pub offered_at: DateTimeUtc,
        /// To whom; none when anybody of the pool or team may take it.
        pub offered_user_id: Option<UserId>,
        /// To which pool, or from which pool the user was picked.
        pub offered_pool_id: Option<PoolId>,
        /// To which team.
        pub offered_team_id: Option<TeamId>,
        /// Who owned the lead when it was offered.
        pub previous_owner_id: Option<UserId>,
        /// When it expires unanswered; none: never.
        pub expires_at: Option<DateTimeUtc>,
        /// When it came to its final state.
        pub decided_at: Option<DateTimeUtc>,
        /// Who decided; none when time did.
        pub decided_by: Option<UserId>,
        /// Why it was rejected.
        pub rejection_reason_id: Option<RejectionReasonId>,
        /// What kind of reason that was then.
        pub rejection_category: Option<Category>,
        /// The answer in somebody's words.
        pub note: Option<String>,
        /// What marketing should do about it.
        pub suggested_fix: Option<String>,
        /// Both sides found later that the rejection was wrong.
        pub overturned: bool,
        /// Where the lead was from when it was offered.
        pub source: Option<String>,
        /// By which road it had come.
        pub channel: Option<Channel>,
        /// The campaign that had brought it.
        pub campaign_id: Option<CampaignId>,
        /// Its score when it was offered.
        pub score: i32,
        /// What spoke for it when it was offered.
        pub evidence: Json,
        /// The version of the definition by which it was qualified.
        pub agreement_version_id: Option<Uuid>,
        /// How it was decided to whom it goes.
        pub routing_decision_id: Option<RoutingDecisionId>,
    }
}
