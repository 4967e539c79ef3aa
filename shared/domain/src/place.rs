//! Place (定位): in which township, village and grid a request lies.
//!
//! By the names in its text (a gazetteer made of the directory and of what a city adds: roads,
//! landmarks, other names) and by its point (an area for each grid). A city writes what it adds as two
//! CSV texts; [`Places::read`] takes them as a whole or names every fault at once. What is found is a
//! proposal with its reasons, never more than the evidence: of two places that are named alike and that
//! nothing tells apart, neither is chosen.

mod area;
mod gazetteer;
mod names;
mod read;
#[cfg(test)]
mod tests;
mod words;
mod write;

use std::collections::BTreeMap;

use self::area::Area;
pub use self::area::{POINTS_MAX, POINTS_MIN};
pub use self::gazetteer::Gazetteer;
pub use self::read::WHERE_MAX;
pub use crate::directory::DirectoryFault as PlaceFault;
use crate::ids::{GridCode, UnitCode};
use crate::record::text_enum;

/// A point by WGS-84, in whole millionths of a degree (about a decimetre).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// Latitude, -90 to 90 degrees.
    pub lat_e6: i32,
    /// Longitude, -180 to 180 degrees.
    pub lon_e6: i32,
}

/// A point tells who was there.
impl std::fmt::Debug for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Point(…)")
    }
}

text_enum!(
    /// What a city's further names are names of.
    PlaceKind, "the kind of a place" {
        /// 道路.
        Road = "road",
        /// 地标: a bridge, a square, a market, a school, a hospital, a station, an estate.
        Landmark = "landmark",
        /// 别名: another name of a township, a village or a grid.
        Alias = "alias",
    }
);

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Code {
    /// A township or subdistrict, a village or community.
    Unit(UnitCode),
    /// A grid.
    Grid(GridCode),
}

/// A name that the directory does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PlaceName {
    name: String,
    kind: PlaceKind,
    /// Where it is: in one of these.
    codes: Vec<Code>,
}

/// What a city adds to its directory for finding places: valid as a whole. The default has nothing, and
/// then only the directory's own names speak, and no point does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    names: Vec<PlaceName>,
    areas: BTreeMap<GridCode, Area>,
}

impl Places {
    /// The names of the files, in the order of [`Places::read`].
    pub const NAMES: [&str; 2] = ["places.csv", "areas.csv"];

    /// How many names there are; one that stands in two lines counts twice.
    #[must_use]
    pub const fn names(&self) -> usize {
        self.names.len()
    }

    /// How many grids have an area.
    #[must_use]
    pub fn areas(&self) -> usize {
        self.areas.len()
    }
}

/// Where a request lies, as far as its text and point say it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Located {
    /// The township or subdistrict.
    pub township: Option<UnitCode>,
    /// The village or community; it lies in the township.
    pub village: Option<UnitCode>,
    /// The grid; it lies in the village.
    pub grid: Option<GridCode>,
    /// The names that spoke for it, each once: those of the title, then of the address, then of the body;
    /// all that were found when it is ambiguous, none when only the point spoke. They are part of the
    /// citizen's text: show them, never store them.
    pub by: Vec<String>,
    /// Names lead to several townships or villages, and nothing tells which is meant: what is torn is
    /// not filled in. A person must say.
    pub ambiguous: bool,
    in_village: Option<bool>,
}

impl Located {
    /// Whether it lies in a village (村); not when it lies in a community (社区), `None` when neither is
    /// known.
    #[must_use]
    pub const fn in_village(&self) -> Option<bool> {
        self.in_village
    }
}

/// The names are part of a citizen's text and never come into a log.
impl std::fmt::Debug for Located {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Located")
            .field("township", &self.township)
            .field("village", &self.village)
            .field("grid", &self.grid)
            .field("by", &self.by.len())
            .field("ambiguous", &self.ambiguous)
            .field("in_village", &self.in_village)
            .finish()
    }
}
