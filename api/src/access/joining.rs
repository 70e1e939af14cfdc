//! How people come and go: invited, activated, deactivated, let in again. Nobody brings in, lets in or shuts out
//! anybody who may more than they do, and the last active administrator stays.

use chrono::TimeDelta;
use entity::{
    id::{InvitationId, RoleId, RowId, UserId},
    invitation, organization,
    user::{self, ActiveModel, Entity, Model, Side},
};
use sea_orm::{ActiveValue, ActiveValue::Set, ColumnTrait, Condition};

use super::{
    identity::Gate,
    reset,
    role::{self, grant, permissions::may_give},
    session::{self, Client, password, refresh::Tokens, secret, sign_in},
    user::follow,
};
use crate::{
    actor::{Actor, Permission, Via},
    error::{Error, FaultCode, Result},
    graph::{record::remembered, text},
    store::{Access, Guarded, Tx, expect_version},
};

const INVITED: TimeDelta = TimeDelta::days(7);
const WRONG: &str = "this invitation is not valid or has ended: ask for another one";

impl Guarded for invitation::Entity {
    type Id = InvitationId;
    const NAME: &'static str = "invitation";
    const READ: Permission = Permission::UserCreate;
    const QUIET: &'static [&'static str] = &["token_hash"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, invitation::Column::UserId))
    }
}

/// Whom somebody wants to have with them.
pub struct Newcomer {
    pub email: String,
    pub name: String,
    pub side: Option<Side>,
    pub region: Option<String>,
    pub reports_to: Option<UserId>,
    pub roles: Vec<RoleId>,
}

/// Makes an inactive user with roles and a secret with which they choose their password.
pub async fn invite(access: &Access, new: Newcomer) -> Result<(UserId, String)> {
    let mut tx = access.begin(Permission::UserCreate).await?;
    let user = insert(&mut tx, &new).await?;
    if !new.roles.is_empty() && !access.actor().may(Permission::RoleUpdate) {
        return Err(Error::Forbidden(Permission::RoleUpdate));
    }
    for role in &new.roles {
        grant::give(&mut tx, user.id, *role, None).await?;
    }
    let token = invitation_of(&mut tx, user.id).await?;
    tx.commit(remembered(user.id.uuid())).await?;
    Ok((user.id, token))
}

/// A step: a user who cannot sign in yet.
pub async fn insert(tx: &mut Tx, new: &Newcomer) -> Result<Model> {
    let email = text::email(&new.email).map_err(|what| Error::invalid("email", what))?;
    if let Some(manager) = new.reports_to {
        let organization = tx.access().actor().organization;
        tx.lock_as::<organization::Entity>(Permission::OrganizationRead, organization).await?;
        let seen = tx.lock_as::<Entity>(Permission::UserRead, manager).await;
        seen.map_err(|_| Error::refused(FaultCode::NotFound, "reportsToId", "no such user"))?;
    }
    let row = ActiveModel {
        email: Set(email),
        name: Set(plain("name", &new.name)?),
        side: Set(new.side),
        region: Set(new.region.as_deref().map(|r| plain("region", r)).transpose()?),
        active: Set(false),
        invited_at: Set(Some(tx.access().now())),
        reports_to_id: Set(new.reports_to),
        ..Default::default()
    };
    let user = tx.insert::<Entity>(row).await?;
    tx.emit("user.invited");
    follow(tx, None, &user).await?;
    Ok(user)
}

fn plain(field: &str, value: &str) -> Result<String> {
    let value = value.trim();
    if (1..=100).contains(&value.chars().count()) && !value.chars().any(char::is_control) {
        Ok(value.to_owned())
    } else {
        Err(Error::invalid(field, "this has 1 to 100 characters and no control characters"))
    }
}

/// A step: a new invitation; those before it open nothing any more.
async fn invitation_of(tx: &mut Tx, user: UserId) -> Result<String> {
    use invitation::Column as C;
    let now = tx.access().now();
    let open = Condition::all().add(C::UserId.eq(user)).add(C::RevokedAt.is_null()).add(C::AcceptedAt.is_null());
    for old in tx.lock_where::<invitation::Entity>(open).await? {
        let id = ActiveValue::Unchanged(old.id);
        let row = invitation::ActiveModel { id, revoked_at: Set(Some(now)), ..Default::default() };
        tx.update::<invitation::Entity>(row).await?;
    }
    let token = secret::random::<32>()?;
    let row = invitation::ActiveModel {
        user_id: Set(user),
        token_hash: Set(secret::hash(&token)),
        expires_at: Set(now + INVITED),
        ..Default::default()
    };
    tx.insert::<invitation::Entity>(row).await?;
    Ok(token)
}

/// A new secret for somebody who was invited and did not come, or lost theirs.
pub async fn renew(access: &Access, id: UserId) -> Result<(UserId, String)> {
    let mut tx = access.begin(Permission::UserCreate).await?;
    let user = tx.lock::<Entity>(id).await?;
    if user.activated_at.is_some() {
        return Err(Error::refused(FaultCode::InvalidTransition, "id", "they have come already"));
    }
    let theirs = role::rights_in(&tx, id).await?;
    may_give(&access.actor().rights, &theirs)?;
    role::pay::guard(&tx, &theirs).await?;
    let token = invitation_of(&mut tx, id).await?;
    tx.commit(remembered(id.uuid())).await?;
    Ok((id, token))
}

/// What an invited user chooses.
pub struct Choice<'a> {
    pub token: &'a str,
    pub password: &'a str,
    pub name: Option<&'a str>,
}

/// An invited user chooses their password, and is signed in.
pub async fn activate(gate: &Gate, client: &Client, choice: Choice<'_>) -> Result<Tokens> {
    password::acceptable("password", choice.password)?;
    let wrong = || Error::invalid("token", WRONG);
    let invitation = gate.store().door().invitation(&secret::hash(choice.token)).await?.ok_or_else(wrong)?;
    // a used or late one costs no work
    open(&invitation, gate.store().now())?;
    let seat = gate.hasher().seat()?;
    let hash = gate.hasher().hash(&seat, choice.password).await?;
    drop(seat);
    let access = sign_in::system(gate, client, invitation.organization_id);
    let mut tx = access.begin(Permission::UserUpdate).await?;
    let invitation = tx.lock::<invitation::Entity>(invitation.id).await?;
    open(&invitation, access.now())?;
    let user = tx.lock::<Entity>(invitation.user_id).await.map_err(|_| wrong())?;
    if user.activated_at.is_some() {
        return Err(wrong());
    }
    let accepted = invitation::ActiveModel {
        id: ActiveValue::Unchanged(invitation.id),
        accepted_at: Set(Some(access.now())),
        ..Default::default()
    };
    tx.update::<invitation::Entity>(accepted).await?;
    let name = choice.name.map(|name| plain("name", name)).transpose()?;
    let user = welcome(&mut tx, &user, &hash, name).await?;
    let tokens = sign_in::begin_session(gate, client, &mut tx, &user).await?;
    tx.commit(serde_json::Value::Null).await?;
    Ok(tokens)
}

fn open(invitation: &invitation::Model, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    let open = invitation.accepted_at.is_none() && invitation.revoked_at.is_none() && now < invitation.expires_at;
    if open { Ok(()) } else { Err(Error::invalid("token", WRONG)) }
}

/// A step: a locked user gets a first password and may come in.
pub async fn welcome(tx: &mut Tx, user: &Model, hash: &str, name: Option<String>) -> Result<Model> {
    tx.set_password(user.id, hash).await?;
    let row = ActiveModel {
        name: Set(name.unwrap_or_else(|| user.name.clone())),
        email: ActiveValue::Unchanged(user.email.clone()),
        id: ActiveValue::Unchanged(user.id),
        active: Set(true),
        activated_at: Set(Some(tx.access().now())),
        ..Default::default()
    };
    let user = tx.update::<Entity>(row).await?;
    tx.emit("user.activated");
    Ok(user)
}

/// Shuts somebody out: no sign-in, no session, no key.
pub async fn deactivate(access: &Access, id: UserId, version: Option<i32>) -> Result<UserId> {
    let (mut tx, user) = locked(access, id, version).await?;
    if !user.active {
        return Err(Error::refused(FaultCode::InvalidTransition, "id", "they are inactive already"));
    }
    grant::another_admin(&mut tx, id).await?;
    set_active(&mut tx, id, false).await?;
    tx.emit("user.deactivated");
    reset::withdraw(&mut tx, id).await?;
    session::end_all(&mut tx, id, None).await?;
    tx.commit(remembered(id.uuid())).await?;
    Ok(id)
}

/// Lets somebody in again.
pub async fn reactivate(access: &Access, id: UserId, version: Option<i32>) -> Result<UserId> {
    let (mut tx, user) = locked(access, id, version).await?;
    if user.active {
        return Err(Error::refused(FaultCode::InvalidTransition, "id", "they are active already"));
    }
    set_active(&mut tx, id, true).await?;
    tx.emit("user.reactivated");
    tx.commit(remembered(id.uuid())).await?;
    Ok(id)
}

async fn locked(access: &Access, id: UserId, version: Option<i32>) -> Result<(Tx, Model)> {
    let mut tx = access.begin(Permission::UserUpdate).await?;
    let user = tx.lock::<user::Entity>(id).await?;
    expect_version::<Entity>(&user, version)?;
    may_give(&access.actor().rights, &role::rights_in(&tx, id).await?)?;
    Ok((tx, user))
}

async fn set_active(tx: &mut Tx, id: UserId, active: bool) -> Result<Model> {
    tx.update::<Entity>(ActiveModel { id: ActiveValue::Unchanged(id), active: Set(active), ..Default::default() }).await
}

/// Changes one's own password and ends one's other sessions.
pub async fn change_password(gate: &Gate, client: &Client, access: &Access, old: &str, new: &str) -> Result<UserId> {
    let (Some(me), Via::Session(here)) = (access.actor().user, access.actor().via) else {
        return Err(Error::Forbidden(Permission::UserUpdate));
    };
    password::acceptable("newPassword", new)?;
    let seat = gate.hasher().seat()?;
    let wrong = || Error::invalid("password", "the present password is wrong");
    let organization = access.actor().organization;
    let turn = gate.turn(Some(me)).await;
    let counted = sign_in::counted(gate, client, organization, me).await?;
    let known = gate.store().door().password(me).await?.filter(|_| counted);
    if gate.hasher().verify(&seat, old, known.as_deref()).await? == password::Outcome::Wrong {
        return Err(wrong());
    }
    let hash = gate.hasher().hash(&seat, new).await?;
    let mut tx = access.begin(Permission::OrganizationRead).await?;
    let user = tx.lock_as::<Entity>(Permission::UserRead, me).await?;
    let now = tx.credential(me).await?.filter(|now| user.active && Some(&now.password_hash) == known.as_ref());
    if now.is_none() {
        return Err(wrong());
    }
    tx.set_password(me, &hash).await?;
    tx.note::<Entity>(&user, "user.password_changed")?;
    reset::withdraw(&mut tx, me).await?;
    session::end_all(&mut tx, me, Some(here)).await?;
    tx.commit(remembered(me.uuid())).await?;
    drop(turn);
    Ok(me)
}
