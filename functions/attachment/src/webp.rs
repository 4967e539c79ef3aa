//! WebP: a RIFF container of chunks, each with a name and a length, padded to even length.

use crate::photo::Walked;

/// The flags of `VP8X` that speak of ICC, EXIF and XMP.
const METADATA: u8 = 0x20 | 0x08 | 0x04;

fn le(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + count)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn push(image: &mut Vec<u8>, name: [u8; 4], body: &[u8]) -> Option<()> {
    image.extend(name);
    image.extend(u32::try_from(body.len()).ok()?.to_le_bytes());
    image.extend_from_slice(body);
    image.extend(std::iter::repeat_n(0, body.len() % 2));
    Some(())
}

/// Copies the chunks that make a still picture; `None` when the structure is not a WebP's.
pub(crate) fn walk(bytes: &[u8]) -> Option<Walked> {
    let whole = usize::try_from(le(bytes, 4, 4)?).ok()?;
    let mut rest = bytes.get(8..)?.get(..whole)?.strip_prefix(b"WEBP")?;
    let (mut walked, mut picture) = (Walked::default(), Vec::new());
    let mut data = false;
    while !rest.is_empty() {
        let name: [u8; 4] = *rest.first_chunk()?;
        let length = usize::try_from(le(rest, 4, 4)?).ok()?;
        let body = rest.get(8..)?.get(..length)?;
        rest = rest.get(8 + length + length % 2..)?;
        match &name {
            b"VP8X" => {
                walked.size = Some((le(body, 4, 3)? + 1, le(body, 7, 3)? + 1));
                let (flags, more) = body.split_first()?;
                push(&mut picture, name, &[&[flags & !METADATA], more].concat())?;
            }
            b"VP8 " | b"VP8L" => {
                // One picture: a second one's size would go unlooked at.
                if std::mem::replace(&mut data, true) {
                    return None;
                }
                let own = size(name, body)?;
                walked.size.get_or_insert(own);
                push(&mut picture, name, body)?;
            }
            b"ALPH" => push(&mut picture, name, body)?,
            b"EXIF" => walked.exif = Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body).to_vec()),
            // A film is no photo.
            b"ANIM" | b"ANMF" => return None,
            _ => {}
        }
    }
    walked.image.extend(b"RIFF");
    walked.image.extend(u32::try_from(picture.len() + 4).ok()?.to_le_bytes());
    walked.image.extend(b"WEBP");
    walked.image.extend(picture);
    data.then_some(walked)
}

/// The size that the compressed picture itself tells.
fn size(name: [u8; 4], body: &[u8]) -> Option<(u32, u32)> {
    if &name == b"VP8L" {
        let bits = body.strip_prefix(&[0x2F]).and_then(|body| le(body, 0, 4))?;
        return Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1));
    }
    (body.get(3..6)? == [0x9D, 0x01, 0x2A])
        .then_some((le(body, 6, 2)? & 0x3FFF, le(body, 8, 2)? & 0x3FFF))
}
