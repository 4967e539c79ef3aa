//! Damages to a ticket's timeline and to what stands beside it. `a` has nine events.

use aws_sdk_dynamodb::types::AttributeValue;
use cloud::keys;
use domain::CommandId;

use super::Damage;
use super::scene::{TICKETS, bytes, text};

pub(super) const DAMAGES: &[Damage] = &[
    Damage {
        name: "the last event is dropped",
        found: &[("head_differs", "{a}", "ends at 8")],
        apply: |s| s.edit("a", |timeline| drop(timeline.pop())),
    },
    Damage {
        name: "a middle event is dropped",
        found: &[("event_missing", "{a}", "entry 4")],
        apply: |s| s.edit("a", |timeline| drop(timeline.remove(3))),
    },
    Damage {
        name: "the first event is dropped",
        found: &[("event_missing", "{a}", "entry 1")],
        apply: |s| s.edit("a", |timeline| drop(timeline.remove(0))),
    },
    Damage {
        name: "every event is dropped",
        found: &[("head_differs", "{a}", "ends at 0")],
        apply: |s| s.edit("a", Vec::clear),
    },
    Damage {
        name: "two events change places",
        found: &[("event_missing", "{a}", "entry 4 is missing or out of its place")],
        apply: |s| s.edit("a", |timeline| timeline.swap(3, 4)),
    },
    Damage {
        name: "an event is doubled",
        found: &[("event_missing", "{a}", "entry 5")],
        apply: |s| s.edit("a", |timeline| timeline.insert(4, timeline[3].clone())),
    },
    Damage {
        name: "another unit",
        found: &[("event_altered", "{a}", "entry 3")],
        apply: |s| {
            s.edit("a", |timeline| {
                timeline[2].fields.insert("unit".to_owned(), "other-unit".to_owned());
            });
        },
    },
    Damage {
        name: "the citizen wanted something else",
        found: &[("event_altered", "{a}", "entry 1")],
        apply: |s| {
            s.edit("a", |timeline| {
                timeline[0].fields.insert("want".to_owned(), "thanks".to_owned());
            });
        },
    },
    Damage {
        name: "the last event says something else",
        found: &[("head_differs", "{a}", "ends at 9")],
        apply: |s| {
            s.edit("a", |timeline| {
                timeline[8].fields.insert("sealed_seq".to_owned(), "7".to_owned());
            });
        },
    },
    Damage {
        name: "an event happened later",
        found: &[("event_altered", "{a}", "entry 4")],
        apply: |s| s.edit("a", |timeline| timeline[3].at = "2099-01-01T00:00:00+08:00".to_owned()),
    },
    Damage {
        name: "an event happened before the one before it",
        found: &[("time_backwards", "{a}", "entry 4")],
        apply: |s| s.edit("a", |timeline| timeline[3].at = "1999-01-01T00:00:00+08:00".to_owned()),
    },
    Damage {
        name: "another actor",
        found: &[("event_altered", "{a}", "entry 5")],
        apply: |s| {
            s.edit("a", |timeline| timeline[4].actor = "staff:u2/handler/other-unit".to_owned());
        },
    },
    Damage {
        name: "another cause",
        found: &[("event_altered", "{a}", "entry 5")],
        apply: |s| {
            s.edit("a", |timeline| {
                timeline[4].cause = Some(CommandId::derive("x", "y").to_string());
            });
        },
    },
    Damage {
        name: "a cause is gone",
        found: &[("event_altered", "{a}", "entry 5")],
        apply: |s| {
            s.edit("a", |timeline| assert!(timeline[4].cause.take().is_some()));
        },
    },
    Damage {
        name: "an event of the machine has a cause",
        found: &[("event_altered", "{a}", "entry 2")],
        apply: |s| s.edit("a", |timeline| timeline[1].cause = timeline[4].cause.clone()),
    },
    Damage {
        name: "another kind of event",
        found: &[("event_altered", "{a}", "entry 4")],
        apply: |s| s.edit("a", |timeline| timeline[3].kind = "answered".to_owned()),
    },
    Damage {
        name: "another sequence number",
        found: &[("event_missing", "{a}", "entry 5")],
        apply: |s| s.edit("a", |timeline| timeline[4].seq = 7),
    },
    Damage {
        name: "a broken link",
        found: &[("event_altered", "{a}", "entry 5")],
        apply: |s| s.edit("a", |timeline| timeline[4].prev = "0".repeat(64)),
    },
    Damage {
        name: "a kind of event that nobody knows",
        found: &[("event_unreadable", "{a}", "entry 4")],
        apply: |s| s.edit("a", |timeline| timeline[3].kind = "vanished".to_owned()),
    },
    Damage {
        name: "a field is gone",
        found: &[("event_unreadable", "{a}", "entry 3")],
        apply: |s| s.edit("a", |timeline| drop(timeline[2].fields.remove("unit"))),
    },
    Damage {
        name: "a field too many",
        found: &[("event_unreadable", "{a}", "entry 2")],
        apply: |s| {
            s.edit("a", |timeline| {
                timeline[1].fields.insert("note".to_owned(), "x".to_owned());
            });
        },
    },
    Damage {
        name: "another head",
        found: &[("head_differs", "{a}", "ends at 9")],
        apply: |s| s.set("a", "hd", bytes(&[1; 32])),
    },
    Damage {
        name: "no head",
        found: &[("ticket_unreadable", "{a}", "`hd`")],
        apply: |s| s.unset("a", &["hd"]),
    },
    Damage {
        name: "no timeline",
        found: &[("ticket_unreadable", "{a}", "`tl`")],
        apply: |s| s.unset("a", &["tl"]),
    },
    Damage {
        name: "the next version",
        found: &[("version_differs", "{a}", "`v`")],
        apply: |s| s.set("a", "v", AttributeValue::N("10".to_owned())),
    },
    Damage {
        name: "another status",
        found: &[("status_differs", "{a}", "`st`")],
        apply: |s| s.set("a", "st", text("evaluated")),
    },
    Damage {
        name: "the version of a lead that others follow",
        found: &[("version_differs", "{open}", "`v`")],
        apply: |s| s.set("open", "v", AttributeValue::N("1".to_owned())),
    },
    Damage {
        name: "another ticket's whole timeline, in itself in order",
        found: &[("birth_missing", "{a}", "receipt")],
        apply: |s| {
            let other = s.get(TICKETS, &s.pk("b"), keys::TICKET);
            for attribute in ["tl", "hd"] {
                s.set("a", attribute, other[attribute].clone());
            }
        },
    },
];
