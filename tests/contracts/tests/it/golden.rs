//! Golden samples: what the code writes today, and still reads of what it wrote before.
//!
//! A sample is exactly the bytes of the wire. It is never deleted and never edited by hand; a new
//! version of a contract gets a new tag and a new sample beside the old one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use contracts::{Addendum, DailyHead, Dossier, Hint, Problem, PublishedHead, UploadHint};
use domain::merkle::Leaf;
use domain::{Entry, Hash, RecordId, RegionCode, Ticket, TicketId, UploadKey};
use serde_json::{Value, json};

use crate::invented;
use crate::support::{assert_valid, bytes, json, names, path, text, validator};

/// Compares with the file, or writes it if `UPDATE_SAMPLES` is set. It is replaced in one move, for
/// other tests read it at the same time.
pub(crate) fn assert_golden(name: &str, written: &[u8]) {
    let file = path(&format!("events/samples/{name}.json"));
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        let part = file.with_extension("part");
        std::fs::write(&part, written).unwrap();
        std::fs::rename(&part, &file).unwrap();
    }
    let stands = std::fs::read(&file).unwrap_or_default();
    assert!(
        stands == written,
        "events/samples/{name}.json is not what the code writes:\n{}\n\
         If it should be, run with UPDATE_SAMPLES=1 and look at the difference; \
         a change that old readers cannot read needs a new version instead.",
        String::from_utf8_lossy(written)
    );
}

fn dossier() -> Dossier {
    let invented::Case { ticket, records } = invented::case();
    Dossier::of(&ticket, |record| records.get(record).map(|bytes| hex(bytes))).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16).unwrap()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair.iter().fold(0, |n, d| n * 16 + d)).unwrap())
        .collect()
}

fn problem() -> Problem {
    let mut problem = Problem::new(422, "wrong-fields", "Some fields are not as the contract says")
        .detail("Mend the fields and send it again.")
        .field("title", "required: a text of 1 to 200 characters")
        .field("citizen.*", "no other fields than the contract's (1 unknown)");
    problem.ticket = Some(invented::case().ticket.number().to_string());
    problem
}

#[test]
fn every_sample_has_a_schema_and_every_schema_a_sample_and_they_agree() {
    let schemas = names("events/schemas");
    let mut samples = names("events/samples");
    samples.retain(|name| name.ends_with(".json"));
    let tags: Vec<_> = samples.iter().filter_map(|name| name.strip_suffix(".json")).collect();
    let expected: Vec<_> = tags.iter().map(|tag| format!("{tag}.schema.json")).collect();
    assert_eq!(schemas, expected);
    for tag in tags {
        let file = format!("events/schemas/{tag}.schema.json");
        assert_eq!(json(&file)["$id"], format!("urn:lianxin:schema:{tag}"));
        assert_valid(&validator(&file), &json(&format!("events/samples/{tag}.json")), tag);
    }
}

#[test]
fn a_hint_is_what_it_was() {
    let hint = Hint::new(invented::ticket_id(), 3);
    assert_golden("ticket_hint.v1", hint.to_body().as_bytes());
    let body = text("events/samples/ticket_hint.v1.json");
    assert_eq!(Hint::from_body(&body), Ok(hint));
    assert_eq!(Hint::from_body(&body).unwrap().to_body(), body);
}

#[test]
fn a_hint_to_go_on_with_the_followers_is_what_it_was() {
    let (ticket, after) = (invented::ticket_id(), Some(invented::ticket_id()));
    let hint = Hint { after, ..Hint::new(ticket, 9) };
    assert_golden("followers_hint.v1", hint.to_body().as_bytes());
    let body = text("events/samples/followers_hint.v1.json");
    assert_eq!(Hint::from_body(&body), Ok(hint));
    let validator = validator("events/schemas/followers_hint.v1.schema.json");
    let mut wrong: Value = json("events/samples/followers_hint.v1.json");
    for (name, value) in [("after", json!("short")), ("after", json!(null)), ("step", json!("x"))] {
        wrong[name] = value;
        assert!(!validator.is_valid(&wrong) && Hint::from_body(&wrong.to_string()).is_err());
    }
}

#[test]
fn an_upload_hint_is_what_it_was() {
    let key = UploadKey::parse("u/140581/20260120/0123456789abcdefghjkmnpqrs").unwrap();
    let hint = UploadHint { key };
    assert_golden("upload_hint.v1", hint.to_body().as_bytes());
    let body = text("events/samples/upload_hint.v1.json");
    assert_eq!(UploadHint::all_from_body(&body), Ok(vec![hint]));
}

#[test]
fn schema_and_code_refuse_the_same_hints() {
    let validator = validator("events/schemas/ticket_hint.v1.schema.json");
    let good: Value = json("events/samples/ticket_hint.v1.json");
    let change = |name: &str, value: Value| {
        let mut hint = good.clone();
        hint[name] = value;
        hint
    };
    let wrong = [
        json!({}),
        json!([]),
        change("type", json!("ticket_hint_v2")),
        change("ticket", json!("short")),
        change("ticket", json!("0123456789ABCDEFGHJKMNPQRS")),
        change("version", json!(-1)),
        change("version", json!(4_294_967_296_u64)),
        change("version", json!("3")),
        change("step", json!("intake")),
    ];
    for hint in wrong {
        assert!(!validator.is_valid(&hint), "the schema takes {hint}");
        assert!(Hint::from_body(&hint.to_string()).is_err(), "the code takes {hint}");
    }
}

#[test]
fn a_dossier_is_what_it_was() {
    let written = dossier().to_bytes();
    assert_golden("dossier.v1", &written);
    let stands = bytes("events/samples/dossier.v1.json");
    let read: Dossier = serde_json::from_slice(&stands).unwrap();
    assert_eq!(read.to_bytes(), stands, "read and written again it must be the same bytes");
    assert_eq!(read.format, Dossier::FORMAT);
}

#[test]
fn a_dossier_alone_proves_its_case() {
    let read: Dossier = serde_json::from_slice(&bytes("events/samples/dossier.v1.json")).unwrap();
    let entries: Vec<Entry> =
        read.timeline.iter().map(|entry| Entry::try_from(entry.clone()).unwrap()).collect();
    let id = TicketId::parse(&read.ticket).unwrap();
    let region = RegionCode::parse(&read.region).unwrap();
    let head = Hash::parse(&read.head).unwrap();
    let ticket = Ticket::replay(region, id.clone(), entries, head).unwrap();
    assert_eq!(ticket.number().as_str(), read.number);
    // With the key that events/README.md tells, every text opens and is the one committed to.
    let named: Vec<_> =
        ticket.timeline().iter().filter_map(|entry| entry.event.sealed().cloned()).collect();
    assert_eq!(named.len(), read.records.len());
    for (sealed, record) in named.iter().zip(&read.records) {
        assert_eq!(sealed.record, RecordId::parse(&record.record).unwrap());
        let place = (&id, &sealed.record);
        let opened = ports::open(&invented::key(), place, &unhex(&record.ciphertext)).unwrap();
        assert_eq!(opened.seal, sealed.seal);
    }
}

#[test]
fn a_dossier_shows_nothing_of_the_person() {
    let text = text("events/samples/dossier.v1.json");
    for secret in ["样例民甲", "10000000001", "虚构里", "室温", "SAMPLE-0001"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn schema_and_code_know_the_same_members_of_a_dossier() {
    let validator = validator("events/schemas/dossier.v1.schema.json");
    let good = json("events/samples/dossier.v1.json");
    for member in good.as_object().unwrap().keys() {
        let mut less = good.clone();
        less.as_object_mut().unwrap().remove(member);
        assert!(!validator.is_valid(&less), "{member} may be missing for the schema");
        assert!(serde_json::from_value::<Dossier>(less).is_err(), "{member} may be missing");
    }
    let mut more = good.clone();
    more["remark"] = json!("x");
    assert!(!validator.is_valid(&more));
    assert!(serde_json::from_value::<Dossier>(more).is_err());
    let mut headless = good;
    headless["timeline"].as_array_mut().unwrap().remove(0);
    assert!(!validator.is_valid(&headless), "a timeline begins with the receipt");
}

/// The dossier of the invented case as the archive event names it, and the case after that.
fn archived() -> (domain::Archive, invented::Case) {
    let bytes = dossier().to_bytes();
    let case = invented::case();
    let key = contracts::dossier_key(&case.ticket);
    let sealed_seq = case.ticket.closed_seq().unwrap();
    let archive = domain::Archive { key, sha256: Hash::of_bytes(&bytes), sealed_seq };
    let late = invented::late(&archive);
    (archive, late)
}

#[test]
fn an_addendum_is_what_it_was_and_goes_on_from_the_dossier() {
    let (archive, invented::Case { ticket, records }) = archived();
    let until = ticket.late().unwrap();
    let hex = |record: &RecordId| records.get(record).map(|bytes| hex(bytes));
    let addendum = Addendum::of(&ticket, (&archive, until), hex).unwrap();
    assert_golden("addendum.v1", &addendum.to_bytes());
    let stands = bytes("events/samples/addendum.v1.json");
    let read: Addendum = serde_json::from_slice(&stands).unwrap();
    assert_eq!((read.to_bytes(), read.format.as_str()), (stands, Addendum::FORMAT));
    // With the sample of the dossier it is one chain.
    let dossier: Dossier =
        serde_json::from_slice(&bytes("events/samples/dossier.v1.json")).unwrap();
    assert_eq!(read.previous, Hash::of_bytes(&dossier.to_bytes()).to_string());
    assert_eq!(read.timeline[0].prev, dossier.head);
    let entries = dossier.timeline.into_iter().chain(read.timeline).map(Entry::try_from);
    let entries: Vec<Entry> = entries.collect::<Result<_, _>>().unwrap();
    let (region, head) = (ticket.region().clone(), Hash::parse(&read.head).unwrap());
    assert!(Ticket::replay(region, ticket.id().clone(), entries, head).is_ok());
    let key = contracts::addendum_key(&ticket, until);
    assert_eq!(key, format!("d/140581/2026/01/20/{}/{until}.json", ticket.id()));
}

#[test]
fn a_daily_head_is_what_it_was_and_its_leaves_give_its_root() {
    let (_, invented::Case { ticket, .. }) = archived();
    let leaf = Leaf { ticket: ticket.id().clone(), version: ticket.version(), head: ticket.head() };
    let region = ticket.region();
    let first = DailyHead::of(region, "2026-02-02", &[], None);
    let first = PublishedHead::read(&first.to_bytes(), b"").unwrap();
    let head = DailyHead::of(region, "2026-02-03", std::slice::from_ref(&leaf), Some(&first));
    assert_golden("daily_head.v1", &head.to_bytes());
    let stands = bytes("events/samples/daily_head.v1.json");
    let read = PublishedHead::read(&stands, format!("{leaf}\n").as_bytes()).unwrap();
    assert_eq!((read.head.to_bytes(), read.leaves), (stands, vec![leaf]));
    // The first one names none before it, and is one all the same.
    let first = serde_json::to_value(first.head).unwrap();
    assert_valid(&validator("events/schemas/daily_head.v1.schema.json"), &first, "the first head");
}

#[test]
fn a_problem_is_what_it_was() {
    let written = serde_json::to_vec(&problem()).unwrap();
    assert_golden("problem.v1", &written);
    let read: Problem = serde_json::from_slice(&bytes("events/samples/problem.v1.json")).unwrap();
    assert_eq!(read, problem());
    // The smallest one is a problem too.
    let small = serde_json::to_value(Problem::new(401, "stale", "Too old")).unwrap();
    assert_valid(&validator("events/schemas/problem.v1.schema.json"), &small, "a small problem");
}

#[test]
fn a_batch_s_answer_is_what_it_was() {
    // The live answers are held to the same schema in `channel.rs`.
    let answer = json("events/samples/answer.v1.json");
    let results = json!([
        { "item": 1, "answer": answer },
        { "item": 2, "noted": "it makes no request, for a reason that is told here" },
        { "item": 3, "problem": problem() },
    ]);
    let batch = json!({ "taken": 2, "refused": 1, "results": results });
    assert_valid(&validator("events/schemas/batch_answer.v1.schema.json"), &batch, "a batch");
    assert_golden("batch_answer.v1", batch.to_string().as_bytes());
}

#[test]
fn an_answer_is_what_it_was() {
    // The live answers are held to the same schema in `channel.rs`.
    let ticket = invented::case().ticket;
    let answer = json!({
        "ticket": ticket.id().as_str(),
        "number": ticket.number().as_str(),
        "status": "received",
        "duplicate": false,
    });
    assert_golden("answer.v1", answer.to_string().as_bytes());
}
