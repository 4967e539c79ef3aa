//! Two curves as lines between points, in whole numbers: the same on every machine.

/// Points in the order of their first number.
type Curve<const N: usize> = [(i32, i32); N];

/// A similarity in thousandths, and its binary logarithm in thousandths; of nothing a finite one.
pub(super) const LOG2: Curve<9> = [
    (0, -10_000),
    (20, -5644),
    (50, -4322),
    (100, -3322),
    (200, -2322),
    (400, -1322),
    (600, -737),
    (800, -322),
    (1000, 0),
];

/// A logit in thousandths, and the likelihood in thousandths; never quite certain.
pub(super) const LIKELIHOOD: Curve<14> = [
    (-6000, 2),
    (-5000, 7),
    (-4000, 18),
    (-3000, 47),
    (-2000, 119),
    (-1000, 269),
    (0, 500),
    (1000, 731),
    (2000, 881),
    (3000, 953),
    (4000, 982),
    (5000, 993),
    (6000, 998),
    (7000, 999),
];

/// Where the curve is at `x`; before its first and after its last point it is level.
pub(super) fn line<const N: usize>(curve: &Curve<N>, x: i32) -> i32 {
    let Some(at) = curve.iter().position(|(to, _)| x < *to) else {
        return curve.last().map_or(0, |(_, y)| *y);
    };
    let to = curve.get(at).copied().unwrap_or_default();
    let Some(from) = at.checked_sub(1).and_then(|before| curve.get(before)) else {
        return to.1;
    };
    from.1 + (x - from.0) * (to.1 - from.1) / (to.0 - from.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_through_its_points_and_is_level_outside() {
        for (x, y) in LIKELIHOOD {
            assert_eq!(line(&LIKELIHOOD, x), y);
        }
        assert_eq!(line(&LIKELIHOOD, -100_000), 2);
        assert_eq!(line(&LIKELIHOOD, 100_000), 999);
        assert_eq!(line(&LIKELIHOOD, 500), 615);
    }

    #[test]
    fn both_curves_only_rise() {
        let rises = |of: &dyn Fn(i32) -> i32| (-8000..8000).all(|x| of(x) <= of(x + 1));
        assert!(rises(&|x| line(&LOG2, x)));
        assert!(rises(&|x| line(&LIKELIHOOD, x)));
    }
}
