//! Refresh tokens: each is good once. Its successor is derived from it, so that a lost answer can be given again;
//! an older one that comes back is a theft, and the whole session ends.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::SessionId,
    session::{ActiveModel, Entity, Model},
};
use hmac::{Hmac, Mac};
use sea_orm::{ActiveValue, ActiveValue::Set, ColumnTrait, Condition};
use sha2::Sha256;
use uuid::Uuid;

use super::{Client, secret, sign_in::system};
use crate::{
    access::{
        identity::Gate,
        keys::{Key, Keys},
    },
    actor::Permission,
    error::{Error, Result},
    store::{Access, Tx},
};

pub const IDLE: TimeDelta = TimeDelta::days(14);
/// So long the same client may ask again with the same token.
const GRACE: TimeDelta = TimeDelta::seconds(10);
const WRONG: &str = "this refresh token is not valid: sign in again";
const PREFIX: &str = "accordr_";

/// What a client gets: the access token ends first.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub session: SessionId,
    pub access: String,
    pub refresh: String,
    pub expires_at: DateTime<Utc>,
}

/// A token's secret part is 32 bytes; 16 before it name the family, 16 after it prove that we made it.
struct Token {
    family: Uuid,
    secret: [u8; 32],
}

impl Token {
    fn text(&self, key: &Key) -> String {
        let body = [&self.family.as_bytes()[..], &self.secret].concat();
        let proof = &mac(key, b"refresh proof", &body)[..16];
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([&body, proof].concat()))
    }

    /// Only tokens that we made, with whichever key: others end nobody's session.
    fn read(keys: &Keys, text: &str) -> Option<Self> {
        let body = text.strip_prefix(PREFIX).filter(|t| t.len() < 100)?;
        let bytes: [u8; 64] = URL_SAFE_NO_PAD.decode(body).ok()?.try_into().ok()?;
        let token = Self { family: Uuid::from_slice(&bytes[..16]).ok()?, secret: bytes[16..48].try_into().ok()? };
        keys.all().any(|key| secret::same(&token.text(key), text)).then_some(token)
    }

    fn successor(&self, key: &Key) -> String {
        Self { family: self.family, secret: mac(key, b"refresh successor", &self.secret) }.text(key)
    }
}

fn mac(key: &Key, purpose: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of every length: this never fails
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose()) else { return [0; 32] };
    mac.update(purpose);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The first token of a new session.
pub struct First {
    pub family: Uuid,
    pub token: String,
    pub hash: String,
}

pub fn first(keys: &Keys) -> Result<First> {
    let made =
        Token { family: uuid::Builder::from_random_bytes(secret::bytes()?).into_uuid(), secret: secret::bytes()? };
    let token = made.text(keys.current());
    Ok(First { family: made.family, hash: secret::hash(&token), token })
}

/// The next tokens for a refresh token.
pub async fn refresh(gate: &Gate, client: &Client, text: &str) -> Result<Tokens> {
    let wrong = || Error::invalid("refreshToken", WRONG);
    let hash = secret::hash(text);
    let Some(session) = gate.store().door().refreshed(&hash).await? else {
        reused(gate, client, text).await?;
        return Err(wrong());
    };
    let user = gate.store().door().user(session.user_id).await?;
    if !user.is_some_and(|user| user.active) {
        return Err(wrong());
    }
    let access = system(gate, client, session.organization_id);
    let mut tx = access.begin(Permission::SessionUpdate).await?;
    let session = tx.lock::<Entity>(session.id).await?;
    if !lasts(&session, access.now()) {
        return Err(wrong());
    }
    let next = next_of(gate.keys(), &session, text)?;
    match standing(&session, &hash, &secret::hash(&next), client, access.now()) {
        Standing::Present => {
            let session = rotate(&mut tx, client, &session, &hash, &next).await?;
            tx.commit(serde_json::Value::Null).await?;
            gate.tokens(&session, next, access.now())
        }
        Standing::AskedAgain => gate.tokens(&session, next, access.now()),
        Standing::Reused => {
            steal(&mut tx, session.family).await?;
            tx.commit(serde_json::Value::Null).await?;
            Err(wrong())
        }
    }
}

/// The successor of a token: the one that was given, if the keys have changed since, else the present key's. Of a token
/// whose key is gone, one that cannot be given twice.
fn next_of(keys: &Keys, session: &Model, text: &str) -> Result<String> {
    let Some(token) = Token::read(keys, text) else { return Ok(first(keys)?.token) };
    let mut given = keys.all().map(|key| token.successor(key));
    let given = given.find(|next| secret::same(&session.refresh_hash, &secret::hash(next)));
    Ok(given.unwrap_or_else(|| token.successor(keys.current())))
}

#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Present,
    AskedAgain,
    Reused,
}

fn standing(session: &Model, hash: &str, next: &str, client: &Client, now: DateTime<Utc>) -> Standing {
    if secret::same(&session.refresh_hash, hash) {
        return Standing::Present;
    }
    let last = session.previous_hash.as_deref().is_some_and(|previous| secret::same(previous, hash));
    let soon = session.rotated_at.is_some_and(|at| now < at + GRACE);
    let follows = secret::same(&session.refresh_hash, next);
    if last && soon && follows && session.user_agent == client.user_agent {
        Standing::AskedAgain
    } else {
        Standing::Reused
    }
}

pub fn lasts(session: &Model, now: DateTime<Utc>) -> bool {
    session.revoked_at.is_none() && now < session.expires_at && now < session.idle_expires_at
}

async fn rotate(tx: &mut Tx, client: &Client, session: &Model, hash: &str, next: &str) -> Result<Model> {
    let now = tx.access().now();
    let row = ActiveModel {
        id: ActiveValue::Unchanged(session.id),
        refresh_hash: Set(secret::hash(next)),
        previous_hash: Set(Some(hash.to_owned())),
        rotated_at: Set(Some(now)),
        idle_expires_at: Set((now + IDLE).min(session.expires_at)),
        user_agent: Set(client.user_agent.clone()),
        ip: Set(client.ip.map(|ip| ip.to_string())),
        last_used_at: Set(now),
        ..Default::default()
    };
    tx.update::<Entity>(row).await
}

/// A token that we made and that is neither the present one nor the last: somebody kept a copy.
async fn reused(gate: &Gate, client: &Client, text: &str) -> Result<()> {
    let Some(token) = Token::read(gate.keys(), text) else { return Ok(()) };
    let Some(organization) = gate.store().door().family(token.family).await? else { return Ok(()) };
    let access: Access = system(gate, client, organization);
    let mut tx = access.begin(Permission::SessionUpdate).await?;
    steal(&mut tx, token.family).await?;
    tx.commit(serde_json::Value::Null).await
}

/// A step: ends every session of a family whose token came twice.
async fn steal(tx: &mut Tx, family: Uuid) -> Result<()> {
    use entity::session::Column as C;
    let open = Condition::all().add(C::Family.eq(family)).add(C::RevokedAt.is_null());
    let now = tx.access().now();
    for session in tx.lock_where::<Entity>(open).await? {
        let ended =
            ActiveModel { id: ActiveValue::Unchanged(session.id), revoked_at: Set(Some(now)), ..Default::default() };
        tx.update::<Entity>(ended).await?;
        tx.emit("session.reused");
        tracing::warn!(session = %session.id, user = %session.user_id, "a refresh token came twice: the session was ended");
    }
    Ok(())
}
