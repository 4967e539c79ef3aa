//! The words that spoke: what each gram added, spread on the characters it covers.

use std::collections::BTreeMap;

use crate::features::{Glyph, Half, Normal, Text};
use crate::items::{CATEGORY_WEIGHT, ItemHead};
use crate::labels::LabelHead;
use crate::model::Reason;

/// Reasons at most.
pub const REASONS_MAX: usize = 6;
/// The shortest run of characters that is shown.
const CHARS_MIN: usize = 2;
/// The longest.
const CHARS_MAX: usize = 12;
/// A character speaks if it has at least so much of what the loudest one has.
const SPEAKS_AT: f32 = 0.2;

/// What each bucket added to the answer, in the order of the buckets.
type Spoken = Vec<(u32, f32)>;

/// Why a text is of an item: what it shares with the item's best document, and what speaks for the category.
pub(crate) fn item(head: &ItemHead, text: &Text<'_>, item: &str) -> Vec<Reason> {
    let normal = Normal::of(text);
    let vector = head.scorer.index.vector(&normal.counts());
    let cosines = head.scorer.index.cosines(&vector);
    let Some(number) = (0..).zip(&head.names.items).find(|(_, known)| *known == item) else {
        return Vec::new();
    };
    let own = cosines.iter().zip(&head.scorer.item_of).enumerate();
    let own = own.filter(|(_, (_, of))| **of == number.0);
    let best = own.max_by(|a, b| a.1.0.total_cmp(b.1.0)).map(|(document, _)| document);
    let cells = best.map(|best| head.scorer.index.document(best)).unwrap_or_default();
    let category = head.names.category(number.0);
    let spoken = vector.iter().map(|(bucket, value)| {
        let at = cells.binary_search_by_key(bucket, |cell| cell.bucket());
        let shared = at.ok().and_then(|at| cells.get(at)).map_or(0.0, |cell| cell.weight());
        let of_category = CATEGORY_WEIGHT * head.scorer.linear.weight(*bucket, category);
        (*bucket, value * (shared + of_category))
    });
    reasons(text, &normal, &spoken.collect())
}

/// Why a text has a label.
pub(crate) fn label(head: &LabelHead, text: &Text<'_>, label: &str) -> Vec<Reason> {
    let Some(class) = head.classes.iter().position(|class| class == label) else {
        return Vec::new();
    };
    let normal = Normal::with_title(text);
    let vector = head.scorer.vector(&normal.counts());
    let weight = |bucket| head.scorer.linear.weight(bucket, class);
    let spoken = vector.iter().map(|(bucket, value)| (*bucket, value * weight(*bucket)));
    reasons(text, &normal, &spoken.collect())
}

/// How loudly each glyph spoke; what speaks against the answer is below 0.
fn loudness(normal: &Normal, spoken: &Spoken) -> Vec<f32> {
    let mut times: BTreeMap<u32, f32> = BTreeMap::new();
    for one in normal.occurrences() {
        *times.entry(one.bucket).or_default() += one.count as f32;
    }
    let mut loudness = vec![0.0; normal.glyphs.len()];
    for one in normal.occurrences() {
        let at = spoken.binary_search_by_key(&one.bucket, |(bucket, _)| *bucket).ok();
        let all = at.and_then(|at| spoken.get(at)).map_or(0.0, |(_, value)| *value);
        let share = one.count as f32 / times.get(&one.bucket).copied().unwrap_or(1.0);
        for glyph in loudness.iter_mut().skip(one.from).take(one.chars) {
            *glyph += all * share / one.chars as f32;
        }
    }
    loudness
}

/// Whether two glyphs stand side by side in the text too.
fn are_neighbours(before: &Glyph, after: &Glyph, text: &Text<'_>) -> bool {
    let half = half_of(text, before.half);
    let end = half.get(before.at..).and_then(|rest| rest.chars().next()).map(char::len_utf8);
    before.half == after.half && end.is_some_and(|len| before.at + len == after.at)
}

fn half_of<'a>(text: &Text<'a>, half: Half) -> &'a str {
    match half {
        Half::Title => text.title,
        Half::Body => text.body,
    }
}

/// The loudest stretch of at most [`CHARS_MAX`] of a run, and how loud it is.
fn loudest<'r>(run: &'r [(&'r Glyph, f32)]) -> (&'r [(&'r Glyph, f32)], f32) {
    let stretches = run.windows(run.len().clamp(1, CHARS_MAX));
    let summed = stretches.map(|stretch| (stretch, stretch.iter().map(|(_, own)| own).sum()));
    summed.max_by(|a: &(_, f32), b| a.1.total_cmp(&b.1)).unwrap_or_default()
}

fn words<'a>(text: &Text<'a>, stretch: &[(&Glyph, f32)]) -> Option<&'a str> {
    let (first, last) = (stretch.first()?.0, stretch.last()?.0);
    let half = half_of(text, first.half);
    let end = last.at + half.get(last.at..)?.chars().next()?.len_utf8();
    half.get(first.at..end)
}

fn reasons(text: &Text<'_>, normal: &Normal, spoken: &Spoken) -> Vec<Reason> {
    let loudness = loudness(normal, spoken);
    let all: f32 = loudness.iter().filter(|one| **one > 0.0).sum();
    let floor = SPEAKS_AT * loudness.iter().copied().fold(0.0, f32::max);
    let speaking: Vec<(&Glyph, f32)> = normal
        .glyphs
        .iter()
        .zip(loudness)
        .filter(|(glyph, own)| *own > 0.0 && *own >= floor && glyph.character.is_alphanumeric())
        .collect();
    let mut found: BTreeMap<&str, f32> = BTreeMap::new();
    for run in speaking.chunk_by(|before, after| are_neighbours(before.0, after.0, text)) {
        let (stretch, weight) = loudest(run);
        if let Some(words) = words(text, stretch).filter(|_| stretch.len() >= CHARS_MIN) {
            *found.entry(words).or_default() += weight;
        }
    }
    let reason = |(words, weight): (&str, f32)| Reason {
        words: words.to_owned(),
        weight: (weight / all).min(1.0),
    };
    let mut reasons: Vec<Reason> = found.into_iter().map(reason).collect();
    reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    reasons.truncate(REASONS_MAX);
    reasons
}
