//! Whether an item can be told from the others by what it is called and by what people write.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{FaultKind, Found};
use crate::catalog::Item;
use crate::catalog::words::{KEYWORD_USERS_MAX, Words};
use crate::ids::ItemCode;

type KeywordSet<'c> = BTreeSet<&'c str>;

/// The wording of a whole catalog. Items are meant by their place in the file.
pub(super) struct Wording<'c> {
    items: &'c [Item],
    /// Of each item the first with its code: what stands twice is one item, and its words are its own.
    first: Vec<usize>,
    names: BTreeMap<&'c str, BTreeSet<usize>>,
    sets: BTreeMap<KeywordSet<'c>, BTreeSet<usize>>,
    sentences: BTreeMap<&'c str, BTreeSet<usize>>,
    words: Words<'c>,
}

fn set(item: &Item) -> KeywordSet<'_> {
    item.keywords.iter().map(String::as_str).collect()
}

impl<'c> Wording<'c> {
    pub(super) fn of(items: &'c [Item]) -> Self {
        let mut by_code: BTreeMap<&ItemCode, usize> = BTreeMap::new();
        let first: Vec<usize> = items
            .iter()
            .enumerate()
            .map(|(at, item)| *by_code.entry(&item.code).or_insert(at))
            .collect();
        let placed = || first.iter().copied().zip(items);
        let mut all = Self {
            items,
            names: BTreeMap::new(),
            sets: BTreeMap::new(),
            sentences: BTreeMap::new(),
            words: Words::of(placed()),
            first: Vec::new(),
        };
        for (at, item) in placed() {
            all.names.entry(&item.name).or_default().insert(at);
            all.sets.entry(set(item)).or_default().insert(at);
            for sentence in &item.examples {
                all.sentences.entry(sentence).or_default().insert(at);
            }
        }
        all.first = first;
        all
    }

    pub(super) fn check(&self, at: usize, found: &mut Found<'_, 'c>) {
        let Some(own) = self.first.get(at).copied() else { return };
        if own != at {
            let detail =
                "the code stands in a row before: give this one another code, or take it out";
            found.note(FaultKind::Duplicate, detail.to_owned());
        }
        let item = found.item;
        if let Some(other) = self.other(self.names.get(item.name.as_str()), own) {
            let detail = format!("`{}` is the name of {other} as well: rename one", item.name);
            found.note(FaultKind::Duplicate, detail);
        }
        let mut seen = BTreeSet::new();
        for word in item.keywords.iter().filter(|word| !seen.insert(word.as_str())) {
            found.note(FaultKind::Duplicate, format!("`{word}` is a keyword twice: name it once"));
        }
        self.check_keywords(own, found);
        self.check_sentences(own, found);
    }

    /// The first item of these that is another one, with its name.
    fn other(&self, users: Option<&BTreeSet<usize>>, own: usize) -> Option<String> {
        self.named(*users?.iter().find(|user| **user != own)?)
    }

    fn named(&self, at: usize) -> Option<String> {
        self.items.get(at).map(|item| format!("{} ({})", item.code, item.name))
    }

    fn check_keywords(&self, own: usize, found: &mut Found<'_, 'c>) {
        let keywords = set(found.item);
        if keywords.is_empty() {
            let detail = "has no keyword: add words that only this item has";
            return found.note(FaultKind::Unreachable, detail.to_owned());
        }
        // That it shares its words and has none of its own is the same fault, and is not told again.
        if let Some(other) = self.other(self.sets.get(&keywords), own) {
            let detail =
                format!("has the keywords of {other}: make them one item, or give it its own");
            return found.note(FaultKind::Duplicate, detail);
        }
        for word in &keywords {
            let users = self.words.users(word);
            if users > KEYWORD_USERS_MAX {
                let detail = format!(
                    "`{word}` is a keyword of {users} items and tells none apart: take it out"
                );
                found.note(FaultKind::Ambiguous, detail);
            }
        }
        if keywords.iter().all(|word| self.words.users(word) > 1) {
            let detail = "has no keyword that no other item has: add one";
            found.note(FaultKind::Unreachable, detail.to_owned());
        }
        if let Some((other, shared)) = self.closest(own, &keywords) {
            let words = shared.join("`, `");
            let detail = format!(
                "shares more than half of the keywords (`{words}`) with {other}: make them one item, or give each its own"
            );
            found.note(FaultKind::Ambiguous, detail);
        }
    }

    /// The item with the most of these keywords, if they are more than half of its or of this one's.
    fn closest(&self, own: usize, keywords: &KeywordSet<'c>) -> Option<(String, Vec<&'c str>)> {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for word in keywords {
            for user in self.words.rivals(word).filter(|user| *user != own) {
                *shared.entry(user).or_default() += 1;
            }
        }
        let is_close = |(other, count): &(usize, usize)| {
            let theirs = self.items.get(*other).map_or(0, |item| set(item).len());
            count * 2 > keywords.len().min(theirs)
        };
        let close = shared.into_iter().filter(is_close);
        // Of equal ones the first in the file.
        let (other, _) = close.max_by_key(|(other, count)| (*count, Reverse(*other)))?;
        let both = keywords.iter().filter(|word| self.words.rivals(word).any(|user| user == other));
        Some((self.named(other)?, both.copied().collect()))
    }

    fn check_sentences(&self, own: usize, found: &mut Found<'_, 'c>) {
        let item = found.item;
        let has_keyword =
            |text: &String| item.keywords.iter().any(|word| text.contains(word.as_str()));
        // Without a keyword no sentence can speak for the item, which was told already.
        let can_speak = !item.keywords.is_empty();
        if can_speak && !item.examples.is_empty() && !item.examples.iter().any(has_keyword) {
            let detail =
                "no example has a keyword of its own item: say it with one, or add the word";
            found.note(FaultKind::Unreachable, detail.to_owned());
        }
        let mut seen = BTreeSet::new();
        for (number, text) in (1..).zip(&item.examples) {
            if !seen.insert(text.as_str()) {
                let detail = format!("example {number} is the one before: write another");
                found.note(FaultKind::Duplicate, detail);
            } else if let Some(other) = self.other(self.sentences.get(text.as_str()), own) {
                let detail = format!("example {number} is one of {other} as well: keep it in one");
                found.note(FaultKind::Ambiguous, detail);
            } else if let Some(rival) = can_speak.then(|| self.rival(own, text)).flatten() {
                let detail = format!(
                    "example {number} speaks {rival}: put it in other words, or change keywords"
                );
                found.note(FaultKind::Ambiguous, detail);
            }
        }
    }

    /// The item for which a sentence of this one speaks more than for its own, and by how much.
    fn rival(&self, own: usize, text: &str) -> Option<String> {
        let voices = self.words.voices(text);
        let mine = voices.get(&own).copied().unwrap_or_default();
        let louder = voices.into_iter().filter(|(_, voice)| voice.outdoes(mine));
        let (other, theirs) = louder.max_by_key(|(other, voice)| (*voice, Reverse(*other)))?;
        Some(format!(
            "for {} with {} keywords, for its own item with {}",
            self.named(other)?,
            theirs.words,
            mine.words
        ))
    }
}
