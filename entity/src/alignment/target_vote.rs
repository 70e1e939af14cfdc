//! What a side says to a target account.

use crate::{
    id::{TargetEntryId, UserId},
    row::row,
    user::Side,
    words,
};

words! {
    /// What is voted on.
    pub enum TargetQuestion as "TargetQuestion" {
        /// Whether the account comes on the list.
        Add = "ADD",
        /// Whether it goes off the list.
        Remove = "REMOVE",
    }
}

words! {
    /// What a side says.
    pub enum TargetChoice as "TargetChoice" {
        /// It is for it.
        Yes = "YES",
        /// It is against it.
        No = "NO",
    }
}

row! {
    /// What a side says to a target account.
    "target_vote", TargetVoteId {
        /// The account on the list.
        pub target_entry_id: TargetEntryId,
        /// What is voted on.
        pub question: TargetQuestion,
        /// For which side.
        pub side: Side,
        /// What it says.
        pub choice: TargetChoice,
        /// Who said it.
        pub user_id: UserId,
        /// Why, in their words.
        pub comment: Option<String>,
    }
}
