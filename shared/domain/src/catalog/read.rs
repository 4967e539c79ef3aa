//! Reading a catalog: everything that cannot be read is found at once. Whether what was read is right is
//! another question: [`super::check`].

use super::csv::Rows;
use super::{Catalog, FaultKind, Item, Lead, Urgency};
use crate::calendar::Limit;
use crate::directory::{NAME_CHARS_MAX, parts};
use crate::ids::ItemCode;

/// More items than this are a mistake and not a catalog: the largest cities have some four thousand.
pub const ITEMS_MAX: usize = 10_000;
/// The longest basis, example or word of where to go instead, in characters.
pub const TEXT_CHARS_MAX: usize = 500;
/// The shortest keyword, in characters: one character stands in too many words.
pub const KEYWORD_CHARS_MIN: usize = 2;
/// The longest keyword, in characters: nobody writes a longer one twice in the same way.
pub const KEYWORD_CHARS_MAX: usize = 20;
/// At most so many keywords of one item.
pub const KEYWORDS_MAX: usize = 30;
/// At most so many units assist in one item.
pub const ASSISTING_MAX: usize = 10;

/// The column of a fault that is not in one cell.
const WHOLE_LINE: &str = "line";

const NAME: &str = "1 to 40 characters";
const TEXT: &str = "at most 500 characters";
const LEAD: &str = "a unit's code (1 to 40 letters, digits and hyphens) or `@township`";
const VISIBLE: &str = "without control characters and characters that nobody sees";
const NO_FORMULA: &str =
    "a text that begins with none of `=`, `+`, `-`, `@`, which a spreadsheet takes for a formula";

/// One thing that cannot be read. It quotes nothing of a cell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {column}: must be {expected}")]
pub struct FormFault {
    /// The line or row, counted from 1 with the heading.
    pub line: usize,
    /// The name of the column; `line` when it is not in one cell.
    pub column: String,
    /// The item that the line is of, if its code can be read.
    pub item: Option<ItemCode>,
    /// What would be right.
    pub expected: &'static str,
}

impl FormFault {
    /// The kind of fault that `catalog check` reports it as: what stands where a limit or a unit should is
    /// no limit or no unit, everything else is `unreadable`.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        match self.column.as_str() {
            "limit" => FaultKind::ImpossibleLimit,
            "unit" | "in_villages" | "assisting" => FaultKind::MissingUnit,
            _ => FaultKind::Unreadable,
        }
    }
}

/// A table that is not a catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalog cannot be read: {} faults, the first in line {}", self.faults.len(), self.faults.first().map_or(0, |fault| fault.line))]
pub struct Unreadable {
    /// Everything that cannot be read, by line. Never empty.
    pub faults: Vec<FormFault>,
    /// The lines that have no fault of this sort. [`super::check`] finds nothing in them that it would
    /// not find in the whole, so that a clerk hears of both at once; never to be put in force.
    pub rest: Catalog,
}

/// What is wrong with one line, as it is found.
struct Line<'f> {
    faults: &'f mut Vec<FormFault>,
    line: usize,
    item: Option<ItemCode>,
}

impl Line<'_> {
    fn check(&mut self, is_so: bool, column: &str, expected: &'static str) {
        if !is_so {
            let (line, column, item) = (self.line, column.to_owned(), self.item.clone());
            self.faults.push(FormFault { line, column, item, expected });
        }
    }

    fn take<T>(&mut self, value: Option<T>, column: &str, expected: &'static str) -> Option<T> {
        self.check(value.is_some(), column, expected);
        value
    }
}

/// Whether a character does not show: no keyword that has one ever speaks, and nobody sees why.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A cell without the space around it. A line break is how a cell was wrapped, and no part of its text.
fn clean(cell: &str) -> String {
    let lines = cell.split(['\n', '\r', '\t']).map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

fn fits(text: &str, chars_min: usize, chars_max: usize) -> bool {
    (chars_min..=chars_max).contains(&text.chars().count())
}

/// Where each column stands. A fault where one is missing, stands twice or is none of a catalog's.
fn columns(heading: &[String], faults: &mut Vec<FormFault>) -> Option<[usize; 13]> {
    let mut line = Line { faults, line: 1, item: None };
    for name in heading.iter().filter(|name| !Catalog::COLUMNS.contains(&name.as_str())) {
        // An empty cell at the end is what a spreadsheet leaves of a column.
        let shown: String = name.chars().filter(|c| !is_hidden(*c)).take(NAME_CHARS_MAX).collect();
        line.check(name.is_empty(), &shown, "left out: a catalog has no such column");
    }
    let found = Catalog::COLUMNS.map(|column| {
        let mut places = heading.iter().enumerate().filter(|(_, name)| *name == column);
        let first = line.take(places.next(), column, "a column: the heading lacks it");
        line.check(places.next().is_none(), column, "one column: the heading names it twice");
        first.map(|(at, _)| at)
    });
    let is_whole = found.iter().all(Option::is_some);
    is_whole.then(|| found.map(Option::unwrap_or_default))
}

/// The cells of a row in the order of [`Catalog::COLUMNS`].
fn in_order(
    line: &mut Line<'_>,
    cells: &[String],
    places: (&[usize; 13], usize),
) -> Option<[String; 13]> {
    let (places, width) = places;
    let more = cells.get(width..).unwrap_or_default();
    let is_right = cells.len() >= width && more.iter().all(String::is_empty);
    line.check(
        is_right,
        WHOLE_LINE,
        "as many cells as the heading has columns (a cell with a comma in quotation marks)",
    );
    is_right.then(|| places.map(|at| cells.get(at).cloned().unwrap_or_default()))
}

fn leads(line: &mut Line<'_>, cell: &str) -> Vec<Lead> {
    let leads: Option<Vec<Lead>> = parts(cell).map(Lead::parse).collect();
    let leads = line
        .take(leads, "assisting", "units' codes or `@township` with `|` between")
        .unwrap_or_default();
    line.check(leads.len() <= ASSISTING_MAX, "assisting", "at most 10 units");
    leads
}

fn keywords(line: &mut Line<'_>, cell: &str) -> Vec<String> {
    let words: Vec<String> = parts(cell).map(str::to_owned).collect();
    line.check(
        words.iter().all(|word| fits(word, KEYWORD_CHARS_MIN, KEYWORD_CHARS_MAX)),
        "keywords",
        "words of 2 to 20 characters with `|` between",
    );
    line.check(words.len() <= KEYWORDS_MAX, "keywords", "at most 30 words");
    words
}

fn item(line: &mut Line<'_>, cells: &[String; 13]) -> Option<Item> {
    let [
        code,
        category,
        name,
        lead,
        in_villages,
        assisting,
        urgency,
        limit,
        basis,
        elsewhere,
        words,
        example_1,
        example_2,
    ] = cells;
    line.item = ItemCode::parse(code).ok();
    let code = line.item.clone();
    let code = line.take(code, "item", "1 to 24 letters, digits, hyphens and dots");
    for (column, cell) in Catalog::COLUMNS.iter().zip(cells) {
        line.check(!cell.contains(is_hidden), column, VISIBLE);
    }
    for (column, cell) in [("category", category), ("name", name)] {
        line.check(fits(cell, 1, NAME_CHARS_MAX), column, NAME);
    }
    let texts = [
        ("basis", basis),
        ("elsewhere", elsewhere),
        ("example_1", example_1),
        ("example_2", example_2),
    ];
    for (column, cell) in texts {
        line.check(fits(cell, 0, TEXT_CHARS_MAX), column, TEXT);
    }
    line.check(!basis.is_empty(), "basis", "the law, regulation or standard: not empty");
    for (column, cell) in
        [("category", category), ("name", name), ("keywords", words)].into_iter().chain(texts)
    {
        line.check(!cell.starts_with(['=', '+', '-', '@']), column, NO_FORMULA);
    }
    let lead = line.take(Lead::parse(lead), "unit", LEAD);
    let other = Lead::parse(in_villages);
    line.check(in_villages.is_empty() || other.is_some(), "in_villages", LEAD);
    let assisting = leads(line, assisting);
    let urgency = line.take(
        Urgency::parse(urgency),
        "urgency",
        "`emergency`, `urgent`, `general` or `complex`",
    );
    let limit = line.take(
        Limit::parse(limit),
        "limit",
        "hours, days or working days such as `24h`, `7d` or `5wd`, from 1 to 366",
    );
    let keywords = keywords(line, words);
    let examples = [example_1, example_2].into_iter().filter(|text| !text.is_empty());
    Some(Item {
        code: code?,
        catalog: 0,
        category: category.clone(),
        name: name.clone(),
        lead: lead?,
        in_villages: other,
        assisting,
        urgency: urgency?,
        limit: limit?,
        basis: basis.clone(),
        elsewhere: Some(elsewhere.clone()).filter(|text| !text.is_empty()),
        keywords,
        examples: examples.cloned().collect(),
    })
}

fn cleaned<C: AsRef<str>>(cells: &[C]) -> Vec<String> {
    cells.iter().map(|cell| clean(cell.as_ref())).collect()
}

impl Catalog {
    /// Reads a table as this version (0 for one that is not imported): its heading, in any order of the
    /// columns, and its rows, each with its number, counted from 1 with the heading. Empty rows are left
    /// out.
    ///
    /// # Errors
    /// [`Unreadable`] has every [`FormFault`], by line.
    pub fn from_rows<C: AsRef<str>>(
        version: u32,
        heading: &[C],
        rows: impl IntoIterator<Item = (usize, Vec<C>)>,
    ) -> Result<Self, Unreadable> {
        let rows = rows.into_iter().map(|(at, cells)| (at, Ok(cleaned(&cells))));
        Self::read(version, &cleaned(heading), rows)
    }

    /// Reads a table from CSV as RFC 4180 has it: a cell in quotation marks may hold commas, line breaks
    /// and doubled quotation marks. What a spreadsheet adds (a byte order mark, CRLF) is no fault.
    ///
    /// # Errors
    /// [`Unreadable`] has every [`FormFault`], by line.
    pub fn parse(version: u32, text: &str) -> Result<Self, Unreadable> {
        let mut rows = Rows::of(text).map(|(at, row)| (at, row.map(|cells| cleaned(&cells))));
        let heading = rows.next().and_then(|(_, row)| row.ok()).unwrap_or_default();
        Self::read(version, &heading, rows)
    }

    fn read(
        version: u32,
        heading: &[String],
        rows: impl Iterator<Item = (usize, Result<Vec<String>, &'static str>)>,
    ) -> Result<Self, Unreadable> {
        let mut faults = Vec::new();
        let mut items = Vec::new();
        let Some(places) = columns(heading, &mut faults) else {
            return Err(Unreadable { faults, rest: Self::of(version, items) });
        };
        let is_empty = |row: &Result<Vec<String>, _>| {
            row.as_ref().is_ok_and(|cells| cells.iter().all(String::is_empty))
        };
        for (count, (at, row)) in rows.filter(|(_, row)| !is_empty(row)).enumerate() {
            let before = faults.len();
            let mut line = Line { faults: &mut faults, line: at, item: None };
            if count == ITEMS_MAX {
                line.check(false, WHOLE_LINE, "the end: a catalog has at most 10,000 items");
                break;
            }
            let read = row.map(|cells| in_order(&mut line, &cells, (&places, heading.len())));
            let item = match read {
                Ok(cells) => cells.and_then(|cells| item(&mut line, &cells)),
                Err(expected) => line.take(None, WHOLE_LINE, expected),
            };
            let is_right = faults.len() == before;
            items.extend(item.filter(|_| is_right));
        }
        let read = Self::of(version, items);
        if faults.is_empty() { Ok(read) } else { Err(Unreadable { faults, rest: read }) }
    }
}
