//! Repeats are found by what texts have in common, and by nothing else.

mod corpus;
mod labelled;
mod whole;

use domain::repeat::{
    Evidence, GRAMS_FEW, Kind, LIKENESSES_MAX, NUMBERS_MAX, PLACES_MAX, Places, SCORE_MIN, Seen,
    Sketch, WINDOW_DAYS, place_words, propose,
};
use domain::{ChannelName, TicketId, Timestamp, UnitCode};
use proptest::prelude::*;

const KEY: [u8; 32] = [7; 32];
const OTHER_KEY: [u8; 32] = [8; 32];
const TITLE: &str = "杏花苑小区夜里施工";
const BODY: &str =
    "杏花苑小区旁边的工地每天夜里十一点以后还在施工，声音很大，老人孩子都睡不着，请管一管。";

pub(crate) fn ticket(order: &str) -> TicketId {
    TicketId::derive(&ChannelName::parse("hotline-12345").unwrap(), order)
}

fn day(days: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T08:00:00+08:00").unwrap().plus_millis(days * Timestamp::DAY_MS)
}

fn sketch(title: &str, body: &str) -> Sketch {
    Sketch::of(title, body, &place_words(title, body), &KEY)
}

/// The ticket of an order, on the day of that number, by nobody known.
fn seen(order: i64, title: &str, body: &str) -> Seen {
    Seen {
        ticket: ticket(&order.to_string()),
        citizen: None,
        received_at: day(order),
        township: None,
        village: None,
        sketch: sketch(title, body),
    }
}

fn by(person: u8, seen: Seen) -> Seen {
    Seen { citizen: Some([person; 32]), ..seen }
}

fn within(village: &str, seen: Seen) -> Seen {
    Seen { village: UnitCode::parse(village).ok(), ..seen }
}

fn kinds(new: &Seen, others: &[Seen]) -> Vec<Kind> {
    propose(new, others.iter()).iter().map(|one| one.kind).collect()
}

fn text() -> impl Strategy<Value = String> {
    "[路灯不亮杏花苑小区号楼夜里施工 a-c0-9，。]{0,40}"
}

proptest! {
    #[test]
    fn a_sketch_comes_back_from_its_bytes(title in text(), body in text()) {
        let sketch = sketch(&title, &body);
        let bytes = sketch.to_bytes();
        prop_assert_eq!(Sketch::from_bytes(&bytes), Some(sketch));
        prop_assert_eq!(Sketch::from_bytes(&bytes[1..]), None);
        prop_assert_eq!(Sketch::from_bytes(&[&bytes[..], &[0]].concat()), None);
    }

    #[test]
    fn what_is_read_is_written_the_same(bytes in prop::collection::vec(any::<u8>(), Sketch::BYTES)) {
        let mut bytes = bytes;
        bytes[0] = 1;
        if let Some(sketch) = Sketch::from_bytes(&bytes) {
            prop_assert_eq!(sketch.to_bytes().to_vec(), bytes);
        }
    }

    #[test]
    fn likeness_has_no_direction(a in text(), b in text(), c in text()) {
        let (one, other) = (seen(1, &a, &b), seen(9, &a, &c));
        prop_assert_eq!(one.sketch.similarity(&other.sketch), other.sketch.similarity(&one.sketch));
        prop_assert_eq!(Evidence::of(&one, &other), Evidence::of(&other, &one));
        prop_assert!(one.sketch.similarity(&other.sketch) <= 1000);
    }

    #[test]
    fn the_same_body_is_proposed_whatever_title_and_time(
        a in text(), b in text(), body in text(), days in 0_i64..2000,
    ) {
        let (one, other) = (seen(0, &a, &body), seen(days, &b, &body));
        let others = [Seen { ticket: ticket("other"), ..other }];
        let has_letters = one.sketch.body_key().is_some();
        prop_assert_eq!(has_letters, body.chars().any(char::is_alphanumeric));
        let found = propose(&one, others.iter());
        prop_assert!(!has_letters || found.len() == 1 && found[0].evidence.same_body);
    }

    #[test]
    fn more_alike_nearer_in_time_or_place_is_never_less(
        similarity in 0_u16..1000, days in 0_u32..100, flags in any::<[bool; 5]>(),
    ) {
        let evidence = Evidence {
            similarity,
            days,
            places: Places::Unknown,
            titles_elsewhere: flags[0],
            numbers_elsewhere: flags[1],
            same_township: None,
            same_body: flags[2],
            same_text: false,
            is_short: flags[3],
            same_person: flags[4],
        };
        let score = evidence.score();
        prop_assert!((1..1000).contains(&score));
        let other = Evidence { similarity: similarity + 1, ..evidence }.score();
        prop_assert!(other >= score);
        let other = Evidence { days: days + 1, ..evidence }.score();
        prop_assert!(other <= score);
        let other = Evidence { same_township: Some(true), ..evidence }.score();
        prop_assert!(other >= score);
        let other = Evidence { same_township: Some(false), ..evidence }.score();
        prop_assert!(other <= score);
        let by_place = [Places::Elsewhere, Places::Unknown, Places::One, Places::Several]
            .map(|places| Evidence { places, ..evidence }.score());
        prop_assert!(by_place.is_sorted(), "{by_place:?}");
    }
}

#[test]
fn no_field_is_read_that_was_not_written() {
    let good = sketch(TITLE, BODY).to_bytes();
    let other_version = [&[2][..], &good[1..]].concat();
    assert_eq!(Sketch::from_bytes(&other_version), None);
    const { assert!(Sketch::BYTES <= 160) };
    // More places in the title than there are, and a word after the filling.
    let mut titled = good;
    titled[1 + 2 + 8 + 8 + 96] = 7;
    assert_eq!(Sketch::from_bytes(&titled), None);
    let mut words = sketch("", "路灯").to_bytes();
    words[Sketch::BYTES - 1] = 1;
    assert_eq!(Sketch::from_bytes(&words), None);
}

#[test]
fn equal_texts_are_quite_alike_and_unlike_ones_hardly() {
    for (title, body) in [(TITLE, BODY), ("", "路灯"), ("路", ""), ("abc", "1")] {
        assert_eq!(sketch(title, body).similarity(&sketch(title, body)), 1000, "{title}{body}");
    }
    assert_eq!(sketch("", "").similarity(&sketch("", "")), 0);
    assert!(!sketch("", "，").has_text_of(&sketch("", "。")));
    let dressed = sketch("杏花苑小区　夜里施工！", BODY);
    assert!(dressed.has_text_of(&sketch(TITLE, BODY)));
    let unlike =
        sketch("咨询落户政策", "请问外地大学毕业生来本市工作落户需要准备哪些材料，到哪里办理？");
    assert!(sketch(TITLE, BODY).similarity(&unlike) < 50);
    // Where title ends and body begins is part of the text.
    assert!(!sketch("路灯", "不亮").has_text_of(&sketch("路", "灯不亮")));
}

#[test]
fn without_the_key_nothing_is_recognised() {
    let (mine, theirs) =
        (sketch(TITLE, BODY), Sketch::of(TITLE, BODY, &place_words(TITLE, BODY), &OTHER_KEY));
    assert!(mine.similarity(&theirs) < 50);
    assert!(!mine.has_body_of(&theirs) && !mine.has_text_of(&theirs));
    assert_ne!(mine.body_key(), theirs.body_key());
    // Past the header, no more bytes agree than by chance: of the words none.
    let differ = |at: std::ops::Range<usize>| mine.to_bytes()[at.clone()] != theirs.to_bytes()[at];
    assert!(differ(116..120), "a place");
    assert!(!format!("{mine:?}").contains('杏'));
}

#[test]
fn the_estimate_is_near_the_similarity() {
    // 100 different runs each, of which 50 are common: 50 / 150.
    let run = |from: u32, to: u32| -> String {
        (from..to).filter_map(|at| char::from_u32(0x4e00 + at)).collect()
    };
    let (a, b) = (run(0, 103), run(50, 153));
    let error = sketch("", &a).similarity(&sketch("", &b)).abs_diff(333);
    assert!(error < 150, "{error}");
}

#[test]
fn the_same_person_s_same_text_is_for_the_machine_and_nothing_else_is() {
    let first = by(1, seen(0, TITLE, BODY));
    let again = by(1, seen(3, TITLE, BODY));
    assert_eq!(kinds(&again, std::slice::from_ref(&first)), [Kind::SamePersonSameText]);
    for (what, other, kind) in [
        ("another person", by(2, again.clone()), Kind::SameText),
        ("nobody known", seen(3, TITLE, BODY), Kind::SameText),
        ("another title", by(1, seen(3, "反映噪音", BODY)), Kind::SameText),
        ("a word more", by(1, seen(3, TITLE, &format!("{BODY}谢谢"))), Kind::SamePerson),
        ("somebody's word more", by(2, seen(3, TITLE, &format!("{BODY}谢谢"))), Kind::NearText),
    ] {
        assert_eq!(kinds(&other, std::slice::from_ref(&first)), [kind], "{what}");
    }
    let (here, there) = (within("a", first), within("b", again));
    assert_eq!(kinds(&there, &[here]), [Kind::SameText], "another village");
}

#[test]
fn a_text_that_says_little_is_for_people() {
    let (first, again) =
        (by(1, seen(0, "噪音", "太大请处理")), by(1, seen(1, "噪音", "太大请处理")));
    assert!(first.sketch.grams() < GRAMS_FEW);
    let found = propose(&again, std::iter::once(&first));
    assert_eq!(found[0].kind, Kind::SameText);
    let long = propose(&seen(3, TITLE, BODY), std::iter::once(&seen(0, TITLE, BODY)));
    assert!(found[0].score < long[0].score);
}

#[test]
fn the_same_text_about_another_estate_is_no_repeat() {
    let elsewhere = |text: &str| text.replace("杏花苑", "青禾园");
    let (here, there) = (seen(0, TITLE, BODY), seen(3, &elsewhere(TITLE), &elsewhere(BODY)));
    assert!(here.sketch.similarity(&there.sketch) > 500);
    let evidence = Evidence::of(&here, &there);
    assert_eq!((evidence.places, evidence.titles_elsewhere), (Places::Elsewhere, true));
    assert!(evidence.score() < SCORE_MIN, "{}", evidence.score());
    assert!(propose(&there, std::iter::once(&here)).is_empty());
    // One village names the same place, whatever it is called.
    let evidence = Evidence::of(&within("a", here), &within("a", there));
    assert_eq!(evidence.places, Places::One);
}

#[test]
fn another_house_s_number_speaks_against() {
    let at = |order, house: &str| seen(order, TITLE, &format!("{BODY}我住{house}。"));
    let score = |a: &str, b: &str| Evidence::of(&at(0, a), &at(3, b)).score();
    assert!(score("3栋", "5栋") < score("3栋", "3栋"));
    assert!(score("3栋", "5栋") < score("3栋", "那里"));
}

#[test]
fn six_places_and_four_numbers_are_kept_those_of_the_title_first() {
    let names = ["甲乙路", "丙丁路", "戊己路", "庚辛路", "壬癸路", "子丑路", "寅卯路"];
    let numbers: Vec<String> = (1..=NUMBERS_MAX + 1).map(|n| format!("{n}栋")).collect();
    let of = |title: &str, kept: &[&str], numbers: &[String]| {
        let sketch = Sketch::of(title, &numbers.join("、"), kept, &KEY);
        sketch.to_bytes()[1 + 2 + 8 + 8 + 96..].to_vec()
    };
    assert_eq!(names.len(), PLACES_MAX + 1);
    let all = of("", &names, &numbers);
    assert_eq!(all, of("", &names[..PLACES_MAX], &numbers[..NUMBERS_MAX]));
    assert_ne!(all, of("", &names[..PLACES_MAX - 1], &numbers));
    assert_ne!(all, of("", &names, &numbers[..NUMBERS_MAX - 1]));
    let last = of(names[PLACES_MAX], &names, &numbers);
    assert_eq!((all[0], last[0]), (0, 1));
    assert_eq!(last[5..25], all[1..21]);
}

#[test]
fn the_window_ends_after_its_last_day() {
    let near = |order| seen(order, TITLE, &format!("{BODY}谢谢"));
    let new = seen(0, TITLE, BODY);
    let last = i64::from(WINDOW_DAYS);
    for (days, expected) in [(last, 1), (last + 1, 0), (-last, 1), (-last - 1, 0)] {
        assert_eq!(propose(&new, std::iter::once(&near(days))).len(), expected, "{days}");
    }
}

#[test]
fn of_equals_the_oldest_is_the_lead_and_ten_are_enough() {
    let others: Vec<Seen> = (1..40).rev().map(|order| seen(order, TITLE, BODY)).collect();
    let found = propose(&seen(40, TITLE, BODY), others.iter());
    let orders: Vec<TicketId> = (1..=10).map(|order| ticket(&order.to_string())).collect();
    assert_eq!(found.iter().map(|one| one.ticket.clone()).collect::<Vec<_>>(), orders);
    // Its own ticket is passed over.
    assert!(propose(&others[0], std::iter::once(&others[0])).is_empty());
}

#[test]
fn the_same_body_is_not_crowded_out() {
    let new = within("a", seen(0, TITLE, "如题"));
    let mut others: Vec<Seen> = (1..40).map(|order| seen(order % 3, TITLE, "如题，")).collect();
    for (order, other) in others.iter_mut().enumerate() {
        other.ticket = ticket(&format!("near {order}"));
        other.sketch = sketch(TITLE, "如题谢谢");
    }
    others.insert(0, within("b", seen(50, "咨询落户政策需要哪些材料", "如题")));
    let found = propose(&new, others.iter());
    assert_eq!(found.len(), LIKENESSES_MAX);
    assert_eq!(found.last().map(|one| one.kind), Some(Kind::SameText));
    assert!(found.last().is_some_and(|one| one.score < SCORE_MIN));
}
