//! One linear score for each class, from the same features: several planes in one small table.

use crate::features::BUCKETS;
use crate::svm::{Matrix, train};

const WORD_BITS: usize = 64;
/// Words of a [`Buckets`].
pub(crate) const WORDS: usize = BUCKETS / WORD_BITS;
/// The largest weight in steps: they are kept in a byte.
const STEPS_MAX: f32 = 127.0;

/// A set of buckets that also counts: the n-th bucket of it has row n.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Buckets {
    words: Vec<u64>,
    /// How many buckets stand before each word.
    before: Vec<u32>,
    len: usize,
}

impl Buckets {
    /// A set of these; those that are not buckets are left out.
    pub(crate) fn of(buckets: impl IntoIterator<Item = u32>) -> Self {
        let mut words = vec![0_u64; WORDS];
        for bucket in buckets {
            if let Some(word) = words.get_mut(bucket as usize / WORD_BITS) {
                *word |= 1 << (bucket as usize % WORD_BITS);
            }
        }
        Self::of_words(words)
    }

    /// The set with these bits, the lowest bucket lowest.
    pub(crate) fn of_words(words: Vec<u64>) -> Self {
        let mut len = 0;
        let mut count = |word: &u64| {
            let before = len;
            len += word.count_ones();
            before
        };
        let before = words.iter().map(&mut count).collect();
        Self { words, before, len: len as usize }
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn has(&self, bucket: u32) -> bool {
        self.row(bucket).is_some()
    }

    /// The bucket's row, if it is in the set.
    pub(crate) fn row(&self, bucket: u32) -> Option<u32> {
        let word = self.words.get(bucket as usize / WORD_BITS)?;
        let bit = bucket as usize % WORD_BITS;
        let below = word & ((1 << bit) - 1);
        let row = self.before.get(bucket as usize / WORD_BITS)? + below.count_ones();
        (word >> bit & 1 == 1).then_some(row)
    }
}

/// Planes of classes against the rest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Linear {
    pub(crate) buckets: Buckets,
    /// By row, then by class, in steps of the class.
    pub(crate) weights: Vec<i8>,
    /// What one step is, by class.
    pub(crate) steps: Vec<f32>,
    /// By class.
    pub(crate) biases: Vec<f32>,
}

impl Linear {
    /// Learns one plane for each of the classes `0..classes`. The matrix has a column for each row of
    /// `buckets`; `class_of` has one class for each row of the matrix. `done` hears of each class.
    pub(crate) fn train(
        (buckets, matrix): (Buckets, &Matrix),
        (class_of, classes): (&[usize], usize),
        cost: f64,
        done: &mut dyn FnMut(usize),
    ) -> Self {
        let mut linear = Self {
            weights: vec![0; buckets.len() * classes],
            buckets,
            steps: Vec::with_capacity(classes),
            biases: Vec::with_capacity(classes),
        };
        for class in 0..classes {
            let positive: Vec<bool> = class_of.iter().map(|one| *one == class).collect();
            let plane = train(matrix, &positive, cost);
            let most = plane.weights.iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
            let step = if most > 0.0 { most / STEPS_MAX } else { 1.0 };
            let own = linear.weights.iter_mut().skip(class).step_by(classes.max(1));
            for (kept, weight) in own.zip(&plane.weights) {
                // Rounded, and within the byte by the choice of the step.
                *kept = (weight / step).round() as i8;
            }
            linear.steps.push(step);
            linear.biases.push(plane.bias);
            done(class + 1);
        }
        linear
    }

    /// The weights of a bucket, by class, in steps; none of one that was not in training.
    fn steps_of(&self, bucket: u32) -> &[i8] {
        let classes = self.steps.len();
        let at = self.buckets.row(bucket).map(|row| row as usize * classes);
        at.and_then(|at| self.weights.get(at..at + classes)).unwrap_or_default()
    }

    /// The scores, by class, of a vector of buckets and values.
    pub(crate) fn scores(&self, vector: impl IntoIterator<Item = (u32, f32)>) -> Vec<f32> {
        let mut sums = vec![0.0_f32; self.steps.len()];
        for (bucket, value) in vector {
            for (sum, steps) in sums.iter_mut().zip(self.steps_of(bucket)) {
                *sum += value * f32::from(*steps);
            }
        }
        let scales = self.steps.iter().zip(&self.biases);
        sums.iter().zip(scales).map(|(sum, (step, bias))| sum * step + bias).collect()
    }

    /// The weight of one bucket for one class.
    pub(crate) fn weight(&self, bucket: u32, class: usize) -> f32 {
        let steps = self.steps_of(bucket).get(class).copied().unwrap_or_default();
        f32::from(steps) * self.steps.get(class).copied().unwrap_or_default()
    }
}
