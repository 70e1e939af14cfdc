//! The steps as mutations: each reads its input and calls one command.

use async_graphql::{Context, ID, Object};
use entity::{
    api_key,
    id::{RowId, UserId},
    role, role_grant, session, team, user,
};

use super::{
    access, client, gate,
    inputs::{
        ApiKeyCreateInput, ApiKeyRevokeInput, ApiKeyRotateInput, PasswordChangeInput, PasswordResetInput,
        RoleDeleteInput, RoleGrantCreateInput, RoleGrantDeleteInput, SessionCreateInput, SessionRefreshInput,
        SessionRevokeInput, TeamDeleteInput, UserActivateInput, UserDeactivateInput, UserInviteInput,
        UserInviteRenewInput, UserPasswordResetInput, UserReactivateInput,
    },
    payloads::{
        ApiKeyCreatePayload, PasswordResetPayload, SessionRevokeOthersPayload, SessionTokensPayload, UserInvitePayload,
        UserPasswordResetPayload,
    },
};
use crate::{
    access::{
        api_key::{self as keys, Wanted},
        joining::{self, Choice, Newcomer},
        reset,
        role::{self as roles, grant},
        session::{self as sessions, refresh, sign_in},
        team as teams,
    },
    error::Result,
    graph::{Payload, value::typed},
};

/// The steps of this theme.
#[derive(Default)]
pub struct Mutation;

fn id<I: RowId>(field: &str, id: &ID) -> Result<I> {
    typed(field, id.as_str())
}

/// The payload of a record from what a step did.
fn payload<E, I: RowId>(done: Result<I>) -> Payload<E> {
    done.map(RowId::uuid).into()
}

#[Object(name = "AccessMutation")]
impl Mutation {
    /// Signs in with an e-mail address and a password. Anybody may call it, alone in its operation. Every refusal
    /// reads the same; after five wrong tries the account waits, at most 15 minutes. User errors: VALIDATION.
    /// RATE_LIMITED when too many sign in at once. Takes no idempotency key.
    async fn session_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in: e-mail, password, and the organisation where several exist.")]
        input: SessionCreateInput,
    ) -> Result<Option<SessionTokensPayload>> {
        let (email, password) = (input.email.as_str(), input.password.as_str());
        let given = sign_in::Given { email, password, organization: input.organization.as_deref() };
        SessionTokensPayload::of(sign_in::sign_in(gate(ctx)?, &client(ctx), given).await)
    }

    /// Gives the next tokens for a refresh token, which is good once. Anybody may call it, alone in its operation.
    /// The same client may repeat a call within 10 seconds and gets the same refresh token; a token that comes
    /// again later ends its whole session. User errors: VALIDATION. Takes no idempotency key.
    async fn session_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token that was given last.")] input: SessionRefreshInput,
    ) -> Result<Option<SessionTokensPayload>> {
        SessionTokensPayload::of(refresh::refresh(gate(ctx)?, &client(ctx), &input.refresh_token).await)
    }

    /// Ends a session: its tokens open nothing within a second. One's own, this one too, needs no permission;
    /// others require SESSION_UPDATE. User errors: NOT_FOUND, INVALID_TRANSITION. Takes an idempotency key; writes
    /// an event.
    async fn session_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: SessionRevokeInput,
    ) -> Result<Payload<session::Entity>> {
        Ok(payload(match id("id", &input.id) {
            Ok(id) => sessions::revoke(access(ctx)?, id).await,
            Err(error) => Err(error),
        }))
    }

    /// Ends every other session of the caller. Needs no permission; keys cannot call it. Takes an idempotency key;
    /// writes events.
    async fn session_revoke_others(&self, ctx: &Context<'_>) -> Result<Option<SessionRevokeOthersPayload>> {
        SessionRevokeOthersPayload::of(sessions::revoke_others(access(ctx)?).await)
    }

    /// Changes one's own password and ends one's other sessions. Needs no permission; keys cannot call it. Wrong
    /// present passwords count as wrong sign-ins. User errors: VALIDATION. Takes an idempotency key; writes an event.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present password and the new one.")] input: PasswordChangeInput,
    ) -> Result<Payload<user::Entity>> {
        let (old, new) = (&input.password, &input.new_password);
        Ok(payload(joining::change_password(gate(ctx)?, &client(ctx), access(ctx)?, old, new).await))
    }

    /// Makes a secret with which a user who has lost their password sets another one; secrets before it open nothing. Not
    /// for oneself, nor for anybody who may more than the caller; for somebody who sees everybody's pay only by who sees it;
    /// keys cannot call it. User errors: NOT_FOUND, INVALID_TRANSITION, LOCKED. Takes an idempotency key; writes events. Requires USER_UPDATE.
    async fn user_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who lost their password.")] input: UserPasswordResetInput,
    ) -> Result<Option<UserPasswordResetPayload>> {
        UserPasswordResetPayload::of(match id("id", &input.id) {
            Ok(id) => reset::request(access(ctx)?, id).await,
            Err(error) => Err(error),
        })
    }

    /// Sets a new password with the secret of `userPasswordReset` and ends every session of the user, who then signs in.
    /// Anybody may call it, alone in its operation; tries count like wrong sign-ins. User errors: VALIDATION. Takes no
    /// idempotency key; writes events.
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret that was given, and the new password.")] input: PasswordResetInput,
    ) -> Result<Option<PasswordResetPayload>> {
        PasswordResetPayload::of(reset::reset(gate(ctx)?, &client(ctx), &input.token, &input.password).await)
    }

    /// Invites somebody: makes an inactive user and a secret with which they choose their password. Roles require
    /// ROLE_UPDATE too, and none gives more than the caller holds. User errors: VALIDATION, NOT_FOUND, DUPLICATE.
    /// Takes an idempotency key; writes events. Requires USER_CREATE.
    async fn user_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to invite, and their roles.")] input: UserInviteInput,
    ) -> Result<Option<UserInvitePayload>> {
        UserInvitePayload::of(match newcomer(input) {
            Ok(new) => joining::invite(access(ctx)?, new).await,
            Err(error) => Err(error),
        })
    }

    /// Makes a new secret for somebody who was invited and has not come yet; those before it open nothing. User
    /// errors: NOT_FOUND, INVALID_TRANSITION. Takes an idempotency key; writes events. Requires USER_CREATE.
    async fn user_invite_renew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose invitation is sent anew.")] input: UserInviteRenewInput,
    ) -> Result<Option<UserInvitePayload>> {
        UserInvitePayload::of(match id("id", &input.id) {
            Ok(id) => joining::renew(access(ctx)?, id).await,
            Err(error) => Err(error),
        })
    }

    /// An invited user chooses their password and is signed in. Anybody may call it, alone in its operation; the
    /// secret is good once and for 7 days. User errors: VALIDATION. Takes no idempotency key; writes events.
    async fn user_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret of the invitation, and a password.")] input: UserActivateInput,
    ) -> Result<Option<SessionTokensPayload>> {
        let choice = Choice { token: &input.token, password: &input.password, name: input.name.as_deref() };
        SessionTokensPayload::of(joining::activate(gate(ctx)?, &client(ctx), choice).await)
    }

    /// Shuts somebody out within a second: no sign-in, no session, no key. Not the last active administrator, and
    /// nobody who may more than the caller. User errors: NOT_FOUND, CONFLICT, INVALID_TRANSITION, LOCKED. Takes an
    /// idempotency key; writes events. Requires USER_UPDATE.
    async fn user_deactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which user.")] input: UserDeactivateInput,
    ) -> Result<Payload<user::Entity>> {
        Ok(payload(match id("id", &input.id) {
            Ok(id) => joining::deactivate(access(ctx)?, id, input.expected_version).await,
            Err(error) => Err(error),
        }))
    }

    /// Lets somebody in again, with the roles they have; nobody who may more than the caller. User errors: NOT_FOUND,
    /// CONFLICT, INVALID_TRANSITION. Takes an idempotency key; writes an event. Requires USER_UPDATE.
    async fn user_reactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which user.")] input: UserReactivateInput,
    ) -> Result<Payload<user::Entity>> {
        Ok(payload(match id("id", &input.id) {
            Ok(id) => joining::reactivate(access(ctx)?, id, input.expected_version).await,
            Err(error) => Err(error),
        }))
    }

    /// Deletes a team, takes everybody out of it and takes back the roles that held only in it. User errors: NOT_FOUND, CONFLICT. Takes an idempotency key;
    /// writes events. Requires TEAM_DELETE.
    async fn team_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which team.")] input: TeamDeleteInput,
    ) -> Result<Payload<team::Entity>> {
        Ok(payload(match id("id", &input.id) {
            Ok(id) => teams::delete(access(ctx)?, id, input.expected_version).await,
            Err(error) => Err(error),
        }))
    }

    /// Deletes a role that nobody holds; not a built-in one, and none that gives more than the caller holds. User
    /// errors: NOT_FOUND, CONFLICT, LOCKED. Takes an idempotency key; writes an event. Requires ROLE_DELETE.
    async fn role_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role.")] input: RoleDeleteInput,
    ) -> Result<Payload<role::Entity>> {
        Ok(payload(match id("id", &input.id) {
            Ok(id) => roles::delete(access(ctx)?, id, input.expected_version).await,
            Err(error) => Err(error),
        }))
    }

    /// Gives a role to somebody else, everywhere or only for the records of a team's members: none that gives more than
    /// the caller holds. One that shows everybody's pay (INCENTIVE_READ for ALL, or INCENTIVE_GRANT) is given by who sees it,
    /// with ROLE_UPDATE or INCENTIVE_GRANT, to somebody who has come, else INVALID_TRANSITION; the first one in the organisation
    /// is given with ROLE_UPDATE, and emits `role_grant.founded`. It counts within a second. User errors: NOT_FOUND, DUPLICATE,
    /// INVALID_TRANSITION, LOCKED. Takes an idempotency key; writes an event. Requires ROLE_UPDATE.
    async fn role_grant_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role for whom, and in which team.")] input: RoleGrantCreateInput,
    ) -> Result<Payload<role_grant::Entity>> {
        let team = input.team_id.as_ref().map(|team| id("teamId", team)).transpose();
        Ok(payload(match (id("userId", &input.user_id), id("roleId", &input.role_id), team) {
            (Ok(user), Ok(role), Ok(team)) => grant::create(access(ctx)?, user, role, team).await,
            (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => Err(error),
        }))
    }

    /// Takes a role from somebody else: none that gives more than the caller holds, and not the last active
    /// administrator's. One that shows everybody's pay is taken by who sees it, with ROLE_UPDATE or INCENTIVE_GRANT. It counts
    /// within a second. User errors: NOT_FOUND, LOCKED. Takes an idempotency key; writes an event. Requires ROLE_UPDATE.
    async fn role_grant_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which grant.")] input: RoleGrantDeleteInput,
    ) -> Result<Payload<role_grant::Entity>> {
        Ok(payload(match id("id", &input.id) {
            Ok(id) => grant::delete(access(ctx)?, id).await,
            Err(error) => Err(error),
        }))
    }

    /// Makes a key for a program. Its secret is only in this answer. It may at each moment what its owner may, of the
    /// scopes named here. Keys cannot call it. User errors: VALIDATION, NOT_FOUND. Takes an idempotency key; writes
    /// an event. Requires API_KEY_CREATE.
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name, what it may do, from where and how long.")] input: ApiKeyCreateInput,
    ) -> Result<Option<ApiKeyCreatePayload>> {
        let user = input.user_id.as_ref().map(|user| id::<UserId>("userId", user)).transpose();
        ApiKeyCreatePayload::of(match user {
            Ok(user) => {
                let scopes = input.scopes.into_iter().map(|term| term.0).collect();
                let expires_at = input.expires_at.map(|time| time.0);
                let wanted = Wanted { name: input.name, scopes, expires_at, networks: input.networks, user };
                keys::create(access(ctx)?, wanted).await
            }
            Err(error) => Err(error),
        })
    }

    /// Gives a key a successor of the same name, scopes, networks and life, and ends the old one after an overlap. The new
    /// secret is only in this answer. Keys cannot call it; requires API_KEY_UPDATE for the old key too. User errors:
    /// VALIDATION, NOT_FOUND, INVALID_TRANSITION. Takes an idempotency key; writes events. Requires API_KEY_CREATE.
    async fn api_key_rotate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key, and how long the old secret still opens.")] input: ApiKeyRotateInput,
    ) -> Result<Option<ApiKeyCreatePayload>> {
        ApiKeyCreatePayload::of(match id("id", &input.id) {
            Ok(id) => keys::rotate(access(ctx)?, id, input.overlap_hours).await,
            Err(error) => Err(error),
        })
    }

    /// Takes a key back, within a second and for good. User errors: NOT_FOUND, INVALID_TRANSITION. Takes an
    /// idempotency key; writes an event. Requires API_KEY_UPDATE.
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: ApiKeyRevokeInput,
    ) -> Result<Payload<api_key::Entity>> {
        Ok(payload(match id("id", &input.id) {
            Ok(id) => keys::revoke(access(ctx)?, id).await,
            Err(error) => Err(error),
        }))
    }
}

fn newcomer(input: UserInviteInput) -> Result<Newcomer> {
    Ok(Newcomer {
        reports_to: input.reports_to_id.as_ref().map(|manager| id("reportsToId", manager)).transpose()?,
        roles: input.role_ids.iter().map(|role| id("roleIds", role)).collect::<Result<_>>()?,
        side: input.side.map(|side| side.0),
        email: input.email,
        name: input.name,
        region: input.region,
    })
}
