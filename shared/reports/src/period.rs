//! Days, months, quarters and years of Beijing's calendar, as reports are made for them.

use domain::Timestamp;
use domain::fund::FiscalYear;
use time::{Date, Month};

/// The kinds of [`Period`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodKind {
    /// A day.
    Day,
    /// A month.
    Month,
    /// Three months, from January, April, July or October.
    Quarter,
    /// A fiscal year, which is the calendar year.
    Year,
}

/// A quarter of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quarter {
    /// January to March.
    Q1,
    /// April to June.
    Q2,
    /// July to September.
    Q3,
    /// October to December.
    Q4,
}

/// What a report is made for: from one midnight in Beijing to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A day: `2026-03-07`.
    Day {
        /// Which.
        date: Date,
    },
    /// A month: `2026-03`.
    Month {
        /// Of which year.
        year: FiscalYear,
        /// Which.
        month: Month,
    },
    /// A quarter: `2026-Q1`.
    Quarter {
        /// Of which year.
        year: FiscalYear,
        /// Which.
        quarter: Quarter,
    },
    /// A year: `2026`.
    Year {
        /// Which.
        year: FiscalYear,
    },
}

/// A text that names no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period is a day, month, quarter or year such as 2026-03-07, 2026-03, 2026-Q1 or 2026")]
pub struct PeriodFault;

impl PeriodKind {
    /// Every kind, the shortest first.
    pub const ALL: &[Self] = &[Self::Day, Self::Month, Self::Quarter, Self::Year];
}

impl Quarter {
    /// Every quarter, in order.
    pub const ALL: &[Self] = &[Self::Q1, Self::Q2, Self::Q3, Self::Q4];

    const fn first_month(self) -> Month {
        match self {
            Self::Q1 => Month::January,
            Self::Q2 => Month::April,
            Self::Q3 => Month::July,
            Self::Q4 => Month::October,
        }
    }

    const fn after(self) -> Option<Self> {
        match self {
            Self::Q1 => Some(Self::Q2),
            Self::Q2 => Some(Self::Q3),
            Self::Q3 => Some(Self::Q4),
            Self::Q4 => None,
        }
    }

    const fn of(month: Month) -> Self {
        match month {
            Month::January | Month::February | Month::March => Self::Q1,
            Month::April | Month::May | Month::June => Self::Q2,
            Month::July | Month::August | Month::September => Self::Q3,
            Month::October | Month::November | Month::December => Self::Q4,
        }
    }
}

impl Period {
    /// Reads `2026-03-07`, `2026-03`, `2026-Q1` or `2026`.
    ///
    /// # Errors
    /// [`PeriodFault`] when it is something else, or a day that no calendar has.
    pub fn parse(text: &str) -> Result<Self, PeriodFault> {
        let mut parts = text.splitn(3, '-');
        let year = parts.next().and_then(|digits| number(digits, 4)).and_then(FiscalYear::new);
        let year = year.ok_or(PeriodFault)?;
        let period = match (parts.next(), parts.next()) {
            (None, _) => Some(Self::Year { year }),
            (Some(part), None) => read_quarter(year, part).or_else(|| {
                let month = read_month(part)?;
                Some(Self::Month { year, month })
            }),
            (Some(part), Some(day)) => read_day(year, part, day).map(|date| Self::Day { date }),
        };
        period.ok_or(PeriodFault)
    }

    /// The period of this kind in which `at` lies.
    #[must_use]
    pub fn of(at: Timestamp, kind: PeriodKind) -> Self {
        let (date, year) = (at.beijing_date(), FiscalYear::of(at));
        match kind {
            PeriodKind::Day => Self::Day { date },
            PeriodKind::Month => Self::Month { year, month: date.month() },
            PeriodKind::Quarter => Self::Quarter { year, quarter: Quarter::of(date.month()) },
            PeriodKind::Year => Self::Year { year },
        }
    }

    /// The last period of this kind that is over at `at`: what a schedule reports on.
    ///
    /// At the beginning of time ([`Timestamp::MIN`]) there is none, and the first is given.
    #[must_use]
    pub fn last_complete(at: Timestamp, kind: PeriodKind) -> Self {
        Self::of(Self::of(at, kind).from().plus_millis(-1), kind)
    }

    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> PeriodKind {
        match self {
            Self::Day { .. } => PeriodKind::Day,
            Self::Month { .. } => PeriodKind::Month,
            Self::Quarter { .. } => PeriodKind::Quarter,
            Self::Year { .. } => PeriodKind::Year,
        }
    }

    /// Its first instant.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        match *self {
            Self::Day { date } => Timestamp::start_of(date),
            Self::Month { year, month } => start_of_month(year, month),
            Self::Quarter { year, quarter } => start_of_month(year, quarter.first_month()),
            Self::Year { year } => start_of_month(year, Month::January),
        }
    }

    /// The first instant after it.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        let next_year = |year: FiscalYear| year.number().checked_add(1).and_then(FiscalYear::new);
        let after = |year| next_year(year).map(|year| start_of_month(year, Month::January));
        let end = match *self {
            Self::Day { date } => date.next_day().map(Timestamp::start_of),
            Self::Month { year, month: Month::December } => after(year),
            Self::Month { year, month } => Some(start_of_month(year, month.next())),
            Self::Quarter { year, quarter } => match quarter.after() {
                Some(quarter) => Some(start_of_month(year, quarter.first_month())),
                None => after(year),
            },
            Self::Year { year } => after(year),
        };
        end.unwrap_or(Timestamp::MAX)
    }

    /// Whether `at` lies in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        (self.from()..self.until()).contains(&at)
    }

    /// The year in which it lies.
    #[must_use]
    pub fn year(&self) -> FiscalYear {
        match *self {
            Self::Day { date } => FiscalYear::of(Timestamp::start_of(date)),
            Self::Month { year, .. } | Self::Quarter { year, .. } | Self::Year { year } => year,
        }
    }

    /// The periods of a shorter kind that it consists of, in order; itself if there is nothing shorter.
    #[must_use]
    pub fn parts(&self, kind: PeriodKind) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut at = self.from();
        while kind < self.kind() && at < self.until() {
            let part = Self::of(at, kind);
            parts.push(part);
            at = part.until();
        }
        if parts.is_empty() {
            parts.push(*self);
        }
        parts
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Day { date } => {
                write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
            }
            Self::Month { year, month } => write!(f, "{:04}-{:02}", year.number(), u8::from(month)),
            Self::Quarter { year, quarter } => write!(f, "{:04}-{quarter:?}", year.number()),
            Self::Year { year } => write!(f, "{:04}", year.number()),
        }
    }
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u16> {
    let is_plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

fn read_quarter(year: FiscalYear, text: &str) -> Option<Period> {
    let mut all = Quarter::ALL.iter().copied();
    let quarter = all.find(|quarter| format!("{quarter:?}") == text)?;
    Some(Period::Quarter { year, quarter })
}

fn read_month(text: &str) -> Option<Month> {
    Month::try_from(u8::try_from(number(text, 2)?).ok()?).ok()
}

fn read_day(year: FiscalYear, month: &str, day: &str) -> Option<Date> {
    let day = u8::try_from(number(day, 2)?).ok()?;
    Date::from_calendar_date(i32::from(year.number()), read_month(month)?, day).ok()
}

fn start_of_month(year: FiscalYear, month: Month) -> Timestamp {
    let date = Date::from_calendar_date(i32::from(year.number()), month, 1);
    date.map_or(Timestamp::MAX, Timestamp::start_of)
}
