//! How good answers are.

use std::collections::{BTreeMap, BTreeSet};

use crate::calibration::{Calibration, Case};
use crate::held_out::{HeldOut, confidences, held_out};
use crate::labels::{Row, classes, out_of_fold, rows};
use crate::model::{Entry, Labelled, Lesson, Ranked, ranked};
use crate::names::Names;

/// The bins of the expected calibration error, of equal width.
const BINS: usize = 15;

/// A text's true label, and what was answered, best first.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The true label.
    pub truth: String,
    /// The answers; may be empty.
    pub ranked: Vec<Ranked>,
}

/// How one class fared; shares `0..=1`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassMeasure {
    /// Of the texts that got this label, those that have it.
    pub precision: f64,
    /// Of the texts that have this label, those that got it.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// Texts that have it.
    pub support: usize,
}

/// How many texts are answered from a confidence on, and how well; shares `0..=1`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cut {
    /// The share of all texts whose best answer is so confident.
    pub coverage: f64,
    /// The share of right answers among them; 0 when there are none.
    pub precision: f64,
}

/// Everything at once; shares `0..=1`, all 0 for no predictions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    /// Predictions.
    pub texts: usize,
    /// The share whose best answer is right.
    pub accuracy: f64,
    /// The mean F1 of the classes that any text has.
    pub macro_f1: f64,
    /// The expected calibration error over 15 bins: how far, on average, confidence is from precision.
    pub ece: f64,
    /// By class.
    pub classes: BTreeMap<String, ClassMeasure>,
}

impl Prediction {
    fn best(&self) -> Option<&Ranked> {
        self.ranked.first()
    }

    fn is_right(&self) -> bool {
        self.best().is_some_and(|best| best.label == self.truth)
    }

    fn confidence(&self) -> f64 {
        self.best().map_or(0.0, |best| f64::from(best.confidence))
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

impl ClassMeasure {
    fn of(class: &str, predictions: &[Prediction]) -> Self {
        let has = |one: &&Prediction| one.truth == class;
        let got = |one: &&Prediction| one.best().is_some_and(|best| best.label == class);
        let support = predictions.iter().filter(has).count();
        let given = predictions.iter().filter(got).count();
        let right = predictions.iter().filter(has).filter(got).count();
        let (precision, recall) = (share(right, given), share(right, support));
        Self { precision, recall, f1: share(2 * right, given + support), support }
    }
}

impl Measures {
    /// The measures of all predictions.
    #[must_use]
    pub fn of(predictions: &[Prediction]) -> Self {
        let truths: BTreeSet<&str> = predictions.iter().map(|one| one.truth.as_str()).collect();
        let measured = |class: &str| (class.to_owned(), ClassMeasure::of(class, predictions));
        let classes: BTreeMap<String, ClassMeasure> = truths.into_iter().map(measured).collect();
        let f1: f64 = classes.values().map(|class| class.f1).sum();
        Self {
            texts: predictions.len(),
            accuracy: top(predictions, 1),
            macro_f1: if classes.is_empty() { 0.0 } else { f1 / classes.len() as f64 },
            ece: calibration_error(predictions),
            classes,
        }
    }
}

/// The share of texts, `0..=1`, whose true label is among the `k` best answers.
#[must_use]
pub fn top(predictions: &[Prediction], k: usize) -> f64 {
    let has = |one: &&Prediction| one.ranked.iter().take(k).any(|best| best.label == one.truth);
    share(predictions.iter().filter(has).count(), predictions.len())
}

fn calibration_error(predictions: &[Prediction]) -> f64 {
    let mut bins = [(0.0, 0.0); BINS];
    for one in predictions {
        let bin = ((one.confidence() * BINS as f64) as usize).min(BINS - 1);
        if let Some((confidence, right)) = bins.get_mut(bin) {
            *confidence += one.confidence();
            *right += f64::from(u8::from(one.is_right()));
        }
    }
    let apart: f64 = bins.iter().map(|(confidence, right)| f64::abs(confidence - right)).sum();
    if predictions.is_empty() { 0.0 } else { apart / predictions.len() as f64 }
}

/// The largest share of texts, most confident first, of whose best answers at least `precision` are
/// right. Equal confidences are taken together.
#[must_use]
pub fn coverage_at_precision(predictions: &[Prediction], precision: f64) -> f64 {
    let mut falling: Vec<&Prediction> = predictions.iter().collect();
    falling.sort_by(|a, b| b.confidence().total_cmp(&a.confidence()));
    let (mut taken, mut right, mut most) = (0, 0, 0);
    for equals in falling.chunk_by(|a, b| a.confidence() == b.confidence()) {
        taken += equals.len();
        right += equals.iter().filter(|one| one.is_right()).count();
        most = if share(right, taken) >= precision { taken } else { most };
    }
    share(most, predictions.len())
}

/// What is answered with at least this confidence, and how well.
#[must_use]
pub fn at_threshold(predictions: &[Prediction], confidence: f64) -> Cut {
    let sure: Vec<&Prediction> =
        predictions.iter().filter(|one| one.confidence() >= confidence).collect();
    let right = sure.iter().filter(|one| one.is_right()).count();
    let coverage = share(sure.len(), predictions.len());
    Cut { coverage, precision: share(right, sure.len()) }
}

/// Predictions of the labels head for every text, in their order, each by a machine that learned from
/// the other folds, with a confidence fitted on the other folds. `progress` hears of each fold.
#[must_use]
pub fn cross_validate(
    labelled: &[Labelled<'_>],
    folds: usize,
    progress: &mut dyn FnMut(usize),
) -> Vec<Prediction> {
    let classes = classes(labelled);
    let rows = rows(labelled, &classes, folds);
    let cases = out_of_fold(&rows, (classes.len(), folds), progress);
    let calibration = |fold: usize| {
        let others = cases.iter().zip(&rows).filter(|(_, row)| row.fold != fold);
        let others: Vec<_> = others.map(|(case, _)| case.clone()).collect();
        Calibration::fit(&others, classes.len())
    };
    let calibrations: Vec<Calibration> = (0..folds.max(1)).map(calibration).collect();
    let prediction = |((case, row), one): ((&Case, &Row), &Labelled<'_>)| {
        let chances = calibrations.get(row.fold).map(|fitted| fitted.probabilities(&case.scores));
        let labels = classes.iter().map(String::as_str);
        Prediction {
            truth: one.label.to_owned(),
            ranked: ranked(labels.zip(chances.unwrap_or_default()), classes.len()),
        }
    };
    cases.iter().zip(&rows).zip(labelled).map(prediction).collect()
}

/// Predictions of the items head for every example and every lesson, each by a machine that did not
/// have it.
///
/// The examples of an item are held out in turn, the first, third and so on together, then the
/// others, and lessons by their fold of two. The confidence is fitted on the other turn, and there on
/// harder texts too, so it is rather too low here than too high.
#[must_use]
pub fn cross_validate_items(
    entries: &[Entry<'_>],
    lessons: &[Lesson<'_>],
    progress: &mut dyn FnMut(usize),
) -> Vec<Prediction> {
    let names = Names::of(entries, lessons);
    let all = held_out((entries, lessons), &names, progress);
    let confidences = confidences(&all);
    let prediction = |one: &HeldOut| {
        let fitted = confidences.get(one.round);
        let chances = fitted.map(|fitted| fitted.of(&one.answer, &one.evidence));
        let items = one.answer.leading.iter().map(|scored| names.item(scored.item));
        let ranked = ranked(items.zip(chances.unwrap_or_default()), usize::MAX);
        Prediction { truth: names.item(one.item).to_owned(), ranked }
    };
    all.iter().filter(|one| one.is_plain()).map(prediction).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ENTRIES, LESSONS, labelled};

    fn prediction(truth: &str, label: &str, confidence: f32) -> Prediction {
        let ranked = vec![Ranked { label: label.to_owned(), confidence }];
        Prediction { truth: truth.to_owned(), ranked }
    }

    fn four() -> Vec<Prediction> {
        vec![
            prediction("a", "a", 0.9),
            prediction("a", "b", 0.6),
            prediction("b", "b", 0.8),
            Prediction { truth: "b".to_owned(), ranked: Vec::new() },
        ]
    }

    #[test]
    fn measures_are_as_defined() {
        let measures = Measures::of(&four());
        assert_eq!((measures.texts, measures.accuracy), (4, 0.5));
        let a = measures.classes["a"];
        assert_eq!((a.precision, a.recall, a.support), (1.0, 0.5, 2));
        assert!((a.f1 - 2.0 / 3.0).abs() < 1e-9);
        assert!((measures.macro_f1 - (2.0 / 3.0 + 0.5) / 2.0).abs() < 1e-9);
        // Off by 0.1, 0.6, 0.2 and 0.
        assert!((measures.ece - 0.9 / 4.0).abs() < 1e-6, "{}", measures.ece);
        assert_eq!(top(&four(), 1), 0.5);
        assert_eq!(Measures::of(&[]), Measures::default());
    }

    #[test]
    fn coverage_goes_by_falling_confidence() {
        assert_eq!(coverage_at_precision(&four(), 1.0), 0.5);
        assert_eq!(coverage_at_precision(&four(), 0.6), 0.75);
        assert_eq!(coverage_at_precision(&four(), 0.5), 1.0);
        assert_eq!(coverage_at_precision(&[], 0.5), 0.0);
        let cut = at_threshold(&four(), 0.6);
        assert_eq!((cut.coverage, (cut.precision * 3.0).round()), (0.75, 2.0));
        assert_eq!(at_threshold(&four(), 0.95), Cut::default());
    }

    #[test]
    fn everything_is_predicted_once_in_its_order() {
        let labelled = labelled();
        let mut folds = Vec::new();
        let predictions = cross_validate(&labelled, 3, &mut |fold| folds.push(fold));
        let truths = predictions.iter().map(|one| one.truth.as_str());
        assert!(truths.eq(labelled.iter().map(|one| one.label)));
        assert!(predictions.iter().all(|one| one.ranked.len() == 2));
        assert_eq!(folds, [1, 2, 3]);
        let items = cross_validate_items(&ENTRIES, &LESSONS, &mut |_| ());
        assert_eq!(items.len(), 7);
        assert!(cross_validate_items(&[], &[], &mut |_| ()).is_empty());
    }
}
