//! Thanks for what somebody did for a goal of both sides.

use crate::{
    id::{GoalId, UserId},
    row::row,
};

row! {
    /// Thanks.
    "recognition", RecognitionId {
        /// Who says so.
        pub from_user_id: UserId,
        /// To whom: an object with `userIds`.
        pub recipients: Json,
        /// For which goal.
        pub goal_id: Option<GoalId>,
        /// What for.
        pub reason: String,
        /// It goes across sides or teams.
        pub joint: bool,
    }
}
