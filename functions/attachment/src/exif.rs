//! Place and time out of EXIF: what of a photo's metadata matters to a case.

use contracts::Place;
use exif::{Exif, In, Reader, Tag, Value};

/// What the camera says.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// When, in local time without offset: `2026-01-20T09:12:30`.
    pub(crate) at: Option<String>,
    /// Where.
    pub(crate) place: Option<Place>,
}

/// Reads a TIFF structure; what cannot be read is left out.
pub(crate) fn read(block: Vec<u8>) -> Taken {
    let Ok(exif) = Reader::new().read_raw(block) else { return Taken::default() };
    let at = ascii(&exif, Tag::DateTimeOriginal).and_then(|text| instant(&text));
    let lat = angle(&exif, (Tag::GPSLatitude, Tag::GPSLatitudeRef), 90.0);
    let lon = angle(&exif, (Tag::GPSLongitude, Tag::GPSLongitudeRef), 180.0);
    let place = lat.zip(lon).map(|(lat_e6, lon_e6)| Place { lat_e6, lon_e6 });
    Taken { at, place }
}

fn ascii(exif: &Exif, tag: Tag) -> Option<String> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(texts) => String::from_utf8(texts.first()?.clone()).ok(),
        _ => None,
    }
}

/// `2026:01:20 09:12:30`, and nothing else, as `2026-01-20T09:12:30`.
fn instant(text: &str) -> Option<String> {
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (date, time) = text.split_once(' ')?;
    let shape = |text: &str, lengths: [usize; 3]| {
        let parts: Vec<&str> = text.split(':').collect();
        parts.len() == 3
            && parts.iter().zip(lengths).all(|(part, n)| part.len() == n && is_digits(part))
    };
    (shape(date, [4, 2, 2]) && shape(time, [2, 2, 2]))
        .then(|| format!("{}T{time}", date.replace(':', "-")))
}

/// Degrees, minutes and seconds in millionths of a degree.
fn angle(exif: &Exif, (tag, reference): (Tag, Tag), limit: f64) -> Option<i32> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let [degrees, minutes, seconds] = parts.as_slice() else { return None };
    let degrees = degrees.to_f64() + minutes.to_f64() / 60.0 + seconds.to_f64() / 3600.0;
    let negative = matches!(ascii(exif, reference)?.as_str(), "S" | "W");
    // A denominator of zero makes it infinite or no number; both are refused here.
    (degrees <= limit).then(|| (if negative { -degrees } else { degrees } * 1e6).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_taken_in_one_form_only() {
        assert_eq!(instant("2026:01:20 09:12:30").as_deref(), Some("2026-01-20T09:12:30"));
        for bad in
            ["", "2026-01-20 09:12:30", "2026:01:20", "张三:01:20 09:12:30", "0000:1:1 1:1:1"]
        {
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
}
