//! The keys that sign access tokens: a file only its owner may read, made at the first start. Signs and verifies
//! nothing itself, and refuses a file or a key that is not safe.

mod file;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use rand::TryRngCore;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};

/// 256 bit, the length of the hash: less is weaker than the algorithm.
const SECRET_BYTES: usize = 32;
/// A retired key leaves the file this long after: no session lives longer, whose refresh tokens it made. No access token
/// lives longer than an hour.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Why there are no keys. Never quotes one.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{0} may be read by others; run `chmod 600 {0}`, and `accord keys rotate --revoke` if somebody did")]
    Exposed(PathBuf),
    #[error("{0} may be changed by everybody; run `chmod 700 {0}`")]
    OpenDirectory(PathBuf),
    #[error("{path}: {problem}")]
    Refused { path: PathBuf, problem: &'static str },
    #[error("the operating system gives no random numbers")]
    NoRandomness,
}

/// How every key signs.
const ALGORITHM: &str = "HS256";

/// Makes the data directory if needed, for its owner only: the keys' and the embedded database's.
pub fn data_dir(directory: &Path) -> Result<(), KeysError> {
    file::make(directory)
}

/// One key. `Debug` leaves the secret out.
#[derive(Clone)]
pub struct Key {
    pub kid: String,
    algorithm: String,
    pub created_at: DateTime<Utc>,
    /// Signs no more since then; still verifies.
    pub retired_at: Option<DateTime<Utc>>,
    secret: Vec<u8>,
}

impl Key {
    /// The bytes, for the signer and the verifier only.
    pub fn expose(&self) -> &[u8] {
        &self.secret
    }

    fn random(now: DateTime<Utc>) -> Result<Self, KeysError> {
        let mut kid = [0; 8];
        let mut secret = vec![0; SECRET_BYTES];
        for bytes in [&mut kid[..], &mut secret[..]] {
            OsRng.try_fill_bytes(bytes).map_err(|_| KeysError::NoRandomness)?;
        }
        let kid = URL_SAFE_NO_PAD.encode(kid);
        Ok(Self { kid, algorithm: ALGORITHM.to_owned(), created_at: now, retired_at: None, secret })
    }

    fn problem(&self) -> Option<&'static str> {
        let mut seen = [false; 256];
        self.secret.iter().for_each(|&byte| seen[usize::from(byte)] = true);
        let distinct = seen.iter().filter(|&&seen| seen).count();
        if self.algorithm != ALGORITHM {
            Some("holds a key for an algorithm that is not supported; use HS256")
        } else if self.kid.is_empty() {
            Some("holds a key without a kid")
        } else if self.secret.len() < SECRET_BYTES {
            Some("holds a key shorter than 256 bit")
        } else if distinct < 16 {
            Some("holds a key that is not random")
        } else {
            None
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).field("retired_at", &self.retired_at).finish_non_exhaustive()
    }
}

/// All keys of this installation, looked up by `kid`. Fixed once loaded: a rotation counts from the next start.
#[derive(Clone, Debug)]
pub struct Keys {
    current: Key,
    by_kid: HashMap<String, Key>,
}

impl Keys {
    /// Reads `keys.json` below `directory`, or makes both.
    pub fn load_or_create(directory: &Path, now: DateTime<Utc>) -> Result<Self, KeysError> {
        let _lock = file::lock(directory)?;
        let path = directory.join(file::NAME);
        if let Some(ring) = file::read(&path)? {
            return Self::from_ring(ring, &path);
        }
        let ring = vec![Key::random(now)?];
        file::write(directory, &ring)?;
        Self::from_ring(ring, &path)
    }

    /// Makes a new current key. The old ones still verify, or with `revoke` do not.
    pub fn rotate(directory: &Path, now: DateTime<Utc>, revoke: bool) -> Result<Self, KeysError> {
        let _lock = file::lock(directory)?;
        let path = directory.join(file::NAME);
        let mut ring = if revoke { Vec::new() } else { file::read(&path)?.unwrap_or_default() };
        for key in &mut ring {
            key.retired_at.get_or_insert(now);
        }
        ring.retain(|key| key.retired_at.is_none_or(|at| now - at < KEPT));
        ring.push(Key::random(now)?);
        let keys = Self::from_ring(ring.clone(), &path)?;
        file::write(directory, &ring)?;
        Ok(keys)
    }

    /// The key that signs.
    pub fn current(&self) -> &Key {
        &self.current
    }

    /// The key that stays through a rotation: for what must outlive one.
    pub fn oldest(&self) -> &Key {
        self.by_kid.values().min_by_key(|key| (key.created_at, &key.kid)).unwrap_or(&self.current)
    }

    /// Every key that may have made what is shown to us.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        self.by_kid.values()
    }

    /// The key that a token names.
    pub fn find(&self, kid: &str) -> Option<&Key> {
        self.by_kid.get(kid)
    }

    pub fn len(&self) -> usize {
        self.by_kid.len()
    }

    pub fn is_empty(&self) -> bool {
        false
    }

    fn from_ring(ring: Vec<Key>, path: &Path) -> Result<Self, KeysError> {
        let refused = |problem| KeysError::Refused { path: path.to_owned(), problem };
        if let Some(problem) = ring.iter().find_map(Key::problem) {
            return Err(refused(problem));
        }
        let mut signing = ring.iter().filter(|key| key.retired_at.is_none());
        let (Some(current), None) = (signing.next().cloned(), signing.next()) else {
            return Err(refused("needs exactly one key without retired_at"));
        };
        let count = ring.len();
        let by_kid: HashMap<_, _> = ring.into_iter().map(|key| (key.kid.clone(), key)).collect();
        if by_kid.len() < count {
            return Err(refused("names a kid twice"));
        }
        Ok(Self { current, by_kid })
    }
}

/// A key as it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    kid: String,
    alg: String,
    secret: String,
    created_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired_at: Option<DateTime<Utc>>,
}

impl Record {
    fn into_key(self) -> Option<Key> {
        let Self { kid, alg: algorithm, secret, created_at, retired_at } = self;
        Some(Key { kid, algorithm, created_at, retired_at, secret: STANDARD.decode(secret).ok()? })
    }
}

impl From<&Key> for Record {
    fn from(key: &Key) -> Self {
        Self {
            kid: key.kid.clone(),
            alg: key.algorithm.clone(),
            secret: STANDARD.encode(&key.secret),
            created_at: key.created_at,
            retired_at: key.retired_at,
        }
    }
}
