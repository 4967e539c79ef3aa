//! [`ports::Tickets`], [`ports::Census`], [`ports::Citizens`].

use domain::{
    CardKind, CommandId, Event, EventKind, Owner, Ticket, TicketId, Timestamp, Turn, cards,
};
use futures_util::future::join_all;
use ports::{Advanced, Cursor, DUE_SHARDS, DueTurn, NewTicket, World};
use simulation::Stand;

use crate::lives::{life, lives, peopled};
use crate::stands::both;

both!(
    a_ticket_is_created_once,
    what_is_not_there_is_not_found,
    only_the_next_version_is_written,
    of_many_at_once_one_is_first,
    a_turn_stands_where_it_is_due,
    a_turn_is_put_off_once,
    cards_are_listed_by_their_alarms_page_by_page,
    an_inbox_is_read_page_by_page,
    the_open_and_the_archived_are_listed,
    a_persons_tickets_are_found_until_forgotten,
    a_long_timeline_reads_whole_and_knows_its_commands,
);

const MINUTE: i64 = Timestamp::MINUTE_MS;

fn shard(world: &World, ticket: &Ticket) -> impl Future<Output = u8> {
    let (world, id) = (world.clone(), ticket.id().clone());
    async move {
        for shard in 0..DUE_SHARDS {
            if world.census.open(shard).await.unwrap().contains(&id) {
                return shard;
            }
        }
        panic!("{id} is open nowhere")
    }
}

fn due(ticket: &Ticket, lease_ms: i64) -> Timestamp {
    cards(ticket, lease_ms).into_iter().find(|card| card.kind == CardKind::Turn).unwrap().due
}

async fn a_ticket_is_created_once(stand: &impl Stand) {
    let tickets = &stand.world().tickets;
    let new = life().new;
    assert!(tickets.create(&new).await.unwrap());
    assert!(!tickets.create(&new).await.unwrap(), "the same again");
    let other = NewTicket { ciphertext: vec![1], wrapped_key: vec![2], ..new.clone() };
    assert!(!tickets.create(&other).await.unwrap(), "another under the same id");
    let id = new.ticket.id();
    let stored = tickets.load(id).await.unwrap().unwrap();
    assert_eq!((stored.ticket.head(), stored.attempts), (new.ticket.head(), 0));
    assert_eq!(tickets.whole(id).await.unwrap().unwrap(), new.ticket);
    let record = &new.ticket.request().record;
    assert_eq!(stand.world().texts.get(id, record).await.unwrap().unwrap(), new.ciphertext);
    assert_eq!(stand.world().keys.wrapped(id).await.unwrap().unwrap(), new.wrapped_key);
    assert_eq!(tickets.by_number(new.ticket.number()).await.unwrap(), std::slice::from_ref(id));
}

async fn what_is_not_there_is_not_found(stand: &impl Stand) {
    let tickets = &stand.world().tickets;
    let life = life();
    let [first, second] = life.first_two();
    let id = first.id();
    assert_eq!(tickets.load(id).await.unwrap(), None);
    assert_eq!(tickets.whole(id).await.unwrap(), None);
    let cause = CommandId::derive("nobody", "nothing");
    assert_eq!(tickets.spilled_cause(id, &cause).await.unwrap(), None);
    assert_eq!(tickets.advance(first, second).await.unwrap(), Advanced::Stale);
    let turn = DueTurn { ticket: id.clone(), due: first.received_at() };
    assert!(!tickets.postpone(&turn, 1, first.received_at(), 1).await.unwrap());
    assert!(!tickets.touch(first, first.received_at()).await.unwrap());
    assert_eq!(tickets.by_number(first.number()).await.unwrap(), []);
    assert_eq!(tickets.inbox("team:nobody", None, 10).await.unwrap().items, []);
}

async fn only_the_next_version_is_written(stand: &impl Stand) {
    let tickets = &stand.world().tickets;
    let life = life();
    let [first, second] = life.first_two();
    tickets.create(&life.new).await.unwrap();
    assert_eq!(tickets.advance(first, first).await.unwrap(), Advanced::Done, "nothing to write");
    assert_eq!(tickets.advance(first, second).await.unwrap(), Advanced::Done);
    assert_eq!(tickets.advance(first, second).await.unwrap(), Advanced::Stale);
    // So short that no store spills it.
    let short = &life.versions[..6];
    for two in short.windows(2).skip(1) {
        assert_eq!(tickets.advance(&two[0], &two[1]).await.unwrap(), Advanced::Done);
    }
    assert_eq!(tickets.whole(first.id()).await.unwrap().as_ref(), short.last());
}

async fn of_many_at_once_one_is_first(stand: &impl Stand) {
    let tickets = &stand.world().tickets;
    let life = life();
    let [first, second] = life.first_two();
    let created = join_all((0..8).map(|_| tickets.create(&life.new))).await;
    // Two transactions that meet may both be told to come again: at most one has written.
    assert!(created.iter().filter(|one| **one == Ok(true)).count() <= 1, "{created:?}");
    tickets.create(&life.new).await.unwrap();
    let advanced = join_all((0..8).map(|_| tickets.advance(first, second))).await;
    let done = advanced.iter().filter(|one| **one == Ok(Advanced::Done)).count();
    assert!(done <= 1, "{advanced:?}");
    let stands = tickets.load(first.id()).await.unwrap().unwrap().ticket.version();
    assert_eq!(stands == second.version(), done == 1, "{advanced:?}");
}

async fn a_turn_stands_where_it_is_due(stand: &impl Stand) {
    let world = stand.world();
    let lives = lives(6);
    for life in &lives {
        world.tickets.create(&life.new).await.unwrap();
    }
    let last = lives.iter().map(|life| due(&life.versions[0], world.lease_ms)).max().unwrap();
    let mut all = 0;
    for shard in 0..DUE_SHARDS {
        let due = world.tickets.due_turns(shard, last, 100).await.unwrap();
        assert!(due.is_sorted_by_key(|turn| turn.due), "{due:?}");
        let Some(first) = due.first() else { continue };
        all += due.len();
        let until = world.tickets.due_turns(shard, first.due, 1).await.unwrap();
        assert_eq!(until, std::slice::from_ref(first), "due at that very time, and one at most");
        let before = first.due.plus_millis(-1);
        assert_eq!(world.tickets.due_turns(shard, before, 100).await.unwrap(), []);
    }
    assert_eq!(all, lives.len());
}

async fn a_turn_is_put_off_once(stand: &impl Stand) {
    let world = stand.world();
    let life = life();
    let [first, second] = life.first_two();
    world.tickets.create(&life.new).await.unwrap();
    let shard = shard(world, first).await;
    let turn = DueTurn { ticket: first.id().clone(), due: due(first, world.lease_ms) };
    let to = turn.due.plus_millis(5 * MINUTE);
    let wrong = DueTurn { due: to, ..turn.clone() };
    assert!(!world.tickets.postpone(&turn, 2, to, 1).await.unwrap(), "another version");
    assert!(!world.tickets.postpone(&wrong, 1, to, 1).await.unwrap(), "not due then");
    assert!(world.tickets.postpone(&turn, 1, to, 1).await.unwrap());
    assert!(!world.tickets.postpone(&turn, 1, to, 1).await.unwrap(), "it was moved");
    assert_eq!(world.tickets.due_turns(shard, turn.due, 10).await.unwrap(), []);
    assert_eq!(world.tickets.due_turns(shard, to, 10).await.unwrap(), [wrong]);
    assert_eq!(world.tickets.load(first.id()).await.unwrap().unwrap().attempts, 1);
    assert_eq!(world.tickets.advance(first, second).await.unwrap(), Advanced::Done);
    let stored = world.tickets.load(first.id()).await.unwrap().unwrap();
    assert_eq!(stored.attempts, 0, "the next step begins anew");
}

async fn cards_are_listed_by_their_alarms_page_by_page(stand: &impl Stand) {
    let world = stand.world();
    let mut wanted = Vec::new();
    let mut silent = 0;
    for life in &peopled() {
        let ticket = life.lead(world, |_| false).await;
        let theirs: Vec<_> = cards(ticket, world.lease_ms)
            .into_iter()
            .filter(|card| card.owner != Owner::Machine)
            .collect();
        let alarms = theirs.iter().filter_map(|card| card.alarm);
        let found: Vec<_> = alarms.map(|alarm| (alarm, ticket.id().clone())).collect();
        silent += theirs.len() - found.len();
        wanted.extend(found);
    }
    let last = wanted.iter().map(|card| card.0).max().unwrap();
    let listed = async |until: Timestamp, limit| {
        let mut all = Vec::new();
        for shard in 0..DUE_SHARDS {
            let seen = due_cards(world, shard, (until, limit)).await;
            assert!(seen.is_sorted_by_key(|card| card.0), "{seen:?}");
            all.extend(seen);
        }
        all.sort();
        all
    };
    wanted.sort();
    assert_eq!(listed(last, 1000).await, wanted, "at that very time");
    assert_eq!(listed(last, 1).await, wanted, "page by page");
    let first = wanted[0].0;
    let before: Vec<_> = wanted.iter().filter(|card| card.0 == first).cloned().collect();
    assert_eq!(listed(first, 2).await, before);
    assert_eq!(listed(first.plus_millis(-1), 2).await, []);
    assert!(silent > 0 && wanted.len() > 12, "{silent} silent, {} not", wanted.len());
}

/// All cards of a shard that are due, read in pages.
async fn due_cards(
    world: &World,
    shard: u8,
    (until, limit): (Timestamp, u16),
) -> Vec<(Timestamp, TicketId)> {
    let (mut seen, mut from) = (Vec::new(), None::<Cursor>);
    loop {
        let page = world.tickets.due_cards(shard, until, from.as_ref(), limit).await.unwrap();
        assert!(page.items.len() <= usize::from(limit));
        seen.extend(page.items.into_iter().map(|card| (card.alarm, card.ticket)));
        from = page.next;
        if from.is_none() {
            return seen;
        }
    }
}

async fn an_inbox_is_read_page_by_page(stand: &impl Stand) {
    let world = stand.world();
    let mut inboxes = std::collections::BTreeMap::<String, usize>::new();
    for life in &lives(12) {
        let ticket = life.lead(world, |turn| matches!(turn, Turn::Human(_) | Turn::End)).await;
        for card in cards(ticket, world.lease_ms) {
            inboxes.extend(Owner::inbox(&card.owner).map(|inbox| (inbox, 0)));
            let count = Owner::inbox(&card.owner).and_then(|inbox| inboxes.get_mut(&inbox));
            *count.unwrap() += 1;
        }
    }
    for inbox in inboxes.keys() {
        let mut seen = Vec::new();
        let mut from: Option<Cursor> = None;
        loop {
            let page = world.tickets.inbox(inbox, from.as_ref(), 2).await.unwrap();
            assert!(page.items.len() <= 2);
            seen.extend(page.items);
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        let whole = world.tickets.inbox(inbox, None, 1000).await.unwrap();
        assert_eq!((&seen, None), (&whole.items, whole.next));
        assert!(seen.is_sorted_by_key(|card| card.due), "{seen:?}");
    }
    assert!(!inboxes.is_empty());
}

async fn the_open_and_the_archived_are_listed(stand: &impl Stand) {
    let world = stand.world();
    let life = life();
    world.tickets.create(&life.new).await.unwrap();
    let (first, last) = (&life.versions[0], life.last());
    let shard = shard(world, first).await;
    assert!(!world.tickets.touch(first, first.received_at()).await.unwrap(), "it is open");
    for two in life.versions.windows(2) {
        assert_eq!(world.census.archived(shard, Timestamp::MIN).await.unwrap(), []);
        world.tickets.advance(&two[0], &two[1]).await.unwrap();
    }
    assert_eq!(world.census.open(shard).await.unwrap(), []);
    let (at, id) = (last.timeline().last().unwrap().at, last.id().clone());
    assert_eq!(
        world.census.archived(shard, at).await.unwrap(),
        std::slice::from_ref(&id),
        "at that very time"
    );
    assert_eq!(world.census.archived(shard, at.plus_millis(1)).await.unwrap(), []);
    let later = at.plus_millis(MINUTE);
    assert!(!world.tickets.touch(first, later).await.unwrap(), "an old version");
    assert!(world.tickets.touch(last, later).await.unwrap());
    assert_eq!(world.census.archived(shard, later).await.unwrap(), [id]);
}

async fn a_persons_tickets_are_found_until_forgotten(stand: &impl Stand) {
    let world = stand.world();
    let mut lives = lives(5);
    for life in &mut lives {
        life.new.citizen = Some("5ea1".repeat(16));
        world.tickets.create(&life.new).await.unwrap();
    }
    let found = async || {
        let (mut all, mut from) = (Vec::new(), None);
        loop {
            let page = world.citizens.tickets(&"5ea1".repeat(16), from.as_ref()).await.unwrap();
            all.extend(page.items);
            from = page.next;
            if from.is_none() {
                return all;
            }
        }
    };
    let mut wanted: Vec<_> = lives.iter().map(|life| &life.new.ticket).collect();
    wanted.sort_by_key(|ticket| (ticket.received_at(), ticket.id().clone()));
    let wanted: Vec<_> = wanted.into_iter().map(|ticket| ticket.id().clone()).collect();
    assert_eq!(found().await, wanted, "oldest receipt first");
    assert!(world.citizens.forget(&wanted[0]).await.unwrap());
    assert!(!world.citizens.forget(&wanted[0]).await.unwrap(), "it was not in it");
    assert_eq!(found().await, wanted[1..]);
}

async fn a_long_timeline_reads_whole_and_knows_its_commands(stand: &impl Stand) {
    let world = stand.world();
    let life = life();
    let mut ticket = life.lead(world, |turn| !matches!(turn, Turn::Machine(_))).await.clone();
    let (id, sealed) = (ticket.id().clone(), ticket.request().clone());
    let actor = domain::Actor::parse("staff:u1/supervisor/command-centre").unwrap();
    let cause = |n: u32| CommandId::derive("somebody", &n.to_string());
    for n in 0..60 {
        let loaded = world.tickets.load(&id).await.unwrap().unwrap().ticket;
        assert!(loaded.timeline().len() < 60, "it spills");
        let mut next = loaded.clone();
        let at = ticket.received_at().plus_millis(i64::from(n) * MINUTE);
        // Every other command leads to two events, and what spills may part them.
        let events = [Event::Urged { note: None }, Event::Noted { note: sealed.clone() }];
        for event in events.into_iter().skip(n as usize % 2) {
            next.apply(event.clone(), actor.clone(), Some(cause(n)), at).unwrap();
            ticket.apply(event, actor.clone(), Some(cause(n)), at).unwrap();
        }
        assert_eq!(world.tickets.advance(&loaded, &next).await.unwrap(), Advanced::Done);
    }
    assert_eq!(world.tickets.whole(&id).await.unwrap(), Some(ticket.clone()));
    let loaded = world.tickets.load(&id).await.unwrap().unwrap().ticket;
    assert!(loaded.spilled() > 0 && loaded.head() == ticket.head());
    for n in 0..60 {
        let held = loaded.done(&cause(n));
        let spilled = world.tickets.spilled_cause(&id, &cause(n)).await.unwrap();
        assert_eq!(held.or(spilled), Some(EventKind::Noted), "{n}");
    }
}
