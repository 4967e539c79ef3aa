//! Instants and Beijing's dates. China keeps one time zone, UTC+8, without summer time.

use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, UtcOffset, macros::offset};

use crate::ids::IdFault;
use crate::record::{RecordFault, Text};

/// Beijing time, in which every date and every limit of this field is meant.
const BEIJING: UtcOffset = offset!(+8);

/// An instant, in whole milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// One minute, in milliseconds.
    pub const MINUTE_MS: i64 = 60_000;
    /// One hour, in milliseconds.
    pub const HOUR_MS: i64 = 60 * Self::MINUTE_MS;
    /// One day of 24 hours, in milliseconds.
    pub const DAY_MS: i64 = 24 * Self::HOUR_MS;
    /// The earliest instant this system speaks of: 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// The latest: 9999-12-31T00:00:00Z, which leaves room for a limit to be added and printed.
    pub const MAX: Self = Self(253_402_214_400_000);

    /// The instant `milliseconds` after the epoch, moved into [`Self::MIN`]..=[`Self::MAX`].
    #[must_use]
    pub fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The instant `milliseconds` later (or earlier, if negative), within the range of this type.
    #[must_use]
    pub fn plus_millis(self, milliseconds: i64) -> Self {
        Self::from_millis(self.0.saturating_add(milliseconds))
    }

    /// Reads RFC 3339 with its offset, for example `2026-03-01T08:00:00+08:00`.
    ///
    /// # Errors
    /// [`IdFault`] when the text is something else, or outside the range of this type.
    pub fn parse(text: &str) -> Result<Self, IdFault> {
        const FAULT: IdFault = IdFault("a time such as 2026-03-01T08:00:00+08:00");
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_parse| FAULT)?;
        let milliseconds = instant.unix_timestamp_nanos().div_euclid(1_000_000);
        let milliseconds = i64::try_from(milliseconds).map_err(|_range| FAULT)?;
        if (Self::MIN.0..=Self::MAX.0).contains(&milliseconds) {
            Ok(Self(milliseconds))
        } else {
            Err(FAULT)
        }
    }

    fn in_beijing(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(BEIJING)
    }

    /// The date in Beijing.
    #[must_use]
    pub fn beijing_date(self) -> Date {
        self.in_beijing().date()
    }

    /// The date in Beijing as `yyyymmdd`.
    #[must_use]
    pub fn beijing_compact_date(self) -> String {
        let date = self.beijing_date();
        format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day())
    }

    /// The first instant of `date` in Beijing.
    #[must_use]
    pub fn start_of(date: Date) -> Self {
        let seconds = date.midnight().assume_offset(BEIJING).unix_timestamp();
        Self::from_millis(seconds.saturating_mul(1000))
    }
}

/// RFC 3339 in Beijing time with milliseconds: `2026-03-01T08:00:00.000+08:00`. Texts of this form
/// sort as the instants do.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let t = self.in_beijing();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+08:00",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        )
    }
}

impl Text for Timestamp {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        let instant = Self::parse(text).map_err(|fault| RecordFault::Value(fault.0))?;
        // One instant has one text, or the chain's hash would not be a function of the event.
        if instant.to_string() == text {
            Ok(instant)
        } else {
            Err(RecordFault::Value("a Beijing time with milliseconds"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beijing_dates_turn_at_beijing_midnight() {
        let t = Timestamp::parse("2026-03-01T16:00:00Z").unwrap();
        assert_eq!(t.beijing_compact_date(), "20260302");
        assert_eq!(t.plus_millis(-1).beijing_compact_date(), "20260301");
        assert_eq!(Timestamp::start_of(t.beijing_date()), t);
    }

    #[test]
    fn texts_round_trip_and_nonsense_is_refused() {
        for ms in [0, 1, 1_556_156_040_123, Timestamp::MAX.millis()] {
            let t = Timestamp::from_millis(ms);
            assert_eq!(Timestamp::parse(&t.to_string()), Ok(t));
        }
        for bad in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-03-01", "1900-01-01T00:00:00Z"] {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
    }
}
