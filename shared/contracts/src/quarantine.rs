//! Quarantine (隔离): a message that was proven to come from its channel and not understood, sealed until
//! somebody has looked at it.

use domain::{ChannelName, Hash, Timestamp};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// The digits of the hash that an order id made of it shows.
const ORDER_DIGITS: usize = 16;

/// What lies in quarantine: the channel it came by, and the hash of channel and bytes, so that the same
/// message again is the same entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineId {
    channel: ChannelName,
    hash: Hash,
}

impl QuarantineId {
    /// The id of a message of a channel.
    #[must_use]
    pub fn of(channel: &ChannelName, raw: &[u8]) -> Self {
        let parts = [channel.as_str().as_bytes(), raw];
        Self { channel: channel.clone(), hash: Hash::of("lianxin.quarantine.v1", &parts) }
    }

    /// Reads `<channel>/<hash>`, as [`std::fmt::Display`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (channel, hash) = text.split_once('/')?;
        Some(Self { channel: ChannelName::parse(channel).ok()?, hash: Hash::parse(hash)? })
    }

    /// The id in the key of an object; `None` for what is none.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::parse(key.strip_prefix("q/")?.strip_suffix(".json")?)
    }

    /// The key of the object; what is sealed in it opens nowhere else.
    #[must_use]
    pub fn key(&self) -> String {
        format!("q/{self}.json")
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> &ChannelName {
        &self.channel
    }

    /// The order id under which it becomes a request, unless somebody knows a better one.
    #[must_use]
    pub fn order(&self) -> String {
        let digits: String = self.hash.to_string().chars().take(ORDER_DIGITS).collect();
        format!("quarantine-{digits}")
    }
}

impl std::fmt::Display for QuarantineId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.channel, self.hash)
    }
}

/// The JSON object in the bucket. Members stand in alphabetical order. Nothing in it but the ciphertext
/// comes from the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantined {
    /// When it first came, in wall time.
    pub at: String,
    /// How many bytes it has.
    pub bytes: usize,
    /// The channel it came by.
    pub channel: String,
    /// AES-256-GCM under a key of its own, the object's key as additional data: nonce (12 bytes),
    /// ciphertext, tag; in base64. Inside is a [`QuarantinedText`].
    pub ciphertext: String,
    /// The fields that were wrong, in the contract's words.
    pub fields: Vec<String>,
    /// `lianxin.quarantine.v1`.
    pub format: String,
    /// The key, wrapped under the root key and bound to the object's key; in base64.
    pub key: String,
    /// The kind of problem that its sender was answered: `urn:lianxin:problem:<kind>`.
    pub problem: String,
    /// The hash in the object's key.
    pub sha256: String,
}

impl Quarantined {
    /// The format this code writes.
    pub const FORMAT: &'static str = "lianxin.quarantine.v1";

    /// The object of a message of so many bytes that was refused with `problem`. `key` and
    /// `ciphertext` are in base64.
    #[must_use]
    pub fn of(
        id: &QuarantineId,
        (problem, bytes, at): (&Problem, usize, Timestamp),
        (key, ciphertext): (String, String),
    ) -> Self {
        Self {
            at: at.to_string(),
            bytes,
            channel: id.channel.to_string(),
            ciphertext,
            fields: problem.errors.iter().map(|fault| fault.field.clone()).collect(),
            format: Self::FORMAT.to_owned(),
            key,
            problem: problem.kind.clone(),
            sha256: id.hash.to_string(),
        }
    }

    /// The object's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads an object; `None` when it is not one of this version.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(|read: &Self| read.format == Self::FORMAT)
    }

    /// Why it lies there, in a few words: the kind of problem and the fields.
    #[must_use]
    pub fn reason(&self) -> String {
        let kind = self.problem.rsplit(':').next().unwrap_or_default();
        if self.fields.is_empty() {
            return kind.to_owned();
        }
        format!("{kind}: {}", self.fields.join(", "))
    }
}

/// What is sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuarantinedText {
    /// What a person can read in it.
    pub words: String,
    /// The message as it came, in base64.
    pub raw: String,
}

/// It may hold anything about anybody.
impl std::fmt::Debug for QuarantinedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("QuarantinedText(…)")
    }
}

impl QuarantinedText {
    /// The bytes that are sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads them; `None` when they are not of this version.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_is_of_channel_and_bytes() {
        let channel = |name| ChannelName::parse(name).unwrap();
        let id = QuarantineId::of(&channel("one"), b"body");
        assert_eq!(QuarantineId::parse(&id.to_string()), Some(id.clone()));
        assert_eq!(QuarantineId::from_key(&id.key()), Some(id.clone()));
        assert_eq!(id, QuarantineId::of(&channel("one"), b"body"));
        assert_ne!(id, QuarantineId::of(&channel("two"), b"body"));
        assert_ne!(id, QuarantineId::of(&channel("one"), b"bodz"));
        assert_eq!(id.order().len(), "quarantine-".len() + ORDER_DIGITS);
        for wrong in ["", "one", "one/", "one/ff", "q/one/ff.json", "m/one.eml"] {
            assert_eq!(QuarantineId::parse(wrong), None, "{wrong}");
            assert_eq!(QuarantineId::from_key(wrong), None, "{wrong}");
        }
    }
}
