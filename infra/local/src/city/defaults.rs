//! What is in force until a city brings its own: the whole sample city.

use std::sync::{Arc, LazyLock};

use domain::directory::{Directory, Files};
use ports::Defaults;

/// The sample city's directory, as built into this binary.
pub(crate) const SAMPLE: [&str; 6] = [
    include_str!("../../../city/units.csv"),
    include_str!("../../../city/grids.csv"),
    include_str!("../../../city/staff.csv"),
    include_str!("../../../city/members.csv"),
    include_str!("../../../city/places.csv"),
    include_str!("../../../city/areas.csv"),
];

/// The sample city's directory.
#[must_use]
pub fn sample_directory() -> Arc<Directory> {
    (defaults().directory)()
}

/// The functions' defaults with the members of the teams, whom a deployed function does not carry.
pub(crate) fn defaults() -> Defaults {
    static DIRECTORY: LazyLock<Arc<Directory>> = LazyLock::new(|| {
        let [units, grids, staff, members, places, areas] = SAMPLE.map(str::to_owned);
        let files = Files { units, grids, staff, members, places, areas };
        Arc::new(Directory::read(0, &files).unwrap_or_default())
    });
    Defaults { directory: || Arc::clone(&DIRECTORY), ..lambda::defaults() }
}
