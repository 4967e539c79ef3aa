//! 派单: sends a request to the responsible unit at once, or at once to a dispatcher if the machine
//! is not sure. It reads the sealed request; the words that spoke are never stored.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::SealedText;
use domain::dispatch::KeywordTable;
use domain::{Candidates, Command, DispatchTo, Step, Ticket, Tier};
use lambda::{Function, StepError, StepFunction, StepLogic};
use ports::World;

/// The dispatch step with the table it dispatches by.
#[derive(Debug)]
pub struct Dispatch {
    table: KeywordTable,
}

impl Dispatch {
    /// The step with this table.
    #[must_use]
    pub const fn new(table: KeywordTable) -> Self {
        Self { table }
    }

    fn decide(&self, ticket: &Ticket, title: &str, body: &str) -> Command {
        let proposals = self.table.propose(title, body);
        // A village may lead only what it found itself: of anything else a person decides who leads.
        let may_lead =
            |to: &DispatchTo| to.tier != Tier::Village || ticket.found_by() == Some(&to.unit);
        match proposals.first() {
            Some(best) if best.sure && may_lead(&best.to) => {
                Command::Dispatch { to: best.to.clone() }
            }
            Some(_) | None => {
                let candidates = proposals.into_iter().map(|proposal| proposal.to.item).collect();
                Command::Doubt { candidates: Candidates(candidates) }
            }
        }
    }
}

#[async_trait]
impl StepLogic for Dispatch {
    fn step(&self) -> Step {
        Step::Dispatch
    }

    async fn command(&self, world: &World, ticket: &Ticket) -> Result<Command, StepError> {
        if ticket.erased_at().is_some() {
            // Nobody can read it any more: a dispatcher ends it as withdrawn.
            return Ok(Command::Doubt { candidates: Candidates::default() });
        }
        let opened = world.vault().open(ticket.id(), &ticket.request().record).await?;
        let opened = opened
            .ok_or_else(|| StepError::Permanent("the sealed request is missing".to_owned()))?;
        if opened.seal != ticket.request().seal {
            return Err(StepError::Permanent(
                "the sealed request is not the one received".to_owned(),
            ));
        }
        match opened.text {
            SealedText::RequestV1 { title, body, .. } => Ok(self.decide(ticket, &title, &body)),
            SealedText::NoteV1 { .. } => {
                Err(StepError::Permanent("the sealed request is another text".to_owned()))
            }
        }
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Dispatch::new(lambda::keyword_table()), world)
}
