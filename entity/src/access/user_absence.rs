//! When somebody is away and gets no work.

use crate::{id::UserId, row::row};

row! {
    /// A span in which a user is away.
    "user_absence", UserAbsenceId {
        /// Who is away.
        pub user_id: UserId,
        /// From this instant on.
        pub starts_at: DateTimeUtc,
        /// Up to this instant, which is not part of it.
        pub ends_at: DateTimeUtc,
        /// Why, in their words.
        pub reason: Option<String>,
    }
}
