//! Rights of the key file, rotation, and what is refused.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Keys, KeysError, STANDARD};

struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("accord-keys-{}-{number}", std::process::id())))
    }

    fn with_secret(secret: &[u8]) -> Self {
        let directory = Self::new();
        directory.load().unwrap();
        let secret = STANDARD.encode(secret);
        let text = format!(r#"[{{"kid":"a","alg":"HS256","secret":"{secret}","created_at":"2026-01-01T00:00:00Z"}}]"#);
        std::fs::write(directory.file(), text).unwrap();
        directory
    }

    fn file(&self) -> PathBuf {
        self.0.join("keys.json")
    }

    fn load(&self) -> Result<Keys, KeysError> {
        Keys::load_or_create(&self.0, now())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_a_key_that_only_its_owner_reads() {
    let directory = Directory::new();
    let keys = directory.load().unwrap();
    assert_eq!(keys.current().expose().len(), 32);
    assert_eq!((mode(&directory.0), mode(&directory.file())), (0o700, 0o600));
    assert_eq!(directory.load().unwrap().current().kid, keys.current().kid);
}

#[test]
fn twenty_starts_at_once_agree_on_one_key() {
    let directory = Directory::new();
    let starts = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(|| directory.load().unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().current().kid.clone()).collect::<Vec<_>>()
    });
    assert!(starts.iter().all(|kid| *kid == starts[0]));
}

#[test]
fn after_a_rotation_the_old_key_still_verifies() {
    let directory = Directory::new();
    let old = directory.load().unwrap();
    let rotated = Keys::rotate(&directory.0, now(), false).unwrap();
    assert_ne!(rotated.current().kid, old.current().kid);
    let found = directory.load().unwrap();
    assert_eq!(found.find(&old.current().kid).unwrap().expose(), old.current().expose());
    assert_eq!((found.len(), mode(&directory.file())), (2, 0o600));
}

#[test]
fn a_key_retired_long_ago_leaves_the_file() {
    let directory = Directory::new();
    let old = directory.load().unwrap();
    Keys::rotate(&directory.0, now(), false).unwrap();
    let keys = Keys::rotate(&directory.0, now() + TimeDelta::days(91), false).unwrap();
    assert!(keys.find(&old.current().kid).is_none());
    assert_eq!(keys.len(), 2);
}

#[test]
fn revoking_drops_the_old_keys_at_once() {
    let directory = Directory::new();
    let old = directory.load().unwrap();
    let keys = Keys::rotate(&directory.0, now(), true).unwrap();
    assert!(keys.find(&old.current().kid).is_none());
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let directory = Directory::new();
    directory.load().unwrap();
    std::fs::set_permissions(directory.file(), std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(directory.load(), Err(KeysError::Exposed(_))));
}

#[test]
fn short_and_weak_keys_are_refused() {
    let short: Vec<u8> = (0..16).collect();
    for secret in [short.as_slice(), &[7; 32], b"changemechangemechangemechangeme"] {
        let directory = Directory::with_secret(secret);
        assert!(matches!(directory.load(), Err(KeysError::Refused { .. })), "{secret:?}");
    }
}

#[test]
fn a_key_is_not_shown() {
    let directory = Directory::new();
    let keys = directory.load().unwrap();
    let shown = format!("{keys:?}");
    assert!(!shown.contains(&STANDARD.encode(keys.current().expose())) && !shown.contains("secret"), "{shown}");
}
