//! What was moved in the period, by township, category, payee and month.

use std::collections::BTreeMap;

use domain::PayeeCode;
use domain::fund::{AccountOwner, ActKind, Category, Posting};

use super::cases::kind;
use super::figures::{Group, Paid, TownshipGroup};
use super::ledger::Ledger;
use super::making::sum;
use super::words;
use crate::fault::ReportFault;
use crate::net::Net;
use crate::period::{Period, PeriodKind};

/// What an entry has moved, of what is counted in groups; a reversal moves less than nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Moved {
    reserved: Net,
    paid: Net,
    refunded: Net,
    released: Net,
    payouts: i64,
}

impl Moved {
    fn of(posting: &Posting) -> Self {
        let mut moved = Self::default();
        let Some(line) = posting.line() else { return moved };
        let is_reversal = posting.act.kind() == ActKind::Reversed;
        let amount = Net::from(line.amount);
        let amount = if is_reversal { Net::ZERO.minus(amount) } else { Some(amount) };
        let amount = amount.unwrap_or_default();
        let kind = kind(posting);
        if kind == ActKind::Reserved {
            moved.reserved = amount;
        } else if kind == ActKind::Paid {
            (moved.paid, moved.payouts) = (amount, if is_reversal { -1 } else { 1 });
        } else if kind == ActKind::Refunded {
            moved.refunded = amount;
        } else if kind == ActKind::Released {
            moved.released = amount;
        }
        moved
    }

    fn net(&self) -> Option<Net> {
        self.paid.minus(self.refunded)
    }

    fn is_nothing(&self) -> bool {
        [self.reserved, self.paid, self.refunded, self.released].into_iter().all(Net::is_zero)
    }
}

fn group(key: String, name: String, all: &[Moved]) -> Result<Group, ReportFault> {
    Ok(Group {
        key,
        name,
        reserved: sum(all.iter().map(|one| one.reserved))?,
        paid: sum(all.iter().map(|one| one.paid))?,
        refunded: sum(all.iter().map(|one| one.refunded))?,
        released: sum(all.iter().map(|one| one.released))?,
        net: net(all)?,
        payouts: all.iter().map(|one| one.payouts).sum(),
    })
}

fn net(all: &[Moved]) -> Result<Net, ReportFault> {
    let all: Option<Vec<Net>> = all.iter().map(Moved::net).collect();
    sum(all.ok_or(ReportFault::TooMuch)?)
}

/// The entries that moved something, by a key; what has none does not count.
fn by<'a, K: Ord>(
    ledger: &Ledger<'a>,
    key: impl Fn(&'a Posting) -> Option<K>,
) -> BTreeMap<K, Vec<Moved>> {
    let mut groups: BTreeMap<K, Vec<Moved>> = BTreeMap::new();
    for posting in ledger.entries() {
        let moved = Moved::of(posting);
        if !moved.is_nothing()
            && let Some(key) = key(posting)
        {
            groups.entry(key).or_default().push(moved);
        }
    }
    groups
}

pub(super) fn townships(ledger: &Ledger<'_>) -> Result<Vec<TownshipGroup>, ReportFault> {
    let units = &ledger.source.units;
    let own =
        by(ledger, |one| Some(ledger.township(one)).filter(|owner| *owner == one.account.owner));
    let city =
        by(ledger, |one| Some(ledger.township(one)).filter(|owner| *owner != one.account.owner));
    // Who has an account is there even if nothing was moved.
    let owners = ledger.books.keys().map(|account| account.owner.clone());
    let mut all: BTreeMap<AccountOwner, (Vec<Moved>, Vec<Moved>)> =
        owners.map(|owner| (owner, Default::default())).collect();
    for (owner, moved) in own {
        all.entry(owner).or_default().0.extend(moved);
    }
    for (owner, moved) in city {
        all.entry(owner).or_default().1.extend(moved);
    }
    let rows = all.into_iter().map(|(owner, (own, city))| {
        let (key, name) = (words::owner_key(&owner), words::owner(&owner, units));
        let both: Vec<Moved> = own.iter().chain(&city).copied().collect();
        let group = group(key, name, &both)?;
        Ok(TownshipGroup { group, own: net(&own)?, city: net(&city)? })
    });
    rows.collect()
}

pub(super) fn categories(ledger: &Ledger<'_>) -> Result<Vec<Group>, ReportFault> {
    let all = by(ledger, |one| ledger.case(one).map(|case| case.category));
    let rows = Category::ALL.iter().map(|category| {
        let moved = all.get(category).map(Vec::as_slice).unwrap_or_default();
        let name = words::category(*category).to_owned();
        group(category.to_string(), name, moved)
    });
    rows.collect()
}

/// The payees, who got most first.
pub(super) fn payees(ledger: &Ledger<'_>) -> Result<Vec<Group>, ReportFault> {
    let payee = |one| ledger.case(one).and_then(|case| case.payee(one)).map(PayeeCode::to_string);
    let rows = by(ledger, payee).into_iter();
    let rows = rows.map(|(payee, moved)| group(payee.clone(), payee, &moved));
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    rows.sort_by(|one, other| (other.net, &one.key).cmp(&(one.net, &other.key)));
    Ok(rows)
}

/// What was paid in each part of the period.
pub(super) fn paid(ledger: &Ledger<'_>) -> Result<Vec<Paid>, ReportFault> {
    let part = match ledger.source.period.kind() {
        PeriodKind::Year | PeriodKind::Quarter => PeriodKind::Month,
        PeriodKind::Month | PeriodKind::Day => PeriodKind::Day,
    };
    let all = by(ledger, |one| Some(Period::of(one.at, part).from()));
    let rows = ledger.source.period.parts(part).into_iter().map(|period| {
        let moved = all.get(&period.from()).map(Vec::as_slice).unwrap_or_default();
        let paid = sum(moved.iter().map(|one| one.paid))?;
        let refunded = sum(moved.iter().map(|one| one.refunded))?;
        Ok(Paid { period, paid, refunded })
    });
    rows.collect()
}
