//! What the channels' receivers are told of what was replayed: how they are made to fail, and whether
//! they have heard all of it in the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use domain::{Ticket, TicketId, Timestamp, tellings};
use ports::{Clock as _, World};
use serde_json::{Value, json};

use super::Stage;
use super::sender::Sent;
use crate::city::{CityClock, DESK};
use crate::wire::Channel;

/// How often is looked whether everybody was told.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Of each channel so many are looked at, the next ones.
const LOOKED_AT: u16 = 1000;

/// How the receivers behave while messages are replayed.
#[derive(Clone, Debug, Args)]
pub(super) struct Receivers {
    /// Wait until every channel was told every status, too; once nobody else has anything to do, city
    /// time moves on to the next attempt
    #[arg(long)]
    until_told: bool,
    /// Let the city's receivers fail so often of a hundred times, half of them after they have taken
    /// what they were told; includes --until-told
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=90))]
    receivers_fail: u8,
    /// Let all of the city's receivers be down for so many seconds from the beginning; includes
    /// --until-told
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    receivers_down: u64,
}

impl Receivers {
    /// Whether everybody is to be told before the command ends.
    pub(super) const fn are_waited_for(&self) -> bool {
        self.until_told || self.receivers_fail > 0 || self.receivers_down > 0
    }

    /// Makes them fail, and gives what ends when they are up again.
    pub(super) async fn begin(
        &self,
        city: &str,
    ) -> anyhow::Result<impl Future<Output = anyhow::Result<()>> + Send + use<>> {
        let (city, down, fail) = (city.to_owned(), self.receivers_down, self.receivers_fail);
        if fail > 0 || down > 0 {
            mood(&city, &json!({ "fail_percent": fail, "down": down > 0 })).await?;
        }
        Ok(async move {
            if down > 0 {
                tokio::time::sleep(Duration::from_secs(down)).await;
                mood(&city, &json!({ "fail_percent": fail })).await?;
            }
            Ok(())
        })
    }

    /// Waits until nobody is to be told anything any more, or nothing moves for longer than
    /// `patience`; then the receivers fail no more. Gives what they have heard of what was sent.
    pub(super) async fn end(
        &self,
        stage: &Stage,
        sent: &Sent,
        patience: Duration,
    ) -> anyhow::Result<Told> {
        let world = stage.access().world(DESK)?;
        settle(&world, &stage.access().clock, patience).await?;
        if self.receivers_fail > 0 || self.receivers_down > 0 {
            mood(&stage.url, &json!({})).await?;
        }
        Told::of(&world, &stage.url, sent).await
    }
}

async fn mood(city: &str, mood: &Value) -> anyhow::Result<()> {
    let http = reqwest::Client::new();
    for channel in Channel::ALL {
        let set = http.post(format!("{city}/receivers/{channel}/mood")).json(mood).send().await;
        set.and_then(reqwest::Response::error_for_status).context("a receiver has no such mood")?;
    }
    Ok(())
}

async fn settle(world: &World, clock: &Arc<CityClock>, patience: Duration) -> anyhow::Result<()> {
    let (mut before, mut moved_at) = (Vec::new(), Instant::now());
    loop {
        let mut due = Vec::new();
        for channel in world.hints.channels() {
            due.extend(world.deliveries.due(&channel, Timestamp::MAX, LOOKED_AT).await?);
        }
        let Some(next) = due.iter().map(|one| one.due).min() else { return Ok(()) };
        if due != before {
            (before, moved_at) = (due, Instant::now());
        }
        if moved_at.elapsed() > patience {
            tracing::error!(due = before.len(), "replay gave up: somebody is not told");
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
        // The sweep asks once a minute of city time.
        clock.advance_to(next.max(clock.now().plus_millis(Timestamp::MINUTE_MS)))?;
    }
}

/// What the receivers have heard of the tickets that were sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// How much they were told, each thing once.
    heard: usize,
    /// How often they were told what they knew.
    again: usize,
    /// How much there was to tell that they have not heard.
    missing: usize,
    /// How often they heard something later than what happened after it.
    disordered: usize,
}

impl Told {
    async fn of(world: &World, city: &str, sent: &Sent) -> anyhow::Result<Self> {
        let heard: Value = reqwest::get(format!("{city}/receivers")).await?.json().await?;
        let all = heard.as_array().context("receivers are a list")?.iter();
        let all = all.filter_map(|one| one.get("told")?.as_array()).flatten();
        let mut by_ticket: BTreeMap<&str, Vec<(u32, u64)>> = BTreeMap::new();
        for one in all {
            let key = one.get("key").and_then(Value::as_str).and_then(|key| key.split_once('/'));
            let Some((ticket, seq)) = key else { continue };
            let times = one.get("times").and_then(Value::as_u64).unwrap_or_default();
            by_ticket.entry(ticket).or_default().push((seq.parse()?, times));
        }
        let mut told = Self::default();
        for id in sent.tickets.keys() {
            let ticket = whole(world, id).await?;
            let heard = by_ticket.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
            told.count(&ticket, heard);
        }
        Ok(told)
    }

    fn count(&mut self, ticket: &Ticket, heard: &[(u32, u64)]) {
        let wanted = tellings(ticket.timeline(), 0);
        self.heard += heard.len();
        self.again +=
            heard.iter().filter_map(|(_, times)| usize::try_from(times - 1).ok()).sum::<usize>();
        // Of who was erased nothing is told any more.
        if ticket.erased_at().is_none() {
            let missing = |seq: u32| !heard.iter().any(|(one, _)| *one == seq);
            self.missing += wanted.iter().filter(|one| missing(one.seq)).count();
        }
        self.disordered +=
            heard.windows(2).filter(|pair| matches!(pair, [a, b] if a.0 > b.0)).count();
    }

    pub(super) fn to_json(self) -> Value {
        let Self { heard, again, missing, disordered } = self;
        json!({ "heard": heard, "again": again, "missing": missing, "disordered": disordered })
    }
}

async fn whole(world: &World, id: &TicketId) -> anyhow::Result<Ticket> {
    world.tickets.whole(id).await?.context("a ticket that was answered for is not there")
}
