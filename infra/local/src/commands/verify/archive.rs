//! Case files: one for every archived ticket, byte for byte what ticket and records make.

use std::collections::{BTreeMap, BTreeSet};

use cloud::keys;
use contracts::{Dossier, dossier_key};
use domain::{Archive, Hash, Ticket};

use super::Findings;
use super::contents::{Contents, blob};

pub(super) fn check(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    findings: &mut Findings,
) {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for (pk, ticket) in tickets {
        if let Some(archive) = ticket.archive() {
            named.insert(&archive.key);
            archived(contents, (pk, ticket), archive, findings);
        }
    }
    unnamed(contents, tickets, &named, findings);
}

/// The dossier of a closed ticket and the sealed records that are there.
fn dossier(contents: &Contents, pk: &str, ticket: &Ticket) -> Option<Vec<u8>> {
    let sealed = contents.sealed.get(pk);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let dossier = Dossier::of(ticket, |record| blob(sealed?.get(record.as_str())?, "ct").map(hex));
    dossier.map(|dossier| dossier.to_bytes())
}

const DIFFERS: &str = "ticket and sealed records make another dossier";

fn archived(
    contents: &Contents,
    (pk, ticket): (&str, &Ticket),
    archive: &Archive,
    findings: &mut Findings,
) {
    let id = ticket.id().as_str();
    if archive.key != dossier_key(ticket) {
        let detail = "the archive event names another key than the ticket's";
        findings.note("dossier_misplaced", id, detail);
    }
    if Some(archive.sealed_seq) != ticket.closed_seq() {
        let detail = "the archive event names another last event than the one that closed the case";
        findings.note("dossier_differs", id, detail);
    }
    let Some(bytes) = contents.objects.get(&archive.key) else {
        findings.note("dossier_missing", id, format!("no object {}", archive.key));
        return;
    };
    if Hash::of_bytes(bytes) != archive.sha256 {
        let detail = "the object's SHA-256 is not the one that was archived";
        findings.note("dossier_altered", id, detail);
    }
    if dossier(contents, pk, ticket).is_some_and(|right| right != *bytes) {
        findings.note("dossier_differs", id, DIFFERS);
    }
}

/// Objects that no archive event names.
fn unnamed(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    named: &BTreeSet<&str>,
    findings: &mut Findings,
) {
    // The step writes first and tells the ticket afterwards: a closed ticket's dossier may be early,
    // but another in its place would keep the ticket from ever being archived.
    let early: BTreeMap<String, (&String, &Ticket)> = tickets
        .iter()
        .filter(|(_, ticket)| ticket.archive().is_none() && ticket.closed_seq().is_some())
        .map(|(pk, ticket)| (dossier_key(ticket), (pk, ticket)))
        .collect();
    // The dossier of a ticket that cannot be read is no orphan: it may be all that is left of it.
    let unreadable: BTreeSet<String> = contents
        .tickets
        .keys()
        .filter(|pk| !tickets.contains_key(*pk))
        .filter_map(|pk| Some(format!("/{}.json", keys::ticket_of(pk)?)))
        .collect();
    for (key, bytes) in contents.objects.iter().filter(|(key, _)| !named.contains(key.as_str())) {
        if let Some((pk, ticket)) = early.get(key) {
            if dossier(contents, pk, ticket).is_some_and(|right| right != *bytes) {
                findings.note("dossier_differs", ticket.id().as_str(), DIFFERS);
            }
            continue;
        }
        if key.rfind('/').and_then(|at| key.get(at..)).is_some_and(|name| unreadable.contains(name))
        {
            continue;
        }
        let ticket = serde_json::from_slice::<Dossier>(bytes)
            .map(|dossier| dossier.ticket)
            .unwrap_or_default();
        let double =
            tickets.values().any(|one| one.archive().is_some() && one.id().as_str() == ticket);
        let (kind, detail) = if double {
            ("dossier_double", "a second object for an archived ticket")
        } else {
            ("dossier_orphan", "an object that no ticket names")
        };
        findings.note(kind, key, detail);
    }
}
