//! The ticket (工单): a fold of its timeline.

mod getters;

use std::collections::{BTreeMap, BTreeSet};

use crate::authority::Actor;
use crate::calendar::Limit;
use crate::command::Command;
use crate::decide::{Context, Refusal};
use crate::event::{Event, EventKind, Matter, RequestKind, Satisfaction};
use crate::hash::Hash;
use crate::ids::{ChannelName, CommandId, ItemCode, PublicNumber, RegionCode, TicketId, UnitCode};
use crate::lifecycle::{IllegalTransition, Next, Status, Step, Tier, Turn};
use crate::record::RecordFault;
use crate::reference::SealedRef;
use crate::snapshot::Base;
use crate::timeline::{ChainFault, Entry, verify_chain};
use crate::timestamp::Timestamp;

/// An open matter on a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenMatter {
    /// When it was opened.
    pub since: Timestamp,
}

/// Where a dossier or an addendum lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The key of the object.
    pub key: String,
    /// SHA-256 of its bytes.
    pub sha256: Hash,
    /// The last event it holds.
    pub sealed_seq: u32,
}

/// The current assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The item of the catalog.
    pub item: ItemCode,
    /// The responsible unit.
    pub unit: UnitCode,
    /// Its tier.
    pub tier: Tier,
    /// The item's limit.
    pub limit: Limit,
    /// When it was dispatched: the start of the unit's clock.
    pub since: Timestamp,
    /// The end of the unit's clock.
    pub due: Timestamp,
}

/// What the latest follow-up said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowUp {
    /// Was the citizen contacted?
    pub contacted: Option<bool>,
    /// Is it solved?
    pub solved: Option<bool>,
    /// How satisfied?
    pub satisfaction: Option<Satisfaction>,
}

/// One citizen's request on its way through the six steps.
///
/// The state is a function of the timeline alone: [`Ticket::replay`] builds the same ticket from the
/// same entries. Attempts, leases and indexes are the store's book-keeping and not in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub(crate) region: RegionCode,
    pub(crate) id: TicketId,
    pub(crate) channel: ChannelName,
    pub(crate) number: PublicNumber,
    pub(crate) want: RequestKind,
    pub(crate) request: SealedRef,
    pub(crate) received_at: Timestamp,
    pub(crate) status: Status,
    pub(crate) held_from: Option<Status>,
    pub(crate) phase_since: Timestamp,
    pub(crate) status_since: Timestamp,
    pub(crate) assignment: Option<Assignment>,
    pub(crate) citizen_due: Option<Timestamp>,
    pub(crate) suspended_ms: i64,
    pub(crate) returned: u32,
    pub(crate) calls_failed: u32,
    pub(crate) last_call_at: Option<Timestamp>,
    pub(crate) reopened: bool,
    pub(crate) follow_up: FollowUp,
    pub(crate) closed_seq: Option<u32>,
    pub(crate) archive: Option<Archive>,
    pub(crate) addendum: Option<Archive>,
    /// The late facts that no addendum holds yet, by their sequence.
    pub(crate) late: BTreeSet<u32>,
    pub(crate) matters: BTreeMap<Matter, OpenMatter>,
    pub(crate) lead: Option<TicketId>,
    /// What the entries held here follow on; `None` while all of them are held.
    pub(crate) base: Option<Box<Base>>,
    pub(crate) erased_at: Option<Timestamp>,
    pub(crate) timeline: Vec<Entry>,
    pub(crate) head: Hash,
}

/// Why stored entries are not a ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayFault {
    /// The chain is broken.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// The snapshot that the entries follow on cannot be read.
    #[error("the snapshot: {0}")]
    Snapshot(RecordFault),
    /// The first entry is not the receipt.
    #[error("the timeline does not begin with the receipt")]
    Birth,
    /// An entry may not follow the ones before it.
    #[error("entry {seq}: {fault}")]
    Transition {
        /// The entry.
        seq: u32,
        /// What is wrong with it.
        fault: IllegalTransition,
    },
}

impl Ticket {
    /// The ticket that a first entry makes; `None` unless it is this ticket's receipt.
    fn born(region: RegionCode, id: TicketId, entry: Entry) -> Option<Self> {
        let Event::Received { channel, number, want, request } = entry.event.clone() else {
            return None;
        };
        let at = entry.at;
        // The number binds the receipt to its ticket: another ticket's timeline is no receipt of this.
        if number != PublicNumber::new(&id, at) {
            return None;
        }
        Some(Self {
            region,
            id,
            channel,
            number,
            want,
            request,
            received_at: at,
            status: Status::Received,
            held_from: None,
            phase_since: at,
            status_since: at,
            assignment: None,
            citizen_due: None,
            suspended_ms: 0,
            returned: 0,
            calls_failed: 0,
            last_call_at: None,
            reopened: false,
            follow_up: FollowUp::default(),
            closed_seq: None,
            archive: None,
            addendum: None,
            late: BTreeSet::new(),
            matters: BTreeMap::new(),
            lead: None,
            base: None,
            erased_at: None,
            head: entry.hash(),
            timeline: vec![entry],
        })
    }

    /// A new ticket: `order` of `channel`, received now, its request sealed already.
    #[must_use]
    pub fn receive(
        region: RegionCode,
        (channel, order): (ChannelName, &str),
        want: RequestKind,
        request: SealedRef,
        now: Timestamp,
    ) -> Option<Self> {
        let id = TicketId::derive(&channel, order);
        let number = PublicNumber::new(&id, now);
        let actor = Actor::Channel(channel.clone());
        let event = Event::Received { channel, number, want, request };
        let entry = Entry { seq: 1, at: now, actor, cause: None, event, prev: Hash::ZERO };
        Self::born(region, id, entry)
    }

    /// Rebuilds a ticket from its stored entries, checking chain and transitions.
    ///
    /// # Errors
    /// [`ReplayFault`] names the first entry that is not what it was, or may not stand there.
    pub fn replay(
        region: RegionCode,
        id: TicketId,
        entries: Vec<Entry>,
        head: Hash,
    ) -> Result<Self, ReplayFault> {
        verify_chain(&entries, head)?;
        let mut entries = entries.into_iter();
        let mut ticket = entries
            .next()
            .and_then(|first| Self::born(region, id, first))
            .ok_or(ReplayFault::Birth)?;
        for entry in entries {
            let seq = entry.seq;
            ticket.fold(entry).map_err(|fault| ReplayFault::Transition { seq, fault })?;
        }
        Ok(ticket)
    }

    /// Applies one event: the next entry of the timeline and the state it leads to. It names no
    /// earlier time than the entry before it, whatever the clock says.
    ///
    /// # Errors
    /// [`IllegalTransition`] if the table has no row for it; the ticket is then unchanged.
    pub fn apply(
        &mut self,
        event: Event,
        actor: Actor,
        cause: Option<CommandId>,
        now: Timestamp,
    ) -> Result<(), IllegalTransition> {
        let at = self.time_of_next(now);
        let entry = Entry { seq: self.version() + 1, at, actor, cause, event, prev: self.head };
        self.fold(entry)
    }

    /// When an entry written `now` happened: never before the entry before it.
    pub(crate) fn time_of_next(&self, now: Timestamp) -> Timestamp {
        self.timeline.last().map_or(now, |last| last.at.max(now))
    }

    /// Decides `command` and applies what follows: the ticket as it would be. A command whose
    /// [`Context::cause`] stands in the timeline already changes nothing.
    ///
    /// # Errors
    /// [`Refusal`], and nothing has changed.
    pub fn execute(&self, command: &Command, context: &Context<'_>) -> Result<Self, Refusal> {
        let mut after = self.clone();
        for event in self.decide(command, context)? {
            after.apply(event, context.actor.clone(), context.cause.clone(), context.now)?;
        }
        Ok(after)
    }

    pub(crate) fn fold(&mut self, entry: Entry) -> Result<(), IllegalTransition> {
        let next = self.status.after(entry.event.kind())?;
        let from = self.status;
        let to = match next {
            Next::To(status) => status,
            Next::Same => from,
            Next::BeforeHold => self.held_from.take().unwrap_or(Status::Received),
        };
        let idle = !self.is_machines();
        self.note(&entry, from);
        self.note_late(&entry);
        if to != from {
            self.status = to;
            self.status_since = entry.at;
            if matches!(to, Status::Evaluated | Status::Declined) {
                // Once: the dossier may be written already when a hold comes in between.
                self.closed_seq.get_or_insert(entry.seq);
            }
        }
        if idle && self.is_machines() {
            self.phase_since = entry.at;
        }
        self.head = entry.hash();
        self.timeline.push(entry);
        Ok(())
    }

    /// What an event changes besides the status.
    fn note(&mut self, entry: &Entry, from: Status) {
        match &entry.event {
            Event::Dispatched { item, unit, tier, limit, due, citizen_due, .. } => {
                self.assignment = Some(Assignment {
                    item: item.clone(),
                    unit: unit.clone(),
                    tier: *tier,
                    limit: *limit,
                    since: entry.at,
                    due: *due,
                });
                // The citizen's clock is set once: bouncing between units never moves it.
                self.citizen_due.get_or_insert(*citizen_due);
                self.held_from = None;
            }
            Event::CallFailed {} => {
                self.calls_failed += 1;
                self.last_call_at = Some(entry.at);
            }
            Event::FollowedUp { contacted, solved, satisfaction, .. } => {
                let (contacted, solved) = (*contacted, *solved);
                self.follow_up = FollowUp { contacted, solved, satisfaction: *satisfaction };
            }
            Event::Reopened {} => {
                self.reopened = true;
                self.calls_failed = 0;
                self.last_call_at = None;
            }
            Event::Archived { key, sha256, sealed_seq } => {
                self.archive =
                    Some(Archive { key: key.clone(), sha256: *sha256, sealed_seq: *sealed_seq });
            }
            Event::AddendumSealed { key, sha256, sealed_seq } => {
                self.addendum =
                    Some(Archive { key: key.clone(), sha256: *sha256, sealed_seq: *sealed_seq });
            }
            Event::Held { .. } => self.held_from = Some(from),
            Event::MatterOpened { matter, .. } => {
                self.matters.insert(*matter, OpenMatter { since: entry.at });
            }
            Event::MatterClosed { matter, granted } => {
                self.close_matter(*matter, *granted, entry.at);
            }
            Event::Merged { lead } => self.lead = Some(lead.clone()),
            Event::Unmerged {} => self.lead = None,
            Event::Erased {} => self.erased_at = Some(entry.at),
            Event::Declined { .. } | Event::Withdrawn { .. } => self.held_from = None,
            Event::Received { .. }
            | Event::Accepted {}
            | Event::Doubted { .. }
            | Event::Opened {}
            | Event::Supplemented { .. }
            | Event::Urged { .. }
            | Event::Noted { .. }
            | Event::Attached { .. }
            | Event::AttachmentRefused { .. }
            | Event::Resolved { .. }
            | Event::Answered {}
            | Event::Rated { .. }
            | Event::Evaluated { .. }
            | Event::Retried {} => {}
        }
    }

    /// What happens to a closed case is a late fact: the dossier does not hold it, an addendum will.
    /// The seals themselves are none, or there would be no end of them.
    fn note_late(&mut self, entry: &Entry) {
        if let Event::AddendumSealed { sealed_seq, .. } = entry.event {
            self.late.retain(|late| *late > sealed_seq);
        } else if self.closed_seq.is_some() && entry.event.kind() != EventKind::Archived {
            self.late.insert(entry.seq);
        }
    }

    /// Whose turn it is: the status's, but that a late fact of an archived ticket is sealed first.
    #[must_use]
    pub fn turn(&self) -> Turn {
        if self.status == Status::Archived && !self.late.is_empty() {
            Turn::Machine(Step::Archive)
        } else {
            self.status.turn()
        }
    }

    /// Whether the machine has the turn.
    #[must_use]
    pub fn is_machines(&self) -> bool {
        matches!(self.turn(), Turn::Machine(_))
    }

    /// Only a granted suspension moves a deadline: the citizen's by as long as it lasted, the unit's
    /// by as much of that as came after the dispatch.
    fn close_matter(&mut self, matter: Matter, granted: bool, at: Timestamp) {
        let Some(open) = self.matters.remove(&matter) else { return };
        if matter == Matter::Return && granted {
            self.returned += 1;
        }
        if matter == Matter::Suspension && granted {
            let lasted = at.millis() - open.since.millis();
            self.suspended_ms += lasted;
            self.citizen_due = self.citizen_due.map(|due| due.plus_millis(lasted));
            if let Some(assignment) = &mut self.assignment {
                let since = assignment.since.max(open.since);
                assignment.due = assignment.due.plus_millis(at.millis() - since.millis());
            }
        }
    }

    /// What the command that `cause` names has led to, by the entries held here: the last of its
    /// events. `None` when it was not carried out.
    #[must_use]
    pub fn done(&self, cause: &CommandId) -> Option<EventKind> {
        let mut entries = self.timeline.iter().rev();
        let entry = entries.find(|entry| entry.cause.as_ref() == Some(cause))?;
        Some(entry.event.kind())
    }
}
