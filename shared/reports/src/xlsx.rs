//! Tables as a workbook for printing and for checking: totals are formulas, and each formula carries the value
//! that we have computed, so that a viewer that computes nothing shows the right figure too.

use domain::Timestamp;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook,
    Worksheet, XlsxError,
};

use crate::fault::ReportFault;
use crate::table::{Cell, Column, HEADING_ROW, Kind, Table};

/// The paper: A4, and A3 for a table of many columns.
const A4: u8 = 9;
const A3: u8 = 8;
const COLUMNS_OF_A4: usize = 12;
/// No column is narrower, in half-width characters.
const WIDTH_MIN: u16 = 9;
/// How high a line is, in points, and how many lines a row has at most.
const LINE: u16 = 15;
const LINES_MAX: u16 = 25;
const FONT: &str = "SimSun";
const MONEY: &str = "#,##0.00";
const SHARE: &str = "0.00%";
/// The columns of the cover: names, and three for values.
const COVER_WIDTHS: [u16; 4] = [34, 22, 22, 44];

/// The first sheet: what the report is, and who answers for it.
#[derive(Clone, Debug)]
pub(crate) struct Cover {
    /// The name of the sheet.
    pub(crate) sheet: &'static str,
    /// The title of the report.
    pub(crate) title: String,
    /// What must be seen before everything else, such as that the report is preliminary.
    pub(crate) mark: Option<String>,
    /// Names and values.
    pub(crate) pairs: Vec<(String, Cell)>,
    /// A small table.
    pub(crate) heads: Vec<Vec<String>>,
    /// Who signs.
    pub(crate) signers: Vec<String>,
    /// Words at the end.
    pub(crate) notes: Vec<String>,
}

/// A workbook of a cover and tables. `made` is the time that stands in its properties.
pub(crate) fn workbook(
    cover: &Cover,
    tables: &[&Table],
    made: Timestamp,
) -> Result<Vec<u8>, ReportFault> {
    write(cover, tables, made).map_err(|why| ReportFault::file("xlsx", &why))
}

fn write(cover: &Cover, tables: &[&Table], made: Timestamp) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(made.millis().div_euclid(1000))?;
    let properties = DocProperties::new().set_title(&cover.title).set_creation_datetime(&created);
    workbook.set_properties(&properties);
    let looks = Looks::new();
    write_cover(workbook.add_worksheet(), cover, &looks)?;
    for table in tables {
        write_table(workbook.add_worksheet(), table, &looks)?;
    }
    workbook.save_to_buffer()
}

/// How cells look.
#[derive(Debug)]
struct Looks {
    title: Format,
    note: Format,
    plain: Format,
    mark: Format,
    heading: Format,
    text: Format,
    count: Format,
    money: Format,
    share: Format,
    total: Total,
}

/// How cells of the foot look.
#[derive(Debug)]
struct Total {
    text: Format,
    count: Format,
    money: Format,
    share: Format,
}

impl Looks {
    fn new() -> Self {
        let base = Format::new().set_font_name(FONT).set_font_size(10);
        let boxed = base.clone().set_border(FormatBorder::Thin);
        let boxed = boxed.set_align(FormatAlign::VerticalCenter);
        let text = boxed.clone().set_text_wrap().set_align(FormatAlign::Left).set_indent(1);
        let count = boxed.clone().set_num_format("0");
        let money = boxed.clone().set_num_format(MONEY);
        let share = boxed.clone().set_num_format(SHARE);
        let foot = |format: &Format| {
            format.clone().set_bold().set_background_color(Color::RGB(0x00F2_F2F2))
        };
        let total = Total {
            text: foot(&text),
            count: foot(&count),
            money: foot(&money),
            share: foot(&share),
        };
        let heading = foot(&boxed).set_text_wrap().set_align(FormatAlign::Center);
        Self {
            title: base.clone().set_font_size(16).set_bold(),
            note: base.clone().set_font_color(Color::RGB(0x0055_5555)),
            mark: base.clone().set_bold().set_font_color(Color::RGB(0x00C0_0000)).set_font_size(14),
            plain: base.set_text_wrap().set_align(FormatAlign::Top),
            heading: heading.set_align(FormatAlign::VerticalCenter),
            text,
            count,
            money,
            share,
            total,
        }
    }

    const fn of(&self, cell: &Cell, in_foot: bool) -> &Format {
        match (cell, in_foot) {
            (Cell::Empty | Cell::Text(_) | Cell::Formula(..), false) => &self.text,
            (Cell::Count(_), false) => &self.count,
            (Cell::Money(_), false) => &self.money,
            (Cell::Share(_), false) => &self.share,
            (Cell::Empty | Cell::Text(_) | Cell::Formula(..), true) => &self.total.text,
            (Cell::Count(_), true) => &self.total.count,
            (Cell::Money(_), true) => &self.total.money,
            (Cell::Share(_), true) => &self.total.share,
        }
    }
}

fn write_table(sheet: &mut Worksheet, table: &Table, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name(table.sheet)?;
    sheet.write_string_with_format(0, 0, &table.title, &looks.title)?;
    sheet.write_string_with_format(1, 0, &table.note, &looks.note)?;
    let heading = HEADING_ROW - 1;
    let columns = table.columns.iter().enumerate();
    let widths: Vec<u16> = columns.map(|(at, column)| width(table, at, column)).collect();
    for ((at, column), width) in (0_u16..).zip(&table.columns).zip(&widths) {
        let name = format!("{}\n{}", column.chinese, column.english);
        sheet.write_string_with_format(heading, at, &name, &looks.heading)?;
        sheet.set_column_width(at, f64::from(*width))?;
    }
    sheet.set_row_height(heading, 40)?;
    let rows = table.written();
    let in_foot = rows.len();
    let mut last = heading;
    for (at, row) in rows.iter().chain(&table.foot).enumerate() {
        last = last.saturating_add(1);
        sheet.set_row_height(last, LINE.saturating_mul(lines(row, &widths)))?;
        for (column, cell) in (0_u16..).zip(row) {
            write_cell(sheet, (last, column), cell, looks.of(cell.value(), at >= in_foot))?;
        }
    }
    let columns = u16::try_from(table.columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
    sheet.set_freeze_panes(HEADING_ROW, 1)?;
    sheet.set_repeat_rows(0, heading)?;
    sheet.set_print_area(0, 0, last, columns)?;
    set_page(sheet, if table.columns.len() > COLUMNS_OF_A4 { A3 } else { A4 });
    Ok(())
}

fn set_page(sheet: &mut Worksheet, paper: u8) {
    sheet.set_paper_size(paper);
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_footer("&L&A&C第 &P 页，共 &N 页 Page &P of &N");
}

/// A cell as it is: a text as a text, whatever it begins with; a formula with what comes of it.
fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    look: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => sheet.write_blank(row, column, look)?,
        Cell::Text(text) => sheet.write_string_with_format(row, column, text, look)?,
        Cell::Count(_) | Cell::Money(_) | Cell::Share(_) => {
            sheet.write_number_with_format(row, column, number(cell).unwrap_or_default(), look)?
        }
        Cell::Formula(formula, value) => {
            let result = number(value).map_or_else(|| value.shown(), |number| number.to_string());
            let formula = Formula::new(formula).set_result(result);
            sheet.write_formula_with_format(row, column, formula, look)?
        }
    };
    Ok(())
}

/// The number that a spreadsheet holds for a cell; counts and shares are far below 2^53.
fn number(cell: &Cell) -> Option<f64> {
    match cell.value() {
        Cell::Money(net) => Some(net.yuan()),
        Cell::Count(number) => number.to_string().parse().ok(),
        Cell::Share(share) => format!("{share}e-4").parse().ok(),
        Cell::Empty | Cell::Text(_) | Cell::Formula(..) => None,
    }
}

/// The width that a column needs, in half-width characters: its longest cell, within reason.
fn width(table: &Table, at: usize, column: &Column) -> u16 {
    let cells = table.rows.iter().chain(&table.foot).filter_map(|row| row.get(at));
    let longest = cells.map(|cell| breadth(&cell.shown())).max().unwrap_or_default();
    let heading = breadth(column.chinese).max(longest_word(column.english));
    let max = match column.kind {
        Kind::Text(max) => max,
        Kind::Count | Kind::Money | Kind::Share => u16::MAX,
    };
    longest.min(max).max(heading).max(WIDTH_MIN).saturating_add(3).min(120)
}

/// How many lines a row needs: programs do not agree on how to find out by themselves.
fn lines(row: &[Cell], widths: &[u16]) -> u16 {
    let lines = row.iter().zip(widths).map(|(cell, width)| {
        let room = width.saturating_sub(3).max(1);
        let text = if let Cell::Text(text) = cell.value() { breadth(text) } else { 0 };
        text.div_ceil(room)
    });
    lines.max().unwrap_or_default().clamp(1, LINES_MAX)
}

fn longest_word(text: &str) -> u16 {
    text.split(' ').map(breadth).max().unwrap_or_default()
}

/// How many half-width characters a text is broad; those of Chinese count twice.
fn breadth(text: &str) -> u16 {
    let line = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let longest = text.lines().map(line).max().unwrap_or_default();
    u16::try_from(longest).unwrap_or(u16::MAX)
}

fn write_cover(sheet: &mut Worksheet, cover: &Cover, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name(cover.sheet)?;
    for (at, width) in (0_u16..).zip(COVER_WIDTHS) {
        sheet.set_column_width(at, f64::from(width))?;
    }
    sheet.write_string_with_format(0, 0, &cover.title, &looks.title)?;
    if let Some(mark) = &cover.mark {
        sheet.write_string_with_format(1, 0, mark, &looks.mark)?;
    }
    let mut row = 3;
    for (name, cell) in &cover.pairs {
        sheet.write_string_with_format(row, 0, name, &looks.heading)?;
        sheet.merge_range(row, 1, row, 3, "", &looks.text)?;
        let look = looks.of(cell.value(), false).clone().set_align(FormatAlign::Left);
        write_cell(sheet, (row, 1), cell, &look.set_indent(1))?;
        row += 1;
    }
    row += 1;
    for (line, cells) in cover.heads.iter().enumerate() {
        let look = if line == 0 { &looks.heading } else { &looks.text };
        write_line(sheet, row, cells, look)?;
        row += 1;
    }
    row += 1;
    for signer in &cover.signers {
        sheet.set_row_height(row, 28)?;
        sheet.write_string_with_format(row, 0, signer, &looks.heading)?;
        sheet.merge_range(row, 1, row, 3, "", &looks.text)?;
        row += 1;
    }
    row += 1;
    for note in &cover.notes {
        sheet.merge_range(row, 0, row, 3, note, &looks.plain)?;
        let lines = breadth(note) / COVER_WIDTHS.iter().sum::<u16>() + 1;
        sheet.set_row_height(row, lines.saturating_mul(LINE))?;
        row += 1;
    }
    sheet.set_print_area(0, 0, row, 3)?;
    set_page(sheet, A4);
    Ok(())
}

/// A line of the cover's small table; the last cell has all the room that is left.
fn write_line(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[String],
    look: &Format,
) -> Result<(), XlsxError> {
    for (column, text) in (0_u16..).zip(cells) {
        if usize::from(column) + 1 == cells.len() && column < 3 {
            sheet.merge_range(row, column, row, 3, text, look)?;
        } else {
            sheet.write_string_with_format(row, column, text, look)?;
        }
    }
    Ok(())
}
