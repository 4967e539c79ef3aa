//! Invented photos, as a phone takes them: a small real picture, and in its EXIF who took it, when
//! and where. All of that is canaries: nothing of it may be found outside sealed records.

use anyhow::Context as _;
use domain::{MediaType, Timestamp};
use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::citizens::{draw, letters};
use super::messages::Message;

/// Width and height in pixels.
const SIZE: (u32, u32) = (48, 32);
/// Of the largest value, 100.
const JPEG_QUALITY: u8 = 60;
/// So many bytes in a row are a picture and no accident.
const RUN: usize = 24;
/// Thousandths of a second of arc in a degree.
const DEGREE: u32 = 3_600_000;

/// A photo that a played phone holds.
pub(super) struct Photo {
    pub(super) media: MediaType,
    pub(super) bytes: Vec<u8>,
    /// What of it may be found nowhere: texts, and runs of bytes as `hex:…`.
    canaries: Vec<String>,
}

/// Where it was taken, in thousandths of a second of arc, north and east.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    lat: u32,
    lon: u32,
}

impl Spot {
    /// Somewhere in the county, at no address that was looked up.
    pub(super) fn of(seed: u64, id: &str) -> Self {
        let drawn = |what: &str, from: u32| {
            let within = draw(seed, what, id) % u64::from(DEGREE / 4);
            from + u32::try_from(within).unwrap_or(0)
        };
        Self {
            lat: drawn("latitude", 35 * DEGREE + DEGREE * 2 / 3),
            lon: drawn("longitude", 112 * DEGREE + DEGREE * 3 / 4),
        }
    }

    /// Degrees north.
    pub(super) fn lat(self) -> f64 {
        degrees(self.lat)
    }

    /// Degrees east.
    pub(super) fn lon(self) -> f64 {
        degrees(self.lon)
    }
}

/// In degrees, to the millionth.
fn degrees(arc: u32) -> f64 {
    (f64::from(arc) / f64::from(DEGREE) * 1e6).round() / 1e6
}

/// Degrees, minutes and seconds.
fn rationals(arc: u32) -> Vec<Rational> {
    let part = |num, denom| Rational { num, denom };
    vec![part(arc / DEGREE, 1), part(arc % DEGREE / 60_000, 1), part(arc % 60_000, 1000)]
}

/// The photos of a message, the same at every run.
pub(super) fn invent(seed: u64, message: &Message) -> anyhow::Result<Vec<Photo>> {
    let one = |at| take(seed, message, at).context("an invented photo cannot be made");
    (0..message.photos).map(one).collect()
}

/// One line a particular of every photo; a run of bytes is written as `hex:…`.
pub(super) fn canaries(seed: u64, messages: &[Message]) -> anyhow::Result<Vec<String>> {
    let photos = messages.iter().map(|message| invent(seed, message));
    let photos: Vec<Vec<Photo>> = photos.collect::<anyhow::Result<_>>()?;
    Ok(photos.into_iter().flatten().flat_map(|photo| photo.canaries).collect())
}

fn take(seed: u64, message: &Message, at: usize) -> anyhow::Result<Photo> {
    let drawn = draw(seed, "photo", &format!("{} {at}", message.id));
    let media = match drawn % 4 {
        0 => MediaType::Png,
        1 => MediaType::Webp,
        _ => MediaType::Jpeg,
    };
    let spot = Spot::of(seed, &message.id);
    let owner = format!("样例影{}", letters(drawn));
    let place = format!("虚构坡{}号旁", drawn / 4 % 1_000_000);
    let taken = taken_at(&message.sent_at, drawn % 60)?;
    let exif = exif([&owner, &place, &taken], spot)?;
    let bytes = encode(media, &picture(drawn), exif)?;
    let mut canaries = vec![owner, place, taken, format!("{:.6}", spot.lon())];
    canaries.extend([spot.lat, spot.lon].map(|arc| hex(&in_file(arc))));
    // From the compressed picture itself: it is stored sealed, and nowhere else.
    let run = bytes.get(bytes.len() * 3 / 4..).and_then(|rest| rest.get(..RUN));
    canaries.push(hex(run.context("the picture is too small")?));
    Ok(Photo { media, bytes, canaries })
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("hex:{digits}")
}

/// A coordinate's bytes in the file.
fn in_file(arc: u32) -> Vec<u8> {
    rationals(arc)
        .into_iter()
        .flat_map(|part| [part.num.to_be_bytes(), part.denom.to_be_bytes()])
        .flatten()
        .collect()
}

/// Some minutes before it was sent, as EXIF writes it: `2026:01:20 09:12:30`.
fn taken_at(sent_at: &str, minutes: u64) -> anyhow::Result<String> {
    let sent = Timestamp::parse(sent_at)
        .map_err(|fault| anyhow::anyhow!("sent_at must be {}", fault.0))?;
    let before = i64::try_from(minutes).unwrap_or(0) * Timestamp::MINUTE_MS;
    let text = sent.plus_millis(-before).to_string();
    let date_and_time = text.split('.').next().unwrap_or_default();
    let (date, time) = date_and_time.split_once('T').context("a time without a date")?;
    Ok(format!("{} {time}", date.replace('-', ":")))
}

fn exif([owner, place, taken]: [&str; 3], spot: Spot) -> anyhow::Result<Vec<u8>> {
    let ascii = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let fields = [
        (Tag::ImageDescription, ascii(place)),
        (Tag::Model, ascii("样例相机")),
        (Tag::Artist, ascii(owner)),
        (Tag::DateTimeOriginal, ascii(taken)),
        (Tag::CameraOwnerName, ascii(owner)),
        (Tag::GPSLatitudeRef, ascii("N")),
        (Tag::GPSLatitude, Value::Rational(rationals(spot.lat))),
        (Tag::GPSLongitudeRef, ascii("E")),
        (Tag::GPSLongitude, Value::Rational(rationals(spot.lon))),
    ]
    .map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value });
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut block = std::io::Cursor::new(Vec::new());
    writer.write(&mut block, false)?;
    Ok(block.into_inner())
}

/// Noise: no two pictures share a run of bytes.
fn picture(seed: u64) -> Vec<u8> {
    let mut pixels = vec![0; (SIZE.0 * SIZE.1 * 3) as usize];
    StdRng::seed_from_u64(seed).fill_bytes(&mut pixels);
    pixels
}

fn encode(media: MediaType, pixels: &[u8], exif: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match media {
        MediaType::Jpeg => {
            write(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY), pixels, exif)?;
        }
        MediaType::Png => write(PngEncoder::new(&mut bytes), pixels, exif)?,
        MediaType::Webp => write(WebPEncoder::new_lossless(&mut bytes), pixels, exif)?,
    }
    Ok(bytes)
}

fn write(mut encoder: impl ImageEncoder, pixels: &[u8], exif: Vec<u8>) -> anyhow::Result<()> {
    encoder.set_exif_metadata(exif)?;
    encoder.write_image(pixels, SIZE.0, SIZE.1, ExtendedColorType::Rgb8)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::*;

    fn unhex(text: &str) -> Option<Vec<u8>> {
        let digits = text.strip_prefix("hex:")?.as_bytes();
        let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        Some(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect())
    }

    fn holds_its_canaries(photo: &Photo) {
        for canary in &photo.canaries {
            let needle = unhex(canary).unwrap_or_else(|| canary.clone().into_bytes());
            let held = photo.bytes.windows(needle.len()).any(|run| run == needle);
            // The place in degrees is what the request tells.
            assert!(held || canary.starts_with("112."), "{canary}");
        }
    }

    #[test]
    fn a_photo_is_one_and_holds_its_canaries() {
        let mut kinds = std::collections::BTreeSet::new();
        for mut message in messages::read(&[]).unwrap().into_iter().take(40) {
            message.photos = 2;
            let (photos, again) = (invent(1, &message).unwrap(), invent(1, &message).unwrap());
            assert_eq!(photos.len(), 2);
            for (photo, again) in photos.iter().zip(&again) {
                assert_eq!(photo.bytes, again.bytes, "the same at every run");
                kinds.insert(photo.media.as_str());
                let opened = image::load_from_memory(&photo.bytes).unwrap();
                assert_eq!((opened.width(), opened.height()), SIZE);
                let mut reader = std::io::Cursor::new(&photo.bytes);
                let exif = exif::Reader::new().read_from_container(&mut reader).unwrap();
                assert!(exif.get_field(Tag::GPSLatitude, In::PRIMARY).is_some());
                holds_its_canaries(photo);
            }
        }
        assert_eq!(kinds.len(), 3, "{kinds:?}");
    }

    #[test]
    fn a_photo_is_taken_before_it_is_sent() {
        let taken = taken_at("2025-03-01T00:10:26+08:00", 30);
        assert_eq!(taken.unwrap(), "2025:02:28 23:40:26");
    }
}
