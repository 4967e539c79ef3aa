//! Blocks laid out as phones write them, in both byte orders, and what becomes of them when they lie.

use super::*;

/// `Exif 2.32`, table 4: the types of the values below.
const ASCII: u16 = 2;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

/// The tags below that are no GPS tags.
const MAKE: u16 = 0x010F;
const EXIF_IFD: u16 = 0x8769;
const GPS_IFD: u16 = 0x8825;
const DATE_TIME_ORIGINAL: u16 = 0x9003;

/// Tag, type, count and bytes of a value.
type Field = (u16, u16, u32, Vec<u8>);

/// A writer of TIFF structures in one byte order.
#[derive(Clone, Copy)]
struct Tiff {
    big: bool,
}

const BOTH: [Tiff; 2] = [Tiff { big: true }, Tiff { big: false }];

impl Tiff {
    fn u16(self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn ascii(self, tag: u16, text: &str) -> Field {
        let bytes = [text.as_bytes(), &[0]].concat();
        (tag, ASCII, u32::try_from(bytes.len()).unwrap(), bytes)
    }

    fn pointer(self, tag: u16, to: usize) -> Field {
        (tag, LONG, 1, self.u32(u32::try_from(to).unwrap()).to_vec())
    }

    fn rationals(self, tag: u16, values: &[(u32, u32)]) -> Field {
        let bytes = values.iter().flat_map(|(n, d)| [self.u32(*n), self.u32(*d)].concat());
        (tag, RATIONAL, u32::try_from(values.len()).unwrap(), bytes.collect())
    }

    /// A directory that lies at `at`, its longer values right behind it.
    fn ifd(self, at: usize, fields: &[Field]) -> Vec<u8> {
        let mut bytes = self.u16(u16::try_from(fields.len()).unwrap()).to_vec();
        let mut behind = Vec::new();
        let values_at = at + 2 + 12 * fields.len() + 4;
        for (tag, kind, count, value) in fields {
            bytes.extend(self.u16(*tag));
            bytes.extend(self.u16(*kind));
            bytes.extend(self.u32(*count));
            if value.len() <= 4 {
                bytes.extend([value.as_slice(), &[0; 4]].concat().iter().take(4));
            } else {
                let offset = u32::try_from(values_at + behind.len()).unwrap();
                bytes.extend(self.u32(offset));
                behind.extend_from_slice(value);
            }
        }
        bytes.extend(self.u32(0)); // no next directory
        [bytes, behind].concat()
    }

    /// A whole block: the camera, the time, and a GPS directory.
    fn block(self, gps: &[Field]) -> Vec<u8> {
        let first = |exif_at, gps_at| {
            let fields = [
                self.ascii(MAKE, "样例"),
                self.pointer(EXIF_IFD, exif_at),
                self.pointer(GPS_IFD, gps_at),
            ];
            self.ifd(8, &fields)
        };
        let exif_at = 8 + first(0, 0).len();
        let exif = self.ifd(exif_at, &[self.ascii(DATE_TIME_ORIGINAL, "2026:01:20 09:12:30")]);
        let gps_at = exif_at + exif.len();
        let mark = if self.big { b"MM" } else { b"II" };
        let head = [&mark[..], &self.u16(42), &self.u32(8)].concat();
        [head, first(exif_at, gps_at), exif, self.ifd(gps_at, gps)].concat()
    }

    fn gps(self, lat: (&str, &[(u32, u32)]), lon: (&str, &[(u32, u32)])) -> Vec<Field> {
        vec![
            (0, 1, 4, vec![2, 3, 0, 0]), // GPSVersionID
            self.ascii(1, lat.0),
            self.rationals(2, lat.1),
            self.ascii(3, lon.0),
            self.rationals(4, lon.1),
            self.rationals(7, &[(1, 1), (12, 1), (30, 1)]), // GPSTimeStamp
        ]
    }
}

/// 35° 47' 52.80" and 112° 55' 22.80".
const LAT: &[(u32, u32)] = &[(35, 1), (47, 1), (5280, 100)];
const LON: &[(u32, u32)] = &[(112, 1), (55, 1), (22_800_000, 1_000_000)];

fn place(block: Vec<u8>) -> Option<(i32, i32)> {
    read(block).place.map(|place| (place.lat_e6, place.lon_e6))
}

#[test]
fn time_and_place_are_read_in_both_byte_orders_and_all_quarters() {
    for tiff in BOTH {
        for (north, east, expected) in [
            ("N", "E", (35_798_000, 112_923_000)),
            ("S", "E", (-35_798_000, 112_923_000)),
            ("N", "W", (35_798_000, -112_923_000)),
            ("S", "W", (-35_798_000, -112_923_000)),
        ] {
            let taken = read(tiff.block(&tiff.gps((north, LAT), (east, LON))));
            assert_eq!(taken.at.as_deref(), Some("2026-01-20T09:12:30"));
            let place = taken.place.unwrap();
            assert_eq!((place.lat_e6, place.lon_e6), expected);
        }
    }
}

#[test]
fn minutes_with_a_fraction_and_whole_degrees_are_places_too() {
    for tiff in BOTH {
        for lat in [
            &[(35, 1), (47_880, 1000), (0, 1)][..],
            &[(35_798_000, 1_000_000), (0, 1), (0, 1)],
            // A second rounded up to sixty.
            &[(35, 1), (46, 1), (60, 1)],
        ] {
            let (lat_e6, _) = place(tiff.block(&tiff.gps(("N", lat), ("E", LON)))).unwrap();
            assert!((35_783_000..=35_798_000).contains(&lat_e6), "{lat:?}: {lat_e6}");
        }
        let poles = tiff.gps(("S", &[(90, 1), (0, 1), (0, 1)]), ("W", &[(180, 1), (0, 1), (0, 1)]));
        assert_eq!(place(tiff.block(&poles)), Some((-90_000_000, -180_000_000)));
    }
}

/// The time stays: only what cannot be understood is left out.
#[track_caller]
fn assert_no_place(tiff: Tiff, gps: &[Field], why: &str) {
    let taken = read(tiff.block(gps));
    assert!(taken.place.is_none(), "{why}: {:?}", taken.place);
    assert_eq!(taken.at.as_deref(), Some("2026-01-20T09:12:30"), "{why}");
}

#[test]
fn without_a_side_of_the_world_there_is_no_place() {
    for tiff in BOTH {
        for missing in 1..=4 {
            let mut gps = tiff.gps(("N", LAT), ("E", LON));
            gps.retain(|(tag, ..)| *tag != missing);
            assert_no_place(tiff, &gps, &format!("without tag {missing}"));
        }
        for (north, east) in [("E", "N"), ("", "E"), ("N", "?"), ("n", "E"), ("NS", "E")] {
            let gps = tiff.gps((north, LAT), (east, LON));
            assert_no_place(tiff, &gps, &format!("{north:?} and {east:?}"));
        }
        assert_no_place(tiff, &[], "an empty directory");
    }
}

#[test]
fn numbers_that_are_none_or_no_angle_are_no_place() {
    let wrong: [&[(u32, u32)]; 11] = [
        &[(0, 0), (0, 0), (0, 0)],
        &[(35, 0), (47, 1), (52, 1)],
        &[(35, 1), (47, 0), (52, 1)],
        &[(35, 1), (47, 1), (52, 0)],
        &[(35, 1), (47, 1), (0, 0)],
        &[(181, 1), (0, 1), (0, 1)],
        &[(180, 1), (0, 1), (1, 1)],
        &[(u32::MAX, 1), (u32::MAX, 1), (u32::MAX, 1)],
        &[(35, 1), (61, 1), (0, 1)],
        &[(35, 1), (0, 1), (61, 1)],
        &[(35, 1), (47, 1)],
    ];
    for tiff in BOTH {
        for parts in wrong {
            assert_no_place(tiff, &tiff.gps(("N", parts), ("E", LON)), &format!("lat {parts:?}"));
            assert_no_place(tiff, &tiff.gps(("N", LAT), ("E", parts)), &format!("lon {parts:?}"));
        }
        assert_no_place(tiff, &tiff.gps(("N", LON), ("E", LAT)), "a latitude above ninety");
        let mut texts = tiff.gps(("N", LAT), ("E", LON));
        for field in &mut texts {
            field.1 = ASCII;
        }
        assert_no_place(tiff, &texts, "texts instead of numbers");
    }
}

#[test]
fn whatever_is_cut_off_or_flipped_is_read_as_something_or_nothing_and_never_panics() {
    let sound = |taken: Taken| {
        let within =
            |place: Place| place.lat_e6.abs() <= 90_000_000 && place.lon_e6.abs() <= 180_000_000;
        assert!(taken.place.is_none_or(within));
        assert!(taken.at.is_none_or(|at| at.len() == "2026-01-20T09:12:30".len() && at.is_ascii()));
    };
    for tiff in BOTH {
        let block = tiff.block(&tiff.gps(("N", LAT), ("E", LON)));
        for end in 0..block.len() {
            sound(read(block.iter().copied().take(end).collect()));
        }
        let flips = (0..block.len()).flat_map(|at| [1, 0x10, 0x80, 0xFF].map(|mask| (at, mask)));
        for (flipped, mask) in flips {
            let bytes = block.iter().enumerate();
            let bytes = bytes.map(|(at, byte)| if at == flipped { byte ^ mask } else { *byte });
            sound(read(bytes.collect()));
        }
    }
}

/// Directories that lead back to themselves, and values that lie outside of the block.
#[test]
fn a_block_that_leads_in_circles_or_out_of_itself_ends() {
    for tiff in BOTH {
        for (exif_at, gps_at) in [(8, 8), (0, 0), (8, 0xFFFF_FFFF), (0xFFFF_FFF0, 8)] {
            let fields = [tiff.pointer(EXIF_IFD, exif_at), tiff.pointer(GPS_IFD, gps_at)];
            let mark = if tiff.big { b"MM" } else { b"II" };
            let head = [&mark[..], &tiff.u16(42), &tiff.u32(8)].concat();
            let taken = read([head, tiff.ifd(8, &fields)].concat());
            assert!(taken.at.is_none() && taken.place.is_none());
        }
        let far = (2, RATIONAL, u32::MAX, tiff.u32(0xFFFF_FF00).to_vec());
        let mut gps = tiff.gps(("N", LAT), ("E", LON));
        for field in &mut gps {
            if field.0 == 2 {
                *field = far.clone();
            }
        }
        assert_eq!(place(tiff.block(&gps)), None);
    }
}

#[test]
fn a_time_is_taken_in_one_form_only() {
    assert_eq!(instant("2026:01:20 09:12:30").as_deref(), Some("2026-01-20T09:12:30"));
    for bad in [
        "",
        "2026-01-20 09:12:30",
        "2026:01:20",
        "张三:01:20 09:12:30",
        "0000:1:1 1:1:1",
        "0000:00:00 00:00:00",
        "2026:13:01 00:00:00",
        "2026:01:32 00:00:00",
        "2026:01:20 24:00:00",
        "2026:01:20 09:60:00",
        "2026:01:20 09:12:30:00",
        "2026:01:20 09:12:30 ",
        "+026:01:20 09:12:30",
    ] {
        assert_eq!(instant(bad), None, "{bad}");
    }
}

#[test]
fn a_block_that_is_none_tells_nothing() {
    for block in [&b""[..], b"MM", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"] {
        let taken = read(block.to_vec());
        assert!(taken.at.is_none() && taken.place.is_none());
    }
}
