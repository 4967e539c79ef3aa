//! The ticket (工单): a fold of its timeline.

mod fold;
mod getters;
mod limits;
mod parts;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::limits::Change;
pub use self::parts::{Archive, Assignment, Crew, FollowUp, Promise, Stage, Task};
use crate::authority::Actor;
use crate::card::CardKind;
use crate::command::Command;
use crate::decide::{Context, Refusal};
use crate::event::{Event, EventKind, RequestKind};
use crate::hash::Hash;
use crate::ids::{ChannelName, CommandId, MemberId, PublicNumber, RegionCode, TicketId, UnitCode};
use crate::lifecycle::{IllegalTransition, Status, Step, Turn};
use crate::matter::{Matter, OpenMatter};
use crate::record::RecordFault;
use crate::reference::SealedRef;
use crate::snapshot::Base;
use crate::timeline::{ChainFault, Entry, verify_chain};
use crate::timestamp::Timestamp;

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
    /// The unit that found it on the spot, if it is nobody's request.
    pub(crate) found_by: Option<UnitCode>,
    pub(crate) received_at: Timestamp,
    pub(crate) status: Status,
    pub(crate) held_from: Option<Status>,
    pub(crate) phase_since: Timestamp,
    pub(crate) status_since: Timestamp,
    pub(crate) assignment: Option<Assignment>,
    /// The unit that had it first, or that has accepted it since (首接).
    pub(crate) keeper: Option<UnitCode>,
    pub(crate) tasks: BTreeMap<UnitCode, Task>,
    pub(crate) crew: BTreeMap<MemberId, Crew>,
    /// What was warned of: the end that it was about, and the level.
    pub(crate) warned: BTreeMap<CardKind, (Timestamp, u16)>,
    pub(crate) promise: Option<Promise>,
    pub(crate) citizen_due: Option<Timestamp>,
    /// The calendar by which the deadlines were reckoned.
    pub(crate) calendar: Option<String>,
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
    /// The ticket it follows, and since when.
    pub(crate) following: Option<(TicketId, Timestamp)>,
    /// The ticket whose answer it took.
    pub(crate) answered_with: Option<TicketId>,
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
        let Event::Received { channel, number, want, request, found_by } = entry.event.clone()
        else {
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
            found_by,
            received_at: at,
            status: Status::Received,
            held_from: None,
            phase_since: at,
            status_since: at,
            assignment: None,
            keeper: None,
            tasks: BTreeMap::new(),
            crew: BTreeMap::new(),
            warned: BTreeMap::new(),
            promise: None,
            citizen_due: None,
            calendar: None,
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
            following: None,
            answered_with: None,
            base: None,
            erased_at: None,
            head: entry.hash(),
            timeline: vec![entry],
        })
    }

    /// A new ticket: `order` of `channel`, received now, its request sealed already. What staff found on
    /// the spot and nobody asked for says by which unit.
    #[must_use]
    pub fn receive(
        region: RegionCode,
        (channel, order): (ChannelName, &str),
        (want, found_by): (RequestKind, Option<UnitCode>),
        request: SealedRef,
        now: Timestamp,
    ) -> Option<Self> {
        let id = TicketId::derive(&channel, order);
        let number = PublicNumber::new(&id, now);
        let actor = Actor::Channel(channel.clone());
        let event = Event::Received { channel, number, want, request, found_by };
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

    /// Whose turn it is: the status's, but that a late fact of an archived ticket is sealed first, and
    /// that a ticket which follows another waits for that one and not for people.
    #[must_use]
    pub fn turn(&self) -> Turn {
        let peoples = matches!(self.status, Status::NeedsDispatcher | Status::Handling);
        if self.following.is_some() && peoples {
            return Turn::Lead;
        }
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

    /// The step that is to look at it: whose turn it is, or the one that asks its lead.
    #[must_use]
    pub fn looked_at_by(&self) -> Option<Step> {
        match self.turn() {
            Turn::Machine(step) => Some(step),
            Turn::Lead => Some(Step::Feedback),
            Turn::Human(_) | Turn::End => None,
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
