//! How sure the best answer is: a small logistic model of what speaks for it and for its rivals.
//!
//! The scores alone are a poor judge: they fall with the length of a text and rise with every word that any
//! item has. What counts is how far the best item is ahead of the others, in score and in words.

use serde::{Deserialize, Serialize};

use crate::calibration::{Calibration, Leading, SAMPLES_MIN};
use crate::items::{Answer, Read, Scorer, UNKNOWN_CATEGORY};
use crate::linear::Buckets;
use crate::names::Names;

/// What is looked at.
const SIGNS: usize = 6;
/// So many items after the best one are its rivals.
const RIVALS: usize = 19;
/// So many leading items are asked for their category.
const NEIGHBOURS: usize = 10;
/// Texts as long as this or shorter are those that a judge is fitted on.
const CHARS_PLAIN: f32 = 35.0;
/// Keeps the weights of standardised signs small.
const RIDGE: f64 = 1.0;
/// Newton's steps; a handful is enough for so few weights.
const STEPS: usize = 25;
/// A sign that never differs has no spread to be measured in.
const SPREAD_MIN: f64 = 1.0e-6;

/// The signs of one answer, in the order of [`Evidence::of`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Evidence(pub(crate) [f32; SIGNS]);

/// Logistic regression on the signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Judge {
    pub(crate) weights: [f32; SIGNS],
    pub(crate) bias: f32,
}

/// What makes confidences of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Confidence {
    /// How the leading items share what there is to share.
    pub(crate) shares: Calibration,
    /// How sure the best one is; without it, its share.
    pub(crate) judge: Option<Judge>,
}

/// An answer that was held out: its scores, its evidence, and whether its best item is right.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) leading: Leading,
    pub(crate) evidence: Evidence,
}

fn mean(all: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = all.fold((0.0, 0.0), |(sum, count), one| (sum + one, count + 1.0_f32));
    sum / count.max(1.0)
}

/// The root, with the sign of what is under it.
fn signed_root(value: f32) -> f32 {
    value.abs().sqrt().copysign(value)
}

impl Evidence {
    /// The signs of an answer to a text.
    pub(crate) fn of(scorer: &Scorer, names: &Names, read: &Read, answer: &Answer) -> Self {
        let Some((best, rivals)) = answer.leading.split_first() else {
            return Self::default();
        };
        let own = names.category(best.item);
        let next = rivals.first().map_or(0.0, |one| one.score);
        let stranger = rivals.iter().find(|one| names.category(one.item) != own);
        let stranger = stranger.or(rivals.last()).map_or(0.0, |one| one.score);
        let near = answer.leading.iter().take(NEIGHBOURS);
        let is_own = near.map(|one| f32::from(u8::from(names.category(one.item) == own)));
        let in_text = Buckets::of(read.vector.iter().map(|(bucket, _)| *bucket));
        let rivals = || rivals.iter().take(RIVALS);
        let shared = |document| scorer.shared(&in_text, document);
        let shared_by_rivals = mean(rivals().map(|one| shared(one.document)));
        // A long text has words of everything: sharing them says the less, the longer it is.
        let brevity = (CHARS_PLAIN / read.chars.max(CHARS_PLAIN)).sqrt().sqrt();
        Self([
            best.score,
            best.score - next,
            best.score - stranger,
            category_margin(&answer.categories, own),
            mean(is_own),
            brevity * signed_root(shared(best.document) - shared_by_rivals),
        ])
    }
}

/// How far a category is ahead of the best other one.
fn category_margin(categories: &[f32], own: usize) -> f32 {
    let others = categories.iter().enumerate().filter(|(category, _)| *category != own);
    let other = others.map(|(_, score)| *score).fold(UNKNOWN_CATEGORY, f32::max);
    categories.get(own).copied().unwrap_or(UNKNOWN_CATEGORY) - other
}

/// One column more than signs: the last is the bias.
type Column = [f64; SIGNS + 1];

fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// The means and spreads of the signs.
fn scales(all: &[Judged]) -> ([f64; SIGNS], [f64; SIGNS]) {
    let count = all.len().max(1) as f64;
    let (mut means, mut spreads) = ([0.0; SIGNS], [0.0; SIGNS]);
    for (at, (mean, spread)) in means.iter_mut().zip(&mut spreads).enumerate() {
        let values = || all.iter().filter_map(|one| one.evidence.0.get(at)).copied().map(f64::from);
        *mean = values().sum::<f64>() / count;
        let square = values().map(|value| (value - *mean).powi(2)).sum::<f64>() / count;
        *spread = square.sqrt().max(SPREAD_MIN);
    }
    (means, spreads)
}

/// Solves a symmetric positive definite system by Cholesky's factors.
fn solve(matrix: &[Column; SIGNS + 1], right: &Column) -> Column {
    let mut factor = [[0.0; SIGNS + 1]; SIGNS + 1];
    let at = |of: &[Column; SIGNS + 1], row: usize, column: usize| {
        of.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default()
    };
    let mut half = [0.0; SIGNS + 1];
    for row in 0..=SIGNS {
        for column in 0..=row {
            let sum: f64 = (0..column).map(|k| at(&factor, row, k) * at(&factor, column, k)).sum();
            let rest = at(matrix, row, column) - sum;
            let value = if row == column {
                rest.max(f64::MIN_POSITIVE).sqrt()
            } else {
                rest / at(&factor, column, column)
            };
            let cell = factor.get_mut(row).and_then(|row| row.get_mut(column));
            cell.into_iter().for_each(|cell| *cell = value);
        }
        let sum: f64 =
            half.iter().enumerate().take(row).map(|(k, y)| at(&factor, row, k) * y).sum();
        let value = (right.get(row).copied().unwrap_or_default() - sum) / at(&factor, row, row);
        half.get_mut(row).into_iter().for_each(|cell| *cell = value);
    }
    let mut found = [0.0; SIGNS + 1];
    for row in (0..=SIGNS).rev() {
        let later = found.iter().enumerate().skip(row + 1);
        let sum: f64 = later.map(|(k, x)| at(&factor, k, row) * x).sum();
        let value = (half.get(row).copied().unwrap_or_default() - sum) / at(&factor, row, row);
        found.get_mut(row).into_iter().for_each(|cell| *cell = value);
    }
    found
}

impl Judge {
    /// The judge under which right and wrong answers are most likely what they are; none when there
    /// are too few answers.
    pub(crate) fn fit(all: &[Judged]) -> Option<Self> {
        if all.len() < SAMPLES_MIN {
            return None;
        }
        let (means, spreads) = scales(all);
        let column = |one: &Judged| {
            let mut column = [1.0; SIGNS + 1];
            let scales = means.iter().zip(&spreads);
            for ((cell, value), (mean, spread)) in column.iter_mut().zip(one.evidence.0).zip(scales)
            {
                *cell = (f64::from(value) - mean) / spread;
            }
            (column, f64::from(u8::from(one.leading.is_right)))
        };
        let rows: Vec<(Column, f64)> = all.iter().map(column).collect();
        let mut weights = [0.0; SIGNS + 1];
        for _ in 0..STEPS {
            let step = newton_step(&rows, &weights);
            weights.iter_mut().zip(step).for_each(|(weight, step)| *weight -= step);
        }
        let mut judge = Self { weights: [0.0; SIGNS], bias: 0.0 };
        let [of_signs @ .., bias] = weights;
        let scaled = of_signs.iter().zip(&spreads).map(|(weight, spread)| weight / spread);
        judge.weights.iter_mut().zip(scaled).for_each(|(own, weight)| *own = weight as f32);
        let shift: f64 =
            of_signs.iter().zip(means.iter().zip(&spreads)).map(|(w, (m, s))| w * m / s).sum();
        judge.bias = (bias - shift) as f32;
        Some(judge)
    }

    /// How probable it is that an answer with this evidence is right.
    pub(crate) fn chance(&self, evidence: &Evidence) -> f32 {
        let signs = self.weights.iter().zip(&evidence.0);
        let sum: f64 = signs.map(|(weight, sign)| f64::from(*weight) * f64::from(*sign)).sum();
        sigmoid(sum + f64::from(self.bias)) as f32
    }
}

fn newton_step(rows: &[(Column, f64)], weights: &Column) -> Column {
    let mut gradient: Column = weights.map(|weight| RIDGE * weight);
    let mut curvature = [[0.0; SIGNS + 1]; SIGNS + 1];
    curvature
        .iter_mut()
        .enumerate()
        .for_each(|(at, row)| row.get_mut(at).into_iter().for_each(|cell| *cell = RIDGE));
    for (column, right) in rows {
        let chance = sigmoid(column.iter().zip(weights).map(|(x, w)| x * w).sum());
        let slope = chance * (1.0 - chance);
        for ((x, own), row) in column.iter().zip(&mut gradient).zip(&mut curvature) {
            *own += (chance - right) * x;
            row.iter_mut().zip(column).for_each(|(cell, y)| *cell += slope * x * y);
        }
    }
    solve(&curvature, &gradient)
}

impl Confidence {
    /// Fitted on answers to texts that the scorers had not seen; the shares on `plain` answers only.
    pub(crate) fn fit(plain: &[Leading], all: &[Judged]) -> Self {
        Self { shares: Calibration::fit_leading(plain), judge: Judge::fit(all) }
    }

    /// The confidences of the leading items, falling as the items do, at most 1 together.
    pub(crate) fn of(&self, answer: &Answer, evidence: &Evidence) -> Vec<f32> {
        let scores: Vec<f32> = answer.leading.iter().map(|one| one.score).collect();
        let mut chances = self.shares.probabilities(&scores);
        let Some(share) = chances.first().copied() else { return chances };
        let judged = self.judge.as_ref().map_or(share, |judge| judge.chance(evidence));
        let best = judged.max(answer.taught()).min(1.0);
        let left = if share < 1.0 { (1.0 - best) / (1.0 - share) } else { 0.0 };
        // Nobody behind is surer than who is before.
        chances.iter_mut().for_each(|own| *own = (*own * left).min(best));
        chances.first_mut().into_iter().for_each(|own| *own = best);
        chances
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(sign: f32, is_right: bool) -> Judged {
        let mut evidence = Evidence::default();
        evidence.0[1] = sign;
        Judged { leading: Leading { scores: vec![sign], is_right }, evidence }
    }

    #[test]
    fn a_judge_says_what_share_is_right() {
        // With the sign 3 of 4 are right, without it 1 of 4.
        let all: Vec<Judged> = (0..8_000)
            .map(|n| {
                judged((n / 4 % 2) as f32, if n / 4 % 2 == 1 { n % 4 != 0 } else { n % 4 == 0 })
            })
            .collect();
        let judge = Judge::fit(&all).unwrap();
        let chance = |sign| judge.chance(&judged(sign, true).evidence);
        assert!((chance(1.0) - 0.75).abs() < 0.01, "{}", chance(1.0));
        assert!((chance(0.0) - 0.25).abs() < 0.01, "{}", chance(0.0));
        assert_eq!(Judge::fit(&all[..SAMPLES_MIN - 1]), None);
    }

    #[test]
    fn answers_that_are_always_right_have_a_judge_too() {
        let all: Vec<Judged> = (0..100).map(|_| judged(1.0, true)).collect();
        let judge = Judge::fit(&all).unwrap();
        assert!(judge.chance(&all[0].evidence) > 0.95, "{judge:?}");
        assert!(judge.weights.iter().all(|weight| weight.is_finite()));
    }

    #[test]
    fn a_system_is_solved() {
        let mut matrix = [[0.0; SIGNS + 1]; SIGNS + 1];
        matrix.iter_mut().enumerate().for_each(|(at, row)| row[at] = 2.0);
        matrix[0][1] = 1.0;
        matrix[1][0] = 1.0;
        let found = solve(&matrix, &[3.0; SIGNS + 1]);
        assert!((found[0] - 1.0).abs() < 1e-12 && (found[1] - 1.0).abs() < 1e-12, "{found:?}");
        assert!((found[SIGNS] - 1.5).abs() < 1e-12, "{found:?}");
    }
}
