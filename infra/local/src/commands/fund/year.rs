//! `lianxin fund year`: a made year of the fund in a fresh city, for tests and demonstrations.
//!
//! Every request comes through the door and goes its way by the real steps; every order goes through the fund's one
//! command function, on the days on which a city would give it. Only what people decide is drawn from the seed.

mod plan;
mod play;

use anyhow::{Context as _, ensure};
use clap::Args;
use domain::Timestamp;
use domain::fund::{Act, Balance, FiscalYear, Money};
use ports::{Clock as _, World};
use serde_json::json;

use self::play::Player;
use crate::city::Access;
use crate::commands::{print, say};

/// So many entries are read at a time.
const PAGE: u16 = 500;
/// After so many steps a line tells how far it is.
const TELL_EVERY: usize = 2_000;

/// Play a year of the fund in a fresh city
#[derive(Debug, Args)]
pub(super) struct Year {
    /// What everything is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// So many cases ask for money
    #[arg(long, default_value_t = 1_000)]
    cases: u32,
    /// Which year; by default the last that is over
    #[arg(long)]
    year: Option<u16>,
}

impl Year {
    pub(super) async fn run(self, access: &Access, json: bool) -> anyhow::Result<()> {
        ensure!((1..=100_000).contains(&self.cases), "--cases must be from 1 to 100000");
        let last = FiscalYear::of(access.clock.wall()).number().saturating_sub(1);
        let number = self.year.unwrap_or(last);
        let year = FiscalYear::new(number).with_context(|| format!("{number} is no year"))?;
        let begin = Timestamp::parse(&format!("{number}-01-01T08:00:00+08:00"))?;
        ensure!(access.running.is_none(), "stop the running city first: a year is played alone");
        access.clock.begin_at(begin).context("a year is played in a fresh city: give --data")?;
        let world = access.world(crate::city::DESK)?;
        let directory = world.rules.directory().await?;
        let steps = plan::year(self.seed, self.cases, &directory, year)?;
        let mut player = Player::new(&world, self.seed, year);
        for (done, step) in steps.iter().enumerate() {
            access.clock.advance_to(step.at)?;
            player.take(step).await.with_context(|| format!("at {}: {:?}", step.at, step.act))?;
            if done % TELL_EVERY == 0 {
                say(&format!("{} of {} steps, {}", done, steps.len(), step.at));
            }
        }
        let end = Timestamp::parse(&format!("{}-01-01T00:00:00+08:00", number + 1))?;
        access.clock.advance_to(end.plus_millis(Timestamp::HOUR_MS))?;
        report(&world, (year, player.tickets()), json).await
    }
}

async fn report(
    world: &World,
    (year, tickets): (FiscalYear, usize),
    json: bool,
) -> anyhow::Result<()> {
    let accounts = world.fund.accounts(year).await?;
    let (mut postings, mut payouts) = (0, 0);
    for account in accounts.iter().map(|balance| &balance.account) {
        let mut after = 0;
        loop {
            let page = world.fund.entries(account, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            postings += page.len();
            payouts += page.iter().filter(|one| matches!(one.act, Act::Paid { .. })).count();
        }
    }
    let sum = |part: fn(&Balance) -> Money| {
        let all = Money::sum(accounts.iter().map(part));
        all.context("a sum is more than an amount can be")
    };
    let (appropriated, available) = (sum(|b| b.appropriated)?, sum(|b| b.available)?);
    let (reserved, paid) = (sum(|b| b.reserved)?, sum(|b| b.paid)?);
    let object = json!({
        "year": year.number(),
        "tickets": tickets,
        "accounts": accounts.len(),
        "postings": postings,
        "payouts": payouts,
        "appropriated_fen": appropriated.fen(),
        "available_fen": available.fen(),
        "reserved_fen": reserved.fen(),
        "paid_fen": paid.fen(),
    });
    let lines = format!(
        "{}: {tickets} cases, {postings} entries on {} accounts, {payouts} payments\n\
         appropriated {appropriated} yuan = available {available} + reserved {reserved} + paid {paid}\n\
         next: `lianxin report fund --period {} --out DIR`",
        year.number(),
        accounts.len(),
        year.number()
    );
    print(json, &object, &lines)
}
