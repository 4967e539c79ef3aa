//! The schema of a timeline's entry and the code know the same events with the same fields.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::collections::BTreeSet;

use contracts::EntryWire;
use domain::{
    Actor, Candidates, ChannelName, CommandId, DeclineGround, Entry, Event, EventKind, Hash,
    ItemCode, Limit, Matter, MediaType, Outcome, PhotoRefusal, PublicNumber, RecordId, RequestKind,
    Satisfaction, SealedRef, Status, Step, TicketId, Tier, Timestamp, UnitCode, Via,
};
use serde_json::{Value, json};

use crate::invented;
use crate::support::{assert_valid, compile, json};

const SCHEMA: &str = "events/schemas/dossier.v1.schema.json";

fn entry_validator() -> jsonschema::Validator {
    let schema = json(SCHEMA);
    compile(&json!({
        "$schema": schema["$schema"],
        "$defs": schema["$defs"],
        "$ref": "#/$defs/entry",
    }))
}

fn note() -> SealedRef {
    let record = RecordId::of_command(&CommandId::derive("sample", "note"));
    SealedRef { record, seal: Hash::of_bytes(b"note") }
}

fn received() -> Event {
    let id: TicketId = invented::ticket_id();
    Event::Received {
        channel: ChannelName::parse("hotline-12345").unwrap(),
        number: PublicNumber::new(&id, Timestamp::from_millis(1_768_871_551_250)),
        want: RequestKind::Help,
        request: note(),
    }
}

fn dispatched(confidence: Option<u16>) -> Event {
    Event::Dispatched {
        item: ItemCode::parse("UC-001").unwrap(),
        unit: UnitCode::parse("urban-management").unwrap(),
        tier: Tier::City,
        limit: Limit::Hours(2),
        calendar: "sample-1".to_owned(),
        due: Timestamp::from_millis(1_768_878_751_250),
        citizen_due: Timestamp::from_millis(1_768_878_751_250),
        confidence,
    }
}

/// Every kind of event, with and without what is optional.
fn events() -> Vec<Event> {
    let codes = ["UC-001", "UC-002"].map(|code| ItemCode::parse(code).unwrap());
    let (contacted, solved, satisfaction) = (Some(true), Some(false), Some(Satisfaction::Fairly));
    let mut all = vec![
        received(),
        Event::Accepted {},
        dispatched(Some(917)),
        dispatched(None),
        Event::Doubted { candidates: Candidates(codes.into()) },
        Event::Doubted { candidates: Candidates::default() },
        Event::Opened {},
        Event::Supplemented { note: note() },
        Event::Noted { note: note() },
        Event::Attached { photo: note(), media: MediaType::Webp, bytes: 4711 },
        Event::AttachmentRefused { reason: PhotoRefusal::Damaged },
        Event::Resolved { outcome: Outcome::Solved, reply: note() },
        Event::Answered {},
        Event::CallFailed {},
        Event::FollowedUp { reached: true, via: Via::Channel, contacted, solved, satisfaction },
        Event::FollowedUp {
            reached: false,
            via: Via::Call,
            contacted: None,
            solved: None,
            satisfaction: None,
        },
        Event::Rated { solved, satisfaction },
        Event::Rated { solved: None, satisfaction: None },
        Event::Reopened {},
        Event::Evaluated { contacted, solved, satisfaction },
        Event::Evaluated { contacted: None, solved: None, satisfaction: None },
        Event::Archived { key: "d/x.json".to_owned(), sha256: Hash::ZERO, sealed_seq: 9 },
        Event::AddendumSealed { key: "d/x/12.json".to_owned(), sha256: Hash::ZERO, sealed_seq: 12 },
        Event::Held { from: Status::Resolved, attempts: 10 },
        Event::Retried {},
        Event::MatterClosed { matter: Matter::Whistle, granted: false },
        Event::Merged { lead: invented::ticket_id() },
        Event::Unmerged {},
        Event::Erased {},
    ];
    for note in [None, Some(note())] {
        all.push(Event::Declined { ground: DeclineGround::Repeated, note: note.clone() });
        all.push(Event::Withdrawn { note: note.clone() });
        all.push(Event::Urged { note: note.clone() });
        all.push(Event::MatterOpened { matter: Matter::Merge, note });
    }
    all
}

fn wire(event: Event) -> Value {
    let at = Timestamp::from_millis(1_768_871_551_250);
    let actor = Actor::Step(Step::Intake);
    let entry = Entry { seq: 2, at, actor, cause: None, event, prev: Hash::ZERO };
    serde_json::to_value(EntryWire::from(&entry)).unwrap()
}

fn code_reads(entry: &Value) -> bool {
    let wire: Result<EntryWire, _> = serde_json::from_value(entry.clone());
    wire.is_ok_and(|wire| Entry::try_from(wire).is_ok())
}

#[test]
fn the_schema_knows_every_kind_of_event_and_no_other() {
    let defs = json(SCHEMA)["$defs"].clone();
    let listed = defs["entry"]["oneOf"].as_array().unwrap();
    let kinds: Vec<String> = listed
        .iter()
        .map(|one| {
            let name = one["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            assert_eq!(defs[name]["properties"]["kind"]["const"], name);
            name.to_owned()
        })
        .collect();
    let known: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(kinds, known, "in the order of the code");
    let tried: BTreeSet<_> = events().iter().map(Event::kind).collect();
    assert_eq!(tried.len(), known.len(), "this test must try every kind");
}

#[test]
fn the_schema_takes_every_event_that_the_code_writes() {
    let validator = entry_validator();
    for event in events() {
        let entry = wire(event);
        assert_valid(&validator, &entry, &entry.to_string());
        assert!(code_reads(&entry), "{entry}");
    }
}

#[test]
fn a_field_less_more_or_other_is_refused_by_both_or_by_neither() {
    let validator = entry_validator();
    for event in events() {
        let entry = wire(event);
        let fields = entry["fields"].as_object().unwrap();
        let mut variants = Vec::new();
        for name in fields.keys() {
            let mut less = entry.clone();
            less["fields"].as_object_mut().unwrap().remove(name);
            variants.push(less);
            // Free texts can be anything.
            if !matches!(name.as_str(), "calendar" | "key") {
                let mut other = entry.clone();
                other["fields"][name] = json!("今天 ?");
                variants.push(other);
            }
        }
        let mut more = entry.clone();
        more["fields"]["remark"] = json!("x");
        variants.push(more);
        for variant in variants {
            let (schema, code) = (validator.is_valid(&variant), code_reads(&variant));
            assert_eq!(schema, code, "schema {schema}, code {code}: {variant}");
        }
    }
}

#[test]
fn the_schema_s_words_are_the_code_s() {
    let defs = json(SCHEMA)["$defs"].clone();
    let words = |value: &Value| -> Vec<String> { serde_json::from_value(value.clone()).unwrap() };
    let field = |kind: &str, name: &str| {
        words(&defs[kind]["properties"]["fields"]["properties"][name]["enum"])
    };
    macro_rules! all {
        ($name:ident) => {
            $name::ALL.iter().map(|one| one.as_str().to_owned()).collect::<Vec<_>>()
        };
    }
    assert_eq!(words(&defs["matter"]["enum"]), all!(Matter));
    assert_eq!(words(&defs["satisfaction"]["enum"]), all!(Satisfaction));
    assert_eq!(field("received", "want"), all!(RequestKind));
    assert_eq!(field("dispatched", "tier"), all!(Tier));
    assert_eq!(field("declined", "ground"), all!(DeclineGround));
    assert_eq!(field("attached", "media"), all!(MediaType));
    assert_eq!(field("attachment_refused", "reason"), all!(PhotoRefusal));
    assert_eq!(field("resolved", "outcome"), all!(Outcome));
    assert_eq!(field("followed_up", "via"), all!(Via));
    assert_eq!(field("held", "from"), all!(Status));
    let answer = json("events/schemas/answer.v1.schema.json");
    assert_eq!(words(&answer["properties"]["status"]["enum"]), all!(Status));
}
