//! From an uploaded object to a photo without metadata, or to the reason why not.
//!
//! The file is never decoded: its structure is walked and only the parts that make the picture are
//! copied, so nothing unknown survives, neither in it nor behind it, and nothing is unpacked.

use contracts::Photo;
use domain::{MediaType, PHOTO_BYTES_MAX, PhotoRefusal};
use ports::Upload;

use crate::{exif, jpeg, png, webp};

/// No more pixels than a very good camera takes; more are meant to exhaust who opens them.
const PIXELS_MAX: u64 = 120_000_000;

/// What a walk through a file has found.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// The file without metadata.
    pub(crate) image: Vec<u8>,
    /// Width and height in pixels.
    pub(crate) size: Option<(u32, u32)>,
    /// The EXIF block (a TIFF structure), if there is one.
    pub(crate) exif: Option<Vec<u8>>,
}

/// The kind of photo that these bytes begin as.
fn sniff(bytes: &[u8]) -> Option<MediaType> {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some(MediaType::Jpeg)
    } else if bytes.starts_with(png::SIGNATURE) {
        Some(MediaType::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(MediaType::Webp)
    } else {
        None
    }
}

/// Looks at an upload.
pub(crate) fn clean(upload: &Upload) -> Result<Photo, PhotoRefusal> {
    let bytes = upload.bytes.as_deref().ok_or(PhotoRefusal::TooLarge)?;
    if bytes.is_empty() {
        return Err(PhotoRefusal::Empty);
    }
    if bytes.len() as u64 > u64::from(PHOTO_BYTES_MAX) {
        return Err(PhotoRefusal::TooLarge);
    }
    let media = sniff(bytes).ok_or(PhotoRefusal::UnknownType)?;
    if media.as_str() != upload.declared {
        return Err(PhotoRefusal::OtherType);
    }
    let walked = match media {
        MediaType::Jpeg => jpeg::walk(bytes),
        MediaType::Png => png::walk(bytes),
        MediaType::Webp => webp::walk(bytes),
    };
    let walked = walked.ok_or(PhotoRefusal::Damaged)?;
    let (width, height) = walked.size.ok_or(PhotoRefusal::Damaged)?;
    match u64::from(width) * u64::from(height) {
        0 => return Err(PhotoRefusal::Damaged),
        pixels if pixels > PIXELS_MAX => return Err(PhotoRefusal::TooManyPixels),
        _ => {}
    }
    // What cannot be read of it is not known; the photo is one all the same.
    let exif::Taken { at, place } = walked.exif.map(exif::read).unwrap_or_default();
    Ok(Photo { media, taken_at: at, place, image: walked.image })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tiny JPEG with EXIF, a comment, and something behind its end.
    fn jpeg() -> Vec<u8> {
        let segment = |marker: u8, body: &[u8]| {
            let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
            [&[0xFF, marker], length.as_slice(), body].concat()
        };
        [
            vec![0xFF, 0xD8],
            segment(0xE0, b"JFIF\0\x01\x01\x00\x00\x01\x00\x01\x01\x01THUMBNAIL"),
            segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0SECRET"),
            segment(0xFE, "样例民甲".as_bytes()),
            segment(0xDB, &[0; 65]),
            segment(0xC0, &[8, 0, 2, 0, 3, 1, 1, 0x11, 0]),
            segment(0xC4, &[0; 19]),
            segment(0xDA, &[1, 1, 0, 0, 63, 0]),
            vec![1, 2, 0xFF, 0, 3, 0xFF, 0xD0, 4],
            vec![0xFF, 0xD9],
            b"<script>BEHIND</script>".to_vec(),
        ]
        .concat()
    }

    fn png(width: u32) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &[0, 0, 0, 1, 8, 0, 0, 0, 0]].concat();
        [
            png::SIGNATURE.to_vec(),
            png::chunk(*b"IHDR", &header),
            png::chunk(*b"tEXt", b"Comment\0SECRET"),
            png::chunk(*b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 2, 0, 1]),
            png::chunk(*b"IEND", b""),
            b"BEHIND".to_vec(),
        ]
        .concat()
    }

    fn webp() -> Vec<u8> {
        let chunk = |name: &[u8], body: &[u8]| {
            let length = u32::try_from(body.len()).unwrap().to_le_bytes();
            let pad = vec![0; body.len() % 2];
            [name, &length, body, &pad].concat()
        };
        let body = [
            chunk(b"VP8X", &[0x2C, 0, 0, 0, 1, 0, 0, 2, 0, 0]),
            chunk(b"ICCP", b"SECRET"),
            chunk(b"VP8L", &[0x2F, 1, 0, 0, 0]),
            chunk(b"EXIF", b"MM\0*SECRET"),
            chunk(b"XMP ", b"SECRET"),
        ]
        .concat();
        let length = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
        [b"RIFF", &length[..], b"WEBP", &body, b"BEHIND"].concat()
    }

    fn look(declared: MediaType, bytes: &[u8]) -> Result<Photo, PhotoRefusal> {
        clean(&Upload { declared: declared.as_str().to_owned(), bytes: Some(bytes.to_vec()) })
    }

    fn samples() -> [(MediaType, Vec<u8>); 3] {
        [(MediaType::Jpeg, jpeg()), (MediaType::Png, png(3)), (MediaType::Webp, webp())]
    }

    #[test]
    fn nothing_but_the_picture_is_kept_and_cleaning_again_changes_nothing() {
        for (media, bytes) in samples() {
            let photo = look(media, &bytes).unwrap();
            let text = String::from_utf8_lossy(&photo.image).into_owned();
            for secret in ["SECRET", "BEHIND", "THUMBNAIL", "样例民甲", "Exif", "XMP", "tEXt"] {
                assert!(!text.contains(secret), "{media}: {secret}");
            }
            assert_eq!(look(media, &photo.image).unwrap().image, photo.image, "{media}");
        }
    }

    #[test]
    fn a_file_that_breaks_off_anywhere_is_refused_and_no_flipped_byte_is_fatal() {
        for (media, bytes) in samples() {
            let whole = bytes.len()
                - bytes.windows(6).rev().position(|w| w == b"BEHIND").map_or(0, |at| at + 6);
            let whole = if media == MediaType::Jpeg { whole - 8 } else { whole };
            assert!(look(media, &bytes[..whole]).is_ok(), "{media}");
            for end in 0..whole {
                assert!(look(media, &bytes[..end]).is_err(), "{media} cut at {end}");
            }
            for place in 0..8 * bytes.len() {
                let mut flipped = bytes.clone();
                flipped[place / 8] ^= 1 << (place % 8);
                drop(look(media, &flipped));
            }
        }
    }

    #[test]
    fn every_reason_has_its_case() {
        use PhotoRefusal as R;
        let cases = [
            (MediaType::Jpeg, Vec::new(), R::Empty),
            (MediaType::Png, b"%PDF-1.7".to_vec(), R::UnknownType),
            (MediaType::Png, b"<svg onload=x>".to_vec(), R::UnknownType),
            (MediaType::Png, jpeg(), R::OtherType),
            (MediaType::Jpeg, vec![0xFF, 0xD8, 0xFF, 0xD9], R::Damaged),
            (MediaType::Png, png(0), R::Damaged),
            (MediaType::Png, png(0x7FFF_FFFF), R::TooManyPixels),
            (MediaType::Jpeg, vec![0; PHOTO_BYTES_MAX as usize + 1], R::TooLarge),
        ];
        for (declared, bytes, reason) in cases {
            assert_eq!(look(declared, &bytes).unwrap_err(), reason);
        }
        let unread = Upload { declared: "image/png".to_owned(), bytes: None };
        assert_eq!(clean(&unread).unwrap_err(), R::TooLarge);
    }
}
