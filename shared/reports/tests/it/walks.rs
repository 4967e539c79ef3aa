//! What holds of a report whatever was ordered and whenever it is made: it can be made, and is as recounted.

use std::collections::BTreeSet;

use domain::Timestamp;
use domain::fund::{ActKind, ApplicationId, Category, Deed, Money, Order, Stage};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reports::fund::{figures, files};
use reports::{Period, PeriodKind};

use super::city::{
    City, L1, S1, S2, accept, account, apply, approve, at, case, contract, handler, pay, refund,
    refuse, release, reserve, yuan,
};
use super::figures::check;
use super::recount::lines;

const ACCOUNTS: [&str; 6] = [
    "fund/2026",
    "centre/2026",
    "township.mishan/2026",
    "fund/2027",
    "centre/2027",
    "township.mishan/2027",
];

/// Somebody orders something, mostly what is next; what the ledger refuses is not done.
pub(crate) fn walked(seed: u64, steps: usize) -> City {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut city = City::default();
    let mut now = at("2026-10-01T09:00");
    for on in ACCOUNTS.into_iter().take(3) {
        city.does("2026-10-01T09:00", S1, on, Deed::Appropriate { amount: yuan("500,000") });
    }
    let people =
        [S1.to_owned(), S2.to_owned(), L1.to_owned(), handler(1, "mishan"), handler(2, "mishan")];
    for _ in 0..steps {
        let hours = if rng.random_bool(0.02) { 24 * 40 } else { rng.random_range(0..20) };
        now = now.plus_millis(hours * Timestamp::HOUR_MS + 1);
        let order = order(&city, &mut rng, now);
        for who in &people {
            if city.gives(now, who, &order).is_ok() {
                break;
            }
        }
    }
    city
}

fn order(city: &City, rng: &mut StdRng, now: Timestamp) -> Order {
    let is_new = now >= at("2027-01-01T00:00");
    let id = case(&format!("W-{}", rng.random_range(0..6)));
    let known = city.applications.get(&id);
    let home = known.map(|known| known.account.clone());
    let any = account(ACCOUNTS[rng.random_range(0..6)]);
    let here = home
        .clone()
        .unwrap_or_else(|| account(ACCOUNTS[rng.random_range(0..3) + if is_new { 3 } else { 0 }]));
    let entries = city.journals.get(&here).map_or(0, Vec::len);
    let amount = Money::from_fen(rng.random_range(1..400_000)).unwrap();
    let back = Deed::Reverse { entry: u32::try_from(rng.random_range(0..=entries)).unwrap() };
    match rng.random_range(0..20) {
        0 => Order { account: here, deed: Deed::Appropriate { amount } },
        1 => {
            let to = account(ACCOUNTS[rng.random_range(0..6)]);
            Order { account: any, deed: Deed::Transfer { to, amount } }
        }
        2 | 3 => Order { account: here, deed: back },
        4 => Order { account: any, deed: Deed::Close { carry: rng.random_bool(0.5) } },
        5 => Order { account: here, deed: release(&id) },
        6 => Order { account: here, deed: refuse(&id) },
        7 | 8 => given_back(city, &id, here, rng),
        _ if is_new && here.year.number() == 2026 => {
            Order { account: here, deed: Deed::Carry { application: id } }
        }
        _ => Order { account: here, deed: forward(city, &id, amount, rng) },
    }
}

fn given_back(
    city: &City,
    id: &ApplicationId,
    here: domain::fund::AccountId,
    rng: &mut StdRng,
) -> Order {
    let payments = city.applications.get(id).map(|known| known.payments.clone());
    let payments = payments.unwrap_or_default();
    if payments.is_empty() {
        return Order { account: here, deed: release(id) };
    }
    let payment = payments[rng.random_range(0..payments.len())].entry.clone();
    let amount = Money::from_fen(rng.random_range(1..1000)).unwrap();
    Order { account: payment.account.clone(), deed: refund(id, payment, amount) }
}

/// What brings a case one step on.
fn forward(city: &City, id: &ApplicationId, amount: Money, rng: &mut StdRng) -> Deed {
    let Some(known) = city.applications.get(id) else {
        let category = Category::ALL[rng.random_range(0..Category::ALL.len())];
        return apply(id, &[(category, amount), (Category::Other, amount)]);
    };
    let payee = ["SAMPLE-FIRM-01", "SAMPLE-FIRM-02", "911405810000000017"][rng.random_range(0..3)];
    match known.stage() {
        Stage::Applied => approve(id, known.asked),
        Stage::Approved => reserve(id),
        Stage::Reserved => contract(id),
        Stage::Contracted => accept(id),
        Stage::Accepted | Stage::Refused | Stage::Ended => {
            pay(id, amount, payee, &rng.random_range(0..u64::MAX).to_string())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_report_can_be_made_of_any_ledger_at_any_time(
        seed in any::<u64>(),
        kind in 0..PeriodKind::ALL.len(),
        hours in 0..24 * 200_i64,
    ) {
        let city = walked(seed, 200);
        let lines = lines(&city);
        let now = at("2026-10-01T09:00").plus_millis(hours * Timestamp::HOUR_MS);
        let period = Period::of(now, PeriodKind::ALL[kind]);
        let before = Period::last_complete(now, PeriodKind::ALL[kind]);
        for period in [period, before] {
            let figures = figures(&city.source(&period.to_string(), now)).unwrap();
            check(&city, &lines, &figures);
            prop_assert_eq!(files(&figures).unwrap().len(), 6);
        }
    }
}

/// The walks would prove little if they stood still.
#[test]
fn the_walks_come_everywhere() {
    let mut kinds = BTreeSet::new();
    for seed in 0..40 {
        kinds.extend(walked(seed, 200).postings().map(|posting| posting.act.kind()));
    }
    assert_eq!(kinds, ActKind::ALL.iter().copied().collect());
}
