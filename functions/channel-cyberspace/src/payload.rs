//! What is peculiar to the office's messages (`events/channels/cyberspace/schema.json`): one a line,
//! and where on the web it was said.

use contracts::{Circumstances, Problem};
use lambda::Submission;
use lambda::json::{Fields, JsonObject, object};
use lambda::messages::{Contract, Type};

/// The longest batch, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// So many messages one batch may hold: they are taken one after the other, within one answer.
pub(crate) const LINES_MAX: usize = 100;
/// The longest line, in bytes; a text of 20,000 characters fits.
const LINE_BYTES_MAX: usize = 128 * 1024;
/// The lengths of a platform's name and of an address, in characters.
const PLATFORM: (usize, usize) = (1, 64);
const URL: (usize, usize) = (8, 500);

/// The office's words for what all such channels post, and its own fields.
pub(crate) const CONTRACT: Contract = Contract {
    order: "clue_id",
    sent_at: "published_at",
    text: "text",
    title_required: false,
    types: &[Type::Submit, Type::Supplement, Type::Urge, Type::Withdraw],
    more,
};

fn more(fields: &mut Fields, _submission: &mut Submission, known: &mut Circumstances) {
    let platform = fields.text("platform", PLATFORM);
    known.particulars.insert("平台".to_owned(), platform);
    if let Some(url) = fields.optional_text("url", URL) {
        if !url.starts_with("https://") && !url.starts_with("http://") {
            fields.note("url", "an address that begins with http:// or https://");
        }
        known.particulars.insert("链接".to_owned(), url);
    }
    if fields.has("reads") {
        let reads = fields.whole("reads", 0..=u32::MAX);
        known.particulars.insert("阅读量".to_owned(), reads.to_string());
    }
}

/// The lines of a batch, each without its ending.
///
/// # Errors
/// A 400 problem for none, a 413 for too many.
pub(crate) fn lines(body: &[u8]) -> Result<Vec<&[u8]>, Problem> {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    if body.is_empty() {
        return Err(Problem::new(400, "empty", "The body holds no message"));
    }
    let count = body.iter().filter(|byte| **byte == b'\n').count() + 1;
    if count > LINES_MAX {
        let problem = Problem::new(413, "too-large", "The batch is too long");
        return Err(problem.detail(format!("At most {LINES_MAX} lines.")));
    }
    let lines = body.split(|byte| *byte == b'\n');
    Ok(lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect())
}

/// The object of a line.
///
/// # Errors
/// A 413 problem for too long a line, a 400 for what is not one JSON object.
pub(crate) fn object_of(line: &[u8]) -> Result<JsonObject, Problem> {
    if line.len() > LINE_BYTES_MAX {
        let problem = Problem::new(413, "too-large", "The line is too long");
        return Err(problem.detail(format!("At most {LINE_BYTES_MAX} bytes a line.")));
    }
    object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_the_caller_counts_them() {
        assert_eq!(lines(b"a\nb\r\n").unwrap(), [b"a".as_slice(), b"b"]);
        assert_eq!(lines(b"a\n\nb").unwrap(), [b"a".as_slice(), b"", b"b"]);
        assert_eq!(lines(b"\n").unwrap_err().status, 400);
        assert_eq!(lines(&b"{}\n".repeat(LINES_MAX)).unwrap().len(), LINES_MAX);
        assert_eq!(lines(&b"{}\n".repeat(LINES_MAX + 1)).unwrap_err().status, 413);
        assert_eq!(object_of(&vec![b' '; LINE_BYTES_MAX + 1]).unwrap_err().status, 413);
        assert!(object_of(b"{}").is_ok());
    }
}
