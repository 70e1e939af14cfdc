//! Access tokens: JWT, HS256, five minutes. Signs and verifies with the keys of the ring; refuses everything that is
//! not exactly what it would have written itself.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::id::{SessionId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::secret;
use crate::{
    access::keys::Keys,
    error::{Error, Result},
};

const KIND: &str = "at+jwt";
const AUDIENCE: &str = "accord";
/// Clocks of two nodes may differ by this many seconds.
const LEEWAY: i64 = 5;
/// No configuration allows a longer life.
const LONGEST: i64 = 3_600;
/// Ours have fewer than 600 characters.
const MOST: usize = 2_048;

/// What a token says. All of it is required and typed; there is nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: String,
}

/// The header: three members, no other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    alg: String,
    typ: String,
    kid: String,
}

/// Who a verified token speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub user: UserId,
    pub session: SessionId,
    pub expires_at: DateTime<Utc>,
}

/// Signs a token for `subject`, which says when it ends.
pub fn sign(keys: &Keys, issuer: &str, subject: Subject, now: DateTime<Utc>) -> Result<String> {
    let key = keys.current();
    let header = Header { typ: Some(KIND.into()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: subject.user.to_string(),
        sid: subject.session.to_string(),
        exp: subject.expires_at.timestamp(),
        iat: now.timestamp(),
        nbf: now.timestamp(),
        jti: secret::random::<16>()?,
    };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.expose())).map_err(Error::internal)
}

/// So long after it was retired a key still vouches for access tokens: they live an hour, and servers are restarted later than
/// keys are rotated.
const AFTERWARDS: chrono::TimeDelta = chrono::TimeDelta::days(1);

/// Who the token speaks of; none unless it is ours, whole and in time.
pub fn verify(keys: &Keys, issuer: &str, token: &str, now: DateTime<Utc>) -> Option<Subject> {
    if token.len() > MOST {
        return None;
    }
    let head = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let head: Head = serde_json::from_slice(&head).ok()?;
    if head.alg != "HS256" || head.typ != KIND {
        return None;
    }
    let key = keys.find(&head.kid).filter(|key| key.retired_at.is_none_or(|at| now - at < AFTERWARDS))?;
    let key = DecodingKey::from_secret(key.expose());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules(issuer)).ok()?.claims;
    in_time(&claims, now.timestamp())?;
    Some(Subject {
        user: claims.sub.parse().ok()?,
        session: claims.sid.parse().ok()?,
        expires_at: DateTime::from_timestamp(claims.exp, 0)?,
    })
}

/// Times are checked against the store's clock in `in_time`.
fn rules(issuer: &str) -> Validation {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[AUDIENCE]);
    rules.validate_exp = false;
    rules
}

fn in_time(claims: &Claims, now: i64) -> Option<()> {
    let life = claims.exp.checked_sub(claims.iat)?;
    let begun = claims.iat <= now + LEEWAY && claims.nbf <= now + LEEWAY && claims.nbf >= claims.iat;
    (begun && (1..=LONGEST).contains(&life) && now < claims.exp.checked_add(LEEWAY)?).then_some(())
}

#[cfg(test)]
mod tests;
