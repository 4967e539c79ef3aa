//! What a ticket tells of itself.

use std::collections::BTreeMap;

use super::{Archive, Assignment, FollowUp, OpenMatter, Ticket};
use crate::event::{Event, Matter, RequestKind};
use crate::hash::Hash;
use crate::ids::{ChannelName, PublicNumber, RegionCode, TicketId};
use crate::lifecycle::Status;
use crate::record::Record;
use crate::reference::SealedRef;
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
    /// How long granted suspensions stopped the citizen's clock, in milliseconds.
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
    /// The ticket it follows, when merged.
    lead: Option<&TicketId> = |t| t.lead.as_ref();
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
