//! The figures against a second way of counting, and against each other.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::fund::Category;
use proptest::prelude::*;
use reports::fund::{Figures, Group, Parts, figures};
use reports::{Net, Period, PeriodKind};

use super::city::{
    City, L1, S1, S2, TOWNSHIPS, accept, apply, approve, at, case, contract, handler, pay, release,
    reserve, yuan,
};
use super::recount::{Line, in_part, lines, net, payee, township};
use super::year::played;

fn of(city: &City, period: &str) -> Figures {
    figures(&city.over(period)).unwrap()
}

fn parts_of(lines: &[Line], account: &str, before: Timestamp) -> [i64; 3] {
    ["available", "reserved", "paid"].map(|part| in_part(lines, account, part, before))
}

fn fen(parts: &Parts) -> [i64; 3] {
    [parts.available, parts.reserved, parts.paid].map(Net::fen)
}

/// Holds a report to a recount over the entries.
pub(crate) fn check(city: &City, lines: &[Line], figures: &Figures) {
    let from = figures.period.from();
    let until = if figures.over { figures.as_of } else { figures.as_of.plus_millis(1) };
    for account in &figures.accounts {
        let name = account.account.to_string();
        assert_eq!(fen(&account.opening), parts_of(lines, &name, from), "{name}");
        assert_eq!(fen(&account.closing), parts_of(lines, &name, until), "{name}");
        for movement in &account.movements {
            let kind = movement.kind.as_str();
            let now = |one: &&Line| one.account == name && (from..until).contains(&one.at);
            let done = lines.iter().filter(now).filter(|one| one.kind == kind);
            let undone = lines.iter().filter(now);
            let undone = undone.filter(|one| one.reverses.as_deref() == Some(kind));
            assert_eq!(movement.done.fen(), done.map(|one| one.fen).sum::<i64>());
            assert_eq!(movement.undone.fen(), undone.map(|one| one.fen).sum::<i64>());
        }
    }
    let all: i64 = net(lines, (from, until), |_| Some(())).values().sum();
    assert_eq!(figures.townships.iter().map(|one| one.group.net.fen()).sum::<i64>(), all);
    let own = net(lines, (from, until), |one| Some(one.account.clone()));
    let by_account: BTreeMap<String, i64> = figures
        .accounts
        .iter()
        .map(|one| (one.account.to_string(), one.closing.paid.fen() - one.opening.paid.fen()))
        .filter(|(_, fen)| *fen != 0)
        .collect();
    assert_eq!(
        own.into_iter().filter(|(_, fen)| *fen != 0).collect::<BTreeMap<_, _>>(),
        by_account
    );
    let categories = net(lines, (from, until), |one| {
        let id = one.application.as_ref()?;
        let entries = city.postings().find(|posting| posting.application.as_ref() == Some(id));
        Some(category(&entries?.to_record().fields["items"]))
    });
    for group in &figures.categories {
        assert_eq!(
            group.net.fen(),
            categories.get(&group.key).copied().unwrap_or(0),
            "{}",
            group.key
        );
    }
    let payees = net(lines, (from, until), |one| payee(lines, one));
    assert_eq!(groups(figures.payees.iter()), payees);
    let mut townships = net(lines, (from, until), |one| Some(township(lines, one, &TOWNSHIPS)));
    for account in &figures.accounts {
        let owner = account.account.to_string();
        townships.entry(owner.split('/').next().unwrap().to_owned()).or_default();
    }
    assert_eq!(groups(figures.townships.iter().map(|one| &one.group)), townships);
    let now = |one: &&Line| (from..until).contains(&one.at);
    let many = |of: &dyn Fn(&Line) -> bool| {
        i64::try_from(lines.iter().filter(now).filter(|one| of(one)).count()).unwrap()
    };
    let standing =
        many(&|one| one.kind == "paid") - many(&|one| one.reverses.as_deref() == Some("paid"));
    for groups in [&figures.categories, &figures.payees] {
        assert_eq!(groups.iter().map(|one| one.payouts).sum::<i64>(), standing);
    }
    let paid = lines.iter().filter(|one| one.kind == "paid");
    let paid = paid.filter(|one| (from..until).contains(&one.at));
    assert_eq!(figures.payouts.len(), paid.clone().count());
    let told: i64 = figures.payouts.iter().map(|one| one.amount.fen()).sum();
    assert_eq!(told, paid.map(|one| one.fen).sum::<i64>());
}

fn groups<'a>(groups: impl Iterator<Item = &'a Group>) -> BTreeMap<String, i64> {
    groups.map(|group| (group.key.clone(), group.net.fen())).collect()
}

/// The category of the largest item of such a text as `road=120,power=30`.
fn category(items: &str) -> String {
    let (mut best, mut most) = ("", -1);
    for item in items.split(',') {
        let (name, fen) = item.split_once('=').unwrap();
        if fen.parse::<i64>().unwrap() > most {
            (best, most) = (name, fen.parse().unwrap());
        }
    }
    best.to_owned()
}

#[test]
fn every_period_of_a_played_year_is_as_recounted() {
    let city = played(1, 300);
    let lines = lines(&city);
    assert!(lines.len() > 1500, "{}", lines.len());
    let year = of(&city, "2026");
    assert!(year.over && year.anomalies.is_empty(), "{:?}", year.anomalies);
    assert!(year.payouts.len() > 300 && year.returned.len() > 20);
    for kind in PeriodKind::ALL {
        for period in year.period.parts(*kind) {
            check(&city, &lines, &of(&city, &period.to_string()));
        }
    }
    check(&city, &lines, &of(&city, "2027-01"));
}

#[test]
fn months_add_up_to_quarters_and_quarters_to_the_year() {
    let city = played(2, 200);
    for (whole, kind) in
        [("2026", PeriodKind::Month), ("2026", PeriodKind::Quarter), ("2026-Q2", PeriodKind::Month)]
    {
        let whole = of(&city, whole);
        let parts: Vec<Figures> =
            whole.period.parts(kind).iter().map(|part| of(&city, &part.to_string())).collect();
        add_up(&whole, &parts);
    }
}

fn add_up(whole: &Figures, parts: &[Figures]) {
    for two in parts.windows(2) {
        for account in &two[1].accounts {
            let before = two[0].accounts.iter().find(|one| one.account == account.account);
            let closing = before.map(|one| one.closing).unwrap_or_default();
            assert_eq!(account.opening, closing, "{}", account.account);
        }
    }
    assert_eq!(whole.totals, parts.last().unwrap().totals);
    assert_eq!(whole.position, parts.last().unwrap().position);
    let sum = |of: &dyn Fn(&Figures) -> i64| parts.iter().map(of).sum::<i64>();
    for (at, category) in whole.categories.iter().enumerate() {
        assert_eq!(category.net.fen(), sum(&|one| one.categories[at].net.fen()));
    }
    assert_eq!(whole.counts.asked.amount.fen(), sum(&|one| one.counts.asked.amount.fen()));
    assert_eq!(whole.counts.approved.count, sum(&|one| one.counts.approved.count));
    assert_eq!(whole.counts.refused.count, sum(&|one| one.counts.refused.count));
    let payouts: usize = parts.iter().map(|one| one.payouts.len()).sum();
    assert_eq!(whole.payouts.len(), payouts);
    for account in &whole.accounts {
        for movement in &account.movements {
            let part = |figures: &Figures| {
                let of = figures.accounts.iter().find(|one| one.account == account.account);
                let of = of.and_then(|one| one.movements.iter().find(|m| m.kind == movement.kind));
                of.map_or(0, |one| one.done.fen() - one.undone.fen())
            };
            assert_eq!(movement.done.fen() - movement.undone.fen(), sum(&part));
        }
    }
}

#[test]
fn a_period_that_goes_on_is_preliminary_and_of_its_last_entry() {
    let city = played(3, 100);
    let now = at("2026-06-17T12:00");
    let figures = figures(&city.source("2026-06", now)).unwrap();
    let last = city.postings().map(|one| one.at).filter(|at| *at < now).max().unwrap();
    assert!(!figures.over);
    assert_eq!(figures.as_of, last);
    let over = of(&city, "2026-06");
    assert!(over.over);
    assert_eq!(over.as_of, at("2026-07-01T00:00"));
}

#[test]
fn an_empty_period_has_figures_too() {
    let figures = figures(&City::default().over("2026-03")).unwrap();
    assert!(figures.accounts.is_empty() && figures.payouts.is_empty());
    assert_eq!(figures.paid.len(), 31);
    assert_eq!(figures.totals, Parts::default());
}

/// One application, with every figure by hand.
#[test]
fn a_payment_is_told_with_all_by_which_it_can_be_checked() {
    let mut city = City::default();
    let id = case("A-1");
    let fund = "fund/2026";
    let h1 = handler(1, "mishan");
    city.does(
        "2026-01-05T09:00",
        S1,
        fund,
        domain::fund::Deed::Appropriate { amount: yuan("100,000") },
    );
    let items = [
        (Category::Water, yuan("500")),
        (Category::Road, yuan("500")),
        (Category::Power, yuan("9,000")),
    ];
    city.does("2026-02-02T09:00", &h1, fund, apply(&id, &items));
    city.does("2026-02-10T09:00", S1, fund, approve(&id, yuan("9,000.50")));
    city.does("2026-02-11T09:00", S2, fund, reserve(&id));
    city.does("2026-02-12T09:00", S2, fund, contract(&id));
    city.does("2026-03-02T09:00", S2, fund, accept(&id));
    city.does("2026-03-03T09:00", S2, fund, pay(&id, yuan("4,000.25"), "SAMPLE-FIRM-01", "A"));
    let march = of(&city, "2026-03");
    let [payout] = march.payouts.as_slice() else { panic!("{:?}", march.payouts) };
    assert_eq!(payout.amount, yuan("4,000.25"));
    assert_eq!(payout.entry.to_string(), "fund/2026#7");
    assert_eq!(payout.approval.as_ref().unwrap().to_string(), "fund/2026#3");
    assert_eq!(payout.contract.as_ref().unwrap().to_string(), "fund/2026#5");
    assert_eq!(payout.acceptance.as_ref().unwrap().to_string(), "fund/2026#6");
    assert_eq!(payout.approver.as_ref().unwrap().to_string(), S1);
    assert_eq!(payout.applicant.to_string(), h1);
    assert_eq!(payout.approved, Some(yuan("9,000.50")));
    assert_eq!(payout.category, Category::Power);
    let account = &march.accounts[0];
    assert_eq!(fen(&account.opening), [9_099_950, 900_050, 0]);
    assert_eq!(fen(&account.closing), [9_099_950, 500_025, 400_025]);
    assert_eq!(account.used, Some(900));
    assert_eq!(account.below_floor, Some(yuan("49,900,000")));
    // What the special fund paid for what people of a township applied for counts under the township.
    let township = march.townships.iter().find(|one| one.group.key == "township.mishan").unwrap();
    assert_eq!((township.own.fen(), township.city.fen()), (0, 400_025));
    let [reservation] = march.reservations.as_slice() else { panic!() };
    assert_eq!((reservation.days, reservation.amount.fen()), (48, 500_025));
    assert_eq!(march.ages[1].count, 1);
    city.does("2026-04-01T09:00", S2, fund, release(&id));
    assert!(of(&city, "2026-04").reservations.is_empty());
}

#[test]
fn reservations_are_of_the_age_of_their_last_reservation() {
    let mut city = City::default();
    let (id, fund) = (case("A-1"), "fund/2026");
    city.does(
        "2026-01-05T09:00",
        S1,
        fund,
        domain::fund::Deed::Appropriate { amount: yuan("100,000") },
    );
    city.does("2026-01-06T09:00", S2, fund, apply(&id, &[(Category::Road, yuan("70"))]));
    city.does("2026-01-07T09:00", L1, fund, approve(&id, yuan("70")));
    let reserved = city.does("2026-01-08T09:00", S2, fund, reserve(&id));
    let entry = reserved[0].seq;
    city.does("2026-03-02T09:00", S1, fund, domain::fund::Deed::Reverse { entry });
    city.does("2026-03-03T09:00", S2, fund, reserve(&id));
    let march = of(&city, "2026-03");
    assert_eq!(march.reservations[0].days, 28);
    assert_eq!(march.ages[0].count, 1);
    assert_eq!(march.returned.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the seed, a month, its quarter and the year are as recounted, and hold together.
    #[test]
    fn any_year_is_as_recounted(seed in any::<u64>(), month in 0..12_usize) {
        let city = played(seed, 60);
        let lines = lines(&city);
        let year = Period::parse("2026").unwrap();
        let month = year.parts(PeriodKind::Month)[month];
        let quarter = Period::of(month.from(), PeriodKind::Quarter);
        for period in [month, quarter, year] {
            check(&city, &lines, &of(&city, &period.to_string()));
        }
    }
}
