//! The dossier (卷宗): the whole life of a case up to its evaluation, written once.
//!
//! It is a pure function of the ticket and its sealed records: no clock, every member in a fixed
//! order, so that a retry writes the same bytes. It holds ciphertext and salted commitments only;
//! whoever destroys the ticket's key has erased the person from every copy.

use domain::{Entry, Ticket};
use serde::{Deserialize, Serialize};

use crate::entry::EntryWire;

/// The JSON object in the archive. Members stand in alphabetical order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// The channel the request came by.
    pub channel: String,
    /// `lianxin.dossier.v1`.
    pub format: String,
    /// The hash of the last entry, in hexadecimal.
    pub head: String,
    /// The number the citizen was told.
    pub number: String,
    /// The sealed records the timeline names, in its order.
    pub records: Vec<DossierRecord>,
    /// The administrative division.
    pub region: String,
    /// The ticket's id.
    pub ticket: String,
    /// The entries from the receipt to the one that closed the case.
    pub timeline: Vec<EntryWire>,
}

/// One sealed record in a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DossierRecord {
    /// AES-256-GCM under the ticket's key: nonce (12 bytes), ciphertext, tag; in hexadecimal.
    pub ciphertext: String,
    /// The id of the record.
    pub record: String,
}

impl Dossier {
    /// The format this code writes.
    pub const FORMAT: &'static str = "lianxin.dossier.v1";

    /// The dossier of a closed ticket. `ciphertext` gives the sealed record of an id in hexadecimal;
    /// a record that is gone is left out, and its commitment stays in the timeline. `None` while the
    /// case is open.
    #[must_use]
    pub fn of(
        ticket: &Ticket,
        ciphertext: impl Fn(&domain::RecordId) -> Option<String>,
    ) -> Option<Self> {
        let closed = ticket.closed_seq()?;
        let entries: Vec<_> =
            ticket.timeline().iter().take_while(|entry| entry.seq <= closed).collect();
        Some(Self {
            channel: ticket.channel().to_string(),
            format: Self::FORMAT.to_owned(),
            head: entries.last()?.hash().to_string(),
            number: ticket.number().to_string(),
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

/// The sealed records that entries name, in their order; one that is gone is left out.
pub(crate) fn records(
    entries: &[&Entry],
    ciphertext: impl Fn(&domain::RecordId) -> Option<String>,
) -> Vec<DossierRecord> {
    let sealed = entries.iter().filter_map(|entry| entry.event.sealed());
    let record = |sealed: &domain::SealedRef| {
        let ciphertext = ciphertext(&sealed.record)?;
        Some(DossierRecord { ciphertext, record: sealed.record.to_string() })
    };
    sealed.filter_map(record).collect()
}

/// Where the dossier of a ticket lies: `d/<region>/<yyyy>/<mm>/<dd>/<ticket>.json`, by the Beijing
/// date of the receipt. Short: one of the engines refuses keys over 115 bytes.
#[must_use]
pub fn dossier_key(ticket: &Ticket) -> String {
    let date = ticket.received_at().beijing_date();
    format!(
        "d/{}/{:04}/{:02}/{:02}/{}.json",
        ticket.region(),
        date.year(),
        u8::from(date.month()),
        date.day(),
        ticket.id()
    )
}
