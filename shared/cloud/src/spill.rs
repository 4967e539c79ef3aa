//! Spilling: when a ticket item grows past 4 KB its oldest entries move to an item of their own,
//! still chained, so that the next transition costs no more than the first ones did.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue as Value;
use domain::{Entry, Spill, Ticket};

use crate::item::{Item, entry_to_value};
use crate::keys;

/// An item whose timeline is larger than this, in bytes as DynamoDB counts them, spills.
const SPILL_AT: usize = 4096;
/// So many entries stay on the ticket item.
const KEEP: usize = 8;

/// The size of a value as DynamoDB counts it: names and texts, and about three bytes for each
/// list, map and member.
fn size(value: &Value) -> usize {
    match value {
        Value::S(text) | Value::N(text) => text.len(),
        Value::B(blob) => blob.as_ref().len(),
        Value::L(list) => 3 + list.iter().map(|value| 1 + size(value)).sum::<usize>(),
        Value::M(map) => {
            3 + map.iter().map(|(name, value)| 1 + name.len() + size(value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// What moves off the ticket item, if it has grown too large.
pub(crate) fn spill(ticket: &Ticket) -> Option<Spill> {
    let large =
        ticket.timeline().iter().map(entry_to_value).map(|value| size(&value)).sum::<usize>()
            > SPILL_AT;
    if large { ticket.spill(KEEP) } else { None }
}

/// The causes of entries with the kind of event each led to, so that a command that comes again is
/// known when its entry is held no more.
#[must_use]
pub fn causes(entries: &[Entry]) -> BTreeMap<String, String> {
    let caused = entries.iter().filter_map(|entry| Some((entry.cause.as_ref()?, entry)));
    caused.map(|(cause, entry)| (cause.to_string(), entry.event.kind().to_string())).collect()
}

/// The items that spilled entries become: sort key and attributes.
pub(crate) fn items(entries: &[Entry]) -> Vec<(String, Item)> {
    let first = entries.first().map_or(0, |entry| entry.seq);
    let list = Value::L(entries.iter().map(entry_to_value).collect());
    let mut items =
        vec![(keys::spilled(keys::ENTRIES, first), Item::from([("tl".to_owned(), list)]))];
    let causes = causes(entries);
    if !causes.is_empty() {
        let map = causes.into_iter().map(|(cause, kind)| (cause, Value::S(kind))).collect();
        let item = Item::from([("cs".to_owned(), Value::M(map))]);
        items.push((keys::spilled(keys::CAUSES, first), item));
    }
    items
}
