//! The sample city's data, part of every function that needs it until a city brings its own.

use std::sync::{Arc, LazyLock};

use domain::directory::{Directory, Files};
use domain::dispatch::KeywordTable;
use domain::{Calendar, ItemCode, UnitCode};
use ports::Defaults;

const CALENDAR: &str = include_str!("../../../infra/city/calendar.csv");
const DISPATCH: &str = include_str!("../../../infra/city/dispatch.csv");
const UNITS: &str = include_str!("../../../infra/city/units.csv");
const GRIDS: &str = include_str!("../../../infra/city/grids.csv");
const STAFF: &str = include_str!("../../../infra/city/staff.csv");
const PLACES: &str = include_str!("../../../infra/city/places.csv");
const AREAS: &str = include_str!("../../../infra/city/areas.csv");
/// The members of the teams are seven thousand lines: a city brings its own, the one-machine city has
/// the sample's.
const NO_MEMBERS: &str = "member,name,team,skills,grid,contact,availability\n";

/// What is in force until a city brings its own: the sample city without the members of its teams. A test
/// holds the files to be readable; unreadable ones would leave a city without units.
#[must_use]
pub fn defaults() -> Defaults {
    static DIRECTORY: LazyLock<Arc<Directory>> = LazyLock::new(|| {
        let [units, grids, staff] = [UNITS, GRIDS, STAFF].map(str::to_owned);
        let [members, places, areas] = [NO_MEMBERS, PLACES, AREAS].map(str::to_owned);
        let files = Files { units, grids, staff, members, places, areas };
        Arc::new(Directory::read(0, &files).unwrap_or_default())
    });
    Defaults { calendar: Arc::new(calendar()), directory: || Arc::clone(&DIRECTORY) }
}

/// The calendar in force.
///
/// The State Council's notices for 2015 to 2026, and the statutory dates of the years after. A test
/// holds the file to be readable; an unreadable one would leave the plain Monday-to-Friday week.
#[must_use]
pub fn calendar() -> Calendar {
    Calendar::parse("cn-2015-2026.2", CALENDAR).unwrap_or_default()
}

/// The table of keywords by which requests are dispatched for now. A test holds the file to be
/// readable; an unreadable one would send everything to the dispatchers.
#[must_use]
pub fn keyword_table() -> KeywordTable {
    KeywordTable::parse(DISPATCH).unwrap_or_default()
}

/// The field `column` of the line of a list that begins with `key`.
fn field(list: &'static str, key: &str, column: usize) -> Option<&'static str> {
    let line = list.lines().find(|line| line.split(',').next() == Some(key))?;
    line.split(',').nth(column)
}

/// The name of a unit, for people.
pub(crate) fn unit_name(unit: &UnitCode) -> Option<&'static str> {
    field(UNITS, unit.as_str(), 1)
}

/// The name of an item of the dispatch table, for people.
pub(crate) fn item_name(item: &ItemCode) -> Option<&'static str> {
    field(DISPATCH, item.as_str(), 2)
}

#[cfg(test)]
mod tests {
    use domain::Tier;

    use super::*;

    #[test]
    fn the_city_s_files_are_readable() {
        Calendar::parse("v", CALENDAR).unwrap();
        let directory = (defaults().directory)();
        assert!(directory.units().len() > 300);
        assert!(KeywordTable::parse(DISPATCH).unwrap().items().len() >= 90);
        for item in keyword_table().items() {
            assert!(unit_name(&item.unit).is_some(), "{} has no name", item.unit);
            assert!(item_name(&item.item).is_some(), "{} has no name", item.item);
        }
        assert_eq!(calendar().version(), "cn-2015-2026.2");
    }

    #[test]
    fn every_item_goes_to_a_unit_of_its_tier_that_may_lead() {
        let directory = (defaults().directory)();
        for item in keyword_table().items() {
            let unit = directory.unit(&item.unit).map(|unit| unit.tier());
            assert_eq!(unit, Some(item.tier), "{} goes to {}", item.item, item.unit);
            assert_ne!(item.tier, Tier::Village, "{} has a village lead", item.item);
        }
    }
}
