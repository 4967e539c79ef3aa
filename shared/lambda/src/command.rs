//! The command function: the one way by which anybody but a step changes a ticket. Channels, the
//! shell's desk, the web's desk and the staff that `replay` plays all call it.

mod order;

use std::sync::Arc;

use contracts::{Hint, SealedText, UploadHint};
use domain::directory::Directory;
use domain::{
    Actor, CommandId, Context, EventKind, PHOTOS_MAX, RecordId, Refusal, SealedRef, Status, Ticket,
    TicketId, UploadKey,
};
use ports::{Advanced, PortError, World};

pub use self::order::Order;
pub(crate) use self::order::placeholder;

/// After this many lost races a command without a version is given up; one race is rare enough.
const TRIES_MAX: u32 = 5;

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
    /// A photo was given to another case before, or there are too many of them.
    #[error("at most {PHOTOS_MAX} photos, none of which another case has")]
    Photos,
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
                look(world, order.photos()).await;
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
        let trial = order.command(note.clone().or_else(|| order.said().map(|_| placeholder())));
        before.decide(&trial.ok_or(CommandError::NoTicket)?, &context).map_err(refused)?;
        if let Order::Merge { lead } = order {
            check_lead(world, id, lead).await?.map_err(refused)?;
        }
        if let (None, Some(text)) = (&note, order.said()) {
            note = seal(world, &before, (cause, &text, order.photos())).await?;
            if note.is_none() {
                continue;
            }
        }
        let real = order.command(note.clone()).ok_or(CommandError::NoTicket)?;
        let after = before.execute(&real, &context).map_err(refused)?;
        if world.tickets.advance(&before, &after).await? == Advanced::Done {
            hint(world, &after).await;
            look(world, order.photos()).await;
            return Ok(Done { ticket: after, changed: true });
        }
    }
    Err(CommandError::Changed(version))
}

/// Seals what a command says under its ticket's key; `None` when the ticket has changed meanwhile.
///
/// # Errors
/// [`CommandError`].
pub(crate) async fn seal(
    world: &World,
    before: &Ticket,
    (cause, text, photos): (&CommandId, &SealedText, &[UploadKey]),
) -> Result<Option<SealedRef>, CommandError> {
    // An open ticket is looked at every night; a closed one only for a reason.
    let closed = before.status() == Status::Archived;
    if closed && !world.tickets.touch(before, world.clock.now()).await? {
        return Ok(None);
    }
    claim(world, before.id(), photos).await?;
    match world.vault().put(before.id(), &RecordId::of_command(cause), text).await {
        Ok(sealed) => sealed.map(Some).ok_or(CommandError::Reused),
        // Erased between reading and sealing: the rules say so when it is read again.
        Err(PortError::Permanent(_)) if has_moved(world, before).await? => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// No chains: the lead is open and follows nobody, and nobody follows the ticket. Two merges at once may still
/// make one, which step-feedback finds and undoes.
async fn check_lead(
    world: &World,
    id: &TicketId,
    lead: &TicketId,
) -> Result<Result<(), Refusal>, PortError> {
    let Some(stored) = world.tickets.load(lead).await? else {
        return Ok(Err(Refusal::BadLead("there is no such ticket")));
    };
    if !world.census.followers((id, false), None, 1).await?.is_empty() {
        return Ok(Err(Refusal::BadLead("others follow this ticket: let them follow that one")));
    }
    Ok(stored.ticket.check_may_lead())
}

/// Claims the photos for the ticket before it is told of them: what nobody has claimed is nobody's, and
/// would go with the store's lifecycle.
async fn claim(world: &World, id: &TicketId, photos: &[UploadKey]) -> Result<(), CommandError> {
    if photos.len() > PHOTOS_MAX {
        return Err(CommandError::Photos);
    }
    for key in photos {
        if !world.claims.claim(key, id).await? {
            return Err(CommandError::Photos);
        }
    }
    Ok(())
}

/// Asks for a look at each photo. A failure is only logged: what is claimed and lies there the sweep
/// finds.
pub(crate) async fn look(world: &World, photos: &[UploadKey]) {
    for key in photos {
        if let Err(error) = world.hints.look(&UploadHint { key: key.clone() }).await {
            tracing::warn!(%error, "a photo waits for the sweep");
        }
    }
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
    let Some(text) = order.said() else { return Ok(true) };
    is_sealed_as(world, (id, &RecordId::of_command(cause)), &text).await
}

/// Whether a record says this.
///
/// # Errors
/// [`PortError`].
pub(crate) async fn is_sealed_as(
    world: &World,
    (id, record): (&TicketId, &RecordId),
    text: &SealedText,
) -> Result<bool, PortError> {
    match world.vault().open(id, record).await {
        Ok(Some(opened)) => Ok(opened.text == *text),
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

/// Hints at the machine's turn, if it is the machine's, or at a lead that may have answered just now. A failure is only logged: the table is the
/// truth, and the sweep finds the turn.
pub async fn hint(world: &World, ticket: &Ticket) {
    let Some(step) = ticket.looked_at_by() else { return };
    let hint = Hint::of(ticket);
    if let Err(error) = world.hints.send(step, &hint).await {
        tracing::warn!(ticket.id = %ticket.id(), %step, %error, "hint not sent; the sweep will find the turn");
    }
}
