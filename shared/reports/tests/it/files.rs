//! The files: the same bytes for the same source, tables that others can read, and a page that is inert.

use std::collections::BTreeSet;

use reports::ReportFile;
use reports::fund::{Figures, figures, files};

use super::city::{City, S1, apply, at, case, yuan};
use super::year::played;

pub(crate) fn made(figures: &Figures) -> Vec<ReportFile> {
    files(figures).unwrap()
}

pub(crate) fn named<'a>(files: &'a [ReportFile], end: &str) -> &'a ReportFile {
    files.iter().find(|file| file.name.ends_with(end)).unwrap()
}

fn text<'a>(files: &'a [ReportFile], end: &str) -> &'a str {
    std::str::from_utf8(&named(files, end).bytes).unwrap()
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    let source = played(6, 120).over("2026");
    let first = made(&figures(&source).unwrap());
    for _ in 0..3 {
        std::thread::sleep(std::time::Duration::from_millis(700));
        let again = made(&figures(&source).unwrap());
        for (one, other) in first.iter().zip(&again) {
            assert!(one == other, "{} differs", one.name);
        }
    }
}

/// The order in which a store lists accounts is nobody's business.
#[test]
fn the_order_of_the_books_does_not_matter() {
    let mut source = played(6, 60).over("2026");
    let first = made(&figures(&source).unwrap());
    source.books.reverse();
    assert_eq!(first, made(&figures(&source).unwrap()));
}

#[test]
fn names_and_types_are_as_agreed() {
    let files = made(&figures(&played(7, 20).over("2026-Q1")).unwrap());
    let names: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.media_type)).collect();
    assert_eq!(
        names,
        [
            (
                "fund-2026-Q1.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            ),
            ("fund-2026-Q1-balances.csv", "text/csv; charset=utf-8"),
            ("fund-2026-Q1-payouts.csv", "text/csv; charset=utf-8"),
            ("fund-2026-Q1-postings.csv", "text/csv; charset=utf-8"),
            ("fund-2026-Q1.json", "application/json"),
            ("fund-2026-Q1.html", "text/html; charset=utf-8"),
        ]
    );
}

#[test]
fn csv_reads_back_to_the_fen() {
    let figures = figures(&played(8, 150).over("2026")).unwrap();
    let files = made(&figures);
    for (end, rows) in [
        ("-balances.csv", figures.accounts.len()),
        ("-payouts.csv", figures.payouts.len()),
        ("-postings.csv", figures.postings.len()),
    ] {
        let text = text(&files, end).strip_prefix('\u{feff}').unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heading = reader.headers().unwrap().clone();
        let records: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(records.len(), rows, "{end}");
        let unique: BTreeSet<_> = heading.iter().collect();
        assert_eq!(unique.len(), heading.len(), "{end}");
        let amounts = heading.iter().enumerate().filter(|(_, name)| name.ends_with("(分 fen)"));
        for (at, name) in amounts {
            for record in records.iter().filter(|record| !record[at].is_empty()) {
                let (whole, cents) = record[at - 1].split_once('.').unwrap();
                let yuan: i64 = format!("{whole}{cents}").parse().unwrap();
                assert_eq!((yuan, cents.len()), (record[at].parse().unwrap(), 2), "{name}");
            }
        }
    }
    let text = text(&files, "-payouts.csv");
    let told: i64 = figures.payouts.iter().map(|one| one.amount.fen()).sum();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let read = reader.records().map(|record| record.unwrap()[3].parse::<i64>().unwrap());
    assert_eq!(read.sum::<i64>(), told);
}

#[test]
fn the_json_has_every_figure_in_whole_fen() {
    let figures = figures(&played(8, 60).over("2026")).unwrap();
    let json: serde_json::Value =
        serde_json::from_slice(&named(&made(&figures), ".json").bytes).unwrap();
    assert_eq!(json["final"], true);
    assert_eq!(json["totals"]["paid"], figures.totals.paid.fen());
    assert_eq!(json["accounts"][0]["account"], "centre/2026".replace("centre", "fund"));
    assert_eq!(json["payouts"].as_array().unwrap().len(), figures.payouts.len());
    assert_eq!(json["townships"][0]["net"], figures.townships[0].group.net.fen());
    fn no_fraction(value: &serde_json::Value) {
        match value {
            serde_json::Value::Number(number) => assert!(!number.is_f64(), "{number}"),
            serde_json::Value::Array(all) => all.iter().for_each(no_fraction),
            serde_json::Value::Object(all) => all.values().for_each(no_fraction),
            _ => {}
        }
    }
    no_fraction(&json);
}

#[test]
fn the_page_is_inert_and_whole() {
    let files = made(&figures(&played(8, 80).over("2026-03")).unwrap());
    let html = text(&files, ".html");
    for bad in [
        "<script",
        "http:",
        "https:",
        "//",
        "src=",
        "href=",
        "url(",
        "@import",
        "<img",
        "javascript",
    ] {
        assert!(!html.contains(bad), "{bad}");
    }
    assert_eq!(html.matches("<svg ").count(), 2);
    assert!(html.contains("size: A4 landscape") && html.contains("default-src &#39;none&#39;"));
    assert!(!html.contains("Preliminary"));
    for tag in ["table", "thead", "tbody", "tr", "th", "td", "svg", "text", "div", "h1", "h2"] {
        let open =
            html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(open, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

/// What a township is called comes from a directory that somebody imports.
#[test]
fn a_hostile_name_stays_a_text_in_every_file() {
    let mut source = played(8, 40).over("2026");
    let hostile = "=HYPERLINK(\"x\")<script>alert(1)</script>\u{202e}&'";
    source.units.values_mut().for_each(|name| hostile.clone_into(name));
    let files = made(&figures(&source).unwrap());
    let html = text(&files, ".html");
    assert!(!html.contains("<script") && !html.contains('\u{202e}'));
    assert!(html.contains("&lt;script&gt;"));
    let csv = text(&files, "-balances.csv");
    assert!(csv.contains("\"'=HYPERLINK(") && !csv.contains(",\"=HYPERLINK"));
    super::workbook::assert_is_text(named(&files, ".xlsx"), "=HYPERLINK");
}

#[test]
fn a_preliminary_report_says_so_everywhere() {
    let city = played(8, 40);
    let figures = figures(&city.source("2026-06", at("2026-06-17T12:00"))).unwrap();
    let files = made(&figures);
    assert!(text(&files, ".html").contains("预报 Preliminary：本期尚未结束"));
    assert!(text(&files, ".json").contains("\"final\": false"));
    super::workbook::assert_is_text(named(&files, ".xlsx"), "预报 Preliminary：本期尚未结束");
}

#[test]
fn an_empty_period_and_the_largest_amount_can_be_written() {
    let empty = figures(&City::default().over("2026-03")).unwrap();
    assert_eq!(made(&empty).len(), 6);
    let mut city = City::default();
    let amount = domain::fund::Money::MAX;
    city.does("2026-01-05T09:00", S1, "fund/2026", domain::fund::Deed::Appropriate { amount });
    let id = case("A-1");
    let items = [(domain::fund::Category::Road, yuan("100,000,000,000"))];
    city.does("2026-01-06T09:00", S1, "fund/2026", apply(&id, &items));
    let figures = figures(&city.over("2026-01")).unwrap();
    assert!(text(&made(&figures), "-balances.csv").contains("100000000000.00,10000000000000"));
}
