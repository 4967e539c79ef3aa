//! Place: what is named is found, what is named twice is not guessed, and a point says no more than it can.

mod faults;

use std::sync::LazyLock;

use domain::directory::{Directory, Files, UnitKind};
use domain::place::{Gazetteer, Located, Places, Point};
use domain::{GridCode, UnitCode};
use proptest::prelude::*;
use proptest::sample::select;

const PLACES: &str = include_str!("../../../../infra/city/places.csv");
const AREAS: &str = include_str!("../../../../infra/city/areas.csv");

fn directory(units: &str, grids: &str) -> Directory {
    let files = Files {
        units: units.to_owned(),
        grids: grids.to_owned(),
        staff: "staff,role,unit".to_owned(),
        members: "member,name,team,skills,grid,contact,availability".to_owned(),
        ..Files::default()
    };
    Directory::read(0, &files).unwrap()
}

pub(crate) static CITY: LazyLock<Directory> = LazyLock::new(|| {
    let units = include_str!("../../../../infra/city/units.csv");
    directory(units, include_str!("../../../../infra/city/grids.csv"))
});
static SAMPLE: LazyLock<Gazetteer> = LazyLock::new(|| {
    let places = Places::read(PLACES, AREAS, &CITY).unwrap();
    Gazetteer::new(&CITY, &places)
});

/// A point in the middle of a grid of the sample city.
fn amid(grid: &str) -> Point {
    let line = AREAS.lines().find(|line| line.starts_with(grid)).unwrap();
    let degrees = |text: &str| -> i32 { text.replace('.', "").parse::<i32>().unwrap() * 10 };
    let points: Vec<(i32, i32)> = line
        .split_once(',')
        .unwrap()
        .1
        .split('|')
        .map(|point| {
            let (lon, lat) = point.split_once(' ').unwrap();
            (degrees(lon), degrees(lat))
        })
        .collect();
    let count = i64::try_from(points.len()).unwrap();
    let mean = |of: fn(&(i32, i32)) -> i32| {
        i32::try_from(points.iter().map(|point| i64::from(of(point))).sum::<i64>() / count).unwrap()
    };
    Point { lon_e6: mean(|point| point.0), lat_e6: mean(|point| point.1) }
}

fn grid_of(village: &str) -> &'static str {
    CITY.grids_of(&UnitCode::parse(village).unwrap()).next().unwrap().code.as_str()
}

/// Township, village and grid, `-` for what is not known, and `?` when it is ambiguous.
fn said(located: &Located) -> String {
    let unit = |code: &Option<UnitCode>| code.as_ref().map_or("-".to_owned(), UnitCode::to_string);
    let grid = located.grid.as_ref().map_or("-".to_owned(), GridCode::to_string);
    let mark = if located.ambiguous { " ?" } else { "" };
    format!("{} {} {grid}{mark}", unit(&located.township), unit(&located.village))
}

fn title(text: &str) -> String {
    said(&SAMPLE.locate(text, "", None, None))
}

#[test]
fn the_sample_city_s_places_are_whole() {
    let places = Places::read(PLACES, AREAS, &CITY).unwrap();
    assert_eq!((places.names(), places.areas()), (287, 737));
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(Places::read(&windows(PLACES), &windows(AREAS), &CITY).unwrap(), places);
}

#[test]
fn every_unit_and_every_grid_of_the_sample_is_found_by_its_name() {
    for unit in CITY.units() {
        let located = SAMPLE.locate(&format!("反映{}的问题", unit.name), "", None, None);
        let township = CITY.township_of(&unit.code).map(|township| &township.code);
        assert_eq!(located.township.as_ref(), township, "{}", unit.name);
        let expected = match unit.kind {
            UnitKind::Village => Some(true),
            UnitKind::Community => Some(false),
            UnitKind::Centre
            | UnitKind::Department
            | UnitKind::Utility
            | UnitKind::Institution
            | UnitKind::Township => None,
        };
        assert_eq!(located.in_village(), expected, "{}", unit.name);
        assert_eq!(located.village.is_some(), expected.is_some());
    }
    for grid in CITY.grids() {
        let by_text = SAMPLE.locate("", &format!("网格号{}。", grid.code), None, None);
        assert_eq!(
            (by_text.grid.as_ref(), &by_text.village),
            (Some(&grid.code), &Some(grid.village.clone()))
        );
        let by_point = SAMPLE.locate("你好", "谢谢", None, Some(amid(grid.code.as_str())));
        assert_eq!((by_point.grid.as_ref(), by_point.by.len()), (Some(&grid.code), 0));
        assert_eq!(by_point.village.as_ref(), Some(&grid.village));
    }
}

#[test]
fn the_longest_name_is_found_short_forms_too_and_words_are_no_names() {
    for (text, expected) in [
        ("石榴沟村路灯不亮", "mishan shiliugou -"),
        ("石榴沟路灯不亮", "mishan shiliugou -"),
        ("米山的路灯不亮", "mishan - -"),
        ("米山路的路灯不亮", "- - -"),
        ("石榴峪路灯不亮", "mishan shiliugou -"),
        ("下槐底村的路", "sanjia xiahuaidi -"),
        ("柿树上的柿子掉了，燕子也飞走了", "- - -"),
        ("三甲医院看病难", "- - -"),
        ("三甲镇看病难", "sanjia - -"),
        ("三甲街上看病难", "sanjia - -"),
        ("建宁县看病难", "- - -"),
        ("北城的河西", "- - -"),
        ("北城街道的河西", "beicheng - -"),
    ] {
        assert_eq!(title(text), expected, "{text}");
    }
}

#[test]
fn of_two_places_with_one_name_the_one_that_agrees_is_taken_and_else_neither() {
    let (in_beicheng, in_sizhuang) = (grid_of("shishugou"), amid(grid_of("shishuling")));
    assert_eq!(title("柿树桥的栏杆坏了"), "- - - ?");
    let told = SAMPLE.locate("柿树桥的栏杆坏了", "我是寺庄镇的", None, None);
    assert!(said(&told).starts_with("sizhuang shishuling 140581012"), "{told:?}");
    assert_eq!(told.by, ["柿树桥", "寺庄镇"]);
    let told = SAMPLE.locate("柿树桥的栏杆坏了", "", Some("柿树沟村三组"), None);
    assert!(said(&told).starts_with("beicheng shishugou 140581001"), "{told:?}");
    let pointed = SAMPLE.locate("柿树桥的栏杆坏了", "", None, Some(in_sizhuang));
    assert!(said(&pointed).starts_with("sizhuang shishuling 140581012"), "{pointed:?}");
    let elsewhere = Some(amid(grid_of("luweizhang")));
    let torn = SAMPLE.locate("柿树桥的栏杆坏了", "", None, elsewhere);
    assert_eq!((said(&torn).as_str(), torn.by), ("- - - ?", vec!["柿树桥".to_owned()]));
    // One of two villages of one township: the township is sure.
    assert_eq!(title("槐底的岔路"), "sanjia - - ?");
    assert_eq!(title("槐底的岔路，在下槐底村"), "sanjia xiahuaidi -");
    // Said twice in one part it counts once, and two that speak alike leave it open.
    assert_eq!(title("石榴沟村，石榴沟村，还有白鹭庄村"), "- - - ?");
    assert_eq!(title(&format!("石榴沟村的{in_beicheng}")), "- - - ?");
}

#[test]
fn a_road_through_several_villages_leaves_the_village_to_other_evidence() {
    let line = PLACES.lines().find(|line| line.contains(",road,bailuzhuang|")).unwrap();
    let road = line.split(',').next().unwrap();
    assert_eq!(title(&format!("{road}坑洼")), "hexi - - ?");
    assert_eq!(title(&format!("{road}坑洼，白鹭庄村口")), "hexi bailuzhuang -");
    let (grid, off) = (grid_of("bailuzhuang"), amid(grid_of("shigunzhang")));
    let on = SAMPLE.locate(road, "", None, Some(amid(grid)));
    assert_eq!(said(&on), format!("hexi bailuzhuang {grid}"));
    let beside = SAMPLE.locate(road, "", None, Some(off));
    assert_eq!(said(&beside), "hexi - - ?");
}

#[test]
fn title_and_address_weigh_more_than_the_body() {
    let two = |title, body, address| said(&SAMPLE.locate(title, body, address, None));
    assert_eq!(two("石榴沟村", "昨天去了白鹭庄村", None), "mishan shiliugou -");
    assert_eq!(two("", "昨天去了白鹭庄村", Some("米山镇石榴沟村")), "mishan shiliugou -");
    assert_eq!(two("白鹭庄村", "", Some("石榴沟村")), "- - - ?");
    assert_eq!(two("白鹭庄村", "白鹭庄村", Some("石榴沟村")), "hexi bailuzhuang -");
}

#[test]
fn what_the_text_names_is_before_the_point_and_the_grid_stays_open() {
    let (here, there) = (grid_of("shiliugou"), grid_of("bailuzhuang"));
    let beside = grid_of("lizizhang");
    let code = format!(
        "石榴沟村，网格{}",
        CITY.grids_of(&UnitCode::parse("shiliugou").unwrap()).last().unwrap().code
    );
    for (text, point, expected) in [
        ("石榴沟村", Some(here), format!("mishan shiliugou {here}")),
        ("石榴沟村", Some(there), "mishan shiliugou -".to_owned()),
        ("石榴沟村", Some(beside), "mishan shiliugou -".to_owned()),
        ("米山镇", Some(here), format!("mishan shiliugou {here}")),
        ("米山镇", Some(there), "mishan - -".to_owned()),
        ("石榴沟桥", Some(there), "mishan shiliugou -".to_owned()),
        // Who knows his grid by heart may be wrong; where he stands is where he stands.
        (&code, Some(here), format!("mishan shiliugou {here}")),
        (&code, Some(there), "mishan shiliugou -".to_owned()),
    ] {
        let located = SAMPLE.locate(text, "", None, point.map(amid));
        assert_eq!(said(&located), expected, "{text} {point:?}");
    }
    let nowhere = Point { lat_e6: 0, lon_e6: i32::MIN };
    assert_eq!(SAMPLE.locate("", "", None, Some(nowhere)), Located::default());
    let outside = SAMPLE.locate("石榴沟桥", "", None, Some(nowhere));
    assert_eq!(said(&outside), format!("mishan shiliugou {here}"), "as without a point");
}

#[test]
fn a_city_without_places_goes_by_its_directory_and_none_by_nothing() {
    let bare = Gazetteer::new(&CITY, &Places::default());
    assert_eq!(
        said(&bare.locate("石榴沟村", "", None, Some(amid(grid_of("lizizhang"))))),
        "mishan shiliugou -"
    );
    assert_eq!(bare.locate("柿树桥", "", None, None), Located::default());
    let none = Gazetteer::new(&Directory::default(), &Places::default());
    assert_eq!(none.locate("石榴沟村", "", None, None), Located::default());
    // Places of another version of the directory: what is gone is left out.
    let places = Places::read(PLACES, AREAS, &CITY).unwrap();
    let gone = Gazetteer::new(&Directory::default(), &places);
    assert_eq!(
        gone.locate("石榴沟桥", "", None, Some(amid(grid_of("shiliugou")))),
        Located::default()
    );
}

#[test]
fn neither_the_point_nor_the_names_are_in_a_log() {
    let point = amid(grid_of("shiliugou"));
    let located = SAMPLE.locate("石榴沟村", "", None, Some(point));
    assert_eq!(format!("{point:?}"), "Point(…)");
    assert!(!format!("{located:?}").contains("石榴沟"));
}

/// Sentences by hand, with the township and the village that each names, or none.
#[test]
fn what_the_hand_made_sentences_name_is_found_and_nothing_else() {
    for line in include_str!("../data/sentences.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let located = SAMPLE.locate("", cells[0], None, None);
        let codes = [&located.township, &located.village];
        let found = codes.map(|code| code.as_ref().map_or("", UnitCode::as_str));
        assert_eq!(found, [cells[3], cells[4]], "{}", cells[0]);
    }
}

/// A city with villages that are named alike.
const UNITS: &str = "unit,name,tier,kind,parent,duties\n\
    command-centre,中心,city,centre,,\n\
    water,水务局,city,department,command-centre,水\n\
    east,甲山镇,township,township,command-centre,\n\
    west,乙山镇,township,township,command-centre,\n\
    east-new,丁家庄村,village,village,east,\n\
    west-new,丁家庄村,village,village,west,\n\
    west-old,大丙水村,village,village,west,\n\
    west-small,丙水村,village,community,west,\n";
const GRIDS: &str = "grid,village\ng-1,east-new\ng-2,west-new\ng-3,west-old\ng-4,west-small\n";

#[test]
fn villages_that_are_named_alike_are_told_apart_by_their_townships() {
    let city = Gazetteer::new(&directory(UNITS, GRIDS), &Places::default());
    let title = |text| said(&city.locate(text, "", None, None));
    assert_eq!(title("丁家庄村"), "- - - ?");
    assert_eq!(title("丁家庄"), "- - -", "a short form of two is none");
    assert_eq!(title("乙山镇丁家庄村"), "west west-new -");
    assert_eq!(title("甲山丁家庄村"), "east east-new -");
    assert_eq!(title("大丙水村"), "west west-old -");
    assert_eq!(title("大丙水"), "west west-old -");
    assert_eq!(title("丙水"), "- - -", "it is in two names");
    assert_eq!(title("丙水村 g-1"), "west west-small -", "a short code is a number like others");
}

/// Texts of names, words and noise.
fn text() -> impl Strategy<Value = String> {
    let names = PLACES.lines().skip(1).filter_map(|line| line.split(',').next());
    let mut words: Vec<String> = names.map(str::to_owned).collect();
    words.extend(CITY.units().map(|unit| unit.name.clone()));
    words.extend(CITY.grids().step_by(10).map(|grid| grid.code.to_string()));
    words.extend(["路灯", "柿树", "上", "，", "村", "1"].map(str::to_owned));
    prop::collection::vec(select(words), 0..5).prop_map(|words| words.concat())
}

/// What is located is one place of the directory, and what is torn is left open.
fn is_sound(located: &Located) {
    let village_of = |grid: &GridCode| CITY.grid(grid).unwrap().village.clone();
    let township_of = |village: &UnitCode| CITY.township_of(village).unwrap().code.clone();
    assert!(located.grid.is_none() || located.grid.as_ref().map(village_of) == located.village);
    let township = located.village.as_ref().map(township_of);
    assert!(township.is_none() || township == located.township);
    assert_eq!(located.village.is_some(), located.in_village().is_some());
    assert!(!located.ambiguous || located.village.is_none());
}

proptest! {
    #[test]
    fn what_is_located_is_one_place_of_the_directory_and_its_names_are_in_the_text(
        (title, body, address) in (text(), text(), prop::option::of(text())),
        point in prop::option::of((35_600_000..36_000_000, 112_700_000..113_150_000)),
    ) {
        let point = point.map(|(lat_e6, lon_e6)| Point { lat_e6, lon_e6 });
        let located = SAMPLE.locate(&title, &body, address.as_deref(), point);
        is_sound(&located);
        let whole = format!("{title}\n{body}\n{}", address.unwrap_or_default());
        for name in &located.by {
            prop_assert!(whole.contains(name.as_str()));
        }
    }

    #[test]
    fn no_text_is_too_strange(title in ".{0,60}", body in ".{0,200}", lat_e6: i32, lon_e6: i32) {
        is_sound(&SAMPLE.locate(&title, &body, Some(&title), Some(Point { lat_e6, lon_e6 })));
    }
}
