//! The sketch of a text: how alike two texts are can be told from it, and nothing of what they say.

use std::collections::BTreeSet;

use super::text::{grams, normal, numbers};
use crate::hash::Hash;

/// So many words for places are kept.
pub const PLACES_MAX: usize = 6;
/// So many numbers of houses and lines are kept.
pub const NUMBERS_MAX: usize = 4;
/// So many minima of hashes are kept, of each its last byte.
const MINIMA: usize = 96;
/// The first byte of the stored form.
const VERSION: u8 = 1;

/// Version, runs, body, whole, minima, how many places the title names, places, numbers.
type Bytes = [u8; Sketch::BYTES];

/// What is kept of a text outside its sealed record, to find those that are like it.
///
/// `MinHash` over the runs of four characters of title and body: of 96 orders of all possible runs the first
/// run of this text, of which one byte is kept (b-bit minwise hashing, Li and König 2010). How many agree
/// estimates the Jaccard similarity, less the 1 in 256 that agree by chance; its standard error is at most
/// 0.051, and 0.031 at a similarity of 0.1. A byte and 96 orders err less than 16 bits and 48.
///
/// **What it gives away.** Everything in it is hashed under the city's key, so that whoever has the store but
/// not the key cannot test whether somebody wrote a known sentence, or about a known place. He can tell
/// which sketches are alike, which bodies and places are the same, and about how long a text is; and if
/// he can have tickets made and see their sketches, he can compare with those. Treat it as personal data and
/// delete it with the ticket's text. Sketches of two keys have nothing in common.
#[derive(Clone, PartialEq, Eq)]
pub struct Sketch {
    /// Different runs; at most [`u16::MAX`].
    grams: u16,
    /// Of the normal body; 0 when it is empty.
    body: u64,
    /// Of title and body; 0 when both are empty.
    whole: u64,
    minima: [u8; MINIMA],
    /// So many of the places are named in the title; they come first.
    titled: u8,
    /// Without 0, which fills up.
    places: [u32; PLACES_MAX],
    /// Without 0, which fills up.
    numbers: [u32; NUMBERS_MAX],
}

/// The city's secret: 32 bytes, for sketches alone.
type Key = [u8; 32];

/// The first eight bytes of the keyed hash.
fn keyed(purpose: &str, key: &Key, parts: &[&str]) -> u64 {
    let mut all: Vec<&[u8]> = vec![key];
    all.extend(parts.iter().map(|part| part.as_bytes()));
    let hash = Hash::of(purpose, &all);
    let first = hash.as_bytes().first_chunk().copied();
    u64::from_le_bytes(first.unwrap_or_default())
}

/// The same in four bytes, and never 0.
fn keyed_word(key: &Key, word: &str) -> u32 {
    let [a, b, c, d, ..] = keyed("lianxin.repeat.word.v1", key, &[word]).to_le_bytes();
    u32::from_le_bytes([a, b, c, d]).max(1)
}

/// The finaliser of splitmix64: one to one, and no bit of the result depends on few of the input.
const fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The last byte of the least of the hashes in each order. The hashes are keyed, so the orders need not be.
fn minima(hashes: &BTreeSet<u64>) -> [u8; MINIMA] {
    let mut least = [u64::MAX; MINIMA];
    for hash in hashes {
        let mut order = 0_u64;
        for least in &mut least {
            order = order.wrapping_add(0x9e37_79b9_7f4a_7c15);
            *least = mixed(hash ^ order).min(*least);
        }
    }
    least.map(|least| {
        let [last, ..] = least.to_le_bytes();
        last
    })
}

/// The first different words, hashed.
fn hashed<const N: usize>(key: &Key, words: &[&str]) -> [u32; N] {
    let mut hashed = [0; N];
    for (place, word) in hashed.iter_mut().zip(words) {
        *place = keyed_word(key, word);
    }
    hashed
}

fn each_once<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut once = Vec::new();
    for word in words {
        if !word.is_empty() && !once.contains(&word) {
            once.push(word);
        }
    }
    once
}

impl Sketch {
    /// The stored form is so long.
    pub const BYTES: usize = 1 + 2 + 8 + 8 + MINIMA + 1 + 4 * PLACES_MAX + 4 * NUMBERS_MAX;

    /// The sketch of a title and body under the city's `key`. `places` are the names of places that are in
    /// them, the most telling first: what the gazetteer found, and then [`place_words`](super::place_words).
    /// Those that the title names come first, and of all of them six are kept.
    #[must_use]
    pub fn of(title: &str, body: &str, places: &[impl AsRef<str>], key: &Key) -> Self {
        let (title, body) = (normal(title), normal(body));
        let whole = format!("{title}{body}");
        let hash = |gram| keyed("lianxin.repeat.gram.v1", key, &[gram]);
        let hashes: BTreeSet<u64> = grams(&whole).map(hash).collect();
        let of_text = |parts: &[&str], is_empty: bool| {
            let hash = keyed("lianxin.repeat.text.v1", key, parts);
            if is_empty { 0 } else { hash.max(1) }
        };
        let places: Vec<String> = places.iter().map(|place| normal(place.as_ref())).collect();
        let mut places = each_once(places.iter().map(String::as_str));
        places.sort_by_key(|place| !title.contains(place));
        places.truncate(PLACES_MAX);
        let titled = places.iter().filter(|place| title.contains(**place)).count();
        let in_title = numbers(&title).into_iter();
        let numbers = each_once(in_title.chain(numbers(&body)));
        Self {
            grams: u16::try_from(hashes.len()).unwrap_or(u16::MAX),
            body: of_text(&[&body], body.is_empty()),
            whole: of_text(&[&title, &body], whole.is_empty()),
            minima: minima(&hashes),
            titled: u8::try_from(titled).unwrap_or_default(),
            places: hashed(key, &places),
            numbers: hashed(key, &numbers),
        }
    }

    /// How alike two texts are: an estimate of the Jaccard similarity of their runs, in thousandths. A text
    /// without a letter is like no other.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> u16 {
        if self.grams == 0 || other.grams == 0 {
            return 0;
        }
        let pairs = self.minima.iter().zip(&other.minima);
        let alike: u32 = pairs.map(|(a, b)| u32::from(a == b)).sum();
        // (alike / 96 - 1 / 256) / (1 - 1 / 256), in whole numbers.
        let estimate = (256_000 * alike).saturating_sub(96_000) / (96 * 255);
        u16::try_from(estimate).unwrap_or(1000)
    }

    /// Whether the bodies are the same, letter by letter, whatever the titles; not when they are empty.
    #[must_use]
    pub const fn has_body_of(&self, other: &Self) -> bool {
        self.body != 0 && self.body == other.body
    }

    /// Whether titles and bodies are the same, letter by letter; not when they are empty.
    #[must_use]
    pub const fn has_text_of(&self, other: &Self) -> bool {
        self.whole != 0 && self.whole == other.whole
    }

    /// What the same bodies have in common, to look for them by; `None` when the body is empty.
    #[must_use]
    pub fn body_key(&self) -> Option<[u8; 8]> {
        (self.body != 0).then_some(self.body.to_be_bytes())
    }

    /// How many different runs of four characters the text has.
    #[must_use]
    pub const fn grams(&self) -> u16 {
        self.grams
    }

    /// The places, and those of them that the title names.
    pub(super) fn places(&self) -> (&[u32], &[u32]) {
        let places = without_filling(&self.places);
        (places, places.get(..usize::from(self.titled)).unwrap_or(places))
    }

    /// The numbers of houses, buildings and lines.
    pub(super) fn numbers(&self) -> &[u32] {
        without_filling(&self.numbers)
    }

    /// The stored form: a byte for its version, and a fixed length.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let words = self.places.iter().chain(&self.numbers).flat_map(|word| word.to_be_bytes());
        let bytes = [VERSION]
            .into_iter()
            .chain(self.grams.to_be_bytes())
            .chain(self.body.to_be_bytes())
            .chain(self.whole.to_be_bytes())
            .chain(self.minima)
            .chain([self.titled])
            .chain(words);
        let mut stored = [0; Self::BYTES];
        for (place, byte) in stored.iter_mut().zip(bytes) {
            *place = byte;
        }
        stored
    }

    /// Takes a sketch back from its stored form; `None` when it is of another version or length, or no sketch.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[version], rest) = bytes.split_first_chunk()?;
        let (&grams, rest) = rest.split_first_chunk()?;
        let (&body, rest) = rest.split_first_chunk()?;
        let (&whole, rest) = rest.split_first_chunk()?;
        let (&minima, rest) = rest.split_first_chunk()?;
        let (&[titled], rest) = rest.split_first_chunk()?;
        let (places, rest) = words(rest)?;
        let (numbers, rest) = words(rest)?;
        let sketch = Self {
            grams: u16::from_be_bytes(grams),
            body: u64::from_be_bytes(body),
            whole: u64::from_be_bytes(whole),
            minima,
            titled,
            places,
            numbers,
        };
        let is_one =
            version == VERSION && rest.is_empty() && usize::from(titled) <= sketch.places().0.len();
        is_one.then_some(sketch)
    }
}

/// Reads so many words from the beginning; none after the filling.
fn words<const N: usize>(bytes: &[u8]) -> Option<([u32; N], &[u8])> {
    let mut words = [0; N];
    let mut rest = bytes;
    for word in &mut words {
        let (bytes, after) = rest.split_first_chunk()?;
        *word = u32::from_be_bytes(*bytes);
        rest = after;
    }
    let filled = without_filling(&words).len();
    words.iter().skip(filled).all(|word| *word == 0).then_some((words, rest))
}

fn without_filling(words: &[u32]) -> &[u32] {
    let filled = words.iter().position(|word| *word == 0).unwrap_or(words.len());
    words.get(..filled).unwrap_or(words)
}

/// A sketch says nothing to a reader, and what it gives away is for no log.
impl std::fmt::Debug for Sketch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sketch({} runs)", self.grams)
    }
}
