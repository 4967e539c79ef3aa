//! The labels head: few broad classes, learned from texts that people labelled.
//!
//! Grams are scaled by how much they tell the classes apart (the root mean square over the classes of the
//! naive Bayes log-odds, after Wang and Manning, "Baselines and Bigrams", ACL 2012), then separated by
//! a linear machine for each class.

use std::collections::BTreeSet;

use crate::calibration::{Calibration, Case, Outcome, Threshold, thresholds};
use crate::features::{BUCKETS, Count, Normal, Text, damped, fold};
use crate::linear::{Buckets, Linear};
use crate::model::{Labelled, Ranked, ranked};
use crate::svm::Matrix;

/// What an error weighs against the margin.
const COST: f64 = 4.0;
/// Added to each count, so that no odds are infinite.
const ALPHA: f64 = 1.0;
/// The folds that the calibration is fitted over.
pub(crate) const INNER_FOLDS: usize = 5;

/// A labelled text in counts.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) counts: Vec<Count>,
    pub(crate) class: usize,
    pub(crate) fold: usize,
}

/// Scales and planes: everything but the calibration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scorer {
    pub(crate) linear: Linear,
    /// By row of the linear part.
    pub(crate) scales: Vec<f32>,
    /// The scale of grams that were not in training: they count in a text's length.
    pub(crate) unseen: f32,
}

/// The head.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LabelHead {
    /// In the order of their texts.
    pub(crate) classes: Vec<String>,
    pub(crate) scorer: Scorer,
    pub(crate) calibration: Calibration,
    pub(crate) thresholds: Vec<Threshold>,
}

/// The distinct labels, in order.
pub(crate) fn classes(labelled: &[Labelled<'_>]) -> Vec<String> {
    let distinct: BTreeSet<&str> = labelled.iter().map(|one| one.label).collect();
    distinct.into_iter().map(str::to_owned).collect()
}

/// The counts of a text as this head reads it.
pub(crate) fn counts(text: &Text<'_>) -> Vec<Count> {
    Normal::with_title(text).counts()
}

/// The texts in counts, with their folds.
pub(crate) fn rows(labelled: &[Labelled<'_>], classes: &[String], folds: usize) -> Vec<Row> {
    let row = |one: &Labelled<'_>| Row {
        counts: counts(&one.text),
        class: classes.binary_search_by(|class| class.as_str().cmp(one.label)).unwrap_or_default(),
        fold: fold(&one.text, folds),
    };
    labelled.iter().map(row).collect()
}

/// The counts of all rows, by bucket and class, and what follows from them.
struct Odds {
    classes: usize,
    /// By row of the buckets, then by class.
    counts: Vec<f64>,
    /// By class.
    totals: Vec<f64>,
}

impl Odds {
    fn of(rows: &[&Row], buckets: &Buckets, classes: usize) -> Self {
        let mut odds = Self {
            classes,
            counts: vec![0.0; buckets.len() * classes],
            totals: vec![0.0; classes],
        };
        for row in rows {
            for one in &row.counts {
                let at = buckets.row(one.bucket).map(|at| at as usize * classes + row.class);
                let count = at.and_then(|at| odds.counts.get_mut(at));
                count.into_iter().for_each(|count| *count += f64::from(one.count));
                let total = odds.totals.get_mut(row.class);
                total.into_iter().for_each(|total| *total += f64::from(one.count));
            }
        }
        odds
    }

    /// The root mean square over the classes of the log-odds of a bucket with these counts.
    fn scale(&self, counts: &[f64]) -> f32 {
        let (all, everything): (f64, f64) = (counts.iter().sum(), self.totals.iter().sum());
        let room = ALPHA * BUCKETS as f64;
        let square = |(own, total): (&f64, &f64)| {
            let within = (ALPHA + own) / (room + total);
            let without = (ALPHA + all - own) / (room + everything - total);
            (within / without).ln().powi(2)
        };
        let sum: f64 = counts.iter().zip(&self.totals).map(square).sum();
        (sum / self.classes as f64).sqrt() as f32
    }
}

impl Scorer {
    /// Learns from rows of the classes `0..classes`; `done` hears of each class.
    pub(crate) fn train(rows: &[&Row], classes: usize, done: &mut dyn FnMut(usize)) -> Self {
        let buckets =
            Buckets::of(rows.iter().flat_map(|row| row.counts.iter().map(|one| one.bucket)));
        let odds = Odds::of(rows, &buckets, classes);
        let scales: Vec<f32> =
            odds.counts.chunks(classes.max(1)).map(|counts| odds.scale(counts)).collect();
        let unseen = odds.scale(&vec![0.0; classes]);
        let mut matrix = Matrix::of_columns(buckets.len());
        for row in rows {
            let cells = row.counts.iter().filter_map(|one| {
                let at = buckets.row(one.bucket)?;
                Some((at, damped(one.count) * scales.get(at as usize)?))
            });
            let cells: Vec<(u32, f32)> = cells.collect();
            let length = length(cells.iter().map(|(_, value)| *value));
            matrix.push(cells.into_iter().map(|(at, value)| (at, value / length)));
        }
        let class_of: Vec<usize> = rows.iter().map(|row| row.class).collect();
        let linear = Linear::train((buckets, &matrix), (&class_of, classes), COST, done);
        Self { linear, scales, unseen }
    }

    fn scale(&self, bucket: u32) -> f32 {
        let row = self.linear.buckets.row(bucket);
        row.and_then(|row| self.scales.get(row as usize)).copied().unwrap_or(self.unseen)
    }

    /// The text as a vector of length 1.
    pub(crate) fn vector(&self, counts: &[Count]) -> Vec<(u32, f32)> {
        let value = |one: &Count| (one.bucket, damped(one.count) * self.scale(one.bucket));
        let mut vector: Vec<(u32, f32)> = counts.iter().map(value).collect();
        let length = length(vector.iter().map(|(_, value)| *value));
        vector.iter_mut().for_each(|(_, value)| *value /= length);
        vector
    }

    pub(crate) fn scores(&self, counts: &[Count]) -> Vec<f32> {
        self.linear.scores(self.vector(counts))
    }
}

/// The Euclidean length of a vector; 1 of one that is nothing, so that it may divide.
pub(crate) fn length(values: impl Iterator<Item = f32>) -> f32 {
    let square: f32 = values.map(|value| value * value).sum();
    if square > 0.0 { square.sqrt() } else { 1.0 }
}

/// The scores of each row by a machine that learned from the rows of all other folds; `done` hears of each
/// fold.
pub(crate) fn out_of_fold(
    rows: &[Row],
    (classes, folds): (usize, usize),
    done: &mut dyn FnMut(usize),
) -> Vec<Case> {
    let unknown = |row: &Row| Case { scores: vec![0.0; classes], truth: row.class };
    let mut cases: Vec<Case> = rows.iter().map(unknown).collect();
    for fold in 0..folds {
        let others: Vec<&Row> = rows.iter().filter(|row| row.fold != fold).collect();
        if others.len() < rows.len() && !others.is_empty() {
            let scorer = Scorer::train(&others, classes, &mut |_| ());
            let own = cases.iter_mut().zip(rows).filter(|(_, row)| row.fold == fold);
            own.for_each(|(case, row)| case.scores = scorer.scores(&row.counts));
        }
        done(fold + 1);
    }
    cases
}

/// The confidence of the best class of each case, and whether it is the true one.
fn outcomes<'c>(calibration: &Calibration, cases: impl Iterator<Item = &'c Case>) -> Vec<Outcome> {
    let outcome = |case: &Case| {
        let chances = calibration.probabilities(&case.scores);
        let best = chances.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((best.1, best.0 == case.truth))
    };
    cases.filter_map(outcome).collect()
}

impl LabelHead {
    /// Learns from labelled texts; `done` hears of each step of `INNER_FOLDS + classes`.
    pub(crate) fn train(labelled: &[Labelled<'_>], done: &mut dyn FnMut(usize, usize)) -> Self {
        let classes = classes(labelled);
        let rows = rows(labelled, &classes, INNER_FOLDS);
        let steps = INNER_FOLDS + classes.len();
        let shape = (classes.len(), INNER_FOLDS);
        let cases = out_of_fold(&rows, shape, &mut |fold| done(fold, steps));
        let calibration = Calibration::fit(&cases, classes.len());
        let thresholds = thresholds(&outcomes(&calibration, cases.iter()));
        let all: Vec<&Row> = rows.iter().collect();
        let scorer =
            Scorer::train(&all, classes.len(), &mut |class| done(INNER_FOLDS + class, steps));
        Self { classes, scorer, calibration, thresholds }
    }

    /// The classes, most probable first.
    pub(crate) fn rank(&self, text: &Text<'_>, n: usize) -> Vec<Ranked> {
        let counts = counts(text);
        if counts.is_empty() {
            return Vec::new();
        }
        let chances = self.calibration.probabilities(&self.scorer.scores(&counts));
        ranked(self.classes.iter().map(String::as_str).zip(chances), n)
    }
}
