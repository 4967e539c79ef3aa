//! What of a mail may reach the parser. It makes a value of every header and part, and a tree of mails
//! within mails: of ten megabytes of the shortest of them it would make more than the function has.

/// The longest header section, in bytes: several times what mail servers let through.
const HEAD_BYTES_MAX: usize = 256 * 1024;
/// So many lines a mail may have: one of the greatest length has fewer, at 76 bytes each.
const LINES_MAX: usize = 200_000;
/// Types of part that the parser would read as further mails, one within the other.
const NESTING: &[(&[u8], &[u8])] =
    &[(b"message", b"rfc822"), (b"message", b"global"), (b"multipart", b"digest")];

/// The header section with the empty line that ends it; `None` when it is too long.
pub(crate) fn head(mail: &[u8]) -> Option<&[u8]> {
    let starts = std::iter::once(0).chain(ends_of_lines(mail));
    let empty = |from: &usize| {
        let rest = mail.get(*from..).unwrap_or_default();
        rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
    };
    let end = starts.take_while(|from| *from <= HEAD_BYTES_MAX).find(empty);
    let end = end.map_or(mail.len(), |from| from.saturating_add(2).min(mail.len()));
    mail.get(..end).filter(|head| head.len() <= HEAD_BYTES_MAX + 2)
}

/// The mail with mails within it as attachments like any other; `None` when it has too many lines.
pub(crate) fn flat(mail: &[u8]) -> Option<Vec<u8>> {
    if ends_of_lines(mail).count() > LINES_MAX {
        return None;
    }
    let mut flat = mail.to_vec();
    for (main, sub) in NESTING {
        let mut begun = false;
        for at in 0..mail.len() {
            let rest = mail.get(at..).unwrap_or_default();
            // Halves of a type stand in one header section.
            begun &= !rest.starts_with(b"\n\n") && !rest.starts_with(b"\n\r\n");
            begun |= starts_with(rest, main) && goes_on(rest.get(main.len()..).unwrap_or_default());
            if begun && starts_with(rest, sub) {
                flat.iter_mut().skip(at + sub.len() - 1).take(1).for_each(|last| *last = b'_');
            }
        }
    }
    Some(flat)
}

/// Whether what follows the first half of a type may lead to the second: a slash, a comment before it,
/// a quotation mark.
fn goes_on(rest: &[u8]) -> bool {
    rest.trim_ascii_start().first().is_some_and(|next| b"/(\"".contains(next))
}

fn starts_with(bytes: &[u8], word: &[u8]) -> bool {
    bytes.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn ends_of_lines(mail: &[u8]) -> impl Iterator<Item = usize> {
    mail.iter().zip(1..).filter_map(|(byte, end)| (*byte == b'\n').then_some(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_ends_at_the_first_empty_line_and_has_a_limit() {
        for (mail, wanted) in [
            ("a: b\r\nc: d\r\n\r\ne\r\n\r\n", "a: b\r\nc: d\r\n\r\n"),
            ("a: b\n\ne", "a: b\n\ne"),
            ("\r\na: b", "\r\n"),
            ("a: b", "a: b"),
            ("", ""),
        ] {
            assert_eq!(head(mail.as_bytes()), Some(wanted.as_bytes()), "{mail:?}");
        }
        let long = |lines: usize| "a: bcd\r\n".repeat(lines) + "\r\n";
        assert!(head(long(HEAD_BYTES_MAX / 8).as_bytes()).is_some());
        assert_eq!(head(long(HEAD_BYTES_MAX / 8 + 1).as_bytes()), None);
        assert_eq!(head(&vec![b'a'; HEAD_BYTES_MAX + 3]), None);
    }

    #[test]
    fn mails_within_a_mail_are_attachments_like_any_other() {
        for (mail, wanted) in [
            ("Content-Type: Message / RFC822\n", "Content-Type: Message / RFC82_\n"),
            ("content-type:\n multipart/digest;", "content-type:\n multipart/diges_;"),
            ("\"message\"(a)/global", "\"message\"(a)/globa_"),
            ("a global digest of rfc822", "a global digest of rfc822"),
            ("Message-ID: <a>\n\nour global message", "Message-ID: <a>\n\nour global message"),
            ("Content-Type: message/a\n\nglobal", "Content-Type: message/a\n\nglobal"),
        ] {
            assert_eq!(flat(mail.as_bytes()).unwrap(), wanted.as_bytes(), "{mail}");
        }
        let far = |end: &str| format!("message {}/rfc82{end}", "(a) ".repeat(1_000)).into_bytes();
        assert_eq!(flat(&far("2")), Some(far("_")));
        assert!(flat(&vec![b'\n'; LINES_MAX]).is_some());
        assert_eq!(flat(&vec![b'\n'; LINES_MAX + 1]), None);
    }
}
