//! The directory: what is right survives, and what is wrong is found, wherever it stands.

use std::collections::BTreeSet;

use domain::directory::{Directory, DirectoryFault, Files, Skill, TeamKind, UnitKind, role_fits};
use domain::{GridCode, Role, UnitCode};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A file as its heading and lines of cells.
type Rows = Vec<Vec<String>>;
/// The four files.
type Texts = [Rows; 4];

const HEADINGS: [&str; 4] = [
    "unit,name,tier,kind,parent,duties",
    "grid,village",
    "staff,role,unit",
    "member,name,team,skills,grid,contact,availability",
];

fn files(texts: &Texts) -> Files {
    let mut all = HEADINGS.iter().zip(texts).map(|(heading, rows)| {
        let lines: Vec<String> = rows.iter().map(|cells| cells.join(",")).collect();
        format!("{heading}\n{}\n", lines.join("\n"))
    });
    Files::gather(|_| Ok::<_, ()>(all.next().unwrap_or_default())).unwrap()
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// Units and grids: of each township's villages, how many grids each has.
fn places(townships: &[Vec<usize>], names: &[String]) -> (Rows, Rows) {
    let mut names = names.iter().cycle().map(String::as_str);
    let mut name = || names.next().unwrap();
    let mut units = vec![
        row(&["command-centre", name(), "city", "centre", "", ""]),
        row(&["roads", name(), "city", "department", "command-centre", "a|b"]),
        row(&["water", name(), "city", "utility", "command-centre", name()]),
    ];
    let mut grids = Vec::new();
    for (t, villages) in townships.iter().enumerate() {
        let township = format!("t{t}");
        units.push(row(&[&township, name(), "township", "township", "command-centre", ""]));
        for (v, count) in villages.iter().enumerate() {
            let village = format!("t{t}v{v}");
            let kind = if v % 2 == 0 { "village" } else { "community" };
            units.push(row(&[&village, name(), "village", kind, &township, ""]));
            grids.extend((0..*count).map(|g| row(&[&format!("{t}-{v}-{g}"), &village])));
        }
    }
    (units, grids)
}

fn staff(units: &Rows) -> Rows {
    let mut staff = Vec::new();
    for unit in units {
        let kind = UnitKind::parse(&unit[3]).unwrap();
        for role in Role::ALL.iter().filter(|role| role_fits(**role, kind)) {
            staff.push(row(&[&format!("{}.{role}", unit[0]), role.as_str(), &unit[0]]));
        }
    }
    staff
}

prop_compose! {
    fn member()(
        name in "[a-z一-龥]{1,40}",
        team in select(TeamKind::ALL),
        skills in 1_usize..8,
        grid in any::<Index>(),
        contact in "[0-9]{3,20}",
        when in select(vec!["always", "daytime", "evenings", "weekends", "away"]),
    ) -> (Index, Vec<String>) {
        let known = team.skills().iter().enumerate().filter(|(at, _)| skills & (1 << at) != 0);
        let known: Vec<&str> = known.map(|(_, skill)| skill.as_str()).collect();
        (grid, row(&["", &name, team.as_str(), &known.join("|"), "", &contact, when]))
    }
}

prop_compose! {
    /// A right directory, its lines in any order.
    fn city()(
        townships in prop::collection::vec(prop::collection::vec(1_usize..3, 1..4), 1..4),
        names in prop::collection::vec("[A-Za-z0-9一-龥（）·-]{1,40}", 1..6),
        members in prop::collection::vec(member(), 1..8),
    )(
        texts in {
            let (units, grids) = places(&townships, &names);
            let of = |(at, (grid, mut cells)): (usize, (Index, Vec<String>))| {
                (cells[0], cells[4]) = (format!("m{at}"), grid.get(&grids)[0].clone());
                cells
            };
            let members: Rows = members.into_iter().enumerate().map(of).collect();
            let staff = staff(&units);
            [units, grids, staff, members].map(|rows| Just(rows).prop_shuffle())
        }
    ) -> Texts {
        texts
    }
}

/// What can be wrong in a cell, given its line and the first cell of another line.
fn spoiled(file: usize, column: usize, cells: &[String], other: &str) -> Vec<String> {
    let long = "长".repeat(41);
    let own: Vec<&str> = match (file, column) {
        (_, 0) => vec!["", "-x", "a b", "村", "x\"", other],
        (0 | 3, 1) => vec!["", &long, "\"a\"", "a|b", "a\u{7}b"],
        (0, 2) => vec!["", "county", if cells[2] == "city" { "village" } else { "city" }],
        (0, 3) => vec!["", "city", "Village"],
        (0, 4) if cells[3] == "centre" => vec!["command-centre", "roads"],
        (0, 4) => vec!["", "nowhere", "roads", &cells[0]],
        (0, 5) if ["department", "utility"].contains(&cells[3].as_str()) => vec!["", "a||b"],
        (0, 5) => vec!["|", "\"a\"", &long],
        (1, 1) => vec!["", "nowhere", "t0", "roads"],
        (2, 1) => vec!["", "king", if cells[2] == "command-centre" { "x" } else { "caller" }],
        (2, 2) => vec!["", "nowhere"],
        (3, 2) => vec!["", "king"],
        (3, 3) => vec!["", "flying", "|", "waste|waste", "waste|visiting", "visiting|"],
        (3, 4) => vec!["", "nowhere"],
        (3, 5) => vec!["", "12", "123456789012345678901", "12a4", "+86100", "１２３４"],
        (3, 6) => vec!["", "never"],
        _ => unreachable!("there is no such column"),
    };
    own.into_iter().map(str::to_owned).collect()
}

fn read(texts: &Texts) -> Result<Directory, Vec<DirectoryFault>> {
    Directory::read(0, &files(texts))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_right_directory_survives_writing_and_reading(texts in city()) {
        let directory = read(&texts).unwrap();
        let written = directory.write();
        prop_assert_eq!(Directory::read(0, &written).unwrap(), directory);
        prop_assert_eq!(Directory::read(7, &written).unwrap().write(), written);
    }

    #[test]
    fn a_wrong_cell_is_found_with_its_line_and_column(
        mut texts in city(),
        (file, line, column) in (0_usize..4, any::<Index>(), any::<Index>()),
        (other, how) in (any::<Index>(), any::<Index>()),
    ) {
        let rows = &mut texts[file];
        let (line, other) = (line.index(rows.len()), other.get(rows)[0].clone());
        let column = column.index(rows[line].len());
        let wrong = how.get(&spoiled(file, column, &rows[line], &other)).clone();
        prop_assume!(wrong != rows[line][column] || column > 0);
        prop_assume!(!(column == 0 && wrong == rows[line][0]));
        rows[line][column] = wrong;
        // Of two lines with one code the second is at fault.
        let code = rows[line][0].clone();
        let at = if column == 0 { rows.iter().rposition(|row| row[0] == code).unwrap() } else { line };
        let faults = read(&texts).unwrap_err();
        let name = HEADINGS[file].split(',').nth(column).unwrap();
        let place = (Files::NAMES[file], at + 2, name);
        prop_assert!(faults.iter().any(|f| (f.file, f.line, f.column) == place), "{place:?} {faults:?}");
        // A cell that nothing refers to is all that is wrong.
        let alone = column > 0 && faults.iter().any(|f| (f.file, f.line, f.column) != place);
        prop_assert!(!alone, "{place:?} {faults:?}");
    }

    #[test]
    fn a_line_with_a_cell_too_few_or_too_many_is_found(
        mut texts in city(),
        (file, line, more) in (0_usize..4, any::<Index>(), any::<bool>()),
    ) {
        let line = line.index(texts[file].len());
        let cells = &mut texts[file][line];
        if more { cells.push(String::new()) } else { drop(cells.pop()) }
        let faults = read(&texts).unwrap_err();
        let place = (Files::NAMES[file], line + 2, "line");
        prop_assert!(faults.iter().any(|f| (f.file, f.line, f.column) == place), "{faults:?}");
    }
}

fn sample() -> Files {
    Files {
        units: include_str!("../../../../infra/city/units.csv").to_owned(),
        grids: include_str!("../../../../infra/city/grids.csv").to_owned(),
        staff: include_str!("../../../../infra/city/staff.csv").to_owned(),
        members: include_str!("../../../../infra/city/members.csv").to_owned(),
        places: include_str!("../../../../infra/city/places.csv").to_owned(),
        areas: include_str!("../../../../infra/city/areas.csv").to_owned(),
    }
}

fn code(text: &str) -> UnitCode {
    UnitCode::parse(text).unwrap()
}

#[test]
fn the_sample_city_is_whole() {
    let city = Directory::read(0, &sample()).unwrap();
    assert_eq!(city.grids().len(), 737, "as many grids as Gaoping has");
    assert_eq!((city.places().names(), city.places().areas()), (287, 737));
    assert_eq!(Directory::read(0, &city.write()).as_ref(), Ok(&city));
    let townships: Vec<_> = city.units().filter(|u| u.kind == UnitKind::Township).collect();
    assert_eq!(townships.len(), 16);
    for township in townships {
        let villages = city.children(&township.code).count();
        assert!((10..=25).contains(&villages), "{}: {villages}", township.code);
    }
    for grid in city.grids() {
        let teams: BTreeSet<TeamKind> = city.members_of(&grid.code).map(|one| one.team).collect();
        assert_eq!(teams.len(), 10, "every team is in {}", grid.code);
    }
    for unit in city.units() {
        assert!(city.staff_of(&unit.code).count() > 0, "{} has nobody", unit.code);
    }
    for one in city.all_members() {
        assert!(one.name.starts_with("样例员") && one.contact.starts_with("100"), "{}", one.id);
    }
}

#[test]
fn what_later_work_asks_is_answered() {
    let city = Directory::read(3, &sample()).unwrap();
    assert_eq!(city.version(), 3);
    let (village, township) = (code("shiliugou"), code("mishan"));
    assert_eq!(city.parent(&village).unwrap().code, township);
    assert!(city.children(&township).any(|unit| unit.code == village));
    assert_eq!(city.parent(&township).unwrap().code.as_str(), "command-centre");
    assert!(city.parent(&code("command-centre")).is_none());
    for (of, is) in [("shiliugou", Some("mishan")), ("mishan", Some("mishan")), ("education", None)]
    {
        assert_eq!(city.township_of(&code(of)).map(|unit| unit.code.as_str()), is);
    }
    let grid = city.grids_of(&village).next().unwrap();
    assert_eq!(city.grid(&grid.code), Some(grid));
    let found = Skill::ALL.iter().flat_map(|skill| city.members(&grid.code, *skill));
    assert!(found.count() >= city.members_of(&grid.code).count());
    let nowhere = GridCode::parse("nowhere").unwrap();
    assert_eq!(city.members(&nowhere, Skill::Waste).count(), 0);
    assert!(city.unit(&code("nowhere")).is_none());
}

#[test]
fn all_faults_are_told_at_once_and_no_value_is_quoted() {
    let mut files = sample();
    files.units = files.units.replace("education,教育局,city", "education,教育局,village");
    files.staff.push_str("张三,handler,nowhere\n");
    files.members.push_str("m-x,张三,volunteers,waste,140581001001,一三八,always\n");
    files.grids.push_str("140581001001,education\n");
    let faults = Directory::read(0, &files).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(!told.concat().contains("张三"));
    insta::assert_snapshot!(told.join("\n"));
    assert!(!format!("{files:?}").contains("样例员"));
    let members = Directory::read(0, &sample()).unwrap();
    assert!(!format!("{:?}", members.all_members().next()).contains("样例员"));
}

#[test]
fn a_city_without_its_centre_or_a_village_without_a_grid_is_not_whole() {
    let files = Files {
        units: format!(
            "{}\nt,甲,township,township,command-centre,\nv,乙,village,village,t,\n",
            HEADINGS[0]
        ),
        grids: format!("{}\n", HEADINGS[1]),
        staff: format!("{}\n", HEADINGS[2]),
        members: format!("{}\n", HEADINGS[3]),
        ..Files::default()
    };
    let faults = Directory::read(0, &files).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
    let nothing = Directory::read(0, &Files::default()).unwrap_err();
    assert_eq!(nothing.len(), 4, "a heading each");
}
