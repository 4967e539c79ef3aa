//! The ticket store and its indexes in memory: [`Tickets`], [`Census`], [`Citizens`].

use async_trait::async_trait;
use contracts::Hint;
use domain::{
    Actor, CommandId, EventKind, PublicNumber, RecordId, Ticket, TicketId, Timestamp, Turn,
};
use ports::{
    Advanced, Census, Citizens, Cursor, DueCard, DueTurn, Hints as _, InboxCard, NewTicket, Page,
    PortError, Stored, Texts as _, Tickets,
};

use crate::bugs::Bug;
use crate::core::Port;
use crate::faults::Call;
use crate::index::{Entry, Partition};
use crate::ops::Op;
use crate::store::derived;

/// So many of a person's tickets are found at a time.
const CITIZEN_PAGE: usize = 2;

fn page<T>(
    entries: Vec<Entry>,
    (from, limit): (Option<&Cursor>, usize),
    item: impl Fn(&Entry) -> T,
) -> Page<T> {
    let sort = |entry: &Entry| format!("{:015}#{}#{}", entry.0.millis(), entry.1, entry.2);
    let above = from.map_or("", |cursor| cursor.0.as_str());
    // In the order of the texts, as the cloud has it: kinds of cards are ordered otherwise.
    let sorted = entries.into_iter().map(|entry| (sort(&entry), entry));
    let mut rest: Vec<(String, Entry)> = sorted.filter(|(sort, _)| sort.as_str() > above).collect();
    rest.sort_by(|one, other| one.0.cmp(&other.0));
    let more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().filter(|_| more).map(|(last, _)| Cursor(last.clone()));
    Page { items: rest.iter().map(|(_, entry)| item(entry)).collect(), next }
}

impl Port {
    fn has(&self, bug: Bug) -> bool {
        self.core.lock().settings.bug == Some(bug)
    }

    /// The seeded bug by which a hint tells of a write to come.
    async fn hint_early(&self, after: &Ticket) -> Result<(), PortError> {
        let of_step = after.timeline().last().is_some_and(|e| matches!(e.actor, Actor::Step(_)));
        let Turn::Machine(step) = after.turn() else { return Ok(()) };
        if !of_step || !self.has(Bug::HintBeforeWrite) {
            return Ok(());
        }
        self.send(step, &Hint::of(after)).await
    }

    /// The seeded bug by which a text is put after the event that names it.
    async fn put_late(&self, id: &TicketId) -> Result<(), PortError> {
        let text: Option<(RecordId, Vec<u8>, Timestamp)> = self.core.lock().deferred.remove(id);
        if let Some((record, ciphertext, at)) = text {
            self.put(id, &record, &ciphertext, at).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Tickets for Port {
    async fn create(&self, new: &NewTicket) -> Result<bool, PortError> {
        let id = new.ticket.id();
        self.call(Call::Create, id.as_str(), |state, _| {
            state.record(|| Op::Create(Box::new(new.clone())));
            let created = state.store.create(new, state.now);
            if created {
                state.ledger.hops += 1;
                state.moved.push(id.clone());
            }
            Ok(created)
        })
        .await
    }

    async fn load(&self, id: &TicketId) -> Result<Option<Stored>, PortError> {
        self.call(Call::Load, id.as_str(), |state, _| {
            state.record(|| Op::Load(id.clone()));
            let row = state.store.tickets.get(id);
            Ok(row.map(|row| Stored { ticket: row.ticket.clone(), attempts: row.attempts }))
        })
        .await
    }

    async fn whole(&self, id: &TicketId) -> Result<Option<Ticket>, PortError> {
        self.call(Call::Whole, id.as_str(), |state, _| {
            state.record(|| Op::Whole(id.clone()));
            state.store.whole(id)
        })
        .await
    }

    async fn spilled_cause(
        &self,
        id: &TicketId,
        cause: &CommandId,
    ) -> Result<Option<EventKind>, PortError> {
        self.call(Call::SpilledCause, id.as_str(), |state, _| {
            state.record(|| Op::Cause(id.clone(), cause.clone()));
            Ok(state.store.spilled_cause(id, cause))
        })
        .await
    }

    async fn advance(&self, before: &Ticket, after: &Ticket) -> Result<Advanced, PortError> {
        if after.version() == before.version() {
            return Ok(Advanced::Done);
        }
        self.hint_early(after).await?;
        let id = after.id();
        let advanced = self
            .call(Call::Advance, id.as_str(), |state, _| {
                state.record(|| Op::Advance(Box::new((before.clone(), after.clone()))));
                let since = state.store.tickets.get(id).map_or(0, |row| row.changed);
                let advanced = state.store.advance(before, after, state.now);
                let now = state.now;
                if advanced == Advanced::Done {
                    state.advanced(before, after, since);
                }
                state.trace.note(now, id.as_str(), || {
                    let last = after.timeline().last().map(|last| last.event.kind());
                    format!("{advanced:?}: {last:?} v{} {}", after.version(), after.status())
                });
                Ok(advanced)
            })
            .await?;
        if advanced == Advanced::Done {
            self.put_late(id).await?;
        }
        Ok(advanced)
    }

    async fn due_turns(
        &self,
        shard: u8,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueTurn>, PortError> {
        self.call(Call::DueTurns, "", |state, lag| {
            state.record(|| Op::DueTurns(shard, until, limit));
            let due = state.store.index.until(&Partition::Machine(shard), until, lag);
            let due = due.into_iter().take(limit.into());
            Ok(due.map(|(due, ticket, _)| DueTurn { ticket, due }).collect())
        })
        .await
    }

    async fn due_cards(
        &self,
        shard: u8,
        until: Timestamp,
        from: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<DueCard>, PortError> {
        self.call(Call::DueCards, "", |state, lag| {
            state.record(|| Op::DueCards(shard, until, limit));
            let entries = state.store.index.until(&Partition::Human(shard), until, lag);
            let card =
                |(alarm, ticket, _): &Entry| DueCard { ticket: ticket.clone(), alarm: *alarm };
            Ok(page(entries, (from, limit.into()), card))
        })
        .await
    }

    async fn postpone(
        &self,
        turn: &DueTurn,
        version: u32,
        to: Timestamp,
        attempts: u32,
    ) -> Result<bool, PortError> {
        self.call(Call::Postpone, turn.ticket.as_str(), |state, _| {
            state.record(|| Op::Postpone(turn.clone(), version, (to, attempts)));
            let put_off = state.store.postpone(turn, version, (to, attempts));
            let lease_ms = state.settings.lease_ms;
            let moved = state.store.tickets.get(&turn.ticket).is_some_and(|row| {
                row.ticket.looked_at_by().is_none() && row.turn != derived(&row.ticket, lease_ms).0
            });
            if moved {
                let text = "the sweep moved the limit of a person's turn";
                state.ledger.violation(turn.ticket.as_str(), text);
            }
            Ok(put_off)
        })
        .await
    }

    async fn touch(&self, ticket: &Ticket, now: Timestamp) -> Result<bool, PortError> {
        self.call(Call::Touch, ticket.id().as_str(), |state, _| {
            state.record(|| Op::Touch(Box::new(ticket.clone()), now));
            Ok(state.store.touch(ticket, now))
        })
        .await
    }

    async fn inbox(
        &self,
        inbox: &str,
        from: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<InboxCard>, PortError> {
        self.call(Call::Inbox, "", |state, lag| {
            state.record(|| Op::Inbox(inbox.to_owned(), limit));
            let entries = state.store.index.read(&Partition::Inbox(inbox.to_owned()), lag);
            Ok(page(entries, (from, limit.into()), |(due, ticket, kind)| InboxCard {
                ticket: ticket.clone(),
                kind: kind.to_string(),
                due: *due,
            }))
        })
        .await
    }

    async fn by_number(&self, number: &PublicNumber) -> Result<Vec<TicketId>, PortError> {
        self.call(Call::ByNumber, "", |state, lag| {
            state.record(|| Op::ByNumber(number.clone()));
            let entries = state.store.index.read(&Partition::Number(number.to_string()), lag);
            Ok(entries.into_iter().map(|(_, ticket, _)| ticket).collect())
        })
        .await
    }
}

#[async_trait]
impl Census for Port {
    async fn open(&self, shard: u8) -> Result<Vec<TicketId>, PortError> {
        self.call(Call::CensusOpen, "", |state, lag| {
            state.record(|| Op::Open(shard));
            let mut entries = state.store.index.read(&Partition::Machine(shard), lag);
            entries.extend(state.store.index.read(&Partition::Human(shard), lag));
            entries.retain(|(_, _, kind)| *kind == domain::CardKind::Turn);
            Ok(entries.into_iter().map(|(_, ticket, _)| ticket).collect())
        })
        .await
    }

    async fn archived(&self, shard: u8, since: Timestamp) -> Result<Vec<TicketId>, PortError> {
        self.call(Call::CensusArchived, "", |state, lag| {
            state.record(|| Op::Archived(shard, since));
            let entries = state.store.index.read(&Partition::Archived(shard), lag).into_iter();
            Ok(entries.filter(|(at, ..)| *at >= since).map(|(_, ticket, _)| ticket).collect())
        })
        .await
    }

    async fn followers(
        &self,
        (lead, answered): (&TicketId, bool),
        from: Option<&TicketId>,
        limit: u16,
    ) -> Result<Vec<TicketId>, PortError> {
        self.call(Call::Followers, lead.as_str(), |state, lag| {
            state.record(|| Op::Followers((lead.clone(), answered), from.cloned(), limit));
            let partition = Partition::Lead(lead.clone(), answered);
            let entries = state.store.index.read(&partition, lag).into_iter();
            let after =
                entries.map(|(_, ticket, _)| ticket).filter(|id| from.is_none_or(|f| id > f));
            Ok(after.take(limit.into()).collect())
        })
        .await
    }
}

#[async_trait]
impl Citizens for Port {
    async fn tickets(
        &self,
        hash: &str,
        from: Option<&Cursor>,
    ) -> Result<Page<TicketId>, PortError> {
        self.call(Call::CitizenTickets, "", |state, lag| {
            state.record(|| Op::Person(hash.to_owned()));
            let entries = state.store.index.read(&Partition::Citizen(hash.to_owned()), lag);
            Ok(page(entries, (from, CITIZEN_PAGE), |(_, ticket, _)| ticket.clone()))
        })
        .await
    }

    async fn forget(&self, ticket: &TicketId) -> Result<bool, PortError> {
        self.call(Call::CitizenForget, ticket.as_str(), |state, _| {
            state.record(|| Op::Forget(ticket.clone()));
            Ok(state.store.forget(ticket))
        })
        .await
    }
}
