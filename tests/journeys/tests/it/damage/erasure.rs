//! Damages to an erasure and to the access journal. `erased` has two events.

use cloud::keys;

use super::Damage;
use super::scene::{JOURNAL, KEYS, SEALED, SKETCHES, Scene, TICKETS, text};

const FIRST: &str = "0000000001";

pub(super) const DAMAGES: &[Damage] = &[
    Damage {
        name: "an erased person's key is back",
        found: &[("erased_key_remains", "{erased}", "erase the ticket again")],
        apply: |s| {
            let mut item = s.get(KEYS, &s.pk("a"), "");
            item.insert("pk".to_owned(), text(&s.pk("erased")));
            s.put(KEYS, item);
        },
    },
    Damage {
        name: "a sketch of an erased person's text is back",
        found: &[("erased_sketch_remains", "{erased}", "erase the ticket again")],
        apply: |s| {
            let mut item = s.get(SKETCHES, &s.pk("open"), "");
            item.insert("pk".to_owned(), text(&s.pk("erased")));
            s.put(SKETCHES, item);
        },
    },
    Damage {
        name: "an erased person is in the citizen index again",
        found: &[("erased_index_remains", "{erased}", "citizen index")],
        apply: |s| {
            s.set("erased", "ci_pk", text("140581#0123"));
            s.set("erased", "ci_sk", text("0"));
        },
    },
    Damage {
        name: "the ciphertext of an erased person is deleted",
        found: &[("sealed_missing", "{erased}", "entry 1")],
        apply: |s| s.delete(SEALED, &s.pk("erased"), s.record("erased", 1).as_str()),
    },
    Damage {
        name: "the erasure is taken out of the timeline",
        found: &[("key_missing", "{erased}", "gone")],
        apply: |s| {
            s.rewrite("erased", |timeline| drop(timeline.pop()));
        },
    },
    Damage {
        name: "an entry of the journal is deleted",
        found: &[
            ("journal_broken", "{journal}", "entry 1"),
            ("journal_missing", "{erased}", "tells of the erasure"),
        ],
        apply: |s| s.delete(JOURNAL, &s.journal(), FIRST),
    },
    Damage {
        name: "an entry of the journal and its head are deleted",
        found: &[("journal_missing", "{erased}", "tells of the erasure")],
        apply: |s| {
            s.delete(JOURNAL, &s.journal(), FIRST);
            s.delete(JOURNAL, &s.journal(), keys::JOURNAL_HEAD);
        },
    },
    Damage {
        name: "the head of the journal is deleted",
        found: &[("journal_broken", "{journal}", "entry 1")],
        apply: |s| s.delete(JOURNAL, &s.journal(), keys::JOURNAL_HEAD),
    },
    Damage {
        name: "somebody else was it",
        found: &[("journal_broken", "{journal}", "entry 1")],
        apply: |s| journal(s, "a", "staff:u9/supervisor/command-centre"),
    },
    Damage {
        name: "for another reason",
        found: &[("journal_broken", "{journal}", "entry 1")],
        apply: |s| journal(s, "y", "audit"),
    },
    Damage {
        name: "a reason that nobody knows",
        found: &[
            ("journal_broken", "{journal}", "cannot be read"),
            ("journal_missing", "{erased}", "tells of the erasure"),
        ],
        apply: |s| journal(s, "y", "curiosity"),
    },
    Damage {
        name: "a text beside an entry of the journal",
        found: &[("attribute_unknown", "{journal}", "0000000001")],
        apply: |s| journal(s, "phone", "10000000001"),
    },
    Damage {
        name: "an entry of the journal stands under another day",
        found: &[
            ("journal_broken", "140581#20000101#00", "another day or shard"),
            ("journal_broken", "140581#20000101#00", "entry 1"),
        ],
        apply: |s| {
            let mut item = s.get(JOURNAL, &s.journal(), FIRST);
            item.insert("pk".to_owned(), text("140581#20000101#00"));
            s.put(JOURNAL, item);
        },
    },
    Damage {
        name: "the timeline of an erased ticket loses its status",
        found: &[("status_differs", "{erased}", "`st`")],
        apply: |s| {
            let mut item = s.get(TICKETS, &s.pk("erased"), keys::TICKET);
            item.insert("st".to_owned(), text("archived"));
            s.put(TICKETS, item);
        },
    },
];

/// Sets an attribute of the entry that tells of the erasure.
fn journal(s: &Scene<'_>, attribute: &str, value: &str) {
    let mut item = s.get(JOURNAL, &s.journal(), FIRST);
    item.insert(attribute.to_owned(), text(value));
    s.put(JOURNAL, item);
}
