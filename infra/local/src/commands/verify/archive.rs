//! Case files: one for every archived ticket, byte for byte what ticket and records make.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Dossier, dossier_key};
use domain::{Hash, Ticket};

use super::Findings;
use super::contents::{Contents, blob};

pub(super) fn check(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    findings: &mut Findings,
) {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for (pk, ticket) in tickets {
        let Some(archive) = ticket.archive() else { continue };
        named.insert(&archive.key);
        let id = ticket.id().as_str();
        if archive.key != dossier_key(ticket) {
            findings.note(
                "dossier_misplaced",
                id,
                "the archive event names another key than the ticket's",
            );
        }
        let Some(bytes) = contents.objects.get(&archive.key) else {
            findings.note("dossier_missing", id, format!("no object {}", archive.key));
            continue;
        };
        if Hash::of_bytes(bytes) != archive.sha256 {
            findings.note(
                "dossier_altered",
                id,
                "the object's SHA-256 is not the one that was archived",
            );
        }
        let sealed = contents.sealed.get(pk);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let dossier =
            Dossier::of(ticket, |record| blob(sealed?.get(record.as_str())?, "ct").map(hex));
        if dossier.is_some_and(|dossier| dossier.to_bytes() != *bytes) {
            findings.note("dossier_differs", id, "ticket and sealed records make another dossier");
        }
    }
    let unarchived: BTreeMap<String, &Ticket> = tickets
        .values()
        .filter(|ticket| ticket.archive().is_none())
        .map(|ticket| (dossier_key(ticket), ticket))
        .collect();
    for (key, bytes) in contents.objects.iter().filter(|(key, _)| !named.contains(key.as_str())) {
        // The step writes first and tells the ticket afterwards: its own dossier may be early.
        if unarchived.get(key).is_some_and(|ticket| ticket.closed_seq().is_some()) {
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
