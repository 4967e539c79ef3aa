//! Daily heads: each of its leaves, each following on the one before, and every ticket as the last
//! head that holds it has published it. What a chain cannot show of itself shows here: a ticket
//! rewritten as a whole, a tail cut off, a ticket that is gone.

use std::collections::BTreeMap;

use cloud::keys;
use contracts::{PublishedHead, head_key, leaves_key};
use domain::merkle::Leaf;
use domain::{RegionCode, Ticket, Timestamp};
use lambda::{Contradiction, agrees};

use super::Findings;
use super::contents::Contents;

pub(super) fn check(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    region: &RegionCode,
    findings: &mut Findings,
) {
    let heads = heads(contents, region, findings);
    let mut last: BTreeMap<&str, (&Leaf, &str)> = BTreeMap::new();
    for head in &heads {
        let dated =
            head.leaves.iter().map(|leaf| (leaf.ticket.as_str(), (leaf, head.head.date.as_str())));
        last.extend(dated);
    }
    for (id, (leaf, date)) in &last {
        let pk = keys::ticket(region, &leaf.ticket);
        match tickets.get(&pk).map(|ticket| agrees(ticket, leaf)) {
            // What cannot be read is accused where it was read.
            None if contents.tickets.contains_key(&pk) => {}
            None => findings.note("ticket_vanished", id, format!("published on {date}, and gone")),
            Some(Ok(())) => {}
            Some(Err(what @ Contradiction::Cut { .. })) => {
                findings.note("tail_cut", id, format!("by the head of {date}: {what}"));
            }
            Some(Err(what @ Contradiction::Rewritten(_))) => {
                findings.note("rewritten", id, format!("by the head of {date}: {what}"));
            }
        }
    }
    if let [.., before, _newest] = heads.as_slice() {
        unpublished(tickets, &last, before, findings);
    }
}

/// The heads that are whole, oldest first.
fn heads(contents: &Contents, region: &RegionCode, findings: &mut Findings) -> Vec<PublishedHead> {
    let mut heads: Vec<PublishedHead> = Vec::new();
    let mut chained = true;
    for (key, bytes) in contents.heads.iter().filter(|(key, _)| key.ends_with(".json")) {
        let Some(leaves) = contents.heads.get(&leaves_key(key)) else {
            findings.note("leaves_missing", key, "a daily head without its leaves");
            chained = false;
            continue;
        };
        match PublishedHead::read(bytes, leaves) {
            Ok(head) => {
                if head_key(region, &head.head.date) != *key || head.head.region != region.as_str()
                {
                    findings.note(
                        "head_misplaced",
                        key,
                        "another date or region than its key says",
                    );
                }
                // After one that cannot be read, nothing is known of what it should follow on.
                if chained && !head.head.follows(heads.last()) {
                    let detail = "it does not follow on the head before it";
                    findings.note("head_unchained", key, detail);
                }
                chained = true;
                heads.push(head);
            }
            Err(fault) => {
                findings.note("head_damaged", key, fault.to_string());
                chained = false;
            }
        }
    }
    heads
}

/// Every ticket to which nothing has happened since the end of the day of `before`, the last head but
/// one, must be held by a head as it is: the newest comes to all that it missed.
fn unpublished(
    tickets: &BTreeMap<String, Ticket>,
    last: &BTreeMap<&str, (&Leaf, &str)>,
    before: &PublishedHead,
    findings: &mut Findings,
) {
    let Some(begins) = before.head.begins() else { return };
    let end = begins.plus_millis(Timestamp::DAY_MS);
    for ticket in tickets.values() {
        let quiet = ticket.timeline().last().is_some_and(|entry| entry.at < end);
        let held = last.get(ticket.id().as_str()).map_or(0, |(leaf, _)| leaf.version);
        if quiet && held < ticket.version() {
            let (id, version) = (ticket.id().as_str(), ticket.version());
            let detail = format!("the daily heads hold {held} of {version} events");
            findings.note("unpublished", id, detail);
        }
    }
}
