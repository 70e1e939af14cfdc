//! Who may look at whose pay for a while, for a reason that somebody else has accepted.

use crate::{id::UserId, row::row};

row! {
    /// A look at somebody's pay, for a while.
    "incentive_access_grant", IncentiveAccessGrantId {
        /// Who may look.
        pub user_id: UserId,
        /// At whose pay.
        pub subject_id: UserId,
        /// Why.
        pub reason: String,
        /// Until when.
        pub expires_at: DateTimeUtc,
        /// The same as the databases' own clocks write it: the guard compares there.
        pub expires_text: String,
        /// When it was taken back.
        pub revoked_at: Option<DateTimeUtc>,
    }
}
