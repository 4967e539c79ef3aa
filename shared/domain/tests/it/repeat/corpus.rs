//! Real messages, where there are any; they are never copied here.

use std::collections::BTreeMap;
use std::path::Path;

use domain::repeat::{Seen, Sketch, place_words};
use domain::{Timestamp, UnitCode};
use serde_json::Value;

use super::{KEY, ticket};

/// A message and the ticket that it would be.
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) seen: Seen,
}

/// The first code of a district or town in a text (A3区, A7县): the set writes its places so.
fn township(text: &str) -> Option<UnitCode> {
    let text: Vec<char> = text.chars().collect();
    let code = |at: usize| {
        let (first, rest) = text.get(at..)?.split_first()?;
        let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        let ends = rest.get(digits).is_some_and(|c| "区县市".contains(*c));
        let is_code = first.is_ascii_uppercase() && digits > 0 && ends;
        is_code.then(|| text[at..=at + digits].iter().collect::<String>())
    };
    UnitCode::parse(&(0..text.len()).find_map(code)?).ok()
}

fn message(line: &str) -> Message {
    let row: Value = serde_json::from_str(line).unwrap();
    let cell = |name: &str| row[name].as_str().unwrap().to_owned();
    let (id, user, title, body) = (cell("id"), cell("user"), cell("title"), cell("body"));
    let seen = Seen {
        ticket: ticket(&id),
        citizen: Some(*domain::Hash::of_bytes(user.as_bytes()).as_bytes()),
        received_at: Timestamp::parse(&cell("sent_at")).unwrap(),
        township: township(&format!("{title}|{body}")),
        village: None,
        sketch: Sketch::of(&title, &body, &place_words(&title, &body), &KEY),
    };
    Message { id, title, body, seen }
}

/// The messages that people liked, in the order in which they came; `None`, loudly, where there are none.
pub(crate) fn liked() -> Option<Vec<Message>> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::vars()
        .find(|(name, _)| name == "LIANXIN_MESSAGES")
        .map_or(default, |(_, dir)| dir.into());
    let file = folder.join("messages_liked.jsonl");
    if !file.is_file() {
        println!("SKIPPED: no liked messages at {} (set LIANXIN_MESSAGES)", file.display());
        return None;
    }
    let text = std::fs::read_to_string(file).unwrap();
    let mut messages: Vec<Message> = text.lines().map(message).collect();
    messages.sort_by_key(|message| message.seen.received_at);
    Some(messages)
}

/// By id.
pub(crate) fn by_id(messages: &[Message]) -> BTreeMap<&str, &Seen> {
    messages.iter().map(|message| (message.id.as_str(), &message.seen)).collect()
}
