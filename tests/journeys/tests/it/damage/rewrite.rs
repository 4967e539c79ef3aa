//! Damages by one who knows how: whole timelines with right links, head, version, status and index
//! values. They are in order by themselves, and must be caught by what they were sealed with.
//!
//! Whoever rewrites a ticket, its dossier and the dossier's hash in it, and holds the root key too,
//! leaves nothing wrong behind but that a head was published before: see [`super::heads`].

use contracts::{Citizen, SealedText};
use domain::{Hash, PublicNumber, Timestamp};

use super::scene::{Scene, TICKETS};
use super::{Damage, scene};

/// All that was replayed stands in a daily head.
const REWRITTEN: (&str, &str, &str) = ("rewritten", "{a}", "event 9 or one before it");
const DOSSIER: (&str, &str, &str) = ("dossier_differs", "{a}", "another dossier");

pub(super) const DAMAGES: &[Damage] = &[
    Damage {
        name: "(in order) the same timeline, written again",
        found: &[],
        apply: |s| s.rewrite("a", |_same| {}),
    },
    Damage {
        name: "another unit has dealt with it",
        found: &[DOSSIER, REWRITTEN],
        apply: |s| field(s, "a", 3, ("unit", "other-unit")),
    },
    Damage {
        name: "the citizen is said to have rated it, and was called",
        found: &[DOSSIER, REWRITTEN],
        apply: |s| field(s, "a", 7, ("via", "channel")),
    },
    Damage {
        name: "it was dealt with sooner",
        found: &[DOSSIER, REWRITTEN],
        apply: |s| s.rewrite("a", |timeline| timeline[4].at = timeline[3].at.clone()),
    },
    Damage {
        name: "a call was made that was not made",
        found: &[
            DOSSIER,
            REWRITTEN,
            ("unpublished", "{a}", "hold 9 of 10"),
            // What it was told last is the event before the one that it was told of now.
            ("untold", "{a}", "waits for 1"),
        ],
        apply: |s| {
            s.rewrite("a", |timeline| {
                let mut call = timeline[6].clone();
                (call.kind, call.cause) = ("call_failed".to_owned(), None);
                call.fields.clear();
                timeline.insert(6, call);
                timeline[9].fields.insert("sealed_seq".to_owned(), "9".to_owned());
            });
        },
    },
    Damage {
        name: "another number",
        found: &[("birth_missing", "{a}", "receipt")],
        apply: |s| {
            let other = s.ticket("b").number().to_string();
            field(s, "a", 1, ("number", &other));
        },
    },
    Damage {
        name: "another channel",
        found: &[DOSSIER, REWRITTEN, ("identity_differs", "{a}", "hash of channel and order")],
        apply: |s| field(s, "a", 1, ("channel", "county")),
    },
    Damage {
        name: "received on another day, under that day's number",
        found: &[
            DOSSIER,
            REWRITTEN,
            ("dossier_misplaced", "{a}", "another key"),
            ("citizen_index_wrong", "{a}", "`ci_sk`"),
        ],
        apply: |s| {
            let at = Timestamp::parse("2025-01-01T00:00:00+08:00").unwrap();
            let number = PublicNumber::new(s.ticket("a").id(), at);
            s.rewrite("a", |timeline| {
                timeline[0].at = at.to_string();
                timeline[0].fields.insert("number".to_owned(), number.to_string());
            });
        },
    },
    Damage {
        name: "another commitment to the reply",
        found: &[DOSSIER, REWRITTEN, ("commitment_differs", "{a}", "entry 5")],
        apply: |s| field(s, "a", 5, ("seal", &Hash::ZERO.to_string())),
    },
    Damage {
        name: "another record for the reply",
        found: &[
            DOSSIER,
            REWRITTEN,
            ("sealed_missing", "{a}", "entry 5"),
            ("sealed_orphan", "{a}", "no event names the record"),
        ],
        apply: |s| field(s, "a", 5, ("record", "00000000000000000000000000")),
    },
    Damage {
        name: "another hash of the dossier",
        found: &[("dossier_altered", "{a}", "SHA-256"), REWRITTEN],
        apply: |s| field(s, "a", 9, ("sha256", &Hash::ZERO.to_string())),
    },
    Damage {
        name: "another key of the dossier",
        found: &[
            REWRITTEN,
            ("dossier_misplaced", "{a}", "another key"),
            ("dossier_missing", "{a}", "no object d/x.json"),
            ("dossier_double", "{a:dossier}", "a second object"),
        ],
        apply: |s| field(s, "a", 9, ("key", "d/x.json")),
    },
    Damage {
        name: "another extent of the dossier",
        found: &[("dossier_differs", "{a}", "another last event"), REWRITTEN],
        apply: |s| field(s, "a", 9, ("sealed_seq", "7")),
    },
    Damage {
        name: "events in an order that cannot be",
        found: &[("transition_illegal", "{a}", "entry 3")],
        apply: |s| {
            s.rewrite("a", |timeline| {
                timeline.swap(2, 3);
                timeline[3].at = timeline[2].at.clone();
            });
        },
    },
    Damage {
        name: "a second receipt",
        found: &[("transition_illegal", "{a}", "entry 2")],
        apply: |s| s.rewrite("a", |timeline| timeline.insert(1, timeline[0].clone())),
    },
    Damage {
        name: "no receipt",
        found: &[("birth_missing", "{a}", "receipt")],
        apply: |s| s.rewrite("a", |timeline| drop(timeline.remove(0))),
    },
    Damage {
        name: "no timeline at all, and the head that goes with it",
        found: &[("birth_missing", "{a}", "receipt")],
        apply: |s| s.rewrite("a", Vec::clear),
    },
    Damage {
        name: "an open ticket is with another unit, and its inbox was forgotten",
        found: &[("index_value_wrong", "{open}", "`in_pk`")],
        apply: |s| {
            let inbox = s.get(TICKETS, &s.pk("open"), cloud::keys::TICKET)["in_pk"].clone();
            field(s, "open", 3, ("unit", "other-unit"));
            s.set("open", "in_pk", inbox);
        },
    },
    Damage {
        name: "a supervision that somebody opened is gone",
        found: &[("card_stale", "{open}", scene::CARD)],
        apply: |s| s.rewrite("open", |timeline| drop(timeline.pop())),
    },
    Damage {
        name: "another order, sealed and committed to anew",
        found: &[("identity_differs", "{open}", "hash of channel and order")],
        apply: |s| request(s, "open", "OPEN-2", Some("10000000001")),
    },
    Damage {
        name: "another citizen, sealed and committed to anew",
        found: &[("citizen_index_wrong", "{open}", "`ci_pk`")],
        apply: |s| request(s, "open", "OPEN-1", Some("10000000002")),
    },
    Damage {
        name: "no citizen, sealed and committed to anew",
        found: &[
            ("citizen_index_wrong", "{open}", "`ci_pk`"),
            ("citizen_index_wrong", "{open}", "`ci_sk`"),
        ],
        apply: |s| request(s, "open", "OPEN-1", None),
    },
    Damage {
        name: "no request in the first record, which is committed to anew",
        found: &[("request_missing", "{open}", "not a request")],
        apply: |s| {
            let seal = s.seal("open", &s.record("open", 1), &SealedText::note("不是诉求"));
            field(s, "open", 1, ("seal", &seal.to_string()));
        },
    },
];

/// Rewrites one field of one event.
fn field(s: &Scene<'_>, name: &str, seq: usize, (field, value): (&str, &str)) {
    s.rewrite(name, |timeline| {
        let was = timeline[seq - 1].fields.insert(field.to_owned(), value.to_owned());
        assert!(was.is_some_and(|was| was != value), "{field} of {seq}");
    });
}

/// Another request in place of the first.
fn request(s: &Scene<'_>, name: &str, order: &str, phone: Option<&str>) {
    let text = SealedText::RequestV1 {
        order: order.to_owned(),
        sent_at: "2025-06-01T08:00:00.000+08:00".to_owned(),
        title: "别的标题".to_owned(),
        body: "别的内容".to_owned(),
        citizen: Citizen { phone: phone.map(str::to_owned), ..Citizen::default() },
        place: None,
        photos: Vec::new(),
        circumstances: None,
    };
    let seal = s.seal(name, &s.record(name, 1), &text);
    field(s, name, 1, ("seal", &seal.to_string()));
}
