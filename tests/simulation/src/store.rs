//! What the city has written: the tables and buckets in memory, with the conditions of the real ones.

use std::collections::{BTreeMap, BTreeSet};

use domain::directory::Files;
use domain::repeat::Seen;
use domain::{
    Card, CardKind, ChannelName, CommandId, Entry as Line, EventKind, JournalEntry, RecordId,
    Status, Ticket, TicketId, Timestamp, UploadKey, cards,
};
use ports::{
    Advanced, Book, DUE_SHARDS, Delivery, DueTurn, NewTicket, PortError, StoredCalendar, Upload,
};

use crate::bugs::Bug;
use crate::index::{Entry, Index, Partition};
use crate::purse::Purse;

/// So many entries stay when a timeline spills.
const KEEP: usize = 2;

/// A ticket's item with its cards and its spilled entries.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) ticket: Ticket,
    pub(crate) spilled: Vec<Vec<Line>>,
    pub(crate) attempts: u32,
    /// The turn's card as it stands: the sweep may have moved it.
    pub(crate) turn: Option<Card>,
    /// When it was last touched, if archived.
    pub(crate) archived: Option<Timestamp>,
    pub(crate) matters: BTreeMap<CardKind, Card>,
    pub(crate) citizen: Option<String>,
    /// When it last changed, in the simulator's time.
    pub(crate) changed: i64,
    /// The version at which the present turn began.
    pub(crate) turn_seq: u32,
    /// How far its channel has been told.
    pub(crate) delivery: Delivery,
}

/// Where it stands as one that follows another, or got its answer.
fn lead_of(ticket: &Ticket) -> Option<Partition> {
    let lead = ticket.lead().or(ticket.answered_with());
    lead.map(|lead| Partition::Lead(lead.clone(), ticket.lead().is_none()))
}

/// How the store differs from run to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) lease_ms: i64,
    pub(crate) spill_at: usize,
    pub(crate) bug: Option<Bug>,
}

/// Sealed records of a ticket: ciphertext, and when it was last wanted.
pub(crate) type Records = BTreeMap<RecordId, (Vec<u8>, Timestamp)>;

/// All of it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) manner: Manner,
    pub(crate) tickets: BTreeMap<TicketId, Row>,
    pub(crate) index: Index,
    pub(crate) texts: BTreeMap<TicketId, Records>,
    pub(crate) keys: BTreeMap<TicketId, Vec<u8>>,
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    pub(crate) claims: BTreeMap<UploadKey, TicketId>,
    pub(crate) uploads: BTreeMap<UploadKey, (Upload, Timestamp)>,
    /// By the objects' keys, with the time of their putting.
    pub(crate) mails: BTreeMap<String, (Vec<u8>, Timestamp)>,
    /// By the objects' keys.
    pub(crate) quarantine: BTreeMap<String, Vec<u8>>,
    /// What each channel has sent in which minute.
    pub(crate) counts: BTreeMap<(ChannelName, i64), u32>,
    pub(crate) journal: BTreeMap<(String, u8), Vec<JournalEntry>>,
    pub(crate) directories: BTreeMap<u32, Files>,
    pub(crate) books: BTreeMap<(Book, u32), Vec<u8>>,
    pub(crate) calendar: Option<StoredCalendar>,
    /// The fund's ledger.
    pub(crate) fund: Purse,
    /// With the category by which the request was read.
    pub(crate) sketches: BTreeMap<TicketId, (String, Seen)>,
}

/// As in the cloud: the last character of the id.
pub(crate) fn shard(id: &TicketId) -> u8 {
    id.as_str().bytes().last().unwrap_or(0) % DUE_SHARDS
}

/// The turn's card, the matters' cards and the time in the `archived` index, as they are derived.
pub(crate) type Derived = (Option<Card>, BTreeMap<CardKind, Card>, Option<Timestamp>);

pub(crate) fn derived(ticket: &Ticket, lease_ms: i64) -> Derived {
    let mut matters: BTreeMap<_, _> =
        cards(ticket, lease_ms).into_iter().map(|card| (card.kind.clone(), card)).collect();
    let turn = matters.remove(&CardKind::Turn);
    let last = ticket.timeline().last().map_or(ticket.received_at(), |last| last.at);
    (turn, matters, (ticket.status() == Status::Archived).then_some(last))
}

/// The entry of a ticket that follows another.
fn follower(id: &TicketId) -> Entry {
    (Timestamp::MIN, id.clone(), CardKind::Turn)
}

/// Where a card stands: by its alarm for the clocks and the sweep, by its end for people.
pub(crate) fn places(id: &TicketId, card: &Card) -> Vec<(Partition, Entry)> {
    let of = |at: Timestamp| (at, id.clone(), card.kind.clone());
    let inbox = card.owner.inbox();
    let due = match inbox {
        None => Partition::Machine(shard(id)),
        Some(_) => Partition::Human(shard(id)),
    };
    let watched = card.alarm.map(|alarm| (due, of(alarm)));
    watched.into_iter().chain(inbox.map(|inbox| (Partition::Inbox(inbox), of(card.due)))).collect()
}

impl Store {
    pub(crate) fn new(manner: Manner) -> Self {
        Self {
            manner,
            tickets: BTreeMap::new(),
            index: Index::default(),
            texts: BTreeMap::new(),
            keys: BTreeMap::new(),
            objects: BTreeMap::new(),
            claims: BTreeMap::new(),
            uploads: BTreeMap::new(),
            mails: BTreeMap::new(),
            quarantine: BTreeMap::new(),
            counts: BTreeMap::new(),
            journal: BTreeMap::new(),
            directories: BTreeMap::new(),
            books: BTreeMap::new(),
            calendar: None,
            fund: Purse::default(),
            sketches: BTreeMap::new(),
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.manner.bug == Some(bug)
    }

    fn stand(&mut self, id: &TicketId, card: &Card) {
        for (place, entry) in places(id, card) {
            self.index.add(place, entry);
        }
    }

    fn fall(&mut self, id: &TicketId, card: &Card) {
        for (place, entry) in places(id, card) {
            self.index.remove(place, &entry);
        }
    }

    pub(crate) fn create(&mut self, new: &NewTicket, now: i64) -> bool {
        let (ticket, id) = (&new.ticket, new.ticket.id());
        if self.tickets.contains_key(id) && !self.has(Bug::CreateUnconditional) {
            return false;
        }
        let (turn, matters, archived) = derived(ticket, self.manner.lease_ms);
        if let Some(old) = self.tickets.remove(id) {
            old.turn.iter().chain(old.matters.values()).for_each(|card| self.fall(id, card));
        }
        turn.iter().for_each(|card| self.stand(id, card));
        let (number, at) = (ticket.number().to_string(), ticket.received_at());
        self.index.add(Partition::Number(number), (Timestamp::MIN, id.clone(), CardKind::Turn));
        if let Some(hash) = &new.citizen {
            self.index.add(Partition::Citizen(hash.clone()), (at, id.clone(), CardKind::Turn));
        }
        let sealed = (new.ciphertext.clone(), at);
        self.texts.entry(id.clone()).or_default().insert(ticket.request().record.clone(), sealed);
        self.keys.insert(id.clone(), new.wrapped_key.clone());
        let row = Row {
            ticket: ticket.clone(),
            spilled: Vec::new(),
            attempts: 0,
            turn,
            archived,
            matters,
            citizen: new.citizen.clone(),
            changed: now,
            turn_seq: 1,
            delivery: Delivery::default(),
        };
        self.tickets.insert(id.clone(), row);
        true
    }

    /// One conditional write, with the cards and index values that differ between the two.
    pub(crate) fn advance(&mut self, before: &Ticket, after: &Ticket, now: i64) -> Advanced {
        let id = after.id();
        let (manner, unconditional) = (self.manner, self.has(Bug::AdvanceUnconditional));
        let forgotten = self.has(Bug::CardsForgotten);
        let Some(mut row) = self.tickets.remove(id) else { return Advanced::Stale };
        if row.ticket.version() != before.version() && !unconditional {
            self.tickets.insert(id.clone(), row);
            return Advanced::Stale;
        }
        let (old, new) = (derived(before, manner.lease_ms), derived(after, manner.lease_ms));
        if old.0 != new.0 && !forgotten {
            row.turn.iter().for_each(|card| self.fall(id, card));
            new.0.iter().for_each(|card| self.stand(id, card));
            row.turn = new.0;
        }
        if old.1 != new.1 && !forgotten {
            row.matters.values().for_each(|card| self.fall(id, card));
            new.1.values().for_each(|card| self.stand(id, card));
            row.matters = new.1;
        }
        if lead_of(before) != lead_of(after) {
            lead_of(before).into_iter().for_each(|of| self.index.remove(of, &follower(id)));
            lead_of(after).into_iter().for_each(|of| self.index.add(of, follower(id)));
        }
        if old.2 != new.2 {
            self.archive(id, &mut row, new.2);
        }
        let mut news = after.timeline().iter().filter(|entry| entry.seq > before.version());
        let waits = row.delivery.stands_at().is_some();
        if let Some(first) = news.find(|entry| entry.event.is_news()).filter(|_| !waits) {
            let to = Delivery { due: Some(first.at), ..row.delivery };
            self.deliver(id, &mut row, to);
        }
        row.attempts = 0;
        row.changed = now;
        if before.turn() != after.turn() {
            row.turn_seq = after.version();
        }
        row.ticket = after.clone();
        if let Some(spill) = after.spill(KEEP).filter(|_| after.timeline().len() > manner.spill_at)
        {
            if !self.has(Bug::SpillLost) {
                row.spilled.push(spill.entries);
            }
            row.ticket = spill.rest;
        }
        self.tickets.insert(id.clone(), row);
        Advanced::Done
    }

    /// Moves a delivery to where it stands from now on.
    fn deliver(&mut self, id: &TicketId, row: &mut Row, to: Delivery) {
        let channel = row.ticket.channel().as_str().to_owned();
        let place = |given_up| Partition::Telling(channel.clone(), given_up);
        if let Some(old) = row.delivery.stands_at() {
            self.index.remove(place(row.delivery.given_up), &(old, id.clone(), CardKind::Turn));
        }
        if let Some(new) = to.stands_at() {
            self.index.add(place(to.given_up), (new, id.clone(), CardKind::Turn));
        }
        row.delivery = to;
    }

    pub(crate) fn told(&mut self, id: &TicketId, version: u32, told: u32) -> bool {
        let Some(mut row) = self.tickets.remove(id) else { return false };
        let stands = row.ticket.version() == version;
        if stands {
            self.deliver(id, &mut row, Delivery { told, ..Delivery::default() });
        }
        self.tickets.insert(id.clone(), row);
        stands
    }

    pub(crate) fn put_off(&mut self, id: &TicketId, before: &Delivery, to: &Delivery) -> bool {
        let Some(mut row) = self.tickets.remove(id) else { return false };
        let at = row.delivery.stands_at();
        let stands = at.is_some() && at == before.stands_at();
        if stands {
            self.deliver(id, &mut row, *to);
        }
        self.tickets.insert(id.clone(), row);
        stands
    }

    fn archive(&mut self, id: &TicketId, row: &mut Row, at: Option<Timestamp>) {
        let place = || Partition::Archived(shard(id));
        if let Some(old) = row.archived {
            self.index.remove(place(), &(old, id.clone(), CardKind::Turn));
        }
        if let Some(at) = at {
            self.index.add(place(), (at, id.clone(), CardKind::Turn));
        }
        row.archived = at;
    }

    pub(crate) fn postpone(&mut self, due: &DueTurn, version: u32, to: (Timestamp, u32)) -> bool {
        let unconditional = self.has(Bug::PostponeUnconditional);
        let Some(row) = self.tickets.get_mut(&due.ticket) else { return false };
        let stands = row.turn.as_ref().is_some_and(|card| card.alarm == Some(due.due));
        if !unconditional && (row.ticket.version() != version || !stands) {
            return false;
        }
        let Some(card) = row.turn.clone() else { return true };
        let moved = Card { due: to.0, alarm: Some(to.0), ..card.clone() };
        row.attempts = to.1;
        row.turn = Some(moved.clone());
        self.fall(&due.ticket, &card);
        self.stand(&due.ticket, &moved);
        true
    }

    pub(crate) fn touch(&mut self, ticket: &Ticket, now: Timestamp) -> bool {
        if self.has(Bug::TouchForgotten) {
            return true;
        }
        let Some(mut row) = self.tickets.remove(ticket.id()) else { return false };
        let stands = row.ticket.version() == ticket.version() && row.archived.is_some();
        if stands {
            self.archive(ticket.id(), &mut row, Some(now));
        }
        self.tickets.insert(ticket.id().clone(), row);
        stands
    }

    pub(crate) fn whole(&self, id: &TicketId) -> Result<Option<Ticket>, PortError> {
        let Some(row) = self.tickets.get(id) else { return Ok(None) };
        if row.ticket.spilled() == 0 {
            return Ok(Some(row.ticket.clone()));
        }
        let mut entries: Vec<Line> = row.spilled.iter().flatten().cloned().collect();
        entries.extend(row.ticket.timeline().iter().cloned());
        let region = row.ticket.region().clone();
        let whole = Ticket::replay(region, id.clone(), entries, row.ticket.head());
        whole.map(Some).map_err(|fault| PortError::Permanent(fault.to_string()))
    }

    /// As in the cloud: the last event of a cause, which is in the newest spill that names it.
    pub(crate) fn spilled_cause(&self, id: &TicketId, cause: &CommandId) -> Option<EventKind> {
        let row = self.tickets.get(id).filter(|_| !self.has(Bug::SpilledCauseForgotten))?;
        let of = |spill: &Vec<Line>| {
            let mut entries = spill.iter().rev();
            entries.find(|entry| entry.cause.as_ref() == Some(cause)).map(|e| e.event.kind())
        };
        row.spilled.iter().rev().find_map(of)
    }

    pub(crate) fn forget(&mut self, id: &TicketId) -> bool {
        if self.has(Bug::CitizenRemembered) {
            return false;
        }
        let row = self.tickets.get_mut(id);
        let hash = row.and_then(|row| Some((row.citizen.take()?, row.ticket.received_at())));
        let Some((hash, at)) = hash else { return false };
        self.index.remove(Partition::Citizen(hash), &(at, id.clone(), CardKind::Turn));
        true
    }

    /// The places of a row's cards as they stand, for who compares them with the index.
    pub(crate) fn standing(&self) -> BTreeSet<(Partition, Entry)> {
        let mut all = BTreeSet::new();
        for (id, row) in &self.tickets {
            for card in row.turn.iter().chain(row.matters.values()) {
                all.extend(places(id, card));
            }
            let mut add = |place, at| all.insert((place, (at, id.clone(), CardKind::Turn)));
            add(Partition::Number(row.ticket.number().to_string()), Timestamp::MIN);
            if let Some(lead) = lead_of(&row.ticket) {
                add(lead, Timestamp::MIN);
            }
            if let Some(at) = row.archived {
                add(Partition::Archived(shard(id)), at);
            }
            let (of, channel) = (&row.delivery, row.ticket.channel().as_str().to_owned());
            if let Some(at) = of.stands_at() {
                add(Partition::Telling(channel, of.given_up), at);
            }
            if let Some(hash) = &row.citizen {
                add(Partition::Citizen(hash.clone()), row.ticket.received_at());
            }
        }
        all
    }
}
