//! The workbook, read back by another program's library: what it shows, and by what formulas.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use reports::ReportFile;
use reports::fund::figures;

use super::files::{made, named};
use super::year::played;

pub(crate) const SHEETS: [&str; 14] = [
    "封面",
    "余额",
    "预算",
    "变动",
    "流水",
    "支付",
    "退款冲正",
    "申请",
    "未结预留",
    "预留账龄",
    "分类",
    "收款单位",
    "乡镇",
    "异常",
];

pub(crate) fn opened(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

/// A text of the workbook that begins so is a text, and no formula.
pub(crate) fn assert_is_text(file: &ReportFile, begin: &str) {
    let mut book = opened(&file.bytes);
    let mut found = 0;
    for sheet in SHEETS {
        let cells = book.worksheet_range(sheet).unwrap();
        let is_it = |cell: &Data| matches!(cell, Data::String(text) if text.starts_with(begin));
        found += cells.cells().filter(|(_, _, cell)| is_it(cell)).count();
        let formulas = book.worksheet_formula(sheet).unwrap();
        let formula = begin.trim_start_matches('=');
        assert!(formulas.cells().all(|(_, _, text)| !text.starts_with(formula)), "{sheet}");
    }
    assert!(found > 0, "{begin} is nowhere");
}

/// The formulas of a sheet with what the file says comes of them.
pub(crate) fn computed(bytes: &[u8], sheet: &str) -> Vec<(u32, u32, String, f64)> {
    let mut book = opened(bytes);
    let (values, formulas) =
        (book.worksheet_range(sheet).unwrap(), book.worksheet_formula(sheet).unwrap());
    let (row, column) = formulas.start().unwrap_or_default();
    let all = formulas.used_cells().map(|(down, right, formula)| {
        let (row, column) = (row + down as u32, column + right as u32);
        let value = match values.get_value((row, column)) {
            Some(Data::Float(value)) => *value,
            Some(Data::Int(value)) => *value as f64,
            other => panic!("{sheet} {row} {column}: {other:?}"),
        };
        (row, column, formula.clone(), value)
    });
    all.collect()
}

/// The value in the row that begins with a text, in a column.
fn value(bytes: &[u8], sheet: &str, (row, column): (&str, u32)) -> f64 {
    let cells = opened(bytes).worksheet_range(sheet).unwrap();
    let at = cells.rows().position(|cells| cells.first() == Some(&Data::String(row.to_owned())));
    let at = u32::try_from(at.unwrap_or_else(|| panic!("{sheet}: {row}"))).unwrap();
    let (from, _) = cells.start().unwrap();
    match cells.get_value((from + at, column)) {
        Some(Data::Float(value)) => *value,
        other => panic!("{sheet}: {row}: {other:?}"),
    }
}

fn yuan(fen: i64) -> f64 {
    fen as f64 / 100.0
}

#[test]
fn the_sheets_show_our_figures_without_any_computing() {
    let figures = figures(&played(9, 200).over("2026")).unwrap();
    let files = made(&figures);
    let bytes = &named(&files, ".xlsx").bytes;
    assert_eq!(opened(bytes).sheet_names(), SHEETS);
    for account in &figures.accounts {
        let name = account.account.to_string();
        let shown = |column| value(bytes, "余额", (&name, column));
        let closing = account.closing;
        let parts = [closing.available, closing.reserved, closing.paid];
        for (column, part) in (5..).zip(parts) {
            assert_eq!(shown(column), yuan(part.fen()), "{name}");
        }
        assert_eq!(shown(9), 0.0);
    }
    let total = |sheet, column| value(bytes, sheet, ("合计 Total", column));
    assert_eq!(total("余额", 7), yuan(figures.totals.paid.fen()));
    let paid: i64 = figures.payouts.iter().map(|one| one.amount.fen()).sum();
    assert_eq!(total("支付", 2), yuan(paid));
    let net: i64 = figures.payees.iter().map(|one| one.net.fen()).sum();
    assert_eq!(total("收款单位", 3), yuan(net));
    assert_eq!((total("分类", 6), total("乡镇", 6)), (yuan(net), yuan(net)));
    assert_eq!(total("未结预留", 6), yuan(figures.totals.reserved.fen()));
}

#[test]
fn totals_are_formulas_over_the_sheet_of_entries() {
    let figures = figures(&played(9, 200).over("2026")).unwrap();
    let files = made(&figures);
    let bytes = &named(&files, ".xlsx").bytes;
    let mut many = 0;
    for sheet in SHEETS {
        for (row, column, formula, _) in computed(bytes, sheet) {
            assert!(!formula.contains("#REF!"), "{sheet} {row} {column}: {formula}");
            many += 1;
        }
    }
    assert!(many > 300, "{many}");
    for sheet in ["余额", "变动", "分类", "乡镇"] {
        assert!(
            computed(bytes, sheet).iter().any(|(_, _, f, _)| f.contains("SUMIFS('流水'!")),
            "{sheet}"
        );
    }
    // A credit code of 18 digits is no number.
    let payees = computed(bytes, "收款单位");
    assert!(payees.iter().any(|(_, _, formula, _)| formula.contains("EXACT('流水'!")));
}

#[test]
fn every_difference_is_nothing() {
    let figures = figures(&played(9, 200).over("2026-05")).unwrap();
    let files = made(&figures);
    let bytes = &named(&files, ".xlsx").bytes;
    for (sheet, column) in [
        ("变动", 5),
        ("支付", 2),
        ("未结预留", 6),
        ("预留账龄", 2),
        ("分类", 6),
        ("收款单位", 3),
        ("乡镇", 6),
    ] {
        assert_eq!(value(bytes, sheet, ("差额 Difference", column)), 0.0, "{sheet}");
    }
}
