//! Entries of people at hours at which offices are closed.

use std::collections::BTreeMap;

use domain::fund::EntryRef;
use domain::{Actor, Timestamp};
use time::{Date, Weekday};

use super::{Anomaly, AnomalyKind, HOUR_FROM, HOUR_UNTIL};
use crate::fund::ledger::Ledger;

pub(super) fn odd(ledger: &Ledger<'_>) -> Vec<Anomaly> {
    let mut days: BTreeMap<(Date, &str), Vec<EntryRef>> = BTreeMap::new();
    for posting in ledger.entries() {
        if let Actor::Staff { id, .. } = &posting.actor
            && is_odd(posting.at)
        {
            let day = (posting.at.beijing_date(), id.as_str());
            days.entry(day).or_default().push(posting.entry());
        }
    }
    let all = days.into_iter().map(|((date, person), entries)| Anomaly {
        kind: AnomalyKind::OddHours,
        chinese: format!(
            "{person} 于 {date} 在周末或 {HOUR_FROM} 时至 {HOUR_UNTIL} 时以外记账 {} 笔。",
            entries.len()
        ),
        english: format!(
            "{person} wrote {} entries on {date}, at a weekend or outside {HOUR_FROM}:00 to {HOUR_UNTIL}:00.",
            entries.len()
        ),
        entries,
    });
    all.collect()
}

/// Whether an instant is at a weekend in Beijing, or early or late.
fn is_odd(at: Timestamp) -> bool {
    let date = at.beijing_date();
    let hour = (at.millis() - Timestamp::start_of(date).millis()).div_euclid(Timestamp::HOUR_MS);
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
        || !(i64::from(HOUR_FROM)..i64::from(HOUR_UNTIL)).contains(&hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_are_open_on_working_days_from_seven_to_ten() {
        for (at, odd) in [
            ("2026-03-06T07:00:00+08:00", false),
            ("2026-03-06T06:59:59+08:00", true),
            ("2026-03-06T21:59:59+08:00", false),
            ("2026-03-06T22:00:00+08:00", true),
            ("2026-03-07T12:00:00+08:00", true),
            ("2026-03-08T12:00:00+08:00", true),
            ("2026-03-09T00:00:00+08:00", true),
        ] {
            assert_eq!(is_odd(Timestamp::parse(at).unwrap()), odd, "{at}");
        }
    }
}
