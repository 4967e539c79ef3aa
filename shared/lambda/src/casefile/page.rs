//! A page in the making. Tags are written by this module alone, and whatever else comes in is
//! escaped: there is no other way in.

use data_encoding::BASE64;
use domain::MediaType;

/// The style: A4, page numbers, nothing split that belongs together. No script, no link.
const STYLE: &str = "\
@page { size: A4; margin: 20mm 18mm 22mm; @bottom-center { content: '第 ' counter(page) ' 页 共 ' counter(pages) ' 页'; font-size: 9pt; } }
body { font: 10.5pt/1.6 'Songti SC', 'SimSun', 'Noto Serif CJK SC', 'WenQuanYi Zen Hei', serif; color: #000; margin: 0 auto; max-width: 174mm; }
h1 { font-size: 18pt; text-align: center; margin: 0 0 2mm; letter-spacing: 2pt; }
h2 { font-size: 12pt; margin: 6mm 0 2mm; border-bottom: 0.6pt solid #000; break-after: avoid; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 0.4pt solid #555; padding: 1mm 2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #f2f2f2; font-weight: 600; white-space: nowrap; width: 1%; }
thead th { width: auto; }
.story td:nth-child(1), .story td:nth-child(2) { white-space: nowrap; width: 1%; }
.story td:nth-child(4) { width: 24%; }
tr { break-inside: avoid; }
p { margin: 1mm 0; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 2pt solid #888; padding-left: 3mm; margin: 1mm 0; }
.gone { color: #555; font-style: italic; }
.wrong { font-weight: 700; text-decoration: underline; }
.hash { font: 8pt/1.4 monospace; overflow-wrap: anywhere; }
.photo { display: block; max-width: 100%; max-height: 200mm; margin: 2mm 0; break-inside: avoid; }
.mark { text-align: center; margin: 0 0 4mm; }
.colophon { margin-top: 8mm; font-size: 9pt; break-inside: avoid; }
";

/// The policy that keeps a page inert, should anything ever get through. A picture is within the page:
/// nothing is ever fetched.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The page.
#[derive(Debug)]
pub(super) struct Page(String);

/// A row of cells, each a list of lines.
pub(super) type Row = Vec<Vec<(Look, String)>>;

/// How a piece of text is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    /// What somebody said, with its line breaks.
    Said,
    /// What is not there.
    Gone,
    /// What is not as it must be.
    Wrong,
    /// A digest.
    Hash,
    /// A line under the title.
    Mark,
    /// The last words.
    Colophon,
    /// Plain.
    Plain,
}

impl Look {
    const fn class(self) -> &'static str {
        match self {
            Self::Said => " class=\"said\"",
            Self::Gone => " class=\"gone\"",
            Self::Wrong => " class=\"wrong\"",
            Self::Hash => " class=\"hash\"",
            Self::Mark => " class=\"mark\"",
            Self::Colophon => " class=\"colophon\"",
            Self::Plain => "",
        }
    }
}

/// Escapes for element content and quoted attributes. What is no character of a text (controls) or
/// turns the reading order around goes out, so that a page reads as it is written.
fn escape(text: &str, html: &mut String) {
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

impl Page {
    pub(super) fn new(title: &str) -> Self {
        let mut page =
            Self("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">".to_owned());
        page.0.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"");
        escape(POLICY, &mut page.0);
        page.0.push_str("\"><title>");
        escape(title, &mut page.0);
        page.0.push_str("</title><style>\n");
        page.0.push_str(STYLE);
        page.0.push_str("</style></head><body>\n");
        page
    }

    fn element(&mut self, tag: &str, look: Look, text: &str) {
        self.0.push_str(&format!("<{tag}{}>", look.class()));
        escape(text, &mut self.0);
        self.0.push_str(&format!("</{tag}>\n"));
    }

    pub(super) fn title(&mut self, text: &str) {
        self.element("h1", Look::Plain, text);
    }

    pub(super) fn section(&mut self, text: &str) {
        self.element("h2", Look::Plain, text);
    }

    pub(super) fn line(&mut self, look: Look, text: &str) {
        self.element("div", look, text);
    }

    /// A table of names and values.
    pub(super) fn pairs(&mut self, pairs: &[(&str, String)]) {
        self.0.push_str("<table>");
        for (name, value) in pairs {
            self.0.push_str("<tr>");
            self.element("th", Look::Plain, name);
            self.element("td", Look::Plain, value);
            self.0.push_str("</tr>");
        }
        self.0.push_str("</table>\n");
    }

    /// The table of what happened: as [`Self::table`], with room for what was said.
    pub(super) fn story(&mut self, heading: &[&str], rows: &[Row]) {
        self.rows("<table class=\"story\">", heading, rows);
    }

    /// A table with a heading; each cell is a list of lines.
    pub(super) fn table(&mut self, heading: &[&str], rows: &[Row]) {
        self.rows("<table>", heading, rows);
    }

    fn rows(&mut self, open: &'static str, heading: &[&str], rows: &[Row]) {
        self.0.push_str(open);
        self.0.push_str("<thead><tr>");
        for name in heading {
            self.element("th", Look::Plain, name);
        }
        self.0.push_str("</tr></thead><tbody>");
        for row in rows {
            self.0.push_str("<tr>");
            row.iter().for_each(|cell| self.cell(cell));
            self.0.push_str("</tr>");
        }
        self.0.push_str("</tbody></table>\n");
    }

    fn cell(&mut self, lines: &[(Look, String)]) {
        self.0.push_str("<td>");
        for (look, text) in lines {
            self.element("div", *look, text);
        }
        self.0.push_str("</td>");
    }

    /// A picture within the page: its type is one of a closed list, its bytes are in an alphabet that
    /// holds nothing of markup.
    pub(super) fn picture(&mut self, media: MediaType, image: &[u8]) {
        self.0.push_str("<img class=\"photo\" alt=\"照片\" src=\"data:");
        escape(media.as_str(), &mut self.0);
        self.0.push_str(";base64,");
        BASE64.encode_append(image, &mut self.0);
        self.0.push_str("\">\n");
    }

    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</body></html>\n");
        self.0
    }
}
