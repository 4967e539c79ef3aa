//! Tables, before anybody has decided how they are written: as a sheet, as CSV, as HTML.

use crate::net::Net;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text; a longer one than this many half-width characters is wrapped.
    Text(u16),
    /// A number of things.
    Count,
    /// An amount.
    Money,
    /// A part of a whole.
    Share,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// By what formulas find it.
    pub(crate) key: &'static str,
    /// Its heading in Chinese.
    pub(crate) chinese: &'static str,
    /// Its heading in English.
    pub(crate) english: &'static str,
    /// What stands in it.
    pub(crate) kind: Kind,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Nothing.
    Empty,
    /// A text. It is always written as one, whatever it begins with.
    Text(String),
    /// A number of things.
    Count(i64),
    /// An amount.
    Money(Net),
    /// A part of a whole, in ten thousandths: 2550 is 25.50 %.
    Share(i64),
    /// A formula of a spreadsheet, without `=`, and what comes of it; other forms have only that.
    Formula(String, Box<Cell>),
}

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The name of its sheet.
    pub(crate) sheet: &'static str,
    /// Its title.
    pub(crate) title: String,
    /// How its figures are defined.
    pub(crate) note: String,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// The columns that a page has no room for.
    pub(crate) unprinted: &'static [&'static str],
    /// Its rows.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Its totals, and the checks of them.
    pub(crate) foot: Vec<Vec<Cell>>,
}

/// The row of the headings in a sheet, counted from 1; the title and the note come before it.
pub(crate) const HEADING_ROW: u32 = 3;
/// The first row of a sheet that has figures.
pub(crate) const FIRST_ROW: u32 = HEADING_ROW + 1;

pub(crate) const fn column(
    key: &'static str,
    chinese: &'static str,
    english: &'static str,
    kind: Kind,
) -> Column {
    Column { key, chinese, english, kind }
}

impl Cell {
    pub(crate) fn text(text: impl std::fmt::Display) -> Self {
        Self::Text(text.to_string())
    }

    pub(crate) fn maybe(text: Option<impl std::fmt::Display>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    pub(crate) fn money(amount: impl Into<Net>) -> Self {
        Self::Money(amount.into())
    }

    pub(crate) fn count(number: usize) -> Self {
        Self::Count(i64::try_from(number).unwrap_or(i64::MAX))
    }

    pub(crate) fn formula(formula: String, value: Self) -> Self {
        Self::Formula(formula, Box::new(value))
    }

    /// What comes of a formula, and everything else as it is.
    pub(crate) fn value(&self) -> &Self {
        if let Self::Formula(_, value) = self { value.value() } else { self }
    }

    /// As people read it.
    pub(crate) fn shown(&self) -> String {
        match self.value() {
            Self::Empty | Self::Formula(..) => String::new(),
            Self::Text(text) => text.clone(),
            Self::Count(number) => number.to_string(),
            Self::Money(net) => net.to_string(),
            Self::Share(share) => format!("{}.{:02}%", share / 100, share.rem_euclid(100)),
        }
    }
}

impl Table {
    pub(crate) fn new(sheet: &'static str, english: &str, note: &str, columns: &[Column]) -> Self {
        Self {
            sheet,
            title: format!("{sheet} {english}"),
            note: note.to_owned(),
            columns: columns.to_vec(),
            unprinted: &[],
            rows: Vec::new(),
            foot: Vec::new(),
        }
    }

    /// This table with the columns of another beside it, but its first ones: both have the same rows.
    pub(crate) fn beside(&self, other: &Self, without: usize) -> Self {
        let mut both = self.clone();
        both.columns.extend(other.columns.iter().skip(without));
        for (row, more) in both.rows.iter_mut().zip(&other.rows) {
            row.extend(more.iter().skip(without).cloned());
        }
        both
    }

    /// The row after the last that it has, where the next one will stand.
    pub(crate) fn next_row(&self) -> u32 {
        FIRST_ROW.saturating_add(u32::try_from(self.rows.len()).unwrap_or(u32::MAX))
    }

    /// The letters of a column.
    pub(crate) fn letters(&self, key: &str) -> String {
        let at = self.columns.iter().position(|column| column.key == key);
        at.map_or_else(|| "#REF!".to_owned(), letters)
    }

    /// The cells of a column, for a formula of any sheet: `'流水'!$H$4:$H$99`. An empty table has one empty row.
    pub(crate) fn range(&self, key: &str) -> String {
        let (letters, last) = (self.letters(key), self.last_row());
        format!("'{}'!${letters}${FIRST_ROW}:${letters}${last}", self.sheet)
    }

    /// The cell of a column in the first row of the foot, for a formula of any sheet.
    pub(crate) fn total(&self, key: &str) -> String {
        format!("'{}'!${}${}", self.sheet, self.letters(key), self.last_row().saturating_add(1))
    }

    fn last_row(&self) -> u32 {
        self.next_row().saturating_sub(1).max(FIRST_ROW)
    }

    /// A foot with the sums of these columns; `sums` are ours.
    pub(crate) fn add_totals(&mut self, sums: &[(&str, Net)]) {
        let mut row = vec![Cell::Empty; self.columns.len()];
        if let Some(first) = row.first_mut() {
            *first = Cell::text("合计 Total");
        }
        for (key, sum) in sums {
            let formula = format!("ROUND(SUM({}),2)", self.range(key));
            self.put(&mut row, key, Cell::formula(formula, Cell::Money(*sum)));
        }
        self.foot.push(row);
    }

    /// A foot that must be nothing: the difference of two figures by a formula.
    pub(crate) fn add_difference(&mut self, key: &str, formula: &str) {
        let mut row = vec![Cell::Empty; self.columns.len()];
        if let Some(first) = row.first_mut() {
            *first = Cell::text("差额 Difference");
        }
        let formula = format!("ROUND({formula},2)");
        self.put(&mut row, key, Cell::formula(formula, Cell::Money(Net::ZERO)));
        self.foot.push(row);
    }

    /// The rows as they are written: an empty table says that it is.
    pub(crate) fn written(&self) -> Vec<Vec<Cell>> {
        if self.rows.is_empty() {
            let mut row = vec![Cell::Empty; self.columns.len()];
            if let Some(first) = row.first_mut() {
                *first = Cell::text("无 None");
            }
            return vec![row];
        }
        self.rows.clone()
    }

    fn put(&self, row: &mut [Cell], key: &str, cell: Cell) {
        let at = self.columns.iter().position(|column| column.key == key);
        if let Some(place) = at.and_then(|at| row.get_mut(at)) {
            *place = cell;
        }
    }
}

/// `A`, `B`, … `Z`, `AA`, …
fn letters(at: usize) -> String {
    let own = u8::try_from(at % 26).unwrap_or_default();
    let own = char::from(b'A'.saturating_add(own));
    if at < 26 { own.to_string() } else { format!("{}{own}", letters(at / 26 - 1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_a_spreadsheet() {
        for (at, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")] {
            assert_eq!(letters(at), name);
        }
    }

    #[test]
    fn shares_are_shown_with_two_decimals() {
        assert_eq!(Cell::Share(2550).shown(), "25.50%");
        assert_eq!(Cell::Share(5).shown(), "0.05%");
    }
}
