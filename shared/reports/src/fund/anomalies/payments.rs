//! Payments that are not as payments usually are.

use std::collections::BTreeMap;

use domain::fund::{AccountOwner, EntryRef};

use super::{Anomaly, AnomalyKind, TOWNSHIPS_MANY};
use crate::fund::cases::{Case, PaidOut};
use crate::fund::ledger::Ledger;

/// All payments, with their applications.
fn all<'a, 'l>(
    ledger: &'l Ledger<'a>,
) -> impl Iterator<Item = (&'l Case<'a>, PaidOut<'a>)> + use<'a, 'l> {
    let cases = ledger.cases.values();
    cases.flat_map(|case| case.payments().into_iter().map(move |paid| (case, paid)))
}

/// Those of the period.
fn now<'a, 'l>(
    ledger: &'l Ledger<'a>,
) -> impl Iterator<Item = (&'l Case<'a>, PaidOut<'a>)> + use<'a, 'l> {
    all(ledger).filter(|(_, paid)| ledger.is_now(paid.posting))
}

/// A payment counts also if it was undone: it went out all the same.
pub(super) fn before_acceptance(ledger: &Ledger<'_>) -> Vec<Anomaly> {
    let all = all(ledger).filter(|(case, paid)| !case.is_accepted_before(paid.posting));
    let all = all.map(|(case, paid)| Anomaly {
        kind: AnomalyKind::PaidBeforeAccepted,
        entries: vec![paid.posting.entry()],
        chinese: format!("申请 {} 在验收前已支付 {} 元。", case.id, paid.amount),
        english: format!(
            "Application {}: {} yuan were paid before the work was accepted.",
            case.id, paid.amount
        ),
    });
    all.collect()
}

pub(super) fn same_day(ledger: &Ledger<'_>) -> Vec<Anomaly> {
    let all = now(ledger).filter(|(case, paid)| {
        let date = paid.posting.at.beijing_date();
        paid.undone.is_none() && case.applied.at.beijing_date() == date
    });
    let all = all.map(|(case, paid)| Anomaly {
        kind: AnomalyKind::PaidSameDay,
        entries: vec![case.applied.entry(), paid.posting.entry()],
        chinese: format!("申请 {} 于申请当日支付 {} 元。", case.id, paid.amount),
        english: format!(
            "Application {}: {} yuan were paid on the day on which it was made.",
            case.id, paid.amount
        ),
    });
    all.collect()
}

pub(super) fn many_townships(ledger: &Ledger<'_>) -> Vec<Anomaly> {
    let mut payees: BTreeMap<&str, BTreeMap<AccountOwner, Vec<EntryRef>>> = BTreeMap::new();
    for (_, paid) in now(ledger).filter(|(_, paid)| paid.undone.is_none()) {
        let owner = paid.posting.account.owner.clone();
        if matches!(owner, AccountOwner::Township(_)) {
            let townships = payees.entry(paid.payee.as_str()).or_default();
            townships.entry(owner).or_default().push(paid.posting.entry());
        }
    }
    payees.retain(|_, townships| townships.len() >= TOWNSHIPS_MANY);
    let all = payees.into_iter().map(|(payee, townships)| {
        let many = townships.len();
        let mut entries: Vec<EntryRef> = townships.into_values().flatten().collect();
        entries.sort();
        Anomaly {
            kind: AnomalyKind::ManyTownships,
            entries,
            chinese: format!("收款单位 {payee} 在本期从 {many} 个乡镇(街道)的账户收款。"),
            english: format!("Payee {payee} was paid from the accounts of {many} townships."),
        }
    });
    all.collect()
}

pub(super) fn without_ticket(ledger: &Ledger<'_>) -> Vec<Anomaly> {
    let mut cases: BTreeMap<_, Vec<EntryRef>> = BTreeMap::new();
    for (case, paid) in now(ledger) {
        if !ledger.source.tickets.contains_key(&case.id.ticket) {
            cases.entry(case.id).or_default().push(paid.posting.entry());
        }
    }
    let all = cases.into_iter().map(|(id, entries)| Anomaly {
        kind: AnomalyKind::NoTicket,
        entries,
        chinese: format!("申请 {id} 已支付，但查无其工单。"),
        english: format!("Application {id} was paid, and its ticket is not known."),
    });
    all.collect()
}
