//! What lies inside a sealed record: the only place for names, telephones, addresses and texts.

use serde::{Deserialize, Serialize};

/// Who asks. All of it may be missing: a caller can stay anonymous.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citizen {
    /// The name as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The telephone number, digits only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The address as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A person never shows in a debug print.
impl std::fmt::Debug for Citizen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Citizen(…)")
    }
}

/// The plaintext of a sealed record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SealedText {
    /// The request as it was submitted.
    RequestV1 {
        /// The channel's own order id.
        order: String,
        /// When the citizen sent it, as the channel says; RFC 3339.
        sent_at: String,
        /// The title.
        title: String,
        /// The text.
        body: String,
        /// Who asks.
        citizen: Citizen,
    },
    /// A later text: a reply, a supplement, a note.
    NoteV1 {
        /// The text.
        text: String,
    },
}

/// A text never shows in a debug print.
impl std::fmt::Debug for SealedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::RequestV1 { .. } => "RequestV1(…)",
            Self::NoteV1 { .. } => "NoteV1(…)",
        })
    }
}

impl SealedText {
    /// The bytes that are sealed and committed to; the same text always gives the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the bytes back; `None` when they are of another version of this code.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}
