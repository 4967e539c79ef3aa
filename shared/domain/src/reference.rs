//! What an event names instead of holding it: sealed records, and items of the catalog.

use std::collections::BTreeMap;

use crate::hash::Hash;
use crate::ids::{ItemCode, RecordId};
use crate::record::{Field, RecordFault, Text};

/// A reference to a sealed record: where it lies, and the salted commitment to what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRef {
    /// The id of the record within its ticket.
    pub record: RecordId,
    /// The commitment to its text.
    pub seal: Hash,
}

/// One fact that may hold two of the event's fields: see [`SealedRef`].
impl Field for SealedRef {
    fn put(&self, _key: &'static str, fields: &mut BTreeMap<String, String>) {
        self.record.put("record", fields);
        self.seal.put("seal", fields);
    }

    fn take(
        _key: &'static str,
        fields: &mut BTreeMap<String, String>,
    ) -> Result<Self, RecordFault> {
        Ok(Self { record: RecordId::take("record", fields)?, seal: Hash::take("seal", fields)? })
    }
}

/// A request's sealed text is optional for a few events.
impl Field for Option<SealedRef> {
    fn put(&self, key: &'static str, fields: &mut BTreeMap<String, String>) {
        if let Some(sealed) = self {
            sealed.put(key, fields);
        }
    }

    fn take(key: &'static str, fields: &mut BTreeMap<String, String>) -> Result<Self, RecordFault> {
        fields.contains_key("record").then(|| SealedRef::take(key, fields)).transpose()
    }
}

/// Item codes in order of preference, joined by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates(pub Vec<ItemCode>);

impl Text for Candidates {
    fn to_text(&self) -> String {
        self.0.iter().map(ItemCode::as_str).collect::<Vec<_>>().join(",")
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        text.split(',')
            .filter(|code| !code.is_empty())
            .map(ItemCode::from_text)
            .collect::<Result<_, _>>()
            .map(Self)
            // One list has one text, or the chain's hash would not be a function of the event.
            .and_then(|candidates| {
                let same = candidates.to_text() == text;
                same.then_some(candidates).ok_or(RecordFault::Value("codes joined by commas"))
            })
    }
}
