//! What the items head is compared to: two common ways of finding the nearest document.

use std::collections::BTreeMap;

use crate::features::{Count, Text};
use crate::index::Index;
use crate::items::{counts, document};
use crate::model::{Entry, Lesson};

/// How soon more occurrences stop counting (k1), for texts as short as a catalog's.
const SATURATION: f64 = 0.6;
/// How much a document's length counts against it (b).
const LENGTH_WEIGHT: f64 = 0.5;

/// A way of ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Okapi BM25 (Robertson and Zaragoza, 2009) with k1 0.6 and b 0.5.
    Bm25,
    /// TF-IDF cosine, without the category's score.
    Cosine,
}

/// An item and its score, which is no probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// The item's code.
    pub item: String,
    /// The higher the better; only to be compared with others for the same text.
    pub score: f32,
}

/// BM25's weight of each gram in each document.
#[derive(Clone, Debug)]
struct Bm25 {
    documents: usize,
    postings: BTreeMap<u32, Vec<(usize, f32)>>,
}

#[derive(Clone, Debug)]
enum Machine {
    Bm25(Bm25),
    Cosine(Box<Index>),
}

/// A baseline over a catalog and its lessons.
#[derive(Clone, Debug)]
pub struct Ranker {
    machine: Machine,
    /// By document.
    items: Vec<String>,
}

impl Bm25 {
    fn of(documents: &[Vec<Count>]) -> Self {
        let length = |all: &Vec<Count>| all.iter().map(|one| f64::from(one.count)).sum::<f64>();
        let lengths: Vec<f64> = documents.iter().map(length).collect();
        let mean = lengths.iter().sum::<f64>() / documents.len().max(1) as f64;
        let mut postings: BTreeMap<u32, Vec<(usize, f32)>> = BTreeMap::new();
        for ((at, counts), length) in documents.iter().enumerate().zip(lengths) {
            let long = 1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * length / mean.max(1.0);
            for one in counts {
                let count = f64::from(one.count);
                let weight = count * (SATURATION + 1.0) / (count + SATURATION * long);
                postings.entry(one.bucket).or_default().push((at, weight as f32));
            }
        }
        for own in postings.values_mut() {
            let (all, with) = (documents.len() as f64, own.len() as f64);
            let rarity = (((all - with + 0.5) / (with + 0.5)) + 1.0).ln() as f32;
            own.iter_mut().for_each(|(_, weight)| *weight *= rarity);
        }
        Self { documents: documents.len(), postings }
    }

    fn scores(&self, counts: &[Count]) -> Vec<f32> {
        let mut sums = vec![0.0; self.documents];
        for (at, weight) in counts.iter().filter_map(|one| self.postings.get(&one.bucket)).flatten()
        {
            if let Some(sum) = sums.get_mut(*at) {
                *sum += weight;
            }
        }
        sums
    }
}

impl Ranker {
    /// A ranker over the same documents that the items head has.
    #[must_use]
    pub fn new(baseline: Baseline, entries: &[Entry<'_>], lessons: &[Lesson<'_>]) -> Self {
        let of_entries = entries.iter().map(document);
        let of_lessons = lessons.iter().map(|lesson| counts(&lesson.text));
        let documents: Vec<Vec<Count>> = of_entries.chain(of_lessons).collect();
        let items = entries.iter().map(|entry| entry.item);
        let items = items.chain(lessons.iter().map(|lesson| lesson.item));
        let machine = match baseline {
            Baseline::Bm25 => Machine::Bm25(Bm25::of(&documents)),
            Baseline::Cosine => Machine::Cosine(Box::new(Index::of(&documents))),
        };
        Self { machine, items: items.map(str::to_owned).collect() }
    }

    /// The `n` best items that share anything with the text, best first.
    #[must_use]
    pub fn rank(&self, text: &Text<'_>, n: usize) -> Vec<Scored> {
        let counts = counts(text);
        let scores = match &self.machine {
            Machine::Bm25(bm25) => bm25.scores(&counts),
            Machine::Cosine(index) => index.cosines(&index.vector(&counts)),
        };
        let mut best: BTreeMap<&str, f32> = BTreeMap::new();
        for (item, score) in self.items.iter().zip(scores).filter(|(_, score)| *score > 0.0) {
            let best = best.entry(item).or_default();
            *best = best.max(score);
        }
        let scored = |(item, score): (&str, f32)| Scored { item: item.to_owned(), score };
        let mut all: Vec<Scored> = best.into_iter().map(scored).collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        all.truncate(n);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ENTRIES, LESSONS, text};

    #[test]
    fn both_find_the_item_that_shares_the_most() {
        for baseline in [Baseline::Bm25, Baseline::Cosine] {
            let ranker = Ranker::new(baseline, &ENTRIES, &LESSONS);
            let best = |body| ranker.rank(&text(body), 1).pop().map(|one| one.item);
            assert_eq!(best("窨井的盖子没了").as_deref(), Some("AA-002"), "{baseline:?}");
            assert_eq!(best("搅拌站轰鸣").as_deref(), Some("BB-001"), "{baseline:?}");
            assert_eq!(best("xyz"), None, "{baseline:?}");
        }
    }
}
