//! The clocks: warns of limits, ends what is over, and brings deadlines to a new calendar.
//!
//! What is due is found by the sparse index of alarms, oldest first, whoever has the ticket and whether or
//! not anybody has; nothing is scanned. What is due on a ticket is the ticket's own to say
//! ([`domain::Command::Tick`]), so a card that comes twice, or late, does nothing twice.

mod replan;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::directory::Directory;
use domain::{Actor, Calendar, Command, Context, RED, TicketId, Timestamp};
use futures_util::StreamExt as _;
use futures_util::stream;
use lambda::{Failure, Function};
use ports::{Advanced, Cursor, DUE_SHARDS, DueCard, PortError, World};
use serde_json::{Value, json};

/// So many cards are read at a time.
const PAGE: u16 = 200;
/// So many tickets are looked at side by side.
const AT_ONCE: usize = 16;
/// A ticket that others change more often than this meanwhile is looked at in the next run.
const TRIES_MAX: u32 = 4;
/// After so much wall time no further page is begun: the function has fifty seconds, and the next run begins
/// where this one ends, with the oldest.
const RUN_MS: i64 = 40_000;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Tickets to which something happened.
    pub moved: u32,
    /// Warnings at or over a limit.
    pub overdue: u32,
    /// Tickets that were brought to a new calendar.
    pub replanned: u32,
    /// Tickets that could not be looked at; the next run does.
    pub failed: u32,
    /// For how long the oldest card has been waiting for the clocks, in seconds; 0 when none is.
    pub lag_s: i64,
}

/// What is in force for a whole run.
struct InForce {
    calendar: Arc<Calendar>,
    directory: Arc<Directory>,
}

/// The clocks.
#[derive(Debug)]
pub struct Clocks {
    world: World,
    /// The version of the calendar that every open ticket was brought to, as far as this process knows.
    settled: Mutex<Option<String>>,
}

impl Clocks {
    /// The clocks of this world.
    #[must_use]
    pub const fn new(world: World) -> Self {
        Self { world, settled: Mutex::new(None) }
    }

    /// One run over all shards, then what a new calendar still needs.
    ///
    /// # Errors
    /// [`PortError`] when nothing could be begun.
    pub async fn run(&self) -> Result<Ticked, PortError> {
        let began = self.world.clock.wall();
        let in_force = InForce {
            calendar: self.world.rules.calendar().await?,
            directory: self.world.rules.directory().await?,
        };
        let mut ticked = Ticked::default();
        for shard in 0..DUE_SHARDS {
            if let Err(error) = self.shard(shard, &in_force, began, &mut ticked).await {
                tracing::error!(shard, %error, "shard not looked at");
                ticked.failed += 1;
            }
        }
        if let Err(error) = self.replan(&in_force, began, &mut ticked).await {
            tracing::error!(%error, "deadlines not brought to the calendar in force");
            ticked.failed += 1;
        }
        // Said every time: an alarm looks for it, and silence would be no news.
        tracing::info!(lag_s = ticked.lag_s, "the oldest due card");
        Ok(ticked)
    }

    fn is_late(&self, began: Timestamp) -> bool {
        self.world.clock.wall().millis() - began.millis() > RUN_MS
    }

    async fn shard(
        &self,
        shard: u8,
        in_force: &InForce,
        began: Timestamp,
        ticked: &mut Ticked,
    ) -> Result<(), PortError> {
        let until = self.world.clock.now();
        let mut from: Option<Cursor> = None;
        // A ticket can have several cards: it is looked at once a run.
        let mut seen = BTreeSet::new();
        while !self.is_late(began) {
            let page = self.world.tickets.due_cards(shard, until, from.as_ref(), PAGE).await?;
            for DueCard { alarm, .. } in &page.items {
                ticked.lag_s = ticked.lag_s.max((until.millis() - alarm.millis()) / 1000);
            }
            let tickets = page.items.into_iter().map(|card| card.ticket);
            let new: Vec<TicketId> = tickets.filter(|id| seen.insert(id.clone())).collect();
            self.each(new, (&Command::Tick, in_force), ticked).await;
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Gives each ticket the command.
    async fn each(
        &self,
        tickets: Vec<TicketId>,
        (command, in_force): (&Command, &InForce),
        ticked: &mut Ticked,
    ) {
        let looked = stream::iter(tickets)
            .map(|id| async move { (self.look(&id, (command, in_force)).await, id) })
            .buffer_unordered(AT_ONCE);
        let mut looked = std::pin::pin!(looked);
        while let Some((looked, id)) = looked.next().await {
            match looked {
                Ok(Some(overdue)) => {
                    ticked.moved += 1;
                    ticked.overdue += overdue;
                    ticked.replanned += u32::from(*command == Command::Replan);
                }
                Ok(None) => {}
                Err(error) => {
                    // One damaged ticket must not hide the others of its shard.
                    tracing::error!(ticket.id = %id, %error, "ticket not looked at");
                    ticked.failed += 1;
                }
            }
        }
    }

    /// Looks at one ticket; how much of what happened is overdue, or `None` if nothing happened.
    async fn look(
        &self,
        id: &TicketId,
        (command, in_force): (&Command, &InForce),
    ) -> Result<Option<u32>, PortError> {
        for _ in 0..TRIES_MAX {
            let Some(stored) = self.world.tickets.load(id).await? else { return Ok(None) };
            let before = stored.ticket;
            let context = Context {
                actor: Actor::Clocks,
                now: self.world.clock.now(),
                calendar: &in_force.calendar,
                directory: &in_force.directory,
                cause: None,
            };
            let after = before.execute(command, &context);
            let after = after.map_err(|refusal| PortError::Permanent(refusal.to_string()))?;
            if after.version() == before.version() {
                // The index is older than the ticket, or the machine has the turn.
                return Ok(None);
            }
            if self.world.tickets.advance(&before, &after).await? == Advanced::Done {
                return Ok(Some(overdue(&before, &after)));
            }
        }
        Err(PortError::Temporary("others were first too often".to_owned()))
    }
}

/// How many new warnings say that a limit is over; each is logged by itself, for who counts them.
fn overdue(before: &domain::Ticket, after: &domain::Ticket) -> u32 {
    let new = after.timeline().iter().filter(|entry| entry.seq > before.version());
    let mut overdue = 0;
    for entry in new {
        if let domain::Event::Warned { card, level, .. } = &entry.event {
            tracing::info!(ticket.id = %after.id(), %card, level, "warned");
            overdue += u32::from(*level >= RED);
        }
    }
    overdue
}

#[async_trait]
impl Function for Clocks {
    async fn invoke(&self, _event: Value) -> Result<Value, Failure> {
        let ticked = self.run().await.map_err(|error| Failure(error.to_string()))?;
        if (Ticked { lag_s: 0, ..ticked }) != Ticked::default() {
            tracing::info!(?ticked, "ticked");
        }
        Ok(json!({
            "moved": ticked.moved, "overdue": ticked.overdue, "replanned": ticked.replanned, "failed": ticked.failed,
        }))
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    Arc::new(Clocks::new(world))
}
