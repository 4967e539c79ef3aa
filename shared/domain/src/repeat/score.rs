//! How likely two tickets are about one matter, by what speaks for and against it.
//!
//! A logistic regression in whole numbers: every observation adds thousandths of a logit, and a table turns the
//! sum into a likelihood. The [`FITTED`] weights were fitted to half of the labelled pairs of Changsha's
//! leaders' board (`tests/it/repeat/labelled.rs` fits them again, and measures on the other half). Where too
//! few pairs speak, a rule stands instead, and says so.

use super::Seen;
use super::line::{LIKELIHOOD, LOG2, line};
use crate::timestamp::Timestamp;

/// A text with fewer runs of four characters says too little: 噪音太大请处理 is many matters.
pub const GRAMS_FEW: u16 = 8;

/// Texts by one person that are less alike, in thousandths, may have only their manner in common.
pub const MANNER: u16 = 300;

/// What the places of two texts say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Places {
    /// Both name places, and none in common; or they lie in two villages.
    Elsewhere,
    /// One of them names none.
    Unknown,
    /// One place in common.
    One,
    /// Two or more in common.
    Several,
}

/// What speaks for and against two tickets' being about one matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How alike the texts are, in thousandths ([`Sketch::similarity`](super::Sketch::similarity)).
    pub similarity: u16,
    /// Whole days between them; 0 when the bodies are the same, since a text does not age.
    pub days: u32,
    /// What the places say; the same village is a place in common.
    pub places: Places,
    /// Each title names a place and none that the other ticket has: the same text about another estate.
    pub titles_elsewhere: bool,
    /// Both name houses, buildings or lines, and none in common.
    pub numbers_elsewhere: bool,
    /// Whether they lie in one township; `None` when one of the townships is not known.
    pub same_township: Option<bool>,
    /// The same body, letter by letter, whatever the titles.
    pub same_body: bool,
    /// The same title and body, letter by letter.
    pub same_text: bool,
    /// One of the texts has fewer than [`GRAMS_FEW`] runs.
    pub is_short: bool,
    /// The same person, both being known. It speaks rather against: one person's letters resemble each other
    /// whatever they are about, so where texts are not much alike it is the manner that is.
    pub same_person: bool,
}

/// The weights, in thousandths of a logit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// Equal texts of one day, of which no place is known.
    pub base: i32,
    /// For each doubling of the similarity.
    pub doubling: i32,
    /// For each doubling of the days between them (1, 3, 7, 15, 31, 63).
    pub days: i32,
    /// For a place in common.
    pub one: i32,
    /// For two or more.
    pub several: i32,
    /// For the same township.
    pub township: i32,
}

/// Fitted to half of the labelled pairs, then rounded.
pub const FITTED: Weights =
    Weights { base: 5600, doubling: 600, days: -800, one: 1100, several: 1800, township: 1700 };

/// By rule: places, and none in common. Few labelled pairs that are alike have it.
const ELSEWHERE: i32 = -2000;
/// By rule, of two titles that name different places: one labelled pair of 285 has a whole text in common.
const TITLES_ELSEWHERE: i32 = -2500;
/// By rule: other houses, other lines. The labelled pairs say nothing of it.
const NUMBERS_ELSEWHERE: i32 = -1000;
/// By rule: another township, as far as a text's words tell it.
const OTHER_TOWNSHIP: i32 = -1000;
/// By rule: one person's manner. The two halves of the labelled pairs say -300 and -1500.
const OWN_MANNER: i32 = -1000;
/// By rule: a text that says too little to be told from others.
const SHORT: i32 = -3000;

fn disjoint(a: &[u32], b: &[u32]) -> bool {
    !a.is_empty() && !b.is_empty() && shared(a, b) == 0
}

fn shared(a: &[u32], b: &[u32]) -> usize {
    a.iter().filter(|word| b.contains(word)).count()
}

/// `None` when one of them is not known.
fn agree<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> Option<bool> {
    Some(a? == b?)
}

fn places(a: &Seen, b: &Seen) -> Places {
    let ((here, _), (there, _)) = (a.sketch.places(), b.sketch.places());
    let village = agree(a.village.as_ref(), b.village.as_ref());
    let common = shared(here, there) + usize::from(village == Some(true));
    match common {
        _ if village == Some(false) => Places::Elsewhere,
        0 if disjoint(here, there) => Places::Elsewhere,
        0 => Places::Unknown,
        1 => Places::One,
        2.. => Places::Several,
    }
}

impl Evidence {
    /// What two tickets have in common, and what not; the same whichever is named first.
    #[must_use]
    pub fn of(a: &Seen, b: &Seen) -> Self {
        let same_body = a.sketch.has_body_of(&b.sketch);
        let milliseconds = a.received_at.millis().abs_diff(b.received_at.millis());
        let days = milliseconds / Timestamp::DAY_MS.unsigned_abs();
        let ((here, title_here), (there, title_there)) = (a.sketch.places(), b.sketch.places());
        Self {
            similarity: a.sketch.similarity(&b.sketch),
            days: if same_body { 0 } else { u32::try_from(days).unwrap_or(u32::MAX) },
            places: places(a, b),
            titles_elsewhere: disjoint(title_here, there) && disjoint(title_there, here),
            numbers_elsewhere: disjoint(a.sketch.numbers(), b.sketch.numbers()),
            same_township: agree(a.township.as_ref(), b.township.as_ref()),
            same_body,
            same_text: a.sketch.has_text_of(&b.sketch),
            is_short: a.sketch.grams().min(b.sketch.grams()) < GRAMS_FEW,
            same_person: agree(a.citizen.as_ref(), b.citizen.as_ref()) == Some(true),
        }
    }

    /// How likely they are about one matter, in thousandths. More similar, nearer in time or in place is
    /// never less.
    #[must_use]
    pub fn score(&self) -> u16 {
        let against = [
            (self.titles_elsewhere, TITLES_ELSEWHERE),
            (self.numbers_elsewhere, NUMBERS_ELSEWHERE),
            (self.is_manner(), OWN_MANNER),
            (self.is_short, SHORT),
            (self.same_township == Some(false), OTHER_TOWNSHIP),
        ];
        let against: i32 =
            against.iter().filter(|(holds, _)| *holds).map(|(_, weight)| weight).sum();
        let places = match self.places {
            Places::Elsewhere => ELSEWHERE,
            Places::Unknown => 0,
            Places::One => FITTED.one,
            Places::Several => FITTED.several,
        };
        let township = if self.same_township == Some(true) { FITTED.township } else { 0 };
        let doublings = line(&LOG2, i32::from(self.similarity)) * FITTED.doubling / 1000;
        let logit = FITTED.base
            + doublings
            + self.doublings_of_days() * FITTED.days
            + places
            + township
            + against;
        u16::try_from(line(&LIKELIHOOD, logit)).unwrap_or_default()
    }

    /// Whether the texts may be alike only because one person wrote them.
    #[must_use]
    pub const fn is_manner(&self) -> bool {
        self.same_person && self.similarity < MANNER
    }

    /// How often the days between them double: 0 for the same day, 1 from the first on, 2 from the third.
    #[must_use]
    pub fn doublings_of_days(&self) -> i32 {
        i32::try_from(self.days.saturating_add(1).ilog2()).unwrap_or(i32::MAX)
    }
}
