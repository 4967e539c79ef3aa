//! The items head: thousands of narrow items with a few lines of text each, and what dispatchers taught.
//!
//! A text is compared to every document; an item is as good as its best one. A linear score for the item's
//! category is added, because a category has enough text to learn from.

use crate::calibration::{Threshold, thresholds};
use crate::evidence::{Confidence, Evidence};
use crate::features::{Count, Normal, Text};
use crate::held_out::{Material, TRAININGS, confidence, held_out, outcomes};
use crate::index::Index;
use crate::linear::{Buckets, Linear};
use crate::model::{Entry, Lesson, Ranked, ranked};
use crate::names::Names;
use crate::svm::Matrix;

/// What an error weighs against the margin.
const COST: f64 = 1.0;
/// What the category's score weighs against the cosine.
pub(crate) const CATEGORY_WEIGHT: f32 = 0.1;
/// The score of a category that was not in training: that of "none of these".
pub(crate) const UNKNOWN_CATEGORY: f32 = -1.0;
/// A lesson at least so like the text is the same matter: the category then cannot speak against it.
const SAME_MATTER_COSINE: f32 = 0.9;
/// The confidence is shared out among so many leading items, and no more are ever ranked.
pub const ITEMS_RANKED_MAX: usize = 50;

/// What scores are made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scorer {
    pub(crate) index: Index,
    /// By document.
    pub(crate) item_of: Vec<u32>,
    /// Documents from this one on are lessons.
    pub(crate) lessons_from: usize,
    /// By category.
    pub(crate) linear: Linear,
}

/// The head.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ItemHead {
    pub(crate) names: Names,
    pub(crate) scorer: Scorer,
    pub(crate) confidence: Confidence,
    pub(crate) thresholds: Vec<Threshold>,
}

/// An item's score and the document that gave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scored {
    pub(crate) item: u32,
    pub(crate) score: f32,
    pub(crate) document: usize,
    /// How like the text that document is, if it is a lesson of the same matter; 0 if not.
    pub(crate) taught: f32,
}

/// A text as a scorer reads it.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// The grams that any document has, of length 1.
    pub(crate) vector: Vec<(u32, f32)>,
    pub(crate) chars: f32,
}

/// What a scorer says of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// The best items, best first, at most [`ITEMS_RANKED_MAX`].
    pub(crate) leading: Vec<Scored>,
    /// The linear scores by category.
    pub(crate) categories: Vec<f32>,
}

impl Answer {
    /// How sure the best item is because a dispatcher said so of the same matter.
    pub(crate) fn taught(&self) -> f32 {
        self.leading.first().map_or(0.0, |best| best.taught)
    }
}

/// The counts of a text as this head reads it.
pub(crate) fn counts(text: &Text<'_>) -> Vec<Count> {
    Normal::of(text).counts()
}

/// The one document that an entry is: name, keywords and examples, none weighing more than another.
pub(crate) fn document(entry: &Entry<'_>) -> Vec<Count> {
    let name = std::iter::once(&entry.name);
    let parts: Vec<&str> = name.chain(entry.keywords).chain(entry.examples).copied().collect();
    counts(&Text::untitled(&parts.join("，")))
}

impl Scorer {
    pub(crate) fn train(
        material: &Material<'_>,
        names: &Names,
        done: &mut dyn FnMut(usize),
    ) -> Self {
        let (mut documents, mut item_of) = (Vec::new(), Vec::new());
        for entry in material.entries {
            documents.push(material.document(entry));
            item_of.push(names.trained(entry.item));
        }
        for lesson in material.lessons() {
            documents.push(counts(&lesson.text));
            item_of.push(names.trained(lesson.item));
        }
        let index = Index::of(&documents);
        let (mut vectors, mut class_of) = (Vec::new(), Vec::new());
        let mut learn = |item: &str, counts: &[Count]| {
            vectors.push(index.vector(counts));
            class_of.push(names.category(names.trained(item)));
        };
        for entry in material.entries {
            learn(entry.item, &counts(&Text::untitled(entry.name)));
            learn(entry.item, &counts(&Text::untitled(&material.keywords(entry).join("，"))));
            for example in material.examples(entry) {
                learn(entry.item, &counts(&Text::untitled(example)));
            }
        }
        for lesson in material.lessons() {
            learn(lesson.item, &counts(&lesson.text));
        }
        let buckets = Buckets::of(vectors.iter().flatten().map(|(bucket, _)| *bucket));
        let mut matrix = Matrix::of_columns(buckets.len());
        for vector in vectors {
            let cells = vector.into_iter();
            matrix.push(cells.filter_map(|(bucket, value)| Some((buckets.row(bucket)?, value))));
        }
        let classes = (class_of.as_slice(), names.categories.len());
        let linear = Linear::train((buckets, &matrix), classes, COST, done);
        Self { index, item_of, lessons_from: material.entries.len(), linear }
    }

    pub(crate) fn read(&self, text: &Text<'_>) -> Read {
        let normal = Normal::of(text);
        let vector = self.index.vector(&normal.counts());
        Read { vector, chars: normal.glyphs.len() as f32 }
    }

    /// What it says of a text; nothing of one without a known gram.
    pub(crate) fn answer(&self, names: &Names, read: &Read) -> Answer {
        let vector = &read.vector;
        if vector.is_empty() {
            return Answer::default();
        }
        let categories = self.linear.scores(vector.iter().copied());
        let best_category = categories.iter().copied().fold(UNKNOWN_CATEGORY, f32::max);
        let mut best: Vec<Option<Scored>> = vec![None; names.items.len()];
        let cosines = self.index.cosines(vector);
        for ((document, cosine), item) in cosines.into_iter().enumerate().zip(&self.item_of) {
            let is_same = document >= self.lessons_from && cosine >= SAME_MATTER_COSINE;
            let category = || categories.get(names.category(*item)).copied();
            let category =
                if is_same { best_category } else { category().unwrap_or(UNKNOWN_CATEGORY) };
            let score = cosine + CATEGORY_WEIGHT * category;
            let taught = if is_same { cosine } else { 0.0 };
            let Some(best) = best.get_mut(*item as usize) else { continue };
            // Of equals the newest: what a dispatcher said last.
            if best.is_none_or(|best| score >= best.score) {
                *best = Some(Scored { item: *item, score, document, taught });
            }
        }
        let mut all: Vec<Scored> = best.into_iter().flatten().collect();
        let order = |a: &Scored, b: &Scored| {
            b.score.total_cmp(&a.score).then_with(|| b.document.cmp(&a.document))
        };
        if all.len() > ITEMS_RANKED_MAX {
            all.select_nth_unstable_by(ITEMS_RANKED_MAX, order);
            all.truncate(ITEMS_RANKED_MAX);
        }
        all.sort_by(order);
        Answer { leading: all, categories }
    }

    /// The rarity of all grams that a text shares with a document.
    pub(crate) fn shared(&self, in_text: &Buckets, document: usize) -> f32 {
        let grams = self.index.document(document).iter().map(|cell| cell.bucket());
        grams.filter(|gram| in_text.has(*gram)).map(|gram| self.index.rarity_of(gram)).sum()
    }
}

impl ItemHead {
    /// A head that knows nothing yet.
    pub(crate) fn empty() -> Self {
        Self::train(&[], &[], &mut |_, _| ())
    }

    /// Learns from entries and lessons; `done` hears of each step.
    pub(crate) fn train(
        entries: &[Entry<'_>],
        lessons: &[Lesson<'_>],
        done: &mut dyn FnMut(usize, usize),
    ) -> Self {
        let names = Names::of(entries, lessons);
        let each = names.categories.len();
        // The last training has everything.
        let steps = (TRAININGS + 1) * each;
        let held_out = held_out((entries, lessons), &names, &mut |step| done(step, steps));
        let scorer = Scorer::train(&Material::all((entries, lessons)), &names, &mut |class| {
            done(TRAININGS * each + class, steps);
        });
        Self {
            thresholds: thresholds(&outcomes(&held_out)),
            confidence: confidence(held_out.iter()),
            names,
            scorer,
        }
    }

    /// The items, best first, at most [`ITEMS_RANKED_MAX`].
    pub(crate) fn rank(&self, text: &Text<'_>, n: usize) -> Vec<Ranked> {
        let read = self.scorer.read(text);
        let answer = self.scorer.answer(&self.names, &read);
        let evidence = Evidence::of(&self.scorer, &self.names, &read, &answer);
        let chances = self.confidence.of(&answer, &evidence);
        let items = answer.leading.iter().map(|one| self.names.item(one.item));
        ranked(items.zip(chances), n)
    }

    /// Adds a lesson; it counts from the next text on.
    pub(crate) fn learn(&mut self, lesson: &Lesson<'_>) {
        let item = self.names.number(lesson.item, lesson.category);
        self.scorer.index.add(&counts(&lesson.text));
        self.scorer.item_of.push(item);
    }
}
