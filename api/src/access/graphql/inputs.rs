//! Inputs of the steps. They hold what came; the steps check it.

use async_graphql::{ID, InputObject};

use crate::{
    actor::Permission,
    graph::{derived::Term, scalar::DateTime},
};
use entity::user::Side;

/// Who wants to sign in.
#[derive(InputObject)]
pub struct SessionCreateInput {
    /// Their e-mail address.
    pub email: String,
    /// Their password, at most 1024 bytes; every byte counts.
    pub password: String,
    /// Slug of the organisation; needed only where the server has several.
    pub organization: Option<String>,
}

/// A session's next tokens.
#[derive(InputObject)]
pub struct SessionRefreshInput {
    /// The refresh token of the last answer. It is good once; the same client may repeat a call within 10 seconds.
    pub refresh_token: String,
}

/// Which session to end.
#[derive(InputObject)]
pub struct SessionRevokeInput {
    /// Which session: an id that begins with `session_`.
    pub id: ID,
}

/// A new password.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The present password.
    pub password: String,
    /// The new one: 8 to 1024 bytes, 15 or more advised, not a well-known one.
    pub new_password: String,
}

/// Whose password is lost.
#[derive(InputObject)]
pub struct UserPasswordResetInput {
    /// Which user: an id that begins with `user_`.
    pub id: ID,
}

/// A new password for who has lost theirs.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// The secret that was made for them.
    pub token: String,
    /// The password they choose: 8 to 1024 bytes, 15 or more advised, not a well-known one.
    pub password: String,
}

/// Somebody to invite.
#[derive(InputObject)]
pub struct UserInviteInput {
    /// Where to reach them; they sign in with it. Unique in the organisation.
    pub email: String,
    /// Their name. At most 100 characters.
    pub name: String,
    /// Which side of the agreement they stand for.
    pub side: Option<Term<Side>>,
    /// Their region or office. At most 100 characters.
    pub region: Option<String>,
    /// Whom they report to.
    pub reports_to_id: Option<ID>,
    /// Roles they get at once; none gives more than the caller holds.
    #[graphql(default)]
    pub role_ids: Vec<ID>,
}

/// An invited user comes in.
#[derive(InputObject)]
pub struct UserActivateInput {
    /// The secret of the invitation.
    pub token: String,
    /// The password they choose: 8 to 1024 bytes, 15 or more advised, not a well-known one.
    pub password: String,
    /// Their name, when they want another one than they were invited with.
    pub name: Option<String>,
}

/// Which user.
#[derive(InputObject)]
pub struct UserInviteRenewInput {
    /// Which user: an id that begins with `user_`.
    pub id: ID,
}

/// Which user to shut out.
#[derive(InputObject)]
pub struct UserDeactivateInput {
    /// Which user: an id that begins with `user_`.
    pub id: ID,
    /// Refuse with CONFLICT unless the record still has this version.
    pub expected_version: Option<i32>,
}

/// Which user to let in again.
#[derive(InputObject)]
pub struct UserReactivateInput {
    /// Which user: an id that begins with `user_`.
    pub id: ID,
    /// Refuse with CONFLICT unless the record still has this version.
    pub expected_version: Option<i32>,
}

/// Which team to delete.
#[derive(InputObject)]
pub struct TeamDeleteInput {
    /// Which team: an id that begins with `team_`.
    pub id: ID,
    /// Refuse with CONFLICT unless the record still has this version.
    pub expected_version: Option<i32>,
}

/// Which role to delete.
#[derive(InputObject)]
pub struct RoleDeleteInput {
    /// Which role: an id that begins with `role_`.
    pub id: ID,
    /// Refuse with CONFLICT unless the record still has this version.
    pub expected_version: Option<i32>,
}

/// A role for a user.
#[expect(clippy::struct_field_names, reason = "inputs name records by their ids")]
#[derive(InputObject)]
pub struct RoleGrantCreateInput {
    /// Who gets it: an id that begins with `user_`.
    pub user_id: ID,
    /// What they get: an id that begins with `role_`.
    pub role_id: ID,
    /// Only for records whose owner is in this team: an id that begins with `team_`.
    pub team_id: Option<ID>,
}

/// Which grant to take back.
#[derive(InputObject)]
pub struct RoleGrantDeleteInput {
    /// Which grant: an id that begins with `role_grant_`.
    pub id: ID,
}

/// A key for a program.
#[derive(InputObject)]
pub struct ApiKeyCreateInput {
    /// The name people see. At most 100 characters.
    pub name: String,
    /// The permissions it may use, of those its owner holds.
    pub scopes: Vec<Term<Permission>>,
    /// From when on it opens nothing: at most 366 days from now; 90 unless given.
    pub expires_at: Option<DateTime>,
    /// The networks from which it may be used, each such as 203.0.113.0/24 or 2001:db8::/48, at most 50; from anywhere
    /// unless given.
    pub networks: Option<Vec<String>>,
    /// Whose key it is; the caller's unless given. For others only when their one role is INTEGRATION.
    pub user_id: Option<ID>,
}

/// Which key gets a successor.
#[derive(InputObject)]
pub struct ApiKeyRotateInput {
    /// Which key: an id that begins with `api_key_`.
    pub id: ID,
    /// How long the old secret stays good beside the new one, in hours: 0 to 168.
    #[graphql(default = 24)]
    pub overlap_hours: i32,
}

/// Which key to take back.
#[derive(InputObject)]
pub struct ApiKeyRevokeInput {
    /// Which key: an id that begins with `api_key_`.
    pub id: ID,
}
