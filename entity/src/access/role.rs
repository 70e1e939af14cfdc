//! Roles: named sets of permissions, the built-in templates and an organisation's own.

use crate::row::row;

row! {
    /// A named set of permissions.
    "role", RoleId {
        /// Upper-case word by which programs know it; unique in the organisation.
        pub key: String,
        /// The name people see.
        pub name: String,
        /// What it is for, in plain text.
        pub description: Option<String>,
        /// Came with Accord and cannot be changed or deleted.
        pub built_in: bool,
        /// List of `{permission, scope, unassigned}`.
        pub permissions: Json,
    }
}
