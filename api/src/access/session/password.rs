//! Passwords: argon2id off the async threads, a few at a time, and the same work whether or not there is a user. It
//! refuses short, endless and well-known passwords, and knows no user.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use rand::{TryRngCore, rngs::OsRng};
use tokio::sync::Semaphore;

use crate::{
    config,
    error::{Error, Result},
};

/// Well-known passwords of eight characters and more, in lower case: the first that anybody tries. What is long enough of
/// the 30,000 most frequent ones that zxcvbn lists (MIT licence, Dan Wheeler and Dropbox), and some of our own.
const COMMON: &str = include_str!("common_passwords.txt");
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=1024;
/// More than this many waiting are turned away at once.
const WAITING: usize = 50;
/// What unknown users are compared with.
const NOBODY: &[u8; 16] = b"nobody's salt 16";

/// Hashes and verifies with the configured cost.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    params: Params,
    /// All cores but one: sign-ins never starve the rest.
    running: Semaphore,
    waiting: AtomicUsize,
}

/// A place in the queue; given back when dropped.
pub struct Seat(Arc<Inner>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What comparing a password with a hash told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Wrong,
    Right,
    /// Right, but hashed with another cost than the configured one.
    Outdated,
}

impl Hasher {
    pub fn new(cost: &config::Argon2) -> Result<Self> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None).map_err(Error::internal)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let running = Semaphore::new(cores.saturating_sub(1).max(1));
        Ok(Self(Arc::new(Inner { params, running, waiting: AtomicUsize::new(0) })))
    }

    /// A place in the queue, or `RATE_LIMITED` when it is full.
    pub fn seat(&self) -> Result<Seat> {
        let before = self.0.waiting.fetch_add(1, Ordering::AcqRel);
        let seat = Seat(self.0.clone());
        if before < WAITING { Ok(seat) } else { Err(Error::RateLimited(1)) }
    }

    pub async fn hash(&self, _: &Seat, password: &str) -> Result<String> {
        let mut salt = [0; 16];
        OsRng.try_fill_bytes(&mut salt).map_err(Error::internal)?;
        let password = password.to_owned();
        self.run(move |argon| {
            let hash: PasswordHash =
                argon.hash_password_with_salt(password.as_bytes(), &salt).map_err(Error::internal)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Compares; without a hash it works as long and says no.
    pub async fn verify(&self, _: &Seat, password: &str, hash: Option<&str>) -> Result<Outcome> {
        let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
        let wanted = self.0.params.clone();
        self.run(move |argon| {
            if let Some(Ok(hash)) = hash.as_deref().map(PasswordHash::new) {
                return Ok(compare(argon, &password, &hash, &wanted));
            }
            let work: Result<PasswordHash, _> = argon.hash_password_with_salt(password.as_bytes(), NOBODY);
            work.map(|_| Outcome::Wrong).map_err(Error::internal)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _turn = self.0.running.acquire().await.map_err(Error::internal)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.params.clone());
        tokio::task::spawn_blocking(move || work(&argon)).await.map_err(Error::internal)?
    }
}

fn compare(argon: &Argon2<'_>, password: &str, hash: &PasswordHash, wanted: &Params) -> Outcome {
    if argon.verify_password(password.as_bytes(), hash).is_err() {
        return Outcome::Wrong;
    }
    let same = Params::try_from(hash).is_ok_and(|had| {
        (had.m_cost(), had.t_cost(), had.p_cost()) == (wanted.m_cost(), wanted.t_cost(), wanted.p_cost())
    });
    if same { Outcome::Right } else { Outcome::Outdated }
}

/// Whether somebody may choose this password. The bytes count as they are: nothing is trimmed or folded.
pub fn acceptable(field: &str, password: &str) -> Result<()> {
    if !LENGTHS.contains(&password.len()) {
        return Err(Error::invalid(field, "a password has 8 to 1024 bytes; 15 or more are advised"));
    }
    let lower = password.to_lowercase();
    let one_letter = password.bytes().all(|b| Some(b) == password.bytes().next());
    if one_letter || COMMON.lines().any(|known| known == lower) {
        return Err(Error::invalid(field, "this password is among the first that anybody tries; choose another"));
    }
    Ok(())
}

/// A password nobody could have chosen is not worth hashing.
pub fn plausible(password: &str) -> bool {
    password.len() <= *LENGTHS.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(memory_kib: u32) -> Hasher {
        Hasher::new(&config::Argon2 { memory_kib, iterations: 1, parallelism: 1 }).unwrap()
    }

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let hasher = hasher(16);
        let seat = hasher.seat().unwrap();
        let hash = hasher.hash(&seat, "correct horse\0").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=16,t=1,p=1$"));
        assert_eq!(hasher.verify(&seat, "correct horse\0", Some(&hash)).await.unwrap(), Outcome::Right);
        assert_eq!(hasher.verify(&seat, "correct horse", Some(&hash)).await.unwrap(), Outcome::Wrong);
        assert_eq!(hasher.verify(&seat, "correct horse\0", None).await.unwrap(), Outcome::Wrong);
        assert_eq!(hasher.verify(&seat, "x", Some("not a hash")).await.unwrap(), Outcome::Wrong);
    }

    #[tokio::test]
    async fn a_new_cost_makes_old_hashes_outdated() {
        let (old, new) = (hasher(16), hasher(32));
        let seat = old.seat().unwrap();
        let hash = old.hash(&seat, "correct horse").await.unwrap();
        assert_eq!(new.verify(&seat, "correct horse", Some(&hash)).await.unwrap(), Outcome::Outdated);
    }

    #[test]
    fn the_queue_is_bounded() {
        let hasher = hasher(16);
        let seats: Vec<_> = (0..WAITING).map(|_| hasher.seat().unwrap()).collect();
        assert!(hasher.seat().is_err());
        drop(seats);
        assert!(hasher.seat().is_ok());
    }

    #[test]
    fn what_may_be_chosen() {
        for bad in ["short", "Password1", "aaaaaaaaaaaa", &"x1".repeat(600)] {
            assert!(acceptable("password", bad).is_err(), "{bad}");
        }
        assert!(acceptable("password", "violet kettle 9").is_ok());
        assert!(acceptable("password", "пароль-два").is_ok());
    }
}
