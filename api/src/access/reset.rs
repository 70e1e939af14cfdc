//! A new password for somebody who has lost theirs: who may change users asks for a secret and hands it over; the secret
//! sets the password once, within half an hour, and ends every session. It helps nobody against who may more than they, nor to
//! everybody's pay who does not see it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::{PasswordResetId, RowId, UserId},
    password_reset::{ActiveModel, Column as C, Entity, Model},
    user,
};
use sea_orm::{ActiveValue, ActiveValue::Set, ColumnTrait, Condition};

use super::{
    identity::Gate,
    role::{self, permissions::may_give},
    session::{self, Client, limit, password, secret, sign_in},
};
use crate::{
    actor::{Actor, Permission, Via},
    error::{Error, FaultCode, Result},
    graph::record::remembered,
    store::{Access, Guarded, Tx},
};

const GOOD_FOR: TimeDelta = TimeDelta::minutes(30);
const WRONG: &str = "this secret is not valid or has ended: ask for another one";

impl Guarded for Entity {
    type Id = PasswordResetId;
    const NAME: &'static str = "password_reset";
    const READ: Permission = Permission::UserUpdate;
    const QUIET: &'static [&'static str] = &["token_hash"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::UserId))
    }
}

/// Makes a secret for an active user; those before it open nothing any more.
pub async fn request(access: &Access, id: UserId) -> Result<(UserId, String)> {
    // a program that may change users must not become one of them
    let Via::Session(_) = access.actor().via else { return Err(Error::Forbidden(Permission::UserUpdate)) };
    let mut tx = access.begin(Permission::UserUpdate).await?;
    let user = tx.lock::<user::Entity>(id).await?;
    if access.actor().user == Some(id) {
        return Err(Error::refused(FaultCode::Locked, "id", "change your own password with the present one"));
    }
    if !user.active {
        return Err(Error::refused(FaultCode::InvalidTransition, "id", "they are not active"));
    }
    let theirs = role::rights_in(&tx, id).await?;
    may_give(&access.actor().rights, &theirs)?;
    role::pay::guard(&tx, &theirs).await?;
    withdraw(&mut tx, id).await?;
    let token = secret::random::<32>()?;
    let row = ActiveModel {
        user_id: Set(id),
        token_hash: Set(secret::hash(&token)),
        expires_at: Set(access.now() + GOOD_FOR),
        ..Default::default()
    };
    tx.insert::<Entity>(row).await?;
    tx.commit(remembered(id.uuid())).await?;
    Ok((id, token))
}

/// A step: secrets that were not used yet open nothing any more.
pub async fn withdraw(tx: &mut Tx, user: UserId) -> Result<()> {
    let now = tx.access().now();
    let open = Condition::all().add(C::UserId.eq(user)).add(C::UsedAt.is_null()).add(C::RevokedAt.is_null());
    for old in tx.lock_where::<Entity>(open).await? {
        let id = ActiveValue::Unchanged(old.id);
        tx.update::<Entity>(ActiveModel { id, revoked_at: Set(Some(now)), ..Default::default() }).await?;
    }
    Ok(())
}

/// Sets the password of whom the secret was made for. Every refusal of a secret reads the same and takes the same time.
pub async fn reset(gate: &Gate, client: &Client, token: &str, new: &str) -> Result<()> {
    password::acceptable("password", new)?;
    let refused = || tracing::info!(request_id = client.request_id, ip = ?client.ip, "a new password was refused");
    sign_in::on_the_beat(attempt(gate, client, token, new), refused).await
}

async fn attempt(gate: &Gate, client: &Client, token: &str, new: &str) -> Result<()> {
    let wrong = || Error::invalid("token", WRONG);
    let paid = limit::count(gate, client, None).await?.ok_or_else(wrong)?;
    let found = gate.store().door().password_reset(&secret::hash(token)).await?.ok_or_else(wrong)?;
    if !opens(&found, gate.store().now()) {
        return Err(wrong());
    }
    let seat = gate.hasher().seat()?;
    let hash = gate.hasher().hash(&seat, new).await?;
    drop(seat);
    let access = sign_in::system(gate, client, found.organization_id);
    let mut tx = access.begin(Permission::UserUpdate).await?;
    // the user first, like whoever makes or withdraws a secret
    let user = tx.lock::<user::Entity>(found.user_id).await.map_err(|_| wrong())?;
    let found = tx.lock::<Entity>(found.id).await?;
    if !opens(&found, access.now()) || !user.active {
        return Err(wrong());
    }
    let id = ActiveValue::Unchanged(found.id);
    tx.update::<Entity>(ActiveModel { id, used_at: Set(Some(access.now())), ..Default::default() }).await?;
    tx.set_password(user.id, &hash).await?;
    tx.note::<user::Entity>(&user, "user.password_changed")?;
    session::end_all(&mut tx, user.id, None).await?;
    tx.give_back(&paid.limits).await?;
    tx.commit(serde_json::Value::Null).await
}

fn opens(reset: &Model, now: DateTime<Utc>) -> bool {
    reset.used_at.is_none() && reset.revoked_at.is_none() && now < reset.expires_at
}
