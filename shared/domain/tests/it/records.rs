//! The canonical form: one event has one record, and one record at most one event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use domain::{Actor, Event, Record, RecordFault};
use proptest::prelude::*;

use crate::support::{deeds_on, perform, reached};

/// Every event that a command can lead to, but for its times.
fn events() -> &'static [Event] {
    static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(find_events);
    &EVENTS
}

fn find_events() -> Vec<Event> {
    let mut events = BTreeMap::new();
    let mut add = |event: &Event| {
        let Record { kind, mut fields } = event.to_record();
        fields.retain(|name, _| !name.ends_with("due"));
        events.insert((kind, fields), event.clone());
    };
    add(&crate::support::ticket().timeline()[0].event);
    for ticket in reached() {
        let now = ticket.timeline().last().unwrap().at;
        for after in
            deeds_on(ticket).iter().filter_map(|deed| perform(ticket, deed, now, None).ok())
        {
            for entry in after.timeline().iter().skip(ticket.timeline().len()) {
                add(&entry.event);
            }
        }
    }
    events.into_values().collect()
}

/// The ways in which a careless or a clever hand spoils a text.
fn spoiled(text: &str) -> Vec<String> {
    let noise = ["", " ", ",", "+", "-", ".", "0", "\n", "\u{0}", "，", "a", "wd"];
    let mut spoiled: Vec<String> = noise
        .iter()
        .flat_map(|noise| [format!("{text}{noise}"), format!("{noise}{text}"), (*noise).to_owned()])
        .collect();
    spoiled.extend([text.to_uppercase(), text.to_lowercase(), text.replace(',', ",,")]);
    spoiled.push(text.chars().skip(1).collect());
    spoiled
}

/// The chain hashes what was read: a record that reads as an event must be that event's own.
#[test]
fn whatever_reads_as_an_event_is_its_own_record() {
    for event in events() {
        let record = event.to_record();
        assert_eq!(Event::from_record(&record).as_ref(), Ok(event));
        for (name, text) in &record.fields {
            for spoiled in spoiled(text) {
                let mut other = record.clone();
                other.fields.insert(name.clone(), spoiled);
                let read = Event::from_record(&other).map(|event| event.to_record());
                assert!(read.is_err() || read == Ok(other), "{}.{name}", record.kind);
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_reads_as_an_actor_is_its_own_text(text in "(step|channel|staff|sweep)?:?[a-z0-9/._ -]{0,24}") {
        if let Ok(actor) = Actor::parse(&text) {
            prop_assert_eq!(actor.to_string(), text);
        }
    }
}

#[test]
fn a_missing_or_unknown_field_is_told_without_its_value() {
    let secret = "张三";
    for event in events() {
        let record = event.to_record();
        let mut more = record.clone();
        more.fields.insert("name".to_owned(), secret.to_owned());
        assert_eq!(Event::from_record(&more), Err(RecordFault::Unknown));
        for name in record.fields.keys() {
            let mut wrong = record.clone();
            wrong.fields.insert(name.clone(), secret.to_owned());
            if let Err(fault) = Event::from_record(&wrong) {
                assert!(!fault.to_string().contains(secret), "{fault}");
            }
            wrong.fields.remove(name);
            let missing = Event::from_record(&wrong);
            assert!(missing.is_err() || missing.unwrap().to_record() == wrong, "{name}");
        }
    }
    let record = Record { kind: "eaten".to_owned(), fields: BTreeMap::new() };
    assert_eq!(Event::from_record(&record), Err(RecordFault::Kind));
}

/// An event names sealed records and never holds a text: its fields are codes, numbers and digests.
#[test]
fn the_fields_of_each_event_are_as_reviewed() {
    let mut lines = BTreeSet::new();
    for event in events() {
        let record = event.to_record();
        let named = record.fields.get("record").map(String::as_str);
        let photo = match event {
            Event::Attached { photo, .. } => Some(photo),
            _ => None,
        };
        let sealed = event.sealed().or(photo);
        assert_eq!(named, sealed.map(|sealed| sealed.record.as_str()));
        let names: Vec<&str> = record.fields.keys().map(String::as_str).collect();
        lines.insert(format!("{}: {}", record.kind, names.join(" ")).trim_end().to_owned());
    }
    insta::assert_snapshot!(lines.into_iter().collect::<Vec<_>>().join("\n"));
}
