//! Signed-in browsers and devices. A refresh token is used once; its family is every token that
//! came of the same sign-in.

use crate::{id::UserId, row::row};

row! {
    /// A signed-in browser or device.
    "session", SessionId {
        /// Who is signed in.
        pub user_id: UserId,
        /// The sign-in it came of.
        pub family: Uuid,
        /// SHA-256 of the present refresh token, in hexadecimal.
        pub refresh_hash: String,
        /// SHA-256 of the one before it, to tell a repeated call from a stolen token.
        pub previous_hash: Option<String>,
        /// When the present one replaced it.
        pub rotated_at: Option<DateTimeUtc>,
        /// When it ends at the latest.
        pub expires_at: DateTimeUtc,
        /// When it ends unless used before.
        pub idle_expires_at: DateTimeUtc,
        /// When it was ended.
        pub revoked_at: Option<DateTimeUtc>,
        /// What the browser called itself.
        pub user_agent: Option<String>,
        /// Network address it was last used from.
        pub ip: Option<String>,
        /// When it was last used.
        pub last_used_at: DateTimeUtc,
    }
}
