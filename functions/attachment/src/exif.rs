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
    let lat = angle(&exif, (Tag::GPSLatitude, 90.0), (Tag::GPSLatitudeRef, ["N", "S"]));
    let lon = angle(&exif, (Tag::GPSLongitude, 180.0), (Tag::GPSLongitudeRef, ["E", "W"]));
    let place = lat.zip(lon).map(|(lat_e6, lon_e6)| Place { lat_e6, lon_e6 });
    Taken { at, place }
}

fn ascii(exif: &Exif, tag: Tag) -> Option<String> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(texts) => String::from_utf8(texts.first()?.clone()).ok(),
        _ => None,
    }
}

/// `2026:01:20 09:12:30`, and nothing else, as `2026-01-20T09:12:30`. A camera whose clock was never
/// set writes noughts, which is no time.
fn instant(text: &str) -> Option<String> {
    let (date, time) = text.split_once(' ')?;
    let is_date = parts(date, [4, 2, 2])
        .is_some_and(|[_, month, day]| (1..=12).contains(&month) && (1..=31).contains(&day));
    let is_time = parts(time, [2, 2, 2])
        .is_some_and(|[hour, minute, second]| hour <= 23 && minute <= 59 && second <= 60);
    (is_date && is_time).then(|| format!("{}T{time}", date.replace(':', "-")))
}

/// Three numbers between colons, each of so many digits.
fn parts(text: &str, lengths: [usize; 3]) -> Option<[u16; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.split(':');
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next()?;
        if part.len() != length || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Degrees, minutes and seconds in millionths of a degree. Without a reference nobody knows on which
/// side of the equator or of Greenwich it is, so there is no angle.
fn angle(
    exif: &Exif,
    (tag, limit): (Tag, f64),
    (reference, [positive, negative]): (Tag, [&str; 2]),
) -> Option<i32> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let [degrees, minutes, seconds] = parts.as_slice() else { return None };
    let (minutes, seconds) = (minutes.to_f64(), seconds.to_f64());
    let sign = match ascii(exif, reference)? {
        text if text == positive => 1e6,
        text if text == negative => -1e6,
        _ => return None,
    };
    let degrees = degrees.to_f64() + minutes / 60.0 + seconds / 3600.0;
    // A denominator of zero makes a part infinite or no number; each comparison refuses both. Sixty
    // itself is what some phones round to.
    (minutes <= 60.0 && seconds <= 60.0 && degrees <= limit)
        .then(|| (degrees * sign).round() as i32)
}

#[cfg(test)]
mod tests;
