//! Long timelines: the oldest entries are kept elsewhere, still chained, and the ticket goes on from a
//! snapshot of the state they led to (design, section 3: "the oldest events spilled").
//!
//! A snapshot is believed by those who only need to go on; whoever doubts it replays the whole
//! timeline and compares, as `lianxin verify` does.

mod parts;

use std::collections::{BTreeMap, BTreeSet};

use self::parts::{
    put_all, put_assignment, put_promise, take_assignment, take_crew, take_matters, take_promise,
    take_tasks, take_warned,
};

use crate::hash::Hash;
use crate::ids::{RegionCode, TicketId};
use crate::record::{Field, Record, RecordFault, Text};
use crate::reference::SealedRef;
use crate::ticket::{Archive, FollowUp, ReplayFault, Ticket};
use crate::timeline::{Entry, verify_chain_after};
use crate::timestamp::Timestamp;

/// The kind of a snapshot's record.
const KIND: &str = "snapshot_v1";

/// The names of an archived object's fields.
const ARCHIVE: [&str; 3] = ["archive_key", "archive_sha256", "archive_sealed_seq"];
const ADDENDUM: [&str; 3] = ["addendum_key", "addendum_sha256", "addendum_sealed_seq"];

/// The state that a ticket's held entries follow on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// The last entry before them.
    pub(crate) seq: u32,
    /// The state after that entry.
    pub(crate) state: Record,
}

/// What a ticket gives away when its timeline has grown too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spill {
    /// The oldest entries held so far, to be kept elsewhere.
    pub entries: Vec<Entry>,
    /// The same ticket without them.
    pub rest: Ticket,
}

impl Ticket {
    /// The state after the last entry, as a record; two tickets with equal snapshots are equal but
    /// for where their entries are kept.
    #[must_use]
    pub fn snapshot(&self) -> Record {
        let mut fields = BTreeMap::new();
        self.channel.put("channel", &mut fields);
        self.number.put("number", &mut fields);
        self.want.put("want", &mut fields);
        self.request.put("request", &mut fields);
        self.found_by.put("found_by", &mut fields);
        self.received_at.put("received_at", &mut fields);
        self.status.put("status", &mut fields);
        self.held_from.put("held_from", &mut fields);
        self.phase_since.put("phase_since", &mut fields);
        self.status_since.put("status_since", &mut fields);
        self.citizen_due.put("citizen_due", &mut fields);
        self.suspended_ms.put("suspended_ms", &mut fields);
        // Absent before the first: snapshots from before it was counted stay what they are.
        Some(self.returned).filter(|count| *count > 0).put("returned", &mut fields);
        self.calls_failed.put("calls_failed", &mut fields);
        self.last_call_at.put("last_call_at", &mut fields);
        self.reopened.put("reopened", &mut fields);
        self.follow_up.contacted.put("contacted", &mut fields);
        self.follow_up.solved.put("solved", &mut fields);
        self.follow_up.satisfaction.put("satisfaction", &mut fields);
        self.closed_seq.put("closed_seq", &mut fields);
        self.lead().cloned().put("lead", &mut fields);
        self.following_since().put("following_since", &mut fields);
        self.answered_with.put("answered_with", &mut fields);
        self.erased_at.put("erased_at", &mut fields);
        self.version().put("seq", &mut fields);
        self.head.put("head", &mut fields);
        let last_at = self.timeline.last().map_or(self.received_at, |last| last.at);
        last_at.put("at", &mut fields);
        if let Some(assignment) = &self.assignment {
            put_assignment(assignment, &mut fields);
        }
        if let Some(promise) = &self.promise {
            put_promise(promise, &mut fields);
        }
        self.keeper.put("keeper", &mut fields);
        self.calendar.put("calendar", &mut fields);
        put_all(self, &mut fields);
        for (names, sealed) in [(ARCHIVE, &self.archive), (ADDENDUM, &self.addendum)] {
            if let Some(Archive { key, sha256, sealed_seq }) = sealed {
                key.put(names[0], &mut fields);
                sha256.put(names[1], &mut fields);
                sealed_seq.put(names[2], &mut fields);
            }
        }
        if !self.late.is_empty() {
            let late: Vec<String> = self.late.iter().map(u32::to_string).collect();
            fields.insert("late".to_owned(), late.join(" "));
        }
        Record { kind: KIND.to_owned(), fields }
    }

    /// Goes on from a snapshot: `entries` follow on it, up to `head`.
    ///
    /// # Errors
    /// [`ReplayFault`] when the snapshot cannot be read, or the entries do not follow on it.
    pub fn resume(
        region: RegionCode,
        id: TicketId,
        state: &Record,
        entries: Vec<Entry>,
        head: Hash,
    ) -> Result<Self, ReplayFault> {
        let (mut ticket, base) = read(region, id, state).map_err(ReplayFault::Snapshot)?;
        verify_chain_after(base, &entries, head)?;
        for entry in entries {
            let seq = entry.seq;
            ticket.fold(entry).map_err(|fault| ReplayFault::Transition { seq, fault })?;
        }
        Ok(ticket)
    }

    /// Gives away all but the last `keep` of the held entries (at least one is kept); `None` when
    /// there are no more than that.
    #[must_use]
    pub fn spill(&self, keep: usize) -> Option<Spill> {
        let keep = keep.max(1);
        let (old, held) = self.timeline.split_at_checked(self.timeline.len().checked_sub(keep)?)?;
        let head = held.first()?.prev;
        let state = match &self.base {
            _ if old.is_empty() => return None,
            None => Self::replay(self.region.clone(), self.id.clone(), old.to_vec(), head),
            Some(base) => {
                Self::resume(self.region.clone(), self.id.clone(), &base.state, old.to_vec(), head)
            }
        };
        let state = state.ok()?;
        let base = Base { seq: state.version(), state: state.snapshot() };
        let rest = Self { base: Some(Box::new(base)), timeline: held.to_vec(), ..self.clone() };
        Some(Spill { entries: old.to_vec(), rest })
    }
}

type ChainBase = (u32, Hash, Timestamp);

fn read(
    region: RegionCode,
    id: TicketId,
    state: &Record,
) -> Result<(Ticket, ChainBase), RecordFault> {
    if state.kind != KIND {
        return Err(RecordFault::Kind);
    }
    let f = &mut state.fields.clone();
    let seq = u32::take("seq", f)?;
    let head = Hash::take("head", f)?;
    let at = Timestamp::take("at", f)?;
    let ticket = Ticket {
        region,
        id,
        channel: Field::take("channel", f)?,
        number: Field::take("number", f)?,
        want: Field::take("want", f)?,
        request: SealedRef::take("request", f)?,
        found_by: Field::take("found_by", f)?,
        received_at: Field::take("received_at", f)?,
        status: Field::take("status", f)?,
        held_from: Field::take("held_from", f)?,
        phase_since: Field::take("phase_since", f)?,
        status_since: Field::take("status_since", f)?,
        assignment: take_assignment(f)?,
        promise: take_promise(f)?,
        keeper: Field::take("keeper", f)?,
        calendar: Field::take("calendar", f)?,
        tasks: take_tasks(f)?,
        crew: take_crew(f)?,
        warned: take_warned(f)?,
        citizen_due: Field::take("citizen_due", f)?,
        suspended_ms: Field::take("suspended_ms", f)?,
        returned: <Option<u32> as Field>::take("returned", f)?.unwrap_or_default(),
        calls_failed: Field::take("calls_failed", f)?,
        last_call_at: Field::take("last_call_at", f)?,
        reopened: Field::take("reopened", f)?,
        follow_up: FollowUp {
            contacted: Field::take("contacted", f)?,
            solved: Field::take("solved", f)?,
            satisfaction: Field::take("satisfaction", f)?,
        },
        closed_seq: Field::take("closed_seq", f)?,
        archive: take_archive(ARCHIVE, f)?,
        addendum: take_archive(ADDENDUM, f)?,
        late: take_late(f)?,
        following: take_following(f)?,
        answered_with: Field::take("answered_with", f)?,
        erased_at: Field::take("erased_at", f)?,
        matters: take_matters(f)?,
        base: Some(Box::new(Base { seq, state: state.clone() })),
        timeline: Vec::new(),
        head,
    };
    if f.is_empty() { Ok((ticket, (seq, head, at))) } else { Err(RecordFault::Unknown) }
}

fn take_archive(
    [key, sha256, sealed_seq]: [&'static str; 3],
    f: &mut BTreeMap<String, String>,
) -> Result<Option<Archive>, RecordFault> {
    let take = |f: &mut BTreeMap<String, String>| -> Result<Archive, RecordFault> {
        Ok(Archive {
            key: Field::take(key, f)?,
            sha256: Field::take(sha256, f)?,
            sealed_seq: Field::take(sealed_seq, f)?,
        })
    };
    f.contains_key(key).then(|| take(f)).transpose()
}

fn take_following(
    f: &mut BTreeMap<String, String>,
) -> Result<Option<(TicketId, Timestamp)>, RecordFault> {
    let Some(lead) = <Option<TicketId> as Field>::take("lead", f)? else { return Ok(None) };
    Ok(Some((lead, Field::take("following_since", f)?)))
}

fn take_late(f: &mut BTreeMap<String, String>) -> Result<BTreeSet<u32>, RecordFault> {
    let late = f.remove("late");
    late.iter().flat_map(|late| late.split(' ')).map(u32::from_text).collect()
}
