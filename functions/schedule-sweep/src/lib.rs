//! The sweep: finds machine's turns that nobody took, and hints at them again.
//!
//! A queue may lose anything at any time; the due cards in the table are what brings every ticket
//! home. The *backlog guard* keeps a burst from becoming a retry storm: while a step's queue is
//! deep, its turns are put off without being counted. After ten attempts the ticket is held.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::Hint;
use domain::directory::Directory;
use domain::{
    Actor, ChannelName, Command, Context, FOLLOW_MS, Lead, Step, Ticket, Timestamp, Turn,
};
use lambda::{Failure, Function, hint, readable};
use ports::{Advanced, DUE_SHARDS, DueTurn, PortError, World};
use serde_json::{Value, json};

/// So many tellings of a channel are asked for at a time.
const TELLINGS_MAX: u16 = 500;
/// A channel in whose queue more than this waits is asked nothing more.
const UNTOLD_MAX: u64 = 50;
/// After this many attempts the machine gives a ticket up.
pub const ATTEMPTS_MAX: u32 = 10;
/// A queue with more messages than this, waiting or in work, is busy: its turns are not lost.
pub const BACKLOG_MAX: u64 = 100;
/// So many turns of each shard are looked at in one run.
const TURNS_MAX: u16 = 100;
/// The longest time between two attempts, in leases.
const BACKOFF_LEASES_MAX: i64 = 16;

/// What the log says when a ticket is given up; the alarm in `infra/template.yaml` looks for it.
pub const HELD: &str = "the machine gave up; held for staff";

/// What it says when a ticket could not take its lead's answer; staff find it on their desks.
pub const UNMERGED: &str = "the machine gave up; it follows its lead no more";

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Hints sent.
    pub hinted: u32,
    /// Tellings asked for.
    pub told: u32,
    /// Turns put off because the step's queue is busy.
    pub put_off: u32,
    /// Tickets given up.
    pub held: u32,
    /// Turns that could not be looked at; the next run does.
    pub failed: u32,
    /// For how long the oldest turn has been due, in seconds; 0 when none is.
    pub lag_s: i64,
}

/// The sweep.
#[derive(Debug)]
pub struct Sweep {
    world: World,
}

impl Sweep {
    /// The sweep of this world.
    #[must_use]
    pub const fn new(world: World) -> Self {
        Self { world }
    }

    /// One run over all shards. With `all`, every turn counts as due once, without being counted as
    /// an attempt: for a start after which the queues are known to be empty.
    pub async fn run(&self, all: bool) -> Swept {
        let mut swept = Swept::default();
        let mut backlogs = BTreeMap::new();
        for shard in 0..DUE_SHARDS {
            if let Err(error) = self.shard(shard, all, &mut backlogs, &mut swept).await {
                tracing::error!(shard, %error, "shard not swept");
                swept.failed += 1;
            }
        }
        for channel in self.world.hints.channels() {
            if let Err(error) = self.tellings(&channel, &mut swept).await {
                tracing::error!(%channel, %error, "tellings not swept");
                swept.failed += 1;
            }
        }
        if !all {
            // Said every time: an alarm looks for it, and silence would be no news.
            tracing::info!(lag_s = swept.lag_s, "the oldest due turn");
        }
        swept
    }

    async fn shard(
        &self,
        shard: u8,
        all: bool,
        backlogs: &mut BTreeMap<Step, u64>,
        swept: &mut Swept,
    ) -> Result<(), PortError> {
        let until = if all { Timestamp::MAX } else { self.world.clock.now() };
        let limit = if all { u16::MAX } else { TURNS_MAX };
        let turns = self.world.tickets.due_turns(shard, until, limit).await?;
        if let Some(oldest) = turns.first() {
            let lag_ms = self.world.clock.now().millis() - oldest.due.millis();
            swept.lag_s = swept.lag_s.max(lag_ms / 1000);
        }
        for turn in turns {
            let looked = if all {
                self.remind(&turn, swept).await
            } else {
                self.look(&turn, backlogs, swept).await
            };
            if let Err(error) = looked {
                // One damaged ticket must not hide the others of its shard.
                tracing::error!(ticket.id = %turn.ticket, %error, "turn not looked at");
                swept.failed += 1;
            }
        }
        Ok(())
    }

    /// Asks for what a channel is to be told. A queue in which much waits is left alone: its receiver
    /// is slow, and what it is asked twice it is told twice.
    async fn tellings(&self, channel: &ChannelName, swept: &mut Swept) -> Result<(), PortError> {
        let now = self.world.clock.now();
        let due = self.world.deliveries.due(channel, now, TELLINGS_MAX).await?;
        if due.is_empty() || self.world.hints.untold(channel).await? > UNTOLD_MAX {
            return Ok(());
        }
        for delivery in due {
            let hint = Hint::new(delivery.ticket, 1);
            self.world.hints.tell(channel, &hint).await?;
            swept.told += 1;
        }
        Ok(())
    }

    async fn remind(&self, turn: &DueTurn, swept: &mut Swept) -> Result<(), PortError> {
        if let Some(stored) = self.world.tickets.load(&turn.ticket).await? {
            hint(&self.world, &stored.ticket).await;
            swept.hinted += 1;
        }
        Ok(())
    }

    async fn look(
        &self,
        turn: &DueTurn,
        backlogs: &mut BTreeMap<Step, u64>,
        swept: &mut Swept,
    ) -> Result<(), PortError> {
        let Some(stored) = self.world.tickets.load(&turn.ticket).await? else { return Ok(()) };
        let (ticket, attempts) = (stored.ticket, stored.attempts);
        // The index may be stale: the ticket says whose turn it is.
        let Some(step) = ticket.looked_at_by() else { return Ok(()) };
        if self.waits(turn, &ticket).await? {
            return Ok(());
        }
        let (now, lease) = (self.world.clock.now(), self.world.lease_ms);
        if self.backlog(step, backlogs).await? > BACKLOG_MAX {
            if self
                .world
                .tickets
                .postpone(turn, ticket.version(), now.plus_millis(lease), attempts)
                .await?
            {
                swept.put_off += 1;
            }
            return Ok(());
        }
        if attempts >= ATTEMPTS_MAX {
            return self.hold(&ticket, attempts, swept).await;
        }
        let wait = lease * 2_i64.saturating_pow(attempts).min(BACKOFF_LEASES_MAX);
        if self
            .world
            .tickets
            .postpone(turn, ticket.version(), now.plus_millis(wait), attempts + 1)
            .await?
        {
            let hint = Hint::of(&ticket);
            self.world.hints.send(step, &hint).await?;
            swept.hinted += 1;
            tracing::warn!(ticket.id = %ticket.id(), %step, attempt = attempts + 1, "turn hinted at again");
        }
        Ok(())
    }

    /// Puts off a ticket whose lead has no answer yet; `false` when it has one, or there will be none, and of
    /// whatever follows nobody.
    async fn waits(&self, turn: &DueTurn, ticket: &Ticket) -> Result<bool, PortError> {
        let Some(lead) = ticket.lead().filter(|_| ticket.turn() == Turn::Lead) else {
            return Ok(false);
        };
        // One that cannot be read gives no answer either: what fails for it is counted, and ends.
        let lead = readable(&self.world, lead).await?;
        if lead.is_none_or(|lead| lead.as_lead() != Lead::Open) {
            return Ok(false);
        }
        let later = self.world.clock.now().plus_millis(FOLLOW_MS);
        self.world.tickets.postpone(turn, ticket.version(), later, 0).await?;
        Ok(true)
    }

    /// Asked once a run and step; the guard needs no better.
    async fn backlog(
        &self,
        step: Step,
        backlogs: &mut BTreeMap<Step, u64>,
    ) -> Result<u64, PortError> {
        if let Some(known) = backlogs.get(&step) {
            return Ok(*known);
        }
        let backlog = self.world.hints.backlog(step).await?;
        backlogs.insert(step, backlog);
        Ok(backlog)
    }

    async fn hold(
        &self,
        ticket: &Ticket,
        attempts: u32,
        swept: &mut Swept,
    ) -> Result<(), PortError> {
        let context = Context {
            actor: Actor::Sweep,
            now: self.world.clock.now(),
            calendar: &*self.world.rules.calendar().await?,
            directory: &Directory::default(),
            cause: None,
        };
        // Who could not take its lead's answer is dealt with by people, as if it had none.
        let command = match ticket.turn() {
            Turn::Lead => Command::Unmerge,
            Turn::Machine(_) | Turn::Human(_) | Turn::End => Command::Hold { attempts },
        };
        let held = ticket.execute(&command, &context);
        let held = held.map_err(|refusal| PortError::Permanent(refusal.to_string()))?;
        if self.world.tickets.advance(ticket, &held).await? == Advanced::Done {
            swept.held += 1;
            let word = if command == Command::Unmerge { UNMERGED } else { HELD };
            tracing::error!(ticket.id = %ticket.id(), from = %ticket.status(), attempts, "{word}");
        }
        Ok(())
    }
}

#[async_trait]
impl Function for Sweep {
    async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        let all = event.get("all").and_then(Value::as_bool).unwrap_or(false);
        let swept = self.run(all).await;
        if (Swept { lag_s: 0, ..swept }) != Swept::default() {
            tracing::info!(?swept, all, "swept");
        }
        Ok(json!({
            "hinted": swept.hinted, "put_off": swept.put_off, "held": swept.held, "told": swept.told, "failed": swept.failed,
        }))
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    Arc::new(Sweep::new(world))
}
