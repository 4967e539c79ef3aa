//! One fault at a time, of every kind, in a small catalog that has none.

use std::collections::BTreeSet;

use domain::catalog::{FaultKind, ITEMS_MAX, KEYWORD_USERS_MAX, check};
use domain::directory::Directory;

use super::{CITY, Row, catalog, column};

const ITEMS: [&str; 4] = [
    "A-1,甲类,井盖缺失,urban-management,@township,power-company,urgent,24h,《法》,,井盖|窨井|没盖|缺盖,井盖没了,窨井没盖",
    "A-2,甲类,路灯不亮,urban-management,,@township,general,5wd,《法》,,路灯|灯灭|黑灯|摸黑,路灯坏了,一路黑灯",
    "A-3,乙类,垃圾没清,@township,sanitation,,complex,15d,《法》,,垃圾|臭味|没清|堆满,垃圾堆着,臭味大",
    "N-1,丙类,法院判决,command-centre,,,general,5wd,《法》,请找法院,法院|判决|庭审|上诉,法院判错了,判决不公",
];

fn rows() -> Vec<Row> {
    let row = |line: &&str| {
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells.try_into().unwrap()
    };
    ITEMS.iter().map(row).collect()
}

/// The faults with these cells (item, column, text) instead, one a line.
fn told(cells: &[(usize, &str, &str)]) -> String {
    told_in(&CITY, cells)
}

fn told_in(directory: &Directory, cells: &[(usize, &str, &str)]) -> String {
    let mut rows = rows();
    for (at, name, cell) in cells {
        rows[*at][column(name)] = (*cell).to_owned();
    }
    let faults = check(&catalog(&rows), directory);
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Every way to be wrong, with what it is told as.
#[test]
fn each_single_fault_is_told_as_what_it_is() {
    assert_eq!(told(&[]), "");
    let cases: &[&[(usize, &str, &str)]] = &[
        &[(1, "item", "A-1")],
        &[(1, "name", "井盖缺失")],
        &[
            (1, "keywords", "井盖|窨井|没盖|缺盖"),
            (1, "example_1", "缺盖"),
            (1, "example_2", "没盖"),
        ],
        &[(0, "keywords", "井盖|窨井|没盖|缺盖|井盖")],
        &[(0, "example_2", "井盖没了")],
        &[(0, "assisting", "urban-management")],
        &[(0, "assisting", "power-company|power-company")],
        &[(1, "in_villages", "urban-management")],
        &[(1, "keywords", "路灯|黑灯|井盖|窨井|没盖")],
        &[(1, "example_1", "井盖没了")],
        &[(1, "example_1", "路灯下的井盖和窨井没盖")],
        &[(0, "keywords", "")],
        &[(1, "keywords", "垃圾|井盖"), (1, "example_1", "垃圾"), (1, "example_2", "井盖")],
        &[(1, "example_1", "坏了"), (1, "example_2", "快修")],
        &[(0, "unit", "nobody")],
        &[(0, "in_villages", "nobody")],
        &[(0, "assisting", "nobody|power-company|no-one")],
        &[(0, "limit", "25h")],
        &[(0, "limit", "1d")],
        &[(0, "urgency", "emergency")],
        &[(0, "urgency", "emergency"), (0, "limit", "1wd")],
        &[(1, "limit", "6wd")],
        &[(1, "limit", "8d")],
        &[(2, "limit", "361h")],
        &[(2, "limit", "11wd")],
        &[(0, "unit", "shiliugou")],
        &[(0, "unit", "mishan")],
        &[(0, "in_villages", "shiliugou")],
        &[(0, "in_villages", "command-centre")],
        &[(1, "unit", "command-centre")],
        &[(1, "elsewhere", "请找供电公司")],
        &[(3, "elsewhere", "")],
        &[(3, "in_villages", "@township")],
        &[(1, "example_2", "")],
        &[(1, "example_1", ""), (1, "example_2", "")],
    ];
    let mut text = String::new();
    for cells in cases {
        let told = told(cells);
        assert!(!told.is_empty(), "{cells:?}");
        text.push_str(&format!("{cells:?}\n{told}\n\n"));
    }
    insta::assert_snapshot!(text);
    for kind in FaultKind::ALL.iter().filter(|kind| **kind != FaultKind::Unreadable) {
        assert!(text.contains(&format!(": {kind}: ")), "{kind}");
    }
}

#[test]
fn a_city_without_townships_has_nobody_for_them() {
    insta::assert_snapshot!(told_in(&Directory::default(), &[]));
}

#[test]
fn what_is_at_the_edge_is_right() {
    for cells in [
        [(0, "urgency", "emergency"), (0, "limit", "2h")],
        [(1, "limit", "7d"), (2, "limit", "10wd")],
        [(1, "limit", "168h"), (2, "limit", "360h")],
        // Half of the keywords of the one that has fewer.
        [(1, "keywords", "路灯|黑灯|井盖|窨井"), (2, "keywords", "垃圾|臭味|没盖")],
        // As much of its text speaks for another item.
        [(1, "example_1", "路灯下的井盖"), (1, "example_2", "黑灯")],
        // One long word of another item is no more than a short one of its own.
        [(0, "keywords", "井盖没了|窨井|没盖|缺盖"), (1, "example_1", "路灯下的井盖没了")],
        // Two short ones that stand in a long one are no more than it.
        [(1, "keywords", "井盖窨井灯|黑灯"), (1, "example_1", "井盖窨井灯坏了")],
    ] {
        assert_eq!(told(&cells), "", "{cells:?}");
    }
}

/// So many items that share one keyword, each with two of its own.
fn crowd(count: usize) -> Vec<Row> {
    let base = rows()[0].clone();
    let of = |number: usize| {
        let mut row = base.clone();
        row[column("item")] = format!("B-{number}");
        row[column("name")] = format!("第{number}项");
        row[column("keywords")] = format!("井盖|唯一{number}一|唯一{number}二");
        row[column("example_1")] = format!("井盖唯一{number}一");
        row[column("example_2")] = format!("井盖唯一{number}二");
        row
    };
    (0..count).map(of).collect()
}

#[test]
fn a_keyword_that_too_many_items_have_is_told_and_compares_none() {
    assert_eq!(check(&catalog(&crowd(KEYWORD_USERS_MAX)), &CITY), []);
    let faults = check(&catalog(&crowd(KEYWORD_USERS_MAX + 1)), &CITY);
    assert_eq!(faults.len(), KEYWORD_USERS_MAX + 1);
    assert_eq!(
        faults[0].to_string(),
        "B-0: ambiguous: `井盖` is a keyword of 21 items and tells none apart: take it out"
    );
}

/// That the largest catalog is checked in time: by comparing each item with each this would take an hour.
#[test]
fn the_largest_catalog_of_items_that_all_share_their_words_is_checked() {
    let mut rows = crowd(ITEMS_MAX);
    let shared: Vec<String> = (10..39).map(|number| format!("共有{number}")).collect();
    for (at, row) in rows.iter_mut().enumerate() {
        row[column("keywords")] = format!("{}|唯一{at}", shared.join("|"));
        row[column("example_1")] = format!("{at}唯一{at}，{}", shared.concat());
    }
    let faults = check(&catalog(&rows), &CITY);
    assert_eq!(faults.len(), ITEMS_MAX * shared.len());
}

#[test]
fn faults_come_by_item_and_kind_and_a_row_pasted_twice_is_one() {
    let mut rows = rows();
    rows[0][column("unit")] = "nobody".to_owned();
    rows[0][column("limit")] = "25h".to_owned();
    rows[2][column("name")] = "路灯不亮".to_owned();
    rows.insert(2, rows[1].clone());
    let faults = check(&catalog(&rows), &CITY);
    let found: Vec<(&str, FaultKind)> =
        faults.iter().map(|fault| (fault.item.as_str(), fault.kind)).collect();
    let expected = [
        ("A-1", FaultKind::MissingUnit),
        ("A-1", FaultKind::ImpossibleLimit),
        ("A-2", FaultKind::Duplicate),
        ("A-2", FaultKind::Duplicate),
        ("A-2", FaultKind::Duplicate),
        ("A-3", FaultKind::Duplicate),
    ];
    assert_eq!(found, expected);
    let details: BTreeSet<&str> = faults.iter().map(|fault| fault.detail.as_str()).collect();
    assert!(details.iter().any(|detail| detail.contains("A-3 (路灯不亮)")), "{details:?}");
}
