//! What is listed one by one: payments, what came back, what is reserved, applications, entries.

use domain::Timestamp;
use domain::fund::{Act, ActKind, Part, Posting};

use super::cases::{Case, PaidOut, undone};
use super::figures::{Age, Count, Counts, Payout, PostingRow, Request, Reservation, Returned};
use super::ledger::Ledger;
use super::making::sum;
use crate::fault::ReportFault;
use crate::net::Net;

/// The ages by which open reservations are summed up, in days.
const AGES: [(i64, Option<i64>); 4] = [(0, Some(30)), (31, Some(90)), (91, Some(180)), (181, None)];

pub(super) fn payouts(ledger: &Ledger<'_>) -> Vec<Payout> {
    let all = ledger.cases.values().flat_map(|case| {
        let paid = case.payments().into_iter();
        paid.filter(|paid| ledger.is_now(paid.posting)).map(|paid| payout(ledger, case, &paid))
    });
    let mut all: Vec<Payout> = all.collect();
    all.sort_by(|one, other| (one.at, &one.entry).cmp(&(other.at, &other.entry)));
    all
}

fn payout(ledger: &Ledger<'_>, case: &Case<'_>, paid: &PaidOut<'_>) -> Payout {
    let ticket = ledger.source.tickets.get(&case.id.ticket);
    let approved = case.approved();
    Payout {
        entry: paid.posting.entry(),
        at: paid.posting.at,
        amount: paid.amount,
        payee: paid.payee.clone(),
        invoice: paid.invoice,
        by: paid.posting.actor.clone(),
        application: case.id.clone(),
        category: case.category,
        stage: case.stage(),
        ticket: case.id.ticket.clone(),
        number: ticket.map(|ticket| ticket.number.to_string()),
        dossier: ticket.map(|ticket| ticket.dossier.clone()),
        applicant: case.applied.actor.clone(),
        approver: approved.map(|(posting, _)| posting.actor.clone()),
        approval: approved.map(|(posting, _)| posting.entry()),
        approved: approved.map(|(_, amount)| amount),
        contract: case.last(ActKind::Contracted).map(Posting::entry),
        acceptance: case.last(ActKind::Accepted).map(Posting::entry),
        refunded: paid.refunded,
        reversal: paid.undone.map(Posting::entry),
    }
}

pub(super) fn returned(ledger: &Ledger<'_>) -> Vec<Returned> {
    let mut all = Vec::new();
    for posting in ledger.entries() {
        let (reverses, amount) = match &posting.act {
            Act::Refunded { amount, .. } => (None, *amount),
            Act::Reversed { reverses, amount, .. } => (Some(*reverses), *amount),
            Act::Appropriated { .. }
            | Act::TransferredOut { .. }
            | Act::TransferredIn { .. }
            | Act::Applied { .. }
            | Act::Approved { .. }
            | Act::Refused { .. }
            | Act::Reserved { .. }
            | Act::Contracted { .. }
            | Act::Accepted { .. }
            | Act::Paid { .. }
            | Act::Released { .. }
            | Act::CarriedOut { .. }
            | Act::CarriedIn { .. }
            | Act::ClosedOver { .. }
            | Act::Opened { .. }
            | Act::ClosedOut { .. } => continue,
        };
        let case = ledger.case(posting);
        all.push(Returned {
            entry: posting.entry(),
            at: posting.at,
            kind: posting.act.kind(),
            reverses,
            amount,
            of: case.map_or_else(|| undone(posting), |case| case.about(posting)),
            payee: case.and_then(|case| case.payee(posting)).cloned(),
            application: posting.application.clone(),
            by: posting.actor.clone(),
        });
    }
    all.sort_by(|one, other| (one.at, &one.entry).cmp(&(other.at, &other.entry)));
    all
}

pub(super) fn reservations(ledger: &Ledger<'_>) -> Result<Vec<Reservation>, ReportFault> {
    let mut all = Vec::new();
    for case in ledger.cases.values() {
        let amount = case.in_part(Part::Reserved)?;
        if amount.is_zero() {
            continue;
        }
        let since = case.last(ActKind::Reserved);
        let age = since.map(|one| ledger.as_of().millis().saturating_sub(one.at.millis()));
        all.push(Reservation {
            application: case.id.clone(),
            number: number(ledger, case),
            account: case.home().clone(),
            entry: since.map(Posting::entry),
            since: since.map(|one| one.at),
            days: age.unwrap_or_default().div_euclid(Timestamp::DAY_MS),
            amount,
            stage: case.stage(),
        });
    }
    all.sort_by(|one, other| (one.since, &one.application).cmp(&(other.since, &other.application)));
    Ok(all)
}

pub(super) fn ages(reservations: &[Reservation]) -> Result<Vec<Age>, ReportFault> {
    let rows = AGES.iter().map(|(from, to)| {
        let is_of = |one: &&Reservation| one.days >= *from && to.is_none_or(|to| one.days <= to);
        let of: Vec<_> = reservations.iter().filter(is_of).collect();
        let amount = sum(of.iter().map(|one| one.amount))?;
        Ok(Age { from: *from, to: *to, count: of.len(), amount })
    });
    rows.collect()
}

pub(super) fn requests(ledger: &Ledger<'_>) -> Vec<Request> {
    let all = ledger.cases.values().map(|case| {
        let is_now = |posting: &Posting| ledger.is_now(posting);
        let refused = case.last(ActKind::Refused).filter(|posting| is_now(posting));
        Request {
            application: case.id.clone(),
            number: number(ledger, case),
            account: case.home().clone(),
            category: case.category,
            applied: case.applied.at,
            asked: is_now(case.applied).then_some(case.asked),
            approved: case.approved().filter(|(one, _)| is_now(one)).map(|(_, amount)| amount),
            refused: refused.map(|_| case.asked),
            stage: case.stage(),
        }
    });
    let is_now = |one: &Request| [one.asked, one.approved, one.refused].iter().any(Option::is_some);
    let mut all: Vec<Request> = all.filter(is_now).collect();
    all.sort_by(|one, other| {
        (one.applied, &one.application).cmp(&(other.applied, &other.application))
    });
    all
}

pub(super) fn counts(requests: &[Request]) -> Result<Counts, ReportFault> {
    let count = |of: fn(&Request) -> Option<Net>| {
        let all: Vec<Net> = requests.iter().filter_map(of).collect();
        let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
        Ok::<_, ReportFault>(Count { count, amount: sum(all)? })
    };
    Ok(Counts {
        asked: count(|one| one.asked.map(Net::from))?,
        approved: count(|one| one.approved.map(Net::from))?,
        refused: count(|one| one.refused.map(Net::from))?,
    })
}

pub(super) fn postings(ledger: &Ledger<'_>) -> Vec<PostingRow> {
    let rows = ledger.entries().map(|posting| {
        let case = ledger.case(posting);
        PostingRow {
            payee: case.and_then(|case| case.payee(posting)).cloned(),
            category: case.map(|case| case.category),
            township: ledger.township(posting),
            of: case.map_or_else(|| undone(posting), |case| case.about(posting)),
            posting: posting.clone(),
        }
    });
    rows.collect()
}

fn number(ledger: &Ledger<'_>, case: &Case<'_>) -> Option<String> {
    ledger.source.tickets.get(&case.id.ticket).map(|ticket| ticket.number.to_string())
}
