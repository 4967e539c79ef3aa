//! A ticket as a DynamoDB item: short attribute names, digests as bytes, no text of a person.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use domain::{
    Actor, Card, CardKind, CommandId, Entry, Event, Hash, Owner, Record, RegionCode, ReplayFault,
    Status, Ticket, TicketId, Tier, Timestamp, cards,
};
use ports::Stored;

use crate::{keys, packed};

/// An item of a table.
pub(crate) type Item = HashMap<String, Value>;

/// Why an item is not a ticket. It names an attribute, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItemFault {
    /// An attribute is missing or of another type.
    #[error("attribute `{0}` cannot be read")]
    Attribute(&'static str),
    /// An entry of the timeline cannot be read.
    #[error("entry {seq} cannot be read: `{attribute}`")]
    Entry {
        /// Which entry, by its place from 1.
        seq: usize,
        /// Which attribute of it.
        attribute: &'static str,
    },
    /// The timeline is not one.
    #[error(transparent)]
    Replay(#[from] ReplayFault),
    /// The status or version written beside the timeline is another than the timeline's.
    #[error("`{0}` differs from what the timeline says")]
    Differs(&'static str),
}

fn text(value: &str) -> Value {
    Value::S(value.to_owned())
}

fn number(value: i64) -> Value {
    Value::N(value.to_string())
}

pub(crate) fn bytes(value: &[u8]) -> Value {
    Value::B(Blob::new(value))
}

fn fields_to_value(fields: BTreeMap<String, String>) -> Value {
    Value::M(fields.into_iter().map(|(name, value)| (name, Value::S(value))).collect())
}

fn fields_from(value: &Value) -> Option<BTreeMap<String, String>> {
    let fields = value.as_m().ok()?.iter();
    fields.map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone()))).collect()
}

/// The state that the entries of an item follow on.
pub(crate) fn base_to_value(state: &Record) -> Value {
    let fields = fields_to_value(state.fields.clone());
    Value::M(Item::from([("k".to_owned(), text(&state.kind)), ("f".to_owned(), fields)]))
}

fn base_from(value: &Value) -> Option<Record> {
    let map = value.as_m().ok()?;
    Some(Record { kind: map.get("k")?.as_s().ok()?.clone(), fields: fields_from(map.get("f")?)? })
}

pub(crate) fn entry_to_value(entry: &Entry) -> Value {
    let Record { kind, fields } = entry.event.to_record();
    let mut map = Item::from([
        ("n".to_owned(), number(entry.seq.into())),
        ("t".to_owned(), number(entry.at.millis())),
        ("a".to_owned(), Value::S(entry.actor.to_string())),
        ("k".to_owned(), Value::S(kind)),
        ("f".to_owned(), fields_to_value(fields)),
        ("p".to_owned(), bytes(entry.prev.as_bytes())),
    ]);
    if let Some(cause) = &entry.cause {
        map.insert("c".to_owned(), text(cause.as_str()));
    }
    Value::M(map)
}

fn entry_from_value(value: &Value) -> Result<Entry, &'static str> {
    let map = value.as_m().map_err(|_type| "entry")?;
    let string = |name: &'static str| map.get(name).and_then(|v| v.as_s().ok()).ok_or(name);
    let whole = |name: &'static str| map.get(name).and_then(|v| v.as_n().ok()).ok_or(name);
    let fields = map.get("f").and_then(fields_from).ok_or("f")?;
    let record = Record { kind: string("k")?.clone(), fields };
    let cause = map
        .get("c")
        .map(|v| v.as_s().ok().and_then(|c| CommandId::parse(c).ok()).ok_or("c"))
        .transpose()?;
    let prev = map
        .get("p")
        .and_then(|v| v.as_b().ok())
        .and_then(|b| Hash::from_bytes(b.as_ref()))
        .ok_or("p")?;
    Ok(Entry {
        seq: whole("n")?.parse().map_err(|_number| "n")?,
        at: Timestamp::from_millis(whole("t")?.parse().map_err(|_number| "t")?),
        actor: Actor::parse(string("a")?).map_err(|_fault| "a")?,
        cause,
        event: Event::from_record(&record).map_err(|_fault| "f")?,
        prev,
    })
}

/// The index attributes that ride on the ticket item.
#[must_use]
pub fn index_values(ticket: &Ticket, lease_ms: i64) -> BTreeMap<&'static str, String> {
    let (region, id) = (ticket.region(), ticket.id());
    let mut values = BTreeMap::from([("no_pk", keys::number(region, ticket.number()))]);
    let tier = ticket.assignment().map_or(Tier::City, |assignment| assignment.tier);
    if let Some(partition) = keys::tier_status(region, tier, ticket.status(), id) {
        values.insert("ts_pk", partition);
        values.insert("ts_sk", keys::instant_sort(ticket.received_at(), id));
    }
    if ticket.status() == Status::Archived {
        let last = ticket.timeline().last().map_or(ticket.received_at(), |last| last.at);
        values.insert("ar_pk", keys::archived(region, keys::shard(id)));
        values.insert("ar_sk", keys::instant_sort(last, id));
    }
    // The lead counts them for ever, and asks for them once.
    if let Some(lead) = ticket.lead().or(ticket.answered_with()) {
        values.insert("ld_pk", keys::ticket(region, lead));
        values.insert("ld_sk", keys::follower(ticket.lead().is_none(), id));
    }
    if let Some(turn) = cards(ticket, lease_ms).first().filter(|card| card.kind == CardKind::Turn) {
        values.extend(card_values(ticket, turn));
    }
    values
}

fn card_values(ticket: &Ticket, card: &Card) -> BTreeMap<&'static str, String> {
    let machine = card.owner == Owner::Machine;
    let mut values = BTreeMap::new();
    // By `due` the clocks find what to look at and when; by `inbox` people, what is due and when.
    if let Some(alarm) = card.alarm {
        let partition = keys::due(ticket.region(), machine, keys::shard(ticket.id()));
        values.insert("due_pk", partition);
        values.insert("due_sk", keys::due_sort(alarm, ticket.id(), &card.kind));
    }
    if let Some(inbox) = card.owner.inbox() {
        values.insert("in_pk", keys::inbox(ticket.region(), &inbox));
        values.insert("in_sk", keys::due_sort(card.due, ticket.id(), &card.kind));
    }
    values
}

/// The extra cards by sort key, each with its index attributes.
#[must_use]
pub fn card_items(
    ticket: &Ticket,
    lease_ms: i64,
) -> BTreeMap<String, BTreeMap<&'static str, String>> {
    cards(ticket, lease_ms)
        .iter()
        .filter(|card| card.kind != CardKind::Turn)
        .map(|card| (keys::card(&card.kind), card_values(ticket, card)))
        .collect()
}

/// The whole item of a new ticket.
pub(crate) fn new_item(ticket: &Ticket, citizen: Option<&str>, lease_ms: i64) -> Item {
    let mut item = Item::from([
        ("pk".to_owned(), Value::S(keys::ticket(ticket.region(), ticket.id()))),
        ("sk".to_owned(), text(keys::TICKET)),
        ("v".to_owned(), number(ticket.version().into())),
        ("st".to_owned(), text(ticket.status().as_str())),
        ("hd".to_owned(), bytes(ticket.head().as_bytes())),
        ("tl".to_owned(), bytes(&packed::pack(ticket.timeline()))),
    ]);
    for (name, value) in index_values(ticket, lease_ms) {
        item.insert(name.to_owned(), Value::S(value));
    }
    if let Some(hash) = citizen {
        item.insert("ci_pk".to_owned(), Value::S(keys::citizen(ticket.region(), hash)));
        item.insert(
            "ci_sk".to_owned(),
            Value::S(keys::instant_sort(ticket.received_at(), ticket.id())),
        );
    }
    item
}

/// Reads the entries of a ticket item (packed, or one by one as they were written once), or of one
/// that holds spilled ones (one by one).
///
/// # Errors
/// [`ItemFault`] names the entry and the attribute that cannot be read.
pub fn entries_from_item(item: &Item) -> Result<Vec<Entry>, ItemFault> {
    if let Some(Value::B(packed)) = item.get("tl") {
        return packed::unpack(packed.as_ref());
    }
    let entries = item.get("tl").and_then(|v| v.as_l().ok()).ok_or(ItemFault::Attribute("tl"))?;
    let read = |(seq, value)| {
        entry_from_value(value).map_err(|attribute| ItemFault::Entry { seq, attribute })
    };
    (1_usize..).zip(entries).map(read).collect()
}

/// Reads a ticket item, checking chain, transitions, status and version.
///
/// # Errors
/// [`ItemFault`] names what is not as it was written.
pub fn ticket_from_item(
    region: &RegionCode,
    id: &TicketId,
    item: &Item,
) -> Result<Stored, ItemFault> {
    let entries = entries_from_item(item)?;
    let head = item.get("hd").and_then(|v| v.as_b().ok());
    let head = head.and_then(|bytes| Hash::from_bytes(bytes.as_ref()));
    let head = head.ok_or(ItemFault::Attribute("hd"))?;
    let ticket = match item.get("sn") {
        None => Ticket::replay(region.clone(), id.clone(), entries, head)?,
        Some(base) => {
            let base = base_from(base).ok_or(ItemFault::Attribute("sn"))?;
            Ticket::resume(region.clone(), id.clone(), &base, entries, head)?
        }
    };
    if item.get("v").and_then(|v| v.as_n().ok()) != Some(&ticket.version().to_string()) {
        return Err(ItemFault::Differs("v"));
    }
    if item.get("st").and_then(|v| v.as_s().ok()).map(String::as_str)
        != Some(ticket.status().as_str())
    {
        return Err(ItemFault::Differs("st"));
    }
    let attempts =
        item.get("at").and_then(|v| v.as_n().ok()).and_then(|n| n.parse().ok()).unwrap_or(0);
    Ok(Stored { ticket, attempts })
}

#[cfg(test)]
mod tests {
    use domain::{ChannelName, RecordId, RequestKind, SealedRef};

    use super::*;

    fn ticket() -> Ticket {
        let channel = ChannelName::parse("hotline-12345").unwrap();
        let id = TicketId::derive(&channel, "A-1");
        let request = SealedRef { record: RecordId::request(&id), seal: Hash::ZERO };
        let region = RegionCode::parse("140581").unwrap();
        let now = Timestamp::from_millis(1_800_000_000_000);
        Ticket::receive(region, (channel, "A-1"), (RequestKind::Help, None), request, now).unwrap()
    }

    #[test]
    fn an_item_reads_back_as_the_same_ticket() {
        let ticket = ticket();
        let item = new_item(&ticket, Some("abc"), 10_000);
        let list = Value::L(ticket.timeline().iter().map(entry_to_value).collect());
        let before = Item::from([("tl".to_owned(), list)]);
        let before = item.clone().into_iter().chain(before).collect();
        for item in [item, before] {
            let stored = ticket_from_item(ticket.region(), ticket.id(), &item).unwrap();
            assert_eq!(stored, Stored { ticket: ticket.clone(), attempts: 0 });
        }
    }

    #[test]
    fn every_attribute_that_was_changed_is_noticed() {
        let ticket = ticket();
        let item = new_item(&ticket, None, 10_000);
        for (name, value) in [
            ("v", number(2)),
            ("st", text("accepted")),
            ("hd", bytes(&[1; 32])),
            ("tl", Value::L(vec![])),
            ("tl", text("no list")),
        ] {
            let mut wrong = item.clone();
            wrong.insert(name.to_owned(), value);
            assert!(ticket_from_item(ticket.region(), ticket.id(), &wrong).is_err(), "{name}");
        }
    }
}
