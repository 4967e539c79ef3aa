//! What dispatchers have decided, as the classifier learns it: which item a request was of.

use std::collections::BTreeSet;
use std::sync::Arc;

use classifier::{Lesson, Model, Text};
use domain::catalog::Catalog;
use domain::{Actor, Event, ItemCode, Ticket, TicketId, Timestamp};
use futures_util::{StreamExt as _, stream};
use ports::{Book, DUE_SHARDS, PortError, World};

use crate::read::masked_request;

/// A request and the item that a person gave it. Names, numbers and addresses are masked.
#[derive(Clone, PartialEq, Eq)]
pub struct Learned {
    /// The ticket.
    pub ticket: TicketId,
    /// The item.
    pub item: ItemCode,
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
}

/// It is a citizen's text.
impl std::fmt::Debug for Learned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Learned({}, {})", self.ticket, self.item)
    }
}

/// The item that a person has sent a ticket on by, if the last who did so was one.
#[must_use]
pub(crate) fn decided(ticket: &Ticket) -> Option<ItemCode> {
    let last = ticket.timeline().iter().rev().find_map(|entry| match &entry.event {
        Event::Dispatched { item, .. } => Some((&entry.actor, item)),
        _ => None,
    });
    let (actor, item) = last?;
    matches!(actor, Actor::Staff { .. }).then(|| item.clone())
}

/// The text of a ticket's request for learning; `None` of an erased person's.
pub(crate) async fn lesson(
    world: &World,
    ticket: &Ticket,
) -> Result<Option<(String, String)>, PortError> {
    if ticket.erased_at().is_some() {
        return Ok(None);
    }
    match world.vault().open(ticket.id(), &ticket.request().record).await {
        Ok(Some(opened)) => Ok(masked_request(opened.text)),
        // Erased while it was read.
        Ok(None) | Err(PortError::Permanent(_)) => Ok(None),
        Err(error @ PortError::Temporary(_)) => Err(error),
    }
}

/// All that dispatchers have decided in this city, in the order of the tickets' ids.
///
/// Of open cases and of archived ones: what a person sent to an item of this catalog. Nothing is shown to anybody; what is learned are
/// weights of runs of characters.
///
/// # Errors
/// [`PortError`].
pub async fn learned(world: &World, catalog: &Catalog) -> Result<Vec<Learned>, PortError> {
    let mut tickets = BTreeSet::new();
    for shard in 0..DUE_SHARDS {
        tickets.extend(world.census.open(shard).await?);
        tickets.extend(world.census.archived(shard, Timestamp::MIN).await?);
    }
    let mut all = Vec::new();
    for id in tickets {
        let Some(ticket) = world.tickets.whole(&id).await? else { continue };
        let Some(item) = decided(&ticket).filter(|item| catalog.item(item).is_some()) else {
            continue;
        };
        if let Some((title, body)) = lesson(world, &ticket).await? {
            all.push(Learned { ticket: id, item, title, body });
        }
    }
    Ok(all)
}

/// So many decisions since the last training are learned when a function wakes; of more the oldest wait for the
/// next training.
const LESSONS_MAX: usize = 200;
/// So many of them are read at a time.
const AT_ONCE: usize = 16;
/// After so many lost races a decision waits for the next training.
const TRIES_MAX: u32 = 5;

/// A decision: by which model the machine was not sure, of which ticket, and the item that a person gave it.
type Decision = (u32, TicketId, ItemCode);

fn decision(line: &str) -> Option<Decision> {
    let mut parts = line.split(' ');
    let (model, ticket, item) = (parts.next()?, parts.next()?, parts.next()?);
    let (ticket, item) = (TicketId::parse(ticket).ok()?, ItemCode::parse(item).ok()?);
    Some((model.parse().ok()?, ticket, item))
}

async fn decisions(world: &World, version: Option<u32>) -> Result<Vec<Decision>, PortError> {
    let Some(version) = version else { return Ok(Vec::new()) };
    let bytes = world.rules.books.read(Book::Lessons, version).await?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).lines().filter_map(decision).collect())
}

/// Notes that a person has given a ticket its item, so that the machine knows it within a minute.
///
/// What is written is no text: who reads it opens the request again, and of an erased person nothing is left of it.
///
/// # Errors
/// [`PortError`]. The decision itself stands whatever becomes of this; the next training knows it.
pub async fn teach(world: &World, ticket: &TicketId, item: &ItemCode) -> Result<(), PortError> {
    let books = &world.rules.books;
    for _ in 0..TRIES_MAX {
        let model = books.newest(Book::Model).await?.unwrap_or(0);
        let newest = books.newest(Book::Lessons).await?;
        let mut all = decisions(world, newest).await?;
        // What an older model lacked the newer one was trained on; and the last word on a ticket counts.
        all.retain(|(of, other, _)| *of == model && other != ticket);
        all.push((model, ticket.clone(), item.clone()));
        let kept = all.get(all.len().saturating_sub(LESSONS_MAX)..).unwrap_or_default();
        let lines = kept.iter().map(|(model, ticket, item)| format!("{model} {ticket} {item}\n"));
        let text: String = lines.collect();
        let next = newest.unwrap_or(0).saturating_add(1);
        if books.put(Book::Lessons, next, text.as_bytes()).await? {
            return Ok(());
        }
    }
    Err(PortError::Temporary("others teach at the same time".to_owned()))
}

/// The model with what was decided since it was trained.
pub(crate) async fn taught(
    world: &World,
    catalog: &Catalog,
    (mut model, version): (Arc<Model>, u32),
    lessons: Option<u32>,
) -> Result<Arc<Model>, PortError> {
    let all = decisions(world, lessons).await?;
    let since = all.into_iter().filter(|(of, ..)| *of == version);
    let texts = since.map(|(_, ticket, item)| async move {
        let Some(stored) = world.tickets.load(&ticket).await? else { return Ok(None) };
        Ok::<_, PortError>(lesson(world, &stored.ticket).await?.map(|text| (item, text)))
    });
    // In their order, whichever is read first: the same decisions make the same model.
    let mut texts = stream::iter(texts).buffered(AT_ONCE);
    while let Some(read) = texts.next().await {
        let Some((code, (title, body))) = read? else { continue };
        let Some(item) = catalog.item(&code) else { continue };
        let text = Text { title: &title, body: &body };
        let category = item.category.as_str();
        let learned =
            Arc::make_mut(&mut model).learn(&Lesson { item: code.as_str(), category, text });
        if let Err(fault) = learned {
            tracing::warn!(%fault, "a decision teaches nothing");
        }
    }
    Ok(model)
}

#[cfg(test)]
mod tests {
    use domain::ChannelName;

    use super::*;

    #[test]
    fn a_decision_is_read_as_it_is_written_and_nothing_else_is_one() {
        let ticket = TicketId::derive(&ChannelName::parse("app").unwrap(), "A-1");
        let item = ItemCode::parse("UC-001").unwrap();
        assert_eq!(decision(&format!("3 {ticket} {item}")), Some((3, ticket, item)));
        for other in ["", "3", "x y z", "3 y UC-001"] {
            assert_eq!(decision(other), None, "{other}");
        }
    }
}
