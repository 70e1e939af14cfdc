//! Sign-in: an address and a password for a session. Every refusal has the same words, the same work and the same
//! time, and every try is counted before its password is looked at.

use std::time::Duration;

use chrono::TimeDelta;
use entity::{
    id::{OrganizationId, RowId, UserId},
    session::{ActiveModel, Entity},
    user,
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use tokio::time::Instant;

use super::{
    Client, backoff,
    limit::{self, Counted},
    password::{Outcome, Seat, plausible},
    refresh::{self, IDLE, Tokens},
};
use crate::{
    access::identity::Gate,
    actor::{Actor, Permission},
    error::{Error, Result},
    graph::text,
    store::{
        Access, Guarded, Scoped, Tx,
        door::{Candidate, Failures},
    },
};

/// Whatever it was.
const WRONG: &str = "e-mail or password is wrong, or there were too many tries: wait a little and try again";
/// The longest that a session lasts.
const LIFE: TimeDelta = TimeDelta::days(90);
/// Refusals are answered at the next multiple of this: what had to be looked up does not show.
const BEAT: Duration = Duration::from_millis(250);

/// What somebody signs in with.
pub struct Given<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub organization: Option<&'a str>,
}

pub async fn sign_in(gate: &Gate, client: &Client, given: Given<'_>) -> Result<Tokens> {
    on_the_beat(attempt(gate, client, &given), || {
        tracing::info!(request_id = client.request_id, ip = ?client.ip, "sign-in refused");
    })
    .await
}

/// Refusals all take the same time, whatever was looked up for them.
pub async fn on_the_beat<T>(work: impl Future<Output = Result<T>>, refused: impl FnOnce()) -> Result<T> {
    let begun = Instant::now();
    let done = work.await;
    if let Err(Error::Refused(_)) = &done {
        refused();
        let beats = begun.elapsed().as_millis() / BEAT.as_millis() + 1;
        tokio::time::sleep_until(begun + BEAT * u32::try_from(beats).unwrap_or(1)).await;
    }
    done
}

async fn attempt(gate: &Gate, client: &Client, given: &Given<'_>) -> Result<Tokens> {
    let candidate = find(gate, given).await?;
    let paid = limit::count(gate, client, candidate.as_ref().map(|c| c.user.id)).await?;
    let Some(paid) = paid else { return Err(Error::invalid("", WRONG)) };
    let seat = gate.hasher().seat()?;
    // one at a time for an account: tries of the same person at once are not counted as wrong ones
    let _turn = gate.turn(candidate.as_ref().map(|c| c.user.id)).await;
    let counted = match &candidate {
        Some(_) if paid.known => true,
        Some(candidate) => count(gate, client, candidate).await?,
        None => false,
    };
    let mut candidate = candidate.filter(|_| counted);
    // once more if the password's hash was another when it came to opening: somebody signed in meanwhile and it was renewed
    for _ in 0..2 {
        let hash = candidate.as_ref().map(|c| c.credential.password_hash.as_str());
        let outcome = check(gate, &seat, given.password, hash).await?;
        let Some(right) = candidate.filter(|c| outcome != Outcome::Wrong && c.user.active) else { break };
        let right = Right { candidate: right, password: given.password, outcome, paid: &paid };
        if let Some(tokens) = open(gate, client, &seat, right).await? {
            return Ok(tokens);
        }
        candidate = find(gate, given).await?;
    }
    Err(Error::invalid("", WRONG))
}

async fn find(gate: &Gate, given: &Given<'_>) -> Result<Option<Candidate>> {
    let door = gate.store().door();
    let slug = given.organization.map(str::trim).map(str::to_lowercase);
    let Some(organization) = door.organization(slug.as_deref()).await? else { return Ok(None) };
    match text::email(given.email) {
        Ok(email) => door.candidate(organization.id, &email).await,
        Err(_) => Ok(None),
    }
}

/// The same work for every password, even one that nobody can have.
async fn check(gate: &Gate, seat: &Seat, password: &str, hash: Option<&str>) -> Result<Outcome> {
    if plausible(password) {
        gate.hasher().verify(seat, password, hash).await
    } else {
        gate.hasher().verify(seat, "", None).await
    }
}

/// Counts a try before its password is looked at; false while the account must wait.
async fn count(gate: &Gate, client: &Client, candidate: &Candidate) -> Result<bool> {
    counted(gate, client, candidate.user.organization_id, candidate.user.id).await
}

pub async fn counted(gate: &Gate, client: &Client, organization: OrganizationId, user: UserId) -> Result<bool> {
    let access = system(gate, client, organization);
    let mut tx = access.begin(Permission::SessionUpdate).await?;
    let Some(row) = tx.credential(user).await? else { return Ok(false) };
    let failures = Failures { count: row.failed_count, last: row.last_failed_at };
    let Some(counted) = backoff::attempt(failures, access.now()) else { return Ok(false) };
    tx.set_failures(user, counted).await?;
    tx.commit(serde_json::Value::Null).await?;
    Ok(true)
}

/// A try that was right.
struct Right<'a> {
    candidate: Candidate,
    password: &'a str,
    outcome: Outcome,
    paid: &'a Counted,
}

/// None if the password was changed, or the user shut out, while the password was looked at.
async fn open(gate: &Gate, client: &Client, seat: &Seat, right: Right<'_>) -> Result<Option<Tokens>> {
    let Right { candidate, password, outcome, paid } = right;
    let better = match outcome {
        Outcome::Outdated => Some(gate.hasher().hash(seat, password).await?),
        _ => None,
    };
    let access = system(gate, client, candidate.user.organization_id);
    let mut tx = access.begin(Permission::SessionUpdate).await?;
    if !unchanged(&mut tx, candidate.user.id, &candidate.credential.password_hash).await? {
        return Ok(None);
    }
    tx.set_failures(candidate.user.id, Failures { count: 0, last: None }).await?;
    tx.give_back(&paid.limits).await?;
    if let Some(hash) = better {
        tx.rehash(candidate.user.id, &hash).await?;
    }
    let tokens = begin_session(gate, client, &mut tx, &candidate.user).await?;
    tx.commit(serde_json::Value::Null).await?;
    tracing::info!(user = %candidate.user.id, request_id = client.request_id, "signed in");
    Ok(Some(tokens))
}

/// A step: whether the user may still come in and this is still the hash of their password; both are held until the end
/// of the work. The user first, like whoever sets a password.
pub async fn unchanged(tx: &mut Tx, user: UserId, hash: &str) -> Result<bool> {
    let active = Scoped::<user::Entity>::new(tx.access(), Permission::UserRead).filter(user::Column::Active.eq(true));
    let active = !tx.share(active.erased(), user::Entity::NAME, &[user.uuid()]).await?.is_empty();
    Ok(active && tx.credential(user).await?.is_some_and(|now| now.password_hash == hash))
}

/// A step: a new session, its first tokens.
pub async fn begin_session(gate: &Gate, client: &Client, tx: &mut Tx, user: &user::Model) -> Result<Tokens> {
    let now = tx.access().now();
    let made = refresh::first(gate.keys())?;
    let session = tx
        .insert::<Entity>(ActiveModel {
            user_id: Set(user.id),
            family: Set(made.family),
            refresh_hash: Set(made.hash),
            expires_at: Set(now + LIFE),
            idle_expires_at: Set(now + IDLE),
            user_agent: Set(client.user_agent.clone()),
            ip: Set(client.ip.map(|ip| ip.to_string())),
            last_used_at: Set(now),
            ..Default::default()
        })
        .await?;
    tx.emit("session.created");
    gate.tokens(&session, made.token, now)
}

/// Accord's own way to the store, for what is written before anybody is signed in.
pub fn system(gate: &Gate, client: &Client, organization: OrganizationId) -> Access {
    Access::new(gate.store().clone(), Actor::system(organization), client.request_id.clone())
}
