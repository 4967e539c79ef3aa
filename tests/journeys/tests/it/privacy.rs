//! Nothing of a person is found outside sealed records: no canary, no pseudonym, no run of twelve
//! characters of a title, body or reply, in any byte that a city leaves behind.

use std::collections::HashSet;
use std::process::Stdio;

use contracts::Hint;
use serde_json::Value;

use crate::search::{Search, left_behind};
use crate::support::{TestCity, messages_file};

/// So many characters in a row are a text and no accident.
const RUN: usize = 12;

/// What must not be found.
struct Needles {
    runs: HashSet<String>,
    whole: Search,
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    (0..ends.len().saturating_sub(RUN)).map(move |first| &text[ends[first]..ends[first + RUN]])
}

impl Needles {
    fn of(city: &TestCity, messages: &str) -> Self {
        let (mut found, mut whole) = (HashSet::new(), Vec::new());
        for line in messages.lines() {
            let message: Value = serde_json::from_str(line).unwrap();
            for name in ["title", "body", "reply"] {
                found.extend(runs(message[name].as_str().unwrap_or_default()).map(str::to_owned));
            }
            whole.push(message["user"].as_str().unwrap().to_owned());
        }
        let canaries = std::fs::read_to_string(city.path().join("canaries.txt")).unwrap();
        whole.extend(canaries.lines().map(str::to_owned));
        Self { runs: found, whole: Search::of(whole) }
    }

    /// What of them is in `bytes`, read as text and with JSON's escapes undone.
    fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        let text = String::from_utf8_lossy(bytes);
        let plain = unescape(&text);
        for text in [text.as_ref(), &plain] {
            if let Some(found) = runs(text).find_map(|run| self.runs.get(run)) {
                return Some(found);
            }
        }
        self.whole.found_in(bytes).or_else(|| self.whole.found_in(plain.as_bytes()))
    }
}

/// `\uXXXX` as the character it stands for.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u") {
        plain.push_str(before);
        let code = after
            .get(..4)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        rest = if let Some(c) = code {
            plain.push(c);
            &after[4..]
        } else {
            after
        };
    }
    plain.push_str(rest);
    plain
}

#[tokio::test]
async fn no_text_and_no_person_is_found_outside_sealed_records() {
    let city = TestCity::new();
    let file = messages_file();
    let messages: String = {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().take(200).map(|line| format!("{line}\n")).collect()
    };
    let input = city.path().with_extension("jsonl");
    std::fs::write(&input, &messages).unwrap();

    // With everything logged that can be.
    let up = city.up_with("RUST_LOG", "trace");
    let replay =
        city.command(&["replay", input.to_str().unwrap()]).stdout(Stdio::piped()).spawn().unwrap();
    let bodies = queue_bodies(&city).await;
    let output = replay.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    // A refused request must leave nothing either.
    let secret = city.secret();
    for line in messages.lines().take(20) {
        let (status, answer) = up.post(&secret, line.as_bytes()).await;
        assert_eq!(status, 422, "{answer}");
    }
    up.stop();

    assert!(!bodies.is_empty(), "no queue body was seen");
    for body in &bodies {
        // A hint that reads back as itself holds a ticket's id and a version, and nothing else.
        assert_eq!(Hint::from_body(body).unwrap().to_body(), *body);
    }
    let needles = Needles::of(&city, &messages);
    let (mut bytes, mut looked_at) = (0, Vec::new());
    for (name, content) in left_behind(city.path()) {
        assert_eq!(needles.found_in(&content), None, "found in {name}");
        bytes += content.len();
        looked_at.push(name);
    }
    assert_eq!(needles.found_in(&output.stdout), None, "found in the result of replay");
    println!("{bytes} bytes in {} files, nothing found", looked_at.len());
    for part in ["dynamo.db", "logs/city.log", "s3/"] {
        assert!(looked_at.iter().any(|name| name.starts_with(part)), "{part} was not looked at");
    }
    search_finds_what_is_there(&city, &needles, &messages);
}

/// The search would find a text, a person and an escaped text if they were there: it finds the
/// public numbers, which are.
fn search_finds_what_is_there(city: &TestCity, needles: &Needles, messages: &str) {
    let first: Value = serde_json::from_str(messages.lines().next().unwrap()).unwrap();
    let (title, user) = (first["body"].as_str().unwrap(), first["user"].as_str().unwrap());
    let escaped: String = title.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    for planted in
        [format!("\0\u{1}{title}\0"), format!("xx{user}xx"), format!("{{\"a\":\"{escaped}\"}}")]
    {
        assert!(needles.found_in(planted.as_bytes()).is_some(), "the search is blind");
    }
    let log = std::fs::read_to_string(city.path().join("logs/city.log")).unwrap();
    let ticket = log
        .split("\"ticket.id\":\"")
        .nth(1)
        .and_then(|rest| rest.get(..26))
        .expect("a ticket in the log");
    let database = std::fs::read(city.path().join("dynamo.db")).unwrap();
    assert!(
        String::from_utf8_lossy(&database).contains(ticket),
        "the database is not searchable as text"
    );
}

/// Some bodies from the queues of a busy city, taken between the functions' own looks.
async fn queue_bodies(city: &TestCity) -> Vec<String> {
    let access = city.access().await;
    let mut bodies = Vec::new();
    for _ in 0..60 {
        for step in ["intake", "dispatch", "archive"] {
            let url = access.queue_url(&format!("lianxin-step-{step}")).unwrap();
            let receive =
                access.clients.sqs.receive_message().queue_url(&url).max_number_of_messages(10);
            for message in receive.send().await.unwrap().messages() {
                bodies.push(message.body().unwrap().to_owned());
                let put_back = access
                    .clients
                    .sqs
                    .change_message_visibility()
                    .queue_url(&url)
                    .visibility_timeout(0);
                put_back.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
            }
        }
        if bodies.len() >= 20 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    bodies
}
