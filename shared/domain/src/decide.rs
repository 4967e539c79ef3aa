//! What follows from a command: events, or a typed refusal.
//!
//! `decide` reads the ticket and the context and nothing else; it never reads the store's
//! book-keeping (lease, attempts, cards): in `tests/it/lifecycle.rs` a ticket rebuilt from its
//! timeline alone decides alike.

mod clocks;
mod dispatching;
mod evaluation;
mod funding;
mod matters;
mod merging;
mod table;
mod tasks;
mod teams;

pub use self::evaluation::CALL_ATTEMPTS_MAX;
pub use self::matters::{BOUNCES_MAX, EXTENSIONS_MAX, SUSPENSION_DAYS_MAX};
pub use self::merging::Lead;
use crate::authority::Actor;
use crate::calendar::Calendar;
use crate::command::{Command, CommandKind};
use crate::directory::Directory;
use crate::event::{Event, EventKind};
use crate::ids::{CommandId, TicketId, UnitCode};
use crate::lifecycle::{IllegalTransition, Next, Status, Step, Turn};
use crate::matter::{Matter, Paper};
use crate::ticket::Ticket;
use crate::timestamp::Timestamp;

/// Who commands, when, and by which calendar and directory.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// Who.
    pub actor: Actor,
    /// City time.
    pub now: Timestamp,
    /// The calendar in force.
    pub calendar: &'a Calendar,
    /// The directory in force.
    pub directory: &'a Directory,
    /// The command's own id when it comes from outside; a second one with the same id does nothing.
    pub cause: Option<CommandId>,
}

/// Why a command is refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role table does not give this command to the actor.
    #[error("this role may not `{0}`")]
    NotAllowed(CommandKind),
    /// The directory in force knows no such unit, or no such role there.
    #[error("the directory has no staff in this role at this unit")]
    UnknownStaff,
    /// The unit has no part in the case that allows it.
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
    /// The directory has no such unit, or it is of another tier than was said.
    #[error("the directory has no such unit at this tier")]
    NoSuchUnit,
    /// 村/社区不得作为主办单位: a village leads only what it found itself.
    #[error("a village or community may lead only what it found itself: give it a task")]
    VillageLeads,
    /// The lead cannot answer yet, nor the unit report its task as done.
    #[error("the task of `{0}` is still open")]
    TaskOpen(UnitCode),
    /// Members of teams are still out.
    #[error("mobilised members are still out: let them report, or stand them down")]
    MembersOut,
    /// There is nothing of that kind to be ended or reported on.
    #[error("there is no such task or member on this ticket")]
    NoSuchPart,
    /// The time in which it could be asked for is over.
    #[error("too late: {0}")]
    TooLate(&'static str),
    /// It was decided, granted or done before, and that is final.
    #[error("it was decided before: {0}")]
    Decided(&'static str),
    /// It needs a reason in writing.
    #[error("a reason is needed in writing: {0}")]
    ReasonNeeded(&'static str),
    /// A table concludes only upon papers.
    #[error("the table cannot conclude without its {0}")]
    PaperNeeded(Paper),
    /// What is asked for cannot be.
    #[error("it cannot be so: {0}")]
    Terms(&'static str),
    /// It cannot follow that ticket.
    #[error("the ticket cannot follow that one: {0}")]
    BadLead(&'static str),
    /// It follows another, where the same is decided for all.
    #[error("the ticket follows `{0}`: act on that one, or `unmerge` this first")]
    Follows(TicketId),
    /// It follows nobody.
    #[error("the ticket follows no other")]
    NoLead,
    /// An event would break the transition table: a fault of this code.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
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
        self.check_grant(&context.actor, (kind, command.matter()), context.directory)?;
        self.check_channel(&context.actor)?;
        self.check_turn(&context.actor, kind)?;
        let erased = self.erased_at.is_some();
        if erased && command.needs_the_person() {
            return Err(Refusal::Erased);
        }
        // What nobody can read is ended whatever was open.
        let ends = erased && kind == CommandKind::Decline;
        if let Some(matter) = self.matters.keys().find(|matter| !ends && matter.blocks(kind)) {
            return Err(Refusal::Blocked(*matter));
        }
        if let Some(lead) = self.lead().filter(|_| !ends && kind.is_the_leads()) {
            return Err(Refusal::Follows(lead.clone()));
        }
        let events = self.follow(command, context)?;
        self.check_legal(kind, &events)?;
        Ok(events)
    }

    /// A channel acts on its own requests only.
    fn check_channel(&self, actor: &Actor) -> Result<(), Refusal> {
        match actor {
            Actor::Channel(channel) if *channel != self.channel => Err(Refusal::NotYourRequest),
            Actor::Channel(_)
            | Actor::Staff { .. }
            | Actor::Step(_)
            | Actor::Sweep
            | Actor::Clocks
            | Actor::Attachment => Ok(()),
        }
    }

    /// A step acts on its own turn only: a late hint takes no ticket from the unit that has it now. What
    /// the dispatch step has found of repeats it says as it dispatches, in the same write.
    fn check_turn(&self, actor: &Actor, command: CommandKind) -> Result<(), Refusal> {
        let is_its = |step| match (step, command) {
            (Step::Dispatch, CommandKind::Merge | CommandKind::OpenMatter) => {
                let last = self.timeline.last().map(|last| (&last.actor, last.event.kind()));
                let kinds = [EventKind::Dispatched, EventKind::Doubted];
                last.is_some_and(|(by, kind)| by == actor && kinds.contains(&kind))
            }
            (Step::Feedback, CommandKind::ResolveWith | CommandKind::Unmerge) => {
                self.turn() == Turn::Lead
            }
            _ => self.turn() == Turn::Machine(step),
        };
        match actor {
            Actor::Step(step) if !is_its(*step) => {
                Err(Refusal::WrongStatus { command, status: self.status })
            }
            Actor::Step(_)
            | Actor::Sweep
            | Actor::Clocks
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
                self.dispatched(to, context)
            }
            Command::Doubt { candidates } => one(Event::Doubted { candidates: candidates.clone() }),
            Command::Decline { ground, note } => {
                self.check_declinable().ok_or_else(wrong_status)?;
                Ok(self.ended_by(Event::Declined { ground: *ground, note: note.clone() }, context))
            }
            Command::Open => one(Event::Opened {}),
            Command::Supplement { note } => one(Event::Supplemented { note: note.clone() }),
            Command::Urge { note } => one(Event::Urged { note: note.clone() }),
            Command::Withdraw { note } => {
                self.check_by_hand().ok_or_else(wrong_status)?;
                Ok(self.ended_by(Event::Withdrawn { note: note.clone() }, context))
            }
            Command::Rate { solved, satisfaction } => one(self.rated(*solved, *satisfaction)),
            Command::Note { note } => one(Event::Noted { note: note.clone() }),
            Command::Attach { photo, media, bytes } => {
                one(Event::Attached { photo: photo.clone(), media: *media, bytes: *bytes })
            }
            Command::RefuseAttachment { reason } => {
                one(Event::AttachmentRefused { reason: *reason })
            }
            Command::Resolve { outcome, reply } => self.resolved(*outcome, reply),
            Command::Answer => one(Event::Answered {}),
            Command::FollowUp { result } => Ok(self.followed_up(result)),
            Command::Evaluate => Ok(self.evaluated(context)),
            Command::Archive { key, sha256, sealed_seq } => {
                one(Event::Archived { key: key.clone(), sha256: *sha256, sealed_seq: *sealed_seq })
            }
            Command::SealAddendum { key, sha256, sealed_seq } => {
                self.check_next_late(*sealed_seq).ok_or_else(wrong_status)?;
                let (key, sha256, sealed_seq) = (key.clone(), *sha256, *sealed_seq);
                one(Event::AddendumSealed { key, sha256, sealed_seq })
            }
            // Only the machine gives up, and an archived ticket is its only while a late fact waits.
            Command::Hold { .. } if !self.is_machines() => Err(wrong_status()),
            Command::Hold { attempts } => {
                one(Event::Held { from: self.status, attempts: *attempts })
            }
            Command::Retry => one(Event::Retried {}),
            // Who can only be ended as withdrawn waits for nobody.
            Command::Erase => Ok(self.unmerged().into_iter().chain([Event::Erased {}]).collect()),
            Command::Sign => self.signed(context),
            Command::Assign { unit, limit, note } => self.assigned(unit, (*limit, note), context),
            Command::EndTask { unit, done, note } => self.task_ended(unit, (*done, note), context),
            Command::ReportIn { accepts, note } => self.reported_in((*accepts, note), context),
            Command::Minute { paper, note } => self.minuted(*paper, note, context),
            Command::Conclude { conclusion, note } => self.concluded(conclusion, note, context),
            Command::Mobilise { member, skill } => self.mobilised(member, *skill, context),
            Command::ReportMember { member, stage, note } => {
                self.member_reported(member, (*stage, note), context)
            }
            Command::Tick => Ok(self.due_by_now(context)),
            Command::Replan => Ok(self.replanned(context)),
            Command::OpenMatter { ask, note } => self.matter_opened(ask, note.as_ref(), context),
            Command::CloseMatter { matter, outcome } => {
                self.matter_closed(*matter, outcome.granted, context)
            }
            Command::Merge { lead } => self.merged(lead),
            Command::Unmerge => Ok(vec![self.unmerged().ok_or(Refusal::NoLead)?]),
            Command::Fund { act, decides, .. } => self.funded(command, *act, *decides),
            Command::ResolveWith { lead, to, outcome, reply } => {
                self.resolved_with(lead, to, (*outcome, reply), context)
            }
        }
    }

    /// A unit that has the case answers it; only what nobody can read is taken from it.
    fn check_declinable(&self) -> Option<()> {
        let answers = self.status == Status::Handling && self.erased_at.is_none();
        self.check_by_hand().filter(|()| !answers)
    }

    /// An addendum for each late fact, in their order: so a retry makes the same bytes, whatever has come
    /// in between.
    fn check_next_late(&self, seq: u32) -> Option<()> {
        let next = self.status == Status::Archived && self.late.first() == Some(&seq);
        next.then_some(())
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
}
