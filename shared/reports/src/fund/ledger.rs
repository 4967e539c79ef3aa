//! The source of a report, read and held to itself before anything is said of it.

use std::collections::BTreeMap;

use domain::fund::{AccountId, AccountOwner, ApplicationId, Balance, LedgerFault, Part, Posting};
use domain::{Actor, Timestamp};

use super::cases::Case;
use super::{Book, Source};
use crate::fault::ReportFault;
use crate::manifest::Position;
use crate::net::Net;

/// A source whose entries were folded and fit together.
#[derive(Debug)]
pub(super) struct Ledger<'a> {
    pub(super) source: &'a Source,
    /// The books, with what they fold to.
    pub(super) books: BTreeMap<&'a AccountId, (&'a Book, Balance)>,
    pub(super) cases: BTreeMap<&'a ApplicationId, Case<'a>>,
}

impl<'a> Ledger<'a> {
    pub(super) fn read(source: &'a Source) -> Result<Self, ReportFault> {
        let mut books = BTreeMap::new();
        for book in &source.books {
            let account = &book.opening.account;
            if books.insert(account, (book, fold(book, source)?)).is_some() {
                return Err(ReportFault::Book(account.clone()));
            }
        }
        let cases = source.cases.iter().map(|(id, entries)| Ok((id, Case::read(id, entries)?)));
        let cases = cases.collect::<Result<_, ReportFault>>()?;
        let ledger = Self { source, books, cases };
        ledger.check_entries_have_cases()?;
        ledger.check_cases_have_entries()?;
        ledger.check_sums()?;
        Ok(ledger)
    }

    /// The entries of the period, account by account.
    pub(super) fn entries(&self) -> impl Iterator<Item = &'a Posting> {
        self.books.values().flat_map(|(book, _)| &book.entries)
    }

    /// The application that an entry names.
    pub(super) fn case(&self, posting: &Posting) -> Option<&Case<'a>> {
        self.cases.get(posting.application.as_ref()?)
    }

    /// Whether an entry is of the period; those of an application can be older.
    pub(super) fn is_now(&self, posting: &Posting) -> bool {
        self.source.period.contains(posting.at)
    }

    /// Up to when it was read: the end of the period, or the last entry if that is not over.
    pub(super) fn as_of(&self) -> Timestamp {
        if self.source.over {
            return self.source.period.until();
        }
        let last = self.books.values().map(|(_, closing)| closing.at).max();
        last.unwrap_or(Timestamp::MIN).max(self.source.period.from())
    }

    pub(super) fn position(&self) -> Vec<Position> {
        self.books.values().map(|(_, closing)| Position::of(closing)).collect()
    }

    /// To whom the money of an entry is attributed: the township whose account it is, or of whose people one
    /// applied; else the account's own owner.
    pub(super) fn township(&self, posting: &Posting) -> AccountOwner {
        let owner = posting.account.owner.clone();
        match (&owner, self.case(posting).map(|case| &case.applied.actor)) {
            (AccountOwner::Fund | AccountOwner::Centre, Some(Actor::Staff { unit, .. }))
                if self.source.units.contains_key(unit) =>
            {
                AccountOwner::Township(unit.clone())
            }
            (AccountOwner::Fund | AccountOwner::Centre | AccountOwner::Township(_), _) => owner,
        }
    }

    /// Every application that an entry names came with it, and has that entry.
    fn check_entries_have_cases(&self) -> Result<(), ReportFault> {
        for posting in self.entries() {
            let Some(application) = &posting.application else { continue };
            let case = self.cases.get(application).ok_or_else(|| ReportFault::NoCase {
                entry: posting.entry(),
                application: application.clone(),
            })?;
            if !case.entries.contains(posting) {
                return Err(ReportFault::OtherEntry(posting.entry()));
            }
        }
        Ok(())
    }

    /// Every entry of an application that is not older than the period stands in a book, as it is there.
    fn check_cases_have_entries(&self) -> Result<(), ReportFault> {
        for posting in self.cases.values().flat_map(|case| case.entries) {
            let book = self.books.get(&posting.account);
            let before = book.map_or(0, |(book, _)| book.opening.seq);
            let is_old = posting.at < self.source.period.from();
            let fits = match book {
                None => is_old,
                Some(_) if posting.seq <= before => is_old,
                Some((book, _)) => {
                    let at = usize::try_from(posting.seq - before - 1).ok();
                    at.and_then(|at| book.entries.get(at)) == Some(posting)
                }
            };
            if !fits {
                return Err(ReportFault::OtherEntry(posting.entry()));
            }
        }
        Ok(())
    }

    /// What the applications have in an account is what the account has for applications: so none is missing.
    fn check_sums(&self) -> Result<(), ReportFault> {
        for (account, (_, closing)) in &self.books {
            let here: Vec<_> = self.cases.values().filter(|case| case.home() == *account).collect();
            let open = here.iter().filter(|case| case.is_open()).count();
            let open = i64::try_from(open).unwrap_or(i64::MAX);
            let place = || account.to_string();
            if open != i64::from(closing.applications) {
                let what = "open applications";
                let other = i64::from(closing.applications);
                return Err(ReportFault::Differs { what, place: place(), one: open, other });
            }
            let reserved = here.iter().map(|case| case.in_part(Part::Reserved));
            let reserved = reserved.collect::<Result<Vec<_>, _>>()?;
            let reserved = Net::sum(reserved).ok_or(ReportFault::TooMuch)?;
            if reserved != closing.reserved.into() {
                let (one, other) = (reserved.fen(), closing.reserved.fen());
                return Err(ReportFault::Differs { what: "reserved", place: place(), one, other });
            }
        }
        Ok(())
    }
}

/// What a book folds to.
fn fold(book: &Book, source: &Source) -> Result<Balance, ReportFault> {
    let mut balance = book.opening.clone();
    if balance.seq > 0 && balance.at >= source.period.from() {
        return Err(ReportFault::Book(balance.account));
    }
    for posting in &book.entries {
        if !source.period.contains(posting.at) {
            return Err(ReportFault::NotOfPeriod(posting.entry()));
        }
        let folded = balance.apply(posting);
        folded.map_err(|why| LedgerFault {
            account: balance.account.clone(),
            seq: posting.seq,
            why,
        })?;
    }
    Ok(balance)
}
