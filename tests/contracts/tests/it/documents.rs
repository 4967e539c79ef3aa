//! What `events/` tells people is what it tells machines.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use domain::{EventKind, Status};
use lambda::Adapter;
use lianxin_local::template::Template;
use serde_json::Value;

use crate::support::{json, names, path, text};
use crate::told::notices;
use crate::wire::{WIRES, Wire};

#[test]
fn the_catalogue_names_every_contract_queue_and_channel() {
    let catalogue = text("events/README.md");
    let template = Template::local().unwrap();
    for queue in &template.queues {
        let name = queue.name.strip_prefix("lianxin-").unwrap();
        // What every channel has stands there once.
        let channel = name.strip_prefix("channel-").and_then(|rest| rest.split_once("-tell"));
        let name = channel
            .map_or_else(|| name.to_owned(), |(_, rest)| format!("channel-<name>-tell{rest}"));
        assert!(catalogue.contains(&format!("`{name}`")), "events/README.md lacks `{name}`");
    }
    for schema in names("events/schemas") {
        let tag = schema.strip_suffix(".schema.json").unwrap();
        assert!(catalogue.contains(&format!("`{tag}`")), "events/README.md lacks `{tag}`");
        assert!(catalogue.contains(&format!("(schemas/{schema})")), "no link to {schema}");
    }
    for channel in names("events/channels") {
        assert!(catalogue.contains(&format!("(channels/{channel}/README.md)")), "{channel}");
    }
}

/// Every property's name anywhere in a schema.
fn properties(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(members)) = map.get("properties") {
                found.extend(members.keys().cloned());
            }
            map.values().for_each(|value| properties(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_guides_name_every_type_field_word_header_and_answer() {
    for wire in WIRES {
        guide_names_everything(wire);
    }
}

fn guide_names_everything(wire: &Wire) {
    let channel = wire.name;
    let guide = text(&format!("events/channels/{channel}/README.md"));
    let schema = json(&format!("events/channels/{channel}/schema.json"));
    let headers = (wire.prove)(b"", 0, b"").into_iter();
    let mut told: Vec<String> = headers.map(|(name, _)| name.to_owned()).collect();
    told.push((wire.adapter)().body_bytes_max().to_string());
    properties(&schema, &mut told);
    for one in schema["oneOf"].as_array().unwrap() {
        told.push(one["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
    }
    let submit = &schema["$defs"]["submit"]["properties"];
    let rate = &schema["$defs"]["rate"]["properties"];
    for words in [&submit["kind"]["enum"], &rate["satisfaction"]["enum"]] {
        let words = words.as_array().into_iter().flatten().filter_map(Value::as_str);
        told.extend(words.map(str::to_owned));
    }
    told.extend([202, 400, 401, 404, 409, 413, 422, 503].map(|status: u16| status.to_string()));
    for word in told {
        // `citizen.name` tells of `name`, and 262,144 of 262144.
        let named = [format!("`{word}`"), format!(".{word}`"), thousands(&word)];
        assert!(
            named.iter().any(|n| guide.contains(n)),
            "the guide of {channel} does not tell of `{word}`"
        );
    }
}

const BEGIN: &str = "<!-- coverage:begin -->";
const END: &str = "<!-- coverage:end -->";

/// How a channel is told what became of a request: in which form, and by which headers it knows us.
fn told_by(adapter: &dyn Adapter) -> (&'static str, String) {
    let (media, body) = adapter.tell(&notices().remove(0)).unwrap();
    let headers = adapter.sign(b"c2VjcmV0c2VjcmV0", ("key", "1800000000"), &body).into_iter();
    let names: Vec<String> = headers.map(|(name, _)| format!("`{name}`")).collect();
    (media, names.join(" "))
}

/// One row a channel: what it can do, as its adapter, its contract and its samples say.
fn coverage() -> String {
    let mut rows = vec![
        "| channel | messages | proven by | bytes at most | batch | attachments | asks how it stands | told in | told by | samples |".to_owned(),
        "|---|---|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    let yes = |has: bool| if has { "yes" } else { "–" };
    for wire in WIRES {
        let (adapter, schema) =
            ((wire.adapter)(), json(&format!("events/channels/{}/schema.json", wire.name)));
        let types = schema["oneOf"].as_array().unwrap().iter();
        let types: Vec<&str> =
            types.map(|one| one["$ref"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
        let headers = (wire.prove)(b"", 0, b"").into_iter();
        let headers: Vec<String> = headers.map(|(name, _)| format!("`{name}`")).collect();
        let (media, by) = told_by(&*adapter);
        rows.push(format!(
            "| `{}` | {} | {} | {} | {} | {} | {} | `{media}` | {by} | {} + {} |",
            wire.name,
            types.join(", "),
            headers.join(" "),
            thousands(&adapter.body_bytes_max().to_string()).replace('`', ""),
            yes(wire.batch),
            if adapter.takes_uploads() { "photos, uploaded" } else { "–" },
            yes(adapter.tells_status()),
            wire.samples("good-").len(),
            wire.samples("bad-").len(),
        ));
    }
    let mails = |kind: &str| {
        let all = names("events/channels/mayor-mailbox/samples").into_iter();
        all.filter(|name| name.starts_with(kind) && name.ends_with(".eml")).count()
    };
    let (media, by) = told_by(&channel_mayor_mailbox::MayorMailbox);
    assert!(by.is_empty(), "the mail server knows us by our password");
    rows.push(format!(
        "| `mayor-mailbox` | submit, supplement, urge, withdraw | `Authentication-Results` | {} | – | photos, within it | – | `{media}` | SMTP | {} + {} |",
        thousands(&channel_mayor_mailbox::MayorMailbox.body_bytes_max().to_string()),
        mails("good-"),
        mails("bad-"),
    ));
    rows.join("\n")
}

#[test]
fn the_coverage_table_is_what_the_adapters_do() {
    let catalogue = text("events/README.md");
    let (before, rest) = catalogue.split_once(BEGIN).unwrap();
    let (block, after) = rest.split_once(END).unwrap();
    let wanted = format!("\n{}\n", coverage());
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        std::fs::write(path("events/README.md"), format!("{before}{BEGIN}{wanted}{END}{after}"))
            .unwrap();
    } else {
        assert!(block == wanted, "events/README.md: run with UPDATE_SAMPLES=1:{wanted}");
    }
}

/// A number as people write it.
fn thousands(word: &str) -> String {
    if word.len() < 4 || word.parse::<u64>().is_err() {
        return format!("`{word}`");
    }
    let digits = word.char_indices();
    digits.fold(String::new(), |mut text, (at, digit)| {
        if at > 0 && (word.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
        text
    })
}

#[test]
fn the_guides_tell_when_a_message_is_possible() {
    for wire in WIRES {
        let schema = json(&format!("events/channels/{}/schema.json", wire.name));
        guide_tells_when(&text(&format!("events/channels/{}/README.md", wire.name)), &schema);
    }
}

fn guide_tells_when(guide: &str, schema: &Value) {
    let cases: [(&str, &[EventKind]); 4] = [
        ("supplement", &[EventKind::Supplemented]),
        ("urge", &[EventKind::Urged]),
        ("withdraw", &[EventKind::Withdrawn]),
        // A rating is the follow-up where one is waited for.
        ("rate", &[EventKind::FollowedUp, EventKind::Rated]),
    ];
    for (kind, events) in cases {
        if schema["$defs"].get(kind).is_none() {
            continue;
        }
        let row = guide.lines().find(|line| line.starts_with(&format!("| `{kind}` |"))).unwrap();
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let told: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        let may = |status: &Status| events.iter().any(|event| status.after(*event).is_ok());
        let possible: Vec<&str> =
            Status::ALL.iter().copied().filter(may).map(Status::as_str).collect();
        assert_eq!(told, possible, "the guide's row of `{kind}`");
    }
}
