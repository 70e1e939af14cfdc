//! What somebody should know without having asked.

use crate::{id::UserId, row::row};

row! {
    /// Something told to a user.
    "notification", NotificationId {
        /// Whom it is told.
        pub user_id: UserId,
        /// What happened, in the words of events.
        pub kind: String,
        /// The same for people, in a line.
        pub subject: String,
        /// The table of the record it is about.
        pub entity_type: String,
        /// That record.
        pub entity_id: Uuid,
        /// When they read it.
        pub read_at: Option<DateTimeUtc>,
    }
}
