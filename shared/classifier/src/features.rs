//! What a text is to the machine: counts of its short runs of characters.
//!
//! Runs of 1 to 3 characters need no dictionary and no segmenter, survive typing errors, and know the
//! words that a county invents. They are hashed, so a model holds no piece of anybody's text.

use sha2::{Digest as _, Sha256};

/// A bit for every bucket: grams are hashed to 2^18 of them.
pub(crate) const BUCKET_BITS: u32 = 18;
/// Buckets.
pub(crate) const BUCKETS: usize = 1 << BUCKET_BITS;
/// The longest run of characters that is a feature.
const GRAM_CHARS_MAX: usize = 3;
/// Grams of the title count so often more than once.
const TITLE_EXTRA: u32 = 4;
/// So many first characters stand in for a title that is missing.
pub const STAND_IN_TITLE_CHARS: usize = 20;
/// What a text has beyond so many characters is not read. The longest real message seen has 7,000.
pub const TEXT_CHARS_MAX: usize = 20_000;

/// A citizen's text as it came. The title may be empty; to the labels head the first 20 characters of
/// the body then stand in for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text<'a> {
    /// One line, or nothing.
    pub title: &'a str,
    /// All the rest, or nothing.
    pub body: &'a str,
}

impl<'a> Text<'a> {
    /// A text without a title.
    #[must_use]
    pub fn untitled(body: &'a str) -> Self {
        Self { title: "", body }
    }
}

/// Which half of a [`Text`] a character stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Title,
    Body,
}

/// A character after normalising, and the one it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Glyph {
    pub(crate) character: char,
    pub(crate) half: Half,
    /// Where it begins in its half, in bytes.
    pub(crate) at: usize,
}

/// A text after normalising: no white space, ASCII in lower case and half width.
#[derive(Clone, Debug)]
pub(crate) struct Normal {
    pub(crate) glyphs: Vec<Glyph>,
    /// So many glyphs at the beginning are the title.
    title: usize,
}

/// How often a bucket occurs in a text, the title's grams five times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) bucket: u32,
    pub(crate) count: u32,
}

/// One gram where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) bucket: u32,
    /// What it adds to the count.
    pub(crate) count: u32,
    /// The first glyph.
    pub(crate) from: usize,
    /// How many glyphs.
    pub(crate) chars: usize,
}

fn is_dropped(character: char) -> bool {
    // Zero-width marks come with text that was copied from web pages.
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{FEFF}')
}

fn normal(character: char) -> char {
    const FULL_WIDTH_OFFSET: u32 = 0xFEE0;
    let half_width = match character {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - FULL_WIDTH_OFFSET).unwrap_or(character)
        }
        _ => character,
    };
    half_width.to_ascii_lowercase()
}

fn glyphs(text: &str, half: Half) -> impl Iterator<Item = Glyph> {
    let kept = text.char_indices().filter(|(_, character)| !is_dropped(*character));
    kept.map(move |(at, character)| Glyph { character: normal(character), half, at })
}

/// What `count` occurrences are worth: twice as many are not twice as telling.
pub(crate) fn damped(count: u32) -> f32 {
    1.0 + f64::from(count.max(1)).ln() as f32
}

/// FNV-1a with 64 bits, continued with the UTF-8 of one more character.
fn hash_on(mut hash: u64, character: char) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01B3;
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    }
    hash
}

/// Folds the hash by exclusive or, as FNV's authors advise for fewer bits.
fn bucket(hash: u64) -> u32 {
    const FNV_MASK: u64 = (1 << BUCKET_BITS) - 1;
    (((hash >> BUCKET_BITS) ^ hash) & FNV_MASK) as u32
}

impl Normal {
    /// The text; the beginning of the body stands in for a title that is missing. That is where people
    /// say what they want, in texts that are long enough for the labels head to learn from.
    pub(crate) fn with_title(text: &Text<'_>) -> Self {
        let mut normal = Self::of(text);
        if normal.title == 0 {
            normal.title = STAND_IN_TITLE_CHARS.min(normal.glyphs.len());
        }
        normal
    }

    /// The text as it is; without a title all of it weighs the same, as suits a single sentence.
    pub(crate) fn of(text: &Text<'_>) -> Self {
        let title: Vec<Glyph> = glyphs(text.title, Half::Title).take(TEXT_CHARS_MAX).collect();
        let body = || glyphs(text.body, Half::Body);
        // Some channels send the title again as the beginning of the body.
        let is_repeated = body()
            .map(|glyph| glyph.character)
            .take(title.len())
            .eq(title.iter().map(|glyph| glyph.character));
        let title_chars = title.len();
        let mut glyphs = if is_repeated { Vec::new() } else { title };
        glyphs.extend(body().take(TEXT_CHARS_MAX - glyphs.len()));
        Self { title: title_chars.min(glyphs.len()), glyphs }
    }

    /// Every gram where it stands.
    pub(crate) fn occurrences(&self) -> impl Iterator<Item = Occurrence> {
        self.glyphs.iter().enumerate().flat_map(move |(from, _)| self.occurrences_at(from))
    }

    fn occurrences_at(&self, from: usize) -> impl Iterator<Item = Occurrence> {
        const OFFSET_BASIS: u64 = 0xCBF2_9CE4_8422_2325;
        let glyphs = self.glyphs.iter().skip(from).take(GRAM_CHARS_MAX);
        let hashes = glyphs.scan(OFFSET_BASIS, |hash, glyph| {
            *hash = hash_on(*hash, glyph.character);
            Some(*hash)
        });
        (1..).zip(hashes).map(move |(chars, hash)| {
            let is_in_title = from + chars <= self.title;
            let count = if is_in_title { 1 + TITLE_EXTRA } else { 1 };
            Occurrence { bucket: bucket(hash), count, from, chars }
        })
    }

    /// The counts, in the order of the buckets, each bucket once.
    pub(crate) fn counts(&self) -> Vec<Count> {
        let mut all: Vec<Count> = Vec::with_capacity(self.glyphs.len() * GRAM_CHARS_MAX);
        all.extend(self.occurrences().map(|one| Count { bucket: one.bucket, count: one.count }));
        all.sort_unstable_by_key(|one| one.bucket);
        all.dedup_by(|next, kept| {
            let is_same = next.bucket == kept.bucket;
            kept.count += if is_same { next.count } else { 0 };
            is_same
        });
        all
    }
}

/// The fold of a text, `0..folds`: the first 8 bytes, big-endian, of the SHA-256 of its normalised
/// characters, modulo `folds`. Exact repeats are in the same fold, so none is tested by its own copy.
#[must_use]
pub fn fold(text: &Text<'_>, folds: usize) -> usize {
    let characters: String = Normal::of(text).glyphs.iter().map(|glyph| glyph.character).collect();
    let digest = Sha256::digest(characters);
    let first = digest.iter().take(8).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    (first % folds.max(1) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn characters(title: &str, body: &str) -> (String, usize) {
        let normal = Normal::of(&Text { title, body });
        (normal.glyphs.iter().map(|glyph| glyph.character).collect(), normal.title)
    }

    #[test]
    fn white_space_goes_and_ascii_is_one_form() {
        let (text, _) = characters("", " Ａ１ b，\u{3000}路\t灯\u{200B}\u{FEFF}\n😀");
        assert_eq!(text, "a1b,路灯😀");
    }

    #[test]
    fn a_title_that_the_body_repeats_is_not_doubled() {
        assert_eq!(characters("路灯", "坏了"), ("路灯坏了".to_owned(), 2));
        assert_eq!(characters("路灯", " 路 灯坏了"), ("路灯坏了".to_owned(), 2));
        assert_eq!(characters("路灯坏了", "路灯"), ("路灯坏了路灯".to_owned(), 4));
        assert_eq!(characters("路灯", ""), ("路灯".to_owned(), 2));
        assert_eq!(characters("", "路灯"), ("路灯".to_owned(), 0));
    }

    #[test]
    fn grams_of_the_title_count_five_times() {
        let of = |normal: Normal| normal.counts().iter().map(|one| one.count).collect::<Vec<_>>();
        let mut counts = of(Normal::of(&Text { title: "一二", body: "三" }));
        counts.sort_unstable();
        // 三, 二三, 一二三; then 一, 二, 一二.
        assert_eq!(counts, [1, 1, 1, 5, 5, 5]);
        assert_eq!(of(Normal::of(&Text::untitled("一一一"))).iter().sum::<u32>(), 6);
        assert_eq!(of(Normal::with_title(&Text::untitled("一一一"))).iter().sum::<u32>(), 30);
        let long = "一".repeat(STAND_IN_TITLE_CHARS + 1);
        assert_eq!(Normal::with_title(&Text::untitled(&long)).title, STAND_IN_TITLE_CHARS);
    }

    #[test]
    fn empty_and_endless_texts_are_texts() {
        assert!(Normal::with_title(&Text::default()).counts().is_empty());
        assert_eq!(Normal::of(&Text::untitled("灯")).counts().len(), 1);
        let endless = "灯".repeat(TEXT_CHARS_MAX + 1);
        let both = Text { title: &endless, body: "水" };
        assert_eq!(Normal::of(&both).glyphs.len(), TEXT_CHARS_MAX);
    }

    #[test]
    fn the_hash_is_fnv_1a_and_stays() {
        const OFFSET_BASIS: u64 = 0xCBF2_9CE4_8422_2325;
        let foobar = "foobar".chars().fold(OFFSET_BASIS, hash_on);
        assert_eq!(foobar, 0x8594_4171_F739_67E8, "the published value");
        assert_eq!(bucket(0x0007_FFFF), 0x3FFFE);
    }

    #[test]
    fn a_fold_is_of_the_normalised_text() {
        let (a, b) = (Text::untitled("路灯 不亮"), Text { title: "路灯不亮", body: "路灯不亮" });
        assert_eq!(fold(&a, 1_000), fold(&b, 1_000));
        assert_eq!(fold(&a, 0), 0);
        // SHA-256 of nothing begins e3b0c44298fc1c14.
        assert_eq!(fold(&Text::default(), 1 << 16), 0x1C14);
    }
}
