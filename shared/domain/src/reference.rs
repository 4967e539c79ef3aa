//! What an event names instead of holding it: sealed records, and items of the catalog.

use std::collections::BTreeMap;

use crate::hash::Hash;
use crate::ids::{ItemCode, RecordId, TicketId, UnitCode};
use crate::record::{Field, RecordFault, Text};
use crate::timestamp::Timestamp;

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

/// The ends of several units' limits, in the order of their codes; absent from the record when there are
/// none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dues(pub BTreeMap<UnitCode, Timestamp>);

impl Field for Dues {
    fn put(&self, key: &'static str, fields: &mut BTreeMap<String, String>) {
        let dues: Vec<String> = self.0.iter().map(|(unit, due)| format!("{unit}={due}")).collect();
        (!dues.is_empty()).then_some(dues.join(" ")).put(key, fields);
    }

    fn take(key: &'static str, fields: &mut BTreeMap<String, String>) -> Result<Self, RecordFault> {
        const EXPECTED: &str = "units and times in order, such as `transport=…`, joined by spaces";
        let fault = |_fault: RecordFault| RecordFault::Field { field: key, expected: EXPECTED };
        let Some(text) = fields.remove(key) else { return Ok(Self::default()) };
        let mut dues = BTreeMap::new();
        for one in text.split(' ') {
            let (unit, due) = one.split_once('=').unwrap_or_default();
            let due = Timestamp::from_text(due).map_err(fault)?;
            dues.insert(UnitCode::from_text(unit).map_err(fault)?, due);
        }
        // One list has one text, or the chain's hash would not be a function of the event.
        let (dues, mut again) = (Self(dues), BTreeMap::new());
        dues.put(key, &mut again);
        let same = again.remove(key) == Some(text);
        same.then_some(dues).ok_or(RecordFault::Field { field: key, expected: EXPECTED })
    }
}

/// A ticket that another may repeat, and how likely that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LikelyLead {
    /// The ticket.
    pub ticket: TicketId,
    /// How likely, in thousandths ([`crate::repeat`]).
    pub score: u16,
}

/// Tickets with their scores, the likeliest first, such as `…=912,…=640`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likely(pub Vec<LikelyLead>);

impl Text for Likely {
    fn to_text(&self) -> String {
        let all: Vec<String> =
            self.0.iter().map(|one| format!("{}={}", one.ticket, one.score)).collect();
        all.join(",")
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        const FAULT: RecordFault =
            RecordFault::Value("tickets and scores, such as `…=912`, joined by commas");
        let one = |text: &str| {
            let (ticket, score) = text.split_once('=').ok_or(FAULT)?;
            Ok(LikelyLead {
                ticket: TicketId::from_text(ticket)?,
                score: score.parse().map_err(|_number| FAULT)?,
            })
        };
        let all = text.split(',').filter(|one| !one.is_empty());
        let likely = Self(all.map(one).collect::<Result<_, RecordFault>>()?);
        // One list has one text, or the chain's hash would not be a function of the event.
        let same = likely.to_text() == text;
        same.then_some(likely).ok_or(FAULT)
    }
}
