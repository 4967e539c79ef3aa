//! Erasing a person: the event, then the key, the sketch, and the way by which the tickets are found.
//!
//! In this order a crash leaves what the same command finds again and finishes: the `citizen` entry
//! goes last, and a ticket that says it is erased while its key remains is named by `verify`. Nothing
//! is undone and nothing is deleted from S3: the dossier holds ciphertext.

use domain::{Access, Actor, CommandId, Reading, Reason, Refusal, TicketId};
use ports::{PortError, World};

use crate::command::{CommandError, Order, command};

/// So many tickets are named in one entry of the journal.
const TICKETS_MAX: usize = 100;

/// Why nothing, or not everything, was erased.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EraseError {
    /// The role table gives this to supervisors alone.
    #[error("this role may not `erase`")]
    NotAllowed,
    /// One ticket could not be erased; the ones before it are. Giving the same command again goes on.
    #[error("{ticket}: {error}")]
    Ticket {
        /// Which.
        ticket: TicketId,
        /// Why.
        error: CommandError,
    },
    /// A store did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Every ticket under a telephone number, as the `citizen` index has them.
///
/// # Errors
/// [`PortError`].
pub async fn tickets_of(world: &World, phone: &str) -> Result<Vec<TicketId>, PortError> {
    let hash = world.secrets.root_key().await?.citizen(&world.region, phone);
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let page = world.citizens.tickets(&hash, from.as_ref()).await?;
        found.extend(page.items);
        from = page.next;
        if from.is_none() {
            return Ok(found);
        }
    }
}

/// Erases the person of these tickets: who does it, why and which tickets is journalled first. Gives
/// the tickets on which there was something left to do; none the second time.
///
/// # Errors
/// [`EraseError`]. Whatever the error, the same command again finishes what was begun.
pub async fn erase(
    world: &World,
    actor: &Actor,
    reason: Reason,
    tickets: &[TicketId],
) -> Result<Vec<TicketId>, EraseError> {
    if !actor.may(domain::CommandKind::Erase) {
        return Err(EraseError::NotAllowed);
    }
    let mut done = Vec::new();
    for some in tickets.chunks(TICKETS_MAX) {
        let mut whole = Vec::new();
        for id in some {
            if !is_erased(world, id).await? {
                whole.push(id.clone());
            }
        }
        if !whole.is_empty() {
            let reading = Reading {
                actor: actor.clone(),
                reason,
                access: Access::Erased,
                tickets: whole.clone(),
                records: Vec::new(),
            };
            world.journal.append(reading, world.clock.now()).await?;
        }
        for id in some {
            if one(world, actor, id, whole.contains(id)).await? {
                done.push(id.clone());
            }
        }
    }
    Ok(done)
}

async fn is_erased(world: &World, id: &TicketId) -> Result<bool, EraseError> {
    let no_ticket = || EraseError::Ticket { ticket: id.clone(), error: CommandError::NoTicket };
    let stored = world.tickets.load(id).await?.ok_or_else(no_ticket)?;
    Ok(stored.ticket.erased_at().is_some())
}

/// Erases one ticket's person; `false` when there was nothing left to do.
async fn one(world: &World, actor: &Actor, id: &TicketId, whole: bool) -> Result<bool, EraseError> {
    if whole {
        let cause = CommandId::derive(&actor.to_string(), "erase");
        match command(world, actor, id, (&Order::Erase, &cause), None).await {
            // Another supervisor was first: the rest is the same.
            Ok(_) | Err(CommandError::Refused { refusal: Refusal::Erased, .. }) => {}
            Err(error) => return Err(EraseError::Ticket { ticket: id.clone(), error }),
        }
    }
    let keyed = world.keys.wrapped(id).await?.is_some();
    if keyed {
        world.keys.destroy(id).await?;
    }
    world.sketches.remove(id).await?;
    let listed = world.citizens.forget(id).await?;
    Ok(whole || keyed || listed)
}
