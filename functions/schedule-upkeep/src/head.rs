//! Publishing the daily head (design, section 3; `contracts::DailyHead`).
//!
//! Open tickets are found by their due cards, closed ones by the `archived` index from the day
//! of the head before the last on: so one whose last event was written just after a walk, at a
//! time just before it, is found by the next. A closed ticket whose head stands in one of those two
//! already is left out. Leaves are written before their head, and what is written stands:
//! a run after one that broke off takes its leaves as they are.

use std::collections::BTreeSet;

use contracts::{
    DailyHead, PublishedHead, head_key, leaves_from_bytes, leaves_key, leaves_to_bytes,
};
use domain::merkle::Leaf;
use domain::{TicketId, Timestamp, Turn};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lambda::{head_keys, published};
use ports::{DUE_SHARDS, PortError, PutOnce, World};

use crate::orphans;

/// What the log says when a head is published; `infra/template.yaml` counts it.
pub const HEAD_PUBLISHED: &str = "daily head published";

/// What the log says of a ticket that cannot be read; an alarm looks for it.
pub const UNREAD: &str = "ticket not read at night";

/// So long after midnight, in city time, everything of the day stands in table and indexes.
const SETTLED_MS: i64 = 10 * Timestamp::MINUTE_MS;
/// So many tickets are looked at at a time.
const AT_ONCE: usize = 16;

/// What a night's work did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Night {
    /// The date whose head was published.
    pub date: String,
    /// How many leaves it has.
    pub leaves: usize,
    /// How many sealed records were deleted that no event names.
    pub orphans: u32,
    /// How many tickets could not be read; `lianxin verify` names them.
    pub unread: u32,
}

pub(crate) async fn night(world: &World) -> Result<Option<Night>, PortError> {
    let today = world.clock.now().plus_millis(-SETTLED_MS).beijing_date();
    let Some(day) = today.previous_day() else { return Ok(None) };
    let (date, key) = (day.to_string(), head_key(&world.region, &day.to_string()));
    if world.dossiers.get(&key).await?.is_some() {
        return Ok(None);
    }
    let before = before(world, &key).await?;
    let (mut night, leaves) = walk(world, (date, Timestamp::start_of(today)), &before).await?;
    let previous = before.last();
    if leaves.is_empty() && previous.is_none() {
        // A city that has no tickets yet.
        return Ok(None);
    }
    let leaves = put_leaves(world, &leaves_key(&key), leaves).await?;
    night.leaves = leaves.len();
    let head = DailyHead::of(&world.region, &night.date, &leaves, previous);
    match world.dossiers.put_once(&key, &head.to_bytes()).await? {
        PutOnce::Written | PutOnce::Same => {}
        PutOnce::Different(_) => {
            return Err(PortError::Permanent(format!("another head lies under {key} already")));
        }
    }
    let Night { date, leaves, orphans, unread } = &night;
    tracing::info!(date, leaves, orphans, unread, root = head.root, "{HEAD_PUBLISHED}");
    Ok(Some(night))
}

/// The two heads before that of `key`, older first; fewer in a young city.
async fn before(world: &World, key: &str) -> Result<Vec<PublishedHead>, PortError> {
    let mut keys = head_keys(world).await?;
    keys.retain(|one| one.as_str() < key);
    let mut before = Vec::new();
    for key in keys.iter().skip(keys.len().saturating_sub(2)) {
        before.push(published(world, key).await?);
    }
    Ok(before)
}

/// The start of the day from which on closed tickets are looked at: that of the older of two heads.
fn since(before: &[PublishedHead]) -> Timestamp {
    let [older, _newer] = before else { return Timestamp::MIN };
    older.head.begins().unwrap_or(Timestamp::MIN)
}

/// What was found at one ticket.
enum Found {
    Leaf(Leaf, u32),
    Known(u32),
    Unread,
}

async fn walk(
    world: &World,
    (date, end): (String, Timestamp),
    before: &[PublishedHead],
) -> Result<(Night, Vec<Leaf>), PortError> {
    let mut tickets = BTreeSet::new();
    for shard in 0..DUE_SHARDS {
        tickets.extend(world.census.open(shard).await?);
        tickets.extend(world.census.archived(shard, since(before)).await?);
    }
    let known: BTreeSet<&Leaf> = before.iter().flat_map(|head| &head.leaves).collect();
    let mut night = Night { date, leaves: 0, orphans: 0, unread: 0 };
    let mut leaves = Vec::new();
    let found = stream::iter(tickets).map(|id| look(world, (id, end), &known));
    let mut found = std::pin::pin!(found.buffer_unordered(AT_ONCE));
    while let Some(found) = found.try_next().await? {
        match found {
            Found::Leaf(leaf, orphans) => {
                leaves.push(leaf);
                night.orphans += orphans;
            }
            Found::Known(orphans) => night.orphans += orphans,
            Found::Unread => night.unread += 1,
        }
    }
    leaves.sort_unstable();
    Ok((night, leaves))
}

/// Looks at one ticket. One that is damaged must not keep the others from being published; one that
/// was received after the day's end is the next head's.
async fn look(
    world: &World,
    (id, end): (TicketId, Timestamp),
    known: &BTreeSet<&Leaf>,
) -> Result<Found, PortError> {
    let unread = |error: &PortError| {
        tracing::error!(ticket.id = %id, %error, "{UNREAD}");
        Found::Unread
    };
    let ticket = match world.tickets.whole(&id).await {
        Ok(Some(ticket)) => ticket,
        Ok(None) => return Ok(Found::Unread),
        Err(error @ PortError::Permanent(_)) => return Ok(unread(&error)),
        Err(error) => return Err(error),
    };
    let orphans = orphans::delete(world, &ticket).await?;
    let leaf = Leaf { ticket: id, version: ticket.version(), head: ticket.head() };
    let stands = ticket.turn() == Turn::End && known.contains(&leaf);
    Ok(if stands || ticket.received_at() >= end {
        Found::Known(orphans)
    } else {
        Found::Leaf(leaf, orphans)
    })
}

/// Writes the leaves, or takes those that a run before has written.
async fn put_leaves(world: &World, key: &str, leaves: Vec<Leaf>) -> Result<Vec<Leaf>, PortError> {
    match world.dossiers.put_once(key, &leaves_to_bytes(&leaves)).await? {
        PutOnce::Written | PutOnce::Same => Ok(leaves),
        PutOnce::Different(_) => {
            let stands = world.dossiers.get(key).await?;
            let stands = stands.as_deref().and_then(leaves_from_bytes);
            stands.ok_or_else(|| PortError::Permanent(format!("{key} holds no leaves")))
        }
    }
}
