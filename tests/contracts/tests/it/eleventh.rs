//! An eleventh channel, as `docs/adding-a-channel.md` adds it: every block of the page is held to the
//! code, put where it says, and a city is started with it. The crate is `tests/channel-letters`; it is
//! in no template, so nothing deploys it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

mod page;

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use domain::{ChannelName, TicketId};
use lianxin_local::city::FUNCTIONS;
use lianxin_local::template::{LOCAL_PARAMETERS, Template, parse_parameters};
use serde_json::{Value, json};

use self::page::Page;
use crate::caller::Caller;
use crate::deployment;
use crate::support::{assert_valid, bytes, json, names, path, text, validator};
use crate::wire::{Wire, hmac, json_object};

const CHANNEL: &str = "letters";
const CONTRACT: &str = "tests/channel-letters/contract";

/// The page's lines of `wire.rs`, as they would stand there.
static LETTERS: Wire = Wire {
    name: "letters",
    order: "letter_no",
    ending: ".json",
    prove: hmac,
    messages: json_object,
    batch: false,
    adapter: || Box::new(channel_letters::Letters),
};

/// How a channel's messages look on the wire, the eleventh's too.
pub(crate) fn wire_of(channel: &str) -> &'static Wire {
    if channel == CHANNEL { &LETTERS } else { Wire::of(channel) }
}

/// Where a channel's contract lies.
pub(crate) fn contract_of(channel: &str) -> String {
    if channel == CHANNEL { CONTRACT.to_owned() } else { format!("events/channels/{channel}") }
}

/// A template, and the folders of the functions that it should have.
pub(crate) struct Stand {
    pub(crate) folders: BTreeSet<String>,
    pub(crate) text: String,
    pub(crate) root: serde_norway::Value,
    pub(crate) template: Template,
}

impl Stand {
    fn of(folders: BTreeSet<String>, text: String) -> Self {
        let parameters = parse_parameters(LOCAL_PARAMETERS).unwrap();
        let template = Template::parse(&text, &parameters).unwrap();
        let root = serde_norway::from_str(&text).unwrap();
        Self { folders, text, root, template }
    }

    fn eleventh(text: String) -> Self {
        let mut folders: BTreeSet<String> = names("functions").into_iter().collect();
        folders.insert(format!("channel-{CHANNEL}"));
        Self::of(folders, text)
    }
}

/// The template as it is, and with the page's lines.
pub(crate) fn stands() -> [Stand; 2] {
    let folders = names("functions").into_iter().collect();
    let page = Page::read();
    let template = text("infra/template.yaml");
    [Stand::of(folders, template.clone()), Stand::eleventh(page.applied(&template, |_| true))]
}

#[test]
fn the_page_is_drawn_from_what_is_tested() {
    let page = Page::read();
    let drawn = page.drawn();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path(page::FILE), drawn).unwrap();
    } else {
        assert!(page.text == drawn, "{}: run with UPDATE_DOCS=1:\n{drawn}", page::FILE);
    }
    let wire = page.block("tests/contracts/tests/it/wire.rs");
    let wire = wire.trim().trim_end_matches(',');
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let this = text("tests/contracts/tests/it/eleventh.rs");
    assert!(bare(&this).contains(&bare(wire)), "LETTERS is not the page's:\n{wire}");
}

#[test]
fn the_page_names_every_file_that_names_a_channel() {
    let told: BTreeSet<String> = Page::read().files();
    assert_eq!(page::files_that_name_its_neighbour(), told);
}

/// Which of the page's lines could be forgotten, and nobody would notice?
#[test]
fn no_line_of_the_template_can_be_forgotten() {
    let (page, template) = (Page::read(), text("infra/template.yaml"));
    let parts = page.parts_of_template();
    assert!(parts.len() > 20, "the lines were not found: {parts:?}");
    deployment::rules(&Stand::eleventh(page.applied(&template, |_| true)));
    let mut unnoticed = Vec::new();
    for part in &parts {
        let without = page.applied(&template, |one| one != part);
        let noticed = catch_unwind(|| deployment::rules(&Stand::eleventh(without))).is_err();
        if !noticed {
            unnoticed.push(part);
        }
    }
    assert!(unnoticed.is_empty(), "no rule misses {unnoticed:#?}");
}

#[test]
fn its_samples_are_as_its_schema_says() {
    let schema = validator(&format!("{CONTRACT}/schema.json"));
    let sample = |name: &str| json(&format!("{CONTRACT}/samples/{name}"));
    assert_valid(&schema, &sample("good-01-signed-by-many.json"), "good-01");
    assert!(!schema.is_valid(&sample("bad-01-no-letter.json")));
}

#[tokio::test]
async fn a_city_takes_its_posts_refuses_wrong_ones_and_tells_it() {
    let [_, stand] = stands();
    let mut functions = FUNCTIONS.to_vec();
    functions.push(("channel-letters", channel_letters::function));
    let caller = Caller::start_as(stand.template, &functions).await;
    let sample = |name: &str| bytes(&format!("{CONTRACT}/samples/{name}"));

    let answer = caller.post(&LETTERS, &sample("good-01-signed-by-many.json")).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    assert_valid(&validator("events/schemas/answer.v1.schema.json"), &answer.json, "the answer");
    let order = "XF-0001";
    let id = TicketId::derive(&ChannelName::parse(CHANNEL).unwrap(), order);
    assert_eq!(answer.json["ticket"], id.as_str());

    let problems = validator("events/schemas/problem.v1.schema.json");
    let bad = sample("bad-01-no-letter.json");
    let wrong = caller.post(&LETTERS, &bad).await;
    let forged = caller.post_to("/channels/letters", &hmac(b"another", 0, &bad), &bad).await;
    for (refused, status) in [(&wrong, 422), (&forged, 401)] {
        assert_eq!(refused.status, status, "{}", refused.text);
        assert_eq!(refused.media_type, "application/problem+json");
        assert_valid(&problems, &refused.json, "the problem");
        assert!(!refused.text.contains("样例"), "{}", refused.text);
    }
    let fields: Vec<&Value> =
        wrong.json["errors"].as_array().unwrap().iter().map(|fault| &fault["field"]).collect();
    let expected = json(&format!("{CONTRACT}/samples/bad-01-no-letter.expected.json"));
    assert_eq!(json!({ "status": wrong.status, "fields": fields }), expected);

    caller.until_answered(&LETTERS, order).await;
    let begun = Instant::now();
    let told = loop {
        let told = caller.told(CHANNEL).await;
        if told.iter().any(|one| one["status"] == "answered") {
            break told;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "told only {told:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(told[0]["status"], "accepted", "{told:?}");
    assert!(told.iter().all(|one| one["letter_no"] == order), "{told:?}");
    caller.stop().await;
}
