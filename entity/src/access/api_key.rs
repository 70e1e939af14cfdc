//! Keys for programs. A key never may more than the user who made it.

use crate::{id::UserId, row::row};

row! {
    /// A key for programs.
    "api_key", ApiKeyId {
        /// The name people see.
        pub name: String,
        /// SHA-256 of the secret, in hexadecimal.
        pub hash: String,
        /// List of the permissions it is limited to.
        pub scopes: Json,
        /// List of the networks from which it may be used; none when from anywhere.
        pub networks: Option<Json>,
        /// Whose rights it has at most.
        pub user_id: UserId,
        /// From when on it no longer opens anything.
        pub expires_at: DateTimeUtc,
        /// When it was taken back.
        pub revoked_at: Option<DateTimeUtc>,
        /// When it was last used, to the minute.
        pub last_used_at: Option<DateTimeUtc>,
    }
}
