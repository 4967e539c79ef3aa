//! What follows from a command: events, or a typed refusal.
//!
//! `decide` reads the ticket and the context and nothing else; it never reads the store's
//! book-keeping (lease, attempts, cards): in `tests/it/lifecycle.rs` a ticket rebuilt from its
//! timeline alone decides alike.

use crate::authority::{Actor, Role};
use crate::calendar::Calendar;
use crate::command::{Command, CommandKind, DispatchTo, FollowUpResult};
use crate::event::{Event, Matter, Satisfaction, Via};
use crate::ids::CommandId;
use crate::lifecycle::{IllegalTransition, Next, Status, Turn};
use crate::ticket::{FollowUp, Ticket};
use crate::timestamp::Timestamp;

/// After this many calls that reached nobody, the citizen counts as unreachable.
pub const CALL_ATTEMPTS_MAX: u32 = 3;
/// A case that was given back so often goes to a table (会商) when it is to be given back again: the
/// third bounce shows that nobody owns it.
pub const BOUNCES_MAX: u32 = 2;

/// Who commands, when, and by which calendar.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// Who.
    pub actor: Actor,
    /// City time.
    pub now: Timestamp,
    /// The calendar in force.
    pub calendar: &'a Calendar,
    /// The command's own id when it comes from outside; a second one with the same id does nothing.
    pub cause: Option<CommandId>,
}

/// Why a command is refused. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role table does not give this command to the actor.
    #[error("this role may not `{0}`")]
    NotAllowed(CommandKind),
    /// A handler of another unit.
    #[error("the ticket is with another unit")]
    NotYourUnit,
    /// Another channel's request.
    #[error("the request came by another channel")]
    NotYourRequest,
    /// The command makes no sense in this status.
    #[error("`{command}` is not possible while the ticket is `{status}`")]
    WrongStatus {
        /// The command.
        command: CommandKind,
        /// The status.
        status: Status,
    },
    /// An open matter must be closed first.
    #[error("not while the matter `{0}` is open")]
    Blocked(Matter),
    /// A matter can be open only once.
    #[error("the matter `{0}` is open already")]
    AlreadyOpen(Matter),
    /// It is not open.
    #[error("the matter `{0}` is not open")]
    NotOpen(Matter),
    /// The person was erased: no text can be sealed or read any more.
    #[error("the person was erased: only `decline` as `withdrawn`, without a text, ends the case")]
    Erased,
    /// A ticket cannot follow itself, nor a second one.
    #[error("the ticket cannot follow that one")]
    BadLead,
    /// An event would break the transition table: a fault of this code.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
}

impl Matter {
    /// Which commands wait until this matter is closed.
    #[must_use]
    pub const fn blocks(self, command: CommandKind) -> bool {
        match self {
            Self::Return | Self::Whistle | Self::Suspension => {
                matches!(command, CommandKind::Resolve)
            }
            Self::Consultation => matches!(command, CommandKind::Resolve | CommandKind::Decline),
            Self::Supervision => matches!(command, CommandKind::Decline),
            Self::Merge => matches!(
                command,
                CommandKind::Dispatch | CommandKind::Resolve | CommandKind::Decline
            ),
            Self::Extension | Self::FundApplication => false,
        }
    }

    /// Whether staff may open it by hand; the others open by their own commands or rules.
    const fn by_hand(self) -> bool {
        !matches!(self, Self::Supervision | Self::Merge)
    }
}

impl Ticket {
    /// Answers a command with the events that follow from it, none if it was carried out before.
    ///
    /// # Errors
    /// [`Refusal`] says why not; it is for the one who asked and holds nothing of the ticket's texts.
    pub fn decide(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        if context.cause.as_ref().is_some_and(|cause| self.done(cause).is_some()) {
            return Ok(Vec::new());
        }
        let kind = command.kind();
        if !context.actor.may(kind) {
            return Err(Refusal::NotAllowed(kind));
        }
        self.check_unit(&context.actor)?;
        self.check_turn(&context.actor, kind)?;
        if self.erased_at.is_some() && command.needs_the_person() {
            return Err(Refusal::Erased);
        }
        if let Some(matter) = self.matters.keys().find(|matter| matter.blocks(kind)) {
            return Err(Refusal::Blocked(*matter));
        }
        let events = self.follow(command, context)?;
        self.check_legal(kind, &events)?;
        Ok(events)
    }

    /// A handler acts on the tickets of the own unit only, and a channel on its own requests;
    /// everybody else is of the command centre.
    fn check_unit(&self, actor: &Actor) -> Result<(), Refusal> {
        match actor {
            Actor::Staff { role: Role::Handler, unit, .. }
                if self.assignment.as_ref().map(|assignment| &assignment.unit) != Some(unit) =>
            {
                Err(Refusal::NotYourUnit)
            }
            Actor::Channel(channel) if *channel != self.channel => Err(Refusal::NotYourRequest),
            Actor::Staff { .. }
            | Actor::Channel(_)
            | Actor::Step(_)
            | Actor::Sweep
            | Actor::Attachment => Ok(()),
        }
    }

    /// A step acts on its own turn only: a late hint takes no ticket from the unit that has it now.
    fn check_turn(&self, actor: &Actor, command: CommandKind) -> Result<(), Refusal> {
        match actor {
            Actor::Step(step) if self.turn() != Turn::Machine(*step) => {
                Err(Refusal::WrongStatus { command, status: self.status })
            }
            Actor::Step(_)
            | Actor::Sweep
            | Actor::Attachment
            | Actor::Channel(_)
            | Actor::Staff { .. } => Ok(()),
        }
    }

    /// Every event must be legal where the ones before it have led.
    fn check_legal(&self, command: CommandKind, events: &[Event]) -> Result<(), Refusal> {
        let mut status = self.status;
        for event in events {
            status = match status.after(event.kind()) {
                Ok(Next::To(next)) => next,
                Ok(Next::Same) => status,
                Ok(Next::BeforeHold) => self.held_from.unwrap_or(status),
                Err(_) => return Err(Refusal::WrongStatus { command, status: self.status }),
            };
        }
        Ok(())
    }

    fn follow(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        let wrong_status = || Refusal::WrongStatus { command: command.kind(), status: self.status };
        let one = |event| Ok(vec![event]);
        match command {
            Command::Accept => one(Event::Accepted {}),
            Command::Dispatch { to } => {
                self.check_by_hand().ok_or_else(wrong_status)?;
                Ok(self.dispatched(to, context))
            }
            Command::Doubt { candidates } => one(Event::Doubted { candidates: candidates.clone() }),
            Command::Decline { ground, note } => {
                self.check_by_hand().ok_or_else(wrong_status)?;
                // A unit that has the case answers it; only what nobody can read is taken from it.
                if self.status == Status::Handling && self.erased_at.is_none() {
                    return Err(wrong_status());
                }
                one(Event::Declined { ground: *ground, note: note.clone() })
            }
            Command::Open => one(Event::Opened {}),
            Command::Supplement { note } => one(Event::Supplemented { note: note.clone() }),
            Command::Urge { note } => one(Event::Urged { note: note.clone() }),
            Command::Withdraw { note } => {
                self.check_by_hand().ok_or_else(wrong_status)?;
                Ok(self.closing_supervision(Event::Withdrawn { note: note.clone() }))
            }
            Command::Rate { solved, satisfaction } => one(self.rated(*solved, *satisfaction)),
            Command::Note { note } => one(Event::Noted { note: note.clone() }),
            Command::Attach { photo, media, bytes } => {
                one(Event::Attached { photo: photo.clone(), media: *media, bytes: *bytes })
            }
            Command::RefuseAttachment { reason } => {
                one(Event::AttachmentRefused { reason: *reason })
            }
            Command::Resolve { outcome, reply } => {
                one(Event::Resolved { outcome: *outcome, reply: reply.clone() })
            }
            Command::Answer => one(Event::Answered {}),
            Command::FollowUp { result } => Ok(self.followed_up(result)),
            Command::Evaluate => Ok(self.evaluated()),
            Command::Archive { key, sha256, sealed_seq } => {
                one(Event::Archived { key: key.clone(), sha256: *sha256, sealed_seq: *sealed_seq })
            }
            Command::SealAddendum { key, sha256, sealed_seq } => {
                // An addendum for each late fact, in their order: so a retry makes the same bytes,
                // whatever has come in between.
                if self.status != Status::Archived || self.late.first() != Some(sealed_seq) {
                    return Err(wrong_status());
                }
                let (key, sha256, sealed_seq) = (key.clone(), *sha256, *sealed_seq);
                one(Event::AddendumSealed { key, sha256, sealed_seq })
            }
            // Only the machine gives up, and an archived ticket is its only while a late fact waits.
            Command::Hold { .. } if !self.is_machines() => Err(wrong_status()),
            Command::Hold { attempts } => {
                one(Event::Held { from: self.status, attempts: *attempts })
            }
            Command::Retry => one(Event::Retried {}),
            Command::Erase => one(Event::Erased {}),
            Command::OpenMatter { .. }
            | Command::CloseMatter { .. }
            | Command::Merge { .. }
            | Command::Unmerge => self.matter(command),
        }
    }

    /// A held ticket may be decided by hand only while it has no answer: afterwards the machine has
    /// nothing to do but to finish, and staff can only let it try again.
    fn check_by_hand(&self) -> Option<()> {
        let answered = matches!(
            self.held_from,
            Some(
                Status::Resolved
                    | Status::FollowedUp
                    | Status::Evaluated
                    | Status::Declined
                    | Status::Archived
            )
        );
        (!answered).then_some(())
    }

    fn dispatched(&self, to: &DispatchTo, context: &Context<'_>) -> Vec<Event> {
        let calendar = context.calendar;
        let given_back = self
            .matters
            .contains_key(&Matter::Return)
            .then_some(Event::MatterClosed { matter: Matter::Return, granted: true });
        let due = calendar.deadline(self.time_of_next(context.now), to.limit);
        let event = Event::Dispatched {
            item: to.item.clone(),
            unit: to.unit.clone(),
            tier: to.tier,
            limit: to.limit,
            calendar: calendar.version_of(to.limit, due),
            due,
            citizen_due: self.citizen_due.unwrap_or_else(|| {
                calendar.deadline(self.received_at, to.limit).plus_millis(self.suspended_ms)
            }),
            confidence: to.confidence,
        };
        given_back.into_iter().chain([event]).collect()
    }

    /// A citizen's rating is the follow-up if one is waited for, and a later fact otherwise.
    fn rated(&self, solved: Option<bool>, satisfaction: Option<Satisfaction>) -> Event {
        if self.status == Status::Answered {
            Event::FollowedUp {
                reached: true,
                via: Via::Channel,
                contacted: None,
                solved,
                satisfaction,
            }
        } else {
            Event::Rated { solved, satisfaction }
        }
    }

    fn followed_up(&self, result: &FollowUpResult) -> Vec<Event> {
        match result {
            FollowUpResult::Reached { contacted, solved, satisfaction } => {
                vec![Event::FollowedUp {
                    reached: true,
                    via: Via::Call,
                    contacted: *contacted,
                    solved: *solved,
                    satisfaction: *satisfaction,
                }]
            }
            FollowUpResult::NoAnswer if self.calls_failed + 1 < CALL_ATTEMPTS_MAX => {
                vec![Event::CallFailed {}]
            }
            FollowUpResult::NoAnswer => vec![
                Event::CallFailed {},
                Event::FollowedUp {
                    reached: false,
                    via: Via::Call,
                    contacted: None,
                    solved: None,
                    satisfaction: None,
                },
            ],
        }
    }

    /// A "no" sends the case back once, under supervision; otherwise what was said is what counts.
    fn evaluated(&self) -> Vec<Event> {
        let FollowUp { contacted, solved, satisfaction } = self.follow_up;
        let refused = solved == Some(false) || satisfaction == Some(Satisfaction::Dissatisfied);
        if refused && !self.reopened {
            let supervised = Event::MatterOpened { matter: Matter::Supervision, note: None };
            let watched = self.matters.contains_key(&Matter::Supervision);
            return std::iter::once(Event::Reopened {})
                .chain((!watched).then_some(supervised))
                .collect();
        }
        self.closing_supervision(Event::Evaluated { contacted, solved, satisfaction })
    }

    /// Supervision ends with the case it watches.
    fn closing_supervision(&self, last: Event) -> Vec<Event> {
        let close = Event::MatterClosed { matter: Matter::Supervision, granted: true };
        let open = self.matters.contains_key(&Matter::Supervision);
        open.then_some(close).into_iter().chain([last]).collect()
    }

    /// Whether opening `matter` shows that nobody owns the case.
    fn is_bouncing(&self, matter: Matter) -> bool {
        matter == Matter::Return
            && self.returned >= BOUNCES_MAX
            && !self.matters.contains_key(&Matter::Consultation)
    }

    fn matter(&self, command: &Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::OpenMatter { matter, .. } if self.matters.contains_key(matter) => {
                Err(Refusal::AlreadyOpen(*matter))
            }
            Command::OpenMatter { matter, .. } if !matter.by_hand() => {
                Err(Refusal::NotAllowed(CommandKind::OpenMatter))
            }
            Command::OpenMatter { matter, note } => {
                let opened = |matter, note| Event::MatterOpened { matter, note };
                let consultation =
                    self.is_bouncing(*matter).then(|| opened(Matter::Consultation, None));
                Ok([opened(*matter, note.clone())].into_iter().chain(consultation).collect())
            }
            Command::CloseMatter { matter, .. } if !self.matters.contains_key(matter) => {
                Err(Refusal::NotOpen(*matter))
            }
            Command::CloseMatter { matter, outcome } => {
                Ok(vec![Event::MatterClosed { matter: *matter, granted: outcome.granted }])
            }
            Command::Merge { lead } if *lead == self.id || self.lead.is_some() => {
                Err(Refusal::BadLead)
            }
            Command::Merge { lead } => Ok(vec![Event::Merged { lead: lead.clone() }]),
            Command::Unmerge if self.lead.is_none() => Err(Refusal::NotOpen(Matter::Merge)),
            Command::Unmerge => Ok(vec![Event::Unmerged {}]),
            Command::Accept
            | Command::Dispatch { .. }
            | Command::Doubt { .. }
            | Command::Decline { .. }
            | Command::Open
            | Command::Supplement { .. }
            | Command::Urge { .. }
            | Command::Withdraw { .. }
            | Command::Rate { .. }
            | Command::Note { .. }
            | Command::Attach { .. }
            | Command::RefuseAttachment { .. }
            | Command::Resolve { .. }
            | Command::Answer
            | Command::FollowUp { .. }
            | Command::Evaluate
            | Command::Archive { .. }
            | Command::SealAddendum { .. }
            | Command::Hold { .. }
            | Command::Retry
            | Command::Erase => Err(Refusal::NotAllowed(command.kind())),
        }
    }
}
