//! Damages to items: the ticket's own, cards, index values and index entries, foreign things.

use std::fs;

use aws_sdk_dynamodb::types::AttributeValue;
use cloud::keys;
use domain::{CardKind, Timestamp};

use super::Damage;
use super::scene::{CARD, Item, Scene, TICKETS, key, text};

pub(super) const DAMAGES: &[Damage] = &[
    Damage {
        name: "a ticket is deleted",
        found: &[
            ("key_orphan", "{a:pk}", "without its ticket"),
            ("sealed_orphan", "{a:pk}", "2 sealed records"),
            ("dossier_orphan", "{a:dossier}", "no ticket names"),
            ("ticket_vanished", "{a}", "and gone"),
        ],
        apply: |s| s.delete(TICKETS, &s.pk("a"), keys::TICKET),
    },
    Damage {
        name: "a lead is deleted, its card is not",
        found: &[
            ("ticket_missing", "{open}", "cards without"),
            ("lead_missing", "{follower}", "does not exist"),
        ],
        apply: |s| s.delete(TICKETS, &s.pk("open"), keys::TICKET),
    },
    Damage {
        name: "a card is missing",
        found: &[("card_missing", "{open}", CARD)],
        apply: |s| s.delete(TICKETS, &s.pk("open"), CARD),
    },
    Damage {
        name: "a stale card",
        found: &[("card_stale", "{open}", "C#whistle")],
        apply: |s| {
            let mut card = s.get(TICKETS, &s.pk("open"), CARD);
            card.extend(key(&s.pk("open"), "C#whistle"));
            s.put(TICKETS, card);
        },
    },
    Damage {
        name: "a card of an archived ticket",
        found: &[("card_stale", "{a}", CARD)],
        apply: |s| s.put(TICKETS, key(&s.pk("a"), CARD)),
    },
    Damage {
        name: "an item that is neither ticket nor card",
        found: &[("item_unknown", "{a}", "`X`")],
        apply: |s| s.put(TICKETS, key(&s.pk("a"), "X")),
    },
    Damage {
        name: "a card is due later",
        found: &[("card_wrong", "{open}", CARD)],
        apply: |s| change_card(s, |card| drop(card.insert("due_sk".to_owned(), text("9")))),
    },
    Damage {
        name: "a card in another inbox",
        found: &[("card_wrong", "{open}", CARD)],
        apply: |s| change_card(s, |card| drop(card.insert("in_pk".to_owned(), text("9")))),
    },
    Damage {
        name: "a card without its due time",
        found: &[("card_wrong", "{open}", CARD)],
        apply: |s| change_card(s, |card| drop(card.remove("in_sk"))),
    },
    Damage {
        name: "a card says more than it should",
        found: &[("card_wrong", "{open}", CARD)],
        apply: |s| change_card(s, |card| drop(card.insert("x".to_owned(), text("x")))),
    },
    Damage {
        name: "its channel was not told of the end",
        found: &[("untold", "{a}", "waits for 1")],
        apply: |s| s.set("a", "td", AttributeValue::N("7".to_owned())),
    },
    Damage {
        name: "to be told, by another channel",
        found: &[("telling_wrong", "{a}", "where it is not")],
        apply: |s| {
            s.set("a", "tl_pk", text("140581#county"));
            s.set("a", "tl_sk", text("000000000000001#x"));
        },
    },
    Damage {
        name: "another number in the index",
        found: &[("index_value_wrong", "{a}", "`no_pk` is not what")],
        apply: |s| s.set("a", "no_pk", text("140581#20250101AAAAAAAA0")),
    },
    Damage {
        name: "no number in the index",
        found: &[("index_value_wrong", "{a}", "`no_pk` is missing")],
        apply: |s| s.unset("a", &["no_pk"]),
    },
    Damage {
        name: "in the list of another tier",
        found: &[("index_value_wrong", "{open}", "`ts_pk` is not what")],
        apply: |s| s.set("open", "ts_pk", text("140581#village#handling#00")),
    },
    Damage {
        name: "in its list at another time",
        found: &[("index_value_wrong", "{open}", "`ts_sk` is not what")],
        apply: |s| s.set("open", "ts_sk", text("000000000000001#x")),
    },
    Damage {
        name: "in another unit's inbox",
        found: &[("index_value_wrong", "{open}", "`in_pk` is not what")],
        apply: |s| s.set("open", "in_pk", text("140581#other-unit")),
    },
    Damage {
        name: "in no inbox",
        found: &[
            ("index_value_wrong", "{open}", "`in_pk` is missing"),
            ("index_value_wrong", "{open}", "`in_sk` is missing"),
        ],
        apply: |s| s.unset("open", &["in_pk", "in_sk"]),
    },
    Damage {
        name: "in another shard of the sweep",
        found: &[("index_value_wrong", "{waiting}", "`due_pk` is not what")],
        apply: |s| s.set("waiting", "due_pk", text("140581#d#00")),
    },
    Damage {
        name: "a person's turn is due later",
        found: &[("index_value_wrong", "{open}", "`due_sk` is not what")],
        apply: |s| s.set("open", "due_sk", due(s, "open", Timestamp::DAY_MS)),
    },
    Damage {
        name: "a machine's turn is due earlier",
        found: &[("index_value_wrong", "{waiting}", "`due_sk` is not what")],
        apply: |s| s.set("waiting", "due_sk", due(s, "waiting", -Timestamp::DAY_MS)),
    },
    Damage {
        name: "a machine's turn is due at no time at all, so that no sweep will find it",
        found: &[("index_value_wrong", "{waiting}", "`due_sk` is not what")],
        apply: |s| s.set("waiting", "due_sk", text("9")),
    },
    Damage {
        name: "(in order) the sweep has put a machine's turn off",
        found: &[],
        apply: |s| s.set("waiting", "due_sk", due(s, "waiting", 100_000)),
    },
    Damage {
        name: "an archived ticket is due",
        found: &[
            ("index_value_wrong", "{a}", "`due_pk` should not be there"),
            ("index_value_wrong", "{a}", "`due_sk` should not be there"),
        ],
        apply: |s| {
            s.set("a", "due_pk", text("140581#m#00"));
            s.set("a", "due_sk", due(s, "a", 0));
        },
    },
    Damage {
        name: "a follower follows another in the index",
        found: &[("index_value_wrong", "{follower}", "`ld_pk` is not what")],
        apply: |s| s.set("follower", "ld_pk", text(&s.pk("a"))),
    },
    Damage {
        name: "a follower follows nobody in the index",
        found: &[("index_value_wrong", "{follower}", "`ld_sk` is missing")],
        apply: |s| s.unset("follower", &["ld_sk"]),
    },
    Damage {
        name: "found under another citizen",
        found: &[("citizen_index_wrong", "{a}", "`ci_pk`")],
        apply: |s| {
            let other = s.get(TICKETS, &s.pk("b"), keys::TICKET)["ci_pk"].clone();
            s.set("a", "ci_pk", other);
        },
    },
    Damage {
        name: "found under no citizen",
        found: &[
            ("citizen_index_wrong", "{a}", "`ci_pk`"),
            ("citizen_index_wrong", "{a}", "`ci_sk`"),
        ],
        apply: |s| s.unset("a", &["ci_pk", "ci_sk"]),
    },
    Damage {
        name: "found under its citizen at another time",
        found: &[("citizen_index_wrong", "{a}", "`ci_sk`")],
        apply: |s| s.set("a", "ci_sk", text("000000000000001#x")),
    },
    Damage {
        name: "not in the citizen's list for want of a sort value",
        found: &[("citizen_index_wrong", "{a}", "`ci_sk`")],
        apply: |s| s.unset("a", &["ci_sk"]),
    },
    Damage {
        name: "a citizen for a ticket whose citizen gave no number",
        found: &[("citizen_index_wrong", "{waiting}", "`ci_pk`")],
        apply: |s| s.set("waiting", "ci_pk", text("140581#0")),
    },
    Damage {
        name: "a text beside the timeline",
        found: &[("attribute_unknown", "{a}", "beside the timeline: 1")],
        apply: |s| s.set("a", "phone", text("10000000001")),
    },
    Damage {
        name: "a text in an entry of the timeline, where the chain does not see it",
        found: &[("attribute_unknown", "{a}", "entry 3")],
        apply: |s| {
            s.edit("a", |_as_it_was_written_once| {});
            let mut timeline =
                s.get(TICKETS, &s.pk("a"), keys::TICKET)["tl"].as_l().unwrap().clone();
            if let AttributeValue::M(entry) = &mut timeline[2] {
                entry.insert("phone".to_owned(), text("10000000001"));
            }
            s.set("a", "tl", AttributeValue::L(timeline));
        },
    },
    Damage {
        name: "a ticket of another region",
        found: &[("foreign_key", "999999#{a}", "partition key")],
        apply: |s| {
            let mut item = s.get(TICKETS, &s.pk("a"), keys::TICKET);
            item.insert("pk".to_owned(), text(&s.fill("999999#{a}")));
            s.put(TICKETS, item);
        },
    },
    Damage {
        name: "an item with a key that is no ticket's",
        found: &[("foreign_key", "settings", "partition key")],
        apply: |s| s.put(TICKETS, key("settings", "1")),
    },
    Damage {
        name: "one letter of an index entry rots on the disk",
        found: &[
            ("index_entry_missing", "{a:pk}", "number"),
            ("index_entry_stale", "{a:pk}", "number"),
        ],
        apply: |s| rot_index_entry(s, "a"),
    },
    Damage {
        name: "a dead letter waits",
        found: &[("dead_letters", "lianxin-step-dispatch-dead", "1 messages")],
        apply: |s| {
            s.run();
            s.send("lianxin-step-dispatch-dead", &s.fill("a letter about {a}"));
        },
    },
];

fn change_card(s: &Scene<'_>, change: fn(&mut Item)) {
    let mut card = s.get(TICKETS, &s.pk("open"), CARD);
    change(&mut card);
    s.put(TICKETS, card);
}

/// A well-formed value of `due_sk`, so many milliseconds after the receipt.
fn due(s: &Scene<'_>, name: &str, after_ms: i64) -> AttributeValue {
    let ticket = s.ticket(name);
    text(&keys::due_sort(ticket.received_at().plus_millis(after_ms), ticket.id(), &CardKind::Turn))
}

/// No API can make the engine's index differ from its table; a disk can. In the engine's file an
/// entry of the index `number` is the number, the item's keys, and then the entry itself as JSON.
fn rot_index_entry(s: &mut Scene<'_>, name: &str) {
    let number = keys::number(s.ticket(name).region(), s.ticket(name).number());
    let start = format!("S:{number}S:{}S:T{{", s.pk(name)).into_bytes();
    s.close();
    let file = s.path().join("dynamo.db");
    let mut bytes = fs::read(&file).unwrap();
    let mut rotten = 0;
    for at in 0..bytes.len().saturating_sub(start.len()) {
        if !bytes[at..].starts_with(&start) {
            continue;
        }
        let entry = at + start.len();
        let found = bytes[entry..].windows(number.len()).position(|part| part == number.as_bytes());
        let last = entry + found.unwrap() + number.len() - 1;
        bytes[last] = if bytes[last] == b'0' { b'1' } else { b'0' };
        rotten += 1;
    }
    assert!(rotten > 0, "the engine's file has no such entry: has its layout changed?");
    fs::write(file, bytes).unwrap();
}
