//! Invitations: a secret sent by mail with which a user chooses their first password.

use crate::{id::UserId, row::row};

row! {
    /// An invitation to join.
    "invitation", InvitationId {
        /// Who is invited; the user exists already and has no password yet.
        pub user_id: UserId,
        /// SHA-256 of the secret, in hexadecimal.
        pub token_hash: String,
        /// From when on it no longer opens anything.
        pub expires_at: DateTimeUtc,
        /// When it was used.
        pub accepted_at: Option<DateTimeUtc>,
        /// When it was taken back.
        pub revoked_at: Option<DateTimeUtc>,
    }
}
