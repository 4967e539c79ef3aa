//! What is listed one by one.

use domain::fund::ActKind;

use super::postings::{date, sum_where};
use crate::fault::ReportFault;
use crate::fund::figures::{Age, Figures, Payout};
use crate::fund::making::sum;
use crate::fund::words;
use crate::table::{Cell, Kind, Table, column};

/// So many entries of an anomaly are shown; the JSON has all. A cell of a workbook holds no endless list.
const ENTRIES_SHOWN: usize = 20;

pub(super) fn payouts(figures: &Figures, postings: &Table) -> Result<Table, ReportFault> {
    let columns = [
        column("entry", "分录", "Entry", Kind::Text(24)),
        column("date", "日期", "Date", Kind::Text(12)),
        column("amount", "金额", "Amount", Kind::Money),
        column("payee", "收款单位", "Payee", Kind::Text(20)),
        column("invoice", "发票哈希(前 12 位)", "Invoice hash", Kind::Text(14)),
        column("number", "工单号", "Ticket", Kind::Text(19)),
        column("application", "申请", "Application", Kind::Text(18)),
        column("category", "分类", "Category", Kind::Text(14)),
        column("stage", "阶段", "Stage", Kind::Text(14)),
        column("applicant", "申请人", "Applied by", Kind::Text(18)),
        column("approver", "批准人", "Approved by", Kind::Text(18)),
        column("approval", "批准分录", "Approval", Kind::Text(14)),
        column("approved", "批准金额", "Approved", Kind::Money),
        column("contract", "合同分录", "Contract", Kind::Text(14)),
        column("acceptance", "验收分录", "Acceptance", Kind::Text(14)),
        column("by", "支付人", "Paid by", Kind::Text(18)),
        column("refunded", "已退款", "Refunded", Kind::Money),
        column("reversal", "冲正分录", "Reversed by", Kind::Text(14)),
        column("dossier", "卷宗", "Case file", Kind::Text(44)),
    ];
    let note = "本期全部支付，含后来退款或冲正的。All payments of the period, also those that came back or were reversed later.";
    let mut table = Table::new("支付", "Payments", note, &columns);
    table.unprinted =
        &["invoice", "application", "stage", "contract", "approved", "dossier", "applicant"];
    table.rows = figures.payouts.iter().map(payout).collect();
    table.add_totals(&[
        ("amount", sum(figures.payouts.iter().map(|one| one.amount.into()))?),
        ("refunded", sum(figures.payouts.iter().map(|one| one.refunded))?),
    ]);
    let paid = sum_where(postings, &[("kind", &format!("\"{}\"", ActKind::Paid))]);
    table.add_difference("amount", &format!("{paid}-{}", table.total("amount")));
    Ok(table)
}

fn payout(one: &Payout) -> Vec<Cell> {
    vec![
        Cell::text(&one.entry),
        date(one.at),
        Cell::money(one.amount),
        Cell::text(&one.payee),
        Cell::Text(one.invoice.to_string().chars().take(12).collect()),
        Cell::maybe(one.number.as_ref()),
        Cell::text(&one.application),
        Cell::text(words::category(one.category)),
        Cell::text(words::stage(one.stage)),
        Cell::Text(words::person(&one.applicant)),
        Cell::maybe(one.approver.as_ref().map(words::person)),
        Cell::maybe(one.approval.as_ref()),
        one.approved.map_or(Cell::Empty, Cell::money),
        Cell::maybe(one.contract.as_ref()),
        Cell::maybe(one.acceptance.as_ref()),
        Cell::Text(words::person(&one.by)),
        Cell::Money(one.refunded),
        Cell::maybe(one.reversal.as_ref()),
        Cell::maybe(one.dossier.as_ref()),
    ]
}

pub(super) fn returned(figures: &Figures) -> Table {
    let columns = [
        column("entry", "分录", "Entry", Kind::Text(26)),
        column("date", "日期", "Date", Kind::Text(12)),
        column("act", "事项", "Act", Kind::Text(20)),
        column("reverses", "冲正何种", "Reverses", Kind::Text(26)),
        column("amount", "金额", "Amount", Kind::Money),
        column("of", "原分录", "Of the entry", Kind::Text(26)),
        column("payee", "收款单位", "Payee", Kind::Text(24)),
        column("application", "申请", "Application", Kind::Text(30)),
        column("by", "经办人", "By", Kind::Text(28)),
    ];
    let note = "退款：收款单位退回正确支付的款项，转为可用；冲正：撤销错误分录或银行退票。A refund is money given back of a right payment; a reversal undoes a wrong entry or a payment that the bank returned.";
    let mut table = Table::new("退款冲正", "Refunds and reversals", note, &columns);
    let rows = figures.returned.iter().map(|one| {
        vec![
            Cell::text(&one.entry),
            date(one.at),
            Cell::text(words::act(one.kind)),
            Cell::maybe(one.reverses.map(words::act)),
            Cell::money(one.amount),
            Cell::maybe(one.of.as_ref()),
            Cell::maybe(one.payee.as_ref()),
            Cell::maybe(one.application.as_ref()),
            Cell::Text(words::person(&one.by)),
        ]
    });
    table.rows = rows.collect();
    table
}

pub(super) fn requests(figures: &Figures) -> Table {
    let columns = [
        column("application", "申请", "Application", Kind::Text(30)),
        column("number", "工单号", "Ticket", Kind::Text(18)),
        column("account", "账户", "Account", Kind::Text(26)),
        column("category", "分类", "Category", Kind::Text(22)),
        column("applied", "申请日期", "Applied on", Kind::Text(12)),
        column("asked", "本期申请", "Asked", Kind::Money),
        column("approved", "本期批准", "Approved", Kind::Money),
        column("refused", "本期不予支持", "Refused", Kind::Money),
        column("stage", "阶段", "Stage", Kind::Text(24)),
    ];
    let counts = &figures.counts;
    let note = format!(
        "本期申请 {} 项、批准 {} 项、不予支持 {} 项。{} applications were made, {} approved and {} refused.",
        counts.asked.count,
        counts.approved.count,
        counts.refused.count,
        counts.asked.count,
        counts.approved.count,
        counts.refused.count
    );
    let mut table = Table::new("申请", "Applications", &note, &columns);
    let rows = figures.requests.iter().map(|one| {
        vec![
            Cell::text(&one.application),
            Cell::maybe(one.number.as_ref()),
            Cell::text(&one.account),
            Cell::text(words::category(one.category)),
            date(one.applied),
            one.asked.map_or(Cell::Empty, Cell::money),
            one.approved.map_or(Cell::Empty, Cell::money),
            one.refused.map_or(Cell::Empty, Cell::money),
            Cell::text(words::stage(one.stage)),
        ]
    });
    table.rows = rows.collect();
    table.add_totals(&[
        ("asked", counts.asked.amount),
        ("approved", counts.approved.amount),
        ("refused", counts.refused.amount),
    ]);
    table
}

pub(super) fn reservations(figures: &Figures, balances: &Table) -> Result<Table, ReportFault> {
    let columns = [
        column("application", "申请", "Application", Kind::Text(30)),
        column("number", "工单号", "Ticket", Kind::Text(18)),
        column("account", "账户", "Account", Kind::Text(26)),
        column("entry", "预留分录", "Reserved by", Kind::Text(26)),
        column("since", "预留日期", "Since", Kind::Text(12)),
        column("days", "天数", "Days", Kind::Count),
        column("amount", "尚余预留", "Still reserved", Kind::Money),
        column("stage", "阶段", "Stage", Kind::Text(24)),
    ];
    let note = "期末尚有预留资金的申请，时间最早者在前；天数自预留起至期末。What is reserved at the end, the oldest first; days are from the reservation to the position.";
    let mut table = Table::new("未结预留", "Open reservations", note, &columns);
    let rows = figures.reservations.iter().map(|one| {
        vec![
            Cell::text(&one.application),
            Cell::maybe(one.number.as_ref()),
            Cell::text(&one.account),
            Cell::maybe(one.entry.as_ref()),
            one.since.map_or(Cell::Empty, date),
            Cell::Count(one.days),
            Cell::Money(one.amount),
            Cell::text(words::stage(one.stage)),
        ]
    });
    table.rows = rows.collect();
    table.add_totals(&[("amount", sum(figures.reservations.iter().map(|one| one.amount))?)]);
    let (here, there) = (table.total("amount"), balances.total("reserved"));
    table.add_difference("amount", &format!("{there}-{here}"));
    Ok(table)
}

pub(super) fn ages(figures: &Figures, reservations: &Table) -> Result<Table, ReportFault> {
    let columns = [
        column("age", "天数", "Days", Kind::Text(20)),
        column("count", "项数", "Reservations", Kind::Count),
        column("amount", "尚余预留", "Still reserved", Kind::Money),
    ];
    let note = "未结预留按天数汇总。Open reservations by the days since they were reserved.";
    let mut table = Table::new("预留账龄", "Reservations by age", note, &columns);
    let days = reservations.range("days");
    let rows = figures.ages.iter().map(|age: &Age| {
        let (from, to) = (age.from, age.to);
        let bounds = to.map_or_else(
            || format!("{days},\">={from}\""),
            |to| format!("{days},\">={from}\",{days},\"<={to}\""),
        );
        let formula = format!("ROUND(SUMIFS({},{bounds}),2)", reservations.range("amount"));
        let name = to.map_or_else(|| format!("{from} 以上 and more"), |to| format!("{from}–{to}"));
        vec![
            Cell::Text(name),
            Cell::formula(format!("COUNTIFS({bounds})"), Cell::count(age.count)),
            Cell::formula(formula, Cell::Money(age.amount)),
        ]
    });
    table.rows = rows.collect();
    let total = sum(figures.ages.iter().map(|age| age.amount))?;
    table.add_totals(&[("amount", total)]);
    let (here, there) = (table.total("amount"), reservations.total("amount"));
    table.add_difference("amount", &format!("{there}-{here}"));
    Ok(table)
}

pub(super) fn anomalies(figures: &Figures) -> Table {
    let columns = [
        column("kind", "类型", "Kind", Kind::Text(28)),
        column("chinese", "说明", "What it is", Kind::Text(60)),
        column("english", "英文说明", "In English", Kind::Text(60)),
        column("entries", "分录", "Entries", Kind::Text(40)),
    ];
    let note =
        "异常只是应当核实的线索，不是结论。An anomaly is something to look at, and proves nothing.";
    let mut table = Table::new("异常", "Anomalies", note, &columns);
    let rows = figures.anomalies.iter().map(|one| {
        let shown = one.entries.iter().take(ENTRIES_SHOWN).map(ToString::to_string);
        let mut entries: Vec<String> = shown.collect();
        let more = one.entries.len().saturating_sub(ENTRIES_SHOWN);
        entries.extend((more > 0).then(|| format!("另 {more} 笔 and {more} more")));
        vec![
            Cell::text(one.kind.name()),
            Cell::text(&one.chinese),
            Cell::text(&one.english),
            Cell::Text(entries.join(", ")),
        ]
    });
    table.rows = rows.collect();
    table
}
