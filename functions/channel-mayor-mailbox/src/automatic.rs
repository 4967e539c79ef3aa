//! Mail that no person wrote: out-of-office notes, bounces, lists. It makes no ticket and is never
//! answered, or two machines would write to each other for ever (RFC 3834).

use mail_parser::Message;

/// What the values of the headers are that only machines write.
const TELLING: &[(&str, &[&str])] = &[
    ("auto-submitted", &["auto-"]),
    ("precedence", &["bulk", "junk", "list", "auto_reply"]),
    ("x-auto-response-suppress", &["all", "dr", "rn", "nrn", "oof", "autoreply"]),
    ("x-autoreply", &["yes", "true", "1"]),
    ("list-id", &[""]),
    ("x-failed-recipients", &[""]),
];
/// Mailboxes that only machines write from.
const SENDERS: &[&str] = &["mailer-daemon@", "postmaster@", "noreply@", "no-reply@", "donotreply@"];
/// How subjects begin that only machines write.
const SUBJECTS: &[&str] =
    &["自动回复", "自动答复", "系统退信", "auto:", "automatic reply", "out of office", "undeliver"];

/// Whether no person wrote it.
pub(crate) fn is_automatic(mail: &Message<'_>) -> bool {
    let told = TELLING.iter().any(|(name, values)| {
        let value = mail.header_raw(*name).map(|value| value.trim().to_lowercase());
        value.is_some_and(|value| values.iter().any(|one| value.starts_with(one)))
    });
    let empty_path = mail.header_raw("return-path").is_some_and(|path| path.trim() == "<>");
    let report = mail.content_type_is("multipart", "report");
    let sender = crate::read::sender(mail).unwrap_or_default().to_lowercase();
    let subject = mail.subject().unwrap_or_default().trim().to_lowercase();
    told || empty_path
        || report
        || SENDERS.iter().any(|start| sender.starts_with(start))
        || SUBJECTS.iter().any(|start| subject.starts_with(start))
}

/// Asks for the content type of the whole mail.
trait ContentTypeIs {
    fn content_type_is(&self, main: &str, sub: &str) -> bool;
}

impl ContentTypeIs for Message<'_> {
    fn content_type_is(&self, main: &str, sub: &str) -> bool {
        use mail_parser::MimeHeaders as _;
        self.content_type().is_some_and(|of| {
            of.ctype().eq_ignore_ascii_case(main)
                && of.subtype().is_some_and(|one| one.eq_ignore_ascii_case(sub))
        })
    }
}
