//! The addendum (补充卷): what happened to a case after its dossier, one object for each late fact.
//!
//! As the dossier it is a pure function of the ticket: it holds the entries after those that the
//! object before it holds, up to the late fact, whatever has come since. Dossier and addenda one
//! after the other are the whole chain.

use domain::{Archive, Ticket};
use serde::{Deserialize, Serialize};

use crate::dossier::{DossierRecord, dossier_key, records};
use crate::entry::EntryWire;

/// The JSON object in the archive. Members stand in alphabetical order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addendum {
    /// `lianxin.addendum.v1`.
    pub format: String,
    /// The hash of the last entry, in hexadecimal.
    pub head: String,
    /// SHA-256, in hexadecimal, of the object before it: the dossier or another addendum.
    pub previous: String,
    /// The sealed records that these entries name, in their order.
    pub records: Vec<DossierRecord>,
    /// The administrative division.
    pub region: String,
    /// The ticket's id.
    pub ticket: String,
    /// The entries after the last one of the object before, up to the late fact.
    pub timeline: Vec<EntryWire>,
}

impl Addendum {
    /// The format this code writes.
    pub const FORMAT: &'static str = "lianxin.addendum.v1";

    /// The addendum that follows on `before`, the latest archived object of a ticket, and seals up
    /// to the entry `until`. `ticket` holds its whole timeline. `ciphertext` as in
    /// [`crate::Dossier::of`]. `None` when the ticket has no such entries.
    #[must_use]
    pub fn of(
        ticket: &Ticket,
        (before, until): (&Archive, u32),
        ciphertext: impl Fn(&domain::RecordId) -> Option<String>,
    ) -> Option<Self> {
        let within = |seq: u32| seq > before.sealed_seq && seq <= until;
        let entries: Vec<_> = ticket.timeline().iter().filter(|entry| within(entry.seq)).collect();
        let last = entries.last().filter(|last| last.seq == until)?;
        Some(Self {
            format: Self::FORMAT.to_owned(),
            head: last.hash().to_string(),
            previous: before.sha256.to_string(),
            records: records(&entries, ciphertext),
            region: ticket.region().to_string(),
            ticket: ticket.id().to_string(),
            timeline: entries.into_iter().map(EntryWire::from).collect(),
        })
    }

    /// The bytes of the object.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Where the addendum that seals up to the entry `until` lies: `<seq>.json` under the dossier's key
/// without its ending (design, section 3).
#[must_use]
pub fn addendum_key(ticket: &Ticket, until: u32) -> String {
    let dossier = dossier_key(ticket);
    format!("{}/{until}.json", dossier.trim_end_matches(".json"))
}
