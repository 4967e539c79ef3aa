//! The schema of a timeline's entry and the code know the same events with the same fields.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::collections::BTreeSet;

use contracts::EntryWire;
use domain::directory::Skill;
use domain::fund::{ActKind, EntryRef, Money};
use domain::{
    Actor, Candidates, CardKind, ChannelName, CommandId, DeclineGround, Dues, Entry, Event,
    EventKind, Hash, ItemCode, Level, Likely, LikelyLead, Limit, Matter, MediaType, MemberId,
    Outcome, Owner, Paper, PhotoRefusal, PublicNumber, RecordId, RequestKind, ReturnGround,
    Satisfaction, SealedRef, Stage, Status, Step, Terms, TicketId, Tier, Timestamp, Trigger,
    UnitCode, Units, Via, Why,
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

fn received(found_by: Option<UnitCode>) -> Event {
    let id: TicketId = invented::ticket_id();
    Event::Received {
        channel: ChannelName::parse("hotline-12345").unwrap(),
        number: PublicNumber::new(&id, Timestamp::from_millis(1_768_871_551_250)),
        want: RequestKind::Help,
        request: note(),
        found_by,
    }
}

fn unit(code: &str) -> UnitCode {
    UnitCode::parse(code).unwrap()
}

fn member() -> MemberId {
    MemberId::parse("m00001").unwrap()
}

fn due() -> Timestamp {
    Timestamp::from_millis(1_768_878_751_250)
}

fn dispatched(confidence: Option<u16>) -> Event {
    Event::Dispatched {
        item: ItemCode::parse("UC-001").unwrap(),
        unit: unit("urban-management"),
        tier: Tier::City,
        limit: Limit::Hours(2),
        calendar: "sample-1".to_owned(),
        due: due(),
        citizen_due: due(),
        confidence,
        catalog: confidence.map(|_| 3),
    }
}

fn both() -> Units {
    Units::from([unit("mishan"), unit("transport")])
}

/// What a matter can ask for.
fn terms() -> [Terms; 12] {
    let like = |score| LikelyLead { ticket: invented::ticket_id(), score };
    let (limit, due, trigger) = (Limit::Workdays(5), due(), Trigger::Convened);
    [
        Terms::Plain,
        Terms::Return { ground: ReturnGround::NotOurDuty, propose: None, due },
        Terms::Return { ground: ReturnGround::NotOurArea, propose: Some(unit("mishan")), due },
        Terms::Extension { limit, to: Owner::Unit(unit("mishan")), due },
        Terms::Whistle { by: unit("shiliugou"), units: Units::from([unit("mishan")]), due },
        Terms::Suspension { until: due },
        Terms::Consultation { level: Level::Two, trigger, units: both(), due },
        Terms::Supervision { to: Owner::LEADER },
        Terms::Supervision { to: Owner::Member(member()) },
        Terms::FollowThrough { due },
        Terms::Merge { likely: Likely::default(), due },
        Terms::Merge { likely: Likely([912, 640].map(like).into()), due },
    ]
}

/// What units, tables, teams and clocks do.
fn of_many() -> Vec<Event> {
    let (unit, limit, due, calendar) =
        (unit("mishan"), Limit::Days(3), due(), "sample-1".to_owned());
    let village = self::unit("shiliugou");
    let card = |card, to| Event::Warned { card, level: 0, to, due };
    let mut all = vec![
        Event::Signed {},
        Event::Minuted { paper: Paper::Minutes, due: None, note: note() },
        Event::Minuted { paper: Paper::Referral, due: Some(due), note: note() },
        Event::Mobilised { member: member(), village, skill: Skill::Plumbing, due },
        card(CardKind::Turn, Owner::Unit(unit.clone())),
        card(CardKind::Matter(Matter::FollowThrough), Owner::SUPERVISOR),
        card(CardKind::Task(unit.clone()), Owner::LEADER),
        card(CardKind::Called(unit.clone()), Owner::Machine),
        card(CardKind::Crew(member()), Owner::Member(member())),
        Event::Rescheduled {
            why: Why::Calendar,
            limit: None,
            until: None,
            calendar: calendar.clone(),
            due: None,
            citizen_due: None,
            tasks: Dues::default(),
        },
        Event::Rescheduled {
            why: Why::Suspension,
            limit: Some(limit),
            until: Some(due),
            calendar: calendar.clone(),
            due: Some(due),
            citizen_due: Some(due),
            tasks: Dues(both().0.into_iter().map(|unit| (unit, due)).collect()),
        },
    ];
    for note in [None, Some(note())] {
        let (unit, calendar, note) = (unit.clone(), calendar.clone(), note.clone());
        let tier = Tier::Township;
        all.extend([
            Event::TaskEnded { unit: unit.clone(), done: true, note: note.clone() },
            Event::ReportedIn { unit: unit.clone(), accepts: false, note: note.clone() },
            Event::MemberReported { member: member(), stage: Stage::Arrived, note: note.clone() },
            Event::Tasked { unit, tier, limit, calendar, due, note },
        ]);
    }
    for assisting in [Units::default(), both()] {
        let (lead, note) = (unit.clone(), note());
        all.push(Event::Concluded { lead, assisting, limit, funded: true, note });
    }
    all
}

/// Every kind of event, with and without what is optional.
fn events() -> Vec<Event> {
    let codes = ["UC-001", "UC-002"].map(|code| ItemCode::parse(code).unwrap());
    let (contacted, solved, satisfaction) = (Some(true), Some(false), Some(Satisfaction::Fairly));
    let mut all = vec![
        received(None),
        received(Some(unit("mishan"))),
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
        Event::ResolvedWith {
            lead: invented::ticket_id(),
            outcome: Outcome::Planned,
            reply: note(),
        },
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
        all.extend(ActKind::ALL.iter().map(|act| Event::Funded {
            act: *act,
            entry: EntryRef::parse("township.mishan/2026#12").unwrap(),
            amount: note.is_some().then(|| Money::parse("12000").unwrap()),
            paper: note.clone(),
        }));
        all.push(Event::Urged { note: note.clone() });
        all.extend(terms().map(|terms| Event::MatterOpened {
            matter: Matter::Merge,
            note: note.clone(),
            terms,
        }));
    }
    all.extend(of_many());
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
    assert_eq!(words(&defs["tier"]["enum"]), all!(Tier));
    assert_eq!(field("minuted", "paper"), all!(Paper));
    assert_eq!(field("rescheduled", "why"), all!(Why));
    assert_eq!(field("mobilised", "skill"), all!(Skill));
    assert_eq!(field("member_reported", "stage"), all!(Stage));
    assert_eq!(field("matter_opened", "ground"), all!(ReturnGround));
    assert_eq!(field("matter_opened", "level"), all!(Level));
    assert_eq!(field("matter_opened", "trigger"), all!(Trigger));
    assert_eq!(field("declined", "ground"), all!(DeclineGround));
    assert_eq!(field("attached", "media"), all!(MediaType));
    assert_eq!(field("attachment_refused", "reason"), all!(PhotoRefusal));
    assert_eq!(field("resolved", "outcome"), all!(Outcome));
    assert_eq!(field("followed_up", "via"), all!(Via));
    assert_eq!(field("held", "from"), all!(Status));
    let answer = json("events/schemas/answer.v1.schema.json");
    assert_eq!(words(&answer["properties"]["status"]["enum"]), all!(Status));
}
