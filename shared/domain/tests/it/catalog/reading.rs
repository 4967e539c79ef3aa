//! What is right survives writing and reading; what cannot be read is named with its line and column.

use domain::Hash;
use domain::catalog::{
    ASSISTING_MAX, Catalog, FaultKind, FormFault, ITEMS_MAX, KEYWORDS_MAX, TEXT_CHARS_MAX,
    Unreadable, check,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{CATALOG, CITY, Row, SAMPLE, catalog, column};

const HEADING: &str = "item,category,name,unit,in_villages,assisting,urgency,limit,basis,elsewhere,keywords,example_1,example_2";
const LINE: &str = "A-1,甲类,甲项,roads,,,general,5wd,《法》,,井盖|窨井,井盖没了,窨井没盖";

/// Lines of text as `line column item`, and what it should be.
fn told(unreadable: &Unreadable) -> Vec<String> {
    let item =
        |fault: &FormFault| fault.item.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    unreadable.faults.iter().map(|fault| format!("{} {fault}", item(fault))).collect()
}

/// The faults of one line with this in a column.
fn with(name: &str, cell: &str) -> Vec<(usize, String)> {
    let mut row: Vec<&str> = LINE.split(',').collect();
    row[column(name)] = cell;
    let read = Catalog::from_rows(0, &Catalog::COLUMNS, [(7, row)]);
    let faults = read.err().map(|unreadable| unreadable.faults).unwrap_or_default();
    faults.into_iter().map(|fault| (fault.line, fault.column)).collect()
}

#[test]
fn the_sample_is_written_as_it_was_read_and_its_hash_is_that_of_its_file() {
    assert_eq!(SAMPLE.to_csv(), CATALOG);
    assert_eq!(SAMPLE.hash(), Hash::of_bytes(CATALOG.as_bytes()));
    let windows = format!("\u{feff}{}", CATALOG.replace('\n', "\r\n"));
    let later = Catalog::parse(3, &windows).unwrap();
    assert_eq!((later.version(), later.hash()), (3, SAMPLE.hash()));
    assert!(later.to_rows().eq(SAMPLE.to_rows()));
    assert!(later.items().iter().all(|item| item.catalog == 3));
    let rows: Vec<Row> = SAMPLE.to_rows().collect();
    assert_eq!(catalog(&rows), *SAMPLE);
}

prop_compose! {
    fn row(number: usize)(
        names in ("[a-z井,\"]{1,40}", "井[井盖（）“”·, -]{0,30}"),
        leads in (
            select(vec!["roads", "@township"]),
            select(vec!["", "water", "@township"]),
            select(vec!["", "water", "@township|water"]),
        ),
        terms in (
            select(vec!["emergency", "urgent", "general", "complex"]),
            "[1-9][0-9]?(h|d|wd)",
        ),
        texts in ("《[法\r\n ,\"]{1,9}》", "([去\n\",]{1,20})?", "([井 \n,\"]{2,9}井)?", "([井,\"]{1,9})?"),
        keywords in prop::collection::vec("[a-z井盖\",]{2,20}", 0..6),
    ) -> Row {
        let (lead, in_villages, assisting) = leads;
        let (urgency, limit) = terms;
        let (basis, elsewhere, one, two) = texts;
        [
            format!("A-{number}"), names.0, names.1, lead.to_owned(), in_villages.to_owned(),
            assisting.to_owned(), urgency.to_owned(), limit, basis, elsewhere, keywords.join("|"),
            one, two,
        ]
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    (0_usize..6).prop_flat_map(|count| (0..count).map(row).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_catalog_survives_writing_and_reading(
        (rows, order) in (rows(), Just(Catalog::COLUMNS.to_vec()).prop_shuffle()),
    ) {
        let once = catalog(&rows);
        prop_assert_eq!(&Catalog::parse(0, &once.to_csv()).unwrap(), &once);
        let again: Vec<Row> = once.to_rows().collect();
        prop_assert_eq!(&catalog(&again), &once);
        // The columns of a spreadsheet may stand in any order.
        let moved = rows.iter().map(|row| order.iter().map(|name| row[column(name)].as_str()).collect());
        prop_assert_eq!(Catalog::from_rows(0, &order, (2..).zip(moved)).unwrap(), once);
    }

    #[test]
    fn a_cell_that_cannot_be_read_is_found_with_its_line_and_column(
        (at, spoil) in (any::<Index>(), any::<Index>()),
    ) {
        let long = "长".repeat(TEXT_CHARS_MAX + 1);
        let spoils = [
            ("item", "井"), ("item", ""), ("category", ""), ("name", ""), ("name", &long), ("name", "a\u{7}b"),
            ("name", "=1+1"), ("unit", ""), ("unit", "城管局"), ("unit", "@city"), ("in_villages", "@village"),
            ("assisting", "a||b"), ("assisting", "#NAME?"), ("urgency", "Urgent"), ("urgency", ""),
            ("limit", ""), ("limit", "0h"), ("limit", "367d"), ("limit", "5 wd"), ("basis", ""), ("basis", &long),
            ("elsewhere", &long), ("keywords", "井"), ("keywords", "井盖||窨井"), ("keywords", "井盖\u{200b}"),
            ("example_1", &long), ("example_2", "@SUM(A1)"),
        ];
        let (name, cell) = spoils[spoil.index(spoils.len())];
        let mut rows: Vec<Row> = SAMPLE.to_rows().take(60).collect();
        let at = at.index(rows.len());
        let code = rows[at][0].clone();
        rows[at][column(name)] = cell.to_owned();
        let rows = (2..).zip(rows.iter().map(|row| row.to_vec()));
        let heading = Catalog::COLUMNS.map(str::to_owned);
        let unreadable = Catalog::from_rows(0, &heading, rows).unwrap_err();
        let [fault] = unreadable.faults.as_slice() else { panic!("{:?}", unreadable.faults) };
        prop_assert_eq!((fault.line, fault.column.as_str()), (at + 2, name));
        let item = fault.item.as_ref().map(ToString::to_string);
        prop_assert_eq!(item, (name != "item").then_some(code));
        // Nothing but what can be read is checked, and that is right.
        prop_assert_eq!(check(&unreadable.rest, &CITY), []);
    }
}

#[test]
fn all_faults_are_told_at_once_and_no_cell_is_quoted() {
    let text = format!(
        "{HEADING}\n{LINE}\n{LINE},\n{LINE},x\nA-2,甲类\n\n,,机密,城管局,@x,|,soon,0h,,,井,=x,\n\
         A-3,\"甲类,机密,x\n{LINE}\"\n"
    );
    let unreadable = Catalog::parse(0, &text).unwrap_err();
    assert_eq!(unreadable.rest.items().len(), 2);
    let told = told(&unreadable).join("\n");
    assert!(!told.contains("机密"));
    insta::assert_snapshot!(told);
    let kinds: Vec<FaultKind> = unreadable.faults.iter().map(|fault| fault.kind()).collect();
    for kind in [FaultKind::Unreadable, FaultKind::MissingUnit, FaultKind::ImpossibleLimit] {
        assert!(kinds.contains(&kind), "{kind}");
    }
}

#[test]
fn a_heading_names_each_column_once_in_any_order() {
    let told = |heading: &str| {
        let read = Catalog::parse(0, &format!("{heading}\n"));
        read.err().map(|unreadable| told(&unreadable).join("\n")).unwrap_or_default()
    };
    assert_eq!(told(HEADING), "");
    assert_eq!(told(&format!("{HEADING},,")), "");
    let wrong = HEADING.replace("basis,", "").replace("limit", "limit,remark,limit");
    insta::assert_snapshot!(told(&wrong));
    let nothing = Catalog::parse(0, "").unwrap_err();
    assert_eq!(nothing.faults.len(), Catalog::COLUMNS.len());
    // What is left of a foreign heading is short and shows.
    let foreign = told(&format!("{HEADING},\u{200b}{}", "长".repeat(999)));
    assert!(foreign.chars().count() < 120 && !foreign.contains('\u{200b}'), "{foreign}");
}

#[test]
fn a_line_break_in_a_cell_is_a_space() {
    let row: Vec<&str> = LINE.split(',').collect();
    let mut cells = row.clone();
    cells[column("example_1")] = " 井盖没了\r\n\r\n 快来人 ";
    let read = Catalog::from_rows(0, &Catalog::COLUMNS, [(2, cells)]).unwrap();
    assert_eq!(read.items()[0].examples, ["井盖没了 快来人", "窨井没盖"]);
}

#[test]
fn limits_hold_at_their_edge() {
    let text = |count: usize| "长".repeat(count);
    for (name, most) in [
        ("category", 40),
        ("name", 40),
        ("basis", TEXT_CHARS_MAX),
        ("elsewhere", TEXT_CHARS_MAX),
        ("example_1", TEXT_CHARS_MAX),
        ("example_2", TEXT_CHARS_MAX),
        ("keywords", 20),
    ] {
        assert_eq!(with(name, &text(most)), [], "{name}");
        assert_eq!(with(name, &text(most + 1)), [(7, name.to_owned())], "{name}");
    }
    for (name, most) in [("keywords", KEYWORDS_MAX), ("assisting", ASSISTING_MAX)] {
        let several = |count: usize| vec!["ab"; count].join("|");
        assert_eq!(with(name, &several(most)), [], "{name}");
        assert_eq!(with(name, &several(most + 1)), [(7, name.to_owned())], "{name}");
    }
    let full = format!("{HEADING}\n{}", format!("{LINE}\n").repeat(ITEMS_MAX));
    assert_eq!(Catalog::parse(0, &full).unwrap().items().len(), ITEMS_MAX);
    let more = Catalog::parse(0, &format!("{full}{LINE}\n{LINE}\n")).unwrap_err();
    assert_eq!((more.faults.len(), more.faults[0].line), (1, ITEMS_MAX + 2));
    assert_eq!(more.rest.items().len(), ITEMS_MAX);
}
