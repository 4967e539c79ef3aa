//! Tables as CSV that Excel opens rightly: UTF-8 with its mark, and no text that would be a formula.

use csv::{Terminator, WriterBuilder};

use crate::fault::ReportFault;
use crate::file::ReportFile;
use crate::net::Net;
use crate::table::{Cell, Kind, Table};

/// The mark by which Excel knows UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Writes a table, without its totals: they are for people. An amount has two columns, yuan and fen.
pub(crate) fn csv_file(name: String, table: &Table) -> Result<ReportFile, ReportFault> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(MARK.to_vec());
    let fault = |why: csv::Error| ReportFault::file("csv", &why);
    let mut heading = Vec::new();
    for column in &table.columns {
        let name = format!("{} {}", column.chinese, column.english);
        if column.kind == Kind::Money {
            heading.extend([format!("{name} (元 yuan)"), format!("{name} (分 fen)")]);
        } else {
            heading.push(name);
        }
    }
    writer.write_record(&heading).map_err(fault)?;
    for row in &table.rows {
        let mut fields = Vec::new();
        for (column, cell) in table.columns.iter().zip(row) {
            fields.extend(written(column.kind, cell.value()));
        }
        writer.write_record(&fields).map_err(fault)?;
    }
    let bytes = writer.into_inner().map_err(|why| ReportFault::file("csv", &why))?;
    Ok(ReportFile { name, media_type: "text/csv; charset=utf-8", bytes })
}

fn written(kind: Kind, cell: &Cell) -> Vec<String> {
    match cell {
        Cell::Money(net) => amount(*net),
        Cell::Text(text) => vec![harmless(text)],
        Cell::Empty if kind == Kind::Money => vec![String::new(), String::new()],
        Cell::Empty | Cell::Count(_) | Cell::Share(_) | Cell::Formula(..) => vec![cell.shown()],
    }
}

fn amount(net: Net) -> Vec<String> {
    vec![net.plain(), net.fen().to_string()]
}

/// A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in front.
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::column;

    #[test]
    fn no_text_is_a_formula_and_amounts_stay_numbers() {
        let columns =
            [column("a", "文", "Text", Kind::Text(10)), column("b", "金额", "Amount", Kind::Money)];
        let mut table = Table::new("表", "Table", "", &columns);
        let loss = Net::ZERO.minus(Net::from(domain::fund::Money::from_fen(150).unwrap())).unwrap();
        for text in ["=1+1", "+1", "-1", "@a", "\t=1", "plain", "a,\"b\"\nc"] {
            table.rows.push(vec![Cell::text(text), Cell::Money(loss)]);
        }
        let file = csv_file("a.csv".to_owned(), &table).unwrap();
        let text = String::from_utf8(file.bytes).unwrap();
        assert!(text.starts_with("\u{feff}文 Text,金额 Amount (元 yuan),金额 Amount (分 fen)\r\n"));
        for line in
            ["'=1+1,-1.50,-150", "'+1,", "'-1,", "'@a,", "'\t=1,", "plain,", "\"a,\"\"b\"\"\nc\","]
        {
            assert!(text.contains(&format!("\n{line}")), "{line}: {text}");
        }
    }
}
