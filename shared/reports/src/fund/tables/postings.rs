//! Every entry of the period: the sheet on which the others compute.

use domain::Timestamp;
use domain::fund::{Act, Posting};

use crate::fund::figures::{Figures, PostingRow};
use crate::fund::words;
use crate::table::{Cell, Kind, Table, column};

pub(super) fn postings(figures: &Figures) -> Table {
    let columns = [
        column("entry", "分录", "Entry", Kind::Text(18)),
        column("account", "账户", "Account", Kind::Text(18)),
        column("time", "时间(北京)", "Beijing time", Kind::Text(20)),
        column("act", "事项", "Act", Kind::Text(20)),
        column("kind", "代码", "Code", Kind::Text(16)),
        column("reverses", "冲正何种", "Reverses", Kind::Text(14)),
        column("amount", "金额", "Amount", Kind::Money),
        column("debit", "借方", "Debit", Kind::Text(10)),
        column("credit", "贷方", "Credit", Kind::Text(10)),
        column("payee", "收款单位", "Payee", Kind::Text(20)),
        column("category", "分类", "Category", Kind::Text(12)),
        column("township", "归属", "Attributed to", Kind::Text(18)),
        column("application", "申请", "Application", Kind::Text(18)),
        column("approval", "批准分录", "Approval", Kind::Text(16)),
        column("related", "相关分录或账户", "Related to", Kind::Text(18)),
        column("stated", "申请或议定金额", "Asked or approved", Kind::Money),
        column("who", "经办人", "By", Kind::Text(18)),
        column("hash", "哈希(前 12 位)", "Hash", Kind::Text(14)),
    ];
    let note = "本期全部分录；借方增加、贷方减少；冲正的借贷方与原分录相反。All entries of the period; a debit adds, a credit takes; a reversal goes the other way.";
    let mut table = Table::new("流水", "Entries", note, &columns);
    table.rows = figures.postings.iter().map(row).collect();
    table
}

fn row(row: &PostingRow) -> Vec<Cell> {
    let posting = &row.posting;
    let line = posting.line();
    let reverses =
        if let Act::Reversed { reverses, .. } = &posting.act { Some(*reverses) } else { None };
    let related = row.of.as_ref().map(ToString::to_string);
    let related = related.or_else(|| posting.act.other().map(ToString::to_string));
    vec![
        Cell::text(posting.entry()),
        Cell::text(&posting.account),
        Cell::Text(words::time(posting.at)),
        Cell::text(words::act(posting.act.kind())),
        Cell::text(posting.act.kind()),
        Cell::maybe(reverses),
        line.map_or(Cell::Empty, |line| Cell::money(line.amount)),
        Cell::maybe(line.map(|line| words::part(line.debit))),
        Cell::maybe(line.map(|line| words::part(line.credit))),
        Cell::maybe(row.payee.as_ref()),
        Cell::maybe(row.category),
        Cell::Text(words::owner_key(&row.township)),
        Cell::maybe(posting.application.as_ref()),
        Cell::maybe(posting.approval.as_ref()),
        Cell::maybe(related),
        stated(posting),
        Cell::Text(words::person(&posting.actor)),
        Cell::Text(posting.hash().to_string().chars().take(12).collect()),
    ]
}

/// What an application asks for, or an approval approves: amounts that move nothing.
fn stated(posting: &Posting) -> Cell {
    if let Act::Approved { amount, .. } = &posting.act {
        return Cell::money(*amount);
    }
    if let Act::Applied { items, .. } = &posting.act {
        return items.total().map_or(Cell::Empty, Cell::money);
    }
    Cell::Empty
}

/// The sum of the amounts whose row has these texts in these columns.
pub(super) fn sum_where(postings: &Table, tests: &[(&str, &str)]) -> String {
    let mut formula = format!("SUMIFS({}", postings.range("amount"));
    for (key, text) in tests {
        formula.push_str(&format!(",{},{text}", postings.range(key)));
    }
    formula.push(')');
    formula
}

/// The same, where one text must be equal to the letter and however much it looks like a number: a credit code
/// of 18 digits is one to `SUMIFS`, of which it compares the first 15.
pub(super) fn sum_exactly(
    postings: &Table,
    (key, cell): (&str, &str),
    tests: &[(&str, &str)],
) -> String {
    let mut formula = format!("SUMPRODUCT(EXACT({},{cell})", postings.range(key));
    for (key, text) in tests {
        formula.push_str(&format!("*({}={text})", postings.range(key)));
    }
    formula.push_str(&format!("*1,{})", postings.range("amount")));
    formula
}

/// A timestamp's cell, as a date.
pub(super) fn date(at: Timestamp) -> Cell {
    Cell::Text(words::date(at))
}
