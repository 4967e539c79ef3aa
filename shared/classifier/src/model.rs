//! A trained model, and what it is trained from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calibration::Threshold;
use crate::explain;
use crate::features::Text;
use crate::items::{self, ItemHead};
use crate::labels::LabelHead;

/// Classes, categories at most.
pub const CLASSES_MAX: usize = 1_000;
/// Entries and lessons at most, of one model.
pub const DOCUMENTS_MAX: usize = 1_000_000;

/// One item of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The item's code.
    pub item: &'a str,
    /// The code or name of its category.
    pub category: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Words that citizens use for it.
    pub keywords: &'a [&'a str],
    /// Sentences as citizens write them.
    pub examples: &'a [&'a str],
}

/// What a dispatcher's correction teaches: this text was of that item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lesson<'a> {
    /// The item's code; one that the catalog does not have is a new item.
    pub item: &'a str,
    /// The category of an item that is new; a known item stays in its own.
    pub category: &'a str,
    /// The citizen's text.
    pub text: Text<'a>,
}

/// A text that people gave a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labelled<'a> {
    /// The label.
    pub label: &'a str,
    /// The text.
    pub text: Text<'a>,
}

/// All that a model is trained from. Entries and lessons make the items head, labelled texts the labels
/// head; a head without any is absent.
#[derive(Clone, Debug, Default)]
pub struct Training<'a> {
    /// The catalog, each item once.
    pub entries: &'a [Entry<'a>],
    /// In the order in which they were taught.
    pub lessons: &'a [Lesson<'a>],
    /// In any order; the model is the same only for the same order.
    pub labelled: &'a [Labelled<'a>],
    /// The hash of the catalog, to know later what a model was made from.
    pub catalog: Option<String>,
}

/// Why there can be no training.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrainFault {
    /// Nothing was given.
    #[error("there are no entries, no lessons and no labelled texts to learn from")]
    Nothing,
    /// A code or label is empty; rows count from 0.
    #[error("row {row} of the {of} has an empty code or label")]
    Unnamed {
        /// `entries`, `lessons` or `labelled texts`.
        of: &'static str,
        /// Which.
        row: usize,
    },
    /// An item stands twice in the catalog, or in two categories.
    #[error("item {item} stands twice in the catalog, or a lesson puts it in another category")]
    Contradicted {
        /// The item's code.
        item: String,
    },
    /// There is more than a model holds.
    #[error("more than {most} {of}")]
    TooMany {
        /// Of what.
        of: &'static str,
        /// How many there may be.
        most: usize,
    },
}

/// Why a lesson cannot be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LearnFault {
    /// The text has no characters but white space.
    #[error("the text is empty")]
    Empty,
    /// The code of the item or the category is empty.
    #[error("the item or its category has no code")]
    Unnamed,
    /// There is more than a model holds.
    #[error("the model is full")]
    Full,
}

/// One of the two heads of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// From a text to an item of the catalog.
    Items,
    /// From a text to one of a few broad labels.
    Labels,
}

/// How far training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being trained.
    pub head: Head,
    /// Steps that are done.
    pub done: usize,
    /// All steps of this head.
    pub of: usize,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The item's code, or the label.
    pub label: String,
    /// How probable it is, `0..=1`; those of all answers add up to at most 1.
    pub confidence: f32,
}

/// Words that spoke. They are a piece of the citizen's text: show them, never store them.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// As they stand in the title or in the body, 2 to 12 characters.
    pub words: String,
    /// Their share, `0..=1`, of all that spoke for the answer.
    pub weight: f32,
}

/// What a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainedOn {
    /// The catalog's hash, as it was given.
    pub catalog: Option<String>,
    /// Entries of the catalog.
    pub entries: usize,
    /// Lessons, those learned after training too.
    pub lessons: usize,
    /// Labelled texts.
    pub labelled: usize,
}

/// A trained model: pure data, safe to share. The default one knows nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub(crate) trained_on: TrainedOn,
    pub(crate) items: Option<ItemHead>,
    pub(crate) labels: Option<LabelHead>,
}

/// The `n` most probable, in falling order.
pub(crate) fn ranked<'l>(all: impl Iterator<Item = (&'l str, f32)>, n: usize) -> Vec<Ranked> {
    let mut all: Vec<(&str, f32)> = all.collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let one = |(label, confidence): (&str, f32)| Ranked { label: label.to_owned(), confidence };
    all.into_iter().take(n).map(one).collect()
}

fn all_named(of: &'static str, names: impl Iterator<Item = bool>) -> Result<(), TrainFault> {
    let unnamed = (0..).zip(names).find(|(_, is_named)| !is_named);
    unnamed.map_or(Ok(()), |(row, _)| Err(TrainFault::Unnamed { of, row }))
}

fn at_most(of: &'static str, count: usize, most: usize) -> Result<(), TrainFault> {
    if count > most { Err(TrainFault::TooMany { of, most }) } else { Ok(()) }
}

impl Training<'_> {
    fn check(&self) -> Result<(), TrainFault> {
        if self.entries.is_empty() && self.lessons.is_empty() && self.labelled.is_empty() {
            return Err(TrainFault::Nothing);
        }
        let documents = self.entries.len() + self.lessons.len();
        at_most("entries and lessons", documents, DOCUMENTS_MAX)?;
        at_most("labelled texts", self.labelled.len(), DOCUMENTS_MAX)?;
        let is_named = |item: &str, category: &str| !item.is_empty() && !category.is_empty();
        let entries = self.entries.iter();
        all_named("entries", entries.map(|one| is_named(one.item, one.category)))?;
        let lessons = self.lessons.iter();
        all_named("lessons", lessons.map(|one| is_named(one.item, one.category)))?;
        all_named("labelled texts", self.labelled.iter().map(|one| !one.label.is_empty()))?;
        self.check_categories()?;
        at_most("labels", crate::labels::classes(self.labelled).len(), CLASSES_MAX)
    }

    fn check_categories(&self) -> Result<(), TrainFault> {
        let contradicted = |item: &str| Err(TrainFault::Contradicted { item: item.to_owned() });
        let mut category_of = BTreeMap::new();
        for entry in self.entries {
            if category_of.insert(entry.item, entry.category).is_some() {
                return contradicted(entry.item);
            }
        }
        for lesson in self.lessons {
            if *category_of.entry(lesson.item).or_insert(lesson.category) != lesson.category {
                return contradicted(lesson.item);
            }
        }
        let mut categories: Vec<&str> = category_of.into_values().collect();
        categories.sort_unstable();
        categories.dedup();
        at_most("categories", categories.len(), CLASSES_MAX)
    }
}

impl Model {
    /// Trains a model; `progress` hears of every step. Seconds to a minute for ten thousand texts. The
    /// same training gives the same model, bit by bit, on the same kind of machine.
    ///
    /// # Errors
    /// [`TrainFault`] says what is wrong with the training.
    pub fn train(
        training: &Training<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, TrainFault> {
        training.check()?;
        let has_items = !training.entries.is_empty() || !training.lessons.is_empty();
        let items = has_items.then(|| {
            let mut told = |done, of| progress(Progress { head: Head::Items, done, of });
            ItemHead::train(training.entries, training.lessons, &mut told)
        });
        let labels = (!training.labelled.is_empty()).then(|| {
            let mut told = |done, of| progress(Progress { head: Head::Labels, done, of });
            LabelHead::train(training.labelled, &mut told)
        });
        let trained_on = TrainedOn {
            catalog: training.catalog.clone(),
            entries: training.entries.len(),
            lessons: training.lessons.len(),
            labelled: training.labelled.len(),
        };
        Ok(Self { trained_on, items, labels })
    }

    /// What it was trained on.
    #[must_use]
    pub fn trained_on(&self) -> &TrainedOn {
        &self.trained_on
    }

    /// Whether it has this head.
    #[must_use]
    pub fn has(&self, head: Head) -> bool {
        match head {
            Head::Items => self.items.is_some(),
            Head::Labels => self.labels.is_some(),
        }
    }

    /// Whether a head can give this answer.
    #[must_use]
    pub fn knows(&self, head: Head, label: &str) -> bool {
        let has = |all: &[String]| all.iter().any(|one| one == label);
        match head {
            Head::Items => self.items.as_ref().is_some_and(|head| has(&head.names.items)),
            Head::Labels => self.labels.as_ref().is_some_and(|head| has(&head.classes)),
        }
    }

    /// From which confidence on a head keeps which precision, as found in training on texts that were held
    /// out; a precision that it never kept is not there. Those of the items head were found on examples
    /// with and without the keywords they use, bare and with phrases around them, and on some whose item
    /// was taken away. Messages from elsewhere, longer and of other matters, keep less.
    #[must_use]
    pub fn thresholds(&self, head: Head) -> &[Threshold] {
        match head {
            Head::Items => self.items.as_ref().map(|head| head.thresholds.as_slice()),
            Head::Labels => self.labels.as_ref().map(|head| head.thresholds.as_slice()),
        }
        .unwrap_or_default()
    }

    /// The `n` items, at most 50, that the text is most probably of, most probable first. None when there
    /// is no items head, or no gram of the text in any document.
    #[must_use]
    pub fn items(&self, text: &Text<'_>, n: usize) -> Vec<Ranked> {
        self.items.as_ref().map(|head| head.rank(text, n)).unwrap_or_default()
    }

    /// The `n` labels that the text most probably has, most probable first. None when there is no labels
    /// head, or nothing in the text.
    #[must_use]
    pub fn labels(&self, text: &Text<'_>, n: usize) -> Vec<Ranked> {
        self.labels.as_ref().map(|head| head.rank(text, n)).unwrap_or_default()
    }

    /// The words that spoke for an answer, most telling first, at most 6: none for an item or label that
    /// the head does not know.
    #[must_use]
    pub fn explain(&self, text: &Text<'_>, head: Head, label: &str) -> Vec<Reason> {
        match head {
            Head::Items => self.items.as_ref().map(|head| explain::item(head, text, label)),
            Head::Labels => self.labels.as_ref().map(|head| explain::label(head, text, label)),
        }
        .unwrap_or_default()
    }

    /// Adds what one correction teaches, without training anew: from the next text on the same words lead
    /// to this item. The rarity of grams and the confidence's scale stay as they were trained.
    ///
    /// # Errors
    /// [`LearnFault`] says why not; the model is then as before.
    pub fn learn(&mut self, lesson: &Lesson<'_>) -> Result<(), LearnFault> {
        if lesson.item.is_empty() || lesson.category.is_empty() {
            return Err(LearnFault::Unnamed);
        }
        if items::counts(&lesson.text).is_empty() {
            return Err(LearnFault::Empty);
        }
        let head = self.items.get_or_insert_with(ItemHead::empty);
        if head.scorer.item_of.len() >= DOCUMENTS_MAX {
            return Err(LearnFault::Full);
        }
        head.learn(lesson);
        self.trained_on.lessons += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
