//! The keywords of a catalog, turned round: which items a word speaks for, and how much of a text speaks
//! for which item.

use std::collections::{BTreeMap, BTreeSet};

use super::Item;

/// The keywords of all items. Items are meant by their place in the file; of items with one code, which is
/// a fault of its own, by the first's.
pub(super) struct Words<'c> {
    /// The items that have it.
    users: BTreeMap<&'c str, BTreeSet<usize>>,
    /// Keywords by their first character: a text is read once, whatever their number.
    by_first: BTreeMap<char, Vec<&'c str>>,
}

impl<'c> Words<'c> {
    pub(super) fn of(items: impl Iterator<Item = (usize, &'c Item)>) -> Self {
        let mut users: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (at, item) in items {
            for word in &item.keywords {
                users.entry(word).or_default().insert(at);
            }
        }
        let mut by_first: BTreeMap<char, Vec<&str>> = BTreeMap::new();
        for word in users.keys() {
            by_first.entry(word.chars().next().unwrap_or_default()).or_default().push(word);
        }
        Self { users, by_first }
    }

    /// The items that have this keyword.
    pub(super) fn users(&self, word: &str) -> impl Iterator<Item = usize> {
        self.users.get(word).into_iter().flatten().copied()
    }

    /// What speaks in a text for every item of which a keyword stands there.
    pub(super) fn voices(&self, text: &str) -> BTreeMap<usize, Voice> {
        let mut heard: BTreeMap<usize, (BTreeSet<&str>, BTreeSet<usize>)> = BTreeMap::new();
        for (at, (byte, first)) in text.char_indices().enumerate() {
            let rest = text.get(byte..).unwrap_or_default();
            let words = self.by_first.get(&first).into_iter().flatten().copied();
            let found = words.filter(|word| rest.starts_with(*word));
            for (word, user) in
                found.flat_map(|word| self.users(word).map(move |user| (word, user)))
            {
                let (words, chars) = heard.entry(user).or_default();
                words.insert(word);
                chars.extend(at..at + word.chars().count());
            }
        }
        let voice = |(words, chars): (BTreeSet<&str>, BTreeSet<usize>)| Voice {
            words: words.len(),
            chars: chars.len(),
        };
        heard.into_iter().map(|(user, heard)| (user, voice(heard))).collect()
    }
}

/// How much of a text speaks for one item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Voice {
    /// How many of its keywords stand there.
    pub(super) words: usize,
    /// How many characters they cover together.
    pub(super) chars: usize,
}

impl Voice {
    /// Whether it is louder by both measures. By words alone two short ones (带货, 直播间) that stand within
    /// longer ones (直播带货, 助农直播间) would be as loud as those; by characters alone a long one
    /// would outdo a short one that says as much.
    pub(super) const fn outdoes(self, other: Self) -> bool {
        self.words > other.words && self.chars > other.chars
    }
}
