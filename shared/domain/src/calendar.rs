//! Limits (限时) and the working days of China.
//!
//! A deadline is a pure function of a start, a limit and a version of the calendar. The calendar
//! knows the State Council's holidays and its make-up working days (调休), which no weekday rule
//! can replace.

use std::collections::BTreeSet;

use time::{Date, Duration, Weekday};

use crate::record::{RecordFault, Text};
use crate::timestamp::Timestamp;

/// How long a unit has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Hours, counted through nights and holidays: emergencies, water, power, gas, heat.
    Hours(u16),
    /// Calendar days, from the day after the start to the end of the last day.
    Days(u16),
    /// Working days, from the day after the start to the end of the last one.
    Workdays(u16),
}

impl Limit {
    /// Longer limits are refused: a year of days, or as many hours, is a mistake and not a limit.
    pub const MAX_COUNT: u16 = 366;

    /// Reads `2h`, `7d` or `5wd`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at_checked(digits)?;
        let count: u16 =
            count.parse().ok().filter(|count| (1..=Self::MAX_COUNT).contains(count))?;
        let limit = match unit {
            "h" => Self::Hours(count),
            "d" => Self::Days(count),
            "wd" => Self::Workdays(count),
            _ => return None,
        };
        (limit.to_string() == text).then_some(limit)
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hours(count) => write!(f, "{count}h"),
            Self::Days(count) => write!(f, "{count}d"),
            Self::Workdays(count) => write!(f, "{count}wd"),
        }
    }
}

impl Text for Limit {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        Self::parse(text).ok_or(RecordFault::Value("a limit such as `24h`, `7d` or `5wd`"))
    }
}

/// Which days are worked: Monday to Friday, but for the exceptions of one version.
///
/// The State Council publishes a year's holidays and make-up days late in the year before. Of a year
/// that is not published, only the statutory dates are known (全国年节及纪念日放假办法): what is
/// reckoned by them is provisional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    version: String,
    rest: BTreeSet<Date>,
    work: BTreeSet<Date>,
    published: BTreeSet<i32>,
}

/// What follows the version where a limit was reckoned by days that are not published yet.
const PROVISIONAL: &str = " (provisional)";

/// Why a calendar cannot be read; `line` counts from 1 with the heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the calendar: {expected}")]
pub struct CalendarFault {
    /// The line.
    pub line: usize,
    /// What it should be.
    pub expected: &'static str,
}

impl Calendar {
    /// Reads the lines of a calendar file: a heading `date,kind,name`, then one exception a line,
    /// `2026-01-01,rest,元旦` for a weekday that is off or `…,work,…` for a weekend day that is worked, as
    /// the State Council has published it; or `2027-01-01,statutory,元旦` for a statutory holiday of a
    /// year that is not published yet.
    ///
    /// # Errors
    /// [`CalendarFault`] names the line and what it should be.
    pub fn parse(version: &str, text: &str) -> Result<Self, CalendarFault> {
        let mut calendar = Self { version: version.to_owned(), ..Self::default() };
        let mut provisional = Vec::new();
        for (line, row) in
            (1_usize..).zip(text.lines()).skip(1).filter(|(_, row)| !row.trim().is_empty())
        {
            let fault = |expected| CalendarFault { line, expected };
            let mut cells = row.split(',').map(str::trim);
            let date = cells
                .next()
                .and_then(|cell| Timestamp::parse(&format!("{cell}T00:00:00+08:00")).ok())
                .ok_or_else(|| fault("the first cell is a date such as 2026-01-01"))?
                .beijing_date();
            let kind = cells.next();
            let set = match kind {
                Some("rest" | "statutory") => &mut calendar.rest,
                Some("work") => &mut calendar.work,
                _ => return Err(fault("the second cell is `rest`, `work` or `statutory`")),
            };
            if !set.insert(date) || (calendar.rest.contains(&date) && calendar.work.contains(&date))
            {
                return Err(fault("each date stands once"));
            }
            if kind == Some("statutory") {
                provisional.push((line, date.year()));
            } else {
                calendar.published.insert(date.year());
            }
        }
        // One that is left behind would make a working day of the publication a holiday.
        let left = provisional.into_iter().find(|(_, year)| calendar.published.contains(year));
        if let Some((line, _)) = left {
            let expected = "a year that is published has no `statutory` line";
            return Err(CalendarFault { line, expected });
        }
        Ok(calendar)
    }

    /// The version, which every event that used this calendar names.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether the State Council has published the year of `date`.
    #[must_use]
    pub fn is_published(&self, date: Date) -> bool {
        self.published.contains(&date.year())
    }

    /// The first and the last year that the State Council has published; `None` when it has none.
    #[must_use]
    pub fn published_years(&self) -> Option<(i32, i32)> {
        Some((*self.published.first()?, *self.published.last()?))
    }

    /// The version, as an event names it that has reckoned `limit` to end at `due`: it says so where the
    /// days that were counted are not all published. Hours and calendar days need no calendar.
    #[must_use]
    pub fn version_of(&self, limit: Limit, due: Timestamp) -> String {
        let last = due.plus_millis(-1).beijing_date();
        let certain = !matches!(limit, Limit::Workdays(_)) || self.is_published(last);
        format!("{}{}", self.version, if certain { "" } else { PROVISIONAL })
    }

    /// Whether an event that names this version was reckoned by this calendar.
    #[must_use]
    pub fn made(&self, version: &str) -> bool {
        version.strip_suffix(PROVISIONAL).unwrap_or(version) == self.version
    }

    /// Whether `date` is worked.
    #[must_use]
    pub fn is_workday(&self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        if weekend { self.work.contains(&date) } else { !self.rest.contains(&date) }
    }

    /// When `limit` is over if it starts at `start`. Days end with their last instant, so the result
    /// is the first instant that is too late.
    #[must_use]
    pub fn deadline(&self, start: Timestamp, limit: Limit) -> Timestamp {
        match limit {
            Limit::Hours(hours) => start.plus_millis(i64::from(hours) * Timestamp::HOUR_MS),
            Limit::Days(days) => {
                let last = start.beijing_date().saturating_add(Duration::days(i64::from(days)));
                Timestamp::start_of(last).plus_millis(Timestamp::DAY_MS)
            }
            Limit::Workdays(days) => {
                let last = self.nth_workday(start.beijing_date(), days);
                last.map_or(Timestamp::MAX, |date| {
                    Timestamp::start_of(date).plus_millis(Timestamp::DAY_MS)
                })
            }
        }
    }

    /// The `nth` working day after `date`, which is itself the 0th; `None` beyond the last date.
    fn nth_workday(&self, date: Date, nth: u16) -> Option<Date> {
        let after = std::iter::successors(Some(date), |date| date.next_day()).skip(1);
        let mut worked = std::iter::once(date).chain(after.filter(|date| self.is_workday(*date)));
        worked.nth(usize::from(nth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// The National Day of 2025 as the State Council set it: off from 1 to 8 October, worked on
    /// Sunday 28 September and Saturday 11 October.
    fn october_2025() -> Calendar {
        Calendar::parse(
            "t1",
            "date,kind,name\n2025-10-01,rest,国庆节\n2025-10-02,rest,国庆节\n2025-10-03,rest,国庆节\n2025-10-06,rest,中秋节\n\
             2025-10-07,rest,国庆节\n2025-10-08,rest,国庆节\n2025-09-28,work,国庆节\n2025-10-11,work,国庆节\n",
        )
        .unwrap()
    }

    #[test]
    fn working_days_skip_holidays_and_count_make_up_days() {
        let calendar = october_2025();
        let due = |limit| calendar.deadline(at("2025-09-26T15:00:00+08:00"), limit).to_string();
        // Friday; then Sunday 28 (make-up), Monday 29, Tuesday 30, then 9 and 10 October.
        assert_eq!(due(Limit::Workdays(1)), "2025-09-29T00:00:00.000+08:00");
        assert_eq!(due(Limit::Workdays(3)), "2025-10-01T00:00:00.000+08:00");
        assert_eq!(due(Limit::Workdays(5)), "2025-10-11T00:00:00.000+08:00");
        assert_eq!(due(Limit::Workdays(6)), "2025-10-12T00:00:00.000+08:00");
        assert_eq!(due(Limit::Days(7)), "2025-10-04T00:00:00.000+08:00");
        assert_eq!(due(Limit::Hours(24)), "2025-09-27T15:00:00.000+08:00");
    }

    #[test]
    fn what_is_reckoned_by_days_that_are_not_published_says_so() {
        let text = "date,kind,name\n2026-10-01,rest,国庆节\n2027-01-01,statutory,元旦\n";
        let calendar = Calendar::parse("t2", text).unwrap();
        let reckoned = |start, limit| {
            let due = calendar.deadline(at(start), limit);
            (due.to_string(), calendar.version_of(limit, due))
        };
        let (due, version) = reckoned("2026-12-30T15:00:00+08:00", Limit::Workdays(1));
        assert_eq!((due.as_str(), version.as_str()), ("2027-01-01T00:00:00.000+08:00", "t2"));
        // Friday, 1 January is a holiday by the law, whatever will be published around it.
        let (due, version) = reckoned("2026-12-30T15:00:00+08:00", Limit::Workdays(2));
        assert_eq!(due, "2027-01-05T00:00:00.000+08:00");
        assert_eq!(version, "t2 (provisional)");
        for limit in [Limit::Hours(72), Limit::Days(7)] {
            assert_eq!(reckoned("2026-12-30T15:00:00+08:00", limit).1, "t2");
        }
        for (left, line) in [
            ("2027-01-01,rest,元旦\n2027-02-06,statutory,春节", 3),
            ("2027-02-06,statutory,春节\n2027-01-01,rest,元旦", 2),
        ] {
            let text = format!("date,kind,name\n{left}");
            assert_eq!(Calendar::parse("t", &text).unwrap_err().line, line);
        }
    }

    #[test]
    fn limits_have_one_text_each() {
        for text in ["2h", "24h", "7d", "15d", "5wd"] {
            assert_eq!(Limit::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "h", "0h", "07d", "5 wd", "5w", "-1d", "1000d", "五wd"] {
            assert_eq!(Limit::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        let fault = Calendar::parse("t", "date,kind,name\n2025-10-01,rest,x\n2025-10-99,rest,x")
            .unwrap_err();
        assert_eq!(fault.line, 3);
        let fault = Calendar::parse("t", "date,kind,name\n2025-10-01,rest,x\n2025-10-01,rest,x")
            .unwrap_err();
        assert_eq!((fault.line, fault.expected), (3, "each date stands once"));
        assert!(Calendar::parse("t", "date,kind,name\n2025-10-01,holiday,x").is_err());
    }
}
