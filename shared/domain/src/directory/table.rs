//! The form of a directory's texts: a heading, then lines of cells with commas between, no quoting. And
//! what is wrong with one.

use std::collections::BTreeSet;

/// More lines than this are a mistake and not a city: the whole of a city of twenty million has fewer
/// members in its grids.
pub const ROWS_MAX: usize = 500_000;

/// The column of a fault that is not in one cell.
const WHOLE_LINE: &str = "line";

/// One thing that is wrong. It never quotes a value, which may be somebody's name or number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}:{column}: must be {expected}")]
pub struct DirectoryFault {
    /// The file's name.
    pub file: &'static str,
    /// The line, counted from 1 with the heading.
    pub line: usize,
    /// The name of the column; `line` when it is not in one cell.
    pub column: &'static str,
    /// What would be right.
    pub expected: &'static str,
}

/// By file in the order of the files; what was found of a file later belongs to its lines.
pub(crate) fn in_order(mut faults: Vec<DirectoryFault>, files: &[&str]) -> Vec<DirectoryFault> {
    faults.sort_by_key(|fault| (files.iter().position(|name| *name == fault.file), fault.line));
    faults
}

/// What is wrong with one line, as it is found.
pub(crate) struct Line<'f> {
    pub(crate) faults: &'f mut Vec<DirectoryFault>,
    pub(crate) file: &'static str,
    pub(crate) line: usize,
}

impl Line<'_> {
    /// Notes a fault unless it is as expected.
    pub(crate) fn check(&mut self, is_so: bool, column: &'static str, expected: &'static str) {
        if !is_so {
            let (file, line) = (self.file, self.line);
            self.faults.push(DirectoryFault { file, line, column, expected });
        }
    }

    /// Takes a value, and notes a fault when there is none.
    pub(crate) fn take<T>(
        &mut self,
        value: Option<T>,
        column: &'static str,
        expected: &'static str,
    ) -> Option<T> {
        self.check(value.is_some(), column, expected);
        value
    }

    /// Notes a fault when a code stands in a line before.
    pub(crate) fn once<T: Ord + Clone>(
        &mut self,
        code: Option<&T>,
        seen: &mut BTreeSet<T>,
        column: &'static str,
    ) {
        let is_new = code.is_none_or(|code| seen.insert(code.clone()));
        self.check(is_new, column, "a code that stands in no line before");
    }
}

/// A file: its name, its columns and the heading that names them.
pub(crate) struct Table<const N: usize> {
    pub(crate) file: &'static str,
    pub(crate) columns: [&'static str; N],
    pub(crate) heading: &'static str,
}

impl<const N: usize> Table<N> {
    pub(crate) const fn line<'f>(
        &self,
        line: usize,
        faults: &'f mut Vec<DirectoryFault>,
    ) -> Line<'f> {
        Line { faults, file: self.file, line }
    }

    /// The lines below the heading with their numbers; empty ones are left out, and so are those that
    /// have not as many cells as columns. What a spreadsheet adds (a byte order mark, CRLF) is no fault.
    pub(crate) fn rows<'a>(
        &self,
        text: &'a str,
        faults: &mut Vec<DirectoryFault>,
    ) -> Vec<(usize, [&'a str; N])> {
        let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
        let heading = lines.next().map(|(_, heading)| cells(heading)).unwrap_or_default();
        if heading != self.columns {
            self.line(1, faults).check(false, WHOLE_LINE, self.heading);
            return Vec::new();
        }
        let mut rows = Vec::new();
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let mut faulty = self.line(at, faults);
            if rows.len() == ROWS_MAX {
                faulty.check(false, WHOLE_LINE, "the end: a file has at most 500,000 lines");
                break;
            }
            let found = <[&str; N]>::try_from(cells(line)).ok();
            let row = faulty.take(found, WHOLE_LINE, "as many cells as the heading has columns");
            rows.extend(row.map(|row| (at, row)));
        }
        rows
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.split(',').map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table<2> = Table { file: "x.csv", columns: ["a", "b"], heading: "`a,b`" };

    fn read(text: &str) -> (Vec<(usize, [&str; 2])>, Vec<String>) {
        let mut faults = Vec::new();
        let rows = TABLE.rows(text, &mut faults);
        (rows, faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines_keep_their_numbers_and_what_a_spreadsheet_adds_is_no_fault() {
        let (rows, faults) = read("\u{feff}a,b\r\n1, 2\r\n\r\n3,\r\n4\r\n");
        assert_eq!(rows, [(2, ["1", "2"]), (4, ["3", ""])]);
        assert_eq!(faults, ["x.csv:5:line: must be as many cells as the heading has columns"]);
    }

    #[test]
    fn another_heading_is_one_fault() {
        for text in ["", "a\n1", "b,a\n1,2\n3"] {
            assert_eq!(read(text), (vec![], vec!["x.csv:1:line: must be `a,b`".to_owned()]));
        }
    }

    #[test]
    fn a_file_ends_somewhere() {
        let full = format!("a,b\n{}", "1,2\n".repeat(ROWS_MAX));
        assert_eq!(read(&full).1, [""; 0]);
        let more = format!("{full}1,2\n1,2\n");
        let (rows, faults) = read(&more);
        assert_eq!((rows.len(), faults.len()), (ROWS_MAX, 1));
    }
}
