//! Periods: their texts, their borders, and what a schedule reports on.

use domain::Timestamp;
use proptest::prelude::*;
use reports::{Period, PeriodKind};

use super::city::at;

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

#[test]
fn borders_are_midnights_in_beijing() {
    for (text, from, until) in [
        ("2026-03-07", "2026-03-07T00:00", "2026-03-08T00:00"),
        ("2024-02", "2024-02-01T00:00", "2024-03-01T00:00"),
        ("2026-12", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("2026-Q1", "2026-01-01T00:00", "2026-04-01T00:00"),
        ("2026-Q4", "2026-10-01T00:00", "2027-01-01T00:00"),
        ("2026", "2026-01-01T00:00", "2027-01-01T00:00"),
        ("2026-12-31", "2026-12-31T00:00", "2027-01-01T00:00"),
    ] {
        let period = period(text);
        assert_eq!((period.from(), period.until()), (at(from), at(until)), "{text}");
        assert_eq!(period.to_string(), text);
        assert_eq!(period.year().number().to_string(), text.split('-').next().unwrap());
    }
}

#[test]
fn what_is_no_period_is_refused() {
    for text in [
        "",
        "26",
        "02026",
        "2026-",
        "2026-13",
        "2026-00",
        "2026-3",
        "2026-Q0",
        "2026-Q5",
        "2026-q1",
        "2026-02-29",
        "2026-02-30",
        "2026-2-3",
        "2026-03-07-1",
        "2026-Q1-1",
        "+026",
        "2026-+3",
        "1969",
        "2026 ",
        "２０２６",
    ] {
        assert!(Period::parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_last_complete_one_is_what_a_schedule_reports_on() {
    let last = |kind, at| Period::last_complete(at, kind).to_string();
    let morning = at("2027-01-01T00:00");
    assert_eq!(last(PeriodKind::Day, morning), "2026-12-31");
    assert_eq!(last(PeriodKind::Month, morning), "2026-12");
    assert_eq!(last(PeriodKind::Quarter, morning), "2026-Q4");
    assert_eq!(last(PeriodKind::Year, morning), "2026");
    let before = morning.plus_millis(-1);
    assert_eq!(last(PeriodKind::Day, before), "2026-12-30");
    assert_eq!(last(PeriodKind::Month, before), "2026-11");
    assert_eq!(last(PeriodKind::Quarter, before), "2026-Q3");
    assert_eq!(last(PeriodKind::Year, before), "2025");
}

proptest! {
    #[test]
    fn every_instant_is_in_one_period_of_each_kind(millis in 0..Timestamp::MAX.millis() - 1) {
        let at = Timestamp::from_millis(millis);
        for kind in PeriodKind::ALL {
            let period = Period::of(at, *kind);
            prop_assert!(period.contains(at));
            prop_assert_eq!(Period::parse(&period.to_string()), Ok(period));
            let last = Period::last_complete(at, *kind);
            prop_assert!(last.until() <= at || last == period);
            for shorter in PeriodKind::ALL {
                let parts = period.parts(*shorter);
                prop_assert_eq!(parts.first().map(Period::from), Some(period.from()));
                prop_assert_eq!(parts.last().map(Period::until), Some(period.until()));
                prop_assert!(parts.windows(2).all(|two| two[0].until() == two[1].from()));
            }
        }
    }

    #[test]
    fn no_text_breaks_it(text in "\\PC{0,12}") {
        if let Ok(period) = Period::parse(&text) {
            prop_assert_eq!(period.to_string(), text);
        }
    }
}
