//! What a report on the fund costs, by the length of the journal before its period and by that of the period.

use std::time::Instant;

use anyhow::Context as _;
use domain::fund::{
    AccountId, AccountOwner, Balance, Deed, FiscalYear, LedgerChange, Money, Occasion, Order, View,
    decide,
};
use domain::{Actor, CommandId, Timestamp};
use ports::{Advanced, World};
use reports::Period;
use schedule_fund_report::FundReports;
use serde_json::{Value, json};

use super::round;
use crate::city::{Access, DESK, DataDir};

/// The year of the journals that are made.
const YEAR: u16 = 2025;
/// The period that is reported on, and the one before it, whose report has been made.
const PERIOD: &str = "2025-12";
const BEFORE: &str = "2025-11";
/// The report is made so often; the median of the times is given.
const TIMES: usize = 5;

/// Makes a journal with so many entries before the period and so many in it, and the report; gives what it took.
pub(super) async fn measured(data: DataDir, (before, inside): (u32, u32)) -> anyhow::Result<Value> {
    let access = Access::open(data).await?;
    let world = access.world(DESK)?;
    let of = |text: &str| Timestamp::parse(&format!("{text}T00:00:00+08:00"));
    access.clock.begin_at(of("2025-01-02")?)?;
    let mut journal = Journal::new(&world)?;
    journal.write(before, (of("2025-01-02")?, of("2025-12-01")?)).await?;
    journal.write(inside, (of("2025-12-01")?, of("2026-01-01")?)).await?;
    access.clock.advance_to(of("2026-01-02")?)?;
    let reports = FundReports::new(world.clone());
    // The report of the month before leaves how the account stood.
    reports.publish(Period::parse(BEFORE)?).await?;
    let (mut times, mut counts) = (Vec::new(), None);
    for _ in 0..TIMES {
        let (began, earlier) = (Instant::now(), access.meter.snapshot());
        let report = reports.make(Period::parse(PERIOD)?).await?;
        anyhow::ensure!(report.figures.postings.len() == usize::try_from(inside)?, "all entries");
        times.push(began.elapsed().as_secs_f64() * 1e3);
        counts = Some(access.meter.snapshot() - earlier);
    }
    times.sort_by(f64::total_cmp);
    let counts = counts.context("it was made")?;
    access.close().await?;
    Ok(json!({
        "entries": before + inside,
        "of_the_period": inside,
        "read_units": round(counts.dynamodb_read_units),
        "dynamodb_requests": counts.dynamodb_requests,
        "s3_requests": counts.s3_requests,
        "ms": round(times.get(TIMES / 2).copied().unwrap_or_default()),
    }))
}

/// One account's journal, as it is written.
struct Journal<'a> {
    world: &'a World,
    balance: Balance,
    actor: Actor,
}

impl<'a> Journal<'a> {
    fn new(world: &'a World) -> anyhow::Result<Self> {
        let year = FiscalYear::new(YEAR).context("the year")?;
        let actor = Actor::parse("staff:finance-1/supervisor/command-centre")
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let balance = Balance::new(AccountId { owner: AccountOwner::Fund, year });
        Ok(Self { world, balance, actor })
    }

    /// Writes so many entries, evenly over a time.
    async fn write(
        &mut self,
        entries: u32,
        (from, until): (Timestamp, Timestamp),
    ) -> anyhow::Result<()> {
        let apart = (until.millis() - from.millis()) / i64::from(entries.max(1));
        for number in 0..entries {
            self.entry(from.plus_millis(apart * i64::from(number))).await?;
        }
        Ok(())
    }

    /// The next entry, as the one command function would write it.
    async fn entry(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let account = self.balance.account.clone();
        let amount = Money::from_fen(i64::from(self.balance.seq) + 1)?;
        let order = Order { account: account.clone(), deed: Deed::Appropriate { amount } };
        let mut view = View::default();
        view.accounts.insert(account, self.balance.clone());
        let cause = CommandId::derive("bench", &self.balance.seq.to_string());
        let occasion = Occasion { actor: self.actor.clone(), now, cause };
        let postings = decide(&order, &view, &occasion)?;
        let change = LedgerChange::of(&view, postings)?.context("an entry")?;
        let posted = self.world.fund.post(&change, None).await?;
        anyhow::ensure!(posted == Advanced::Done, "nobody else writes here");
        self.balance = change.balances.into_iter().next().context("the account")?;
        Ok(())
    }
}
