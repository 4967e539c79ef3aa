//! PNG: chunks, each with a length, a name and a checksum.

use crate::photo::Walked;

/// How every PNG begins.
pub(crate) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunks that make the picture; the rest tells of its maker, or animates it.
const KEPT: &[&[u8; 4]] =
    &[b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"];

/// The CRC-32 of PNG.
fn crc(parts: [&[u8]; 2]) -> u32 {
    let bytes = parts.into_iter().flatten();
    !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

/// A whole chunk.
pub(crate) fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[..], &name, body, &crc([&name, body]).to_be_bytes()].concat()
}

fn be32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|four| u32::from_be_bytes(*four))
}

/// Copies the chunks that make the picture; `None` when the structure is not a PNG's.
pub(crate) fn walk(bytes: &[u8]) -> Option<Walked> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut walked = Walked { image: SIGNATURE.to_vec(), ..Walked::default() };
    let mut data = false;
    loop {
        let length = usize::try_from(be32(rest)?).ok()?;
        let name: [u8; 4] = *rest.get(4..)?.first_chunk()?;
        let body = rest.get(8..)?.get(..length)?;
        rest = rest.get(8 + length..)?;
        if be32(rest)? != crc([&name, body]) {
            return None;
        }
        rest = rest.get(4..)?;
        // The header comes first, and once.
        if (&name == b"IHDR") != walked.size.is_none() {
            return None;
        }
        match &name {
            b"IHDR" => walked.size = Some((be32(body)?, be32(body.get(4..)?)?)),
            b"IDAT" => data = true,
            b"eXIf" => walked.exif = Some(body.to_vec()),
            b"IEND" => {
                walked.image.extend(chunk(name, b""));
                return data.then_some(walked);
            }
            _ => {}
        }
        if KEPT.contains(&&name) {
            walked.image.extend(chunk(name, body));
        }
    }
}
