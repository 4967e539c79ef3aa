//! The keywords of a catalog, turned round: which items a word speaks for, and how much of a text speaks
//! for which item.

use std::collections::{BTreeMap, BTreeSet};

use super::Item;

/// A keyword that more items have than this tells none of them apart, and they are not compared by it.
pub const KEYWORD_USERS_MAX: usize = 20;

/// The keywords of all items. Items are meant by their place in the file; of items with one code, which is
/// a fault of its own, by the first's.
pub(super) struct Words<'c> {
    /// The items that have it.
    users: BTreeMap<&'c str, BTreeSet<usize>>,
    /// How many characters keywords have: a text is searched for these, whatever the number of keywords.
    lengths: BTreeSet<usize>,
}

impl<'c> Words<'c> {
    pub(super) fn of(items: impl Iterator<Item = (usize, &'c Item)>) -> Self {
        let mut users: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (at, item) in items {
            for word in &item.keywords {
                users.entry(word).or_default().insert(at);
            }
        }
        let lengths = users.keys().map(|word| word.chars().count()).collect();
        Self { users, lengths }
    }

    /// How many items have this keyword.
    pub(super) fn users(&self, word: &str) -> usize {
        self.users.get(word).map_or(0, BTreeSet::len)
    }

    /// The items that have this keyword, unless they are too many to be told apart by it.
    pub(super) fn rivals(&self, word: &str) -> impl Iterator<Item = usize> {
        let users = self.users.get(word).filter(|users| users.len() <= KEYWORD_USERS_MAX);
        users.into_iter().flatten().copied()
    }

    /// The keywords in a text, each with the character it begins at.
    fn found_in<'t>(&self, text: &'t str) -> Vec<(usize, &'t str)> {
        let starts = text.char_indices().map(|(byte, _)| byte);
        let borders: Vec<usize> = starts.chain([text.len()]).collect();
        let mut found = Vec::new();
        for (at, start) in borders.iter().enumerate() {
            let ends = self.lengths.iter().filter_map(|chars| borders.get(at + chars));
            let parts = ends.filter_map(|end| text.get(*start..*end));
            found.extend(parts.filter(|part| self.users.contains_key(part)).map(|part| (at, part)));
        }
        found
    }

    /// What speaks in a text for every item of which a keyword stands there.
    pub(super) fn voices(&self, text: &str) -> BTreeMap<usize, Voice> {
        let mut heard: BTreeMap<usize, (BTreeSet<&str>, BTreeSet<usize>)> = BTreeMap::new();
        for (at, word) in self.found_in(text) {
            for user in self.rivals(word) {
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
