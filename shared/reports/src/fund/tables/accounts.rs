//! Balances, and what has moved them.

use domain::fund::{ActKind, Part};

use super::postings::sum_where;
use crate::fault::ReportFault;
use crate::fund::figures::{AccountFigures, Figures, Parts};
use crate::fund::making::sum;
use crate::fund::words;
use crate::net::Net;
use crate::table::{Cell, Kind, Table, column};

pub(super) fn balances(figures: &Figures, postings: &Table) -> Result<Table, ReportFault> {
    let columns = [
        column("account", "账户", "Account", Kind::Text(26)),
        column("name", "名称", "Name", Kind::Text(34)),
        column("opening_available", "期初可用", "Opening available", Kind::Money),
        column("opening_reserved", "期初预留", "Opening reserved", Kind::Money),
        column("opening_paid", "期初已付", "Opening paid", Kind::Money),
        column("available", "期末可用", "Closing available", Kind::Money),
        column("reserved", "期末预留", "Closing reserved", Kind::Money),
        column("paid", "期末已付", "Closing paid", Kind::Money),
        column("came", "账簿净收入", "Net income by the ledger", Kind::Money),
        column("difference", "差额", "Difference", Kind::Money),
    ];
    let note = "期末 = 期初 + 借方 − 贷方（按流水）；差额 = 期末合计 − 账簿净收入，必须为 0.00。Closing = opening + debits − credits, by the entries; the difference must be 0.00.";
    let mut table = Table::new("余额", "Balances", note, &columns);
    for account in &figures.accounts {
        let row = balance(&table, postings, account);
        table.rows.push(row);
    }
    let of = |part: fn(&Parts) -> Net| {
        let opening = sum(figures.accounts.iter().map(|one| part(&one.opening)))?;
        Ok::<_, ReportFault>((opening, sum(figures.accounts.iter().map(|one| part(&one.closing)))?))
    };
    let (available, reserved, paid) =
        (of(|all| all.available)?, of(|all| all.reserved)?, of(|all| all.paid)?);
    table.add_totals(&[
        ("opening_available", available.0),
        ("opening_reserved", reserved.0),
        ("opening_paid", paid.0),
        ("available", available.1),
        ("reserved", reserved.1),
        ("paid", paid.1),
        ("came", sum(figures.accounts.iter().map(|one| one.came))?),
        ("difference", Net::ZERO),
    ]);
    Ok(table)
}

fn balance(table: &Table, postings: &Table, account: &AccountFigures) -> Vec<Cell> {
    let row = table.next_row();
    let cell = |key: &str| format!("{}{row}", table.letters(key));
    let closing = |opening: &str, part: Part, value: Net| {
        let (name, text) = (cell("account"), format!("\"{}\"", words::part(part)));
        let debits = sum_where(postings, &[("account", &name), ("debit", &text)]);
        let credits = sum_where(postings, &[("account", &name), ("credit", &text)]);
        let formula = format!("ROUND({}+{debits}-{credits},2)", cell(opening));
        Cell::formula(formula, Cell::Money(value))
    };
    let (opening, end) = (&account.opening, &account.closing);
    let [available, reserved, paid, came] = ["available", "reserved", "paid", "came"].map(cell);
    let difference = format!("ROUND({available}+{reserved}+{paid}-{came},2)");
    vec![
        Cell::text(&account.account),
        Cell::text(&account.name),
        Cell::Money(opening.available),
        Cell::Money(opening.reserved),
        Cell::Money(opening.paid),
        closing("opening_available", Part::Available, end.available),
        closing("opening_reserved", Part::Reserved, end.reserved),
        closing("opening_paid", Part::Paid, end.paid),
        Cell::Money(account.came),
        Cell::formula(difference, Cell::Money(Net::ZERO)),
    ]
}

pub(super) fn budget(figures: &Figures, balances: &Table) -> Result<Table, ReportFault> {
    let columns = [
        column("account", "账户", "Account", Kind::Text(26)),
        column("name", "名称", "Name", Kind::Text(34)),
        column("appropriated", "本年拨款", "Appropriated", Kind::Money),
        column("floor", "年度底线", "Floor of the year", Kind::Money),
        column("below", "低于底线", "Below the floor", Kind::Money),
        column("spent", "已付与预留", "Paid and reserved", Kind::Money),
        column("used", "使用率", "Used", Kind::Share),
        column("open", "未结申请", "Open applications", Kind::Count),
        column("status", "状态", "Status", Kind::Text(16)),
    ];
    let note = "使用率 =（已付 + 预留）÷ 本年拨款，不计调剂和结转；低于底线 = 底线 − 拨款。Used = (paid + reserved) over what the treasury appropriated, without transfers and what was carried.";
    let mut table = Table::new("预算", "Budget", note, &columns);
    for account in &figures.accounts {
        let row = execution(&table, balances, account)?;
        table.rows.push(row);
    }
    let spent = figures.accounts.iter().map(|one| [one.closing.paid, one.closing.reserved]);
    table.add_totals(&[
        ("appropriated", sum(figures.accounts.iter().map(|one| one.appropriated.into()))?),
        ("spent", sum(spent.flatten())?),
    ]);
    Ok(table)
}

fn execution(
    table: &Table,
    balances: &Table,
    account: &AccountFigures,
) -> Result<Vec<Cell>, ReportFault> {
    let row = table.next_row();
    let cell = |key: &str| format!("{}{row}", table.letters(key));
    // The same account stands in the same row of the balances.
    let there = |key: &str| format!("'{}'!{}{row}", balances.sheet, balances.letters(key));
    let given = cell("appropriated");
    let spent = sum([account.closing.paid, account.closing.reserved])?;
    let used = account.used.map_or(Cell::Empty, |used| {
        let formula = format!("IF({given}=0,0,ROUND({}/{given},4))", cell("spent"));
        Cell::formula(formula, Cell::Share(used))
    });
    Ok(vec![
        Cell::text(&account.account),
        Cell::text(&account.name),
        Cell::money(account.appropriated),
        Cell::money(account.floor),
        Cell::formula(
            format!("MAX(0,ROUND({}-{given},2))", cell("floor")),
            Cell::money(account.below_floor.unwrap_or_default()),
        ),
        Cell::formula(
            format!("ROUND({}+{},2)", there("paid"), there("reserved")),
            Cell::Money(spent),
        ),
        used,
        Cell::Count(i64::from(account.applications)),
        Cell::text(words::status(account.status)),
    ])
}

pub(super) fn movements(figures: &Figures, postings: &Table) -> Result<Table, ReportFault> {
    let columns = [
        column("account", "账户", "Account", Kind::Text(26)),
        column("act", "事项", "Act", Kind::Text(26)),
        column("kind", "代码", "Code", Kind::Text(18)),
        column("done", "发生额", "Moved", Kind::Money),
        column("undone", "冲正额", "Reversed", Kind::Money),
        column("net", "净额", "Net", Kind::Money),
        column("way", "由 → 至", "From → to", Kind::Text(16)),
    ];
    let note = "本期各账户各事项的发生额；冲正额含对以前期间分录的冲正。What entries of each kind have moved; reversals may be of entries before the period.";
    let mut table = Table::new("变动", "Movements", note, &columns);
    for account in &figures.accounts {
        for movement in &account.movements {
            let row = table.next_row();
            let cell = |key: &str| format!("{}{row}", table.letters(key));
            let (account_cell, kind) = (cell("account"), cell("kind"));
            let done = sum_where(postings, &[("account", &account_cell), ("kind", &kind)]);
            let undone = sum_where(postings, &[("account", &account_cell), ("reverses", &kind)]);
            let net = movement.done.minus(movement.undone).ok_or(ReportFault::TooMuch)?;
            let rounded = |formula: &str| format!("ROUND({formula},2)");
            let row = vec![
                Cell::text(&account.account),
                Cell::text(words::act(movement.kind)),
                Cell::text(movement.kind),
                Cell::formula(rounded(&done), Cell::Money(movement.done)),
                Cell::formula(rounded(&undone), Cell::Money(movement.undone)),
                Cell::formula(
                    rounded(&format!("{}-{}", cell("done"), cell("undone"))),
                    Cell::Money(net),
                ),
                Cell::Text(way(movement.kind)),
            ];
            table.rows.push(row);
        }
    }
    let all = || figures.accounts.iter().flat_map(|account| &account.movements);
    let (done, undone) = (sum(all().map(|one| one.done))?, sum(all().map(|one| one.undone))?);
    let net = done.minus(undone).ok_or(ReportFault::TooMuch)?;
    table.add_totals(&[("done", done), ("undone", undone), ("net", net)]);
    let entries = postings.range("amount");
    let (done, undone) = (table.total("done"), table.total("undone"));
    table.add_difference("net", &format!("SUM({entries})-{done}-{undone}"));
    Ok(table)
}

fn way(kind: ActKind) -> String {
    let way = kind.way();
    way.map_or_else(String::new, |(credit, debit)| {
        format!("{} → {}", words::part(credit), words::part(debit))
    })
}
