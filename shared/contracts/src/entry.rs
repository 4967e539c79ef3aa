//! A timeline's entry as JSON: in the dossier, and wherever a timeline is shown to a machine.

use std::collections::BTreeMap;

use domain::{Actor, CommandId, Entry, Event, Hash, Record, Timestamp};
use serde::{Deserialize, Serialize};

/// An entry on the wire. Members stand in alphabetical order, so that the same entry is always the
/// same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryWire {
    /// The actor's text.
    pub actor: String,
    /// Beijing time with milliseconds.
    pub at: String,
    /// The command that caused it, if it came from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The event's fields.
    pub fields: BTreeMap<String, String>,
    /// The event's kind.
    pub kind: String,
    /// The hash of the entry before, in hexadecimal.
    pub prev: String,
    /// Position, from 1.
    pub seq: u32,
}

/// Which member of an entry cannot be read. It never quotes the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` of the entry cannot be read")]
pub struct EntryFault(pub &'static str);

impl From<&Entry> for EntryWire {
    fn from(entry: &Entry) -> Self {
        let Record { kind, fields } = entry.event.to_record();
        Self {
            actor: entry.actor.to_string(),
            at: entry.at.to_string(),
            cause: entry.cause.as_ref().map(ToString::to_string),
            fields,
            kind,
            prev: entry.prev.to_string(),
            seq: entry.seq,
        }
    }
}

impl TryFrom<EntryWire> for Entry {
    type Error = EntryFault;

    fn try_from(wire: EntryWire) -> Result<Self, EntryFault> {
        let record = Record { kind: wire.kind, fields: wire.fields };
        let cause = wire.cause.as_deref().map(CommandId::parse).transpose();
        Ok(Self {
            seq: wire.seq,
            at: Timestamp::parse(&wire.at).map_err(|_fault| EntryFault("at"))?,
            actor: Actor::parse(&wire.actor).map_err(|_fault| EntryFault("actor"))?,
            cause: cause.map_err(|_fault| EntryFault("cause"))?,
            event: Event::from_record(&record).map_err(|_fault| EntryFault("event"))?,
            prev: Hash::parse(&wire.prev).ok_or(EntryFault("prev"))?,
        })
    }
}
