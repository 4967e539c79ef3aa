//! The sample catalog keeps the rules of `infra/city/README.md`.

use std::collections::{BTreeMap, BTreeSet};

use domain::{COMMAND_CENTRE, ItemCode, Limit, Tier};

use crate::place::CITY;

const CATALOG: &str = include_str!("../../../../infra/city/catalog.csv");
const SENTENCES: &str = include_str!("../data/sentences.csv");

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

fn words(cell: &str) -> Vec<&str> {
    cell.split('|').filter(|word| !word.is_empty()).collect()
}

/// The units that may lead: those of the city but for the centre, and the township of the place.
fn leads() -> BTreeSet<&'static str> {
    let codes =
        CITY.units().filter(|unit| unit.tier() == Tier::City).map(|unit| unit.code.as_str());
    codes.filter(|code| *code != COMMAND_CENTRE).chain(["@township"]).collect()
}

/// The most hours that a limit of this urgency may have.
fn longest(urgency: &str) -> u16 {
    match urgency {
        "emergency" => 2,
        "urgent" => 24,
        "general" => 7 * 24,
        "complex" => 15 * 24,
        other => panic!("{other} is no urgency"),
    }
}

/// The hours of a limit, five working days being a week.
fn hours(limit: &str) -> u16 {
    match Limit::parse(limit).unwrap() {
        Limit::Hours(hours) => hours,
        Limit::Days(days) => days * 24,
        Limit::Workdays(days) => days * 7 * 24 / 5,
    }
}

#[test]
fn forty_categories_and_1946_items_stand_once_each() {
    let items: Vec<Vec<&str>> = rows(CATALOG).collect();
    assert!(items.iter().all(|cells| cells.len() == 13));
    let distinct = |column: usize| items.iter().map(|cells| cells[column]).collect::<BTreeSet<_>>();
    assert_eq!((items.len(), distinct(0).len(), distinct(2).len()), (1946, 1946, 1946));
    assert_eq!(distinct(1).len(), 40);
    for cells in &items {
        ItemCode::parse(cells[0]).unwrap();
        let (category, number) = cells[0].split_once('-').unwrap();
        assert!(category.len() == 2 && number.len() == 3, "{}", cells[0]);
        assert!((4..=14).contains(&cells[2].chars().count()), "{}", cells[0]);
    }
}

#[test]
fn every_item_has_a_lead_that_may_lead_and_a_limit_of_its_urgency() {
    let leads = leads();
    for cells in rows(CATALOG) {
        let (lead, in_villages, helping) = (cells[3], cells[4], words(cells[5]));
        let is_ours = cells[9].is_empty();
        assert_eq!(is_ours, lead != COMMAND_CENTRE, "{}", cells[0]);
        assert!(!is_ours || leads.contains(lead), "{}", cells[0]);
        assert!(in_villages.is_empty() || leads.contains(in_villages), "{}", cells[0]);
        let others = helping.iter().all(|unit| leads.contains(unit) && *unit != lead);
        assert!(others && in_villages != lead, "{}", cells[0]);
        assert!(hours(cells[7]) <= longest(cells[6]), "{}", cells[0]);
        assert!(cells[8].contains('《') && cells[8].contains('》'), "{}", cells[0]);
    }
}

#[test]
fn two_keywords_at_least_are_an_item_s_own_and_both_examples_have_one() {
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for cells in rows(CATALOG) {
        for word in words(cells[10]) {
            *users.entry(word).or_default() += 1;
        }
    }
    for cells in rows(CATALOG) {
        let keywords = words(cells[10]);
        assert!((4..=7).contains(&keywords.len()), "{}", cells[0]);
        assert!(
            keywords.iter().all(|word| (2..=6).contains(&word.chars().count())),
            "{}",
            cells[0]
        );
        let own = keywords.iter().filter(|word| users[*word] == 1).count();
        assert!(own >= 2, "{} has {own} keywords of its own", cells[0]);
        for example in &cells[11..] {
            assert!(keywords.iter().any(|word| example.contains(word)), "{}", cells[0]);
        }
    }
}

/// A name made after a template shows by its place in the name: 窗户关不上 and 水管堵不住 both end in 不 and a
/// character.
#[test]
fn no_character_stands_at_one_place_in_more_than_a_twentieth_of_the_names() {
    let mut counts: BTreeMap<(bool, usize, char), usize> = BTreeMap::new();
    for cells in rows(CATALOG) {
        let (from_start, from_end) = (cells[2].chars(), cells[2].chars().rev());
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

#[test]
fn no_two_items_share_more_than_a_third_of_their_keywords() {
    let items: Vec<BTreeSet<&str>> =
        rows(CATALOG).map(|cells| words(cells[10]).into_iter().collect()).collect();
    for (at, one) in items.iter().enumerate() {
        for other in &items[at + 1..] {
            let shared = one.intersection(other).count();
            assert!(shared * 3 <= one.len().min(other.len()), "{one:?} {other:?}");
        }
    }
}

#[test]
fn the_sentences_to_measure_by_name_items_that_are_there() {
    let known: BTreeSet<&str> = rows(CATALOG).map(|cells| cells[0]).collect();
    let mut clear = 0;
    for cells in rows(SENTENCES) {
        let items = words(cells[2]);
        assert!(items.iter().all(|item| known.contains(item)), "{}", cells[0]);
        assert_eq!(items.is_empty(), cells[1] == "wrong", "{}", cells[0]);
        clear += usize::from(cells[1] == "clear");
    }
    assert_eq!(clear, 200);
}
