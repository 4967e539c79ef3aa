//! What a report on the fund reads, metered on the engines: its period's entries, however long the journal is.

use domain::fund::{AccountId, Balance, Deed, LedgerChange, Money, Occasion, Order, View, decide};
use domain::{Actor, CommandId, Timestamp};
use ports::{Advanced, World};
use reports::Period;
use schedule_fund_report::FundReports;
use simulation::Stand as _;

use crate::stands::Engines;

/// A journal with so many entries before the period, and so many in it.
async fn journal(world: &World, (before, inside): (u32, u32)) {
    let account = AccountId::parse("fund/2025").unwrap();
    let mut balance = Balance::new(account.clone());
    let (old, new) = ("2025-10-08T09:00:00+08:00", "2025-12-08T09:00:00+08:00");
    for (entries, at) in [(before, old), (inside, new)] {
        for _ in 0..entries {
            let amount = Money::from_fen(100_000 + i64::from(balance.seq)).unwrap();
            let order = Order { account: account.clone(), deed: Deed::Appropriate { amount } };
            let mut view = View::default();
            view.accounts.insert(account.clone(), balance.clone());
            let actor = Actor::parse("staff:f1/supervisor/command-centre").unwrap();
            let cause = CommandId::derive("journal", &balance.seq.to_string());
            let occasion = Occasion { actor, now: Timestamp::parse(at).unwrap(), cause };
            let postings = decide(&order, &view, &occasion).unwrap();
            let change = LedgerChange::of(&view, postings).unwrap().unwrap();
            assert_eq!(world.fund.post(&change, None).await.unwrap(), Advanced::Done);
            balance = change.balances[0].clone();
        }
    }
}

/// What the report of December costs once that of November is published: read units and requests.
async fn december(lengths: (u32, u32)) -> (f64, u64) {
    let engines = Engines::new().await;
    journal(engines.world(), lengths).await;
    let reports = FundReports::new(engines.world().clone());
    reports.publish(Period::parse("2025-11").unwrap()).await.unwrap();
    let before = engines.access.meter.snapshot();
    let report = reports.make(Period::parse("2025-12").unwrap()).await.unwrap();
    let cost = engines.access.meter.snapshot() - before;
    assert_eq!(report.figures.postings.len(), lengths.1 as usize);
    (cost.dynamodb_read_units, cost.dynamodb_requests + cost.s3_requests)
}

#[tokio::test]
async fn a_report_reads_its_period_and_not_the_journal() {
    let (few, many) = (december((20, 30)).await, december((500, 30)).await);
    assert!((few.0 - many.0).abs() <= 1.0, "{few:?} and {many:?} read units and requests");
    assert_eq!(few.1, many.1, "requests");
    let longer = december((20, 300)).await;
    assert!(longer.0 > few.0 + 10.0, "{few:?} and {longer:?}");
}
