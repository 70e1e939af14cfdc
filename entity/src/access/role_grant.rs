//! Who holds which role. A person's rights are the union of their grants.

use crate::{
    id::{RoleId, TeamId, UserId},
    row::row,
};

row! {
    /// A role given to a user.
    "role_grant", RoleGrantId {
        /// Who holds it.
        pub user_id: UserId,
        /// What they hold.
        pub role_id: RoleId,
        /// The team it is limited to; none when it holds everywhere.
        pub team_id: Option<TeamId>,
    }
}
