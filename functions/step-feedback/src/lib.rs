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
    Turn,
};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use lambda::{Function, StepError, StepFunction, StepLogic, reply_for_others};
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
        let waiting = (ticket.id(), false);
        let page = world.census.followers(waiting, hint.after.as_ref(), PAGE).await?;
        let full = page.len() == usize::from(PAGE);
        let after = page.last().filter(|_| full).cloned();
        ask(world, page).await?;
        if after.is_some() {
            world.hints.send(Step::Feedback, &Hint { after, ..Hint::of(ticket) }).await?;
        }
        Ok(())
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
    let (lead, says) = match &whole {
        Some(lead) => (lead, lead.as_lead()),
        None => return Ok(Some(Command::Unmerge)),
    };
    let (at, outcome, reply) = match says {
        Lead::Open => return Ok(None),
        Lead::None => return Ok(Some(Command::Unmerge)),
        Lead::Answered(at, outcome, reply) => (at, outcome, reply),
    };
    let Some(reply) = resealed(world, ticket, (lead, reply)).await? else {
        return Ok(Some(Command::Unmerge));
    };
    Ok(Some(Command::ResolveWith { lead: lead.id().clone(), to: there(at), outcome, reply }))
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

/// The lead's reply under the follower's own key, masked: it was written to another citizen. `None` when nobody
/// can read it any more, or nobody else may.
async fn resealed(
    world: &World,
    ticket: &Ticket,
    (lead, reply): (&Ticket, &SealedRef),
) -> Result<Option<SealedRef>, StepError> {
    let mut held = Vec::new();
    for sealed in [lead.request(), reply] {
        let record = world.texts.get(lead.id(), &sealed.record).await?;
        held.extend(record.map(|record| (sealed.record.clone(), record)));
    }
    let Some(opened) = world.vault().open_held(lead.id(), &held).await? else { return Ok(None) };
    let opened = opened.into_iter().collect::<Result<Vec<_>, _>>()?;
    let [request, said] = opened.as_slice() else {
        return Err(StepError::Permanent("a text of the lead is missing".to_owned()));
    };
    if (request.seal, said.seal) != (lead.request().seal, reply.seal) {
        return Err(StepError::Permanent("a text of the lead is not the one it sealed".to_owned()));
    }
    let SealedText::NoteV1 { text, .. } = &said.text else {
        return Err(StepError::Permanent("the lead's reply is another text".to_owned()));
    };
    let Some(text) = reply_for_others(&request.text, text) else { return Ok(None) };
    // Of one reply of one lead the same record, however often it is tried.
    let cause = CommandId::derive("lead", &format!("{}/{}", lead.id(), reply.record));
    let record = RecordId::of_command(&cause);
    let put = world.vault().put(ticket.id(), &record, &SealedText::note(text)).await?;
    put.map(Some).ok_or_else(|| StepError::Permanent("another reply stands there".to_owned()))
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Feedback, world)
}
