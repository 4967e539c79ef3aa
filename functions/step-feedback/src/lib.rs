//! 反馈: hands the reply over. What a channel is told is derived from the timeline by the write-back,
//! which this step does not wait for.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Command, Step, Ticket};
use lambda::{Function, StepError, StepFunction, StepLogic};
use ports::World;

/// The feedback step.
#[derive(Debug)]
pub struct Feedback;

#[async_trait]
impl StepLogic for Feedback {
    fn step(&self) -> Step {
        Step::Feedback
    }

    async fn command(&self, _world: &World, _ticket: &Ticket) -> Result<Command, StepError> {
        Ok(Command::Answer)
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Feedback, world)
}
