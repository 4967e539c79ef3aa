//! Items and categories by number, and the grams of the items' names.

use std::collections::{BTreeMap, BTreeSet};

use crate::features::{Normal, Text};
use crate::model::{Entry, Lesson};

/// Codes of items and categories, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Names {
    pub(crate) items: Vec<String>,
    /// By item.
    pub(crate) category_of: Vec<u32>,
    /// Those of training first.
    pub(crate) categories: Vec<String>,
    /// Buckets of the items' names, one item after the other.
    pub(crate) grams: Vec<u32>,
    /// Where each item's grams end; an item that came later has none.
    pub(crate) gram_ends: Vec<u32>,
}

impl Names {
    pub(crate) fn of(entries: &[Entry<'_>], lessons: &[Lesson<'_>]) -> Self {
        let pairs = || {
            let entries = entries.iter().map(|entry| (entry.item, entry.category));
            entries.chain(lessons.iter().map(|lesson| (lesson.item, lesson.category)))
        };
        let categories: BTreeSet<&str> = pairs().map(|(_, category)| category).collect();
        let mut names = Self {
            categories: categories.into_iter().map(str::to_owned).collect(),
            ..Self::default()
        };
        let by_code: BTreeMap<&str, &str> = pairs().collect();
        let name_of: BTreeMap<&str, &str> =
            entries.iter().map(|entry| (entry.item, entry.name)).collect();
        for (item, category) in by_code {
            names.number(item, category);
            let name = name_of.get(item).copied().unwrap_or_default();
            let counts = Normal::of(&Text::untitled(name)).counts();
            names.grams.extend(counts.iter().map(|one| one.bucket));
            names.gram_ends.push(names.grams.len() as u32);
        }
        names
    }

    /// The number of an item, which is added if it is new; a known one stays in its category.
    pub(crate) fn number(&mut self, item: &str, category: &str) -> u32 {
        if let Some(at) = self.items.iter().position(|known| known == item) {
            return at as u32;
        }
        let known = self.categories.iter().position(|known| known == category);
        let category_at = known.unwrap_or_else(|| {
            self.categories.push(category.to_owned());
            self.categories.len() - 1
        });
        self.items.push(item.to_owned());
        self.category_of.push(category_at as u32);
        (self.items.len() - 1) as u32
    }

    /// The number of an item of training, where they stand in order.
    pub(crate) fn trained(&self, item: &str) -> u32 {
        self.items.binary_search_by(|known| known.as_str().cmp(item)).unwrap_or_default() as u32
    }

    pub(crate) fn category(&self, item: u32) -> usize {
        self.category_of.get(item as usize).copied().unwrap_or(u32::MAX) as usize
    }

    pub(crate) fn item(&self, item: u32) -> &str {
        self.items.get(item as usize).map(String::as_str).unwrap_or_default()
    }

    /// The buckets of an item's name.
    pub(crate) fn grams_of(&self, item: u32) -> &[u32] {
        let before = (item as usize).checked_sub(1).and_then(|at| self.gram_ends.get(at));
        let from = if item == 0 { Some(0) } else { before.map(|end| *end as usize) };
        let to = self.gram_ends.get(item as usize).map(|end| *end as usize);
        let own = from.zip(to).and_then(|(from, to)| self.grams.get(from..to));
        own.unwrap_or_default()
    }
}
