//! A mail as a message: whose it is, what it says, and whether it answers one of ours.

use contracts::{Circumstances, Citizen, Problem};
use domain::{Hash, MediaType, PHOTO_BYTES_MAX, PHOTOS_MAX, RequestKind, Timestamp};
use lambda::{Message as Read, Order, Photo, Submission};
use mail_parser::{Address, DateTime, HeaderValue, Message, MessageParser, MimeHeaders as _};

use crate::automatic::is_automatic;
use crate::bounds::{flat, head};
use crate::quoted::own_words;

/// The longest text and title that are taken, in characters, as in every contract.
const TEXT_CHARS_MAX: usize = 20_000;
const TITLE_CHARS_MAX: usize = 200;
/// A title that the mail does not have is so many first characters of the text.
const DERIVED_TITLE_CHARS: usize = 30;
/// The longest name and address that are kept, in characters.
const NAME_CHARS_MAX: usize = 64;
const ADDRESS_CHARS_MAX: usize = 254;
/// Sender and receiver may differ by this much before a time counts as in the future.
const SKEW_MS: i64 = 5 * Timestamp::MINUTE_MS;

/// Under which names sender and mail are kept with the request.
pub(crate) const ADDRESS: &str = Circumstances::EMAIL;
pub(crate) const MESSAGE_ID: &str = "邮件编号";

/// What a reply says that means more than its words.
pub(crate) const URGES: &str = "催办";
pub(crate) const WITHDRAWS: &str = "撤回";

/// The order id of a mail: its `Message-ID` may be longer than an order id, and hold anything.
#[must_use]
pub fn order_of(message_id: &str) -> String {
    Hash::of("lianxin.mail.v1", &[message_id.as_bytes()]).to_string()
}

/// The ways to read a mail, the likeliest first.
///
/// # Errors
/// A 400 problem for what is no mail, a 422 for one that says nothing or too much.
pub(crate) fn ways(bytes: &[u8], wall: Timestamp) -> Result<Vec<Result<Read, Problem>>, Problem> {
    let not_a_mail = || Problem::new(400, "not-a-mail", "The body is not a mail");
    let mail = head(bytes).and_then(|head| MessageParser::new().parse_headers(head));
    let mail = mail.ok_or_else(not_a_mail)?;
    if is_automatic(&mail) {
        return Ok(vec![Ok(Read::Noted("no person wrote this mail"))]);
    }
    let flat = flat(bytes).ok_or_else(|| {
        let problem = Problem::new(413, "too-large", "The mail is too long");
        problem.detail("It has more lines than any mail of that length.")
    })?;
    let parts = of_parts().parse(&flat).ok_or_else(not_a_mail)?;
    let own = own_words(&plain(&parts));
    let subject = clean(mail.subject().unwrap_or_default(), TITLE_CHARS_MAX);
    // Some people write all of it into the subject.
    let body = if own.is_empty() { subject.clone() } else { own };
    let problem = || Problem::new(422, "wrong-fields", "Some fields are not as the contract says");
    if body.is_empty() {
        return Err(problem().field("text", "required: some words in the mail or in its subject"));
    }
    if body.chars().count() > TEXT_CHARS_MAX {
        return Err(problem().field("text", format!("at most {TEXT_CHARS_MAX} characters")));
    }
    let id = mail.message_id().map_or_else(|| Hash::of_bytes(bytes).to_string(), order_of);
    let mut ways = Vec::new();
    if let Some(root) = answered(&mail) {
        let command = command(&with_attachments(&body, parts.attachment_count()));
        ways.push(Ok(Read::About { order: order_of(&root), message: id.clone(), command }));
    }
    let left = parts.attachment_count() - in_parts(&parts).count();
    ways.push(Ok(submission(&mail, (id, subject, body, left), wall)));
    Ok(ways)
}

/// Reads what a mail is made of; whose it is says its head.
fn of_parts() -> MessageParser {
    MessageParser::new().with_mime_headers().default_header_ignore()
}

/// What a person can read in a mail that was not understood: its subject, and all of its text, quotations
/// too. `None` for what is no mail.
pub(crate) fn words(bytes: &[u8]) -> Option<String> {
    let mail = MessageParser::new().parse_headers(head(bytes)?)?;
    let subject = clean(mail.subject().unwrap_or_default(), TITLE_CHARS_MAX);
    let flat = flat(bytes)?;
    let parts = of_parts().parse(&flat)?;
    Some(format!("{subject}\n\n{}", plain(&parts)).trim().to_owned())
}

fn submission(
    mail: &Message<'_>,
    (order, subject, body, left): (String, String, String, usize),
    wall: Timestamp,
) -> Read {
    let name = mail.from().and_then(Address::first).and_then(|from| from.name.as_deref());
    let name = name.map(|name| clean(name, NAME_CHARS_MAX)).filter(|name| !name.is_empty());
    let mut known = Circumstances::default();
    if let Some(address) = sender(mail) {
        known.particulars.insert(ADDRESS.to_owned(), clean(address, ADDRESS_CHARS_MAX));
    }
    // What we write is an answer to it, in its conversation; one that is too long begins a new one.
    if let Some(id) = mail.message_id().filter(|id| id.len() <= ADDRESS_CHARS_MAX) {
        known.particulars.insert(MESSAGE_ID.to_owned(), clean(id, ADDRESS_CHARS_MAX));
    }
    if left > 0 {
        known.particulars.insert("附件".to_owned(), format!("{left} 件，不是照片，未收存"));
    }
    let derived = || clean(body.trim(), DERIVED_TITLE_CHARS);
    let submission = Submission {
        order,
        want: RequestKind::Help,
        sent_at: sent_at(mail, wall),
        title: if subject.is_empty() { derived() } else { subject },
        body,
        citizen: Citizen { name, ..Citizen::default() },
        place: None,
        photos: Vec::new(),
    };
    Read::Submit(submission, known.boxed())
}

/// The photos in a mail, the first ones: a request has no more.
pub(crate) fn photos(bytes: &[u8]) -> Vec<Photo> {
    let Some(flat) = flat(bytes) else { return Vec::new() };
    let parts = of_parts().parse(&flat);
    parts.map(|parts| in_parts(&parts).collect()).unwrap_or_default()
}

fn in_parts<'a>(mail: &'a Message<'_>) -> impl Iterator<Item = Photo> + 'a {
    let parts = mail.attachments().filter_map(|part| {
        let of = part.content_type()?;
        let declared = format!("{}/{}", of.ctype(), of.subtype()?).to_ascii_lowercase();
        // Some programs have names of their own for the commonest kind.
        let declared = if declared == "image/jpg" { "image/jpeg" } else { &declared };
        let media = MediaType::parse(declared)?;
        let bytes = part.contents();
        (bytes.len() <= PHOTO_BYTES_MAX as usize).then(|| Photo { media, bytes: bytes.to_vec() })
    });
    parts.take(PHOTOS_MAX)
}

/// When it was sent. A clock that is wrong must not keep a mail out: then our mail server's stamp
/// counts, never the present time, or the same mail would be another request when it comes again.
fn sent_at(mail: &Message<'_>, wall: Timestamp) -> Timestamp {
    let possible = |date: &DateTime, latest: Timestamp| {
        let instant = Timestamp::from_millis(date.to_timestamp().saturating_mul(1000));
        (instant.millis() >= 0 && instant <= latest.plus_millis(SKEW_MS)).then_some(instant)
    };
    let came = mail.received_all().next().and_then(|stamp| stamp.date.as_ref());
    let came = came.and_then(|date| possible(date, wall));
    let said = mail.date().and_then(|date| possible(date, came.unwrap_or(wall)));
    said.or(came).unwrap_or(Timestamp::from_millis(0))
}

/// A supplement has words alone: it says that there was more.
fn with_attachments(body: &str, count: usize) -> String {
    if count == 0 {
        body.to_owned()
    } else {
        format!("{body}\n（来信另有附件 {count} 件，未收存）")
    }
}

/// A reply whose first line is one of two words means the word; the rest is its reason.
fn command(body: &str) -> Order {
    let first = body.lines().next().unwrap_or_default();
    let bare = first.trim().trim_end_matches(['。', '！', '!', '.']);
    let text = Some(body.to_owned());
    match bare {
        URGES => Order::Urge { text },
        WITHDRAWS => Order::Withdraw { text },
        _ => Order::Supplement { text: body.to_owned() },
    }
}

/// The mail that began the conversation, if this is not the first.
fn answered(mail: &Message<'_>) -> Option<String> {
    [mail.references(), mail.in_reply_to()].into_iter().find_map(|value| match value {
        HeaderValue::Text(text) => Some(text.to_string()),
        HeaderValue::TextList(list) => list.first().map(ToString::to_string),
        _ => None,
    })
}

/// The address of who wrote it.
pub(crate) fn sender<'a>(mail: &'a Message<'_>) -> Option<&'a str> {
    mail.from().and_then(Address::first).and_then(|from| from.address.as_deref())
}

/// The text of the mail; of HTML what is to be read in it. Without what no text may hold.
fn plain(mail: &Message<'_>) -> String {
    let text = mail.body_text(0).unwrap_or_default();
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// One line of at most `max` characters.
fn clean(text: &str, max: usize) -> String {
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(max).collect();
    line.trim().to_owned()
}
