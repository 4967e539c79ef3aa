//! How figures are made, and how they hang together.

use super::figures::{Figures, Parts};
use super::ledger::Ledger;
use super::{accounts, anomalies, groups, listed};
use crate::fault::ReportFault;
use crate::net::Net;

/// Makes the figures, and holds them to each other.
pub(super) fn figures(ledger: &Ledger<'_>) -> Result<Figures, ReportFault> {
    let accounts = ledger.books.values();
    let accounts = accounts.map(|(book, closing)| accounts::account(ledger, book, closing));
    let accounts = accounts.collect::<Result<Vec<_>, _>>()?;
    let totals = total(accounts.iter().map(|account| account.closing))?;
    let opened = total(accounts.iter().map(|account| account.opening))?;
    let reservations = listed::reservations(ledger)?;
    let requests = listed::requests(ledger);
    let figures = Figures {
        schema: super::SCHEMA,
        region: ledger.source.region.clone(),
        period: ledger.source.period,
        over: ledger.source.over,
        as_of: ledger.as_of(),
        position: ledger.position(),
        directory: ledger.source.directory,
        totals,
        townships: groups::townships(ledger)?,
        categories: groups::categories(ledger)?,
        payees: groups::payees(ledger)?,
        paid: groups::paid(ledger)?,
        ages: listed::ages(&reservations)?,
        reservations,
        payouts: listed::payouts(ledger),
        returned: listed::returned(ledger),
        counts: listed::counts(&requests)?,
        requests,
        anomalies: anomalies::find(ledger)?,
        postings: listed::postings(ledger),
        accounts,
    };
    check(&figures, &opened)?;
    Ok(figures)
}

/// The same figure from several sides: every way of counting has the same sum.
fn check(figures: &Figures, opened: &Parts) -> Result<(), ReportFault> {
    let paid = figures.totals.paid.minus(opened.paid).ok_or(ReportFault::TooMuch)?;
    let ways = [
        ("townships", sum(figures.townships.iter().map(|one| one.group.net))?),
        ("categories", sum(figures.categories.iter().map(|one| one.net))?),
        ("payees", sum(figures.payees.iter().map(|one| one.net))?),
        ("own and city", sum(figures.townships.iter().flat_map(|one| [one.own, one.city]))?),
        (
            "months",
            sum(figures.paid.iter().map(|one| one.paid))?
                .minus(sum(figures.paid.iter().map(|one| one.refunded))?)
                .ok_or(ReportFault::TooMuch)?,
        ),
    ];
    for (place, way) in ways {
        equal("paid less refunded", place, way, paid)?;
    }
    let reserved = sum(figures.reservations.iter().map(|one| one.amount))?;
    equal("reserved", "reservations", reserved, figures.totals.reserved)?;
    equal("reserved", "ages", sum(figures.ages.iter().map(|age| age.amount))?, reserved)
}

pub(super) fn equal(
    what: &'static str,
    place: &str,
    one: Net,
    other: Net,
) -> Result<(), ReportFault> {
    if one == other {
        return Ok(());
    }
    let (one, other) = (one.fen(), other.fen());
    Err(ReportFault::Differs { what, place: place.to_owned(), one, other })
}

pub(super) fn sum(all: impl IntoIterator<Item = Net>) -> Result<Net, ReportFault> {
    Net::sum(all).ok_or(ReportFault::TooMuch)
}

fn total(all: impl Iterator<Item = Parts> + Clone) -> Result<Parts, ReportFault> {
    Ok(Parts {
        available: sum(all.clone().map(|parts| parts.available))?,
        reserved: sum(all.clone().map(|parts| parts.reserved))?,
        paid: sum(all.map(|parts| parts.paid))?,
    })
}
