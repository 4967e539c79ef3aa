//! Photos: every one that an event names is there and is the one committed to, none is there without
//! an event, every claim has its ticket, and no claimed upload is left lying.

use std::collections::{BTreeMap, BTreeSet};

use cloud::keys;
use contracts::evidence_key;
use domain::{Event, RecordId, RegionCode, Ticket, Timestamp, UploadKey};
use ports::{RootKey, open_photo};

use super::Findings;
use super::contents::{Contents, blob, text};

/// A claimed upload that has lain for longer than this was forgotten, in seconds.
const LEFT_S: i64 = Timestamp::DAY_MS / 1000;

pub(super) fn check(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    (root, region, wall): (&RootKey, &RegionCode, Timestamp),
    findings: &mut Findings,
) {
    let mut named = BTreeSet::new();
    for (pk, ticket) in tickets {
        for entry in ticket.timeline() {
            let Event::Attached { photo, .. } = &entry.event else { continue };
            let (id, place) = (ticket.id().as_str(), format!("the photo of entry {}", entry.seq));
            let key = evidence_key(region, ticket.id(), &photo.record);
            let stored = contents.photos.get(&key);
            named.insert(key);
            let Some(sealed) = stored else {
                findings.note("photo_missing", id, place);
                continue;
            };
            // A key that is gone or unusable is told once, with the texts.
            let wrapped = contents.keys.get(pk).and_then(|item| blob(item, "wk"));
            let Some(Ok(key)) = wrapped.map(|wrapped| root.unwrap(ticket.id(), wrapped)) else {
                continue;
            };
            match open_photo(&key, (ticket.id(), &photo.record), sealed) {
                Ok((_, seal)) if seal == photo.seal => {}
                Ok(_) | Err(_) => findings.note("photo_altered", id, place),
            }
        }
    }
    orphans(contents, tickets, &named, findings);
    claims(contents, region, wall, findings);
}

/// The function puts the photo first and names it afterwards; until then its upload is there. When the
/// person is erased in between, no event may name it any more, and no key opens it.
fn orphans(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    named: &BTreeSet<String>,
    findings: &mut Findings,
) {
    let erased: BTreeSet<&str> = tickets
        .values()
        .filter(|ticket| ticket.erased_at().is_some())
        .map(|ticket| ticket.id().as_str())
        .collect();
    let is_erased = |key: &str| key.split('/').nth(2).is_some_and(|id| erased.contains(id));
    let record = |key: &String| UploadKey::parse(key).ok().map(|key| attachment::cause(&key));
    let under_way: Vec<String> = contents
        .uploads
        .keys()
        .filter_map(record)
        .map(|cause| RecordId::of_command(&cause).to_string())
        .collect();
    for key in contents.photos.keys().filter(|key| !named.contains(*key)) {
        if !is_erased(key) && !under_way.iter().any(|record| key.ends_with(record.as_str())) {
            findings.note("photo_orphan", key, "a sealed photo that no event names");
        }
    }
}

fn claims(contents: &Contents, region: &RegionCode, wall: Timestamp, findings: &mut Findings) {
    for (pk, items) in contents.tickets.iter().filter(|(_, items)| items.contains_key(keys::CLAIM))
    {
        let ticket = items.get(keys::CLAIM).and_then(|item| text(item, "tk"));
        let stands = ticket
            .is_some_and(|ticket| contents.tickets.contains_key(&format!("{region}#{ticket}")));
        if !stands {
            findings.note("claim_dangling", pk, "an upload is claimed for a ticket that is none");
        }
    }
    for (key, put) in &contents.uploads {
        let Ok(upload) = UploadKey::parse(key) else {
            findings.note("upload_unknown", key, "an object that no upload was granted for");
            continue;
        };
        let claimed = contents.tickets.contains_key(&keys::claim(region, &upload));
        if claimed && wall.millis() / 1000 - put > LEFT_S {
            findings.note("upload_left", key, "claimed, and not looked at for more than a day");
        }
    }
}
