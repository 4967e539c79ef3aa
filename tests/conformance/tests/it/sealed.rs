//! [`ports::Texts`], [`ports::Keys`], [`ports::Journal`].

use domain::{
    Access, Actor, CommandId, Reading, Reason, RecordId, TicketId, Timestamp, verify_journal,
};
use futures_util::future::join_all;
use simulation::Stand;

use crate::lives::{life, lives};
use crate::stands::both;

both!(
    a_record_is_put_once_and_removed_as_it_was_wanted,
    the_records_of_a_ticket_are_its_own,
    a_key_is_destroyed_for_ever,
    the_journal_is_a_chain,
);

fn start() -> Timestamp {
    Timestamp::from_millis(1_772_409_600_000)
}

fn record(ticket: &TicketId, text: &str) -> RecordId {
    RecordId::of_command(&CommandId::derive(ticket.as_str(), text))
}

async fn a_record_is_put_once_and_removed_as_it_was_wanted(stand: &impl Stand) {
    let texts = &stand.world().texts;
    let id = life().new.ticket.id().clone();
    let (one, later) = (record(&id, "one"), start().plus_millis(1));
    assert_eq!(texts.get(&id, &one).await.unwrap(), None);
    assert!(!texts.renew(&id, &one, start()).await.unwrap(), "it is not there");
    assert!(!texts.remove(&id, &one, start()).await.unwrap(), "it is not there");
    assert_eq!(texts.list(&id).await.unwrap(), []);
    assert!(texts.put(&id, &one, b"first", start()).await.unwrap());
    assert!(!texts.put(&id, &one, b"second", later).await.unwrap());
    assert_eq!(texts.get(&id, &one).await.unwrap().as_deref(), Some(b"first".as_slice()));
    assert_eq!(texts.list(&id).await.unwrap(), [(one.clone(), start())]);
    assert!(texts.renew(&id, &one, later).await.unwrap());
    assert!(!texts.remove(&id, &one, start()).await.unwrap(), "it was wanted again");
    assert_eq!(texts.list(&id).await.unwrap(), [(one.clone(), later)]);
    assert!(texts.remove(&id, &one, later).await.unwrap());
    assert_eq!(texts.get(&id, &one).await.unwrap(), None);
}

async fn the_records_of_a_ticket_are_its_own(stand: &impl Stand) {
    let texts = &stand.world().texts;
    let ids: Vec<TicketId> = lives(2).iter().map(|life| life.new.ticket.id().clone()).collect();
    for id in &ids {
        for text in ["one", "two", "three"] {
            let sealed = format!("{id} {text}").into_bytes();
            assert!(texts.put(id, &record(id, text), &sealed, start()).await.unwrap());
        }
    }
    for id in &ids {
        let all = texts.all(id).await.unwrap();
        let names: Vec<_> = all.iter().map(|(record, _)| record.clone()).collect();
        let listed: Vec<_> = texts.list(id).await.unwrap().into_iter().map(|(r, _)| r).collect();
        assert_eq!((names.len(), &names), (3, &listed));
        assert!(all.iter().all(|(_, sealed)| sealed.starts_with(id.as_str().as_bytes())));
    }
}

async fn a_key_is_destroyed_for_ever(stand: &impl Stand) {
    let world = stand.world();
    let new = life().new;
    let id = new.ticket.id();
    assert_eq!(world.keys.wrapped(id).await.unwrap(), None);
    world.tickets.create(&new).await.unwrap();
    assert_eq!(world.keys.wrapped(id).await.unwrap(), Some(new.wrapped_key.clone()));
    world.keys.destroy(id).await.unwrap();
    world.keys.destroy(id).await.unwrap();
    assert_eq!(world.keys.wrapped(id).await.unwrap(), None);
    assert!(!world.tickets.create(&new).await.unwrap(), "the ticket stands");
    assert_eq!(world.keys.wrapped(id).await.unwrap(), None, "and its key is gone");
}

async fn the_journal_is_a_chain(stand: &impl Stand) {
    let journal = &stand.world().journal;
    let ticket = life().new.ticket;
    let reading = || Reading {
        actor: Actor::parse("staff:u1/supervisor/command-centre").unwrap(),
        reason: Reason::CitizenRequest,
        access: Access::Erased,
        tickets: vec![ticket.id().clone()],
        records: vec![ticket.request().record.clone()],
    };
    let today = start().beijing_compact_date();
    assert_eq!(journal.day(&today).await.unwrap(), []);
    let first = journal.append(reading(), start()).await.unwrap();
    let written = join_all((0..4).map(|_| journal.append(reading(), start()))).await;
    let mut all: Vec<_> = written.into_iter().map(Result::unwrap).collect();
    all.push(first);
    all.sort_by_key(|entry| entry.seq);
    assert_eq!(journal.day(&today).await.unwrap(), all);
    verify_journal(&all, Some(all.last().unwrap().hash())).unwrap();
    let tomorrow = journal.append(reading(), start().plus_millis(Timestamp::DAY_MS)).await.unwrap();
    assert_eq!((tomorrow.seq, journal.day(&today).await.unwrap().len()), (1, 5));
}
