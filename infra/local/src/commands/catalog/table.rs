//! A catalog as a file that a clerk edits: CSV or a spreadsheet.

use std::path::Path;

use anyhow::{Context as _, bail};
use calamine::{Data, Reader as _, Xlsx, open_workbook};
use domain::catalog::{Catalog, Unreadable};
use rust_xlsxwriter::{Format, Workbook};

/// The sheet's name, for people; a file may have others behind it.
const SHEET: &str = "派单目录";
/// No file of a county is longer, in bytes.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a file is, by its ending.
enum Kind {
    Csv,
    Xlsx,
}

fn kind(file: &Path) -> anyhow::Result<Kind> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("csv") => Ok(Kind::Csv),
        Some("xlsx") => Ok(Kind::Xlsx),
        _ => bail!("{}: a catalog is a file that ends in .csv or .xlsx", file.display()),
    }
}

/// Reads a file as a catalog that is not imported.
pub(super) fn read(file: &Path) -> anyhow::Result<Result<Catalog, Unreadable>> {
    let cannot = || format!("cannot read {}", file.display());
    let kind = kind(file)?;
    let bytes = std::fs::metadata(file).with_context(cannot)?.len();
    anyhow::ensure!(bytes <= BYTES_MAX, "{} is longer than {BYTES_MAX} bytes", file.display());
    match kind {
        Kind::Csv => {
            let bytes = std::fs::read(file).with_context(cannot)?;
            Ok(Catalog::parse(0, &decoded(bytes).with_context(cannot)?))
        }
        Kind::Xlsx => {
            let (heading, rows) = sheet(file).with_context(cannot)?;
            Ok(Catalog::from_rows(0, &heading, rows))
        }
    }
}

/// UTF-8, or what a Chinese Excel writes as CSV: GB 18030.
fn decoded(bytes: Vec<u8>) -> anyhow::Result<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(other) => {
            let (text, _, is_wrong) = encoding_rs::GB18030.decode(other.as_bytes());
            anyhow::ensure!(
                !is_wrong,
                "its text is neither UTF-8 nor GB 18030: save it as CSV UTF-8"
            );
            Ok(text.into_owned())
        }
    }
}

/// A heading, and rows with their line numbers.
type Rows = (Vec<String>, Vec<(usize, Vec<String>)>);

/// The first sheet.
fn sheet(file: &Path) -> anyhow::Result<Rows> {
    let mut book: Xlsx<_> = open_workbook(file)?;
    let range = book.worksheet_range_at(0).context("it has no sheet")??;
    // The first used cell need not be A1; what is named to the clerk is the sheet's own line.
    let first = range.start().map_or(0, |(row, _)| row as usize);
    let mut rows = (first + 1..).zip(range.rows()).map(|(line, row)| {
        let cells: Vec<String> = row.iter().map(cell).collect();
        (line, cells)
    });
    let heading = rows.next().map(|(_, cells)| cells).unwrap_or_default();
    let rows = rows.filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    Ok((heading, rows.collect()))
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}

/// Writes a catalog; an existing file is written over, as an editor does.
pub(super) fn write(file: &Path, catalog: &Catalog) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    match kind(file)? {
        Kind::Csv => {
            // With the mark by which Excel knows UTF-8.
            std::fs::write(file, format!("\u{feff}{}", catalog.to_csv())).with_context(cannot)
        }
        Kind::Xlsx => {
            workbook(catalog).and_then(|mut book| Ok(book.save(file)?)).with_context(cannot)
        }
    }
}

fn workbook(catalog: &Catalog) -> anyhow::Result<Workbook> {
    let mut book = Workbook::new();
    let (bold, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    let sheet = book.add_worksheet().set_name(SHEET)?;
    for (at, column) in (0_u16..).zip(Catalog::COLUMNS) {
        sheet.write_string_with_format(0, at, column, &bold)?;
        // Text, so that Excel makes no formula of `@township` and no date of a limit.
        sheet.set_column_format(at, &text)?;
        let width = if at > 9 { 40.0 } else { 16.0 };
        sheet.set_column_width(at, width)?;
    }
    for (row, cells) in (1_u32..).zip(catalog.to_rows()) {
        for (at, cell) in (0_u16..).zip(&cells) {
            sheet.write_string_with_format(row, at, cell, &text)?;
        }
    }
    sheet.set_freeze_panes(1, 3)?;
    let last = u16::try_from(Catalog::COLUMNS.len() - 1)?;
    sheet.autofilter(0, 0, u32::try_from(catalog.items().len())?, last)?;
    Ok(book)
}
