//! How a user proves who they are. Kept apart from `user`, so that no query on people can ever
//! read a password's hash.

use crate::{
    id::{OrganizationId, UserId},
    row::table,
};

table! {
    /// A user's password.
    "credential" {
        /// Whose it is.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// The organisation they belong to.
        pub organization_id: OrganizationId,
        /// Argon2id, in PHC form.
        pub password_hash: String,
        /// Wrong passwords since the last right one.
        pub failed_count: i32,
        /// When the last wrong one was tried.
        pub last_failed_at: Option<DateTimeUtc>,
        /// When the password was last set.
        pub changed_at: DateTimeUtc,
    }
}
