//! The sample city's data, part of every function that needs it until a city brings its own.

use domain::Calendar;
use domain::dispatch::KeywordTable;

const CALENDAR: &str = include_str!("../../../infra/city/calendar.csv");
const DISPATCH: &str = include_str!("../../../infra/city/dispatch.csv");

/// The calendar in force: the State Council's notices for 2015 to 2026. A test holds the file to be
/// readable; an unreadable one would leave the plain Monday-to-Friday week.
#[must_use]
pub fn calendar() -> Calendar {
    Calendar::parse("cn-2015-2026.1", CALENDAR).unwrap_or_default()
}

/// The table of keywords by which requests are dispatched for now. A test holds the file to be
/// readable; an unreadable one would send everything to the dispatchers.
#[must_use]
pub fn keyword_table() -> KeywordTable {
    KeywordTable::parse(DISPATCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_s_files_are_readable() {
        Calendar::parse("v", CALENDAR).unwrap();
        assert!(KeywordTable::parse(DISPATCH).unwrap().items().len() >= 90);
        assert_eq!(calendar().version(), "cn-2015-2026.1");
    }
}
