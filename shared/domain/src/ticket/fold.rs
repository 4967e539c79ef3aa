//! What each event changes besides the status.

use super::{Archive, Assignment, Crew, FollowUp, Promise, Stage, Task, Ticket};
use crate::event::{Event, EventKind};
use crate::ids::UnitCode;
use crate::lifecycle::{IllegalTransition, Next, Status};
use crate::matter::{Matter, OpenMatter, Terms, Why};
use crate::timeline::Entry;
use crate::timestamp::Timestamp;

impl Ticket {
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

    fn note(&mut self, entry: &Entry, from: Status) {
        match &entry.event {
            Event::Dispatched { .. } => self.note_dispatch(entry),
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
            Event::MatterOpened { matter, terms, .. } => {
                self.open_matter(*matter, terms, entry.at);
            }
            Event::MatterClosed { matter, granted } => self.close_matter(*matter, *granted),
            Event::Merged { lead } => self.following = Some((lead.clone(), entry.at)),
            Event::Unmerged {} => self.following = None,
            Event::Erased {} => self.erased_at = Some(entry.at),
            Event::Declined { .. } | Event::Withdrawn { .. } => self.held_from = None,
            Event::Signed {} | Event::Resolved { .. } | Event::ResolvedWith { .. } => {
                if let Event::ResolvedWith { lead, .. } = &entry.event {
                    self.following = None;
                    self.answered_with = Some(lead.clone());
                }
                if let Some(assignment) = &mut self.assignment {
                    assignment.signed = true;
                    self.keeper = Some(assignment.unit.clone());
                }
            }
            Event::Warned { card, level, due, .. } => {
                self.warned.insert(card.clone(), (*due, *level));
            }
            Event::Rescheduled { .. } => self.note_reschedule(entry),
            Event::Tasked { .. }
            | Event::TaskEnded { .. }
            | Event::ReportedIn { .. }
            | Event::Minuted { .. }
            | Event::Mobilised { .. }
            | Event::MemberReported { .. } => self.note_parties(entry),
            Event::Received { .. }
            | Event::Accepted {}
            | Event::Doubted { .. }
            | Event::Opened {}
            | Event::Supplemented { .. }
            | Event::Urged { .. }
            | Event::Noted { .. }
            | Event::Attached { .. }
            | Event::AttachmentRefused { .. }
            | Event::Answered {}
            | Event::Rated { .. }
            | Event::Evaluated { .. }
            | Event::Concluded { .. }
            | Event::Funded { .. }
            | Event::Retried {} => {}
        }
    }

    fn note_dispatch(&mut self, entry: &Entry) {
        let Event::Dispatched {
            item,
            catalog,
            unit,
            tier,
            limit,
            calendar,
            due,
            citizen_due,
            confidence: _,
        } = &entry.event
        else {
            return;
        };
        self.assignment = Some(Assignment {
            item: item.clone(),
            catalog: *catalog,
            unit: unit.clone(),
            tier: *tier,
            limit: *limit,
            since: entry.at,
            due: *due,
            more: None,
            paused_ms: 0,
            signed: false,
            kept: false,
        });
        // The citizen's clock is set once: bouncing between units never moves it.
        self.citizen_due.get_or_insert(*citizen_due);
        self.promise.get_or_insert(Promise { limit: *limit, more: Vec::new() });
        // 首接: who had it first keeps it until another accepts.
        self.keeper.get_or_insert_with(|| unit.clone());
        self.calendar = Some(calendar.clone());
        self.held_from = None;
    }

    /// What assisting and called units, tables and teams do.
    fn note_parties(&mut self, entry: &Entry) {
        if let Event::Tasked { unit, tier, limit, due, .. } = &entry.event {
            let (tier, limit, since, due) = (*tier, *limit, entry.at, *due);
            self.tasks.insert(unit.clone(), Task { tier, limit, since, due, paused_ms: 0 });
        }
        if let Event::TaskEnded { unit, .. } = &entry.event {
            self.tasks.remove(unit);
        }
        if let Event::ReportedIn { unit, accepts: true, .. } = &entry.event
            && let Some(whistle) = self.matters.get_mut(&Matter::Whistle)
        {
            whistle.accepted.insert(unit.clone());
        }
        if let Event::Minuted { paper, due: moved, .. } = &entry.event
            && let Some(table) = self.matters.get_mut(&Matter::Consultation)
        {
            table.papers.insert(*paper);
            if let (Terms::Consultation { due, .. }, Some(moved)) = (&mut table.terms, moved) {
                *due = *moved;
            }
        }
        if let Event::Mobilised { member, village, skill, due } = &entry.event {
            let (village, skill, due) = (village.clone(), *skill, *due);
            let crew = Crew { village, skill, stage: Stage::Called, due };
            self.crew.insert(member.clone(), crew);
        }
        if let Event::MemberReported { member, stage, .. } = &entry.event
            && let Some(crew) = self.crew.get_mut(member)
        {
            crew.stage = *stage;
        }
    }

    /// Every deadline that moves, moves here, and the event says why.
    fn note_reschedule(&mut self, entry: &Entry) {
        let Event::Rescheduled { why, limit, until, calendar, due, citizen_due, tasks } =
            &entry.event
        else {
            return;
        };
        self.change_limits((*why, *limit, *until), entry.at);
        if *why == Why::Suspension
            && let Some(open) = self.matters.get_mut(&Matter::Suspension)
        {
            open.running = Some(entry.at);
        }
        if let (Some(assignment), Some(due)) = (&mut self.assignment, due) {
            assignment.due = *due;
        }
        self.citizen_due = citizen_due.or(self.citizen_due);
        for (unit, due) in &tasks.0 {
            if let Some(task) = self.tasks.get_mut(unit) {
                task.due = *due;
            }
        }
        self.calendar = Some(calendar.clone());
    }

    /// A consultation that is raised to a higher level stays the same table.
    fn open_matter(&mut self, matter: Matter, terms: &Terms, at: Timestamp) {
        let open = self.matters.entry(matter).or_insert_with(|| OpenMatter::new(at));
        open.terms = terms.clone();
    }

    fn close_matter(&mut self, matter: Matter, granted: bool) {
        let Some(_open) = self.matters.remove(&matter) else { return };
        if matter == Matter::Return {
            if granted {
                self.returned += 1;
            } else if let Some(assignment) = &mut self.assignment {
                assignment.kept = true;
            }
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

    /// Whether a unit leads the case: it is assigned, or was the first and nobody has accepted it since.
    #[must_use]
    pub fn is_led_by(&self, unit: &UnitCode) -> bool {
        let assigned = self.assignment.as_ref().is_some_and(|a| a.unit == *unit);
        assigned || self.keeper.as_ref() == Some(unit)
    }
}
