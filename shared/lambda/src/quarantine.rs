//! Quarantine (隔离): what a channel has proven to be its own and nobody understood is neither lost nor a
//! request. It is sealed as it came; staff see that it is there and why, read its words, and make it a
//! request or drop it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::{Circumstances, Citizen, Problem, QuarantineId, Quarantined, QuarantinedText};
use domain::{Access, Reading, RecordId, RequestKind, Ticket, TicketId, Timestamp, mask};
use ports::{PortError, World};

use crate::door::{Admitted, Submission, submit_with};
use crate::read::{ReadError, Reader};

/// So many characters of what can be read in a message are kept, as many as a request's text may have.
const WORDS_CHARS_MAX: usize = 20_000;
/// The lengths of a title and of an order id, in characters, as in every contract.
const TITLE_CHARS_MAX: usize = 200;
const ORDER_CHARS_MAX: usize = 64;
/// A title that nobody gives is so many first characters of the words.
const DERIVED_TITLE_CHARS: usize = 30;
/// The particular of a request that says that it came from here, and why.
const PARTICULAR: &str = "隔离";

/// A message that was not understood: as it came, and what a person can read in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its bytes.
    pub raw: Vec<u8>,
    /// What a person can read in it.
    pub words: String,
}

impl Unread {
    /// One whose bytes are its words.
    #[must_use]
    pub fn text(raw: &[u8]) -> Self {
        Self { raw: raw.to_vec(), words: String::from_utf8_lossy(raw).into_owned() }
    }
}

/// It may hold anything about anybody.
impl std::fmt::Debug for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unread({} bytes)", self.raw.len())
    }
}

/// Keeps a message that was refused with `problem`.
///
/// # Errors
/// [`PortError`]; the same message again is safe.
pub(crate) async fn keep(
    world: &World,
    channel: &domain::ChannelName,
    (problem, unread): (&Problem, &Unread),
) -> Result<(), PortError> {
    let id = QuarantineId::of(channel, &unread.raw);
    let words = unread.words.chars().take(WORDS_CHARS_MAX).collect();
    let text = QuarantinedText { words, raw: STANDARD.encode(&unread.raw) };
    let (key, ciphertext) = world.vault().seal_apart(&id.key(), &text.to_bytes()).await?;
    let about = (problem, unread.raw.len(), world.clock.wall());
    let sealed = (STANDARD.encode(key), STANDARD.encode(ciphertext));
    world.quarantine.put(&id, &Quarantined::of(&id, about, sealed).to_bytes()).await?;
    tracing::warn!(%channel, quarantine.id = %id, kind = problem.kind, "in quarantine");
    Ok(())
}

/// Why something in quarantine is not dealt with as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuarantineError {
    /// There is no such entry.
    #[error(
        "nothing lies in quarantine under this id: it was admitted or dropped, or thirty days are over; list what is there"
    )]
    Missing,
    /// Nothing can be read in it.
    #[error("there are no words in it that could become a request: drop it")]
    NoWords,
    /// The title is none.
    #[error("a title has 1 to {TITLE_CHARS_MAX} characters, in one line: give another")]
    Title,
    /// The order id is none.
    #[error("an order id has 1 to {ORDER_CHARS_MAX} characters without white space: give another")]
    Order,
    /// Another request has this order id.
    #[error(
        "ticket {0} stands under this order id with other content: if it is this very message, drop the entry, else give another order id"
    )]
    Taken(String),
    /// The role table refuses it, or a store did not answer.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<PortError> for QuarantineError {
    fn from(error: PortError) -> Self {
        Self::Read(error.into())
    }
}

/// Everything that lies in quarantine, the oldest first; what cannot be read is `None`.
///
/// # Errors
/// [`PortError`].
pub async fn quarantined(
    world: &World,
) -> Result<Vec<(QuarantineId, Option<Quarantined>)>, PortError> {
    let (mut all, mut from) = (Vec::new(), None);
    loop {
        let page = world.quarantine.list(from.as_ref()).await?;
        for id in page.items {
            let Some(bytes) = world.quarantine.get(&id).await? else { continue };
            all.push((id, Quarantined::from_bytes(&bytes)));
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    let at = |entry: &Option<Quarantined>| entry.as_ref().map(|entry| entry.at.clone());
    all.sort_by_key(|(_, entry)| at(entry));
    Ok(all)
}

/// Opens an entry for a person, numbers and plates masked. The journal tells of it first, under the
/// ticket that the entry would become.
///
/// # Errors
/// [`QuarantineError`], and nothing is shown.
pub async fn quarantined_words(
    world: &World,
    reader: &Reader,
    id: &QuarantineId,
) -> Result<(Quarantined, String), QuarantineError> {
    let entry = entry(world, id).await?;
    // It is no unit's yet, so no handler's either.
    let directory = world.rules.directory().await?;
    reader.actor.check_reader(reader.unmasked, &directory).map_err(ReadError::from)?;
    let ticket = TicketId::derive(id.channel(), &id.order());
    let reading = Reading {
        actor: reader.actor.clone(),
        reason: reader.reason,
        access: if reader.unmasked { Access::Unmasked } else { Access::Masked },
        records: vec![RecordId::request(&ticket)],
        tickets: vec![ticket],
    };
    world.journal.append(reading, world.clock.now()).await?;
    let words = words(&open(world, id, &entry).await?);
    let shown = if reader.unmasked { words } else { mask::text(&words, &[]) };
    Ok((entry, shown))
}

/// Makes an entry a request of its channel, and removes it. The same again, after a crash wherever, makes
/// no second ticket.
///
/// # Errors
/// [`QuarantineError`] says what to do; the entry stays.
pub async fn admit_quarantined(
    world: &World,
    id: &QuarantineId,
    (title, order): (Option<&str>, Option<&str>),
) -> Result<Ticket, QuarantineError> {
    let is_order = |text: &str| {
        (1..=ORDER_CHARS_MAX).contains(&text.chars().count())
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    };
    if !order.is_none_or(is_order) {
        return Err(QuarantineError::Order);
    }
    let is_title = |text: &str| {
        !text.trim().is_empty()
            && text.chars().count() <= TITLE_CHARS_MAX
            && !text.chars().any(char::is_control)
    };
    if !title.is_none_or(is_title) {
        return Err(QuarantineError::Title);
    }
    let order = order.map_or_else(|| id.order(), str::to_owned);
    let Some(bytes) = world.quarantine.get(id).await? else {
        // Admitted before, perhaps by this very command, whose answer was lost.
        let ticket = TicketId::derive(id.channel(), &order);
        let stands = world.tickets.load(&ticket).await?;
        return stands.map(|stored| stored.ticket).ok_or(QuarantineError::Missing);
    };
    let entry = read(&bytes)?;
    let submission = submission(&entry, &open(world, id, &entry).await?, (title, order))?;
    let mut known = Circumstances::default();
    known.particulars.insert(PARTICULAR.to_owned(), entry.reason());
    let ticket = match submit_with(world, id.channel(), (&submission, Some(&known))).await? {
        Admitted::Created(ticket) | Admitted::Known(ticket) => ticket,
        Admitted::Conflict(ticket) => {
            return Err(QuarantineError::Taken(ticket.number().to_string()));
        }
    };
    world.quarantine.remove(id).await?;
    Ok(ticket)
}

/// Removes an entry that is nothing.
///
/// # Errors
/// [`QuarantineError`].
pub async fn drop_quarantined(world: &World, id: &QuarantineId) -> Result<(), QuarantineError> {
    world.quarantine.get(id).await?.ok_or(QuarantineError::Missing)?;
    Ok(world.quarantine.remove(id).await?)
}

/// Everything in it follows from the entry, so that the same again is the same request.
fn submission(
    entry: &Quarantined,
    text: &QuarantinedText,
    (title, order): (Option<&str>, String),
) -> Result<Submission, QuarantineError> {
    let body = words(text);
    if body.is_empty() {
        return Err(QuarantineError::NoWords);
    }
    let first = body.lines().next().unwrap_or_default().replace('\t', " ");
    Ok(Submission {
        order,
        want: RequestKind::Help,
        sent_at: Timestamp::parse(&entry.at).map_err(|_fault| unreadable())?,
        title: match title {
            Some(title) => title.trim().to_owned(),
            None => first.chars().take(DERIVED_TITLE_CHARS).collect(),
        },
        body,
        citizen: Citizen::default(),
        place: None,
        photos: Vec::new(),
    })
}

/// What a text may hold of the words.
fn words(text: &QuarantinedText) -> String {
    let kept = text.words.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    kept.collect::<String>().trim().to_owned()
}

async fn entry(world: &World, id: &QuarantineId) -> Result<Quarantined, QuarantineError> {
    let bytes = world.quarantine.get(id).await?.ok_or(QuarantineError::Missing)?;
    Ok(read(&bytes)?)
}

fn read(bytes: &[u8]) -> Result<Quarantined, PortError> {
    Quarantined::from_bytes(bytes).ok_or_else(unreadable)
}

async fn open(
    world: &World,
    id: &QuarantineId,
    entry: &Quarantined,
) -> Result<QuarantinedText, PortError> {
    let decode = |text: &str| STANDARD.decode(text).map_err(|_quoted| unreadable());
    let (key, ciphertext) = (decode(&entry.key)?, decode(&entry.ciphertext)?);
    let plain = world.vault().open_apart(&id.key(), (&key, &ciphertext)).await?;
    QuarantinedText::from_bytes(&plain).ok_or_else(unreadable)
}

fn unreadable() -> PortError {
    PortError::Permanent("what lies in quarantine is not one of this version".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Quarantined {
        Quarantined {
            at: "2026-01-20T09:12:30.000+08:00".to_owned(),
            bytes: 3,
            channel: "one".to_owned(),
            ciphertext: String::new(),
            fields: vec!["title".to_owned(), "citizen.phone".to_owned()],
            format: Quarantined::FORMAT.to_owned(),
            key: String::new(),
            problem: "urn:lianxin:problem:wrong-fields".to_owned(),
            sha256: String::new(),
        }
    }

    fn of(words: &str, title: Option<&str>) -> Result<Submission, QuarantineError> {
        let text = QuarantinedText { words: words.to_owned(), raw: String::new() };
        submission(&entry(), &text, (title, "A-1".to_owned()))
    }

    #[test]
    fn the_words_are_the_text_and_their_beginning_the_title() {
        let made = of(" 路灯坏了。\u{7}\n第二行 \n", None).unwrap();
        assert_eq!((made.title.as_str(), made.body.as_str()), ("路灯坏了。", "路灯坏了。\n第二行"));
        assert_eq!(made.title, of(" 路灯坏了。", None).unwrap().title);
        assert_eq!(of(&"灯".repeat(99), None).unwrap().title.chars().count(), DERIVED_TITLE_CHARS);
        assert_eq!(of("路灯坏了。", Some(" 路灯 ")).unwrap().title, "路灯");
        for nothing in ["", " \n\t", "\u{0}\u{1}"] {
            assert_eq!(of(nothing, Some("a")), Err(QuarantineError::NoWords));
        }
    }

    #[test]
    fn an_entry_says_why_it_lies_there() {
        assert_eq!(entry().reason(), "wrong-fields: title, citizen.phone");
        let whole = Quarantined { fields: Vec::new(), ..entry() };
        assert_eq!(whole.reason(), "wrong-fields");
    }

    #[test]
    fn a_debug_print_shows_no_word() {
        let unread = Unread::text("样例民甲".as_bytes());
        assert_eq!(unread.words, "样例民甲");
        assert_eq!(format!("{unread:?}"), "Unread(12 bytes)");
    }
}
