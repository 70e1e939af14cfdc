//! With whom a dashboard is shared by name.

use crate::{
    id::{DashboardId, RoleId, TeamId},
    row::row,
};

row! {
    /// A role or a team that sees a dashboard.
    "dashboard_share", DashboardShareId {
        /// The dashboard.
        pub dashboard_id: DashboardId,
        /// Whoever holds this role.
        pub role_id: Option<RoleId>,
        /// Whoever is in this team.
        pub team_id: Option<TeamId>,
    }
}
