//! From a bearer credential to somebody with rights, the same way for every transport. What it remembers of sessions
//! and rights is at most a second old unless nothing has happened in the organisation since, and gone at once when this
//! process changes anybody's rights.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    api_key,
    id::{OrganizationId, RowId, UserId},
    session,
};
use quick_cache::sync::Cache;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::{
    api_key as keys_of_programs,
    keys::Keys,
    role::permissions::union,
    session::{
        Client,
        password::Hasher,
        refresh::{Tokens, lasts},
        token::{self, Subject},
    },
};
use crate::{
    actor::{Actor, Rights, Via},
    config::Argon2,
    error::{Error, Result},
    store::{Access, Head, Store},
};

/// A remembered session or key is asked about again after this, unless its organisation's log stands still:
const FRESH: Duration = Duration::from_secs(1);
/// then after this, as what changes by mere use is in no log.
const OLDEST: Duration = Duration::from_mins(1);
const REMEMBERED: usize = 10_000;
/// Accounts share these; two that do only wait for each other.
const TURNS: usize = 64;

/// What signing in and being known need; made once for the service.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    store: Store,
    keys: Keys,
    issuer: String,
    life: TimeDelta,
    hasher: Hasher,
    known: Cache<Uuid, Known>,
    turns: [Mutex<()>; TURNS],
    /// Limits that are used up, and until when at least.
    full: Cache<String, DateTime<Utc>>,
}

/// A session or key as it was a moment ago. None: it opens nothing.
#[derive(Clone)]
struct Known {
    at: Instant,
    epoch: u64,
    who: Option<Who>,
    /// The organisation's log, as it stood before.
    log: Option<Head>,
}

impl Known {
    fn holds(&self, epoch: u64) -> bool {
        let still = || self.log.as_ref().is_some_and(Head::still) && self.at.elapsed() < OLDEST;
        self.epoch == epoch && (self.at.elapsed() < FRESH || still())
    }
}

#[derive(Clone)]
enum Who {
    Session(session::Model, Arc<Rights>),
    Key(api_key::Model, Arc<Rights>),
}

impl Who {
    fn organization(&self) -> OrganizationId {
        match self {
            Self::Session(session, _) => session.organization_id,
            Self::Key(key, _) => key.organization_id,
        }
    }
}

/// Settings of the gate.
pub struct Settings<'a> {
    /// Issuer of the access tokens: where people reach this server.
    pub issuer: &'a str,
    pub access_token_seconds: u32,
    pub argon2: &'a Argon2,
}

/// Somebody, and until when their credential is good.
pub struct Identified {
    pub access: Access,
    pub expires_at: DateTime<Utc>,
}

impl Gate {
    pub fn new(store: Store, keys: Keys, settings: &Settings<'_>) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            store,
            keys,
            issuer: settings.issuer.to_owned(),
            life: TimeDelta::seconds(settings.access_token_seconds.into()),
            hasher: Hasher::new(settings.argon2)?,
            known: Cache::new(REMEMBERED),
            turns: std::array::from_fn(|_| Mutex::new(())),
            full: Cache::new(REMEMBERED),
        })))
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    /// One sign-in at a time for an account.
    pub async fn turn(&self, user: Option<UserId>) -> Option<MutexGuard<'_, ()>> {
        let place = user?.uuid().as_u128() % TURNS as u128;
        Some(self.0.turns[usize::try_from(place).unwrap_or(0)].lock().await)
    }

    pub fn is_full(&self, limit: &str, now: DateTime<Utc>) -> bool {
        self.0.full.get(limit).is_some_and(|until| now < until)
    }

    pub fn fill(&self, limit: &str, until: DateTime<Utc>) {
        self.0.full.insert(limit.to_owned(), until);
    }

    /// The tokens of a session.
    pub fn tokens(&self, session: &session::Model, refresh: String, now: DateTime<Utc>) -> Result<Tokens> {
        let expires_at = (now + self.0.life).min(session.expires_at);
        let subject = Subject { user: session.user_id, session: session.id, expires_at };
        let access = token::sign(&self.0.keys, &self.0.issuer, subject, now)?;
        Ok(Tokens { session: session.id, access, refresh, expires_at })
    }

    /// Who the credential stands for. `Unauthenticated` whatever is wrong with it.
    pub async fn identify(&self, bearer: &str, client: &Client) -> Result<Identified> {
        let now = self.0.store.now();
        let found = if keys_of_programs::looks_like_one(bearer) {
            self.program(bearer, client, now).await?
        } else {
            self.person(bearer, now).await?
        };
        let (actor, expires_at) = found.ok_or(Error::Unauthenticated)?;
        Ok(Identified { access: Access::new(self.0.store.clone(), actor, client.request_id.clone()), expires_at })
    }

    async fn person(&self, bearer: &str, now: DateTime<Utc>) -> Result<Option<(Actor, DateTime<Utc>)>> {
        let Some(subject) = token::verify(&self.0.keys, &self.0.issuer, bearer, now) else { return Ok(None) };
        let id = subject.session;
        let Some(Who::Session(session, rights)) = self.known(id.uuid(), Via::Session(id)).await? else {
            return Ok(None);
        };
        if session.user_id != subject.user || !lasts(&session, now) {
            return Ok(None);
        }
        let actor =
            Actor { organization: session.organization_id, user: Some(session.user_id), via: Via::Session(id), rights };
        Ok(Some((actor, subject.expires_at)))
    }

    async fn program(
        &self,
        bearer: &str,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<Option<(Actor, DateTime<Utc>)>> {
        let Some(id) = keys_of_programs::read(bearer) else { return Ok(None) };
        let Some(Who::Key(key, rights)) = self.known(id.uuid(), Via::ApiKey(id)).await? else { return Ok(None) };
        if !keys_of_programs::opens(&key, bearer, now) || !keys_of_programs::welcome(&key, client.ip) {
            return Ok(None);
        }
        if key.last_used_at.is_none_or(|at| now - at >= TimeDelta::minutes(1)) {
            self.touch(&key);
        }
        let actor = Actor { organization: key.organization_id, user: Some(key.user_id), via: Via::ApiKey(id), rights };
        Ok(Some((actor, key.expires_at)))
    }

    /// What is known of a session or key, from a moment ago or from the database.
    async fn known(&self, id: Uuid, via: Via) -> Result<Option<Who>> {
        let epoch = self.0.store.rights_epoch();
        let last = self.0.known.get(&id);
        if let Some(known) = last.as_ref().filter(|known| known.holds(epoch)) {
            return Ok(known.who.clone());
        }
        let at = Instant::now();
        // whoever came once a second ago comes again: from now on their organisation's log is followed. What happens
        // between this and the look-up counts as after it
        let log = last.and_then(|known| known.who).map(|who| self.0.store.head(who.organization()));
        let who = self.look_up(via).await?;
        self.0.known.insert(id, Known { at, epoch, who: who.clone(), log });
        Ok(who)
    }

    async fn look_up(&self, via: Via) -> Result<Option<Who>> {
        let door = self.0.store.door();
        Ok(match via {
            Via::Session(id) => match door.session(id).await? {
                Some(session) => self.rights(session.user_id).await?.map(|r| Who::Session(session, Arc::new(r))),
                None => None,
            },
            Via::ApiKey(id) => match door.api_key(id).await? {
                Some(key) => {
                    let rights = self.rights(key.user_id).await?;
                    rights.map(|r| Who::Key(key.clone(), Arc::new(keys_of_programs::narrowed(r, &key.scopes))))
                }
                None => None,
            },
            Via::System => None,
        })
    }

    /// The rights of an active user.
    async fn rights(&self, user: UserId) -> Result<Option<Rights>> {
        let door = self.0.store.door();
        match door.user(user).await? {
            Some(user) if user.active => Ok(Some(union(&door.roles(user.id).await?))),
            _ => Ok(None),
        }
    }

    /// Notes the use of a key beside the request, which does not wait for it.
    fn touch(&self, key: &api_key::Model) {
        let (store, organization, id) = (self.0.store.clone(), key.organization_id, key.id);
        // remembered as used, so that the requests of this minute do not all write it
        let mut used = key.clone();
        used.last_used_at = Some(store.now());
        if let Some(mut known) = self.0.known.get(&id.uuid())
            && let Some(Who::Key(_, rights)) = known.who
        {
            known.who = Some(Who::Key(used, rights));
            self.0.known.insert(id.uuid(), known);
        }
        tokio::spawn(async move {
            let access = Access::new(store, Actor::system(organization), None);
            if let Err(error) = keys_of_programs::touch(&access, id).await {
                tracing::warn!(%error, key = %id, "the use of a key could not be noted");
            }
        });
    }
}
