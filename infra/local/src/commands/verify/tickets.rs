//! Tickets: readable, chained, legal, and their index values and cards what the rules derive.

use std::collections::BTreeMap;

use cloud::{
    ItemFault, card_items, causes, entries_from_item, index_values, keys, ticket_from_item,
};
use domain::{CardKind, ChainFault, ReplayFault, Status, Ticket, TicketId};
use ports::World;

use super::contents::{Contents, Item, text, unknown};
use super::{Findings, told};

/// Checks every item of the tickets table; gives the readable tickets by partition key.
pub(super) fn check(
    contents: &Contents,
    world: &World,
    findings: &mut Findings,
) -> BTreeMap<String, Ticket> {
    let mut tickets = BTreeMap::new();
    for (pk, items) in &contents.tickets {
        if is_claim(pk, items) || is_counts(pk, items) || is_rules(pk, items, world) {
            continue;
        }
        let region = pk.split_once('#').map(|(region, _)| region);
        let Some(id) = keys::ticket_of(pk).filter(|_| region == Some(world.region.as_str())) else {
            findings.note(
                "foreign_key",
                pk,
                "the partition key is not one of this region's tickets",
            );
            continue;
        };
        let Some(item) = items.get(keys::TICKET) else {
            findings.note("ticket_missing", id.as_str(), "cards without their ticket");
            continue;
        };
        findings.tickets += 1;
        attributes(&id, item, findings);
        let read = ticket_from_item(&world.region, &id, item);
        match read.and_then(|stored| whole(stored.ticket, items, findings)) {
            Ok(ticket) => {
                findings.archived += usize::from(ticket.status() == Status::Archived);
                findings.events += ticket.timeline().len();
                index_attributes(&ticket, item, world.lease_ms, findings);
                cards(&ticket, items, world.lease_ms, findings);
                told::check(&ticket, item, findings);
                tickets.insert(pk.clone(), ticket);
            }
            Err(fault) => findings.note(kind(&fault), id.as_str(), fault.to_string()),
        }
    }
    for ticket in tickets.values() {
        let Some(lead) = ticket.lead().or(ticket.answered_with()) else { continue };
        let (id, pk) = (ticket.id().as_str(), keys::ticket(ticket.region(), lead));
        let stands =
            contents.tickets.get(&pk).is_some_and(|items| items.contains_key(keys::TICKET));
        match tickets.get(&pk) {
            Some(lead) if !ticket.has_its_answers_of(lead) => {
                findings.note("answer_of_nobody", id, "its lead has never given this answer");
            }
            // One that stands but cannot be read is accused itself, not its followers.
            None if !stands => {
                findings.note("lead_missing", id, "the ticket it follows does not exist");
            }
            Some(_) | None => {}
        }
    }
    tickets
}

/// The ticket with its whole timeline. Snapshots are believed by the functions; here they are held to
/// what the spilled entries lead to.
fn whole(
    ticket: Ticket,
    items: &BTreeMap<String, Item>,
    findings: &mut Findings,
) -> Result<Ticket, ItemFault> {
    let id = ticket.id().as_str();
    let mut entries = Vec::new();
    for (sort, item) in items.iter().filter(|(sort, _)| sort.starts_with(keys::ENTRIES)) {
        let spilled = entries_from_item(item)?;
        let causes_at = sort.replacen(keys::ENTRIES, keys::CAUSES, 1);
        let stored = items.get(&causes_at).and_then(|item| item.get("cs")?.as_m().ok());
        let stored = stored.into_iter().flatten();
        let stored: BTreeMap<String, String> = stored
            .filter_map(|(cause, kind)| Some((cause.clone(), kind.as_s().ok()?.clone())))
            .collect();
        if stored != causes(&spilled) {
            findings.note("causes_wrong", id, format!("`{causes_at}` is not what the entries say"));
        }
        entries.extend(spilled);
    }
    let Some(base) = ticket.base() else {
        if !entries.is_empty() {
            findings.note(
                "entries_stale",
                id,
                "spilled entries of a ticket that holds all its own",
            );
        }
        return Ok(ticket);
    };
    let at_base = ticket.timeline().first().map_or(ticket.head(), |first| first.prev);
    let replay =
        |entries, head| Ticket::replay(ticket.region().clone(), ticket.id().clone(), entries, head);
    if replay(entries.clone(), at_base)?.snapshot() != *base {
        findings.note("snapshot_differs", id, "the spilled entries lead to another state");
    }
    entries.extend(ticket.timeline().iter().cloned());
    Ok(replay(entries, ticket.head())?)
}

/// A claim of an upload and nothing else: `photos.rs` looks at those.
fn is_claim(pk: &str, items: &BTreeMap<String, Item>) -> bool {
    let alone = |item: &Item| items.len() == 1 && unknown(item, &["pk", "sk", "tk"]) == 0;
    pk.contains("#u#") && items.get(keys::CLAIM).is_some_and(alone)
}

/// What a channel has sent and nothing else; each expires within the hour.
fn is_counts(pk: &str, items: &BTreeMap<String, Item>) -> bool {
    let known = |(sk, item): (&String, &Item)| {
        sk.starts_with(keys::COUNT) && unknown(item, &["pk", "sk", "ct", "ex"]) == 0
    };
    pk.contains("#n#") && items.iter().all(known)
}

/// The calendar in force and nothing else.
fn is_rules(pk: &str, items: &BTreeMap<String, Item>, world: &World) -> bool {
    let known = |(sk, item): (&String, &Item)| {
        sk == keys::CALENDAR && unknown(item, &["pk", "sk", "v", "vs", "tx", "at", "rp"]) == 0
    };
    pk == keys::rules(&world.region) && items.iter().all(known)
}

fn kind(fault: &ItemFault) -> &'static str {
    match fault {
        ItemFault::Attribute(_) => "ticket_unreadable",
        ItemFault::Entry { .. } => "event_unreadable",
        ItemFault::Replay(ReplayFault::Chain(ChainFault::Place { .. })) => "event_missing",
        ItemFault::Replay(ReplayFault::Chain(ChainFault::Altered { .. })) => "event_altered",
        ItemFault::Replay(ReplayFault::Chain(ChainFault::Time { .. })) => "time_backwards",
        ItemFault::Replay(ReplayFault::Chain(ChainFault::Head { .. })) => "head_differs",
        ItemFault::Replay(ReplayFault::Snapshot(_)) => "snapshot_unreadable",
        ItemFault::Replay(ReplayFault::Birth) => "birth_missing",
        ItemFault::Replay(ReplayFault::Transition { .. }) => "transition_illegal",
        ItemFault::Differs("v") => "version_differs",
        ItemFault::Differs(_) => "status_differs",
    }
}

/// The index attributes that ride on the ticket item.
const RIDING: &[&str] = &[
    "no_pk", "ts_pk", "ts_sk", "ld_pk", "ld_sk", "due_pk", "due_sk", "in_pk", "in_sk", "ar_pk",
    "ar_sk",
];

/// The other attributes of a ticket item, those of the citizen's index among them.
const OWN: &[&str] = &["pk", "sk", "v", "st", "hd", "tl", "sn", "at", "ci_pk", "ci_sk"];
/// The attributes of an entry of the timeline.
const ENTRY: &[&str] = &["n", "t", "a", "c", "k", "f", "p"];

/// What stands beside the chain is covered by no hash: nothing may stand there unknown.
fn attributes(id: &TicketId, item: &Item, findings: &mut Findings) {
    let unknown_ones = unknown(item, &[OWN, RIDING, told::OWN].concat());
    if unknown_ones > 0 {
        let detail = format!("unknown attributes beside the timeline: {unknown_ones}");
        findings.note("attribute_unknown", id.as_str(), detail);
    }
    let entries = item.get("tl").and_then(|tl| tl.as_l().ok()).map_or(&[][..], Vec::as_slice);
    for (seq, entry) in (1..).zip(entries) {
        if entry.as_m().is_ok_and(|entry| unknown(entry, ENTRY) > 0) {
            let detail = format!("unknown attributes in entry {seq}");
            findings.note("attribute_unknown", id.as_str(), detail);
        }
    }
}

fn index_attributes(ticket: &Ticket, item: &Item, lease_ms: i64, findings: &mut Findings) {
    let expected = index_values(ticket, lease_ms);
    for name in RIDING {
        let (stored, right) = (text(item, name), expected.get(name).map(String::as_str));
        let put_off = *name == "due_sk" && is_put_off(ticket, stored, right);
        let touched = *name == "ar_sk" && is_touched(ticket, stored, right);
        if stored != right && !put_off && !touched {
            let detail = match (stored, right) {
                (None, _) => format!("`{name}` is missing"),
                (Some(_), None) => format!("`{name}` should not be there"),
                (Some(_), Some(_)) => format!("`{name}` is not what the timeline says"),
            };
            findings.note("index_value_wrong", ticket.id().as_str(), detail);
        }
    }
}

/// The sweep puts a machine's turn off, or a lead's: the same turn, only later. Anything else it would never find.
fn is_put_off(ticket: &Ticket, stored: Option<&str>, right: Option<&str>) -> bool {
    let due = |sort: Option<&str>| Some(keys::parse_due_sort(sort?)?.0.due);
    let (Some(late), Some(due)) = (due(stored), due(right)) else { return false };
    let put_off = keys::due_sort(late, ticket.id(), &CardKind::Turn);
    ticket.looked_at_by().is_some() && late > due && stored == Some(put_off.as_str())
}

/// The command function says of a closed ticket that it is about to get a text: the same entry, only
/// later.
fn is_touched(ticket: &Ticket, stored: Option<&str>, right: Option<&str>) -> bool {
    let (Some(stored), Some(right)) = (stored, right) else { return false };
    stored > right && keys::ticket_of_instant_sort(stored).as_ref() == Some(ticket.id())
}

fn cards(ticket: &Ticket, items: &BTreeMap<String, Item>, lease_ms: i64, findings: &mut Findings) {
    let expected = card_items(ticket, lease_ms);
    let id = ticket.id().as_str();
    for (sort, values) in &expected {
        match items.get(sort) {
            None => findings.note("card_missing", id, format!("`{sort}`")),
            Some(item) => {
                let wrong = values.iter().any(|(name, value)| text(item, name) != Some(value));
                if wrong || item.len() != values.len() + 2 {
                    findings.note(
                        "card_wrong",
                        id,
                        format!("`{sort}` is not what the timeline says"),
                    );
                }
            }
        }
    }
    for sort in items.keys().filter(|sort| *sort != keys::TICKET && !expected.contains_key(*sort)) {
        let entries = sort.replacen(keys::CAUSES, keys::ENTRIES, 1);
        // Spilled entries and their causes are checked where they are read.
        if entries.starts_with(keys::ENTRIES) && items.contains_key(&entries) {
            continue;
        }
        let kind = if sort.starts_with(keys::CARD) { "card_stale" } else { "item_unknown" };
        findings.note(kind, id, format!("`{sort}` stands for nothing in the timeline"));
    }
}
