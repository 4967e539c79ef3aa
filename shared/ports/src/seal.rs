//! The seal: AES-256-GCM under a key per ticket, itself wrapped under the root key in process, so
//! that no ticket costs a call to a key service. Destroying a ticket's key erases its texts.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use domain::{Hash, RecordId, RegionCode, TicketId};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 12;

/// Why something sealed does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the seal does not open: wrong key, wrong place, or altered")]
pub struct SealFault;

/// The root key of a region.
pub struct RootKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootKey(…)")
    }
}

impl RootKey {
    /// The root key that a secret's text stands for: its SHA-256, so any long random text serves.
    #[must_use]
    pub fn from_secret(secret: &[u8]) -> Self {
        Self(Zeroizing::new(*Hash::of("lianxin.root-key.v1", &[secret]).as_bytes()))
    }

    /// The keyed hash under which a citizen's tickets are found: HMAC-SHA256 over region and
    /// telephone number, 16 bytes in hexadecimal. Without the root key it cannot be guessed.
    #[must_use]
    pub fn citizen(&self, region: &RegionCode, phone: &str) -> String {
        let message =
            Hash::of("lianxin.citizen.v1", &[region.as_str().as_bytes(), phone.as_bytes()]);
        // HMAC takes keys of any length, so this cannot fail; an empty hash would only find nothing.
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.as_slice()) else {
            return String::new();
        };
        mac.update(message.as_bytes());
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key of the sketches ([`domain::repeat::Sketch`]): what is like what can be told without the root
    /// key, and what it says cannot.
    #[must_use]
    pub fn sketches(&self) -> [u8; 32] {
        *Hash::of("lianxin.sketches.v1", &[self.0.as_slice()]).as_bytes()
    }

    /// Wraps a ticket's key.
    ///
    /// # Errors
    /// [`SealFault`] never in practice.
    pub fn wrap(
        &self,
        ticket: &TicketId,
        key: &TicketKey,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Vec<u8>, SealFault> {
        self.wrap_at(ticket.as_str(), key, nonce)
    }

    /// Wraps a key that is no ticket's, for one place alone.
    ///
    /// # Errors
    /// [`SealFault`] never in practice.
    pub fn wrap_at(
        &self,
        place: &str,
        key: &TicketKey,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Vec<u8>, SealFault> {
        encrypt(&self.0, nonce, key.0.as_slice(), place.as_bytes())
    }

    /// Unwraps a ticket's key.
    ///
    /// # Errors
    /// [`SealFault`] when it was wrapped for another ticket or under another root key.
    pub fn unwrap(&self, ticket: &TicketId, wrapped: &[u8]) -> Result<TicketKey, SealFault> {
        self.unwrap_at(ticket.as_str(), wrapped)
    }

    /// Unwraps a key that is no ticket's.
    ///
    /// # Errors
    /// [`SealFault`] when it was wrapped for another place or under another root key.
    pub fn unwrap_at(&self, place: &str, wrapped: &[u8]) -> Result<TicketKey, SealFault> {
        let bytes = Zeroizing::new(decrypt(&self.0, wrapped, place.as_bytes())?);
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_length| SealFault)?;
        Ok(TicketKey(Zeroizing::new(key)))
    }
}

/// The key of one ticket, or of one thing that is no ticket's.
pub struct TicketKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketKey(…)")
    }
}

impl TicketKey {
    /// A key of these random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Seals `plain` as record `record` of `ticket`.
    ///
    /// # Errors
    /// [`SealFault`] never in practice.
    pub fn seal(
        &self,
        (ticket, record): (&TicketId, &RecordId),
        plain: &[u8],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Vec<u8>, SealFault> {
        self.seal_at(&place(ticket, record), plain, nonce)
    }

    /// Seals `plain` for one place alone, where no ticket has it.
    ///
    /// # Errors
    /// [`SealFault`] never in practice.
    pub fn seal_at(
        &self,
        place: &str,
        plain: &[u8],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Vec<u8>, SealFault> {
        encrypt(&self.0, nonce, plain, place.as_bytes())
    }

    /// Opens a record.
    ///
    /// # Errors
    /// [`SealFault`] when it is another ticket's or another record's, or was altered.
    pub fn open(
        &self,
        (ticket, record): (&TicketId, &RecordId),
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealFault> {
        self.open_at(&place(ticket, record), sealed)
    }

    /// Opens what was sealed for one place.
    ///
    /// # Errors
    /// [`SealFault`] when it was sealed for another, or was altered.
    pub fn open_at(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealFault> {
        decrypt(&self.0, sealed, place.as_bytes())
    }
}

/// What a sealed record is bound to, so that it opens only where it belongs.
fn place(ticket: &TicketId, record: &RecordId) -> String {
    format!("{ticket}/{record}")
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

fn encrypt(
    key: &[u8; 32],
    nonce: [u8; NONCE_BYTES],
    plain: &[u8],
    place: &[u8],
) -> Result<Vec<u8>, SealFault> {
    let payload = Payload { msg: plain, aad: place };
    let sealed = cipher(key).encrypt(&Nonce::from(nonce), payload).map_err(|_aead| SealFault)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(key: &[u8; 32], sealed: &[u8], place: &[u8]) -> Result<Vec<u8>, SealFault> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(SealFault)?;
    cipher(key)
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place })
        .map_err(|_aead| SealFault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(c: char) -> TicketId {
        TicketId::parse(&c.to_string().repeat(26)).unwrap()
    }

    #[test]
    fn a_seal_opens_only_with_its_key_in_its_place_and_unaltered() {
        let (root, key) = (RootKey::from_secret(b"root"), TicketKey::new([7; 32]));
        let record = RecordId::request(&ticket('a'));
        let sealed = key.seal((&ticket('a'), &record), b"text", [1; 12]).unwrap();
        assert_eq!(key.open((&ticket('a'), &record), &sealed).unwrap(), b"text");
        assert_eq!(key.open((&ticket('b'), &record), &sealed), Err(SealFault));
        assert_eq!(TicketKey::new([8; 32]).open((&ticket('a'), &record), &sealed), Err(SealFault));
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(key.open((&ticket('a'), &record), &altered), Err(SealFault), "byte {at}");
        }
        assert_eq!(key.open((&ticket('a'), &record), b"short"), Err(SealFault));

        let wrapped = root.wrap(&ticket('a'), &key, [2; 12]).unwrap();
        assert_eq!(root.unwrap(&ticket('a'), &wrapped).unwrap().0, key.0);
        assert!(root.unwrap(&ticket('b'), &wrapped).is_err());
        assert!(RootKey::from_secret(b"other").unwrap(&ticket('a'), &wrapped).is_err());
    }

    #[test]
    fn what_is_no_ticket_s_opens_in_its_place_only() {
        let (root, key) = (RootKey::from_secret(b"root"), TicketKey::new([7; 32]));
        let sealed = key.seal_at("q/one/1.json", b"text", [1; 12]).unwrap();
        let wrapped = root.wrap_at("q/one/1.json", &key, [2; 12]).unwrap();
        let unwrapped = root.unwrap_at("q/one/1.json", &wrapped).unwrap();
        assert_eq!(unwrapped.open_at("q/one/1.json", &sealed).unwrap(), b"text");
        assert_eq!(unwrapped.open_at("q/one/2.json", &sealed), Err(SealFault));
        assert!(root.unwrap_at("q/one/2.json", &wrapped).is_err());
        assert!(root.unwrap(&ticket('a'), &wrapped).is_err());
    }

    #[test]
    fn a_citizen_is_found_under_the_same_root_key_and_region_only() {
        let region = RegionCode::parse("140581").unwrap();
        let hash = RootKey::from_secret(b"root").citizen(&region, "13800000000");
        assert_eq!(hash.len(), 32);
        assert_eq!(hash, RootKey::from_secret(b"root").citizen(&region, "13800000000"));
        assert_ne!(hash, RootKey::from_secret(b"toor").citizen(&region, "13800000000"));
        assert_ne!(
            hash,
            RootKey::from_secret(b"root")
                .citizen(&RegionCode::parse("140500").unwrap(), "13800000000")
        );
    }
}
