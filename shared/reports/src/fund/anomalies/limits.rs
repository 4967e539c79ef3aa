//! Approvals at, or just under, what a role may approve.

use std::collections::{BTreeMap, BTreeSet};

use domain::fund::{Application, DeedKind, EntryRef, Money, POWERS, Posting};
use domain::{Actor, Timestamp};

use super::{Anomaly, AnomalyKind, SPLIT_DAYS, SPLIT_PERCENT};
use crate::fault::ReportFault;
use crate::fund::ledger::Ledger;
use crate::net::Net;

/// For whom approvals are made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Payee(String),
    Ticket(String),
}

/// An approval by a role that has a limit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Approved {
    at: Timestamp,
    entry: EntryRef,
    amount: Money,
    is_now: bool,
}

/// What the role that approved may approve on this account; `None` if it has no limit.
fn limit(posting: &Posting) -> Option<Money> {
    let Actor::Staff { role, .. } = &posting.actor else { return None };
    let kind = posting.account.owner.kind();
    let rows = POWERS.iter().filter(|row| row.role == *role && row.accounts.contains(&kind));
    let rows = rows.filter(|row| row.deeds.contains(&DeedKind::Approve));
    rows.map(|row| row.approves).max().filter(|limit| *limit < Money::MAX)
}

pub(super) fn exactly(ledger: &Ledger<'_>) -> Vec<Anomaly> {
    let mut all = Vec::new();
    for case in ledger.cases.values() {
        let Some((posting, amount)) = case.approved() else { continue };
        if !ledger.is_now(posting) || limit(posting) != Some(amount) || case.asked != amount {
            continue;
        }
        all.push(Anomaly {
            kind: AnomalyKind::AtTheLimit,
            entries: vec![posting.entry()],
            chinese: format!("申请 {} 所申请和批准的金额恰为审批限额 {amount} 元。", case.id),
            english: format!(
                "Application {} asked for, and got, exactly the limit of {amount} yuan.",
                case.id
            ),
        });
    }
    all
}

pub(super) fn split(ledger: &Ledger<'_>) -> Result<Vec<Anomaly>, ReportFault> {
    let (mut all, mut found) = (Vec::new(), BTreeSet::new());
    for ((limit, subject), approvals) in just_under(ledger) {
        for window in windows(approvals.into_iter().collect()) {
            let entries: Vec<EntryRef> = window.iter().map(|one| one.entry.clone()).collect();
            let total = Net::sum(window.iter().map(|one| one.amount.into()));
            let total = total.ok_or(ReportFault::TooMuch)?;
            let is_split =
                window.len() > 1 && total > Net::from(limit) && window.iter().any(|one| one.is_now);
            // The approvals of one payee are often those of one ticket: that is one finding.
            if is_split && found.insert(entries.clone()) {
                all.push(say(&subject, limit, total, entries));
            }
        }
    }
    Ok(all)
}

/// The approvals just under a limit, by limit and by whom they are for.
fn just_under(ledger: &Ledger<'_>) -> BTreeMap<(Money, Subject), BTreeSet<Approved>> {
    let mut groups: BTreeMap<_, BTreeSet<Approved>> = BTreeMap::new();
    for case in ledger.cases.values() {
        let Some((posting, amount)) = case.approved() else { continue };
        let Some(limit) = limit(posting) else { continue };
        let is_near = amount.fen() * 100 >= limit.fen() * SPLIT_PERCENT && amount <= limit;
        if !is_near || case.folded.as_ref().is_some_and(Application::is_cancelled) {
            continue;
        }
        let (at, entry, is_now) = (posting.at, posting.entry(), ledger.is_now(posting));
        let approved = Approved { at, entry, amount, is_now };
        let paid = case.payments().into_iter().filter(|paid| paid.undone.is_none());
        let mut subjects: BTreeSet<_> =
            paid.map(|paid| Subject::Payee(paid.payee.to_string())).collect();
        subjects.insert(Subject::Ticket(case.id.ticket.to_string()));
        for subject in subjects {
            groups.entry((limit, subject)).or_default().insert(approved.clone());
        }
    }
    groups
}

/// Those in order of time that lie within so many days of the first that is in no window before.
fn windows(approvals: Vec<Approved>) -> Vec<Vec<Approved>> {
    let mut windows: Vec<Vec<Approved>> = Vec::new();
    for one in approvals {
        let days = SPLIT_DAYS * Timestamp::DAY_MS;
        let last = windows.last_mut().filter(|window| {
            window.first().is_some_and(|first| one.at <= first.at.plus_millis(days))
        });
        match last {
            Some(window) => window.push(one),
            None => windows.push(vec![one]),
        }
    }
    windows
}

fn say(subject: &Subject, limit: Money, total: Net, entries: Vec<EntryRef>) -> Anomaly {
    let (chinese, english) = match subject {
        Subject::Payee(code) => (format!("收款单位 {code}"), format!("Payee {code}")),
        Subject::Ticket(id) => (format!("工单 {id}"), format!("Ticket {id}")),
    };
    let many = entries.len();
    Anomaly {
        kind: AnomalyKind::SplitUnderLimit,
        entries,
        chinese: format!(
            "{chinese} 在 {SPLIT_DAYS} 天内有 {many} 笔审批，各不低于限额 {limit} 元的 {SPLIT_PERCENT}%，合计 {total} 元，超过限额。"
        ),
        english: format!(
            "{english} has {many} approvals within {SPLIT_DAYS} days, each from {SPLIT_PERCENT} % of the limit of {limit} yuan up to it, together {total} yuan."
        ),
    }
}
