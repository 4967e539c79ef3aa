//! Every kind of anomaly is found once where somebody does it, and never where nobody does.

use domain::fund::{Act, ApplicationId, Category, Deed, Money};
use reports::fund::{AnomalyKind, Figures, Source, figures};

use super::city::{
    City, L1, S1, S2, TOWNSHIPS, accept, apply, approve, case, contract, handler, pay, release,
    reserve, yuan,
};
use super::year::played;

const FUND: &str = "fund/2026";

/// The days, and the person of each, on which an application goes its way.
#[derive(Clone, Copy, Debug)]
struct Plan<'a> {
    on: &'a str,
    applied: (&'a str, &'a str),
    approved: (&'a str, &'a str),
    then: &'a str,
    by: &'a str,
}

const PLAN: Plan<'static> = Plan {
    on: FUND,
    applied: ("2026-03-02T09:00", "staff:h1-mishan/handler/mishan"),
    approved: ("2026-03-04T09:00", S1),
    then: "2026-03-06",
    by: S2,
};

fn city() -> City {
    let mut city = City::default();
    let accounts = TOWNSHIPS.iter().map(|(code, _)| format!("township.{code}/2026"));
    for on in accounts.chain([FUND.to_owned()]) {
        city.does("2026-01-05T09:00", S1, &on, Deed::Appropriate { amount: yuan("5,000,000") });
    }
    city
}

/// Asked and approved alike, then paid to the firm.
fn goes(city: &mut City, plan: Plan<'_>, id: &ApplicationId, amount: Money, firm: &str) {
    let Plan { on, applied, approved, then, by } = plan;
    city.does(applied.0, applied.1, on, apply(id, &[(Category::Road, amount)]));
    city.does(approved.0, approved.1, on, approve(id, amount));
    city.does(&format!("{then}T10:00"), by, on, reserve(id));
    city.does(&format!("{then}T10:10"), by, on, contract(id));
    city.does(&format!("{then}T10:20"), by, on, accept(id));
    city.does(&format!("{then}T10:30"), by, on, pay(id, amount, firm, &id.to_string()));
}

fn of(source: &Source) -> Figures {
    figures(source).unwrap()
}

/// The one anomaly that is found has this kind, and so many entries.
#[track_caller]
fn only(source: &Source, kind: AnomalyKind, entries: usize) {
    let found = of(source).anomalies;
    let [anomaly] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((anomaly.kind, anomaly.entries.len()), (kind, entries), "{anomaly:?}");
    assert!(anomaly.chinese.ends_with('。') && anomaly.english.ends_with('.'));
}

#[track_caller]
fn none(city: &City) {
    assert_eq!(of(&city.over("2026-03")).anomalies, []);
}

/// A city in which people did some odd things in March, for a picture.
pub(crate) fn odd_city() -> City {
    let mut city = city();
    goes(&mut city, PLAN, &case("A-1"), yuan("88,000"), "SAMPLE-FIRM-01");
    let later = Plan {
        applied: ("2026-03-09T09:00", PLAN.applied.1),
        approved: ("2026-03-11T09:00", S1),
        then: "2026-03-12",
        ..PLAN
    };
    goes(&mut city, later, &case("A-2"), yuan("95,000"), "SAMPLE-FIRM-01");
    let weekend = Plan {
        applied: ("2026-03-16T09:00", PLAN.applied.1),
        approved: ("2026-03-17T09:00", S1),
        then: "2026-03-21",
        ..PLAN
    };
    goes(&mut city, weekend, &case("A-3"), yuan("100,000"), "SAMPLE-FIRM-02");
    let hasty = Plan {
        applied: ("2026-03-24T09:00", PLAN.applied.1),
        approved: ("2026-03-24T09:30", S1),
        then: "2026-03-24",
        ..PLAN
    };
    goes(&mut city, hasty, &case("A-4"), yuan("1,250.50"), "SAMPLE-FIRM-03");
    city
}

/// A city that pays these payees, each another amount.
pub(crate) fn paying(payees: &[&str]) -> City {
    let mut city = city();
    for (at, payee) in (2_i64..).zip(payees) {
        let days = [at, at, at].map(|day| format!("2026-03-{day:02}"));
        let [applied, approved] = [format!("{}T09:00", days[0]), format!("{}T09:30", days[1])];
        let plan = Plan {
            applied: (&applied, PLAN.applied.1),
            approved: (&approved, S1),
            then: &days[2],
            ..PLAN
        };
        let amount = Money::from_fen(at * 1001).unwrap();
        goes(&mut city, plan, &case(&format!("P-{at}")), amount, payee);
    }
    city
}

#[test]
fn a_clean_year_has_none() {
    for seed in 10..14 {
        assert_eq!(of(&played(seed, 150).over("2026")).anomalies, []);
    }
    let mut city = city();
    goes(&mut city, PLAN, &case("A-1"), yuan("50,000"), "SAMPLE-FIRM-01");
    none(&city);
}

#[test]
fn approvals_split_under_a_limit_are_found_by_their_payee() {
    let mut city = city();
    goes(&mut city, PLAN, &case("A-1"), yuan("80,000"), "SAMPLE-FIRM-01");
    none(&city);
    let later = Plan {
        applied: ("2026-03-09T09:00", PLAN.applied.1),
        approved: ("2026-03-30T09:00", S1),
        then: "2026-03-31",
        ..PLAN
    };
    let mut others = city.clone();
    goes(&mut others, later, &case("A-2"), yuan("90,000"), "SAMPLE-FIRM-02");
    let below = Plan {
        applied: ("2026-04-01T09:00", PLAN.applied.1),
        approved: ("2026-04-02T09:00", S1),
        then: "2026-04-03",
        ..PLAN
    };
    goes(&mut others, below, &case("A-3"), yuan("79,999.99"), "SAMPLE-FIRM-01");
    assert_eq!(of(&others.over("2026")).anomalies, []);
    goes(&mut city, later, &case("A-2"), yuan("90,000"), "SAMPLE-FIRM-01");
    only(&city.over("2026-03"), AnomalyKind::SplitUnderLimit, 2);
    // Before and after it is nobody's business.
    assert_eq!(of(&city.over("2026-02")).anomalies, []);
    let april = of(&city.over("2026-04"));
    assert_eq!((april.anomalies, april.accounts[0].applications), (Vec::new(), 2));
}

#[test]
fn approvals_split_under_a_limit_are_found_by_their_ticket() {
    let mut city = city();
    let on = "township.mishan/2026";
    let (h1, h2) = (handler(1, "mishan"), handler(2, "mishan"));
    let plan = Plan {
        on,
        applied: ("2026-03-02T09:00", &h1),
        approved: ("2026-03-04T09:00", &h2),
        then: "2026-03-06",
        by: &h1,
    };
    let (first, mut second) = (case("A-1"), case("A-1"));
    second.number = 2;
    goes(&mut city, plan, &first, yuan("16,000"), "SAMPLE-FIRM-01");
    let later = Plan {
        applied: ("2026-03-09T09:00", &h1),
        approved: ("2026-03-10T09:00", &h2),
        then: "2026-03-11",
        ..plan
    };
    goes(&mut city, later, &second, yuan("19,999.99"), "SAMPLE-FIRM-02");
    only(&city.over("2026-03"), AnomalyKind::SplitUnderLimit, 2);
}

#[test]
fn approvals_more_than_thirty_days_apart_are_no_split() {
    let mut city = city();
    goes(&mut city, PLAN, &case("A-1"), yuan("90,000"), "SAMPLE-FIRM-01");
    let on = |approved| Plan {
        applied: ("2026-03-09T09:00", PLAN.applied.1),
        approved: (approved, S1),
        then: "2026-04-07",
        ..PLAN
    };
    let mut near = city.clone();
    goes(&mut near, on("2026-04-03T09:00"), &case("A-2"), yuan("90,000"), "SAMPLE-FIRM-01");
    only(&near.over("2026-Q2"), AnomalyKind::SplitUnderLimit, 2);
    goes(&mut city, on("2026-04-03T09:01"), &case("A-2"), yuan("90,000"), "SAMPLE-FIRM-01");
    assert_eq!(of(&city.over("2026")).anomalies, []);
}

#[test]
fn what_was_approved_and_came_to_nothing_is_no_part_of_a_split() {
    let mut city = city();
    goes(&mut city, PLAN, &case("A-1"), yuan("90,000"), "SAMPLE-FIRM-01");
    let mut second = case("A-1");
    second.number = 2;
    let amount = yuan("90,000");
    city.does(
        "2026-03-09T09:00",
        PLAN.applied.1,
        FUND,
        apply(&second, &[(Category::Road, amount)]),
    );
    city.does("2026-03-10T09:00", S1, FUND, approve(&second, amount));
    only(&city.over("2026-03"), AnomalyKind::SplitUnderLimit, 2);
    city.does("2026-03-11T09:00", S2, FUND, release(&second));
    none(&city);
}

#[test]
fn who_has_no_limit_splits_nothing() {
    let mut city = city();
    for (order, days) in [("A-1", ["02", "04", "06"]), ("A-2", ["09", "11", "13"])] {
        let [applied, approved, then] = days.map(|day| format!("2026-03-{day}"));
        let (applied, approved) = (format!("{applied}T09:00"), format!("{approved}T09:00"));
        let plan = Plan {
            applied: (&applied, PLAN.applied.1),
            approved: (&approved, L1),
            then: &then,
            ..PLAN
        };
        goes(&mut city, plan, &case(order), yuan("90,000"), "SAMPLE-FIRM-01");
    }
    none(&city);
}

#[test]
fn one_payee_of_three_townships_is_found() {
    let mut city = city();
    for (many, (code, _)) in TOWNSHIPS.iter().enumerate().take(3) {
        none(&city);
        let on = format!("township.{code}/2026");
        let (h1, h2) = (handler(1, code), handler(2, code));
        let plan = Plan {
            on: &on,
            applied: ("2026-03-02T09:00", &h1),
            approved: ("2026-03-04T09:00", &h2),
            then: "2026-03-06",
            by: &h1,
        };
        goes(&mut city, plan, &case(&format!("A-{many}")), yuan("500"), "SAMPLE-FIRM-01");
    }
    only(&city.over("2026-03"), AnomalyKind::ManyTownships, 3);
}

#[test]
fn a_request_of_exactly_the_limit_is_found() {
    let mut city = city();
    goes(&mut city, PLAN, &case("A-1"), yuan("100,000"), "SAMPLE-FIRM-01");
    only(&city.over("2026-03"), AnomalyKind::AtTheLimit, 1);
}

#[test]
fn a_payment_on_the_day_of_its_application_is_found() {
    let mut city = city();
    let plan = Plan { approved: ("2026-03-02T09:30", S1), then: "2026-03-02", ..PLAN };
    goes(&mut city, plan, &case("A-1"), yuan("700"), "SAMPLE-FIRM-01");
    only(&city.over("2026-03"), AnomalyKind::PaidSameDay, 2);
    // A payment that was undone is none.
    let seq = city.balances[&super::city::account(FUND)].seq;
    city.does("2026-03-02T11:00", S1, FUND, Deed::Reverse { entry: seq });
    none(&city);
}

#[test]
fn entries_at_odd_hours_are_found_by_person_and_day() {
    let mut city = city();
    let plan = Plan { then: "2026-03-07", ..PLAN };
    goes(&mut city, plan, &case("A-1"), yuan("700"), "SAMPLE-FIRM-01");
    only(&city.over("2026-03"), AnomalyKind::OddHours, 4);
    city.does("2026-03-09T06:59", S2, FUND, Deed::Appropriate { amount: yuan("1") });
    assert_eq!(of(&city.over("2026-03")).anomalies.len(), 2);
}

#[test]
fn a_payment_for_no_ticket_is_found() {
    let mut city = city();
    goes(&mut city, PLAN, &case("A-1"), yuan("700"), "SAMPLE-FIRM-01");
    let mut source = city.over("2026-03");
    source.tickets.clear();
    only(&source, AnomalyKind::NoTicket, 1);
    assert_eq!(of(&source).payouts[0].number, None);
}

/// The ledger lets nobody do it, so the chain is written anew here, with the acceptance after the payment.
#[test]
fn a_payment_before_the_acceptance_is_found() {
    let mut city = city();
    let id = case("A-1");
    goes(&mut city, PLAN, &id, yuan("700"), "SAMPLE-FIRM-01");
    let mut source = city.over("2026-03");
    let entries =
        &mut source.books.iter_mut().find(|book| !book.entries.is_empty()).unwrap().entries;
    let last = entries.len() - 1;
    assert!(matches!(entries[last].act, Act::Paid { .. }));
    let (accepted, paid) = (entries[last - 1].clone(), entries[last].clone());
    entries[last - 1] = paid;
    entries[last] = accepted;
    entries[last - 1].at = entries[last].at;
    (entries[last - 1].seq, entries[last].seq) = (entries[last].seq, entries[last - 1].seq);
    entries[last - 1].prev = entries[last - 2].hash();
    entries[last].prev = entries[last - 1].hash();
    let entries = entries.clone();
    source.cases.insert(id, entries);
    only(&source, AnomalyKind::PaidBeforeAccepted, 1);
    let figures = of(&source);
    assert_eq!(figures.payouts[0].stage, None);
    assert_eq!(figures.totals.paid.fen(), 70_000);
}

#[test]
fn every_kind_has_its_name_and_its_place() {
    for two in AnomalyKind::ALL.windows(2) {
        assert!(two[0] < two[1] && two[0].name() != two[1].name());
    }
}
