//! Reading places: everything that is wrong with them is found at once.

use std::collections::{BTreeMap, BTreeSet};

use super::area::Area;
use super::{Code, PlaceFault, PlaceKind, PlaceName, Places, Point};
use crate::directory::{Directory, Line, NAME, Table, in_order, is_name, parts};
use crate::ids::{GridCode, UnitCode};
use crate::lifecycle::Tier;

/// At most so many codes say where one name is.
pub const WHERE_MAX: usize = 100;
/// A name has at least so many characters: one character stands in too many words.
const NAME_CHARS_MIN: usize = 2;

pub(super) const PLACES: Table<3> = Table {
    file: "places.csv",
    columns: ["name", "kind", "where"],
    heading: "the heading `name,kind,where`",
};
pub(super) const AREAS: Table<2> = Table {
    file: "areas.csv",
    columns: ["grid", "polygon"],
    heading: "the heading `grid,polygon`",
};

const POINTS: &str =
    "points as `lon lat` in degrees with at most six decimals and `|` between them";

/// The names of the directory that a place cannot have as well.
struct Taken<'d> {
    /// Of townships and villages.
    areas: BTreeSet<&'d str>,
    /// Of all units.
    units: BTreeSet<&'d str>,
}

impl Places {
    /// Reads `name,kind,where` and `grid,polygon`; an empty text has nothing. A code that is a unit's and a
    /// grid's is the unit's.
    ///
    /// # Errors
    /// Every [`PlaceFault`], by file and line.
    pub fn read(
        places_csv: &str,
        areas_csv: &str,
        directory: &Directory,
    ) -> Result<Self, Vec<PlaceFault>> {
        let mut faults = Vec::new();
        let names = names(places_csv, directory, &mut faults);
        let areas = areas(areas_csv, directory, &mut faults);
        if faults.is_empty() {
            return Ok(Self { names, areas });
        }
        Err(in_order(faults, &Self::NAMES))
    }
}

fn names(text: &str, directory: &Directory, faults: &mut Vec<PlaceFault>) -> Vec<PlaceName> {
    let all = || directory.units();
    let taken = Taken {
        areas: all().filter(|unit| is_area(unit.tier())).map(|unit| unit.name.as_str()).collect(),
        units: all().map(|unit| unit.name.as_str()).collect(),
    };
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for (at, [name, kind, places]) in rows(&PLACES, text, faults) {
        let mut line = PLACES.line(at, faults);
        let kind = has_name(&mut line, (name, kind), &taken);
        let codes = codes(&mut line, places, directory);
        let is_new = codes.iter().all(|code| seen.insert((name.to_owned(), code.clone())));
        line.check(is_new, "where", "each code once, in all lines of this name together");
        names.extend(kind.map(|kind| PlaceName { name: name.to_owned(), kind, codes }));
    }
    // In one order, so that places that say the same are equal.
    names.sort_unstable();
    names
}

/// The lines of a text, of an empty one none.
fn rows<'a, const N: usize>(
    table: &Table<N>,
    text: &'a str,
    faults: &mut Vec<PlaceFault>,
) -> Vec<(usize, [&'a str; N])> {
    if text.is_empty() { Vec::new() } else { table.rows(text, faults) }
}

const fn is_area(tier: Tier) -> bool {
    match tier {
        Tier::Township | Tier::Village => true,
        Tier::City => false,
    }
}

fn has_name(
    line: &mut Line<'_>,
    (name, kind): (&str, &str),
    taken: &Taken<'_>,
) -> Option<PlaceKind> {
    line.check(is_name(name), "name", NAME);
    let is_long = name.is_empty() || name.chars().count() >= NAME_CHARS_MIN;
    line.check(is_long, "name", "at least two characters");
    let kind = line.take(PlaceKind::parse(kind), "kind", "`road`, `landmark` or `alias`");
    let is_free = match kind {
        Some(PlaceKind::Alias) => !taken.units.contains(name),
        // The house of a department is a landmark and has its name.
        Some(PlaceKind::Road | PlaceKind::Landmark) | None => !taken.areas.contains(name),
    };
    line.check(is_free, "name", "another name than a unit's in units.csv");
    kind
}

fn codes(line: &mut Line<'_>, cell: &str, directory: &Directory) -> Vec<Code> {
    let mut known: Vec<Code> = parts(cell).filter_map(|part| code(part, directory)).collect();
    line.check(
        !known.is_empty() && known.len() == parts(cell).count(),
        "where",
        "codes of townships, villages or grids of the directory with `|` between",
    );
    line.check(known.len() <= WHERE_MAX, "where", "at most 100 codes");
    known.sort_unstable();
    known
}

fn code(text: &str, directory: &Directory) -> Option<Code> {
    let unit = UnitCode::parse(text).ok().and_then(|code| directory.unit(&code));
    if let Some(unit) = unit.filter(|unit| is_area(unit.tier())) {
        return Some(Code::Unit(unit.code.clone()));
    }
    let grid = GridCode::parse(text).ok().filter(|code| directory.grid(code).is_some());
    grid.map(Code::Grid)
}

fn areas(
    text: &str,
    directory: &Directory,
    faults: &mut Vec<PlaceFault>,
) -> BTreeMap<GridCode, Area> {
    let mut seen = BTreeSet::new();
    let mut areas = BTreeMap::new();
    for (at, [grid, polygon]) in rows(&AREAS, text, faults) {
        let mut line = AREAS.line(at, faults);
        let grid = GridCode::parse(grid).ok().filter(|code| directory.grid(code).is_some());
        let grid = line.take(grid, "grid", "a grid of grids.csv");
        line.once(grid.as_ref(), &mut seen, "grid");
        let area = area(polygon);
        if let Err(expected) = &area {
            line.check(false, "polygon", expected);
        }
        areas.extend(grid.zip(area.ok()));
    }
    areas
}

fn area(cell: &str) -> Result<Area, &'static str> {
    let read = |part: &str| {
        let (lon, lat) = part.split_once(' ')?;
        Some((micro_degrees(lon)?, micro_degrees(lat.trim_start())?))
    };
    let degrees: Option<Vec<(i32, i32)>> = parts(cell).map(read).collect();
    let points: Vec<Point> = degrees
        .ok_or(POINTS)?
        .into_iter()
        .map(|(lon_e6, lat_e6)| Point { lat_e6, lon_e6 })
        .collect();
    let is_on_earth = |point: &Point| {
        point.lon_e6.unsigned_abs() <= 180_000_000 && point.lat_e6.unsigned_abs() <= 90_000_000
    };
    if !points.iter().all(is_on_earth) {
        return Err("points within 180 degrees of longitude and 90 of latitude");
    }
    Area::new(points)
}

/// `112.92` as 112,920,000; `None` of what is written in another way.
fn micro_degrees(text: &str) -> Option<i32> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !are_digits(whole, 3) || !are_digits(decimals, 6) {
        return None;
    }
    let all: i32 = format!("{whole}{decimals:0<6}").parse().ok()?;
    Some(sign * all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_read_to_the_millionth() {
        for (text, expected) in [
            ("112.92", 112_920_000),
            ("-0.000001", -1),
            ("35", 35_000_000),
            ("999.999999", 999_999_999),
            ("0.0", 0),
        ] {
            assert_eq!(micro_degrees(text), Some(expected), "{text}");
        }
        for text in ["", "-", ".5", "5.", "+1", "1.0000000", "1000", "1e2", "１", "1 ", "--1"] {
            assert_eq!(micro_degrees(text), None, "{text}");
        }
    }
}
