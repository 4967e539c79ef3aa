//! SHA-256 as this system uses it: domain-separated, length-prefixed, never over joined text.

use sha2::{Digest, Sha256};

use crate::record::{RecordFault, Text};

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first entry of a timeline names as the one before it.
    pub const ZERO: Self = Self([0; 32]);

    /// Hashes `parts` under `purpose`. Every part is preceded by its length in bytes (u32, big
    /// endian), so that no two different lists of parts hash the same text.
    #[must_use]
    pub fn of(purpose: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            hasher.update(length.to_be_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// Plain SHA-256 of one run of bytes, as `sha256sum` prints it; for stored objects.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub(crate) const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The 32 bytes of the digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(&data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?)
    }

    /// Takes a digest back from its bytes; `None` unless there are exactly 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl Text for Hash {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        Self::parse(text).ok_or(RecordFault::Value("64 hexadecimal digits"))
    }
}

/// The 16 random bytes that keep a [`commitment`] from being guessed; kept in the sealed record.
pub type Salt = [u8; 16];

/// The salted commitment by which chain and dossier speak of a text they do not hold: whoever has
/// the sealed record can prove the text, whoever has lost the key can learn nothing from it.
#[must_use]
pub fn commitment(salt: &Salt, text: &[u8]) -> Hash {
    Hash::of("lianxin.commitment.v1", &[salt, text])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_length_prefixed_so_that_moving_a_border_changes_the_hash() {
        assert_ne!(Hash::of("p", &[b"ab", b"c"]), Hash::of("p", &[b"a", b"bc"]));
        assert_ne!(Hash::of("p", &[b"ab"]), Hash::of("p", &[b"ab", b""]));
        assert_ne!(Hash::of("p", &[b"ab"]), Hash::of("q", &[b"ab"]));
    }

    #[test]
    fn of_bytes_is_plain_sha256() {
        assert_eq!(
            Hash::of_bytes(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn text_round_trips_and_refuses_what_is_not_a_digest() {
        let hash = Hash::of_bytes(b"x");
        assert_eq!(Hash::from_text(&hash.to_text()), Ok(hash));
        for bad in ["", "00", "zz", &"A".repeat(64), &"0".repeat(66)] {
            assert!(Hash::from_text(bad).is_err(), "{bad}");
        }
    }
}
