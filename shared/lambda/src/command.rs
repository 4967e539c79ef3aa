//! The command function: the one way by which anybody but a step changes a ticket. Channels, the
//! shell's desk, the web's desk and the staff that `replay` plays all call it.

use std::sync::Arc;

use contracts::{Hint, SealedText};
use domain::directory::{Directory, Skill};
use domain::{
    Actor, Ask, Command, CommandId, Conclusion, Context, DeclineGround, DispatchTo, EventKind,
    FollowUpResult, Hash, Limit, Matter, MatterOutcome, MemberId, Outcome, Paper, RecordId,
    Refusal, Satisfaction, SealedRef, Stage, Status, Ticket, TicketId, Turn, UnitCode,
};
use ports::{Advanced, PortError, World};

/// After this many lost races a command without a version is given up; one race is rare enough.
const TRIES_MAX: u32 = 5;

/// A command with its text in the clear, as a person gives it.
#[derive(Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the members are those of domain::Command, with texts instead of references"
)]
pub enum Order {
    Supplement { text: String },
    Urge { text: Option<String> },
    Withdraw { text: Option<String> },
    Rate { solved: Option<bool>, satisfaction: Option<Satisfaction> },
    Note { text: String },
    Resolve { outcome: Outcome, reply: String },
    Dispatch { to: DispatchTo },
    Decline { ground: DeclineGround, text: Option<String> },
    FollowUp { result: FollowUpResult },
    Retry,
    Sign,
    Assign { unit: UnitCode, limit: Limit, text: Option<String> },
    EndTask { unit: UnitCode, done: bool, text: Option<String> },
    ReportIn { accepts: bool, text: Option<String> },
    Minute { paper: Paper, text: String },
    Conclude { conclusion: Conclusion, text: String },
    Mobilise { member: MemberId, skill: Skill },
    ReportMember { member: MemberId, stage: Stage, text: Option<String> },
    OpenMatter { ask: Ask, text: Option<String> },
    CloseMatter { matter: Matter, granted: bool },
    Erase,
}

/// A text never shows in a debug print.
impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.command(None).map_or("order", |command| command.kind().as_str()))
    }
}

impl Order {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Supplement { text }
            | Self::Note { text }
            | Self::Minute { text, .. }
            | Self::Conclude { text, .. }
            | Self::Resolve { reply: text, .. } => Some(text),
            Self::Urge { text }
            | Self::Withdraw { text }
            | Self::Assign { text, .. }
            | Self::EndTask { text, .. }
            | Self::ReportIn { text, .. }
            | Self::ReportMember { text, .. }
            | Self::Decline { text, .. }
            | Self::OpenMatter { text, .. } => text.as_deref(),
            Self::Rate { .. }
            | Self::Dispatch { .. }
            | Self::FollowUp { .. }
            | Self::Retry
            | Self::Erase
            | Self::Sign
            | Self::Mobilise { .. }
            | Self::CloseMatter { .. } => None,
        }
    }

    /// Whether an event of this kind is the last of those that this order leads to.
    const fn leads_to(&self, event: EventKind) -> bool {
        use EventKind as E;
        match self {
            Self::Supplement { .. } => matches!(event, EventKind::Supplemented),
            Self::Urge { .. } => matches!(event, EventKind::Urged),
            Self::Withdraw { .. } => matches!(event, EventKind::Withdrawn),
            Self::Rate { .. } => matches!(event, EventKind::Rated | EventKind::FollowedUp),
            Self::Note { .. } => matches!(event, EventKind::Noted),
            Self::Resolve { .. } => matches!(event, EventKind::Resolved),
            Self::Dispatch { .. } => matches!(event, EventKind::Dispatched),
            Self::Decline { .. } => matches!(event, EventKind::Declined),
            Self::FollowUp { .. } => matches!(event, EventKind::CallFailed | EventKind::FollowedUp),
            Self::Retry => matches!(event, EventKind::Retried),
            Self::Erase => matches!(event, EventKind::Erased),
            Self::Sign => matches!(event, E::Signed),
            Self::Assign { .. } => matches!(event, E::Tasked),
            Self::EndTask { .. } => matches!(event, E::TaskEnded),
            Self::ReportIn { .. } => {
                matches!(event, E::ReportedIn | E::Tasked | E::MatterClosed | E::MatterOpened)
            }
            Self::Minute { .. } => matches!(event, E::Minuted),
            Self::Conclude { .. } => matches!(event, E::Dispatched),
            Self::Mobilise { .. } => matches!(event, E::Mobilised),
            Self::ReportMember { .. } => matches!(event, E::MemberReported),
            Self::OpenMatter { .. } => matches!(event, E::MatterOpened),
            Self::CloseMatter { .. } => {
                matches!(event, E::MatterClosed | E::Rescheduled | E::MatterOpened)
            }
        }
    }

    /// The command with a reference to nothing in place of the text: to ask the rules whether it could be
    /// carried out, and never to be written.
    #[must_use]
    pub fn tried(&self) -> Option<Command> {
        self.command(self.text().map(|_| placeholder()))
    }

    /// The command with a reference in place of the text; `None` if it needs one and has none.
    fn command(&self, note: Option<SealedRef>) -> Option<Command> {
        let needed = || note.clone().or_else(|| self.text().is_some().then(placeholder));
        Some(match self {
            Self::Supplement { .. } => Command::Supplement { note: needed()? },
            Self::Urge { .. } => Command::Urge { note },
            Self::Withdraw { .. } => Command::Withdraw { note },
            Self::Rate { solved, satisfaction } => {
                Command::Rate { solved: *solved, satisfaction: *satisfaction }
            }
            Self::Note { .. } => Command::Note { note: needed()? },
            Self::Resolve { outcome, .. } => {
                Command::Resolve { outcome: *outcome, reply: needed()? }
            }
            Self::Dispatch { to } => Command::Dispatch { to: to.clone() },
            Self::Decline { ground, .. } => Command::Decline { ground: *ground, note },
            Self::FollowUp { result } => Command::FollowUp { result: result.clone() },
            Self::Retry => Command::Retry,
            Self::Erase => Command::Erase,
            Self::Sign => Command::Sign,
            Self::Assign { unit, limit, .. } => {
                Command::Assign { unit: unit.clone(), limit: *limit, note }
            }
            Self::EndTask { unit, done, .. } => {
                Command::EndTask { unit: unit.clone(), done: *done, note }
            }
            Self::ReportIn { accepts, .. } => Command::ReportIn { accepts: *accepts, note },
            Self::Minute { paper, .. } => Command::Minute { paper: *paper, note: needed()? },
            Self::Conclude { conclusion, .. } => {
                Command::Conclude { conclusion: conclusion.clone(), note: needed()? }
            }
            Self::Mobilise { member, skill } => {
                Command::Mobilise { member: member.clone(), skill: *skill }
            }
            Self::ReportMember { member, stage, .. } => {
                Command::ReportMember { member: member.clone(), stage: *stage, note }
            }
            Self::OpenMatter { ask, .. } => Command::OpenMatter { ask: ask.clone(), note },
            Self::CloseMatter { matter, granted } => Command::CloseMatter {
                matter: *matter,
                outcome: MatterOutcome { granted: *granted },
            },
        })
    }
}

/// Stands for a text that is not sealed yet, while the command is tried. It is never written.
fn placeholder() -> SealedRef {
    let command = CommandId::derive("placeholder", "placeholder");
    SealedRef { record: RecordId::of_command(&command), seal: Hash::ZERO }
}

/// A command that was carried out, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The ticket as it is now.
    pub ticket: Ticket,
    /// `false` when the same command had been carried out before.
    pub changed: bool,
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no such ticket.
    #[error("there is no such ticket")]
    NoTicket,
    /// The rules refuse it.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// The version it was decided at.
        version: u32,
    },
    /// This cause was given before, to another command or with another text.
    #[error("this id was given to another command before")]
    Reused,
    /// The ticket is not at the version the caller saw, or too many others were first.
    #[error("the ticket has changed: it is at version {0} now")]
    Changed(u32),
    /// A store did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Carries out `order` of `actor` on a ticket. The same `cause` again changes nothing. With
/// `if_match` it is carried out at that version or not at all.
///
/// # Errors
/// [`CommandError`]. After a temporary port error the outcome is unknown: give the same `cause` again.
pub async fn command(
    world: &World,
    actor: &Actor,
    id: &TicketId,
    (order, cause): (&Order, &CommandId),
    if_match: Option<u32>,
) -> Result<Done, CommandError> {
    let calendar = world.rules.calendar().await?;
    // Only who is of a unit needs the directory.
    let directory = match actor {
        Actor::Staff { .. } => world.rules.directory().await?,
        _ => Arc::new(Directory::default()),
    };
    let mut note = None;
    let mut version = 0;
    for _ in 0..TRIES_MAX {
        let before = world.tickets.load(id).await?.ok_or(CommandError::NoTicket)?.ticket;
        version = before.version();
        if let Some(kind) = done(world, &before, cause).await? {
            if is_what_was_done(world, id, kind, (order, cause)).await? {
                // The first attempt may have died before its hint.
                hint(world, &before).await;
                return Ok(Done { ticket: before, changed: false });
            }
            // What was carried out since the ticket was read may be spilled in part: the last of its
            // events, by which it is known, stands on the ticket then.
            if has_moved(world, &before).await? {
                continue;
            }
            return Err(CommandError::Reused);
        }
        if if_match.is_some_and(|wanted| wanted != version) {
            return Err(CommandError::Changed(version));
        }
        let context = Context {
            actor: actor.clone(),
            now: world.clock.now(),
            calendar: &calendar,
            directory: &directory,
            cause: Some(cause.clone()),
        };
        let refused = |refusal| CommandError::Refused { refusal, version };
        // Tried first, so that a refused command leaves no sealed record behind.
        let trial = order.command(note.clone().or_else(|| order.text().map(|_| placeholder())));
        before.decide(&trial.ok_or(CommandError::NoTicket)?, &context).map_err(refused)?;
        if let (None, Some(text)) = (&note, order.text()) {
            // An open ticket is looked at every night; a closed one only for a reason.
            let closed = before.status() == Status::Archived;
            if closed && !world.tickets.touch(&before, context.now).await? {
                continue;
            }
            let text = SealedText::NoteV1 { text: text.to_owned() };
            match world.vault().put(id, &RecordId::of_command(cause), &text).await {
                Ok(sealed) => note = Some(sealed.ok_or(CommandError::Reused)?),
                // Erased between reading and sealing: the rules say so when it is read again.
                Err(PortError::Permanent(_)) if has_moved(world, &before).await? => continue,
                Err(error) => return Err(error.into()),
            }
        }
        let real = order.command(note.clone()).ok_or(CommandError::NoTicket)?;
        let after = before.execute(&real, &context).map_err(refused)?;
        if world.tickets.advance(&before, &after).await? == Advanced::Done {
            hint(world, &after).await;
            return Ok(Done { ticket: after, changed: true });
        }
    }
    Err(CommandError::Changed(version))
}

/// What a command led to that was carried out before: the last of its events, be it spilled.
///
/// # Errors
/// [`PortError`].
pub async fn done(
    world: &World,
    ticket: &Ticket,
    cause: &CommandId,
) -> Result<Option<EventKind>, PortError> {
    match ticket.done(cause) {
        None if ticket.spilled() > 0 => world.tickets.spilled_cause(ticket.id(), cause).await,
        held => Ok(held),
    }
}

/// Whether the command that `cause` named when it was carried out is this very one: a message id that
/// comes again with another command, or with another text, would be lost if it passed for a repeat.
async fn is_what_was_done(
    world: &World,
    id: &TicketId,
    done: EventKind,
    (order, cause): (&Order, &CommandId),
) -> Result<bool, PortError> {
    if !order.leads_to(done) {
        return Ok(false);
    }
    let Some(text) = order.text() else { return Ok(true) };
    match world.vault().open(id, &RecordId::of_command(cause)).await {
        Ok(Some(opened)) => Ok(opened.text == SealedText::NoteV1 { text: text.to_owned() }),
        // An erased text cannot be compared with; the command is not carried out again either.
        Ok(None) | Err(PortError::Permanent(_)) => Ok(true),
        Err(error @ PortError::Temporary(_)) => Err(error),
    }
}

/// Whether somebody changed the ticket since it was read: then what failed may have failed for that.
///
/// # Errors
/// [`PortError`].
pub async fn has_moved(world: &World, read: &Ticket) -> Result<bool, PortError> {
    let now = world.tickets.load(read.id()).await?;
    Ok(now.is_some_and(|now| now.ticket.version() != read.version()))
}

/// Hints at the machine's turn, if it is the machine's. A failure is only logged: the table is the
/// truth, and the sweep finds the turn.
pub async fn hint(world: &World, ticket: &Ticket) {
    let Turn::Machine(step) = ticket.turn() else { return };
    let hint = Hint { ticket: ticket.id().clone(), version: ticket.version() };
    if let Err(error) = world.hints.send(step, &hint).await {
        tracing::warn!(ticket.id = %ticket.id(), %step, %error, "hint not sent; the sweep will find the turn");
    }
}
