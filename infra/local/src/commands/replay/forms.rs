//! A message as a channel's own `submit`: its words, in its own form.

use anyhow::Context as _;
use domain::Timestamp;
use lettre::Message as Mail;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use serde_json::{Map, Value, json};

use super::messages::Message;
use super::photos::Spot;
use crate::wire::{Channel, message_id};

/// The address of the mayor's mailbox, as played.
const MAILBOX: &str = "mailbox@city.example";
/// What parts the parts of a form.
const BOUNDARY: &str = "lianxin-replay";

/// The names of a channel's fields for order id, time, title and text, and what else it must say.
fn words(channel: Channel) -> ([&'static str; 4], Value) {
    match channel {
        Channel::Hotline | Channel::Mailbox => {
            (["order_id", "sent_at", "title", "content"], json!({}))
        }
        Channel::App => (["report_id", "reported_at", "title", "text"], json!({})),
        Channel::LeaderBoard => (
            ["thread_id", "posted_at", "title", "content"],
            json!({ "addressee": "虚构市委书记", "domain": "城建" }),
        ),
        Channel::StateCouncil => {
            (["letter_id", "submitted_at", "title", "content"], json!({ "theme": "城乡建设" }))
        }
        Channel::Mediation => (
            ["case_id", "applied_at", "title", "facts"],
            json!({
                "dispute": "other",
                "centre": "虚构街道调解中心",
                "respondents": [{ "name": "样例民对方" }],
            }),
        ),
        Channel::Cyberspace => (
            ["clue_id", "published_at", "title", "text"],
            json!({ "platform": "虚构微博", "reads": 15230 }),
        ),
        Channel::MediaHelp => {
            (["story_id", "told_at", "title", "story"], json!({ "programme": "帮办热线" }))
        }
        Channel::Grid => (
            ["event_id", "found_at", "title", "text"],
            json!({ "loop": "city", "grid_code": "140581001003" }),
        ),
        Channel::StreetWhistle => {
            (["report_id", "reported_at", "title", "text"], json!({ "how": "behalf" }))
        }
    }
}

/// The body of `message` in its channel's own form, with the keys of the photos that were put before.
///
/// # Errors
/// When its time is none or no mail can be made of it.
pub(super) fn submit(seed: u64, message: &Message, keys: &[String]) -> anyhow::Result<Vec<u8>> {
    if message.channel == Channel::Mailbox {
        return mail(message);
    }
    let ([order, sent_at, title, text], more) = words(message.channel);
    let mut fields = Map::from_iter([
        ("type".to_owned(), json!("submit")),
        (order.to_owned(), json!(message.id)),
        (sent_at.to_owned(), json!(message.sent_at)),
        (title.to_owned(), json!(message.title)),
        (text.to_owned(), json!(message.body)),
        ("citizen".to_owned(), json!(message.citizen)),
    ]);
    fields.extend(more.as_object().cloned().unwrap_or_default());
    if message.channel == Channel::App {
        // Who photographs is at the place; nobody else lets the app know where they are.
        let spot = (message.photos > 0).then(|| Spot::of(seed, &message.id));
        fields.insert(
            "gps".to_owned(),
            json!(spot.map(|s| json!({ "lat": s.lat(), "lon": s.lon() }))),
        );
        fields.insert("photos".to_owned(), json!(keys));
    }
    let object = Value::Object(fields);
    Ok(match message.channel {
        Channel::MediaHelp => form(&object).into_bytes(),
        Channel::Grid => {
            format!("<events><event>{}</event></events>", elements(&object)).into_bytes()
        }
        Channel::Cyberspace => format!("{object}\n").into_bytes(),
        _ => object.to_string().into_bytes(),
    })
}

/// The texts of an object and of the objects in it, each with its path.
fn leaves(value: &Value, path: &str) -> Vec<(String, String)> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, inner)| {
                leaves(
                    inner,
                    &if path.is_empty() { name.clone() } else { format!("{path}.{name}") },
                )
            })
            .collect(),
        Value::Null => Vec::new(),
        Value::String(text) => vec![(path.to_owned(), text.clone())],
        other => vec![(path.to_owned(), other.to_string())],
    }
}

/// An object as a form: a member of a member has a name with a full stop.
fn form(object: &Value) -> String {
    let parts = leaves(object, "").into_iter().map(|(name, text)| {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        format!("--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n")
    });
    parts.collect::<String>() + &format!("--{BOUNDARY}--\r\n")
}

/// The members of an object as elements.
fn elements(value: &Value) -> String {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, inner)| format!("<{name}>{}</{name}>", elements(inner)))
            .collect(),
        Value::String(text) => escaped(text),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What XML 1.0 can say of a text: other control characters are in no such document.
fn escaped(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n'));
    kept.collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// From where a message is mailed.
pub(super) fn address(message: &Message) -> String {
    format!("citizen-{}@mail.example", message.id)
}

/// A mail, without the verdict that a mail server writes above it.
fn mail(message: &Message) -> anyhow::Result<Vec<u8>> {
    let sent = Timestamp::parse(&message.sent_at)
        .map_err(|fault| anyhow::anyhow!("sent_at must be {}", fault.0))?;
    let since = std::time::Duration::from_millis(u64::try_from(sent.millis()).unwrap_or_default());
    let from = Mailbox::new(
        message.citizen.name.clone(),
        address(message).parse().context("a sender's address")?,
    );
    let mail = Mail::builder()
        .from(from)
        .to(MAILBOX.parse().context("the mailbox's address")?)
        .date(std::time::UNIX_EPOCH + since)
        .message_id(Some(format!("<{}>", message_id(&message.id))))
        .subject(message.title.as_str())
        .header(ContentType::TEXT_PLAIN)
        .body(message.body.clone())
        .context("a message that makes no mail")?;
    Ok(mail.formatted())
}

#[cfg(test)]
mod tests {
    use lambda::http::Request;
    use lambda::{Adapter, Message as Read, Submission, Unverified};

    use super::super::messages;
    use super::*;

    fn adapter(channel: Channel) -> Box<dyn Adapter> {
        match channel {
            Channel::Hotline => Box::new(channel_hotline_12345::Hotline12345),
            Channel::App => Box::new(channel_gaoxiaoban::Gaoxiaoban),
            Channel::LeaderBoard => Box::new(channel_leader_board::LeaderBoard),
            Channel::StateCouncil => Box::new(channel_state_council::StateCouncil),
            Channel::Mediation => Box::new(channel_mediation::Mediation),
            Channel::Cyberspace => Box::new(channel_cyberspace::Cyberspace),
            Channel::MediaHelp => Box::new(channel_media_help::MediaHelp),
            Channel::Grid => Box::new(channel_grid::Grid),
            Channel::StreetWhistle => Box::new(channel_street_whistle::StreetWhistle),
            Channel::Mailbox => Box::new(channel_mayor_mailbox::MayorMailbox),
        }
    }

    /// What the channel's own adapter makes of it, with proof.
    fn read(channel: Channel, body: &[u8]) -> Submission {
        let secret = b"c2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXMtb3ItbW9y".to_vec();
        let headers = channel.headers(&secret, 1_800_000_000, body).into_iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).collect();
        let mut sent = body.to_vec();
        if channel == Channel::Mailbox {
            let server = crate::wire::verdict(&String::from_utf8_lossy(&secret));
            sent = [server.as_bytes(), body].concat();
        }
        let request = Request { path: String::new(), headers, body: sent };
        let wall = Timestamp::from_millis(1_800_000_000_000);
        let adapter = adapter(channel);
        let proven = Unverified::new(request, wall).verify(&*adapter, &[secret]).unwrap();
        match adapter.translate(&proven).unwrap().remove(0).unwrap() {
            Read::Submit(submission, _) => submission,
            other => panic!("{channel}: {other:?}"),
        }
    }

    fn is_read_as_it_was_said(message: &Message) {
        let channel = message.channel;
        let one = read(channel, &submit(1, message, &[]).unwrap());
        assert_eq!(one.order, channel.order(&message.id), "{channel}");
        assert_eq!((&one.title, &one.body), (&message.title, &message.body), "{channel}");
        assert_eq!(one.sent_at, Timestamp::parse(&message.sent_at).unwrap(), "{channel}");
        assert_eq!(one.citizen.name, message.citizen.name, "{channel}");
        let phone = (channel != Channel::Mailbox).then(|| message.citizen.phone.clone());
        assert_eq!(one.citizen.phone, phone.flatten(), "{channel}");
    }

    #[test]
    fn every_channel_s_adapter_reads_what_its_caller_is_played_to_say() {
        for mut message in messages::read(&[]).unwrap().into_iter().take(20) {
            message.citizen.name = Some("样例民甲".to_owned());
            message.citizen.phone = Some("10000000001".to_owned());
            message.body.push_str(" <b>&amp;\u{1F600}\n第二行");
            for channel in Channel::ALL {
                message.channel = channel;
                is_read_as_it_was_said(&message);
            }
        }
    }
}
