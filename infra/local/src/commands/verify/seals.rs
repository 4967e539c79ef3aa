//! Seals: every record that an event names is there, opens, and says what was committed to; no key
//! and no record stands alone; and the sealed request is the one whose identity the ticket has.

use std::collections::{BTreeMap, BTreeSet};

use cloud::keys;
use contracts::SealedText;
use domain::{RecordId, RegionCode, SealedRef, Ticket, TicketId, Timestamp};
use ports::{RootKey, TicketKey, open};

use super::Findings;
use super::contents::{Contents, blob, text, unknown};

type Root<'a> = (&'a RootKey, &'a RegionCode);

pub(super) fn check(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    (root, now): (Root<'_>, Timestamp),
    findings: &mut Findings,
) {
    for (pk, ticket) in tickets {
        let id = ticket.id().as_str();
        let wrapped = contents.keys.get(pk).and_then(|item| blob(item, "wk"));
        match (ticket.erased_at(), wrapped) {
            (Some(_), _) => erased(contents, (pk, ticket), findings),
            (None, None) => {
                let detail = "the ticket's key is gone, and with it every text";
                findings.note("key_missing", id, detail);
                continue;
            }
            (None, Some(wrapped)) => match root.0.unwrap(ticket.id(), wrapped) {
                Ok(key) => records(contents, (pk, ticket), &key, root, findings),
                Err(fault) => findings.note("key_unusable", id, fault.to_string()),
            },
        }
    }
    orphans(contents, tickets, now, findings);
    attributes(contents, findings);
}

/// An erased person's ticket has neither key, sketch nor `citizen` entry; its ciphertext stays, for the dossier
/// holds it too, and no commitment can be checked any more.
fn erased(contents: &Contents, (pk, ticket): (&str, &Ticket), findings: &mut Findings) {
    let id = ticket.id().as_str();
    if contents.keys.contains_key(pk) {
        let detail = "the person was erased, but the key is there: erase the ticket again";
        findings.note("erased_key_remains", id, detail);
    }
    if contents.sketches.contains_key(pk) {
        let detail =
            "the person was erased, but a sketch of the text is there: erase the ticket again";
        findings.note("erased_sketch_remains", id, detail);
    }
    let item = contents.tickets.get(pk).and_then(|items| items.get(keys::TICKET));
    if item.is_some_and(|item| ["ci_pk", "ci_sk"].iter().any(|name| item.contains_key(*name))) {
        let detail = "the person was erased, but is in the citizen index: erase the ticket again";
        findings.note("erased_index_remains", id, detail);
    }
    for entry in ticket.timeline() {
        let Some(SealedRef { record, .. }) = entry.event.sealed() else { continue };
        let records = contents.sealed.get(pk);
        if !records.is_some_and(|records| records.contains_key(record.as_str())) {
            findings.note("sealed_missing", id, format!("the record of entry {}", entry.seq));
        }
    }
}

/// What a sketch's item may have.
const SKETCH: [&str; 9] = ["pk", "nr_pk", "nr_sk", "bd_pk", "sb", "ci", "to", "vi", "ex"];

/// Only what is encrypted may stand in these tables, and of the sketches only what says no text.
fn attributes(contents: &Contents, findings: &mut Findings) {
    let id_of = |pk: &str| keys::ticket_of(pk).map_or(pk.to_owned(), |id| id.to_string());
    for (pk, item) in &contents.keys {
        if unknown(item, &["pk", "wk"]) > 0 {
            findings.note("attribute_unknown", &id_of(pk), "unknown attributes beside the key");
        }
    }
    for (pk, item) in &contents.sketches {
        if unknown(item, &SKETCH) > 0 {
            findings.note("attribute_unknown", &id_of(pk), "unknown attributes beside a sketch");
        }
    }
    for (pk, records) in &contents.sealed {
        if records.values().any(|item| unknown(item, &["pk", "sk", "ct", "at"]) > 0) {
            let detail = "unknown attributes beside a sealed record";
            findings.note("attribute_unknown", &id_of(pk), detail);
        }
    }
}

fn records(
    contents: &Contents,
    (pk, ticket): (&str, &Ticket),
    key: &TicketKey,
    root: Root<'_>,
    findings: &mut Findings,
) {
    let id = ticket.id().as_str();
    for entry in ticket.timeline() {
        let Some(SealedRef { record, seal }) = entry.event.sealed() else { continue };
        let place = format!("the record of entry {}", entry.seq);
        let stored = contents.sealed.get(pk).and_then(|records| records.get(record.as_str()));
        let Some(ciphertext) = stored.and_then(|item| blob(item, "ct")) else {
            findings.note("sealed_missing", id, place);
            continue;
        };
        match open(key, (ticket.id(), record), ciphertext) {
            Err(error) => findings.note("sealed_unreadable", id, format!("{place}: {error}")),
            Ok(opened) if opened.seal != *seal => findings.note("commitment_differs", id, place),
            Ok(opened) if entry.seq == 1 => {
                request(contents, (pk, ticket), &opened.text, root, findings);
            }
            Ok(_) => {}
        }
    }
}

/// Identity: the id is the hash of channel and order, and the citizen's index value the keyed hash
/// of the telephone number.
fn request(
    contents: &Contents,
    (pk, ticket): (&str, &Ticket),
    text_of_request: &SealedText,
    (root, region): Root<'_>,
    findings: &mut Findings,
) {
    let id = ticket.id().as_str();
    let SealedText::RequestV1 { order, .. } = text_of_request else {
        findings.note("request_missing", id, "the first sealed record is not a request");
        return;
    };
    if TicketId::derive(ticket.channel(), order) != *ticket.id() {
        findings.note("identity_differs", id, "the id is not the hash of channel and order");
    }
    let right_pk =
        text_of_request.found_by().map(|who| keys::citizen(region, &root.citizen(region, who)));
    let right_sk = right_pk.as_ref().map(|_| keys::instant_sort(ticket.received_at(), ticket.id()));
    let item = contents.tickets.get(pk).and_then(|items| items.get(keys::TICKET));
    let stored = |name| item.and_then(|item| text(item, name));
    if stored("ci_pk") != right_pk.as_deref() {
        let detail = "`ci_pk` is not the keyed hash of the sealed number";
        findings.note("citizen_index_wrong", id, detail);
    }
    if stored("ci_sk") != right_sk.as_deref() {
        findings.note("citizen_index_wrong", id, "`ci_sk` is not what the timeline says");
    }
}

/// A day: within it, a record that no event names may belong to a command that is under way or that
/// was refused after another had been first (design, section 3).
const ORPHAN_AGE_MS: i64 = Timestamp::DAY_MS;

fn orphans(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    now: Timestamp,
    findings: &mut Findings,
) {
    for pk in contents.keys.keys().filter(|pk| !contents.tickets.contains_key(*pk)) {
        findings.note("key_orphan", pk, "a key without its ticket");
    }
    for (pk, records) in &contents.sealed {
        let Some(ticket) = tickets.get(pk) else {
            if !contents.tickets.contains_key(pk) {
                findings.note(
                    "sealed_orphan",
                    pk,
                    format!("{} sealed records without their ticket", records.len()),
                );
            }
            continue;
        };
        let named: BTreeSet<&RecordId> = ticket
            .timeline()
            .iter()
            .filter_map(|entry| entry.event.sealed())
            .map(|sealed| &sealed.record)
            .collect();
        for (sort, item) in records {
            let put_at: i64 = item
                .get("at")
                .and_then(|at| at.as_n().ok())
                .and_then(|n| n.parse().ok())
                .unwrap_or(0);
            let named = named.iter().any(|record| record.as_str() == sort);
            if !named && put_at <= now.millis() - ORPHAN_AGE_MS {
                findings.note(
                    "sealed_orphan",
                    ticket.id().as_str(),
                    format!("no event names the record {sort}"),
                );
            }
        }
    }
}
