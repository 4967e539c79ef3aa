//! Damages to case files. Nothing locks them here, as object lock does in the cloud.

use super::Damage;

pub(super) const DAMAGES: &[Damage] = &[
    Damage {
        name: "the newest directory is none",
        found: &[("directory_wrong", "directory", "version 1 of the directory is no lianxin")],
        apply: |s| s.put_directory(b"{}"),
    },
    Damage {
        name: "the newest directory has no city",
        found: &[("directory_wrong", "directory", "is not valid: units.csv:1:line")],
        apply: |s| {
            s.put_directory(
                br#"{"format":"lianxin.directory.v1","grids":"","members":"","staff":"","units":""}"#,
            );
        },
    },
    Damage {
        name: "a dossier is deleted",
        found: &[("dossier_missing", "{a}", "no object {a:dossier}")],
        apply: |s| s.delete_object(&s.fill("{a:dossier}")),
    },
    Damage {
        name: "one byte of a dossier is altered",
        found: &[
            ("dossier_altered", "{a}", "SHA-256"),
            ("dossier_differs", "{a}", "another dossier"),
        ],
        apply: |s| {
            let key = s.fill("{a:dossier}");
            let mut bytes = s.object(&key);
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            s.put_object(&key, &bytes);
        },
    },
    Damage {
        name: "a dossier is emptied",
        found: &[
            ("dossier_altered", "{a}", "SHA-256"),
            ("dossier_differs", "{a}", "another dossier"),
        ],
        apply: |s| s.put_object(&s.fill("{a:dossier}"), b""),
    },
    Damage {
        name: "the dossiers of two tickets change places",
        found: &[
            ("dossier_altered", "{a}", "SHA-256"),
            ("dossier_altered", "{b}", "SHA-256"),
            ("dossier_differs", "{a}", "another dossier"),
            ("dossier_differs", "{b}", "another dossier"),
        ],
        apply: |s| {
            let (a, b) = (s.fill("{a:dossier}"), s.fill("{b:dossier}"));
            let (of_a, of_b) = (s.object(&a), s.object(&b));
            s.put_object(&a, &of_b);
            s.put_object(&b, &of_a);
        },
    },
    Damage {
        name: "a dossier lies under a second key too",
        found: &[("dossier_double", "d/140581/2020/01/01/{a}.json", "a second object")],
        apply: |s| {
            let bytes = s.object(&s.fill("{a:dossier}"));
            s.put_object(&s.fill("d/140581/2020/01/01/{a}.json"), &bytes);
        },
    },
    Damage {
        name: "an object that is nobody's",
        found: &[("dossier_orphan", "d/140581/readme.txt", "no ticket names")],
        apply: |s| s.put_object("d/140581/readme.txt", b"hello"),
    },
    Damage {
        name: "a dossier of a ticket that is still open",
        found: &[("dossier_orphan", "{open:dossier}", "no ticket names")],
        apply: |s| s.put_object(&s.fill("{open:dossier}"), b"{}"),
    },
    Damage {
        name: "another dossier stands in the way of a ticket that is to be archived",
        found: &[("dossier_differs", "{closed}", "another dossier")],
        apply: |s| {
            let bytes = s.object(&s.fill("{a:dossier}"));
            s.put_object(&s.fill("{closed:dossier}"), &bytes);
        },
    },
    Damage {
        name: "(in order) the step has written the dossier and not told the ticket yet",
        found: &[],
        apply: |s| {
            let bytes = s.dossier("closed");
            s.put_object(&s.fill("{closed:dossier}"), &bytes);
        },
    },
];
