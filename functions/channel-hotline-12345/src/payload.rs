//! What the hotline posts, field by field (`events/channels/hotline-12345/schema.json`).

use contracts::{Citizen, Problem};
use domain::{RequestKind, Satisfaction, Timestamp};
use lambda::channel::SATISFACTION_WORDS;
use lambda::json::{Fields, object};
use lambda::{Message, Submission};

/// The lengths of the contract's texts, in characters.
const ID: usize = 64;
const TITLE: (usize, usize) = (1, 200);
const BODY: (usize, usize) = (1, 20_000);
const NAME: (usize, usize) = (1, 64);
const ADDRESS: (usize, usize) = (1, 300);
const PHONE: (usize, usize) = (5, 20);

/// The kinds of message.
const TYPES: &[&str] = &["submit", "supplement", "urge", "withdraw", "rate"];

/// Sender and receiver may differ by this much before a time counts as in the future.
const SKEW_MS: i64 = 5 * Timestamp::MINUTE_MS;

#[derive(Clone, Copy)]
enum Type {
    Submit,
    Supplement,
    Urge,
    Withdraw,
    Rate,
}

fn parse_type(text: &str) -> Option<Type> {
    Some(match text {
        "submit" => Type::Submit,
        "supplement" => Type::Supplement,
        "urge" => Type::Urge,
        "withdraw" => Type::Withdraw,
        "rate" => Type::Rate,
        _ => return None,
    })
}

/// Reads a body that is proven to come from the hotline.
///
/// # Errors
/// A 400 problem for what is not JSON, a 422 that names every wrong field; neither quotes anything.
pub(crate) fn read(body: &[u8], wall: Timestamp) -> Result<Message, Problem> {
    let mut fields = Fields::new(object(body)?);
    let Some(kind) = fields.word("type", parse_type, TYPES) else {
        // Without its type no other field has a meaning: say only that.
        let problem = Problem::new(422, "wrong-fields", "Some fields are not as the contract says");
        return Err(problem.field("type", format!("one of {}", TYPES.join(", "))));
    };
    let order = fields.identifier("order_id", ID);
    let message = match kind {
        Type::Submit => Message::Submit(submission(&mut fields, order, wall)),
        Type::Supplement | Type::Urge | Type::Withdraw | Type::Rate => {
            let message = fields.identifier("message_id", ID);
            Message::About { order, message, command: about(&mut fields, kind) }
        }
    };
    fields.finish()?;
    Ok(message)
}

fn submission(fields: &mut Fields, order: String, wall: Timestamp) -> Submission {
    let kinds: Vec<&str> = RequestKind::ALL.iter().map(|kind| kind.as_str()).collect();
    Submission {
        order,
        want: fields.optional_word("kind", RequestKind::parse, &kinds).unwrap_or(RequestKind::Help),
        sent_at: fields.instant("sent_at", wall.plus_millis(SKEW_MS)),
        title: fields.text("title", TITLE),
        body: fields.text("content", BODY),
        citizen: fields.inside("citizen", citizen),
    }
}

fn citizen(fields: &mut Fields) -> Citizen {
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

fn about(fields: &mut Fields, kind: Type) -> lambda::Order {
    use lambda::Order;
    match kind {
        Type::Urge => Order::Urge { text: fields.optional_text("content", BODY) },
        Type::Withdraw => Order::Withdraw { text: fields.optional_text("content", BODY) },
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
        Type::Submit | Type::Supplement => Order::Supplement { text: fields.text("content", BODY) },
    }
}
