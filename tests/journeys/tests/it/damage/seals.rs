//! Damages to sealed records and to the keys that open them.

use aws_sdk_dynamodb::types::AttributeValue;
use contracts::SealedText;
use domain::{CommandId, RecordId};

use super::Damage;
use super::scene::{KEYS, SEALED, SKETCHES, Scene, bytes, key, text};

/// A key of no ticket.
const NOBODY: &str = "140581#00000000000000000000000000";

pub(super) const DAMAGES: &[Damage] = &[
    Damage {
        name: "a sealed record that no event names",
        found: &[("sealed_orphan", "{a}", "no event names the record")],
        apply: |s| put_record(s, "a", s.ticket("a").received_at().millis() - 25 * 3_600_000),
    },
    Damage {
        name: "an old sealed record that no event of an open ticket names",
        found: &[("sealed_orphan", "{open}", "no event names the record")],
        apply: |s| put_record(s, "open", 0),
    },
    Damage {
        name: "(in order) a fresh one: its command may be under way",
        found: &[],
        apply: |s| put_record(s, "open", s.ticket("open").received_at().millis()),
    },
    Damage {
        name: "(in order) one that an archived ticket's unit sealed too late: another was first",
        found: &[],
        apply: |s| put_record(s, "a", s.ticket("open").timeline()[0].at.millis()),
    },
    Damage {
        name: "sealed records of no ticket",
        found: &[("sealed_orphan", NOBODY, "1 sealed records")],
        apply: |s| {
            let mut item = s.get(SEALED, &s.pk("a"), s.record("a", 1).as_str());
            item.insert("pk".to_owned(), text(NOBODY));
            s.put(SEALED, item);
        },
    },
    Damage {
        name: "the sealed request is deleted",
        found: &[
            ("sealed_missing", "{a}", "entry 1"),
            ("dossier_differs", "{a}", "another dossier"),
        ],
        apply: |s| s.delete(SEALED, &s.pk("a"), s.record("a", 1).as_str()),
    },
    Damage {
        name: "the sealed reply is deleted",
        found: &[
            ("sealed_missing", "{a}", "entry 5"),
            ("dossier_differs", "{a}", "another dossier"),
        ],
        apply: |s| s.delete(SEALED, &s.pk("a"), s.record("a", 5).as_str()),
    },
    Damage {
        name: "the sealed supplement of an open ticket is deleted",
        found: &[("sealed_missing", "{open}", "the record of entry 5")],
        apply: |s| s.delete(SEALED, &s.pk("open"), s.record("open", 5).as_str()),
    },
    Damage {
        name: "a sealed record has no ciphertext",
        found: &[("sealed_missing", "{open}", "entry 5")],
        apply: |s| s.put(SEALED, key(&s.pk("open"), s.record("open", 5).as_str())),
    },
    Damage {
        name: "one bit of a sealed record flips",
        found: &[
            ("sealed_unreadable", "{a}", "entry 5"),
            ("dossier_differs", "{a}", "another dossier"),
        ],
        apply: |s| {
            let mut ciphertext = s.ciphertext("a", &s.record("a", 5));
            ciphertext[20] ^= 1;
            s.reseal("a", &s.record("a", 5), &ciphertext);
        },
    },
    Damage {
        name: "a sealed record is cut short",
        found: &[("sealed_unreadable", "{open}", "entry 1")],
        apply: |s| s.reseal("open", &s.record("open", 1), &[0; 5]),
    },
    Damage {
        name: "the sealed replies of two tickets change places",
        found: &[
            ("sealed_unreadable", "{a}", "entry 5"),
            ("sealed_unreadable", "{b}", "entry 5"),
            ("dossier_differs", "{a}", "another dossier"),
            ("dossier_differs", "{b}", "another dossier"),
        ],
        apply: |s| {
            let (a, b) = (s.record("a", 5), s.record("b", 5));
            let (of_a, of_b) = (s.ciphertext("a", &a), s.ciphertext("b", &b));
            s.reseal("a", &a, &of_b);
            s.reseal("b", &b, &of_a);
        },
    },
    Damage {
        name: "two sealed records of one ticket change places",
        found: &[
            ("sealed_unreadable", "{a}", "entry 1"),
            ("sealed_unreadable", "{a}", "entry 5"),
            ("dossier_differs", "{a}", "another dossier"),
        ],
        apply: |s| {
            let (request, reply) = (s.record("a", 1), s.record("a", 5));
            let (first, second) = (s.ciphertext("a", &request), s.ciphertext("a", &reply));
            s.reseal("a", &request, &second);
            s.reseal("a", &reply, &first);
        },
    },
    Damage {
        name: "another reply under the right key",
        found: &[
            ("commitment_differs", "{a}", "entry 5"),
            ("dossier_differs", "{a}", "another dossier"),
        ],
        apply: |s| {
            s.seal("a", &s.record("a", 5), &SealedText::note("另一个答复"));
        },
    },
    Damage {
        name: "a text beside the ciphertext",
        found: &[("attribute_unknown", "{a}", "sealed record")],
        apply: |s| {
            let mut item = s.get(SEALED, &s.pk("a"), s.record("a", 1).as_str());
            item.insert("phone".to_owned(), text("10000000001"));
            s.put(SEALED, item);
        },
    },
    Damage {
        name: "a text beside the key",
        found: &[("attribute_unknown", "{a}", "beside the key")],
        apply: |s| {
            let mut item = s.get(KEYS, &s.pk("a"), "");
            item.insert("phone".to_owned(), text("10000000001"));
            s.put(KEYS, item);
        },
    },
    Damage {
        name: "a text beside a sketch",
        found: &[("attribute_unknown", "{open}", "beside a sketch")],
        apply: |s| {
            let mut item = s.get(SKETCHES, &s.pk("open"), "");
            item.insert("phone".to_owned(), text("10000000001"));
            s.put(SKETCHES, item);
        },
    },
    Damage {
        name: "(in order) a sketch is lost: its repeats are proposed by nobody",
        found: &[],
        apply: |s| s.delete(SKETCHES, &s.pk("open"), ""),
    },
    Damage {
        name: "a key is deleted",
        found: &[("key_missing", "{a}", "gone")],
        apply: |s| s.delete(KEYS, &s.pk("a"), ""),
    },
    Damage {
        name: "a key without its bytes",
        found: &[("key_missing", "{a}", "gone")],
        apply: |s| s.put(KEYS, key(&s.pk("a"), "")),
    },
    Damage {
        name: "one bit of a key flips",
        found: &[("key_unusable", "{open}", "does not open")],
        apply: |s| {
            let mut item = s.get(KEYS, &s.pk("open"), "");
            let mut wrapped = item["wk"].as_b().unwrap().clone().into_inner();
            wrapped[30] ^= 0x80;
            item.insert("wk".to_owned(), bytes(&wrapped));
            s.put(KEYS, item);
        },
    },
    Damage {
        name: "the keys of two tickets change places",
        found: &[
            ("key_unusable", "{a}", "does not open"),
            ("key_unusable", "{b}", "does not open"),
        ],
        apply: |s| {
            let (mut a, mut b) = (s.get(KEYS, &s.pk("a"), ""), s.get(KEYS, &s.pk("b"), ""));
            std::mem::swap(a.get_mut("wk").unwrap(), b.get_mut("wk").unwrap());
            s.put(KEYS, a);
            s.put(KEYS, b);
        },
    },
    Damage {
        name: "a key of nobody",
        found: &[("key_orphan", NOBODY, "without its ticket")],
        apply: |s| {
            let mut item = s.get(KEYS, &s.pk("a"), "");
            item.insert("pk".to_owned(), text(NOBODY));
            s.put(KEYS, item);
        },
    },
];

/// Puts a record that no event names, put at that time.
fn put_record(s: &Scene<'_>, name: &str, at: i64) {
    let record = RecordId::of_command(&CommandId::derive("nobody", "never"));
    let mut item = key(&s.pk(name), record.as_str());
    item.insert("ct".to_owned(), bytes(&[0; 60]));
    item.insert("at".to_owned(), AttributeValue::N(at.to_string()));
    s.put(SEALED, item);
}
