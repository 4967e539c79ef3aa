//! What was moved, by township, category and payee.

use domain::fund::ActKind;

use super::postings::{sum_exactly, sum_where};
use crate::fault::ReportFault;
use crate::fund::figures::{Figures, Group};
use crate::fund::making::sum;
use crate::net::Net;
use crate::table::{Cell, Column, Kind, Table, column};

/// The columns that all three have.
fn columns(key: Column) -> Vec<Column> {
    vec![
        key,
        column("name", "名称", "Name", Kind::Text(34)),
        column("reserved", "预留", "Reserved", Kind::Money),
        column("released", "释放", "Released", Kind::Money),
        column("paid", "支付", "Paid", Kind::Money),
        column("refunded", "退款", "Refunded", Kind::Money),
        column("net", "净支付", "Net paid", Kind::Money),
        column("payouts", "笔数", "Payments", Kind::Count),
    ]
}

/// What entries of a kind have moved less what reversals of them moved back, for the row's key.
fn moved(kind: ActKind, of: impl Fn(&[(&str, &str)]) -> String) -> String {
    let kind = format!("\"{kind}\"");
    let (done, undone) = (of(&[("kind", &kind)]), of(&[("reverses", &kind)]));
    format!("ROUND({done}-{undone},2)")
}

fn row(table: &Table, group: &Group, of: impl Fn(&str, &[(&str, &str)]) -> String) -> Vec<Cell> {
    let row = table.next_row();
    let cell = |key: &str| format!("{}{row}", table.letters(key));
    let key = cell("key");
    let amount =
        |kind, value| Cell::formula(moved(kind, |tests| of(&key, tests)), Cell::Money(value));
    let net = format!("ROUND({}-{},2)", cell("paid"), cell("refunded"));
    vec![
        Cell::text(&group.key),
        Cell::text(&group.name),
        amount(ActKind::Reserved, group.reserved),
        amount(ActKind::Released, group.released),
        amount(ActKind::Paid, group.paid),
        amount(ActKind::Refunded, group.refunded),
        Cell::formula(net, Cell::Money(group.net)),
        Cell::Count(group.payouts),
    ]
}

/// The sums, and that the payments are all that there are.
fn add_foot<'a>(
    table: &mut Table,
    groups: &(impl Iterator<Item = &'a Group> + Clone),
    postings: &Table,
) -> Result<(), ReportFault> {
    let of = |part: fn(&Group) -> Net| sum(groups.clone().map(part));
    table.add_totals(&[
        ("reserved", of(|one| one.reserved)?),
        ("released", of(|one| one.released)?),
        ("paid", of(|one| one.paid)?),
        ("refunded", of(|one| one.refunded)?),
        ("net", of(|one| one.net)?),
    ]);
    let all = |kind: ActKind| {
        let kind = format!("\"{kind}\"");
        let (done, undone) = ([("kind", kind.as_str())], [("reverses", kind.as_str())]);
        format!("{}-{}", sum_where(postings, &done), sum_where(postings, &undone))
    };
    let (paid, refunded) = (all(ActKind::Paid), all(ActKind::Refunded));
    table.add_difference("net", &format!("({paid})-({refunded})-{}", table.total("net")));
    Ok(())
}

pub(super) fn categories(figures: &Figures, postings: &Table) -> Result<Table, ReportFault> {
    let note = "一项申请归入其估价最大的一项（相同者取先列的）。An application counts under its largest item by estimate; of equal ones the first.";
    let key = column("key", "代码", "Code", Kind::Text(14));
    let mut table = Table::new("分类", "Categories", note, &columns(key));
    let of = |key: &str, tests: &[(&str, &str)]| {
        sum_where(postings, &[&[("category", key)], tests].concat())
    };
    for group in &figures.categories {
        let row = row(&table, group, of);
        table.rows.push(row);
    }
    add_foot(&mut table, &figures.categories.iter(), postings)?;
    Ok(table)
}

pub(super) fn payees(figures: &Figures, postings: &Table) -> Result<Table, ReportFault> {
    let note = "按净支付排列；退款和冲正记在原付款的收款单位名下。The most paid first; what came back counts under whom it came from.";
    let key = column("key", "收款单位", "Payee", Kind::Text(40));
    let mut columns = columns(key);
    columns.retain(|column| !["name", "reserved", "released"].contains(&column.key));
    let mut table = Table::new("收款单位", "Payees", note, &columns);
    let of = |key: &str, tests: &[(&str, &str)]| sum_exactly(postings, ("payee", key), tests);
    for group in &figures.payees {
        let mut row = row(&table, group, of);
        row.drain(1..4);
        table.rows.push(row);
    }
    add_foot(&mut table, &figures.payees.iter(), postings)?;
    Ok(table)
}

pub(super) fn townships(figures: &Figures, postings: &Table) -> Result<Table, ReportFault> {
    let note = "专项经费和指挥中心的支出按申请人所在乡镇（街道）归属，不能归属的列在该账户名下。What the city's accounts moved counts under the township of who applied; what is no township's stands under the account.";
    let key = column("key", "代码", "Code", Kind::Text(26));
    let mut columns = columns(key);
    columns.push(column("own", "其中本级账户", "Own account", Kind::Money));
    columns.push(column("city", "其中市级经费", "City's accounts", Kind::Money));
    let mut table = Table::new("乡镇", "Townships", note, &columns);
    let of = |key: &str, tests: &[(&str, &str)]| {
        sum_where(postings, &[&[("township", key)], tests].concat())
    };
    for one in &figures.townships {
        let mut row = row(&table, &one.group, of);
        let at = table.next_row();
        let cell = |key: &str| format!("{}{at}", table.letters(key));
        // An account of its own has the owner's key and a year: `township.mishan/2026`.
        let (key, own_account) = (cell("key"), format!("{}&\"/*\"", cell("key")));
        let own = |kind| {
            let of = |tests: &[(&str, &str)]| {
                let mine = [("township", key.as_str()), ("account", own_account.as_str())];
                sum_where(postings, &[&mine, tests].concat())
            };
            moved(kind, of)
        };
        let formula = format!("ROUND({}-{},2)", own(ActKind::Paid), own(ActKind::Refunded));
        row.push(Cell::formula(formula, Cell::Money(one.own)));
        let rest = format!("ROUND({}-{},2)", cell("net"), cell("own"));
        row.push(Cell::formula(rest, Cell::Money(one.city)));
        table.rows.push(row);
    }
    add_foot(&mut table, &figures.townships.iter().map(|one| &one.group), postings)?;
    Ok(table)
}
