//! 反馈: hands the reply over. What a channel is told is derived from the timeline by the write-back,
//! which this step does not wait for.
//!
//! An answered lead has followers (并案): a message asks each of them to take its answer, page by page, and the
//! message for a page is acknowledged when the next one is on its way. A follower that was missed asks by
//! itself ([`domain::FOLLOW_MS`]).

use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Hint, SealedText};
use domain::{
    Assignment, Command, CommandId, DispatchTo, Lead, RecordId, SealedRef, Step, Ticket, TicketId,
    Turn, mask,
};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use lambda::{Function, StepError, StepFunction, StepLogic};
use ports::World;

/// So many followers are asked by one message: in a few seconds, far within its visibility.
pub const PAGE: u16 = 200;
/// So many are asked at a time.
const AT_ONCE: usize = 10;

/// The feedback step.
#[derive(Debug)]
pub struct Feedback;

#[async_trait]
impl StepLogic for Feedback {
    fn step(&self) -> Step {
        Step::Feedback
    }

    async fn commands(&self, world: &World, ticket: &Ticket) -> Result<Vec<Command>, StepError> {
        match ticket.lead() {
            Some(lead) => Ok(follow(world, ticket, lead).await?.into_iter().collect()),
            None => Ok(vec![Command::Answer]),
        }
    }

    async fn afterwards(
        &self,
        world: &World,
        ticket: &Ticket,
        hint: &Hint,
    ) -> Result<(), StepError> {
        if matches!(ticket.as_lead(), Lead::Open) || ticket.turn() == Turn::Lead {
            return Ok(());
        }
        let page = world.census.followers(ticket.id(), hint.after.as_ref(), PAGE).await?;
        let Some(last) = page.last().cloned().filter(|_| page.len() == usize::from(PAGE)) else {
            return ask(world, page).await;
        };
        ask(world, page).await?;
        let next = Hint { after: Some(last), ..Hint::new(ticket.id().clone(), ticket.version()) };
        Ok(world.hints.send(Step::Feedback, &next).await?)
    }
}

/// Asks followers to look at their lead.
async fn ask(world: &World, followers: Vec<TicketId>) -> Result<(), StepError> {
    let asked = stream::iter(followers).map(|follower| async move {
        world.hints.send(Step::Feedback, &Hint::new(follower, 1)).await
    });
    Ok(asked.buffer_unordered(AT_ONCE).try_collect().await?)
}

/// What becomes of a ticket that follows another: the lead's answer, or none while there is none; it stands
/// alone again when there will be none.
async fn follow(
    world: &World,
    ticket: &Ticket,
    lead: &TicketId,
) -> Result<Option<Command>, StepError> {
    let whole = world.tickets.whole(lead).await?;
    let says = whole.as_ref().map_or(Lead::None, Ticket::as_lead);
    let (at, outcome, reply) = match says {
        Lead::Open => return Ok(None),
        Lead::Answered(..) if ticket.erased_at().is_some() => return Ok(Some(Command::Unmerge)),
        Lead::None => return Ok(Some(Command::Unmerge)),
        Lead::Answered(at, outcome, reply) => (at, outcome, reply),
    };
    let Some(reply) = resealed(world, ticket, (lead, reply)).await? else {
        return Ok(Some(Command::Unmerge));
    };
    let (lead, to) = (lead.clone(), there(at));
    Ok(Some(Command::ResolveWith { lead, to, outcome, reply }))
}

/// Where the lead was dealt with.
fn there(at: &Assignment) -> DispatchTo {
    DispatchTo {
        item: at.item.clone(),
        unit: at.unit.clone(),
        tier: at.tier,
        limit: at.limit,
        catalog: at.catalog,
        confidence: None,
    }
}

/// The lead's reply under the follower's own key, numbers and plates masked: it was written to another citizen.
/// `None` when nobody can read it any more.
async fn resealed(
    world: &World,
    ticket: &Ticket,
    (lead, reply): (&TicketId, &SealedRef),
) -> Result<Option<SealedRef>, StepError> {
    let held = world.texts.get(lead, &reply.record).await?;
    let held: Vec<_> = held.into_iter().map(|sealed| (reply.record.clone(), sealed)).collect();
    let opened = world.vault().open_held(lead, &held).await?;
    let Some(opened) = opened.and_then(|mut opened| opened.pop()) else { return Ok(None) };
    let opened = opened?;
    if opened.seal != reply.seal {
        return Err(StepError::Permanent("the lead's reply is not the one it gave".to_owned()));
    }
    let SealedText::NoteV1 { text, .. } = opened.text else {
        return Err(StepError::Permanent("the lead's reply is another text".to_owned()));
    };
    // Of one reply of one lead the same record, however often it is tried.
    let cause = CommandId::derive("lead", &format!("{lead}/{}", reply.record));
    let text = SealedText::note(mask::text(&text, &[]));
    let put = world.vault().put(ticket.id(), &RecordId::of_command(&cause), &text).await?;
    put.map(Some).ok_or_else(|| StepError::Permanent("another reply stands there".to_owned()))
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Feedback, world)
}
