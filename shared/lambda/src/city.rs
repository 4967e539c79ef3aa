//! The sample city's data, part of every function that needs it until a city brings its own.

use std::sync::{Arc, LazyLock};

use classifier::Model;
use domain::Calendar;
use domain::catalog::Catalog;
use domain::directory::{Directory, Files};
use ports::Defaults;

const CALENDAR: &str = include_str!("../../../infra/city/calendar.csv");
const CATALOG: &str = include_str!("../../../infra/city/catalog.csv");
const MODEL: &[u8] = include_bytes!("../../../infra/city/dispatch.model");
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

/// The sample city's catalog. A test holds the file to be readable; an unreadable one would send
/// everything to the dispatchers.
#[must_use]
pub fn sample_catalog() -> Arc<Catalog> {
    static SAMPLE: LazyLock<Arc<Catalog>> =
        LazyLock::new(|| Arc::new(Catalog::parse(0, CATALOG).unwrap_or_default()));
    Arc::clone(&SAMPLE)
}

/// The model that was trained on the sample city's catalog, and on nothing else. A test holds the file to be
/// readable; an unreadable one would send everything to the dispatchers.
#[must_use]
pub fn sample_model() -> Arc<Model> {
    static SAMPLE: LazyLock<Arc<Model>> =
        LazyLock::new(|| Arc::new(Model::from_bytes(MODEL).unwrap_or_default()));
    Arc::clone(&SAMPLE)
}

#[cfg(test)]
mod tests {
    use domain::catalog::check;

    use super::*;

    #[test]
    fn the_city_s_files_are_readable() {
        Calendar::parse("v", CALENDAR).unwrap();
        let directory = (defaults().directory)();
        assert!(directory.units().len() > 300);
        assert_eq!((directory.places().names(), directory.places().areas()), (287, 737));
        let catalog = Catalog::parse(0, CATALOG).unwrap();
        assert_eq!(check(&catalog, &directory), []);
        assert_eq!(calendar().version(), "cn-2015-2026.2");
    }

    #[test]
    fn the_shipped_model_was_trained_on_the_shipped_catalog_and_nothing_else() {
        let model = Model::from_bytes(MODEL).unwrap();
        let on = model.trained_on();
        assert_eq!(
            on.catalog,
            Some(sample_catalog().hash().to_string()),
            "train it anew: cargo run --release -- dispatch train --out infra/city/dispatch.model"
        );
        assert_eq!((on.entries, on.lessons, on.labelled), (1946, 0, 0));
    }
}
