//! Everyone above and below everyone, at any depth: `reports_to_id` of users, spelled out so that
//! one join answers who is below me. It follows from `user` and has no history of its own.

use crate::{
    id::{OrganizationId, UserId},
    row::table,
};

table! {
    /// Somebody is above somebody.
    "reporting_line" {
        /// The manager, or their manager, and so on.
        #[sea_orm(primary_key, auto_increment = false)]
        pub above_id: UserId,
        /// Who is below them.
        #[sea_orm(primary_key, auto_increment = false)]
        pub below_id: UserId,
        /// The organisation of both.
        pub organization_id: OrganizationId,
        /// Steps between them: 0 for oneself, 1 for one's own manager.
        pub depth: i32,
    }
}
