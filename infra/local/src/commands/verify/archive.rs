//! Case files: one for every archived ticket and an addendum for every late fact that was sealed, byte
//! for byte what ticket and records make.

use std::collections::{BTreeMap, BTreeSet};

use cloud::keys;
use contracts::{Addendum, Dossier, addendum_key, dossier_key};
use domain::{Archive, Hash, RecordId, Ticket, TicketId};
use serde_json::Value;

use super::Findings;
use super::contents::{Contents, blob};

pub(super) fn check(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    findings: &mut Findings,
) {
    let mut named = BTreeSet::new();
    for (pk, ticket) in tickets {
        let mut before = None;
        for archive in ticket.archived_objects() {
            let until = archive.sealed_seq;
            let right = match &before {
                None => dossier(contents, pk, ticket),
                Some(before) => addendum(contents, (pk, ticket), (before, until)),
            };
            object(contents, ticket, (&archive, right), findings);
            named.insert(archive.key.clone());
            before = Some(archive);
        }
        if ticket.archive().is_some_and(|one| Some(one.sealed_seq) != ticket.closed_seq()) {
            let detail =
                "the archive event names another last event than the one that closed the case";
            findings.note("dossier_differs", ticket.id().as_str(), detail);
        }
    }
    unnamed(contents, tickets, &named, findings);
}

/// Where an object must lie, and its bytes.
struct Right {
    key: String,
    bytes: Option<Vec<u8>>,
}

/// The dossier of a closed ticket and the sealed records that are there.
fn dossier(contents: &Contents, pk: &str, ticket: &Ticket) -> Right {
    let dossier = Dossier::of(ticket, ciphertext(contents, pk));
    Right { key: dossier_key(ticket), bytes: dossier.map(|dossier| dossier.to_bytes()) }
}

/// The addendum after `before` up to the entry `until`.
fn addendum(
    contents: &Contents,
    (pk, ticket): (&str, &Ticket),
    (before, until): (&Archive, u32),
) -> Right {
    let addendum = Addendum::of(ticket, (before, until), ciphertext(contents, pk));
    let bytes = addendum.map(|addendum| addendum.to_bytes());
    Right { key: addendum_key(ticket, until), bytes }
}

/// The sealed records of a ticket, in hexadecimal.
fn ciphertext(contents: &Contents, pk: &str) -> impl Fn(&RecordId) -> Option<String> {
    let sealed = contents.sealed.get(pk);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    move |record| blob(sealed?.get(record.as_str())?, "ct").map(hex)
}

const DIFFERS: &str = "ticket and sealed records make another dossier";

fn object(
    contents: &Contents,
    ticket: &Ticket,
    (archive, right): (&Archive, Right),
    findings: &mut Findings,
) {
    let id = ticket.id().as_str();
    if archive.key != right.key {
        let detail = "the archive event names another key than the ticket's";
        findings.note("dossier_misplaced", id, detail);
    }
    let Some(bytes) = contents.objects.get(&archive.key) else {
        findings.note("dossier_missing", id, format!("no object {}", archive.key));
        return;
    };
    if Hash::of_bytes(bytes) != archive.sha256 {
        let detail = "the object's SHA-256 is not the one that was archived";
        findings.note("dossier_altered", id, detail);
    }
    if right.bytes.is_some_and(|right| right != *bytes) {
        findings.note("dossier_differs", id, DIFFERS);
    }
}

/// Objects that no archive event names.
fn unnamed(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    named: &BTreeSet<String>,
    findings: &mut Findings,
) {
    // The step writes first and tells the ticket afterwards: what it writes next may be early, but
    // another in its place would keep the ticket from ever being archived.
    let early: BTreeMap<String, (&Ticket, Option<Vec<u8>>)> = tickets
        .iter()
        .filter_map(|(pk, ticket)| {
            let Right { key, bytes } = next(contents, pk, ticket)?;
            Some((key, (ticket, bytes)))
        })
        .collect();
    // What is archived of a ticket that cannot be read is no orphan: it may be all that is left of it.
    let unreadable: Vec<TicketId> = contents
        .tickets
        .keys()
        .filter(|pk| !tickets.contains_key(*pk))
        .filter_map(|pk| keys::ticket_of(pk))
        .collect();
    for (key, bytes) in contents.objects.iter().filter(|(key, _)| !named.contains(*key)) {
        if let Some((ticket, right)) = early.get(key) {
            if right.as_ref().is_some_and(|right| right != bytes) {
                findings.note("dossier_differs", ticket.id().as_str(), DIFFERS);
            }
            continue;
        }
        if unreadable.iter().any(|id| key.contains(id.as_str())) {
            continue;
        }
        let object: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let ticket = object.get("ticket").and_then(Value::as_str);
        let double = tickets
            .values()
            .any(|one| one.archive().is_some() && Some(one.id().as_str()) == ticket);
        let (kind, detail) = if double {
            ("dossier_double", "a second object for an archived ticket")
        } else {
            ("dossier_orphan", "an object that no ticket names")
        };
        findings.note(kind, key, detail);
    }
}

/// What the archive step writes next for a ticket.
fn next(contents: &Contents, pk: &str, ticket: &Ticket) -> Option<Right> {
    match (ticket.archive(), ticket.late()) {
        (None, _) => ticket.closed_seq().map(|_| dossier(contents, pk, ticket)),
        (Some(_), None) => None,
        (Some(archive), Some(late)) => {
            let before = ticket.addendum().unwrap_or(archive);
            Some(addendum(contents, (pk, ticket), (before, late)))
        }
    }
}
