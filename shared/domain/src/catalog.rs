//! The dispatch catalog (派单目录): what citizens ask for, and who answers it until when.
//!
//! Categories and items, each with its responsible unit (by place), assisting units, urgency, limit,
//! legal basis, keywords and example sentences; and what is not the city's, with where to go instead.
//! A city keeps it as one table, as CSV or as a spreadsheet. [`Catalog::from_rows`] finds what cannot be
//! read, [`check`] what reads well and is wrong all the same; both find everything at once.

mod check;
mod csv;
mod lead;
mod read;
mod words;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use self::check::{EXAMPLES_MIN, Fault, FaultKind, check};
pub use self::lead::Where;
pub use self::read::{
    ASSISTING_MAX, FormFault, ITEMS_MAX, KEYWORD_CHARS_MAX, KEYWORD_CHARS_MIN, KEYWORDS_MAX,
    TEXT_CHARS_MAX, Unreadable,
};
pub use self::words::KEYWORD_USERS_MAX;
use crate::calendar::Limit;
use crate::ids::{ItemCode, UnitCode};
use crate::record::text_enum;

text_enum!(
    /// How pressing the matter of an item is (紧急程度), in the grades that a city starts with.
    Urgency, "one of `emergency`, `urgent`, `general`, `complex`" {
        /// 突发: life and limb.
        Emergency = "emergency",
        /// 紧急: water, power, gas, heat.
        Urgent = "urgent",
        /// 一般.
        General = "general",
        /// 疑难.
        Complex = "complex",
    }
);

impl Urgency {
    /// The longest limit that an item of this grade may have, in hours: 2 h, 24 h, 7 days, 15 days.
    #[must_use]
    pub const fn hours_max(self) -> u32 {
        match self {
            Self::Emergency => 2,
            Self::Urgent => 24,
            Self::General => 7 * 24,
            Self::Complex => 15 * 24,
        }
    }
}

/// Who leads or assists, as the catalog says it: who that is may depend on the place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// This unit, wherever it is.
    Unit(UnitCode),
    /// The township or subdistrict of the place.
    Township,
}

impl Lead {
    /// What stands in the table for [`Lead::Township`].
    pub const TOWNSHIP: &str = "@township";

    /// Reads the code of a unit or `@township`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::TOWNSHIP {
            return Some(Self::Township);
        }
        UnitCode::parse(text).ok().map(Self::Unit)
    }

    /// The text that [`Lead::parse`] reads.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Unit(unit) => unit.as_str(),
            Self::Township => Self::TOWNSHIP,
        }
    }
}

impl std::fmt::Display for Lead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One item (事项).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its code.
    pub code: ItemCode,
    /// The version of the catalog that it stands in.
    pub catalog: u32,
    /// The category it belongs to.
    pub category: String,
    /// Its name, for people.
    pub name: String,
    /// Who leads.
    pub lead: Lead,
    /// Who leads instead where the place is in a village (村); `None`: the same.
    pub in_villages: Option<Lead>,
    /// Who assists.
    pub assisting: Vec<Lead>,
    /// How pressing it is.
    pub urgency: Urgency,
    /// The limit of whoever leads.
    pub limit: Limit,
    /// The law, regulation or standard that it rests on.
    pub basis: String,
    /// Where the citizen is to go instead: only of what is not the city's.
    pub elsewhere: Option<String>,
    /// The words that speak for it.
    pub keywords: Vec<String>,
    /// What citizens might write.
    pub examples: Vec<String>,
}

/// One version of a city's catalog, in the order of its file; never altered. It can be read, which is
/// not to say that it is right: that says [`check`]. The default one is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    version: u32,
    items: Vec<Item>,
    categories: Vec<String>,
    by_code: BTreeMap<ItemCode, usize>,
}

impl Catalog {
    /// The columns of the table, in the order in which they are written.
    pub const COLUMNS: [&str; 13] = [
        "item",
        "category",
        "name",
        "unit",
        "in_villages",
        "assisting",
        "urgency",
        "limit",
        "basis",
        "elsewhere",
        "keywords",
        "example_1",
        "example_2",
    ];

    fn of(version: u32, mut items: Vec<Item>) -> Self {
        items.iter_mut().for_each(|item| item.catalog = version);
        let mut seen = BTreeSet::new();
        let new = |item: &&Item| seen.insert(item.category.clone());
        let categories = items.iter().filter(new).map(|item| item.category.clone()).collect();
        let mut by_code = BTreeMap::new();
        for (at, item) in items.iter().enumerate() {
            by_code.entry(item.code.clone()).or_insert(at);
        }
        Self { version, items, categories, by_code }
    }

    /// The version: counted from 1 by imports, 0 when it was read from a file and not imported.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// All items, in the order of the file.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item with this code; the first of them, should it stand twice.
    #[must_use]
    pub fn item(&self, code: &ItemCode) -> Option<&Item> {
        self.items.get(*self.by_code.get(code)?)
    }

    /// The categories, each once, in the order of the file.
    pub fn categories(&self) -> impl ExactSizeIterator<Item = &str> {
        self.categories.iter().map(String::as_str)
    }
}
