//! Damages to what was published, and to tickets by one who has every key and knows how: nothing but
//! the published heads can tell of those.

use contracts::{Dossier, PublishedHead, leaves_key, leaves_to_bytes};
use domain::{Hash, Ticket};

use super::Damage;
use super::scene::{KEYS, SEALED, Scene, TICKETS};

pub(super) const DAMAGES: &[Damage] = &[
    Damage {
        name: "a whole ticket is rewritten with a fresh chain, its dossier and the hash of that too",
        found: &[("rewritten", "{a}", "event 9 or one before it")],
        apply: |s| {
            let sha256 = forge_dossier(s, "a");
            s.rewrite("a", |timeline| {
                timeline[2].fields.insert("unit".to_owned(), "other-unit".to_owned());
                timeline[8].fields.insert("sha256".to_owned(), sha256.to_string());
            });
        },
    },
    Damage {
        name: "a tail is cut, and everything put right for it",
        found: &[("tail_cut", "{a}", "9 events were published, and 8 stand")],
        apply: |s| s.rewrite("a", |timeline| drop(timeline.pop())),
    },
    Damage {
        name: "the dossier of another case lies under the key, and the ticket says that it is right",
        found: &[
            ("dossier_differs", "{a}", "another dossier"),
            ("rewritten", "{a}", "event 9 or one before it"),
        ],
        apply: |s| {
            let other = s.object(&s.fill("{b:dossier}"));
            s.put_object(&s.fill("{a:dossier}"), &other);
            s.rewrite("a", |timeline| {
                let sha256 = Hash::of_bytes(&other).to_string();
                timeline[8].fields.insert("sha256".to_owned(), sha256);
            });
        },
    },
    Damage {
        name: "a ticket is gone with all that was its own",
        found: &[("ticket_vanished", "{a}", "and gone")],
        apply: |s| {
            for seq in [1, 5] {
                s.delete(SEALED, &s.pk("a"), s.record("a", seq).as_str());
            }
            s.delete(KEYS, &s.pk("a"), "");
            s.delete(TICKETS, &s.pk("a"), cloud::keys::TICKET);
            s.delete_object(&s.fill("{a:dossier}"));
        },
    },
    Damage {
        name: "an addendum is deleted",
        found: &[("dossier_missing", "{c}", "no object {c:addendum}")],
        apply: |s| s.delete_object(&s.fill("{c:addendum}")),
    },
    Damage {
        name: "an addendum is altered",
        found: &[
            ("dossier_altered", "{c}", "SHA-256"),
            ("dossier_differs", "{c}", "another dossier"),
        ],
        apply: |s| s.put_object(&s.fill("{c:addendum}"), b"{}"),
    },
    Damage {
        name: "an addendum lies there that no event names",
        found: &[("dossier_double", "d/140581/x/{c}/99.json", "a second object")],
        apply: |s| {
            let addendum = s.object(&s.fill("{c:addendum}"));
            s.put_object(&s.fill("d/140581/x/{c}/99.json"), &addendum);
        },
    },
    Damage {
        name: "a head names another root",
        found: &[("head_damaged", "{head}", "another root")],
        apply: |s| alter(s, "{head}", |head| head.head.root = Hash::ZERO.to_string()),
    },
    Damage {
        name: "a head has no leaves any more",
        found: &[("leaves_missing", "{head}", "without its leaves")],
        apply: |s| s.delete_object(&leaves_key(&s.fill("{head}"))),
    },
    Damage {
        name: "a leaf is left out of the list",
        found: &[("head_damaged", "{head}", "another root")],
        apply: |s| {
            let mut head = head(s, "{head}");
            head.leaves.pop();
            s.put_object(&leaves_key(&s.fill("{head}")), &leaves_to_bytes(&head.leaves));
        },
    },
    Damage {
        name: "a head says that it is another day's",
        found: &[("head_misplaced", "{head:next}", "another date")],
        apply: |s| alter(s, "{head:next}", |head| head.head.date = "2020-01-01".to_owned()),
    },
    Damage {
        name: "a head is taken out of the chain",
        found: &[("head_unchained", "{head:next}", "does not follow")],
        apply: |s| {
            s.delete_object(&leaves_key(&s.fill("{head}")));
            s.delete_object(&s.fill("{head}"));
        },
    },
    Damage {
        name: "a head and all after it are forged without a ticket",
        found: &[("unpublished", "{a}", "hold 0 of 9 events")],
        apply: |s| {
            let mut older = head(s, "{head}");
            let id = s.ticket("a").id();
            older.leaves.retain(|leaf| leaf.ticket != *id);
            let forged = publish(s, "{head}", &older, None);
            let newer = head(s, "{head:next}");
            publish(s, "{head:next}", &newer, Some(&forged));
        },
    },
];

fn head(s: &Scene<'_>, name: &str) -> PublishedHead {
    let key = s.fill(name);
    PublishedHead::read(&s.object(&key), &s.object(&leaves_key(&key))).unwrap()
}

fn alter(s: &Scene<'_>, name: &str, change: impl FnOnce(&mut PublishedHead)) {
    let mut head = head(s, name);
    change(&mut head);
    s.put_object(&s.fill(name), &head.head.to_bytes());
}

/// Publishes these leaves anew, on top of `previous`.
fn publish(
    s: &Scene<'_>,
    name: &str,
    right: &PublishedHead,
    previous: Option<&PublishedHead>,
) -> PublishedHead {
    let (key, region) = (s.fill(name), s.ticket("a").region());
    let head = contracts::DailyHead::of(region, &right.head.date, &right.leaves, previous);
    s.put_object(&leaves_key(&key), &leaves_to_bytes(&right.leaves));
    s.put_object(&key, &head.to_bytes());
    PublishedHead::read(&head.to_bytes(), &leaves_to_bytes(&right.leaves)).unwrap()
}

/// Puts the dossier of a ticket that went to another unit in place of the right one; gives its hash.
fn forge_dossier(s: &Scene<'_>, name: &str) -> Hash {
    let mut lie: Dossier = serde_json::from_slice(&s.dossier(name)).unwrap();
    lie.timeline[2].fields.insert("unit".to_owned(), "other-unit".to_owned());
    let mut head = Hash::ZERO;
    let mut entries = Vec::new();
    for wire in &mut lie.timeline {
        wire.prev = head.to_string();
        let entry = domain::Entry::try_from(wire.clone()).unwrap();
        head = entry.hash();
        entries.push(entry);
    }
    lie.head = head.to_string();
    let ticket = s.ticket(name);
    Ticket::replay(ticket.region().clone(), ticket.id().clone(), entries, head).unwrap();
    s.put_object(&s.fill("{a:dossier}"), &lie.to_bytes());
    Hash::of_bytes(&lie.to_bytes())
}
