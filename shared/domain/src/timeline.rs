//! The chained timeline: who did what when, each entry naming the SHA-256 of the one before.

use crate::authority::Actor;
use crate::event::Event;
use crate::hash::Hash;
use crate::ids::CommandId;
use crate::timestamp::Timestamp;

/// One entry of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position in the timeline, from 1; the last one is the ticket's version.
    pub seq: u32,
    /// When, in city time; never before the entry before.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The command from outside that caused it, for deduplication; absent for the machine's own.
    pub cause: Option<CommandId>,
    /// What.
    pub event: Event,
    /// The hash of the entry before; [`Hash::ZERO`] for the first.
    pub prev: Hash,
}

impl Entry {
    /// The hash by which the next entry, or the head, names this one: over the hash before,
    /// sequence, time, actor, cause (empty if none), kind, and each field's name and text in order
    /// of the names; every part preceded by its length ([`Hash::of`]).
    #[must_use]
    pub fn hash(&self) -> Hash {
        let record = self.event.to_record();
        let (seq, at, actor) = (self.seq.to_string(), self.at.to_string(), self.actor.to_string());
        let mut parts: Vec<&[u8]> = vec![
            self.prev.as_bytes(),
            seq.as_bytes(),
            at.as_bytes(),
            actor.as_bytes(),
            self.cause.as_ref().map_or(b"".as_slice(), |cause| cause.as_str().as_bytes()),
            record.kind.as_bytes(),
        ];
        for (name, value) in &record.fields {
            parts.push(name.as_bytes());
            parts.push(value.as_bytes());
        }
        Hash::of("lianxin.entry.v1", &parts)
    }
}

/// Where a chain is broken. `seq` names the entry that is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Another entry, or none, stands where this one belongs.
    #[error("entry {seq} is missing or out of its place")]
    Place {
        /// The entry that should stand there.
        seq: u32,
    },
    /// The entry does not have the hash that the next one, or the head, names.
    #[error("entry {seq} was altered")]
    Altered {
        /// The altered entry.
        seq: u32,
    },
    /// Time runs backwards.
    #[error("entry {seq} is earlier than the one before")]
    Time {
        /// The earlier one.
        seq: u32,
    },
    /// The last entry is not the one the head names: the tail was cut, or the last entry altered.
    #[error("the timeline ends at {seq} with another head than the one known")]
    Head {
        /// The last entry present.
        seq: u32,
    },
}

/// Checks a whole timeline against the head known for it (the ticket's own, or the published one).
///
/// # Errors
/// The first [`ChainFault`].
pub fn verify_chain(entries: &[Entry], head: Hash) -> Result<(), ChainFault> {
    verify_chain_after((0, Hash::ZERO, Timestamp::MIN), entries, head)
}

/// Checks entries that follow on one with this sequence, hash and time.
pub(crate) fn verify_chain_after(
    (base, mut previous, mut time): (u32, Hash, Timestamp),
    entries: &[Entry],
    head: Hash,
) -> Result<(), ChainFault> {
    let mut rest = entries.iter();
    for seq in base + 1.. {
        let Some(entry) = rest.next() else { break };
        if entry.seq != seq {
            return Err(ChainFault::Place { seq });
        }
        if entry.prev != previous {
            return Err(blame(entry, rest.as_slice().first(), head));
        }
        if entry.at < time {
            return Err(ChainFault::Time { seq });
        }
        previous = entry.hash();
        time = entry.at;
    }
    if previous == head {
        Ok(())
    } else {
        Err(ChainFault::Head { seq: entries.last().map_or(base, |last| last.seq) })
    }
}

/// Who was altered when `entry` does not name the one before: that one if `entry` is still what the
/// next one, or the head, names; else `entry` itself.
fn blame(entry: &Entry, next: Option<&Entry>, head: Hash) -> ChainFault {
    let seq = entry.seq;
    if entry.hash() == next.map_or(head, |next| next.prev) {
        // The first entry has none before it to blame.
        ChainFault::Altered { seq: (seq - 1).max(1) }
    } else if next.is_some() {
        ChainFault::Altered { seq }
    } else {
        ChainFault::Head { seq }
    }
}
