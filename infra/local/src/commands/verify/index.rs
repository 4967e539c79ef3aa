//! Index entries: one for every item that has the index's keys, and no other.

use std::collections::BTreeSet;

use super::Findings;
use super::contents::{Contents, IndexEntry, text};

pub(super) fn check(contents: &Contents, findings: &mut Findings) {
    for (index, keys) in &contents.index_keys {
        let names: Vec<&str> =
            ["pk", "sk"].into_iter().chain(keys.iter().map(String::as_str)).collect();
        let mut expected: BTreeSet<Vec<&str>> = BTreeSet::new();
        for item in contents.tickets.values().flat_map(|items| items.values()) {
            // An item without all of the keys is not in a sparse index.
            if let Some(values) = names.iter().map(|name| text(item, name)).collect() {
                expected.insert(values);
            }
        }
        let entries = contents.indexes.get(index).map_or(&[][..], Vec::as_slice);
        let stored: BTreeSet<Vec<&str>> =
            entries.iter().filter_map(|entry| values(entry, &names)).collect();
        for missing in expected.difference(&stored) {
            findings.note(
                "index_entry_missing",
                missing.first().copied().unwrap_or(""),
                index.clone(),
            );
        }
        for stale in stored.difference(&expected) {
            findings.note("index_entry_stale", stale.first().copied().unwrap_or(""), index.clone());
        }
    }
}

fn values<'a>(entry: &'a IndexEntry, names: &[&str]) -> Option<Vec<&'a str>> {
    names.iter().map(|name| entry.get(*name).map(String::as_str)).collect()
}
