//! JPEG: segments, each with a marker and a length, and runs of compressed data after a scan's
//! header.

use crate::photo::Walked;

/// What stands in an `APP1` segment before EXIF.
const EXIF: &[u8] = b"Exif\0\0";

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Copies tables, frames and scans; `None` when the structure is not a JPEG's.
pub(crate) fn walk(bytes: &[u8]) -> Option<Walked> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    let mut walked = Walked { image: vec![0xFF, 0xD8], ..Walked::default() };
    let mut scans = 0_u32;
    loop {
        let (marker, after) = marker(rest)?;
        rest = after;
        if marker == 0xD9 {
            walked.image.extend([0xFF, 0xD9]);
            return (scans > 0).then_some(walked);
        }
        let length = usize::from(be16(rest, 0)?);
        let body = rest.get(2..length)?;
        rest = rest.get(length..)?;
        segment(marker, body, &mut walked)?;
        if marker == 0xDA {
            scans += 1;
            let (data, after) = rest.split_at(scan(rest)?);
            walked.image.extend_from_slice(data);
            rest = after;
        }
    }
}

/// The next marker, past any fill bytes.
fn marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let at = bytes.iter().position(|byte| *byte != 0xFF)?;
    let (fill, rest) = bytes.split_at(at);
    let (marker, rest) = rest.split_first()?;
    (!fill.is_empty()).then_some((*marker, rest))
}

/// Where a scan's compressed data end: at the first marker that is neither stuffing nor restart.
fn scan(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(2)
        .position(|two| matches!(two, [0xFF, next] if *next != 0 && !(0xD0..=0xD7).contains(next)))
}

fn segment(marker: u8, body: &[u8], walked: &mut Walked) -> Option<()> {
    match marker {
        0xC4 | 0xCC | 0xDA | 0xDB | 0xDD => copy(marker, body, walked),
        0xC0..=0xCF => {
            let size = (be16(body, 3)?.into(), be16(body, 1)?.into());
            // Two frames would let the second one's size go unlooked at.
            if walked.size.replace(size).is_some() {
                return None;
            }
            copy(marker, body, walked)
        }
        // Version, density and no thumbnail.
        0xE0 if body.starts_with(b"JFIF\0") => {
            let head = body.get(..12)?;
            copy(marker, &[head, &[0, 0]].concat(), walked)
        }
        // Without it some files change their colours.
        0xEE if body.starts_with(b"Adobe") => copy(marker, body.get(..12)?, walked),
        0xE1 if body.starts_with(EXIF) => {
            walked.exif = body.get(EXIF.len()..).map(<[u8]>::to_vec);
            Some(())
        }
        0xE0..=0xEF | 0xFE => Some(()),
        _ => None,
    }
}

fn copy(marker: u8, body: &[u8], walked: &mut Walked) -> Option<()> {
    let length = u16::try_from(body.len() + 2).ok()?;
    walked.image.extend([0xFF, marker]);
    walked.image.extend(length.to_be_bytes());
    walked.image.extend_from_slice(body);
    Some(())
}
