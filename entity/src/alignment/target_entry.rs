//! A company that one side wants on a list of targets, and what became of that.

use crate::{
    id::{AccountId, TargetEntryId as EntryId, TargetListId},
    row::row,
    target_list::TargetTier,
    user::Side,
    words,
};

words! {
    /// Where a target account stands between the two sides.
    pub enum TargetEntryState as "TargetEntryState" {
        /// One side wants it.
        Proposed = "PROPOSED",
        /// Both sides want it.
        Agreed = "AGREED",
        /// One side does not want it.
        Declined = "DECLINED",
        /// Taken off again.
        Removed = "REMOVED",
    }
}

row! {
    /// A company on a list of targets.
    "target_entry", TargetEntryId {
        /// The list.
        pub target_list_id: TargetListId,
        /// The company.
        pub account_id: AccountId,
        /// How much is to be done for it.
        pub tier: TargetTier,
        /// Who wants it.
        pub side: Side,
        /// What both sides make of it.
        pub state: TargetEntryState,
        /// Why they want it, in plain text.
        pub reason: String,
        /// The entry whose place it takes once it is agreed.
        pub replaces_id: Option<EntryId>,
        /// When it was agreed or declined.
        pub decided_at: Option<DateTimeUtc>,
        /// When it was taken off.
        pub removed_at: Option<DateTimeUtc>,
        /// One person spoke for both sides, alone in the organisation.
        pub solo: bool,
    }
}
