//! 处置: opens the unit's task; the card this writes is its place in the unit's inbox and its clock.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Command, Step, Ticket};
use lambda::{Function, StepError, StepFunction, StepLogic};
use ports::World;

/// The handling step.
#[derive(Debug)]
pub struct Handling;

#[async_trait]
impl StepLogic for Handling {
    fn step(&self) -> Step {
        Step::Handling
    }

    async fn commands(&self, _world: &World, _ticket: &Ticket) -> Result<Vec<Command>, StepError> {
        Ok(vec![Command::Open])
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Handling, world)
}
