//! Repeats (重复诉求): the same person again, or many about one matter.
//!
//! A ticket's text is reduced to a [`Sketch`], which is kept outside its sealed record for as long as the ticket
//! is open. [`propose`] compares a new ticket with others by their sketches, places, times and persons, and
//! proposes those that are likely about one matter, with a score. People link them to a lead; a machine may
//! only where [`Kind::SamePersonSameText`] stands.
//!
//! # How a million open tickets are searched
//!
//! Never all of them. A ticket has one item from its dispatch to its archive, and all of it, some 370 bytes, in each of
//! two indexes: 3 write units when it is put and 3 when it is deleted.
//!
//! - *near*: in the partition of its township (or none) and the category that its text was read as. 1,000,000
//!   in 17 townships by 40 categories are some 1,500 in each: 560 KB, one page of 1 MB (2,800 entries), 70 read
//!   units when read eventually. If one in five has no township, those of a category are 5,000: two pages,
//!   232 units. A new ticket with a township reads both partitions; one without reads its own alone.
//! - *body*: under [`Sketch::body_key`], whatever place and category: half a read unit finds the same body
//!   where place or category were understood differently, or a page was not read.
//!
//! A page of 4,000 is read and compared in 0.3 ms (`cargo run --release -p domain --example repeats`), so the pages
//! themselves are all that takes time; they are read newest first and at most [`PAGES_MAX`], 1,024 read units. That
//! is some 22,000 tickets: of a township's partition that is ten times the mean the newest 4 pages of 6, and of an unplaced
//! one the newest 4 of 18. What is then missed are the oldest, which score least, and of them never the same body.
//!
//! Bands of the sketch as items (LSH) would write more and read more: to find nine in ten of similarity 0.1, in
//! bands of one byte each, takes 22 items of a ticket, and each band has every 256th ticket of the city: 86,000
//! entries to read instead of 6,500.

mod line;
mod score;
mod sketch;
mod text;
mod words;

pub use self::score::{Evidence, FITTED, GRAMS_FEW, MANNER, Places, Weights};
pub use self::sketch::{NUMBERS_MAX, PLACES_MAX, Sketch};
pub use self::words::place_words;
use crate::ids::{TicketId, UnitCode};
use crate::timestamp::Timestamp;

/// A ticket is compared with those of so many days before it (and after, when messages overtake each other).
///
/// Nine in ten repeats of the liked messages come within 39 days. The same body has no such limit.
pub const WINDOW_DAYS: u32 = 90;
/// Texts that are less alike than this, in thousandths, are not proposed, wherever they are about: below it
/// an estimate is mostly chance.
pub const SIMILARITY_MIN: u16 = 50;
/// What scores less, in thousandths, is not proposed, but for the same body.
pub const SCORE_MIN: u16 = 400;
/// So many pages of 1 MB are read to find the repeats of one ticket, over all partitions, the newest first.
pub const PAGES_MAX: usize = 8;
/// So many are proposed for one ticket.
pub const LIKENESSES_MAX: usize = 10;

/// What is known of a ticket for finding its repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which ticket it is.
    pub ticket: TicketId,
    /// The person, as the index of persons has it: a keyed hash. `None` when nobody is known.
    pub citizen: Option<[u8; 32]>,
    /// When the request came.
    pub received_at: Timestamp,
    /// The township or subdistrict, when it is known.
    pub township: Option<UnitCode>,
    /// The village or community, when it is known.
    pub village: Option<UnitCode>,
    /// The sketch of its text.
    pub sketch: Sketch,
}

/// What kind of repeat it looks like; the surer first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The same person's same title and body, long enough to say something, and nothing that tells the
    /// places apart. The only kind that a machine may link.
    SamePersonSameText,
    /// The same body, letter by letter, whatever the titles.
    SameText,
    /// A text that is like it, by the same person.
    SamePerson,
    /// A text that is like it.
    NearText,
}

/// A ticket that may be about the same matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// Which ticket it is.
    pub ticket: TicketId,
    /// When its request came.
    pub received_at: Timestamp,
    /// How likely it is about the same matter, in thousandths.
    pub score: u16,
    /// What kind of repeat it looks like.
    pub kind: Kind,
    /// What the score was made of.
    pub evidence: Evidence,
}

fn kind(evidence: &Evidence) -> Kind {
    let elsewhere = evidence.places == Places::Elsewhere || evidence.same_township == Some(false);
    let is_plain = evidence.same_text && !evidence.is_short && !elsewhere;
    match (evidence.same_person, evidence.same_body) {
        (true, true) if is_plain => Kind::SamePersonSameText,
        (true | false, true) => Kind::SameText,
        (true, false) => Kind::SamePerson,
        (false, false) => Kind::NearText,
    }
}

/// The likeness of two tickets, when it is enough to be proposed. The same body always is.
fn likeness(new: &Seen, other: &Seen) -> Option<Likeness> {
    let evidence = Evidence::of(new, other);
    let score = evidence.score();
    let is_near =
        evidence.similarity >= SIMILARITY_MIN && evidence.days <= WINDOW_DAYS && score >= SCORE_MIN;
    (evidence.same_body || is_near).then(|| Likeness {
        ticket: other.ticket.clone(),
        received_at: other.received_at,
        score,
        kind: kind(&evidence),
        evidence,
    })
}

/// Which of `others` the new ticket may repeat, at most [`LIKENESSES_MAX`], the best first.
///
/// What a machine may link comes first, then the higher score, and of equals the oldest, which is the lead: a
/// text does not age, so of many copies of one it is the first that came. A ticket with the same body is always
/// proposed: when ten others score higher (如题 is many bodies), the best such takes the last place.
///
/// `others` are open tickets that follow no other (a child is no lead). The ticket itself may be among
/// them, and is passed over.
#[must_use]
pub fn propose<'a>(new: &Seen, others: impl Iterator<Item = &'a Seen>) -> Vec<Likeness> {
    let mut likenesses = Vec::new();
    for other in others.filter(|other| other.ticket != new.ticket) {
        likenesses.extend(likeness(new, other));
        if likenesses.len() > 2 * LIKENESSES_MAX {
            keep_best(&mut likenesses);
        }
    }
    keep_best(&mut likenesses);
    likenesses
}

fn keep_best(likenesses: &mut Vec<Likeness>) {
    let rank = |one: &Likeness| {
        let by_machine = one.kind == Kind::SamePersonSameText;
        (std::cmp::Reverse((by_machine, one.score)), one.received_at)
    };
    likenesses.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.ticket.cmp(&b.ticket)));
    let same_body = likenesses.iter().position(|one| one.evidence.same_body);
    if let Some(at) = same_body.filter(|at| *at >= LIKENESSES_MAX) {
        likenesses.swap(LIKENESSES_MAX - 1, at);
    }
    likenesses.truncate(LIKENESSES_MAX);
}
