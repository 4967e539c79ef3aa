//! The area of a grid: a polygon, and whether a point is in it, in whole numbers and so the same
//! everywhere.
//!
//! Degrees are taken as a plane: an area is a few kilometres wide. None crosses the meridian of 180
//! degrees.

use super::Point;

/// A polygon has at least so many points.
pub const POINTS_MIN: usize = 3;
/// A polygon has at most so many points: every edge is held to every other.
pub const POINTS_MAX: usize = 500;

/// A polygon whose edges meet only where one ends and the next begins.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Area {
    points: Vec<Point>,
    least: Point,
    most: Point,
}

/// Its points are too many for a log.
impl std::fmt::Debug for Area {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Area({} points)", self.points.len())
    }
}

type Edge = (Point, Point);

/// Twice the area of the triangle: positive when `c` is to the left of the way from `a` to `b`. Of points
/// in range it is below 3·10¹⁷.
fn turn((a, b): Edge, c: Point) -> i64 {
    let far = |of: i32, from: i32| i64::from(of) - i64::from(from);
    far(b.lon_e6, a.lon_e6) * far(c.lat_e6, a.lat_e6)
        - far(b.lat_e6, a.lat_e6) * far(c.lon_e6, a.lon_e6)
}

/// The corners of the box round some points; both at zero of none.
fn bounds(points: &[Point]) -> (Point, Point) {
    let of = |pick: fn(i32, i32) -> i32| {
        points.iter().copied().reduce(|a, b| Point {
            lat_e6: pick(a.lat_e6, b.lat_e6),
            lon_e6: pick(a.lon_e6, b.lon_e6),
        })
    };
    let zero = Point { lat_e6: 0, lon_e6: 0 };
    (of(Ord::min).unwrap_or(zero), of(Ord::max).unwrap_or(zero))
}

/// Whether two edges share a point.
fn meet(one: Edge, other: Edge) -> bool {
    let ((least, most), (from, to)) = (bounds(&[one.0, one.1]), bounds(&[other.0, other.1]));
    let boxes = least.lat_e6 <= to.lat_e6
        && from.lat_e6 <= most.lat_e6
        && least.lon_e6 <= to.lon_e6
        && from.lon_e6 <= most.lon_e6;
    let parted = |edge: Edge, (a, b): Edge| {
        turn(edge, a).signum() * turn(edge, b).signum() > 0 // both on one side
    };
    boxes && !parted(one, other) && !parted(other, one)
}

/// Whether the way from `a` by `b` to `c` goes back on itself.
fn turns_back((a, b): Edge, c: Point) -> bool {
    let far = |of: i32| i64::from(of) - i64::from(b.lon_e6);
    let high = |of: i32| i64::from(of) - i64::from(b.lat_e6);
    let along = far(a.lon_e6) * far(c.lon_e6) + high(a.lat_e6) * high(c.lat_e6);
    turn((a, b), c) == 0 && along > 0
}

fn edges(points: &[Point]) -> impl Iterator<Item = Edge> + Clone {
    points.iter().copied().zip(points.iter().copied().cycle().skip(1))
}

/// Whether no edge meets another but its neighbours, and those only at the point between.
fn is_simple(points: &[Point]) -> bool {
    let last = points.len().saturating_sub(1);
    (0..).zip(edges(points)).all(|(at, edge)| {
        edges(points).enumerate().skip(at + 1).all(|(other_at, other)| {
            if other_at == at + 1 && points.len() > 2 {
                !turns_back(edge, other.1)
            } else if at == 0 && other_at == last {
                !turns_back(other, edge.1)
            } else {
                !meet(edge, other)
            }
        })
    })
}

impl Area {
    /// The polygon of these points, of which the first is not repeated at the end. All are in range.
    ///
    /// # Errors
    /// What it must be.
    pub(super) fn new(points: Vec<Point>) -> Result<Self, &'static str> {
        if points.len() < POINTS_MIN {
            return Err("at least three points");
        }
        if points.len() > POINTS_MAX {
            return Err("at most 500 points");
        }
        let (least, most) = bounds(&points);
        let mut sorted = points.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() < points.len() {
            return Err("points of which none is repeated, the first at the end neither");
        }
        if !is_simple(&points) {
            return Err("a polygon that does not cross or touch itself");
        }
        Ok(Self { points, least, most })
    }

    /// Its points, in the order in which they were given.
    pub(super) fn points(&self) -> &[Point] {
        &self.points
    }

    /// Its edges, in the order of its points.
    #[cfg(test)]
    pub(super) fn edges(&self) -> impl Iterator<Item = Edge> {
        edges(&self.points)
    }

    /// Whether a point is in it. Of areas that share an edge a point on that edge is in one: in the one
    /// to the east, or, where the edge runs east and west, to the north.
    pub(super) fn contains(&self, point: Point) -> bool {
        let in_box = (self.least.lat_e6..=self.most.lat_e6).contains(&point.lat_e6)
            && (self.least.lon_e6..=self.most.lon_e6).contains(&point.lon_e6);
        // A ray to the east leaves the area an odd number of times.
        in_box && edges(&self.points).filter(|edge| is_crossed(*edge, point)).count() % 2 == 1
    }
}

/// Whether the ray from a point to the east crosses the edge. Asked of the edge from south to north, so
/// that both areas that have it are told the same.
fn is_crossed((a, b): Edge, point: Point) -> bool {
    let (south, north) = if a.lat_e6 <= b.lat_e6 { (a, b) } else { (b, a) };
    (south.lat_e6..north.lat_e6).contains(&point.lat_e6) && turn((south, north), point) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(all: &[(i32, i32)]) -> Vec<Point> {
        all.iter().map(|(lon_e6, lat_e6)| Point { lat_e6: *lat_e6, lon_e6: *lon_e6 }).collect()
    }

    fn area(all: &[(i32, i32)]) -> Result<Area, &'static str> {
        Area::new(points(all))
    }

    #[test]
    fn polygons_that_cross_touch_or_turn_back_are_refused() {
        for right in [
            &[(0, 0), (4, 0), (0, 4)][..],
            &[(0, 0), (0, 4), (4, 0)],
            &[(0, 0), (2, 0), (4, 0), (4, 4), (0, 4)],
            &[(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)],
        ] {
            assert!(area(right).is_ok(), "{right:?}");
        }
        for (wrong, expected) in [
            (&[(0, 0), (4, 0)][..], "at least three points"),
            (&[(0, 0), (4, 0), (2, 0)], "a polygon that does not cross or touch itself"),
            (&[(0, 0), (4, 4), (4, 0), (0, 4)], "a polygon that does not cross or touch itself"),
            (
                &[(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)],
                "a polygon that does not cross or touch itself",
            ),
            (
                &[(0, 0), (4, 0), (4, 4), (4, 2), (0, 4)],
                "a polygon that does not cross or touch itself",
            ),
            (
                &[(0, 0), (4, 0), (0, 4), (0, 0)],
                "points of which none is repeated, the first at the end neither",
            ),
        ] {
            assert_eq!(area(wrong).unwrap_err(), expected, "{wrong:?}");
        }
    }

    #[test]
    fn a_polygon_has_at_most_five_hundred_points() {
        let arc = |count: i32| -> Vec<(i32, i32)> { (0..count).map(|x| (x, x * x)).collect() };
        let (most, more) = (i32::try_from(POINTS_MAX).unwrap(), 501);
        assert!(area(&arc(most)).is_ok());
        assert_eq!(area(&arc(more)).unwrap_err(), "at most 500 points");
    }

    #[test]
    fn a_point_on_a_shared_edge_is_in_one_area() {
        let west = area(&[(0, 0), (4, 0), (4, 4), (0, 4)]).unwrap();
        let east = area(&[(4, 0), (8, 0), (8, 4), (4, 4)]).unwrap();
        let north = area(&[(0, 4), (4, 4), (8, 4), (4, 8)]).unwrap();
        assert!(east.contains(Point { lat_e6: 2, lon_e6: 4 }), "the one to the east");
        assert!(north.contains(Point { lat_e6: 4, lon_e6: 2 }), "the one to the north");
        for lon_e6 in 1..8 {
            for lat_e6 in 1..8 {
                let point = Point { lat_e6, lon_e6 };
                let of = [&west, &east, &north].map(|area| u8::from(area.contains(point)));
                let sum: u8 = of.iter().sum();
                assert!(sum <= 1 && (sum == 1 || lat_e6 > 4), "{lon_e6} {lat_e6}: {of:?}");
            }
        }
    }

    #[test]
    fn the_ends_of_the_earth_overflow_nothing() {
        let (lat, lon) = (90_000_000, 180_000_000);
        let earth = area(&[(-lon, -lat), (lon, -lat), (lon, lat), (-lon, lat)]).unwrap();
        assert!(earth.contains(Point { lat_e6: 0, lon_e6: 0 }));
        assert!(!earth.contains(Point { lat_e6: i32::MAX, lon_e6: i32::MIN }));
    }
}
