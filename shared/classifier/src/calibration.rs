//! From scores to confidences that mean what they say: of the answers given with 0.9, nine in ten are right.
//!
//! Fitted on predictions for texts that the scoring model had not seen. Temperature scaling after Guo,
//! Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.

use serde::{Deserialize, Serialize};

/// The precisions that a threshold is looked for.
pub const TARGET_PRECISIONS: [f32; 3] = [0.90, 0.95, 0.98];
/// A threshold stands on at least so many predictions.
pub(crate) const SAMPLES_MIN: usize = 50;
/// One-sided 95 %: the precision is at least the target, not only seemingly in a small sample.
const WILSON_Z: f64 = 1.645;
/// The sharpness of a head that has nothing to be fitted on, seen on catalogs of thousands of items.
pub(crate) const SHARPNESS_DEFAULT: f32 = 16.0;
/// Rounds of coordinate descent.
const ROUNDS: usize = 25;
/// Keeps the offset of a rare class near 0.
const OFFSET_RIDGE: f64 = 1.0;
/// Where a single sharpness is looked for.
const SHARPNESS_RANGE: (f64, f64) = (0.5, 200.0);
/// Halvings, about, of that range.
const SEARCH_STEPS: usize = 40;

/// What makes probabilities of scores: softmax of `sharpness * score + offset`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Calibration {
    pub(crate) sharpness: f32,
    /// By class; empty where classes have none.
    pub(crate) offsets: Vec<f32>,
}

/// From which confidence on a head keeps a precision, as found on texts it had not seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// The share of right answers, `0..=1`, that was asked for.
    pub precision: f32,
    /// Answers at least so confident keep it.
    pub confidence: f32,
    /// The share of all texts, `0..=1`, that got such an answer.
    pub coverage: f32,
}

/// The scores of one text by class, and its true class.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) scores: Vec<f32>,
    pub(crate) truth: usize,
}

/// The leading scores of one text, best first, and whether the first is right.
#[derive(Clone, Debug)]
pub(crate) struct Leading {
    pub(crate) scores: Vec<f32>,
    pub(crate) is_right: bool,
}

/// The confidence of a best answer, and whether it was right.
pub(crate) type Outcome = (f32, bool);

fn softmax(logits: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let most = logits.clone().fold(f64::NEG_INFINITY, f64::max);
    let mut all: Vec<f64> = logits.map(|logit| (logit - most).exp()).collect();
    let sum: f64 = all.iter().sum();
    all.iter_mut().for_each(|one| *one /= sum);
    all
}

/// What the log loss of all cases says of one parameter.
#[derive(Default)]
struct Slope {
    gradient: f64,
    curvature: f64,
}

impl Calibration {
    /// One sharpness for all, no offsets.
    pub(crate) fn of_sharpness(sharpness: f32) -> Self {
        Self { sharpness, offsets: Vec::new() }
    }

    /// Probabilities, one for each score, that add up to 1.
    pub(crate) fn probabilities(&self, scores: &[f32]) -> Vec<f32> {
        self.precise(scores).into_iter().map(|one| one as f32).collect()
    }

    fn precise(&self, scores: &[f32]) -> Vec<f64> {
        let offsets = self.offsets.iter().copied().chain(std::iter::repeat(0.0));
        let logit =
            |(score, offset)| f64::from(self.sharpness) * f64::from(score) + f64::from(offset);
        softmax(scores.iter().copied().zip(offsets).map(logit))
    }

    /// The least log loss over the cases, by Newton's steps on one parameter after the other.
    pub(crate) fn fit(cases: &[Case], classes: usize) -> Self {
        let mut found = Self { sharpness: 1.0, offsets: vec![0.0; classes] };
        if classes < 2 || cases.is_empty() {
            return found;
        }
        for _ in 0..ROUNDS {
            let slope = found.slope_of_sharpness(cases);
            let step = slope.gradient / (slope.curvature + 1.0);
            // At most doubled or halved at once: far from the end the curvature may mislead.
            let (low, high) = (found.sharpness / 2.0, found.sharpness * 2.0);
            found.sharpness = (found.sharpness - step as f32).clamp(low, high);
            (0..classes).for_each(|class| found.step_of_offset(cases, class));
        }
        found
    }

    fn step_of_offset(&mut self, cases: &[Case], class: usize) {
        let slope = self.slope_of_offset(cases, class);
        if let Some(offset) = self.offsets.get_mut(class) {
            *offset -= (slope.gradient / slope.curvature).clamp(-1.0, 1.0) as f32;
        }
    }

    fn slope_of_sharpness(&self, cases: &[Case]) -> Slope {
        let mut slope = Slope::default();
        for case in cases {
            let chances = self.precise(&case.scores);
            let each = || chances.iter().zip(&case.scores).map(|(p, score)| (p, f64::from(*score)));
            let mean: f64 = each().map(|(p, score)| p * score).sum();
            let square: f64 = each().map(|(p, score)| p * score * score).sum();
            let truth = case.scores.get(case.truth).copied().unwrap_or_default();
            slope.gradient += mean - f64::from(truth);
            slope.curvature += square - mean * mean;
        }
        slope
    }

    fn slope_of_offset(&self, cases: &[Case], class: usize) -> Slope {
        let offset = self.offsets.get(class).copied().unwrap_or_default();
        let mut slope =
            Slope { gradient: OFFSET_RIDGE * f64::from(offset), curvature: OFFSET_RIDGE };
        for case in cases {
            let chance = self.precise(&case.scores).get(class).copied().unwrap_or_default();
            slope.gradient += chance - if case.truth == class { 1.0 } else { 0.0 };
            slope.curvature += chance * (1.0 - chance);
        }
        slope
    }

    /// The sharpness under which the best answers' confidences say best whether they are right.
    pub(crate) fn fit_leading(all: &[Leading]) -> Self {
        if all.len() < SAMPLES_MIN {
            return Self::of_sharpness(SHARPNESS_DEFAULT);
        }
        let loss = |log: f64| Self::of_sharpness(log.exp() as f32).loss_of_leading(all);
        let (mut low, mut high) = (SHARPNESS_RANGE.0.ln(), SHARPNESS_RANGE.1.ln());
        for _ in 0..SEARCH_STEPS {
            let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if loss(left) < loss(right) { high = right } else { low = left }
        }
        Self::of_sharpness((low / 2.0 + high / 2.0).exp() as f32)
    }

    fn loss_of_leading(&self, all: &[Leading]) -> f64 {
        const NEVER_SURE: f64 = 1.0e-6;
        let loss = |one: &Leading| {
            let best = self.precise(&one.scores).first().copied().unwrap_or_default();
            -if one.is_right { best } else { 1.0 - best }.max(NEVER_SURE).ln()
        };
        all.iter().map(loss).sum()
    }
}

/// The lower end of Wilson's interval for a share.
fn wilson_low(right: usize, of: usize) -> f64 {
    let n = of as f64;
    let share = right as f64 / n;
    let square = WILSON_Z * WILSON_Z;
    let spread = WILSON_Z * ((share * (1.0 - share) + square / (4.0 * n)) / n).sqrt();
    (share + square / (2.0 * n) - spread) / (1.0 + square / n)
}

/// For each target precision the lowest confidence that keeps it, as the lower end of Wilson's
/// one-sided 95 % interval; a target that none keeps is left out.
pub(crate) fn thresholds(outcomes: &[Outcome]) -> Vec<Threshold> {
    let mut falling = outcomes.to_vec();
    falling.sort_by(|a, b| b.0.total_cmp(&a.0));
    let next = falling.iter().skip(1).map(|(confidence, _)| Some(*confidence)).chain([None]);
    let mut right = 0;
    let mut cuts = Vec::new();
    for (taken, ((confidence, is_right), next)) in (1..).zip(falling.iter().zip(next)) {
        right += usize::from(*is_right);
        // Equal confidences are taken together.
        if next != Some(*confidence) && taken >= SAMPLES_MIN {
            cuts.push((*confidence, taken, wilson_low(right, taken)));
        }
    }
    let lowest = |precision: f32| {
        let kept = cuts.iter().rfind(|(.., low)| *low >= f64::from(precision))?;
        let coverage = (kept.1 as f64 / outcomes.len() as f64) as f32;
        Some(Threshold { precision, confidence: kept.0, coverage })
    };
    TARGET_PRECISIONS.into_iter().filter_map(lowest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_says_what_share_is_right() {
        // The leading class is right in 3 of 4 cases, so its probability must be 3 of 4.
        let case = |truth| Case { scores: vec![1.0, 0.0], truth };
        let cases: Vec<Case> = (0..4_000).map(|n| case(usize::from(n % 4 == 0))).collect();
        let first = Calibration::fit(&cases, 2).probabilities(&[1.0, 0.0])[0];
        assert!((first - 0.75).abs() < 0.01, "{first}");

        let leading = |n| Leading { scores: vec![0.3, 0.1], is_right: n % 4 != 0 };
        let all: Vec<Leading> = (0..400).map(leading).collect();
        let first = Calibration::fit_leading(&all).probabilities(&[0.3, 0.1])[0];
        assert!((first - 0.75).abs() < 0.01, "{first}");
    }

    #[test]
    fn one_class_is_certain_and_nothing_is_nothing() {
        assert_eq!(Calibration::fit(&[], 1).probabilities(&[-1.0]), [1.0]);
        assert!(Calibration::fit(&[], 0).probabilities(&[]).is_empty());
        assert_eq!(Calibration::fit_leading(&[]).sharpness, SHARPNESS_DEFAULT);
    }

    #[test]
    fn a_threshold_is_the_lowest_that_keeps_the_precision() {
        // 400 sure ones, all right; 100 less sure, half right.
        let sure = (0..400).map(|_| (0.9, true));
        let unsure = (0..100).map(|n| (0.5, n % 2 == 0));
        let all: Vec<Outcome> = sure.chain(unsure).collect();
        let found = thresholds(&all);
        let expected =
            |precision, confidence, coverage| Threshold { precision, confidence, coverage };
        // All 500 are right nine times in ten, but of such a sample that is not sure.
        assert_eq!(found[0], expected(0.90, 0.9, 0.8));
        assert_eq!(found[1], expected(0.95, 0.9, 0.8));
        assert_eq!(found[2], expected(0.98, 0.9, 0.8));
        assert!(thresholds(&all[..SAMPLES_MIN - 1]).is_empty(), "too few to say");
        assert!(thresholds(&[]).is_empty());
    }
}
