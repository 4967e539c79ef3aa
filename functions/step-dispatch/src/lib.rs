//! 派单: sends a request to the responsible unit at once, or at once to a dispatcher if the machine
//! is not sure. It reads the sealed request; the words that spoke are never stored.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::SealedText;
use domain::directory::Unit;
use domain::place::Point;
use domain::{Candidates, Command, DispatchTo, ItemCode, Limit, Step, Ticket, Tier};
use lambda::{
    Asked, Dispatcher, Function, GENERAL_ITEM, Opinion, Request, StepError, StepFunction,
    StepLogic, dispatcher, repeats,
};
use ports::World;

/// How long a village has for what it found itself: a week, the general grade.
const OWN_LIMIT: Limit = Limit::Days(7);

/// The dispatch step.
#[derive(Clone, Copy, Debug)]
pub struct Dispatch;

/// What the machine does with a request; `own` is the village whose staff found it.
fn decide(by: &Dispatcher, own: Option<&Unit>, opinion: Opinion<'_>) -> Command {
    let Opinion { proposals, sure, .. } = opinion;
    let best = proposals.first().map(|best| best.item.code.clone());
    if let Some(to) = own.and_then(|village| own_finding(by, village, best)) {
        return Command::Dispatch { to };
    }
    if let Some(to) = sure {
        return Command::Dispatch { to };
    }
    let candidates = proposals.into_iter().map(|proposal| proposal.item.code.clone()).collect();
    Command::Doubt { candidates: Candidates(candidates) }
}

/// A village's own finding starts in its own handling, whatever it is about; it whistles for what it
/// cannot do.
fn own_finding(by: &Dispatcher, village: &Unit, best: Option<ItemCode>) -> Option<DispatchTo> {
    let catalog = by.catalog();
    let general = || ItemCode::parse(GENERAL_ITEM).ok();
    let item = catalog.item(&best.or_else(general)?)?;
    Some(DispatchTo { limit: OWN_LIMIT, ..item.to(village.code.clone(), village.tier(), None) })
}

#[async_trait]
impl StepLogic for Dispatch {
    fn step(&self) -> Step {
        Step::Dispatch
    }

    async fn commands(&self, world: &World, ticket: &Ticket) -> Result<Vec<Command>, StepError> {
        if ticket.erased_at().is_some() {
            // Nobody can read it any more: a dispatcher ends it as withdrawn.
            return Ok(vec![Command::Doubt { candidates: Candidates::default() }]);
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
            SealedText::RequestV1 { title, body, citizen, place, circumstances, .. } => {
                let by = dispatcher(world).await?;
                let finder = ticket.found_by().and_then(|unit| by.directory().unit(unit));
                let own = finder.filter(|unit| unit.tier() == Tier::Village);
                let point = place.map(|at| Point { lat_e6: at.lat_e6, lon_e6: at.lon_e6 });
                let address = citizen.address.as_deref();
                let opinion = by.opinion(Asked { title: &title, body: &body, address, point });
                let confidential = circumstances.is_some_and(|known| known.confidential);
                let best = opinion.proposals.first().map(|best| best.item.category.as_str());
                let request = Request {
                    title: &title,
                    body: &body,
                    phone: citizen.phone.as_deref(),
                    place: &opinion.place,
                    category: best.unwrap_or_default(),
                };
                // Nobody is told that somebody else has written about what one asks to keep to oneself.
                let repeated = match confidential {
                    true => None,
                    false => repeats(world, ticket, request).await?,
                };
                Ok([decide(&by, own, opinion)].into_iter().chain(repeated).collect())
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
    StepFunction::create(Dispatch, world)
}
