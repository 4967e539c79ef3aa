//! 受理: checks a request that the door has stored and accepts it, so that it can be dispatched.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Command, Step, Ticket};
use lambda::{Function, StepError, StepFunction, StepLogic};
use ports::World;

/// The intake step.
#[derive(Debug)]
pub struct Intake;

#[async_trait]
impl StepLogic for Intake {
    fn step(&self) -> Step {
        Step::Intake
    }

    async fn commands(&self, _world: &World, _ticket: &Ticket) -> Result<Vec<Command>, StepError> {
        // The door has checked every field and sealed the texts; reading the ticket has checked its
        // chain. What the classifier and the units need starts from here.
        Ok(vec![Command::Accept])
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Intake, world)
}
