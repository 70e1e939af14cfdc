//! Answers of steps that give more than a record: tokens and secrets, which are never given again.

use async_graphql::SimpleObject;
use entity::{api_key, id::RowId, id::UserId, user};

use crate::{
    access::session::refresh::Tokens,
    error::Result,
    graph::{
        Node,
        derived::{UserError, outcome},
        scalar::DateTime,
    },
};

/// What a signed-in client keeps.
#[derive(SimpleObject)]
pub struct SessionTokens {
    /// JWT for `Authorization: Bearer`, good until `expiresAt`.
    access_token: String,
    /// Opaque; gives the next tokens, once. Keep it where scripts of others cannot read it.
    refresh_token: String,
    /// When the access token ends: five minutes from now unless configured otherwise.
    expires_at: DateTime,
}

/// The answer of a mutation that signs in.
#[derive(SimpleObject)]
pub struct SessionTokensPayload {
    /// The tokens; null when refused.
    session: Option<SessionTokens>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl SessionTokensPayload {
    pub fn of(done: Result<Tokens>) -> Result<Option<Self>> {
        let (tokens, user_errors) = outcome(done)?;
        let session = tokens.map(|tokens| SessionTokens {
            access_token: tokens.access,
            refresh_token: tokens.refresh,
            expires_at: DateTime(tokens.expires_at),
        });
        Ok(Some(Self { session, user_errors }))
    }
}

/// The answer of `sessionRevokeOthers`.
#[derive(SimpleObject)]
pub struct SessionRevokeOthersPayload {
    /// How many sessions were ended; null when refused.
    revoked: Option<i32>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl SessionRevokeOthersPayload {
    pub fn of(done: Result<usize>) -> Result<Option<Self>> {
        let (ended, user_errors) = outcome(done)?;
        Ok(Some(Self { revoked: ended.and_then(|n| i32::try_from(n).ok()), user_errors }))
    }
}

/// The answer of an invitation.
#[derive(SimpleObject)]
pub struct UserInvitePayload {
    /// The user, inactive until they come; null when refused.
    user: Node<user::Entity>,
    /// The secret for `userActivate`, good for 7 days. Shown once, also with an idempotency key: send it to them.
    token: Option<String>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl UserInvitePayload {
    pub fn of(done: Result<(UserId, String)>) -> Result<Option<Self>> {
        let (made, user_errors) = outcome(once(done))?;
        let (id, token) = made.unzip();
        Ok(Some(Self { user: id.into(), token: token.flatten(), user_errors }))
    }
}

/// The answer of `userPasswordReset`.
#[derive(SimpleObject)]
pub struct UserPasswordResetPayload {
    /// The user; null when refused.
    user: Node<user::Entity>,
    /// The secret for `passwordReset`, good once and for 30 minutes. Shown once, also with an idempotency key: hand it
    /// to them.
    token: Option<String>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl UserPasswordResetPayload {
    pub fn of(done: Result<(UserId, String)>) -> Result<Option<Self>> {
        let (made, user_errors) = outcome(once(done))?;
        let (id, token) = made.unzip();
        Ok(Some(Self { user: id.into(), token: token.flatten(), user_errors }))
    }
}

/// The answer of `passwordReset`.
#[derive(SimpleObject)]
pub struct PasswordResetPayload {
    /// Whether the password is the new one now.
    done: bool,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl PasswordResetPayload {
    pub fn of(done: Result<()>) -> Result<Option<Self>> {
        let (done, user_errors) = outcome(done)?;
        Ok(Some(Self { done: done.is_some(), user_errors }))
    }
}

/// The answer of `apiKeyCreate` and `apiKeyRotate`.
#[derive(SimpleObject)]
pub struct ApiKeyCreatePayload {
    /// The key as it is listed; null when refused.
    api_key: Node<api_key::Entity>,
    /// The secret for `Authorization: Bearer`. Shown once, also with an idempotency key.
    secret: Option<String>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl ApiKeyCreatePayload {
    pub fn of(done: Result<(entity::id::ApiKeyId, String)>) -> Result<Option<Self>> {
        let (made, user_errors) = outcome(once(done))?;
        let (id, secret) = made.unzip();
        Ok(Some(Self { api_key: id.into(), secret: secret.flatten(), user_errors }))
    }
}

/// A repeated idempotency key finds the record again, and no secret.
fn once<I: RowId>(done: Result<(I, String)>) -> Result<(uuid::Uuid, Option<String>)> {
    match done {
        Ok((id, secret)) => Ok((id.uuid(), Some(secret))),
        Err(crate::error::Error::Replayed(ids)) => {
            let id = ids.get("id").and_then(|id| id.as_str()?.parse().ok());
            id.map(|id| (id, None)).ok_or(crate::error::Error::Replayed(ids))
        }
        Err(other) => Err(other),
    }
}
