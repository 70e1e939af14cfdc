//! Saved dashboards: which figures somebody looks at, and how they are drawn. The figures themselves are not kept.

use crate::{id::UserId, row::row, words};

words! {
    /// Who sees a dashboard. Figures in it are each viewer's own: sharing shows nobody more than they may see.
    pub enum Sharing as "DashboardSharing" {
        /// Its owner alone.
        Private = "PRIVATE",
        /// Its owner, and whoever holds one of the roles or is in one of the teams that it is shared with.
        Named = "NAMED",
        /// Everybody in the organisation who may read dashboards.
        Organization = "ORGANIZATION",
    }
}

row! {
    /// A saved dashboard.
    "dashboard", DashboardId {
        /// The name people see.
        pub name: String,
        /// What it is for.
        pub description: Option<String>,
        /// Who made it.
        pub owner_id: UserId,
        /// Who sees it.
        pub sharing: Sharing,
        /// Its widgets.
        pub layout: Json,
    }
}
