//! A catalog written as its table: the same catalog always gives the same text.

use super::csv::write_row;
use super::{Catalog, Item, Lead};
use crate::hash::Hash;

/// Between the parts of a cell that has several.
const BETWEEN: &str = "|";

fn joined<'t>(parts: impl Iterator<Item = &'t str>) -> String {
    parts.collect::<Vec<_>>().join(BETWEEN)
}

fn row(item: &Item) -> [String; 13] {
    let example = |at: usize| item.examples.get(at).cloned().unwrap_or_default();
    [
        item.code.to_string(),
        item.category.clone(),
        item.name.clone(),
        item.lead.to_string(),
        item.in_villages.as_ref().map_or_else(String::new, Lead::to_string),
        joined(item.assisting.iter().map(Lead::as_str)),
        item.urgency.to_string(),
        item.limit.to_string(),
        item.basis.clone(),
        item.elsewhere.clone().unwrap_or_default(),
        joined(item.keywords.iter().map(String::as_str)),
        example(0),
        example(1),
    ]
}

impl Catalog {
    /// The rows under the heading [`Catalog::COLUMNS`], from which [`Catalog::from_rows`] gives this
    /// catalog again.
    pub fn to_rows(&self) -> impl ExactSizeIterator<Item = [String; 13]> {
        self.items.iter().map(row)
    }

    /// The text from which [`Catalog::parse`] gives this catalog again. Equal texts are equal catalogs,
    /// whatever their versions.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::new();
        write_row(&mut text, Self::COLUMNS);
        for cells in self.to_rows() {
            write_row(&mut text, cells.iter().map(String::as_str));
        }
        text
    }

    /// The SHA-256 of [`Catalog::to_csv`], as `sha256sum` prints it of an exported file: it tells a
    /// model by which catalog it was trained. The version is no part of it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of_bytes(self.to_csv().as_bytes())
    }
}
