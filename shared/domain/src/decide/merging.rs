//! 并案: a ticket that repeats another follows it, and takes its answer (ADR 13).

use super::{Context, Refusal};
use crate::card::DISPATCHER_LIMIT_MS;
use crate::command::{CommandKind, DispatchTo};
use crate::event::{Event, Outcome};
use crate::ids::TicketId;
use crate::lifecycle::{Status, Tier, Turn};
use crate::matter::{Matter, Terms};
use crate::reference::{Likely, SealedRef};
use crate::ticket::{Assignment, Ticket};

/// What a ticket tells those that follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead<'a> {
    /// Nothing yet: it is being dealt with.
    Open,
    /// It was dealt with there, so, and its citizen got this reply.
    Answered(&'a Assignment, Outcome, &'a SealedRef),
    /// There will be no answer of it: it was ended without one, follows another, or nobody can read it.
    None,
}

impl CommandKind {
    /// Whether it is refused while the ticket follows another: what was decided of a repeat would be decided
    /// twice.
    #[must_use]
    pub const fn is_the_leads(self) -> bool {
        match self {
            Self::Dispatch
            | Self::Decline
            | Self::Resolve
            | Self::Sign
            | Self::Assign
            | Self::Minute
            | Self::Conclude
            | Self::Mobilise
            | Self::OpenMatter
            | Self::Merge => true,
            Self::Accept
            | Self::Doubt
            | Self::Open
            | Self::Supplement
            | Self::Urge
            | Self::Withdraw
            | Self::Rate
            | Self::Note
            | Self::Attach
            | Self::RefuseAttachment
            | Self::Answer
            | Self::FollowUp
            | Self::Evaluate
            | Self::Archive
            | Self::SealAddendum
            | Self::Hold
            | Self::Retry
            | Self::EndTask
            | Self::ReportIn
            | Self::ReportMember
            | Self::CloseMatter
            | Self::Unmerge
            | Self::ResolveWith
            | Self::Fund
            | Self::Tick
            | Self::Replan
            | Self::Erase => false,
        }
    }
}

impl Ticket {
    /// Whether another ticket may follow this one.
    ///
    /// # Errors
    /// [`Refusal::BadLead`] says why not.
    pub fn check_may_lead(&self) -> Result<(), Refusal> {
        use Status as S;
        let status = self.held_from.unwrap_or(self.status);
        if self.lead().is_some() {
            return Err(Refusal::BadLead("it follows another itself"));
        }
        if self.erased_at.is_some() {
            return Err(Refusal::BadLead("its person was erased"));
        }
        if self.is_a_villages() {
            return Err(Refusal::BadLead(
                "a village leads it, which leads only what it found itself",
            ));
        }
        // One that is not dispatched yet may still turn out to repeat another.
        let is_open = matches!(status, S::NeedsDispatcher | S::Dispatched | S::Handling);
        is_open
            .then_some(())
            .ok_or(Refusal::BadLead("it is not dispatched yet, or answered or ended"))
    }

    /// Whether it will be dispatched, and may lead then.
    #[must_use]
    pub fn is_to_be_dispatched(&self) -> bool {
        let status = self.held_from.unwrap_or(self.status);
        matches!(status, Status::Received | Status::Accepted) && self.erased_at.is_none()
    }

    /// Whether it was dispatched to a village: a citizen's request may not be.
    fn is_a_villages(&self) -> bool {
        self.assignment.as_ref().is_some_and(|at| at.tier == Tier::Village)
    }

    /// What it tells those that follow it. The timeline must be whole, but for who only asks whether it is open.
    #[must_use]
    pub fn as_lead(&self) -> Lead<'_> {
        use Status as S;
        if self.lead().is_some() || self.erased_at.is_some() || self.is_a_villages() {
            return Lead::None;
        }
        let ends = self.timeline.iter().filter(|entry| Some(entry.seq) == self.closed_seq);
        let answered = match self.held_from.unwrap_or(self.status) {
            S::Answered | S::FollowedUp | S::Evaluated => true,
            S::Archived => ends.map(|end| &end.event).any(|e| matches!(e, Event::Evaluated { .. })),
            S::Declined => false,
            S::Received
            | S::Accepted
            | S::NeedsDispatcher
            | S::Dispatched
            | S::Handling
            | S::Resolved
            | S::Held => return Lead::Open,
        };
        let replies = self.timeline.iter().rev().find_map(|entry| entry.event.reply());
        match (&self.assignment, replies.filter(|_| answered)) {
            (Some(at), Some((outcome, reply))) => Lead::Answered(at, outcome, reply),
            (None, _) | (_, None) => Lead::None,
        }
    }

    /// Whether this lead has given every answer that the ticket took of it. Both timelines must be whole.
    #[must_use]
    pub fn has_its_answers_of(&self, lead: &Self) -> bool {
        let given = |outcome: Outcome| {
            let mut replies = lead.timeline.iter().filter_map(|entry| entry.event.reply());
            replies.any(|(known, _)| known == outcome)
        };
        let mut taken = self.timeline.iter().filter_map(|entry| entry.event.taken());
        taken.all(|(of, outcome)| of != &lead.id || given(outcome))
    }

    /// What asks for a decision of its own stands in the way: so unmerging brings all of it back.
    pub(super) fn merged(&self, lead: &TicketId) -> Result<Vec<Event>, Refusal> {
        if *lead == self.id {
            return Err(Refusal::BadLead("it is this ticket"));
        }
        self.check_nobody_assists()?;
        let stays = |matter: &Matter| matches!(matter, Matter::Merge | Matter::Supervision);
        if let Some(matter) = self.matters.keys().find(|matter| !stays(matter)) {
            return Err(Refusal::Blocked(*matter));
        }
        Ok(vec![Event::Merged { lead: lead.clone() }])
    }

    pub(super) fn unmerged(&self) -> Option<Event> {
        self.following.is_some().then_some(Event::Unmerged {})
    }

    /// The lead's answer is this ticket's. It counts for the unit that gave it, where a "no" goes back to.
    pub(super) fn resolved_with(
        &self,
        lead: &TicketId,
        to: &DispatchTo,
        (outcome, reply): (Outcome, &SealedRef),
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        if self.lead() != Some(lead) {
            return Err(Refusal::BadLead("it does not follow that one"));
        }
        if self.turn() != Turn::Lead {
            let (command, status) = (CommandKind::ResolveWith, self.status);
            return Err(Refusal::WrongStatus { command, status });
        }
        let asked = self.closing(Matter::Merge, true);
        let there = self.assignment.as_ref().is_some_and(|own| own.unit == to.unit);
        let sent = if there { Vec::new() } else { self.sent_on(to, context) };
        let (lead, reply) = (lead.clone(), reply.clone());
        let last = Event::ResolvedWith { lead, outcome, reply };
        Ok(asked.into_iter().chain(sent).chain([last]).collect())
    }

    pub(super) fn likely_terms(
        &self,
        likely: &Likely,
        context: &Context<'_>,
    ) -> Result<Terms, Refusal> {
        if likely.0.is_empty() || likely.0.iter().any(|one| one.ticket == self.id) {
            return Err(Refusal::Terms("a repeat is asked about with another ticket"));
        }
        let due = self.time_of_next(context.now).plus_millis(DISPATCHER_LIMIT_MS);
        Ok(Terms::Merge { likely: likely.clone(), due })
    }
}
