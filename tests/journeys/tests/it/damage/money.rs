//! Damages to the fund's ledger, and to what is kept beside it. `{fund}` has nine entries: appropriated, applied,
//! approved, reserved, contracted, accepted, paid, reversed, paid; all but the first about `funded`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use super::Damage;
use super::scene::{ACCOUNTS, LEDGER, Scene, text};

pub(super) const DAMAGES: &[Damage] = &[
    Damage {
        name: "an entry of the ledger is deleted",
        found: &[
            ("ledger_broken", "{fund}", "entry 5 of {fund}: another entry, or none"),
            ("money_differs", "{funded}", "{fund}#5, which the ledger does not have"),
        ],
        apply: |s| s.delete(LEDGER, &s.fill("{fund:pk}"), "0000000005"),
    },
    Damage {
        name: "the last entry of the ledger is deleted",
        found: &[
            ("ledger_broken", "{fund}", "another head"),
            ("money_differs", "{funded}", "{fund}#9, which the ledger does not have"),
        ],
        apply: |s| s.delete(LEDGER, &s.fill("{fund:pk}"), "0000000009"),
    },
    Damage {
        name: "an amount is another",
        found: &[(
            "ledger_broken",
            "{fund}",
            "entry 2 of {fund}: it or the one before was altered",
        )],
        apply: |s| field(s, 1, "amount", "7000000000"),
    },
    Damage {
        name: "an amount of the last entry is another",
        found: &[
            ("ledger_broken", "{fund}", "another head"),
            ("money_differs", "{funded}", "{fund}#9 otherwise than the ledger"),
        ],
        apply: |s| field(s, 9, "amount", "1"),
    },
    Damage {
        name: "a payment goes to another",
        found: &[(
            "ledger_broken",
            "{fund}",
            "entry 8 of {fund}: it or the one before was altered",
        )],
        apply: |s| field(s, 7, "payee", "SAMPLE-FIRM-02"),
    },
    Damage {
        name: "an approval is somebody else's",
        found: &[
            ("ledger_broken", "{fund}", "entry 4 of {fund}: it or the one before was altered"),
            ("money_differs", "{funded}", "{fund}#3 otherwise than the ledger"),
        ],
        apply: |s| field(s, 3, "actor", "staff:u9/leader/command-centre"),
    },
    Damage {
        name: "a field of an entry is not to be read",
        found: &[
            ("ledger_broken", "{fund:pk} 0000000003", "cannot be read"),
            ("money_differs", "{funded}", "{fund}#3, which the ledger does not have"),
        ],
        apply: |s| field(s, 3, "amount", "a lot"),
    },
    Damage {
        name: "a text beside an entry of the ledger",
        found: &[("attribute_unknown", "{fund:pk} 0000000003", "beside an entry")],
        apply: |s| {
            let mut item = s.get(LEDGER, &s.fill("{fund:pk}"), "0000000003");
            item.insert("phone".to_owned(), text("10000000001"));
            s.put(LEDGER, item);
        },
    },
    Damage {
        name: "an entry stands a second time, elsewhere",
        found: &[(
            "ledger_broken",
            "140581#centre/2000 0000000003",
            "cannot be read, or is another's",
        )],
        apply: |s| {
            let mut item = s.get(LEDGER, &s.fill("{fund:pk}"), "0000000003");
            item.insert("pk".to_owned(), text("140581#centre/2000"));
            s.put(LEDGER, item);
        },
    },
    Damage {
        name: "an account has more than its journal says",
        found: &[("account_wrong", "{fund}", "not what its journal folds to")],
        apply: |s| {
            let mut item = account(s);
            let Some(AttributeValue::M(fields)) = item.get_mut("b") else { panic!("no fields") };
            fields.insert("available".to_owned(), text("9999999999"));
            s.put(ACCOUNTS, item);
        },
    },
    Damage {
        name: "an account's condition is another than it says",
        found: &[
            ("account_wrong", "{fund:year} {fund}", "cannot be read"),
            ("account_wrong", "{fund}", "a journal and no account"),
        ],
        apply: |s| {
            let mut item = account(s);
            item.insert("n".to_owned(), AttributeValue::N("3".to_owned()));
            s.put(ACCOUNTS, item);
        },
    },
    Damage {
        name: "an account is deleted",
        found: &[("account_wrong", "{fund}", "a journal and no account")],
        apply: |s| s.delete(ACCOUNTS, &s.fill("{fund:year}"), &s.fill("{fund}")),
    },
    Damage {
        name: "a paid invoice is forgotten",
        found: &[("ledger_index_wrong", "140581#i#SAMPLE-FIRM-01#{invoice} -", "to be found")],
        apply: |s| s.delete(ACCOUNTS, &s.fill("140581#i#SAMPLE-FIRM-01#{invoice}"), "-"),
    },
    Damage {
        name: "a reversal is forgotten",
        found: &[("ledger_index_wrong", "140581#x#{fund}#7 -", "is not there to be found")],
        apply: |s| s.delete(ACCOUNTS, &s.fill("140581#x#{fund}#7"), "-"),
    },
    Damage {
        name: "an application forgets its last entry",
        found: &[("ledger_index_wrong", "{funded:pk} 00001", "names other entries")],
        apply: |s| {
            let mut item = s.get(ACCOUNTS, &s.pk("funded"), "00001");
            let Some(AttributeValue::L(entries)) = item.get_mut("en") else { panic!("no entries") };
            entries.pop();
            s.put(ACCOUNTS, item);
        },
    },
    Damage {
        name: "an invoice is paid that nobody has sent",
        found: &[("ledger_index_wrong", "140581#i#SAMPLE-FIRM-01#0 -", "names other entries")],
        apply: |s| {
            let entry = AttributeValue::L(vec![text(&s.fill("{fund}#7"))]);
            let (pk, sk) = (text("140581#i#SAMPLE-FIRM-01#0"), text("-"));
            let named = [("pk", pk), ("sk", sk), ("en", entry)];
            s.put(ACCOUNTS, HashMap::from(named.map(|(name, value)| (name.to_owned(), value))));
        },
    },
    Damage {
        name: "a ticket does not tell of its last payment",
        found: &[(
            "money_differs",
            "{funded}",
            "{fund}#9 is about the ticket, which does not tell of it",
        )],
        apply: |s| s.rewrite("funded", |timeline| drop(timeline.pop())),
    },
    Damage {
        name: "a ticket tells of more than was paid",
        found: &[("money_differs", "{funded}", "{fund}#9 otherwise than the ledger")],
        apply: |s| {
            s.rewrite("funded", |timeline| {
                let last = timeline.last_mut().unwrap();
                let mut fields = json!(last.fields);
                fields["amount"] = json!("9900000");
                last.fields = serde_json::from_value(fields).unwrap();
            });
        },
    },
];

fn account(s: &Scene<'_>) -> HashMap<String, AttributeValue> {
    s.get(ACCOUNTS, &s.fill("{fund:year}"), &s.fill("{fund}"))
}

/// Changes a field of an entry.
fn field(s: &Scene<'_>, seq: u32, name: &str, value: &str) {
    let mut item = s.get(LEDGER, &s.fill("{fund:pk}"), &format!("{seq:010}"));
    let Some(AttributeValue::M(fields)) = item.get_mut("f") else { panic!("no fields") };
    fields.insert(name.to_owned(), text(value));
    s.put(LEDGER, item);
}
