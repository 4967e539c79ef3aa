//! CSV as RFC 4180 has it, because a clerk saves it from a spreadsheet: a cell in quotation marks may
//! hold commas, line breaks and, doubled, quotation marks.

const QUOTE: char = '"';
/// What ends an unquoted cell or makes a quoted one necessary.
const SPECIAL: [char; 4] = [',', QUOTE, '\n', '\r'];

const STRAY: &str =
    "cells whose quotation marks enclose the whole cell, those within it written twice";
const UNCLOSED: &str = "closed: a quotation mark that opens a cell here is never closed";

/// The rows of a text, each with the line it begins in, counted from 1; or what it should be instead.
pub(super) struct Rows<'a> {
    rest: &'a str,
    line: usize,
}

/// How a cell ended.
enum End {
    /// More cells follow.
    Comma,
    /// It was the row's last one.
    Row,
}

impl<'a> Rows<'a> {
    /// A byte order mark, as spreadsheets write it, is left out.
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 }
    }

    /// Goes on after so many bytes, which it returns.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn end(&mut self) -> Option<End> {
        if self.rest.is_empty() {
            return Some(End::Row);
        }
        for (text, end) in [(",", End::Comma), ("\n", End::Row), ("\r\n", End::Row)] {
            if self.rest.starts_with(text) {
                self.take(text.len());
                return Some(end);
            }
        }
        None
    }

    fn cell(&mut self) -> Result<String, &'static str> {
        let Some(mut inside) = self.rest.strip_prefix(QUOTE) else { return self.plain_cell() };
        let mut cell = String::new();
        loop {
            let Some((text, after)) = inside.split_once(QUOTE) else {
                self.take(self.rest.len());
                return Err(UNCLOSED);
            };
            cell.push_str(text);
            let Some(more) = after.strip_prefix(QUOTE) else {
                self.take(self.rest.len() - after.len());
                return Ok(cell);
            };
            cell.push(QUOTE);
            inside = more;
        }
    }

    fn plain_cell(&mut self) -> Result<String, &'static str> {
        let bytes = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let is_last = !self.rest.get(bytes..).is_some_and(|rest| rest.starts_with(','));
        let cell = self.rest.get(..bytes).unwrap_or_default();
        // What ends the line is left for `end`.
        let cell = if is_last { cell.strip_suffix('\r').unwrap_or(cell) } else { cell };
        let cell = self.take(cell.len());
        // The end of a text without a last line break, but with half of one.
        if self.rest == "\r" {
            self.take(1);
        }
        if cell.contains(QUOTE) { Err(STRAY) } else { Ok(cell.to_owned()) }
    }

    fn row(&mut self) -> Result<Vec<String>, &'static str> {
        let mut cells = Vec::new();
        loop {
            cells.push(self.cell()?);
            match self.end() {
                Some(End::Comma) => {}
                Some(End::Row) => return Ok(cells),
                None => return Err(STRAY),
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = (usize, Result<Vec<String>, &'static str>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let row = self.row();
        if row.is_err() {
            // The next line is as good a beginning as any.
            self.take(self.rest.find('\n').map_or(self.rest.len(), |at| at + 1));
        }
        Some((line, row))
    }
}

/// Appends a row, with quotation marks where a cell needs them, so that one table has one text.
pub(super) fn write_row<'c>(text: &mut String, cells: impl IntoIterator<Item = &'c str>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        if cell.contains(SPECIAL) {
            text.push(QUOTE);
            text.push_str(&cell.replace(QUOTE, "\"\""));
            text.push(QUOTE);
        } else {
            text.push_str(cell);
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(text: &str) -> Vec<(usize, Result<Vec<String>, &'static str>)> {
        Rows::of(text).collect()
    }

    fn row(cells: &[&str]) -> Result<Vec<String>, &'static str> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn what_a_spreadsheet_writes_is_read() {
        let text = "\u{feff}a,\"b,\"\"c\"\"\"\r\n\"two\nlines\",\r\n\r\n\"\",x";
        let expected = [
            (1, row(&["a", "b,\"c\""])),
            (2, row(&["two\nlines", ""])),
            (4, row(&[""])),
            (5, row(&["", "x"])),
        ];
        assert_eq!(rows(text), expected);
        assert_eq!(rows(""), []);
        assert_eq!(rows("a,"), [(1, row(&["a", ""]))]);
        assert_eq!(rows("a\r"), [(1, row(&["a"]))]);
    }

    #[test]
    fn a_stray_quotation_mark_spoils_its_line_only_and_an_open_one_the_rest() {
        for stray in ["a \"b\",c", "\"a\"b,c", "a,b\"", " \"a\",b", "\"a\" ,b"] {
            let text = format!("x\n{stray}\ny\n");
            assert_eq!(
                rows(&text),
                [(1, row(&["x"])), (2, Err(STRAY)), (3, row(&["y"]))],
                "{stray}"
            );
        }
        assert_eq!(rows("x\na,\"b\ny\n"), [(1, row(&["x"])), (2, Err(UNCLOSED))]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            table in prop::collection::vec(prop::collection::vec("[a井, \"\r\n]{0,6}", 2..4), 0..5)
        ) {
            let mut text = String::new();
            for cells in &table {
                write_row(&mut text, cells.iter().map(String::as_str));
            }
            let read: Vec<Vec<String>> = Rows::of(&text).map(|(_, row)| row.unwrap()).collect();
            prop_assert_eq!(read, table);
        }

        #[test]
        fn no_text_breaks_the_reader(text in "[a,\"\r\n井]{0,40}") {
            let lines: Vec<usize> = Rows::of(&text).map(|(line, _)| line).collect();
            prop_assert!(lines.is_sorted());
            prop_assert!(lines.len() <= text.lines().count());
        }
    }
}
