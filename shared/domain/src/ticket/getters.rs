//! What a ticket tells of itself.

use std::collections::BTreeMap;

use super::{Archive, Assignment, Crew, FollowUp, Promise, Task, Ticket};
use crate::event::{Event, RequestKind};
use crate::hash::Hash;
use crate::ids::{ChannelName, MemberId, PublicNumber, RegionCode, TicketId, UnitCode};
use crate::lifecycle::Status;
use crate::matter::{Matter, OpenMatter, Terms};
use crate::record::Record;
use crate::reference::{LikelyLead, SealedRef};
use crate::timeline::Entry;
use crate::timestamp::Timestamp;

macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident: $type:ty = |$this:ident| $value:expr;)*) => {
        impl Ticket {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> $type {
                    let $this = self;
                    $value
                }
            )*
        }
    };
}

getters! {
    /// The administrative division it belongs to.
    region: &RegionCode = |t| &t.region;
    /// Its identity.
    id: &TicketId = |t| &t.id;
    /// The channel it came by.
    channel: &ChannelName = |t| &t.channel;
    /// The number the citizen was told.
    number: &PublicNumber = |t| &t.number;
    /// What the caller wants.
    want: RequestKind = |t| t.want;
    /// The sealed request.
    request: &SealedRef = |t| &t.request;
    /// The unit that found it on the spot; `None` when somebody asked.
    found_by: Option<&UnitCode> = |t| t.found_by.as_ref();
    /// When it was received: the start of the citizen's clock.
    received_at: Timestamp = |t| t.received_at;
    /// Where it stands.
    status: Status = |t| t.status;
    /// The status in which the machine gave up, while it is held.
    held_from: Option<Status> = |t| t.held_from;
    /// When the present run of machine statuses began; what the lease is counted from.
    phase_since: Timestamp = |t| t.phase_since;
    /// When it came to the present status.
    status_since: Timestamp = |t| t.status_since;
    /// The current assignment; `None` before the first.
    assignment: Option<&Assignment> = |t| t.assignment.as_ref();
    /// The unit that keeps the case until another accepts it (首接); `None` before the first dispatch.
    keeper: Option<&UnitCode> = |t| t.keeper.as_ref();
    /// The open tasks of assisting units.
    tasks: &BTreeMap<UnitCode, Task> = |t| &t.tasks;
    /// The members of teams who were mobilised.
    crew: &BTreeMap<MemberId, Crew> = |t| &t.crew;
    /// What the citizen was promised; `None` before the first dispatch.
    promise: Option<&Promise> = |t| t.promise.as_ref();
    /// The version of the calendar by which the deadlines were reckoned.
    calendar: Option<&str> = |t| t.calendar.as_deref();
    /// How long approved suspensions stop the citizen's clock, in milliseconds; a running one is counted
    /// up to its review.
    suspended_ms: i64 = |t| t.suspended_ms;
    /// How often a unit gave it back (退单) and somebody else got it.
    returned: u32 = |t| t.returned;
    /// The end of the citizen's clock; `None` before the first dispatch.
    citizen_due: Option<Timestamp> = |t| t.citizen_due;
    /// Follow-up calls that reached nobody since the last answer.
    calls_failed: u32 = |t| t.calls_failed;
    /// When the last of them was made.
    last_call_at: Option<Timestamp> = |t| t.last_call_at;
    /// Whether it was sent back once already.
    reopened: bool = |t| t.reopened;
    /// What the latest follow-up said.
    follow_up: FollowUp = |t| t.follow_up;
    /// The event up to which the dossier seals the timeline; `None` while the case is open.
    closed_seq: Option<u32> = |t| t.closed_seq;
    /// Where the dossier lies; `None` before the archive.
    archive: Option<&Archive> = |t| t.archive.as_ref();
    /// Where the latest addendum lies; `None` before the first.
    addendum: Option<&Archive> = |t| t.addendum.as_ref();
    /// The first late fact that no addendum holds yet.
    late: Option<u32> = |t| t.late.first().copied();
    /// The open matters.
    matters: &BTreeMap<Matter, OpenMatter> = |t| &t.matters;
    /// The ticket it follows, whose answer it waits for; `None` once it has that.
    lead: Option<&TicketId> = |t| t.following.as_ref().map(|(lead, _)| lead);
    /// Since when it follows it.
    following_since: Option<Timestamp> = |t| t.following.as_ref().map(|(_, since)| *since);
    /// The ticket whose answer it got.
    answered_with: Option<&TicketId> = |t| t.answered_with.as_ref();
    /// When the person was erased; the ticket's key is gone since then.
    erased_at: Option<Timestamp> = |t| t.erased_at;
    /// The entries held here, oldest first: the whole timeline unless [`Ticket::spilled`] says so.
    timeline: &[Entry] = |t| &t.timeline;
    /// The hash of the last entry.
    head: Hash = |t| t.head;
    /// The number of events so far: what a conditional write compares.
    version: u32 = |t| t.timeline.last().map_or_else(|| t.spilled(), |last| last.seq);
    /// How many of the oldest entries are kept elsewhere.
    spilled: u32 = |t| t.base.as_ref().map_or(0, |base| base.seq);
    /// The state that the entries held here follow on, if any are kept elsewhere.
    base: Option<&Record> = |t| t.base.as_ref().map(|base| &base.state);
}

impl Ticket {
    /// What it may repeat, the likeliest first: empty unless the dispatchers are asked.
    #[must_use]
    pub fn likely(&self) -> &[LikelyLead] {
        match self.matters.get(&Matter::Merge).map(|asked| &asked.terms) {
            Some(Terms::Merge { likely, .. }) => &likely.0,
            _ => &[],
        }
    }

    /// What the citizen's clock shows at `now`, in milliseconds: the time since the receipt without what
    /// approved suspensions have taken so far. Nothing else stops it.
    #[must_use]
    pub fn citizen_clock_ms(&self, now: Timestamp) -> i64 {
        let elapsed = now.millis() - self.received_at.millis();
        elapsed - (self.suspended_ms - self.unspent_ms(now))
    }

    /// What its events say that lies in the archive: the dossier, then the addenda. A ticket that
    /// spilled must hold its whole timeline.
    #[must_use]
    pub fn archived_objects(&self) -> Vec<Archive> {
        let mut objects = Vec::new();
        for entry in &self.timeline {
            if let Event::Archived { key, sha256, sealed_seq }
            | Event::AddendumSealed { key, sha256, sealed_seq } = &entry.event
            {
                let (key, sha256, sealed_seq) = (key.clone(), *sha256, *sealed_seq);
                objects.push(Archive { key, sha256, sealed_seq });
            }
        }
        objects
    }
}
