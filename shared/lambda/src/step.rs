//! The shape of a step: the hand-off protocol (`ARCHITECTURE.md`, "The queue is a hint").
//!
//! A message says "look at this ticket". The step reads the ticket consistently. If it is this
//! step's turn it decides at the version it read, writes on that condition, then sends the next
//! hint; if it is another machine's turn it sends that step's hint; else there is nothing to do.
//! A ticket older than the message, or an outcome that is not known, is never acknowledged.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::Hint;
use domain::directory::Directory;
use domain::{Actor, Command, Context, Step, Ticket, Turn};
use ports::{Advanced, PortError, World};
use serde_json::Value;

use crate::command::has_moved;
use crate::function::{Failure, Function};
use crate::records::{self, Records};

/// A step that loses more races than this lets the message come again.
const TRIES_MAX: u32 = 4;

/// Why a message was not dealt with, and what that means for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// Not acknowledged: it comes again.
    #[error("{0}")]
    Temporary(String),
    /// It would fail every time: to the dead letters, with this reason.
    #[error("{0}")]
    Permanent(String),
}

impl From<PortError> for StepError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Temporary(text) => Self::Temporary(text),
            PortError::Permanent(text) => Self::Permanent(text),
        }
    }
}

/// What is peculiar to one step.
#[async_trait]
pub trait StepLogic: Send + Sync {
    /// Which step it is.
    fn step(&self) -> Step;

    /// What to do with a ticket whose turn this is, in one write: the first command, and of the others what the
    /// rules allow; none, if its lead has no answer yet. It may read and put, and must come to the same if it is
    /// called again.
    ///
    /// # Errors
    /// [`StepError`].
    async fn commands(&self, world: &World, ticket: &Ticket) -> Result<Vec<Command>, StepError>;

    /// What follows for others from the ticket as it stands now. The message is acknowledged afterwards, so
    /// it comes again until this has been done.
    ///
    /// # Errors
    /// [`StepError`].
    async fn afterwards(
        &self,
        _world: &World,
        _ticket: &Ticket,
        _hint: &Hint,
    ) -> Result<(), StepError> {
        Ok(())
    }
}

/// A deployed step.
pub struct StepFunction<L> {
    logic: L,
    world: World,
}

impl<L> std::fmt::Debug for StepFunction<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StepFunction")
    }
}

impl<L: StepLogic + 'static> StepFunction<L> {
    /// The function of `logic`.
    #[must_use]
    pub fn create(logic: L, world: World) -> Arc<dyn Function> {
        Arc::new(Self { logic, world })
    }
}

/// One look at one ticket.
///
/// # Errors
/// [`StepError`] tells what it means for the message.
pub async fn turn(world: &World, logic: &dyn StepLogic, hint: &Hint) -> Result<(), StepError> {
    let ticket = look(world, logic, hint).await?;
    logic.afterwards(world, &ticket, hint).await
}

/// Does what is to be done with a ticket, and gives it as it stands then.
async fn look(world: &World, logic: &dyn StepLogic, hint: &Hint) -> Result<Ticket, StepError> {
    for _ in 0..TRIES_MAX {
        let stored = world.tickets.load(&hint.ticket).await?;
        let stored =
            stored.ok_or_else(|| StepError::Temporary("the ticket is not there".to_owned()))?;
        let before = stored.ticket;
        if before.version() < hint.version {
            return Err(StepError::Temporary("the ticket is older than the message".to_owned()));
        }
        match before.turn() {
            Turn::Machine(step) if step == logic.step() => {}
            Turn::Lead if logic.step() == Step::Feedback => {}
            Turn::Machine(_) => {
                send_on(world, &before).await?;
                return Ok(before);
            }
            Turn::Human(_) | Turn::Lead | Turn::End => return Ok(before),
        }
        let commands = match logic.commands(world, &before).await {
            // The person may have been erased under its hands; that is no fault of the ticket.
            Err(StepError::Permanent(_)) if has_moved(world, &before).await? => continue,
            decided => decided?,
        };
        if commands.is_empty() {
            return Ok(before);
        }
        let calendar = world.rules.calendar().await?;
        // Only a dispatch names a unit that must be one; a lead's is one already.
        let sends = |command: &Command| matches!(command, Command::Dispatch { .. });
        let directory = match commands.iter().any(sends) {
            true => world.rules.directory().await?,
            false => Arc::new(Directory::default()),
        };
        let context = Context {
            actor: Actor::Step(logic.step()),
            now: world.clock.now(),
            calendar: &calendar,
            directory: &directory,
            cause: None,
        };
        let mut after = before.clone();
        for (at, command) in commands.iter().enumerate() {
            after = match after.execute(command, &context) {
                Ok(next) => next,
                // No request waits for what is said besides.
                Err(_) if at > 0 => after,
                Err(refusal) => return Err(StepError::Permanent(refusal.to_string())),
            };
        }
        if world.tickets.advance(&before, &after).await? == Advanced::Done {
            tracing::info!(ticket.id = %after.id(), from = %before.status(), to = %after.status(), "advanced");
            send_on(world, &after).await?;
            return Ok(after);
        }
        // Somebody was first, perhaps this very write before its answer was lost: look again.
    }
    Err(StepError::Temporary("others were first too often".to_owned()))
}

/// Hints at the next machine's turn. If that fails the message comes again, finds another machine's
/// turn, and sends the hint then.
async fn send_on(world: &World, ticket: &Ticket) -> Result<(), StepError> {
    let Some(step) = ticket.looked_at_by() else { return Ok(()) };
    let hint = Hint::of(ticket);
    Ok(world.hints.send(step, &hint).await?)
}

#[async_trait]
impl<L: StepLogic + 'static> Records for StepFunction<L> {
    fn name(&self) -> &str {
        self.logic.step().as_str()
    }

    async fn record(&self, body: &str) -> Result<(), StepError> {
        let hint =
            Hint::from_body(body).map_err(|fault| StepError::Permanent(fault.to_string()))?;
        turn(&self.world, &self.logic, &hint).await
    }
}

#[async_trait]
impl<L: StepLogic + 'static> Function for StepFunction<L> {
    async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        records::settle(self, &self.world, event).await
    }
}
