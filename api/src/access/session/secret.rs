//! Random secrets, their hashes and the checksum of API keys. It stores nothing and compares in constant time.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRngCore, rngs::OsRng};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    error::{Error, Result},
    store::hex,
};

pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

/// `N` random bytes as text.
pub fn random<const N: usize>() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<N>()?))
}

/// What is stored of a secret of 256 random bits: a plain hash is enough for those.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// CRC-32 as in zip files: tells a mistyped key from an unknown one, without the database.
pub fn crc32(text: &str) -> u32 {
    !text
        .bytes()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(crc32("123456789"), 0xCBF4_3926);
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn secrets_differ_and_are_told_apart() {
        let (one, other) = (random::<32>().unwrap(), random::<32>().unwrap());
        assert_eq!(one.len(), 43);
        assert!(!same(&one, &other) && !same(&one, &one[1..]) && same(&one, &one.clone()));
    }
}
