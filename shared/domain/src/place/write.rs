//! Places written as their two texts: the same places always give the same texts, in whatever order they
//! were written before.

use super::read::{AREAS, PLACES};
use super::{Code, Places};
use crate::directory::{joined, text};

impl Places {
    /// The texts from which [`Places::read`] gives these places again; empty where there are none. Equal
    /// texts are equal places.
    #[must_use]
    pub fn write(&self) -> [String; 2] {
        let names = self.names.iter().map(|place| {
            let codes = place.codes.iter().map(Code::as_str);
            [place.name.clone(), place.kind.to_string(), joined(codes)]
        });
        let areas = self.areas.iter().map(|(grid, area)| {
            let points = area.points().iter();
            let points =
                points.map(|point| format!("{} {}", degrees(point.lon_e6), degrees(point.lat_e6)));
            [grid.to_string(), joined(points)]
        });
        [
            if self.names.is_empty() { String::new() } else { text(&PLACES, names) },
            if self.areas.is_empty() { String::new() } else { text(&AREAS, areas) },
        ]
    }
}

impl Code {
    fn as_str(&self) -> &str {
        match self {
            Self::Unit(code) => code.as_str(),
            Self::Grid(code) => code.as_str(),
        }
    }
}

/// 112,920,000 as `112.92`.
fn degrees(micro: i32) -> String {
    let (sign, of) = (if micro < 0 { "-" } else { "" }, micro.unsigned_abs());
    let text = format!("{sign}{}.{:06}", of / 1_000_000, of % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_written_as_they_are_read() {
        for (micro, expected) in [
            (112_920_000, "112.92"),
            (-1, "-0.000001"),
            (35_000_000, "35"),
            (0, "0"),
            (-180_000_000, "-180"),
        ] {
            assert_eq!(degrees(micro), expected);
        }
    }
}
