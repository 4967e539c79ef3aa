//! The five messages that an order-keeping channel posts as JSON, read once for all such channels.
//!
//! Their contracts agree in what can be said; each names some fields in its own words, and adds
//! what is peculiar to it.

use contracts::{Circumstances, Citizen, Problem};
use domain::{RequestKind, Satisfaction, Timestamp};
use serde_json::{Map, Value};

use crate::channel::{Message, SATISFACTION_WORDS, Verified};
use crate::command::Order;
use crate::door::Submission;
use crate::json::{Fields, object};

/// The lengths of the contracts' texts, in characters.
const ID: usize = 64;
const TITLE: (usize, usize) = (1, 200);
const BODY: (usize, usize) = (1, 20_000);
const NAME: (usize, usize) = (1, 64);
const ADDRESS: (usize, usize) = (1, 300);
const PHONE: (usize, usize) = (5, 20);
/// A title that the channel does not send is so many first characters of the text.
const DERIVED_TITLE_CHARS: usize = 30;

/// Sender and receiver may differ by this much before a time counts as in the future.
const SKEW_MS: i64 = 5 * Timestamp::MINUTE_MS;

/// What is peculiar to a channel's contract.
#[derive(Clone, Copy, Debug)]
pub struct Contract {
    /// The field with the channel's own id of the request.
    pub order: &'static str,
    /// The field with the time of sending.
    pub sent_at: &'static str,
    /// The field with the text.
    pub text: &'static str,
    /// Whether a request without a title is refused; else its text's beginning is the title.
    pub title_required: bool,
    /// The messages that it may post.
    pub types: &'static [Type],
    /// Reads the fields of a `submit` that only this channel has.
    pub more: fn(&mut Fields, &mut Submission, &mut Circumstances),
}

/// The kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A new request.
    Submit,
    /// The citizen adds something.
    Supplement,
    /// The citizen asks to hurry.
    Urge,
    /// The citizen takes it back.
    Withdraw,
    /// The citizen rates the result.
    Rate,
}

impl Type {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Submit, Self::Supplement, Self::Urge, Self::Withdraw, Self::Rate];

    /// The word in the field `type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Supplement => "supplement",
            Self::Urge => "urge",
            Self::Withdraw => "withdraw",
            Self::Rate => "rate",
        }
    }

    /// Reads such a word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// What a request of such a channel submits: one message.
///
/// # Errors
/// A 400 problem for what is not JSON, a 422 that names every wrong field; neither quotes anything.
pub fn translate(
    contract: &Contract,
    request: &Verified,
) -> Result<Vec<Result<Message, Problem>>, Problem> {
    read(contract, request.body(), request.wall()).map(|message| vec![Ok(message)])
}

fn read(contract: &Contract, body: &[u8], wall: Timestamp) -> Result<Message, Problem> {
    message(contract, object(body)?, wall)
}

/// One message, from the members of an object: of JSON, or of whatever a channel's adapter has
/// brought into this form.
///
/// # Errors
/// A 422 that names every wrong field and quotes nothing.
pub fn message(
    contract: &Contract,
    members: Map<String, Value>,
    wall: Timestamp,
) -> Result<Message, Problem> {
    let mut fields = Fields::new(members);
    let words: Vec<&str> = contract.types.iter().map(|kind| kind.as_str()).collect();
    let kind = fields.word("type", Type::parse, &words);
    let Some(kind) = kind.filter(|kind| contract.types.contains(kind)) else {
        // Without its type no other field has a meaning: say only that.
        let problem = Problem::new(422, "wrong-fields", "Some fields are not as the contract says");
        return Err(problem.field("type", format!("one of {}", words.join(", "))));
    };
    let order = fields.identifier(contract.order, ID);
    let message = match kind {
        Type::Submit => {
            let mut known = Circumstances::default();
            let submission = submission(contract, (&mut fields, &mut known), order, wall);
            Message::Submit(submission, known.boxed())
        }
        Type::Supplement | Type::Urge | Type::Withdraw | Type::Rate => {
            let message = fields.identifier("message_id", ID);
            Message::About { order, message, command: about(contract, &mut fields, kind) }
        }
    };
    fields.finish()?;
    Ok(message)
}

fn submission(
    contract: &Contract,
    (fields, known): (&mut Fields, &mut Circumstances),
    order: String,
    wall: Timestamp,
) -> Submission {
    let kinds: Vec<&str> = RequestKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let want = fields.optional_word("kind", RequestKind::parse, &kinds);
    let sent_at = fields.instant(contract.sent_at, wall.plus_millis(SKEW_MS));
    let title = if contract.title_required {
        Some(fields.text("title", TITLE))
    } else {
        fields.optional_text("title", TITLE)
    };
    let body = fields.text(contract.text, BODY);
    let mut submission = Submission {
        order,
        want: want.unwrap_or(RequestKind::Help),
        sent_at,
        title: title.unwrap_or_else(|| body.trim().chars().take(DERIVED_TITLE_CHARS).collect()),
        body,
        citizen: fields.inside("citizen", citizen),
        place: None,
        photos: Vec::new(),
    };
    (contract.more)(fields, &mut submission, known);
    submission
}

/// A person, as every contract names one: `name`, `phone`, `address`, none of them required.
pub fn citizen(fields: &mut Fields) -> Citizen {
    let phone = fields.optional_text("phone", PHONE);
    if phone.as_ref().is_some_and(|phone| !is_phone(phone)) {
        fields.note("phone", "5 to 20 digits, with an optional leading + and hyphens");
    }
    Citizen {
        name: fields.optional_text("name", NAME),
        phone: phone.map(|phone| phone.chars().filter(char::is_ascii_digit).collect()),
        address: fields.optional_text("address", ADDRESS),
    }
}

fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.chars().all(|c| c.is_ascii_digit() || c == '-')
        && digits.chars().filter(char::is_ascii_digit).count() >= 5
}

fn about(contract: &Contract, fields: &mut Fields, kind: Type) -> Order {
    match kind {
        Type::Urge => Order::Urge { text: fields.optional_text(contract.text, BODY) },
        Type::Withdraw => Order::Withdraw { text: fields.optional_text(contract.text, BODY) },
        Type::Rate => {
            let said_nothing = !fields.has("solved") && !fields.has("satisfaction");
            if said_nothing {
                fields.note("satisfaction", "a rating says `solved`, `satisfaction` or both");
            }
            let solved = fields.optional_bool("solved");
            let satisfaction =
                fields.optional_word("satisfaction", Satisfaction::parse, SATISFACTION_WORDS);
            Order::Rate { solved, satisfaction }
        }
        Type::Submit | Type::Supplement => {
            Order::Supplement { text: fields.text(contract.text, BODY) }
        }
    }
}
