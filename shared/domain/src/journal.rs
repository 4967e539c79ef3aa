//! The access journal: who has read what of a person, why and when.
//!
//! A reading is journalled before a text is given out, and never on the ticket's own timeline, which
//! channels and dossiers carry on. A reason is a code: what somebody would write instead could itself
//! be about a person. Entries are chained per day and shard, so that none can be taken out unseen.

use crate::authority::Actor;
use crate::hash::Hash;
use crate::ids::{RecordId, TicketId};
use crate::record::text_enum;
use crate::timestamp::Timestamp;

text_enum!(
    /// Why somebody reads what a citizen said, or erases it.
    Reason,
    "one of `handling`, `follow_up`, `complaint_review`, `audit`, `legal_request`, `citizen_request`" {
        /// 办理: to deal with the request.
        Handling = "handling",
        /// 回访: to follow it up.
        FollowUp = "follow_up",
        /// 复核: somebody objects to how it was dealt with.
        ComplaintReview = "complaint_review",
        /// 审计: an audit.
        Audit = "audit",
        /// 依法调取: a court or an authority asks by law.
        LegalRequest = "legal_request",
        /// 本人申请: the citizen asks, for a copy or for erasure.
        CitizenRequest = "citizen_request",
    }
);

text_enum!(
    /// What was done with a person's data.
    Access, "one of `masked`, `unmasked`, `erased`" {
        /// Texts were shown with names, telephones and addresses masked.
        Masked = "masked",
        /// Texts were shown as they are.
        Unmasked = "unmasked",
        /// The keys were destroyed.
        Erased = "erased",
    }
);

/// What is to be journalled. It names records and never quotes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Who.
    pub actor: Actor,
    /// Why.
    pub reason: Reason,
    /// What was done.
    pub access: Access,
    /// On which tickets; one, but for an erasure.
    pub tickets: Vec<TicketId>,
    /// Which sealed records were read.
    pub records: Vec<RecordId>,
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Position in its day and shard, from 1.
    pub seq: u32,
    /// When, in city time; never before the entry before.
    pub at: Timestamp,
    /// What.
    pub reading: Reading,
    /// The hash of the entry before; [`Hash::ZERO`] for the first of a day and shard.
    pub prev: Hash,
}

/// Where a day's chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} of the journal is not the one that was written there")]
pub struct JournalFault {
    /// The entry.
    pub seq: u32,
}

impl JournalEntry {
    /// The entry that follows `last` on its day.
    #[must_use]
    pub fn after(last: Option<(u32, Timestamp, Hash)>, reading: Reading, now: Timestamp) -> Self {
        let (seq, at, prev) = last.unwrap_or((0, now, Hash::ZERO));
        Self { seq: seq.saturating_add(1), at: at.max(now), reading, prev }
    }

    /// The hash by which the next entry, or the head, names this one; every part is preceded by its
    /// length ([`Hash::of`]), and the lists by how many they hold.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let Reading { actor, reason, access, tickets, records } = &self.reading;
        let (seq, at, actor) = (self.seq.to_string(), self.at.to_string(), actor.to_string());
        let (many, more) = (tickets.len().to_string(), records.len().to_string());
        let mut parts: Vec<&[u8]> = vec![
            self.prev.as_bytes(),
            seq.as_bytes(),
            at.as_bytes(),
            actor.as_bytes(),
            reason.as_str().as_bytes(),
            access.as_str().as_bytes(),
            many.as_bytes(),
        ];
        parts.extend(tickets.iter().map(|ticket| ticket.as_str().as_bytes()));
        parts.push(more.as_bytes());
        parts.extend(records.iter().map(|record| record.as_str().as_bytes()));
        Hash::of("lianxin.journal.v1", &parts)
    }
}

/// Checks the entries of one day and shard, in order, against the head known for them.
///
/// # Errors
/// [`JournalFault`] names the first entry that is missing, moved or altered; a tail that was cut off
/// shows as the entry that is not there.
pub fn verify_journal(entries: &[JournalEntry], head: Option<Hash>) -> Result<(), JournalFault> {
    let mut previous: Option<&JournalEntry> = None;
    for (seq, entry) in (1_u32..).zip(entries) {
        let before = previous.map_or(Hash::ZERO, JournalEntry::hash);
        let in_time = previous.is_none_or(|one| one.at <= entry.at);
        if entry.seq != seq || !in_time {
            return Err(JournalFault { seq });
        }
        if entry.prev != before {
            return Err(JournalFault { seq: seq.saturating_sub(1).max(1) });
        }
        previous = Some(entry);
    }
    if previous.map(JournalEntry::hash) == head {
        Ok(())
    } else {
        Err(JournalFault { seq: previous.map_or(1, |last| last.seq) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<JournalEntry> {
        let ticket = TicketId::parse("0123456789abcdefghjkmnpqrs").unwrap();
        let reading = |access| Reading {
            actor: Actor::parse("staff:u1/caller/command-centre").unwrap(),
            reason: Reason::FollowUp,
            access,
            tickets: vec![ticket.clone()],
            records: vec![RecordId::request(&ticket)],
        };
        let mut all: Vec<JournalEntry> = Vec::new();
        for (access, now) in [(Access::Masked, 5_000), (Access::Unmasked, 4_000)] {
            let last = all.last().map(|last| (last.seq, last.at, last.hash()));
            let now = Timestamp::from_millis(now);
            all.push(JournalEntry::after(last, reading(access), now));
        }
        all
    }

    #[test]
    fn a_day_is_chained_and_time_never_runs_backwards() {
        let entries = entries();
        assert_eq!(entries[1].at, entries[0].at, "a clock that was set back moves nothing");
        assert_eq!(verify_journal(&entries, Some(entries[1].hash())), Ok(()));
        assert_eq!(verify_journal(&[], None), Ok(()));
    }

    #[test]
    fn what_was_altered_moved_or_cut_off_is_named() {
        let right = entries();
        let head = Some(right[1].hash());
        let check = |entries: &[JournalEntry]| verify_journal(entries, head).unwrap_err().seq;
        assert_eq!(check(&right[..1]), 1, "the tail was cut off");
        assert_eq!(check(&right[1..]), 1);
        assert_eq!(check(&[right[1].clone(), right[0].clone()]), 1);
        assert_eq!(check(&[]), 1);
        let mut altered = right.clone();
        altered[0].reading.reason = Reason::Audit;
        assert_eq!(check(&altered), 1);
        altered = right.clone();
        altered[1].reading.access = Access::Masked;
        assert_eq!(check(&altered), 2);
        altered = right.clone();
        let moved = altered[1].reading.records.pop().unwrap();
        altered[1].reading.tickets.push(TicketId::parse(moved.as_str()).unwrap());
        assert_eq!(check(&altered), 2, "a record is no ticket");
    }
}
