//! The access journal: each day's chain, and an entry for every erasure.

use std::collections::{BTreeMap, BTreeSet};

use cloud::{entry_from_item, head_from_item, keys};
use domain::{Access, JournalEntry, RegionCode, Ticket, TicketId, verify_journal};

use super::Findings;
use super::contents::{Contents, Item, unknown};

/// The attributes of an entry, and of a head.
const ENTRY: &[&str] = &["pk", "sk", "t", "a", "y", "k", "ti", "re", "p"];
const HEAD: &[&str] = &["pk", "sk", "t", "n", "hd"];

pub(super) fn check(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    region: &RegionCode,
    findings: &mut Findings,
) {
    let mut erased: BTreeSet<TicketId> = BTreeSet::new();
    for (pk, items) in &contents.journal {
        for entry in day(pk, items, region, findings) {
            if entry.reading.access == Access::Erased {
                erased.extend(entry.reading.tickets);
            }
        }
    }
    for ticket in tickets.values().filter(|ticket| ticket.erased_at().is_some()) {
        if !erased.contains(ticket.id()) {
            let detail = "no entry of the access journal tells of the erasure";
            findings.note("journal_missing", ticket.id().as_str(), detail);
        }
    }
}

/// Checks one day and shard; gives the entries that can be read.
fn day(
    pk: &str,
    items: &BTreeMap<String, Item>,
    region: &RegionCode,
    findings: &mut Findings,
) -> Vec<JournalEntry> {
    let (mut entries, mut whole) = (Vec::new(), true);
    for (sort, item) in items {
        let known = if sort == keys::JOURNAL_HEAD { HEAD } else { ENTRY };
        if unknown(item, known) > 0 {
            findings.note("attribute_unknown", pk, format!("unknown attributes beside `{sort}`"));
        }
        if sort == keys::JOURNAL_HEAD {
            continue;
        }
        match entry_from_item(item) {
            Some(entry) => {
                if place(region, &entry) != pk {
                    let detail = format!("entry {} is of another day or shard", entry.seq);
                    findings.note("journal_broken", pk, detail);
                }
                entries.push(entry);
            }
            None => {
                whole = false;
                findings.note("journal_broken", pk, format!("`{sort}` cannot be read"));
            }
        }
    }
    let head = items.get(keys::JOURNAL_HEAD).and_then(head_from_item);
    if whole && let Err(fault) = verify_journal(&entries, head.map(|(_, _, hash)| hash)) {
        findings.note("journal_broken", pk, fault.to_string());
    }
    entries
}

fn place(region: &RegionCode, entry: &JournalEntry) -> String {
    let shard = entry.reading.tickets.first().map_or(0, keys::shard);
    keys::journal(region, &entry.at.beijing_compact_date(), shard)
}
