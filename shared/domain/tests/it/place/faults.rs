//! What is wrong with places is named, all of it at once.

use domain::place::{Places, WHERE_MAX};

use super::{CITY, GRIDS, UNITS, directory};

fn faults(places: &str, areas: &str) -> Vec<String> {
    let places = format!("name,kind,where\n{places}");
    let areas = format!("grid,polygon\n{areas}");
    let read = Places::read(&places, &areas, &directory(UNITS, GRIDS));
    read.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// The fault of the third line of a file, if there is one.
fn third(file: &str, fault: Option<(&str, &str)>) -> Vec<String> {
    fault.iter().map(|(column, must)| format!("{file}:3:{column}: must be {must}")).collect()
}

#[test]
fn a_fault_in_a_place_is_named_by_line_and_column() {
    let (unit, name) = (
        "another name than a unit's in units.csv",
        "1 to 40 characters, none of them a quotation mark or `|`",
    );
    let codes = "codes of townships, villages or grids of the directory with `|` between";
    let once = "each code once, in all lines of this name together";
    let long = "长".repeat(41);
    for (line, expected) in [
        ("石桥,landmark,g-1|west-new|east", None),
        ("水务局,landmark,g-1", None),
        ("丁家庄,alias,west-new", None),
        ("水务局,alias,g-1", Some(("name", unit))),
        ("丁家庄村,alias,west-new", Some(("name", unit))),
        ("甲山镇,road,west-new", Some(("name", unit))),
        (",road,g-1", Some(("name", name))),
        (&format!("{long},road,g-1"), Some(("name", name))),
        ("石\"桥,road,g-1", Some(("name", name))),
        ("桥,landmark,g-1", Some(("name", "at least two characters"))),
        ("石桥,bridge,g-1", Some(("kind", "`road`, `landmark` or `alias`"))),
        ("石桥,road,", Some(("where", codes))),
        ("石桥,road,g-1|", Some(("where", codes))),
        ("石桥,road,g-9", Some(("where", codes))),
        ("石桥,road,water", Some(("where", codes))),
        ("石桥,road,g-1|g-1", Some(("where", once))),
        ("老桥,road,g-1", Some(("where", once))),
        ("石桥,road", Some(("line", "as many cells as the heading has columns"))),
    ] {
        let found = faults(&format!("老桥,landmark,g-1\n{line}\n"), "");
        assert_eq!(found, third("places.csv", expected), "{line}");
    }
    let most = directory(
        UNITS,
        &format!("{GRIDS}{}", (5..120).map(|g| format!("g-{g},west-new\n")).collect::<String>()),
    );
    for (count, is_right) in [(WHERE_MAX, true), (WHERE_MAX + 1, false)] {
        let codes: Vec<String> = (1..=count).map(|g| format!("g-{g}")).collect();
        let places = format!("name,kind,where\n长路,road,{}", codes.join("|"));
        assert_eq!(Places::read(&places, "grid,polygon", &most).is_ok(), is_right, "{count}");
    }
}

#[test]
fn a_fault_in_an_area_is_named_by_line_and_column() {
    let points = "points as `lon lat` in degrees with at most six decimals and `|` between them";
    let earth = "points within 180 degrees of longitude and 90 of latitude";
    let crossed = "a polygon that does not cross or touch itself";
    for (line, expected) in [
        ("g-2,0 0|1.5 0|1 1.000001", None),
        ("g-2,180 90|-180 90|0 -90", None),
        ("g-9,0 0|1 0|1 1", Some(("grid", "a grid of grids.csv"))),
        ("west,0 0|1 0|1 1", Some(("grid", "a grid of grids.csv"))),
        ("g-1,0 0|1 0|1 1", Some(("grid", "a code that stands in no line before"))),
        ("g-2,", Some(("polygon", "at least three points"))),
        ("g-2,0 0|1 0", Some(("polygon", "at least three points"))),
        ("g-2,0 0|1 0|1", Some(("polygon", points))),
        ("g-2,0 0|1 0|1 1.0000001", Some(("polygon", points))),
        ("g-2,0 0|1 0|one 1", Some(("polygon", points))),
        ("g-2,0 0|180.000001 0|1 1", Some(("polygon", earth))),
        ("g-2,0 0|1 0|1 -90.1", Some(("polygon", earth))),
        ("g-2,0 0|1 1|1 0|0 1", Some(("polygon", crossed))),
        (
            "g-2,0 0|1 0|1 1|0 0",
            Some(("polygon", "points of which none is repeated, the first at the end neither")),
        ),
    ] {
        let found = faults("", &format!("g-1,0 0|1 0|1 1\n{line}\n"));
        assert_eq!(found, third("areas.csv", expected), "{line}");
    }
}

#[test]
fn all_faults_are_named_at_once_in_the_order_of_the_files() {
    let found = faults("桥,bridge,nowhere\n\n石桥,road\n", "nowhere,1 1\n");
    let places: Vec<&str> =
        found.iter().map(|fault| fault.split(" must").next().unwrap()).collect();
    assert_eq!(
        places,
        [
            "places.csv:2:name:",
            "places.csv:2:kind:",
            "places.csv:2:where:",
            "places.csv:4:line:",
            "areas.csv:2:grid:",
            "areas.csv:2:polygon:",
        ]
    );
    let headless = Places::read("x", "y", &CITY).unwrap_err();
    let headings: Vec<String> = headless.iter().map(ToString::to_string).collect();
    assert_eq!(
        headings,
        [
            "places.csv:1:line: must be the heading `name,kind,where`",
            "areas.csv:1:line: must be the heading `grid,polygon`"
        ]
    );
}
