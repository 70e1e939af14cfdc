//! Ways back in for who has lost their password: a secret, good once and for half an hour.

use crate::{id::UserId, row::row};

row! {
    /// A way to a new password.
    "password_reset", PasswordResetId {
        /// Whose password it sets.
        pub user_id: UserId,
        /// SHA-256 of the secret, in hexadecimal.
        pub token_hash: String,
        /// From when on it no longer opens anything.
        pub expires_at: DateTimeUtc,
        /// When it was used.
        pub used_at: Option<DateTimeUtc>,
        /// When it was taken back.
        pub revoked_at: Option<DateTimeUtc>,
    }
}
