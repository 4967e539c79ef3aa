//! 评价: counts what the citizen said, or sends the case back once, under supervision. What was not
//! said stays unsaid.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Command, Step, Ticket};
use lambda::{Function, StepError, StepFunction, StepLogic};
use ports::World;

/// The evaluation step.
#[derive(Debug)]
pub struct Evaluation;

#[async_trait]
impl StepLogic for Evaluation {
    fn step(&self) -> Step {
        Step::Evaluation
    }

    async fn commands(&self, _world: &World, _ticket: &Ticket) -> Result<Vec<Command>, StepError> {
        Ok(vec![Command::Evaluate])
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Evaluation, world)
}
