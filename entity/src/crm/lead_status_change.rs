//! Every move of a lead from state to state. Rows are only added; each begins where the one before it ended.

use crate::{
    id::{LeadId, UserId},
    lead::Status,
    row::row,
};

row! {
    /// A move of a lead from state to state.
    "lead_status_change", LeadStatusChangeId {
        /// The lead.
        pub lead_id: LeadId,
        /// The round it was in afterwards.
        pub cycle_no: i32,
        /// The state it left; none when it was created.
        pub from_status: Option<Status>,
        /// The state it came to.
        pub to_status: Status,
        /// When.
        pub at: DateTimeUtc,
        /// Who moved it; none when the system did.
        pub by: Option<UserId>,
        /// Why, in somebody's words.
        pub reason: Option<String>,
        /// The version of an agreement by which it moved.
        pub agreement_version_id: Option<Uuid>,
    }
}
