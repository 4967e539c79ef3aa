//! The items head: thousands of narrow items with a few lines of text each, and what dispatchers taught.
//!
//! A text is compared to every document; an item is as good as its best one. A linear score for the item's
//! category is added, because a category has enough text to learn from.

use std::collections::{BTreeMap, BTreeSet};

use crate::calibration::{Calibration, Leading, Outcome, Threshold, thresholds};
use crate::features::{Count, Normal, Text, fold};
use crate::index::Index;
use crate::linear::{Buckets, Linear};
use crate::model::{Entry, Lesson, Ranked, ranked};
use crate::svm::Matrix;

/// What an error weighs against the margin.
const COST: f64 = 1.0;
/// What the category's score weighs against the cosine.
pub(crate) const CATEGORY_WEIGHT: f32 = 0.1;
/// The score of a category that was not in training: that of "none of these".
const UNKNOWN_CATEGORY: f32 = -1.0;
/// A lesson at least so like the text is the same matter: the category then cannot speak against it.
const SAME_MATTER_COSINE: f32 = 0.9;
/// The confidence is shared out among so many leading items, and no more are ever ranked.
pub const ITEMS_RANKED_MAX: usize = 50;
/// Rounds of the calibration; in each, another part of examples and lessons is held out.
pub(crate) const ROUNDS: usize = 2;

/// Trainings, with the last one that has everything.
const TRAININGS: usize = 2 * ROUNDS + 1;

/// Codes of items and categories, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Names {
    pub(crate) items: Vec<String>,
    /// By item.
    pub(crate) category_of: Vec<u32>,
    /// Those of training first.
    pub(crate) categories: Vec<String>,
}

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
    pub(crate) calibration: Calibration,
    pub(crate) thresholds: Vec<Threshold>,
}

/// An item's score and the document that gave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scored {
    pub(crate) item: u32,
    pub(crate) score: f32,
    pub(crate) document: usize,
}

/// A text's place among those that are held out in turn.
fn round_of(text: &Text<'_>) -> usize {
    fold(text, ROUNDS)
}

/// Which keywords a scorer has when it is asked for an example that was held out.
///
/// Who writes a catalog takes keywords from the examples he has in mind, so with all of them the examples
/// are easier than what citizens write, and without those that the example uses they are harder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keywords {
    All,
    NotOfHeldOut,
}

/// What one training reads: everything, or everything but what one round holds out.
struct Material<'t> {
    entries: &'t [Entry<'t>],
    lessons: &'t [Lesson<'t>],
    held_out: Option<usize>,
    keywords: Keywords,
}

impl<'t> Material<'t> {
    fn keeps(&self, round: usize) -> bool {
        self.held_out != Some(round)
    }

    fn examples(&self, entry: &Entry<'t>) -> Vec<&'t str> {
        let kept = (0..).zip(entry.examples).filter(|(at, _)| self.keeps(at % ROUNDS));
        kept.map(|(_, example)| *example).collect()
    }

    fn lessons(&self) -> impl Iterator<Item = &Lesson<'t>> {
        self.lessons.iter().filter(|lesson| self.keeps(round_of(&lesson.text)))
    }

    fn keywords(&self, entry: &Entry<'t>) -> Vec<&'t str> {
        let out = || (0..).zip(entry.examples).filter(|(at, _)| !self.keeps(at % ROUNDS));
        let used = |keyword: &str| out().any(|(_, example)| example.contains(keyword));
        let is_kept = |keyword: &&&str| self.keywords == Keywords::All || !used(keyword);
        entry.keywords.iter().filter(is_kept).copied().collect()
    }

    /// An entry with what is left of it.
    fn document(&self, entry: &Entry<'t>) -> Vec<Count> {
        let (keywords, examples) = (self.keywords(entry), self.examples(entry));
        document(&Entry { keywords: &keywords, examples: &examples, ..*entry })
    }

    /// The texts that this round holds out, with their items.
    fn queries(&self) -> Vec<(&'t str, Text<'t>)> {
        let examples = self.entries.iter().flat_map(|entry| {
            let out = (0..).zip(entry.examples).filter(|(at, _)| !self.keeps(at % ROUNDS));
            out.map(|(_, example)| (entry.item, Text::untitled(example)))
        });
        let lessons = self.lessons.iter().filter(|lesson| !self.keeps(round_of(&lesson.text)));
        examples.chain(lessons.map(|lesson| (lesson.item, lesson.text))).collect()
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

impl Names {
    pub(crate) fn of(entries: &[Entry<'_>], lessons: &[Lesson<'_>]) -> Self {
        let pairs = || {
            let entries = entries.iter().map(|entry| (entry.item, entry.category));
            entries.chain(lessons.iter().map(|lesson| (lesson.item, lesson.category)))
        };
        let categories: BTreeSet<&str> = pairs().map(|(_, category)| category).collect();
        let mut names = Self {
            categories: categories.into_iter().map(str::to_owned).collect(),
            ..Self::default()
        };
        let by_code: BTreeMap<&str, &str> = pairs().collect();
        for (item, category) in by_code {
            names.number(item, category);
        }
        names
    }

    /// The number of an item, which is added if it is new; a known one stays in its category.
    fn number(&mut self, item: &str, category: &str) -> u32 {
        if let Some(at) = self.items.iter().position(|known| known == item) {
            return at as u32;
        }
        let known = self.categories.iter().position(|known| known == category);
        let category_at = known.unwrap_or_else(|| {
            self.categories.push(category.to_owned());
            self.categories.len() - 1
        });
        self.items.push(item.to_owned());
        self.category_of.push(category_at as u32);
        (self.items.len() - 1) as u32
    }

    /// The number of an item of training, where they stand in order.
    fn trained(&self, item: &str) -> u32 {
        self.items.binary_search_by(|known| known.as_str().cmp(item)).unwrap_or_default() as u32
    }

    pub(crate) fn category(&self, item: u32) -> usize {
        self.category_of.get(item as usize).copied().unwrap_or(u32::MAX) as usize
    }

    pub(crate) fn item(&self, item: u32) -> &str {
        self.items.get(item as usize).map(String::as_str).unwrap_or_default()
    }
}

impl Scorer {
    fn train(material: &Material<'_>, names: &Names, done: &mut dyn FnMut(usize)) -> Self {
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

    /// The best items, best first, at most [`ITEMS_RANKED_MAX`]; none for a text without a known gram.
    pub(crate) fn leading(&self, names: &Names, vector: &[(u32, f32)]) -> Vec<Scored> {
        if vector.is_empty() {
            return Vec::new();
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
            let Some(best) = best.get_mut(*item as usize) else { continue };
            // Of equals the newest: what a dispatcher said last.
            if best.is_none_or(|best| score >= best.score) {
                *best = Some(Scored { item: *item, score, document });
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
        all
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
        let steps = TRAININGS * each;
        let mut answers = |keywords, before: usize| {
            let mut told = |class| done(before + class, steps);
            let held_out = held_out((entries, lessons), &names, keywords, &mut told);
            held_out.iter().map(HeldOut::leading).collect::<Vec<Leading>>()
        };
        let mut leading = answers(Keywords::All, 0);
        let calibration = Calibration::fit_leading(&leading);
        // Nobody is dispatched by a threshold that holds for easy texts only.
        leading.extend(answers(Keywords::NotOfHeldOut, ROUNDS * each));
        let outcome = |one: &Leading| -> Option<Outcome> {
            Some((*calibration.probabilities(&one.scores).first()?, one.is_right))
        };
        let outcomes: Vec<Outcome> = leading.iter().filter_map(outcome).collect();
        let material = Material { entries, lessons, held_out: None, keywords: Keywords::All };
        let before = steps - each;
        let scorer = Scorer::train(&material, &names, &mut |class| done(before + class, steps));
        Self { thresholds: thresholds(&outcomes), names, scorer, calibration }
    }

    /// The items, best first, at most [`ITEMS_RANKED_MAX`].
    pub(crate) fn rank(&self, text: &Text<'_>, n: usize) -> Vec<Ranked> {
        let leading = self.scorer.leading(&self.names, &self.scorer.index.vector(&counts(text)));
        let scores: Vec<f32> = leading.iter().map(|one| one.score).collect();
        let chances = self.calibration.probabilities(&scores);
        ranked(leading.iter().map(|one| self.names.item(one.item)).zip(chances), n)
    }

    /// Adds a lesson; it counts from the next text on.
    pub(crate) fn learn(&mut self, lesson: &Lesson<'_>) {
        let item = self.names.number(lesson.item, lesson.category);
        self.scorer.index.add(&counts(&lesson.text));
        self.scorer.item_of.push(item);
    }
}

/// A text that was held out, and how it was answered.
#[derive(Clone, Debug)]
pub(crate) struct HeldOut {
    pub(crate) round: usize,
    pub(crate) item: String,
    /// Items and scores, best first.
    pub(crate) answers: Vec<(String, f32)>,
}

impl HeldOut {
    pub(crate) fn leading(&self) -> Leading {
        Leading {
            scores: self.answers.iter().map(|(_, score)| *score).collect(),
            is_right: self.answers.first().is_some_and(|(item, _)| *item == self.item),
        }
    }
}

/// Answers to examples and lessons by scorers that did not have them; `done` hears of each category in
/// each round.
pub(crate) fn held_out(
    (entries, lessons): (&[Entry<'_>], &[Lesson<'_>]),
    names: &Names,
    keywords: Keywords,
    done: &mut dyn FnMut(usize),
) -> Vec<HeldOut> {
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let material = Material { entries, lessons, held_out: Some(round), keywords };
        let queries = material.queries();
        if queries.is_empty() {
            continue;
        }
        let before = round * names.categories.len();
        let scorer = Scorer::train(&material, names, &mut |class| done(before + class));
        all.extend(queries.iter().map(|(item, text)| {
            let leading = scorer.leading(names, &scorer.index.vector(&counts(text)));
            let answer = |one: &Scored| (names.item(one.item).to_owned(), one.score);
            let answers = leading.iter().map(answer).collect();
            HeldOut { round, item: (*item).to_owned(), answers }
        }));
    }
    all
}
