//! Marks what clients carry for us, such as cursors, so that nobody else can make or change one. It hides nothing.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use rand::{TryRngCore, rngs::OsRng};
use sha2::Sha256;

/// Bytes of the mark: as many as no one guesses.
const MARK: usize = 16;

/// A secret, and what its marks are about.
#[derive(Clone)]
pub struct Seal(Hmac<Sha256>);

/// Of a process that was given no secret: good until it ends.
impl Default for Seal {
    fn default() -> Self {
        static OWN: LazyLock<Seal> = LazyLock::new(|| {
            let mut secret = [0; 32];
            // without randomness marks could be guessed, and would still not be needed to see anything
            _ = OsRng.try_fill_bytes(&mut secret);
            Seal::new(&secret)
        });
        OWN.clone()
    }
}

impl Seal {
    /// From a secret that signs other things too: its marks are good for nothing else.
    pub fn new(secret: &[u8]) -> Self {
        Self(keyed(&keyed(secret).chain_update(b"accord: what clients carry").finalize().into_bytes()))
    }

    /// For marks about this alone, e.g. a caller and their question.
    #[must_use]
    pub fn about(mut self, part: &[u8]) -> Self {
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    /// The content with its mark, as text.
    pub fn put(&self, content: &[u8]) -> String {
        let mark = self.0.clone().chain_update(content).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([&mark[..MARK], content].concat())
    }

    /// The content of what `put` made about the same.
    pub fn open(&self, text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (mark, content) = bytes.split_at_checked(MARK)?;
        self.0.clone().chain_update(content).verify_truncated_left(mark).ok()?;
        Some(content.to_vec())
    }
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    // takes keys of any length
    Hmac::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&[0; 64].into()))
}

#[cfg(test)]
mod tests {
    use super::Seal;

    #[test]
    fn only_what_was_put_about_the_same_opens() {
        let seal = Seal::new(b"secret");
        let text = seal.clone().about(b"ann").put(b"[1]");
        assert_eq!(seal.clone().about(b"ann").open(&text).as_deref(), Some(&b"[1]"[..]));
        assert_eq!(seal.clone().about(b"bob").open(&text), None);
        assert_eq!(Seal::new(b"other").about(b"ann").open(&text), None);
        assert_eq!(seal.clone().about(b"an").about(b"n").open(&text), None);
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.clone().about(b"ann").open(std::str::from_utf8(&other).unwrap()), None, "{at}");
        }
        assert_eq!(seal.open(""), None);
    }
}
