//! The sample city's areas: they cover it without gaps and without overlaps.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::directory::{Directory, Files};

fn areas() -> BTreeMap<GridCode, Area> {
    let files = Files {
        units: include_str!("../../../../infra/city/units.csv").to_owned(),
        grids: include_str!("../../../../infra/city/grids.csv").to_owned(),
        staff: "staff,role,unit".to_owned(),
        members: "member,name,team,skills,grid,contact,availability".to_owned(),
        ..Files::default()
    };
    let directory = Directory::read(0, &files).unwrap();
    let areas = include_str!("../../../../infra/city/areas.csv");
    Places::read("name,kind,where", areas, &directory).unwrap().areas
}

fn holders(areas: &BTreeMap<GridCode, Area>, point: Point) -> Vec<&GridCode> {
    areas.iter().filter(|(_, area)| area.contains(point)).map(|(grid, _)| grid).collect()
}

/// The points of the polygon, and those halfway between two.
fn of_outline(area: &Area) -> Vec<Point> {
    let half = |(a, b): (Point, Point)| Point {
        lat_e6: a.lat_e6.midpoint(b.lat_e6),
        lon_e6: a.lon_e6.midpoint(b.lon_e6),
    };
    area.edges().flat_map(|edge| [edge.0, half(edge)]).collect()
}

fn amid(area: &Area) -> Point {
    let count = i64::try_from(area.edges().count()).unwrap();
    let mean = |of: fn(Point) -> i32| {
        let sum: i64 = area.edges().map(|(point, _)| i64::from(of(point))).sum();
        i32::try_from(sum / count).unwrap()
    };
    Point { lat_e6: mean(|point| point.lat_e6), lon_e6: mean(|point| point.lon_e6) }
}

#[test]
fn every_grid_has_an_area_and_a_point_amid_it_is_in_that_grid_only() {
    let areas = areas();
    assert_eq!(areas.len(), 737);
    for (grid, area) in &areas {
        assert_eq!(holders(&areas, amid(area)), [grid]);
    }
}

#[test]
fn a_point_between_areas_is_in_at_most_one_and_amid_the_city_in_one() {
    let areas = areas();
    let ends: Vec<(Point, Point)> = areas.values().flat_map(Area::edges).collect();
    for area in areas.values() {
        let is_inland = area.edges().all(|(a, b)| ends.contains(&(b, a)));
        for point in of_outline(area) {
            let count = holders(&areas, point).len();
            assert!(count <= 1, "{count} areas have a point of an outline");
            // An edge of an inland area has another area on its other side.
            assert!(count == 1 || !is_inland, "no area has a point within the city");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn any_point_is_in_at_most_one_area_and_near_one_s_middle_in_one(
        anywhere in prop::collection::vec((35_500_000..36_100_000, 112_600_000..113_300_000), 20),
        near in prop::collection::vec((any::<Index>(), 0..100_i64, any::<Index>()), 20),
    ) {
        let areas = areas();
        for (lat_e6, lon_e6) in anywhere {
            let count = holders(&areas, Point { lat_e6, lon_e6 }).len();
            prop_assert!(count <= 1, "{} areas", count);
        }
        let all: Vec<_> = areas.values().collect();
        for (which, percent, corner) in near {
            let area = all[which.index(all.len())];
            let (middle, corners) = (amid(area), of_outline(area));
            let to = corners[corner.index(corners.len())];
            let on_way = |from: i32, to: i32| {
                let far = i64::from(to) - i64::from(from);
                i32::try_from(i64::from(from) + far * percent / 100).unwrap()
            };
            let (lat_e6, lon_e6) = (on_way(middle.lat_e6, to.lat_e6), on_way(middle.lon_e6, to.lon_e6));
            prop_assert_eq!(holders(&areas, Point { lat_e6, lon_e6 }).len(), 1);
        }
    }
}
