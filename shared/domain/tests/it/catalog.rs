//! The catalog: the sample keeps the rules of `infra/city/README.md`, what is right survives, and what is
//! wrong is found, wherever it stands.

mod leads;
mod reading;
mod seeded;
mod single;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use domain::catalog::{Catalog, Item, Lead, check};
use domain::{COMMAND_CENTRE, ItemCode, Tier};

use crate::place::CITY;

const CATALOG: &str = include_str!("../../../../infra/city/catalog.csv");
const SENTENCES: &str = include_str!("../data/sentences.csv");

static SAMPLE: LazyLock<Catalog> = LazyLock::new(|| Catalog::parse(0, CATALOG).unwrap());

/// A row of the table as texts.
type Row = [String; 13];

/// Where a column stands in a [`Row`].
fn column(name: &str) -> usize {
    Catalog::COLUMNS.iter().position(|column| *column == name).unwrap()
}

/// The catalog of these rows, which must be readable.
fn catalog(rows: &[Row]) -> Catalog {
    let rows = (2..).zip(rows.iter().map(|row| row.to_vec()));
    Catalog::from_rows(0, &Catalog::COLUMNS.map(str::to_owned), rows).unwrap()
}

fn words(cell: &str) -> Vec<&str> {
    cell.split('|').filter(|word| !word.is_empty()).collect()
}

#[test]
fn the_sample_has_no_fault() {
    assert_eq!(check(&SAMPLE, &CITY), []);
}

#[test]
fn forty_categories_and_1946_items_stand_once_each() {
    assert_eq!((SAMPLE.items().len(), SAMPLE.categories().len()), (1946, 40));
    let mut categories = BTreeSet::new();
    for item in SAMPLE.items() {
        let (category, number) = item.code.as_str().split_once('-').unwrap();
        assert!(category.len() == 2 && number.len() == 3, "{}", item.code);
        assert!((4..=14).contains(&item.name.chars().count()), "{}", item.code);
        assert_eq!(SAMPLE.item(&item.code), Some(item));
        categories.insert((category, item.category.as_str()));
    }
    assert_eq!(categories.len(), 40, "a category has one pair of letters");
}

#[test]
fn who_assists_is_a_unit_of_the_city_or_the_township_and_there_is_a_basis() {
    let may_assist = |lead: &Lead| match lead {
        Lead::Township => true,
        Lead::Unit(unit) => {
            CITY.unit(unit).unwrap().tier() == Tier::City && unit.as_str() != COMMAND_CENTRE
        }
    };
    for item in SAMPLE.items() {
        assert!(item.assisting.iter().all(may_assist), "{}", item.code);
        assert!(item.basis.contains('《') && item.basis.contains('》'), "{}", item.code);
    }
}

#[test]
fn two_keywords_at_least_are_an_item_s_own_and_both_examples_have_one() {
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for word in SAMPLE.items().iter().flat_map(|item| &item.keywords) {
        *users.entry(word).or_default() += 1;
    }
    for Item { code, keywords, examples, .. } in SAMPLE.items() {
        assert!((4..=7).contains(&keywords.len()), "{code}");
        assert!(keywords.iter().all(|word| (2..=6).contains(&word.chars().count())), "{code}");
        let own = keywords.iter().filter(|word| users[word.as_str()] == 1).count();
        assert!(own >= 2, "{code} has {own} keywords of its own");
        for example in examples {
            assert!(keywords.iter().any(|word| example.contains(word)), "{code}");
        }
    }
}

/// A name made after a template shows by its place in the name: 窗户关不上 and 水管堵不住 both end in 不 and a
/// character.
#[test]
fn no_character_stands_at_one_place_in_more_than_a_twentieth_of_the_names() {
    let mut counts: BTreeMap<(bool, usize, char), usize> = BTreeMap::new();
    for item in SAMPLE.items() {
        let (from_start, from_end) = (item.name.chars(), item.name.chars().rev());
        for (place, c) in from_start.take(4).enumerate() {
            *counts.entry((true, place, c)).or_default() += 1;
        }
        for (place, c) in from_end.take(4).enumerate() {
            *counts.entry((false, place, c)).or_default() += 1;
        }
    }
    let often: Vec<_> = counts.iter().filter(|(_, count)| **count > 1946 / 20).collect();
    assert!(often.is_empty(), "{often:?}");
}

/// Stricter than [`check`], which allows half.
#[test]
fn no_two_items_share_more_than_a_third_of_their_keywords() {
    let items: Vec<BTreeSet<&str>> = SAMPLE
        .items()
        .iter()
        .map(|item| item.keywords.iter().map(String::as_str).collect())
        .collect();
    for (at, one) in items.iter().enumerate() {
        for other in &items[at + 1..] {
            let shared = one.intersection(other).count();
            assert!(shared * 3 <= one.len().min(other.len()), "{one:?} {other:?}");
        }
    }
}

#[test]
fn the_sentences_to_measure_by_name_items_that_are_there() {
    let mut clear = 0;
    for line in SENTENCES.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let items = words(cells[2]);
        let is_there = |item: &&str| SAMPLE.item(&ItemCode::parse(item).unwrap()).is_some();
        assert!(items.iter().all(is_there), "{}", cells[0]);
        assert_eq!(items.is_empty(), cells[1] == "wrong", "{}", cells[0]);
        clear += usize::from(cells[1] == "clear");
    }
    assert_eq!(clear, 200);
}
