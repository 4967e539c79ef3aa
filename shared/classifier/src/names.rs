//! Items and categories by number.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Entry, Lesson};

/// Codes of items and categories, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Names {
    pub(crate) items: Vec<String>,
    /// By item.
    pub(crate) category_of: Vec<u32>,
    /// Those of training first.
    pub(crate) categories: Vec<String>,
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
        for (item, category) in by_code {
            names.number(item, category);
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
}
