//! Documents that texts are compared to: TF-IDF cosine over an inverted index.

use std::collections::BTreeMap;

use crate::features::{BUCKET_BITS, BUCKETS, Count, damped};
use crate::labels::length;

/// The bits of a weight beside the bucket's in one word.
const WEIGHT_BITS: u32 = 32 - BUCKET_BITS;
/// The weight 1 in steps.
const STEPS: f32 = ((1 << WEIGHT_BITS) - 1) as f32;
const BUCKET_MASK: u32 = BUCKETS as u32 - 1;

/// A bucket and its weight in a document of length 1, in one word: the weight in the upper bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell(pub(crate) u32);

impl Cell {
    fn new(bucket: u32, weight: f32) -> Self {
        // At least one step: a gram that stands in the document is never forgotten.
        let steps = (weight * STEPS).round().clamp(1.0, STEPS) as u32;
        Self(steps << BUCKET_BITS | (bucket & BUCKET_MASK))
    }

    pub(crate) fn bucket(self) -> u32 {
        self.0 & BUCKET_MASK
    }

    pub(crate) fn weight(self) -> f32 {
        (self.0 >> BUCKET_BITS) as f32 / STEPS
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Posting {
    document: u32,
    weight: f32,
}

/// The documents, and which of them each gram stands in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Index {
    /// Of all documents, one after the other; in each by rising bucket.
    cells: Vec<Cell>,
    /// Where each document's cells end.
    ends: Vec<u32>,
    /// So many documents were there when it was trained; only they make the rarity of grams.
    trained: usize,
    /// The rarity (idf) by bucket; 0 of a gram that no document has.
    rarities: Vec<f32>,
    /// Where each bucket's postings end.
    posting_ends: Vec<u32>,
    postings: Vec<Posting>,
    /// The postings of documents that came later.
    added: BTreeMap<u32, Vec<Posting>>,
}

/// The smoothed inverse document frequency of Robertson and Spärck Jones, never below 0.
fn rarity(documents: usize, with: u32) -> f32 {
    let (all, with) = (documents as f64, f64::from(with));
    (((all - with + 0.5) / (with + 0.5)).max(0.0) + 1.0).ln() as f32
}

/// Of each bucket in how many documents it stands.
fn frequencies(buckets: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut all = vec![0_u32; BUCKETS];
    for bucket in buckets {
        if let Some(count) = all.get_mut(bucket as usize) {
            *count += 1;
        }
    }
    all
}

fn rarities(frequencies: &[u32], documents: usize) -> Vec<f32> {
    let one = |with: &u32| if *with == 0 { 0.0 } else { rarity(documents, *with) };
    frequencies.iter().map(one).collect()
}

impl Index {
    /// An index of documents in counts.
    pub(crate) fn of(documents: &[Vec<Count>]) -> Self {
        let frequencies = frequencies(documents.iter().flatten().map(|one| one.bucket));
        let rarities = rarities(&frequencies, documents.len());
        let (mut cells, mut ends) = (Vec::new(), Vec::new());
        for document in documents {
            cells.extend(cells_of(document, &rarities, 0.0));
            ends.push(cells.len() as u32);
        }
        Self::of_cells(cells, ends, documents.len())
    }

    /// An index of documents in cells, of which the first `trained` were there in training. The ends
    /// rise, the last one being the number of cells.
    pub(crate) fn of_cells(cells: Vec<Cell>, ends: Vec<u32>, trained: usize) -> Self {
        let last = trained.checked_sub(1).and_then(|last| ends.get(last));
        let of_trained = cells.iter().take(last.copied().unwrap_or_default() as usize);
        let frequencies_trained = frequencies(of_trained.map(|cell| cell.bucket()));
        let mut rarities = rarities(&frequencies_trained, trained);
        // Grams that only later documents have are as rare as those that none has.
        for cell in cells.iter().skip(last.copied().unwrap_or_default() as usize) {
            let known = rarities.get_mut(cell.bucket() as usize).filter(|known| **known == 0.0);
            known.into_iter().for_each(|known| *known = rarity(trained, 0));
        }
        let mut posting_ends = frequencies(cells.iter().map(|cell| cell.bucket()));
        let mut sum = 0;
        for end in &mut posting_ends {
            (*end, sum) = (sum, sum + *end);
        }
        let mut index = Self {
            postings: vec![Posting::default(); cells.len()],
            cells,
            ends,
            trained,
            rarities,
            posting_ends,
            added: BTreeMap::new(),
        };
        index.fill();
        index
    }

    /// Puts each cell where its bucket's postings are; what were their starts become their ends.
    fn fill(&mut self) {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        for (document, (from, to)) in (0..).zip(starts.zip(&self.ends)) {
            for cell in self.cells.get(from as usize..*to as usize).unwrap_or_default() {
                let end = self.posting_ends.get_mut(cell.bucket() as usize);
                let at = end.map_or(u32::MAX, |end| std::mem::replace(end, *end + 1));
                let posting = Posting { document, weight: cell.weight() };
                self.postings.get_mut(at as usize).into_iter().for_each(|own| *own = posting);
            }
        }
    }

    pub(crate) fn documents(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn trained(&self) -> usize {
        self.trained
    }

    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The rarity of a gram; 0 of one that no document has.
    pub(crate) fn rarity_of(&self, bucket: u32) -> f32 {
        self.rarities.get(bucket as usize).copied().unwrap_or_default()
    }

    /// The cells of one document.
    pub(crate) fn document(&self, document: usize) -> &[Cell] {
        let before = document.checked_sub(1).and_then(|before| self.ends.get(before));
        let to = self.ends.get(document).copied().unwrap_or_default() as usize;
        self.cells.get(before.copied().unwrap_or_default() as usize..to).unwrap_or_default()
    }

    /// Adds one document; the rarities stay as they were trained.
    pub(crate) fn add(&mut self, counts: &[Count]) {
        let rarity_of_new = rarity(self.trained, 0);
        let cells = cells_of(counts, &self.rarities, rarity_of_new);
        let document = self.ends.len() as u32;
        for cell in &cells {
            if let Some(known) = self.rarities.get_mut(cell.bucket() as usize)
                && *known == 0.0
            {
                *known = rarity_of_new;
            }
            let posting = Posting { document, weight: cell.weight() };
            self.added.entry(cell.bucket()).or_default().push(posting);
        }
        self.cells.extend(cells);
        self.ends.push(self.cells.len() as u32);
    }

    /// A text as a vector of length 1 of the grams that any document has.
    pub(crate) fn vector(&self, counts: &[Count]) -> Vec<(u32, f32)> {
        vector(counts, &self.rarities, 0.0)
    }

    /// The cosine of each document with a vector.
    pub(crate) fn cosines(&self, vector: &[(u32, f32)]) -> Vec<f32> {
        let mut sums = vec![0.0_f32; self.documents()];
        for (bucket, value) in vector {
            for posting in self.postings_of(*bucket) {
                let sum = sums.get_mut(posting.document as usize);
                sum.into_iter().for_each(|sum| *sum += value * posting.weight);
            }
        }
        sums
    }

    fn postings_of(&self, bucket: u32) -> impl Iterator<Item = &Posting> {
        let before = (bucket as usize).checked_sub(1).and_then(|at| self.posting_ends.get(at));
        let from = before.copied().unwrap_or_default() as usize;
        let to = self.posting_ends.get(bucket as usize).copied().unwrap_or_default() as usize;
        let trained = self.postings.get(from..to).unwrap_or_default();
        trained.iter().chain(self.added.get(&bucket).into_iter().flatten())
    }
}

/// The counts as a vector of length 1; grams without a rarity have this one, and are left out if it is 0.
fn vector(counts: &[Count], rarities: &[f32], of_unknown: f32) -> Vec<(u32, f32)> {
    let value = |one: &Count| {
        let known = rarities.get(one.bucket as usize).copied().filter(|known| *known > 0.0);
        (one.bucket, damped(one.count) * known.unwrap_or(of_unknown))
    };
    let all = counts.iter().map(value).filter(|(_, value)| *value > 0.0);
    let mut all: Vec<(u32, f32)> = all.collect();
    let length = length(all.iter().map(|(_, value)| *value));
    all.iter_mut().for_each(|(_, value)| *value /= length);
    all
}

fn cells_of(counts: &[Count], rarities: &[f32], of_unknown: f32) -> Vec<Cell> {
    let vector = vector(counts, rarities, of_unknown);
    vector.into_iter().map(|(bucket, weight)| Cell::new(bucket, weight)).collect()
}
