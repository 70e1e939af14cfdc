//! Who is in which team.

use crate::{
    id::{TeamId, UserId},
    row::row,
};

row! {
    /// A user's place in a team.
    "membership", MembershipId {
        /// The team.
        pub team_id: TeamId,
        /// The user; once in each team.
        pub user_id: UserId,
    }
}
