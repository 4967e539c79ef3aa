//! 派单: sends a request to the responsible unit at once, or at once to a dispatcher if the machine
//! is not sure. It reads the sealed request; the words that spoke are never stored.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::SealedText;
use domain::directory::{Directory, Unit};
use domain::dispatch::{GENERAL_ITEM, KeywordTable, Proposal};
use domain::{Candidates, Command, DispatchTo, Limit, Step, Ticket, Tier};
use lambda::{Function, StepError, StepFunction, StepLogic};
use ports::World;

/// How long a village has for what it found itself: a week, the general grade.
const OWN_LIMIT: Limit = Limit::Days(7);

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

    fn decide(&self, directory: &Directory, own: Option<&Unit>, text: (&str, &str)) -> Command {
        let proposals = self.table.propose(text.0, text.1);
        if let Some(to) = own.and_then(|village| self.own_finding(village, proposals.first())) {
            return Command::Dispatch { to };
        }
        // A village may lead only what it found itself, and a unit that the city's own directory does not
        // have cannot: then a person decides who leads.
        let may_lead = |to: &DispatchTo| {
            let unit = directory.unit(&to.unit).filter(|unit| unit.tier() == to.tier);
            unit.is_some_and(|unit| unit.tier() != Tier::Village)
        };
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

    /// A village's own finding starts in its own handling, whatever it is about; it whistles for what it
    /// cannot do.
    fn own_finding(&self, village: &Unit, best: Option<&Proposal>) -> Option<DispatchTo> {
        let general = || self.table.items().iter().find(|item| item.item.as_str() == GENERAL_ITEM);
        let item = best.map(|best| best.to.item.clone());
        let item = item.or_else(|| general().map(|item| item.item.clone()))?;
        Some(DispatchTo {
            item,
            catalog: None,
            unit: village.code.clone(),
            tier: village.tier(),
            limit: OWN_LIMIT,
            confidence: None,
        })
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
            SealedText::RequestV1 { title, body, .. } => {
                let directory = world.rules.directory().await?;
                let finder = ticket.found_by().and_then(|unit| directory.unit(unit));
                let own = finder.filter(|unit| unit.tier() == Tier::Village);
                Ok(self.decide(&directory, own, (&title, &body)))
            }
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
