//! A linear support vector machine for two classes, squared hinge loss, L2 regularised.
//!
//! Dual coordinate descent as in LIBLINEAR's `L2R_L2LOSS_SVC_DUAL` (Hsieh, Chang, Lin, Keerthi and
//! Sundararajan, ICML 2008), with its shrinking and a bias feature of 1. The order of the steps comes
//! from a fixed seed: the same rows give the same weights, bit by bit.

/// Passes over the rows at most.
const PASSES_MAX: usize = 200;
/// Where the projected gradient's range ends the descent; LIBLINEAR's own default.
const TOLERANCE: f64 = 0.1;
/// Gradients smaller than this move nothing.
const STILL: f64 = 1.0e-12;
/// Any number; it must only stay the same.
const SEED: u64 = 0x6C69_616E_7869_6E31;

/// Sparse rows: pairs of a column and its value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix {
    cells: Vec<(u32, f32)>,
    ends: Vec<usize>,
    columns: usize,
}

impl Matrix {
    /// No rows, of so many columns.
    pub(crate) fn of_columns(columns: usize) -> Self {
        Self { columns, ..Self::default() }
    }

    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = (u32, f32)>) {
        self.cells.extend(row);
        self.ends.push(self.cells.len());
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[(u32, f32)]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(from, to)| self.cells.get(from..*to).unwrap_or_default())
    }
}

/// A plane between two classes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plane {
    /// A weight for each column.
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: f32,
}

impl Plane {
    fn score(&self, row: &[(u32, f32)]) -> f64 {
        let weight = |column: u32| self.weights.get(column as usize).copied().unwrap_or_default();
        let sum: f32 = row.iter().map(|(column, value)| weight(*column) * value).sum();
        f64::from(sum + self.bias)
    }

    fn add(&mut self, row: &[(u32, f32)], step: f64) {
        let step = step as f32;
        for (column, value) in row {
            if let Some(weight) = self.weights.get_mut(*column as usize) {
                *weight += step * value;
            }
        }
        self.bias += step;
    }
}

/// A row in the descent.
struct Example<'m> {
    row: &'m [(u32, f32)],
    /// 1 or -1.
    side: f64,
    /// The diagonal of the quadratic form.
    curvature: f64,
    alpha: f64,
}

/// The generator `SplitMix64`.
struct Order(u64);

impl Order {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn shuffle(&mut self, all: &mut [usize]) {
        for last in (1..all.len()).rev() {
            all.swap(last, (self.next() % (last as u64 + 1)) as usize);
        }
    }
}

/// The range of the projected gradient in one pass.
struct Range {
    least: f64,
    most: f64,
}

/// The plane that separates the rows that are `positive` from the others; `cost` is what an error weighs
/// against the margin (C). One flag for each row.
pub(crate) fn train(matrix: &Matrix, positive: &[bool], cost: f64) -> Plane {
    let diagonal = 0.5 / cost;
    let example = |(row, positive): (_, &bool)| Example {
        row,
        side: if *positive { 1.0 } else { -1.0 },
        curvature: diagonal + 1.0 + squares(row),
        alpha: 0.0,
    };
    let mut examples: Vec<Example<'_>> = matrix.rows().zip(positive).map(example).collect();
    let mut plane = Plane { weights: vec![0.0; matrix.columns], bias: 0.0 };
    let mut order = Order(SEED);
    let everyone: Vec<usize> = (0..examples.len()).collect();
    let mut active = everyone.clone();
    let mut shrink_above = f64::INFINITY;
    for _ in 0..PASSES_MAX {
        order.shuffle(&mut active);
        let range = pass(&mut plane, &mut examples, &mut active, (diagonal, shrink_above));
        if range.most - range.least > TOLERANCE {
            shrink_above = if range.most > 0.0 { range.most } else { f64::INFINITY };
        } else if active.len() == everyone.len() {
            break;
        } else {
            // Those that were set aside are looked at once more.
            active.clone_from(&everyone);
            shrink_above = f64::INFINITY;
        }
    }
    plane
}

fn squares(row: &[(u32, f32)]) -> f64 {
    row.iter().map(|(_, value)| f64::from(*value) * f64::from(*value)).sum()
}

/// One step for each active row; those that are well on their side are set aside.
fn pass(
    plane: &mut Plane,
    examples: &mut [Example<'_>],
    active: &mut Vec<usize>,
    (diagonal, shrink_above): (f64, f64),
) -> Range {
    let mut range = Range { least: f64::INFINITY, most: f64::NEG_INFINITY };
    let mut at = 0;
    while let Some(one) = active.get(at).and_then(|index| examples.get_mut(*index)) {
        let gradient = one.side * plane.score(one.row) - 1.0 + diagonal * one.alpha;
        if one.alpha == 0.0 && gradient > shrink_above {
            active.swap_remove(at);
            continue;
        }
        let projected = if one.alpha == 0.0 { gradient.min(0.0) } else { gradient };
        range.least = range.least.min(projected);
        range.most = range.most.max(projected);
        if projected.abs() > STILL {
            let before = one.alpha;
            one.alpha = (before - gradient / one.curvature).max(0.0);
            plane.add(one.row, (one.alpha - before) * one.side);
        }
        at += 1;
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_is_where_the_minimum_is() {
        // For one row x = 1 of side 1 and a bias, w = b = 2C / (1 + 4C) minimises w²/2 + b²/2 + C(1-w-b)².
        let mut matrix = Matrix::of_columns(1);
        matrix.push([(0, 1.0)]);
        let plane = train(&matrix, &[true], 4.0);
        assert!((plane.weights[0] - 8.0 / 17.0).abs() < 1e-3, "{plane:?}");
        assert!((plane.bias - plane.weights[0]).abs() < 1e-6, "{plane:?}");
    }

    #[test]
    fn sides_are_told_apart_and_the_same_way_each_time() {
        let mut matrix = Matrix::of_columns(3);
        let rows = [(0, 1.0), (1, 1.0), (0, 0.5), (2, 1.0)];
        rows.into_iter().for_each(|cell| matrix.push([cell]));
        let sides = [true, false, true, false];
        let plane = train(&matrix, &sides, 1.0);
        for (row, side) in matrix.rows().zip(sides) {
            assert_eq!(plane.score(row) > 0.0, side, "{row:?}");
        }
        assert_eq!(plane, train(&matrix, &sides, 1.0));
        assert_eq!(train(&Matrix::of_columns(2), &[], 1.0).weights, [0.0, 0.0]);
    }
}
