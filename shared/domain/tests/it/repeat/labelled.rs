//! The score against pairs that a reader labelled: fitted to one half, measured on the other.

use std::collections::BTreeMap;

use domain::Hash;
use domain::repeat::{Evidence, FITTED, Places, SCORE_MIN, SIMILARITY_MIN, Weights};

use super::corpus::{by_id, liked};

const PAIRS: &str = include_str!("../../data/near_pairs.csv");
const STRATA: &str = include_str!("../../data/near_pairs_strata.csv");
/// What a fitted weight may differ from the one in the code, in logits: they are rounded.
const ROUNDING: f64 = 0.1;

/// A labelled pair, and for how many pairs of the whole set it stands.
struct Pair {
    evidence: Evidence,
    is_same: bool,
    weight: f64,
    is_for_fitting: bool,
}

/// Every row of a table but its heading.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().skip(1).map(|line| line.split(',').collect())
}

/// The pairs of the strata by Jaccard, which do not overlap.
fn pairs() -> Option<Vec<Pair>> {
    let messages = liked()?;
    let seen = by_id(&messages);
    let number = |text: &str| text.parse::<f64>().unwrap();
    let weights: BTreeMap<&str, f64> =
        rows(STRATA).map(|row| (row[0], number(row[1]) / number(row[2]))).collect();
    let by_jaccard = rows(PAIRS).filter(|row| !row[2].starts_with("lowJ"));
    let pair = |row: Vec<&str>| {
        let half = Hash::of_bytes(format!("{},{}", row[0], row[1]).as_bytes());
        Pair {
            evidence: Evidence::of(seen[row[0]], seen[row[1]]),
            is_same: row[4] == "same",
            weight: weights[row[2]],
            is_for_fitting: half.as_bytes()[0].is_multiple_of(2),
        }
    };
    Some(by_jaccard.map(pair).collect())
}

/// What the weights of [`FITTED`] are multiplied by, in their order.
fn features(evidence: &Evidence) -> [f64; 6] {
    let is = |holds: bool| f64::from(u8::from(holds));
    [
        1.0,
        (f64::from(evidence.similarity.max(20)) / 1000.0).log2(),
        f64::from(evidence.doublings_of_days()),
        is(evidence.places == Places::One),
        is(evidence.places == Places::Several),
        is(evidence.same_township == Some(true)),
    ]
}

/// What stands by rule is given, not fitted.
fn by_rule(evidence: &Evidence) -> f64 {
    let rules = [
        (evidence.places == Places::Elsewhere, -2.0),
        (evidence.titles_elsewhere, -2.5),
        (evidence.numbers_elsewhere, -1.0),
        (evidence.same_township == Some(false), -1.0),
        (evidence.is_manner(), -1.0),
        (evidence.is_short, -3.0),
    ];
    rules.iter().filter(|(holds, _)| *holds).map(|(_, weight)| weight).sum()
}

fn likelihood(weights: &[f64; 6], evidence: &Evidence) -> f64 {
    let sum: f64 = weights.iter().zip(features(evidence)).map(|(w, x)| w * x).sum();
    1.0 / (1.0 + (-sum - by_rule(evidence)).exp())
}

/// Logistic regression by gradient descent, with a penalty on all but the base.
fn fit(pairs: &[&Pair]) -> [f64; 6] {
    let count: f64 = pairs.iter().map(|pair| pair.weight).sum();
    let samples = f64::from(u32::try_from(pairs.len()).unwrap());
    let mut weights = [0.0; 6];
    for _ in 0..30_000 {
        let mut slope = weights.map(|weight| weight / samples);
        slope[0] = 0.0;
        for pair in pairs {
            let miss = likelihood(&weights, &pair.evidence) - f64::from(u8::from(pair.is_same));
            for (slope, x) in slope.iter_mut().zip(features(&pair.evidence)) {
                *slope += miss * x * pair.weight / count;
            }
        }
        for (weight, slope) in weights.iter_mut().zip(slope) {
            *weight -= 0.1 * slope;
        }
    }
    weights
}

/// Precision and recall of what scores at least so much, weighted.
fn at(pairs: &[&Pair], least: u16) -> (f64, f64) {
    let sum = |of: &dyn Fn(&Pair) -> bool| -> f64 {
        pairs.iter().filter(|pair| of(pair)).map(|pair| pair.weight).sum()
    };
    let is_proposed = |pair: &Pair| {
        let evidence = &pair.evidence;
        evidence.score() >= least && evidence.similarity >= SIMILARITY_MIN || evidence.same_body
    };
    let hits = sum(&|pair| is_proposed(pair) && pair.is_same);
    (hits / sum(&is_proposed), hits / sum(&|pair| pair.is_same))
}

fn log_loss(pairs: &[&Pair], likelihood: &dyn Fn(&Evidence) -> f64) -> f64 {
    let count: f64 = pairs.iter().map(|pair| pair.weight).sum();
    let loss = |pair: &&Pair| {
        let likelihood = likelihood(&pair.evidence);
        let of_truth = if pair.is_same { likelihood } else { 1.0 - likelihood };
        -of_truth.ln() * pair.weight / count
    };
    pairs.iter().map(loss).sum()
}

#[test]
fn the_weights_are_those_that_the_labelled_pairs_give() {
    let Some(pairs) = pairs() else { return };
    let (fitting, other): (Vec<&Pair>, Vec<&Pair>) =
        pairs.iter().partition(|pair| pair.is_for_fitting);
    let fitted = fit(&fitting);
    let names = ["base", "doubling", "days", "one", "several", "township"];
    let Weights { base, doubling, days, one, several, township } = FITTED;
    let ours =
        [base, doubling, days, one, several, township].map(|weight| f64::from(weight) / 1000.0);
    println!("{} pairs to fit, {} to measure", fitting.len(), other.len());
    for ((name, fitted), ours) in names.iter().zip(fitted).zip(ours) {
        println!("  {name}: fitted {fitted:.2}, in the code {ours:.2}");
    }
    println!(
        "  on the other half: {:?}",
        fit(&other).map(|weight| (weight * 100.0).round() / 100.0)
    );
    let score = |evidence: &Evidence| f64::from(evidence.score()) / 1000.0;
    let loss = log_loss(&other, &score);
    println!(
        "log loss: fitting half {:.3}, other half {loss:.3}, by the fitted weights themselves {:.3}",
        log_loss(&fitting, &score),
        log_loss(&other, &|evidence| likelihood(&fitted, evidence)),
    );
    for (fitted, ours) in fitted.iter().zip(ours) {
        assert!((fitted - ours).abs() <= ROUNDING, "{fitted} {ours}");
    }
    assert!(loss < 0.4, "{loss}");
}

#[test]
fn what_is_proposed_is_mostly_right_and_mostly_all() {
    let Some(pairs) = pairs() else { return };
    let other: Vec<&Pair> = pairs.iter().filter(|pair| !pair.is_for_fitting).collect();
    let all: Vec<&Pair> = pairs.iter().collect();
    let alike: Vec<&Pair> =
        other.iter().filter(|pair| pair.evidence.similarity >= 300).copied().collect();
    println!("precision and recall: the other half; of it the alike (0.3 and more); all pairs");
    for least in [200, 300, 400, 500, 600, 700, 800, 900, 950] {
        let [(p, r), (p3, r3), (pa, ra)] = [at(&other, least), at(&alike, least), at(&all, least)];
        println!("  {least}: {p:.3} {r:.3} | {p3:.3} {r3:.3} | {pa:.3} {ra:.3}");
    }
    let (precision, recall) = at(&other, SCORE_MIN);
    assert!(precision >= 0.8 && recall >= 0.8, "{precision} {recall}");
    let (precision, recall) = at(&alike, SCORE_MIN);
    assert!(precision >= 0.9 && recall >= 0.9, "{precision} {recall}");
}
