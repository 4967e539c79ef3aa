//! What must be true of a city when everybody is home: the invariants.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    Addendum, Dossier, PublishedHead, SealedText, addendum_key, dossier_key, evidence_key,
    leaves_key,
};
use data_encoding::HEXLOWER;
use domain::{
    Archive, CommandId, Event, EventKind, Hash, RecordId, SealedRef, Status, Ticket, TicketId,
    Turn, tellings, verify_journal,
};
use lambda::{agrees, reply_for_others};
use ports::{TicketKey, open, open_photo};

use crate::check_clocks::{clocks, nothing_open};
use crate::check_fund::{fund, reconciled};
use crate::city::City;
use crate::core::State;
use crate::store::{Row, derived};
use crate::world::{region, root};

/// Says what is wrong; what it is about is known to who asks.
type Found = Vec<String>;

/// Checks everything and notes what is wrong.
pub(crate) fn check(city: &City) {
    let mut state = city.core.lock();
    let mut found: Vec<(String, String)> = Vec::new();
    for (id, row) in &state.store.tickets {
        let faults = ticket(&state, city, id, row);
        found.extend(faults.into_iter().map(|fault| (id.to_string(), fault)));
    }
    let faults =
        [promises(&state, city), indexes(&state), queues(&state), archive(&state), fund(&state)];
    found.extend(faults.into_iter().flatten());
    for (subject, text) in found {
        state.ledger.violation(&subject, text);
    }
}

fn ticket(state: &State, city: &City, id: &TicketId, row: &Row) -> Found {
    let mut found = Found::new();
    let whole = match state.store.whole(id) {
        Ok(Some(whole)) => whole,
        Ok(None) => return vec!["it vanished".to_owned()],
        Err(error) => return vec![format!("its timeline is broken: {error}")],
    };
    let again = Ticket::replay(region(), id.clone(), whole.timeline().to_vec(), row.ticket.head());
    match again {
        Ok(again) if again.snapshot() == row.ticket.snapshot() => {}
        Ok(_) => found.push("replayed it is another ticket".to_owned()),
        Err(fault) => found.push(format!("it does not replay: {fault}")),
    }
    home(&whole, &mut found);
    if whole.status() == Status::Archived {
        nothing_open(&whole, &mut found);
    }
    clocks(state, &whole, &mut found);
    causes(&whole, &mut found);
    seals(state, &whole, &mut found);
    person(state, &whole, row, &mut found);
    dossier(state, &whole, &mut found);
    photos(state, city, &whole, &mut found);
    told(state, &whole, row, &mut found);
    followed(state, &whole, &mut found);
    reconciled(state, &whole, &mut found);
    found
}

/// Who follows another got its answer, word for word but for what is masked; and nothing is left of what is
/// over to find its repeats by.
fn followed(state: &State, ticket: &Ticket, found: &mut Found) {
    if state.store.sketches.contains_key(ticket.id()) {
        found.push("it is over, and its sketch is still there".to_owned());
    }
    let said =
        |id: &TicketId, sealed: &SealedRef| said(state, &key(state, id)?, (id, &sealed.record));
    for entry in ticket.timeline() {
        let Event::ResolvedWith { lead, outcome, reply } = &entry.event else { continue };
        let whole = state.store.whole(lead).ok().flatten();
        let request = whole.as_ref().and_then(|whole| said(lead, whole.request()));
        let replies = whole.iter().flat_map(|lead| lead.timeline()).filter_map(|e| e.event.reply());
        let mut same = replies.filter(|(known, _)| known == outcome);
        let own = said(ticket.id(), reply);
        let is_its = |theirs: &SealedRef| match (&request, said(lead, theirs), &own) {
            (Some(request), Some(SealedText::NoteV1 { text, .. }), Some(own)) => {
                reply_for_others(request, &text).map(SealedText::note).as_ref() == Some(own)
            }
            // Erased here or there.
            (request, theirs, own) => request.is_none() || theirs.is_none() || own.is_none(),
        };
        if !same.any(|(_, theirs)| is_its(theirs)) {
            found.push(format!("v{} is no answer of {lead}", entry.seq));
        }
    }
}

/// Its channel was told everything that it cares about, in order, unless the person was erased.
fn told(state: &State, ticket: &Ticket, row: &Row, found: &mut Found) {
    if row.delivery.due.is_some() || row.delivery.given_up {
        found.push(format!("its channel was not told: {:?}", row.delivery));
    }
    let wanted: Vec<u32> = tellings(ticket.timeline(), 0).iter().map(|one| one.seq).collect();
    let heard = state.ledger.told.get(ticket.id()).cloned().unwrap_or_default();
    let enough = ticket.erased_at().is_some() && wanted.starts_with(&heard);
    if heard != wanted && !enough {
        found.push(format!("its channel was told of {heard:?} and not of {wanted:?}"));
    }
}

fn home(ticket: &Ticket, found: &mut Found) {
    if ticket.turn() != Turn::End {
        found.push(format!("it is not home: {} v{}", ticket.status(), ticket.version()));
    }
    let of = |kind| ticket.timeline().iter().filter(|e| e.event.kind() == kind).count();
    if ticket.status() == Status::Archived && of(EventKind::Archived) != 1 {
        found.push(format!("archived {} times", of(EventKind::Archived)));
    }
}

/// One command is carried out once: its events stand together.
fn causes(ticket: &Ticket, found: &mut Found) {
    let mut last: BTreeMap<&CommandId, u32> = BTreeMap::new();
    for entry in ticket.timeline() {
        let Some(cause) = &entry.cause else { continue };
        if last.insert(cause, entry.seq).is_some_and(|before| before + 1 != entry.seq) {
            found.push(format!("one command twice: {} v{}", entry.event.kind(), entry.seq));
        }
    }
}

fn seals(state: &State, ticket: &Ticket, found: &mut Found) {
    let none = BTreeMap::new();
    let records = state.store.texts.get(ticket.id()).unwrap_or(&none);
    let key = key(state, ticket.id());
    let mut named = BTreeSet::new();
    for entry in ticket.timeline() {
        let Some(sealed) = entry.event.sealed() else { continue };
        named.insert(&sealed.record);
        let Some((ciphertext, _)) = records.get(&sealed.record) else {
            found.push(format!("the record of {} v{} is gone", entry.event.kind(), entry.seq));
            continue;
        };
        let Some(key) = &key else { continue };
        match open(key, (ticket.id(), &sealed.record), ciphertext) {
            Ok(opened) if opened.seal == sealed.seal => {}
            _ => found.push(format!("the record of v{} is not what was sealed", entry.seq)),
        }
    }
    let orphans = records.keys().filter(|record| !named.contains(record)).count();
    if orphans > 0 && state.settings.nights {
        found.push(format!("{orphans} orphaned records"));
    }
}

fn key(state: &State, id: &TicketId) -> Option<TicketKey> {
    root().unwrap(id, state.store.keys.get(id)?).ok()
}

/// What a record says; `None` when it is gone or does not open.
fn said(
    state: &State,
    key: &TicketKey,
    (id, record): (&TicketId, &RecordId),
) -> Option<SealedText> {
    let (sealed, _) = state.store.texts.get(id)?.get(record)?;
    Some(open(key, (id, record), sealed).ok()?.text)
}

/// The key and the way to the ticket are gone if, and only if, the person was erased.
fn person(state: &State, ticket: &Ticket, row: &Row, found: &mut Found) {
    let erased = ticket.erased_at().is_some();
    if state.store.keys.contains_key(ticket.id()) == erased {
        found.push(format!("erased: {erased}, and the key does not agree"));
    }
    if erased && row.citizen.is_some() {
        found.push("erased, and still found by the person's number".to_owned());
    }
    if !erased && state.ledger.erased.contains(ticket.id()) {
        found.push("an erasure was promised and is not there".to_owned());
    }
    let told = state.store.journal.values().flatten();
    let told = told.filter(|entry| entry.reading.tickets.contains(ticket.id())).count();
    if erased && told == 0 {
        found.push("erased, and no journal tells of it".to_owned());
    }
}

/// The dossier and each addendum are there, once, with the bytes that ticket and records make.
fn dossier(state: &State, ticket: &Ticket, found: &mut Found) {
    let records = state.store.texts.get(ticket.id());
    let ciphertext = |record: &RecordId| {
        records.and_then(|all| all.get(record)).map(|(sealed, _)| HEXLOWER.encode(sealed))
    };
    let mut before: Option<Archive> = None;
    let mut keys = BTreeSet::new();
    for entry in ticket.timeline() {
        let (bytes, wanted, archive) = match &entry.event {
            Event::Archived { key, sha256, sealed_seq } => {
                let bytes = Dossier::of(ticket, ciphertext).map(|dossier| dossier.to_bytes());
                (bytes, dossier_key(ticket), (key, sha256, sealed_seq))
            }
            Event::AddendumSealed { key, sha256, sealed_seq } => {
                let made = before
                    .as_ref()
                    .and_then(|before| Addendum::of(ticket, (before, *sealed_seq), ciphertext));
                let bytes = made.map(|addendum| addendum.to_bytes());
                (bytes, addendum_key(ticket, *sealed_seq), (key, sha256, sealed_seq))
            }
            _ => continue,
        };
        let (key, sha256, sealed_seq) = archive;
        let stands = state.store.objects.get(key);
        if stands != bytes.as_ref() || *key != wanted {
            found.push(format!("{key} does not hold what v{} seals", entry.seq));
        } else if stands.map(|bytes| Hash::of_bytes(bytes)) != Some(*sha256) {
            found.push(format!("{key} is not what v{} names", entry.seq));
        }
        keys.insert(key.clone());
        let (key, sha256, sealed_seq) = (key.clone(), *sha256, *sealed_seq);
        before = Some(Archive { key, sha256, sealed_seq });
    }
    let prefix = dossier_key(ticket).trim_end_matches(".json").to_owned();
    let stand = state.store.objects.range(prefix.clone()..);
    let stand = stand.map(|(key, _)| key).take_while(|key| key.starts_with(&prefix));
    if stand.cloned().collect::<BTreeSet<_>>() != keys {
        found.push("objects in the archive that no event names".to_owned());
    }
}

/// What was uploaded and claimed is attached or refused, once, where it was claimed.
fn photos(state: &State, city: &City, ticket: &Ticket, found: &mut Found) {
    let key = key(state, ticket.id());
    for entry in ticket.timeline() {
        let Event::Attached { photo, .. } = &entry.event else { continue };
        let name = evidence_key(&region(), ticket.id(), &photo.record);
        let sealed = state.store.objects.get(&name);
        let opened = key.as_ref().zip(sealed).map(|(key, sealed)| {
            open_photo(key, (ticket.id(), &photo.record), sealed).map(|(_, seal)| seal)
        });
        let right = opened.is_none_or(|seal| seal == Ok(photo.seal));
        if sealed.is_none() || !right {
            found.push(format!("the photo of v{} is not what was sealed", entry.seq));
        }
    }
    for shot in &city.plans.shots {
        if state.store.claims.get(&shot.key) != Some(ticket.id()) {
            continue;
        }
        let cause = attachment::cause(&shot.key);
        let settled = ticket.timeline().iter().filter(|e| e.cause.as_ref() == Some(&cause)).count();
        if settled != 1 && ticket.erased_at().is_none() {
            found.push(format!("a photo was settled {settled} times"));
        }
    }
}

/// What people were told is so.
fn promises(state: &State, city: &City) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (id, plans) in &state.ledger.accepted {
        let Some(row) = state.store.tickets.get(id) else {
            found.push((id.to_string(), "answered with 202, and not there".to_owned()));
            continue;
        };
        let Some(key) = key(state, id) else { continue };
        let asked = said(state, &key, (id, &row.ticket.request().record));
        for plan in plans {
            let sent = &city.plans.requests[*plan].submission.body;
            let is_it = |text: &SealedText| matches!(text, SealedText::RequestV1 { body, .. } if body == sent);
            let stands = asked.as_ref().is_some_and(is_it);
            if !stands {
                found.push((id.to_string(), "answered with 202 for another text".to_owned()));
            }
        }
    }
    for ((id, cause), words) in &state.ledger.done {
        found.extend(promised(state, (id, cause), words.as_ref()).map(|t| (id.to_string(), t)));
    }
    for (upload, tickets) in state.claimed.iter().filter(|(_, tickets)| tickets.len() > 1) {
        found.push((upload.clone(), format!("{} tickets were given it", tickets.len())));
    }
    found
}

/// A command that was answered with yes stands in the timeline, with its text.
fn promised(
    state: &State,
    (id, cause): (&TicketId, &CommandId),
    words: Option<&SealedText>,
) -> Option<String> {
    let whole = state.store.whole(id).ok().flatten()?;
    if whole.done(cause).is_none() {
        return Some("a command was answered with yes, and is not there".to_owned());
    }
    let record = RecordId::of_command(cause);
    let (words, key) = (words?, key(state, id)?);
    let right = said(state, &key, (id, &record)).as_ref() == Some(words);
    (!right).then(|| "a command was answered with yes for another text".to_owned())
}

/// Indexes and cards are as they are derived; only the sweep moves a machine's turn.
fn indexes(state: &State) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (stand, wanted) = (state.store.index.all(), state.store.standing());
    let wanted: BTreeSet<_> = wanted.iter().map(|(place, entry)| (place, entry)).collect();
    for (place, entry) in stand.symmetric_difference(&wanted) {
        found.push((entry.1.to_string(), format!("{place:?}: index and items differ")));
    }
    for (id, row) in &state.store.tickets {
        let (turn, matters, archived) = derived(&row.ticket, state.settings.lease_ms);
        let same = match (&turn, &row.turn) {
            (Some(one), Some(other)) if row.ticket.looked_at_by().is_some() => {
                one.owner == other.owner
            }
            (one, other) => one == other,
        };
        if !same || matters != row.matters || archived.is_some() != row.archived.is_some() {
            found.push((id.to_string(), "its cards are not those of its timeline".to_owned()));
        }
    }
    found
}

/// Nothing that is a message of ours went to the dead letters for good.
fn queues(state: &State) -> Vec<(String, String)> {
    let buried = state.queues.buried.iter().filter_map(|(body, reason)| {
        let hint = contracts::Hint::from_body(body).ok()?;
        // Poison may look like a message of ours, but is of no ticket.
        state.store.tickets.get(&hint.ticket)?;
        Some((hint.ticket.to_string(), format!("a good message was buried: {reason}")))
    });
    buried.collect()
}

/// The daily heads follow one another and agree with the tickets; the journal is whole.
fn archive(state: &State) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let prefix = contracts::heads_prefix(&region());
    let objects = &state.store.objects;
    let keys = objects.keys().filter(|key| key.starts_with(&prefix) && key.ends_with(".json"));
    let mut before: Option<PublishedHead> = None;
    for key in keys {
        let read = objects.get(key).zip(objects.get(&leaves_key(key)));
        let head = read.and_then(|(head, leaves)| PublishedHead::read(head, leaves).ok());
        let Some(head) = head else {
            found.push((key.clone(), "a daily head that cannot be read".to_owned()));
            continue;
        };
        if !head.head.follows(before.as_ref()) {
            found.push((key.clone(), "a daily head that follows on another".to_owned()));
        }
        for leaf in &head.leaves {
            let whole = state.store.whole(&leaf.ticket).ok().flatten();
            if whole.is_none_or(|whole| agrees(&whole, leaf).is_err()) {
                found.push((leaf.ticket.to_string(), format!("{key} says otherwise")));
            }
        }
        before = Some(head);
    }
    for ((day, shard), entries) in &state.store.journal {
        let head = entries.last().map(domain::JournalEntry::hash);
        if verify_journal(entries, head).is_err() {
            found.push((format!("{day}/{shard}"), "the journal is broken".to_owned()));
        }
    }
    found
}
