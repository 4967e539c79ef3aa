//! Texts are compressed before they are sealed: a table bills by the kilobyte, twice in a transaction.
//!
//! What compresses before it encrypts lets the length of the ciphertext speak of the text. That is a
//! danger where an attacker puts words of his own beside a secret, again and again, and watches the
//! length shrink when he guesses right. Here a record is one person's text, sealed once, under a key
//! of its own, and who may see its length may see that of the text without compression too. The
//! commitment is over the plain text, so nothing that was published depends on how it was packed.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The first byte of a compressed text; raw DEFLATE (RFC 1951) follows. A text that is not compressed
/// is JSON and begins with a brace, as all did before there was this.
const DEFLATED: u8 = 1;
/// The highest level of `miniz_oxide` that is not its slow optimum; texts are short.
const LEVEL: u8 = 9;
/// A text unpacks to so many bytes at most: eight times the largest body that a door takes.
const UNPACKED_BYTES_MAX: usize = 2 << 20;

/// What is sealed for these bytes: compressed, unless that makes them no shorter.
pub(crate) fn pack(plain: &[u8]) -> Vec<u8> {
    let packed = compress_to_vec(plain, LEVEL);
    // Bytes that begin with the mark themselves would be read as compressed ones.
    if packed.len() + 1 < plain.len() || plain.first() == Some(&DEFLATED) {
        [&[DEFLATED], packed.as_slice()].concat()
    } else {
        plain.to_vec()
    }
}

/// The bytes that [`pack`] was given; `None` when they do not unpack.
pub(crate) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    match packed.split_first() {
        Some((&DEFLATED, deflated)) => {
            decompress_to_vec_with_limit(deflated, UNPACKED_BYTES_MAX).ok()
        }
        _ => Some(packed.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_and_a_text_of_old_is_itself() {
        let long = format!("{{\"text\":\"{}\"}}", "示例路口的井盖破了，请尽快更换。".repeat(20));
        for plain in [b"".as_slice(), b"{}", &[DEFLATED], &[DEFLATED; 9], long.as_bytes()] {
            assert_eq!(unpack(&pack(plain)).as_deref(), Some(plain));
        }
        assert!(pack(long.as_bytes()).len() < long.len() / 4);
        assert_eq!(unpack(long.as_bytes()).as_deref(), Some(long.as_bytes()));
    }

    #[test]
    fn what_does_not_unpack_or_unpacks_to_too_much_is_refused() {
        assert_eq!(unpack(&[DEFLATED, 0xff, 0xff]), None);
        let bomb = pack(&vec![b' '; UNPACKED_BYTES_MAX + 1]);
        assert_eq!((bomb.first(), unpack(&bomb)), (Some(&DEFLATED), None));
    }
}
