//! Keys for programs: shown once, stored as a hash, never worth more than what their owner may do at this moment, and
//! nothing outside the networks that they name.

mod rotate;

use std::{net::IpAddr, sync::LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    api_key::{ActiveModel, Column as C, Entity, Model},
    id::{ApiKeyId, RowId, UserId},
    user,
    word::Word,
};
use sea_orm::{ActiveValue, ActiveValue::Set, Condition};

pub use rotate::rotate;

use super::{
    role::{
        permissions::{may_give, union},
        templates::Template,
    },
    session::secret,
};
use crate::{
    actor::{Actor, Permission, Rights, Via},
    error::{Error, FaultCode, Result},
    graph::{self, Item, Meta, Record, Rules, record::remembered},
    network::Network,
    store::{Access, Guarded, Tx},
};

const LONGEST: TimeDelta = TimeDelta::days(366);
const DEFAULT: TimeDelta = TimeDelta::days(90);
const PREFIX: &str = "accord_";

impl Guarded for Entity {
    type Id = ApiKeyId;
    const NAME: &'static str = "api_key";
    const READ: Permission = Permission::ApiKeyRead;
    const QUIET: &'static [&'static str] = &["hash", "last_used_at"];
    const RIGHTS: bool = true;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::UserId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

/// A key as somebody wants it.
pub struct Wanted {
    pub name: String,
    pub scopes: Vec<Permission>,
    pub expires_at: Option<DateTime<Utc>>,
    /// From where it may be used; from anywhere when none.
    pub networks: Option<Vec<String>>,
    /// For whom; the caller when none.
    pub user: Option<UserId>,
}

/// Makes a key; the secret is only in this answer.
pub async fn create(access: &Access, wanted: Wanted) -> Result<(ApiKeyId, String)> {
    let Via::Session(_) = access.actor().via else { return Err(Error::Forbidden(Permission::ApiKeyCreate)) };
    let mut tx = access.begin(Permission::ApiKeyCreate).await?;
    let me = access.actor().user.ok_or(Error::Unauthenticated)?;
    let owner = wanted.user.unwrap_or(me);
    if owner != me {
        for_program(&mut tx, owner).await?;
    }
    let (name, scopes) = (named(&wanted.name)?, scopes(&wanted.scopes)?);
    let networks = wanted.networks.as_deref().map(networks).transpose()?;
    held(&tx, owner, &wanted.scopes).await?;
    let expires_at = wanted.expires_at.unwrap_or(access.now() + DEFAULT);
    if !(access.now()..=access.now() + LONGEST).contains(&expires_at) {
        return Err(Error::invalid("expiresAt", "a key lives at least until now and at most 366 days"));
    }
    let row = ActiveModel {
        name: Set(name),
        scopes: Set(scopes),
        networks: Set(networks),
        user_id: Set(owner),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    let made = insert(&mut tx, row).await?;
    tx.commit(remembered(made.0.uuid())).await?;
    Ok(made)
}

/// A step: a new key and its secret, which holds the row's id: the hash follows in the same work.
async fn insert(tx: &mut Tx, row: ActiveModel) -> Result<(ApiKeyId, String)> {
    let key = tx.insert::<Entity>(ActiveModel { hash: Set(secret::random::<32>()?), ..row }).await?;
    let key = tx.lock_as::<Entity>(Permission::ApiKeyCreate, key.id).await?;
    let text = write(key.id, &secret::random::<32>()?);
    let hashed =
        ActiveModel { id: ActiveValue::Unchanged(key.id), hash: Set(secret::hash(&text)), ..Default::default() };
    tx.update::<Entity>(hashed).await?;
    Ok((key.id, text))
}

/// Somebody else's key would act in their name: only for users who are programs, and no more than one holds oneself.
async fn for_program(tx: &mut Tx, owner: UserId) -> Result<()> {
    let user = tx.lock_as::<user::Entity>(Permission::UserRead, owner).await?;
    let roles = tx.roles(owner).await?;
    let program =
        !roles.is_empty() && roles.iter().all(|h| h.role.built_in && h.role.key == Template::Integration.word());
    if !program || !user.active {
        return Err(Error::invalid(
            "userId",
            "keys for others are only for active users whose only role is INTEGRATION",
        ));
    }
    may_give(&tx.access().actor().rights, &union(&roles))
}

fn named(name: &str) -> Result<String> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(Error::invalid("name", "a name has 1 to 100 characters"))
    }
}

fn scopes(wanted: &[Permission]) -> Result<serde_json::Value> {
    if wanted.is_empty() {
        return Err(Error::invalid("scopes", "name at least one permission"));
    }
    let mut sorted = wanted.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    Ok(sorted.into_iter().map(|p| serde_json::Value::from(p.word())).collect())
}

fn networks(wanted: &[String]) -> Result<serde_json::Value> {
    if !(1..=50).contains(&wanted.len()) {
        return Err(Error::invalid("networks", "name 1 to 50 networks, or leave them out"));
    }
    let one = |text: &String| {
        let message = format!("{text:?} is no network such as 203.0.113.0/24 or 2001:db8::/48");
        let network = Network::parse(text.trim()).ok_or_else(|| Error::invalid("networks", message))?;
        Ok(serde_json::Value::from(network.to_string()))
    };
    wanted.iter().map(one).collect()
}

/// Whether a key may be used from this address; what it is limited to must be known to hold it.
pub fn welcome(key: &Model, from: Option<IpAddr>) -> bool {
    let Some(networks) = key.networks.as_ref().filter(|networks| !networks.is_null()) else { return true };
    let holds = |text: &serde_json::Value| {
        let network = text.as_str().and_then(Network::parse);
        network.zip(from).is_some_and(|(network, from)| network.holds(from))
    };
    networks.as_array().is_some_and(|list| list.iter().any(holds))
}

/// A scope that its owner does not hold is a mistake: it would give nothing.
async fn held(tx: &Tx, owner: UserId, wanted: &[Permission]) -> Result<()> {
    let rights = super::role::rights_in(tx, owner).await?;
    match wanted.iter().find(|p| !rights.hold(**p)) {
        Some(lacking) => Err(Error::invalid("scopes", format!("the key's owner does not hold {lacking}"))),
        None => Ok(()),
    }
}

/// Takes a key back, at once and for good.
pub async fn revoke(access: &Access, id: ApiKeyId) -> Result<ApiKeyId> {
    let mut tx = access.begin(Permission::ApiKeyUpdate).await?;
    let key = tx.lock::<Entity>(id).await?;
    if key.revoked_at.is_some() {
        return Err(Error::refused(FaultCode::InvalidTransition, "id", "it is revoked already"));
    }
    let now = access.now();
    tx.update::<Entity>(ActiveModel {
        id: ActiveValue::Unchanged(id),
        revoked_at: Set(Some(now)),
        ..Default::default()
    })
    .await?;
    tx.emit("api_key.revoked");
    tx.commit(remembered(id.uuid())).await?;
    Ok(id)
}

/// Notes that a key was used.
pub async fn touch(access: &Access, id: ApiKeyId) -> Result<()> {
    let mut tx = access.begin(Permission::ApiKeyUpdate).await?;
    tx.lock::<Entity>(id).await?;
    let now_used =
        ActiveModel { id: ActiveValue::Unchanged(id), last_used_at: Set(Some(access.now())), ..Default::default() };
    tx.update::<Entity>(now_used).await?;
    tx.commit(serde_json::Value::Null).await
}

fn write(id: ApiKeyId, random: &str) -> String {
    let text = format!("{PREFIX}{}_{random}", id.uuid().simple());
    let sum = secret::crc32(&text);
    format!("{text}_{sum:08x}")
}

/// The id in a key that is written right; whether it is a key at all only the row tells.
pub fn read(text: &str) -> Option<ApiKeyId> {
    let (body, sum) = text.rsplit_once('_')?;
    let (id, random) = body.strip_prefix(PREFIX)?.split_at_checked(32)?;
    let plain = id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let whole = plain && random.len() == 44 && random.starts_with('_') && sum == format!("{:08x}", secret::crc32(body));
    whole.then(|| id.parse().ok().map(ApiKeyId::from_uuid)).flatten()
}

pub fn looks_like_one(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Whether the key opens anything at this moment.
pub fn opens(key: &Model, text: &str, now: DateTime<Utc>) -> bool {
    secret::same(&secret::hash(text), &key.hash) && key.revoked_at.is_none() && now < key.expires_at
}

/// What of its owner's rights a key may use.
pub fn narrowed(mut rights: Rights, scopes: &serde_json::Value) -> Rights {
    let named = |p: Permission| scopes.as_array().is_some_and(|list| list.iter().any(|s| s.as_str() == Some(p.word())));
    rights.retain(named);
    rights
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::ApiKeyRead, create: None, update: None, delete: None, assign: None };
        Meta::new::<Entity>(
            "ApiKey",
            "apiKeys",
            "A key for programs. Its secret is shown once, when it is made.",
            rules,
            vec![
                graph::text(C::Name, "The name people see.").filter().order(),
                graph::one(C::UserId, super::user::meta, "Whose rights it has at most, as they are at each moment.")
                    .filter()
                    .group(),
                graph::list(C::Scopes, Item::of::<Permission>(), "The permissions it is limited to."),
                graph::list(
                    C::Networks,
                    Item::Text,
                    "The networks from which it may be used, such as \"203.0.113.0/24\"; null when from anywhere.",
                ),
                graph::time(C::ExpiresAt, "From when on it opens nothing.").filter().order(),
                graph::time(C::RevokedAt, "When it was taken back; null while it is good.").filter().order(),
                graph::time(C::LastUsedAt, "When it was last used, to the minute; null when never.").filter().order(),
            ],
        )
    });
    &META
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_a_mistyped_one_does_not() {
        let id = ApiKeyId::from_uuid(uuid::Uuid::from_u128(77));
        let text = write(id, &secret::random::<32>().unwrap());
        assert_eq!(text.len(), 92);
        assert_eq!(read(&text), Some(id));
        for at in [8, 45, 91] {
            let mut wrong = text.clone().into_bytes();
            wrong[at] ^= 1;
            assert_eq!(read(std::str::from_utf8(&wrong).unwrap()), None, "{at}");
        }
        for bad in
            ["", "accord_", "accord__", &text[1..], &text.to_uppercase(), &format!("{text}x"), "accord_é_x_00000000"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
