//! A printable page in the making. Tags are written by this module and the charts alone, and whatever else
//! comes in is escaped: there is no other way in.

use crate::table::{Cell, Column, Kind, Table};

/// The style: A4 across, page numbers, nothing split that belongs together. No script, no link.
const STYLE: &str = "\
@page { size: A4 landscape; margin: 14mm 12mm 16mm; @bottom-center { content: '第 ' counter(page) ' 页 共 ' counter(pages) ' 页'; font-size: 9pt; } }
body { font: 9.5pt/1.5 'Songti SC', 'SimSun', 'Noto Serif CJK SC', 'WenQuanYi Zen Hei', serif; color: #000; margin: 0 auto; max-width: 273mm; }
h1 { font-size: 18pt; text-align: center; margin: 4mm 0 2mm; letter-spacing: 1pt; }
h2 { font-size: 12pt; margin: 7mm 0 1mm; border-bottom: 0.6pt solid #000; break-after: avoid; }
table { border-collapse: collapse; width: 100%; margin: 1mm 0 2mm; }
thead { display: table-header-group; }
th, td { border: 0.4pt solid #555; padding: 0.6mm 1.4mm; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { background: #f2f2f2; font-weight: 600; }
td.n { text-align: right; white-space: nowrap; }
thead th { white-space: pre-line; font-size: 8pt; }
td { font-size: 8.5pt; }
tr.t td { background: #f2f2f2; font-weight: 600; }
tr { break-inside: avoid; }
.wide td, .wide th { font-size: 7.5pt; padding: 0.5mm 0.8mm; }
.pairs th { width: 22%; }
.note { color: #444; font-size: 8.5pt; margin: 0 0 1mm; break-after: avoid; }
.mark { text-align: center; color: #c00000; font-weight: 700; font-size: 13pt; margin: 0 0 3mm; }
.hash { font: 8pt/1.4 monospace; overflow-wrap: anywhere; }
.sign td { height: 10mm; }
svg { display: block; margin: 2mm 0; break-inside: avoid; }
";

/// The policy that keeps a page inert, should anything ever get through: nothing is ever fetched.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A table with more columns is set smaller.
const COLUMNS_WIDE: usize = 9;

/// The page.
#[derive(Debug)]
pub(crate) struct Page(String);

/// Escapes for element content and quoted attributes. What is no character of a text (controls) or turns the
/// reading order around goes out, so that a page reads as it is written.
pub(crate) fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\t' => html.push(c),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {}
            c if c.is_control() => {}
            c => html.push(c),
        }
    }
}

fn is_printed(table: &Table, column: &Column) -> bool {
    !table.unprinted.contains(&column.key)
}

impl Page {
    pub(crate) fn new(title: &str) -> Self {
        let mut page =
            Self("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">".to_owned());
        page.0.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"");
        escape(POLICY, &mut page.0);
        page.0.push_str("\"><title>");
        escape(title, &mut page.0);
        page.0.push_str("</title><style>\n");
        page.0.push_str(STYLE);
        page.0.push_str("</style></head><body>\n");
        page.element("h1", title);
        page
    }

    fn element(&mut self, tag: &str, text: &str) {
        self.0.push_str(&format!("<{tag}>"));
        escape(text, &mut self.0);
        self.0.push_str(&format!("</{tag}>\n"));
    }

    fn line(&mut self, class: &'static str, text: &str) {
        self.0.push_str(&format!("<div class=\"{class}\">"));
        escape(text, &mut self.0);
        self.0.push_str("</div>\n");
    }

    pub(crate) fn section(&mut self, text: &str) {
        self.element("h2", text);
    }

    /// What must be seen before everything else.
    pub(crate) fn mark(&mut self, text: &str) {
        self.line("mark", text);
    }

    pub(crate) fn note(&mut self, text: &str) {
        self.line("note", text);
    }

    /// A chart: the only markup that comes from elsewhere, and that is [`crate::svg`].
    pub(crate) fn chart(&mut self, svg: &str) {
        self.0.push_str(svg);
    }

    /// A table of names and values.
    pub(crate) fn pairs(&mut self, pairs: &[(String, Cell)]) {
        self.0.push_str("<table class=\"pairs\">");
        for (name, value) in pairs {
            self.0.push_str("<tr>");
            self.element("th", name);
            self.element("td", &value.shown());
            self.0.push_str("</tr>");
        }
        self.0.push_str("</table>\n");
    }

    /// Lines to sign on.
    pub(crate) fn signers(&mut self, signers: &[String]) {
        self.0.push_str("<table class=\"pairs sign\">");
        for signer in signers {
            self.0.push_str("<tr>");
            self.element("th", signer);
            self.0.push_str("<td></td></tr>\n");
        }
        self.0.push_str("</table>\n");
    }

    /// A small table of texts; its first line is the heading.
    pub(crate) fn texts(&mut self, lines: &[Vec<String>]) {
        self.0.push_str("<table class=\"hash\">");
        for (at, line) in lines.iter().enumerate() {
            self.0.push_str("<tr>");
            line.iter().for_each(|text| self.element(if at == 0 { "th" } else { "td" }, text));
            self.0.push_str("</tr>\n");
        }
        self.0.push_str("</table>\n");
    }

    /// A section of its title, its note, and the table itself.
    pub(crate) fn table(&mut self, table: &Table) {
        self.section(&table.title);
        self.note(&table.note);
        let columns = table.columns.iter().filter(|column| is_printed(table, column));
        let wide = columns.clone().count() > COLUMNS_WIDE;
        self.0.push_str(if wide { "<table class=\"wide\">" } else { "<table>" });
        self.0.push_str("<thead><tr>");
        for column in columns {
            self.element("th", &format!("{}\n{}", column.chinese, column.english));
        }
        self.0.push_str("</tr></thead><tbody>\n");
        for row in table.written() {
            self.row(table, "<tr>", &row);
        }
        for row in &table.foot {
            self.row(table, "<tr class=\"t\">", row);
        }
        self.0.push_str("</tbody></table>\n");
    }

    fn row(&mut self, table: &Table, open: &'static str, row: &[Cell]) {
        self.0.push_str(open);
        let cells = table.columns.iter().zip(row);
        for (column, cell) in cells.filter(|(column, _)| is_printed(table, column)) {
            let is_text = matches!(column.kind, Kind::Text(_));
            self.0.push_str(if is_text { "<td>" } else { "<td class=\"n\">" });
            escape(&cell.shown(), &mut self.0);
            self.0.push_str("</td>");
        }
        self.0.push_str("</tr>\n");
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push_str("</body></html>\n");
        self.0
    }
}
