//! What a report is made from: the entries of its period, and of the applications that it is about.

use std::collections::{BTreeMap, BTreeSet};

use contracts::dossier_key;
use domain::directory::Directory;
use domain::fund::{AccountId, AccountStatus, ApplicationId, Balance, FiscalYear, Posting};
use domain::{TicketId, Tier, Timestamp};
use ports::{PortError, World};
use reports::Period;
use reports::fund::{Book, Source, TicketRef};

use crate::settled::Settled;
use crate::{ReportError, SETTLED_MS, publish};

/// After so many years without an account no older one is looked for.
const GAP_YEARS: u32 = 3;
/// So many entries are read at a time.
const PAGE: u16 = 200;

/// An account's part in a report.
struct Read {
    book: Book,
    after: Settled,
}

/// Everything for a report, and how each of its accounts stands at the end.
pub(crate) struct Gathered {
    pub(crate) source: Source,
    pub(crate) settled: Vec<Settled>,
}

/// Everything for the report of a period, with the names of this version of the directory, or of that in force.
pub(crate) async fn source(
    world: &World,
    period: Period,
    directory: Option<u32>,
) -> Result<Gathered, ReportError> {
    let now = world.clock.now();
    if period.from() > now {
        return Err(ReportError::NotBegun(period));
    }
    let over = period.until().plus_millis(SETTLED_MS) <= now;
    let mut reads = Vec::new();
    for stored in accounts(world, period).await? {
        reads.extend(read(world, &stored, period).await?);
    }
    let position: BTreeMap<AccountId, u32> = reads
        .iter()
        .map(|read| (read.after.balance.account.clone(), read.after.balance.seq))
        .collect();
    let named = reads.iter().flat_map(|read| {
        let named = read.book.entries.iter().filter_map(|posting| posting.application.as_ref());
        read.after.open.iter().chain(named)
    });
    let named: BTreeSet<ApplicationId> = named.cloned().collect();
    let cases = cases(world, &named, (&position, period.until())).await?;
    let tickets = tickets(world, &named).await?;
    let directory = read_directory(world, directory).await?;
    let townships = directory.units().filter(|unit| unit.tier() == Tier::Township);
    let units = townships.map(|unit| (unit.code.clone(), unit.name.clone())).collect();
    let (books, settled) = reads.into_iter().map(|read| (read.book, read.after)).unzip();
    let (region, directory) = (world.region.clone(), directory.version());
    let source = Source { region, period, over, books, cases, tickets, units, directory };
    Ok(Gathered { source, settled })
}

/// The accounts that can have entries in a period: of its year and the next, and of the years before that were
/// not closed when it began.
async fn accounts(world: &World, period: Period) -> Result<Vec<Balance>, PortError> {
    let mut accounts = stored(world, period.year()).await?;
    accounts.retain(|balance| balance.status == AccountStatus::Open || balance.at >= period.from());
    Ok(accounts)
}

/// All accounts up to those of the year after this one, the newest year first.
pub(crate) async fn stored(world: &World, this: FiscalYear) -> Result<Vec<Balance>, PortError> {
    let (mut accounts, mut empty) = (Vec::new(), 0);
    let next = this.number().checked_add(1).and_then(FiscalYear::new);
    let mut year = next.or(Some(this));
    while let Some(of) = year.filter(|_| empty < GAP_YEARS) {
        let stored = world.fund.accounts(of).await?;
        empty = if stored.is_empty() { empty + 1 } else { 0 };
        accounts.extend(stored);
        year = of.number().checked_sub(1).and_then(FiscalYear::new);
    }
    Ok(accounts)
}

/// An account's entries in a period, on what stood before; `None` when it had none by its end.
async fn read(world: &World, stored: &Balance, period: Period) -> Result<Option<Read>, PortError> {
    let account = &stored.account;
    let settled = Settled::before(world, account, period.from()).await?;
    let mut after = settled.unwrap_or_else(|| Settled::new(account.clone()));
    if after.balance.seq > stored.seq {
        // A restore took the ledger back to before a report.
        return Err(damaged(account));
    }
    let mut opening = None;
    let mut entries: Vec<Posting> = Vec::new();
    // It had no entry when the period before was reported on.
    let new = after.balance.seq == 0 && is_reported(world, period).await?;
    'journal: loop {
        let page = world.fund.entries(account, after.balance.seq, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for posting in page {
            if posting.at >= period.until() {
                break 'journal;
            }
            let inside = posting.at >= period.from();
            if inside && opening.is_none() {
                opening = Some(after.balance.clone());
            }
            after.apply(&posting)?;
            if new && !inside {
                let entry = posting.entry();
                tracing::error!(%entry, "an entry came after the report of its time: a clock was wrong");
            }
            if inside {
                entries.push(posting);
            }
        }
    }
    check(stored, &after.balance, period)?;
    let opening = opening.unwrap_or_else(|| after.balance.clone());
    let begun = after.balance.seq > 0;
    Ok(begun.then_some(Read { book: Book { opening, entries }, after }))
}

/// Whether the period before is published.
async fn is_reported(world: &World, period: Period) -> Result<bool, PortError> {
    publish::is_published(world, Period::last_complete(period.from(), period.kind())).await
}

/// A journal whose end was cut off folds to less than is stored of its account.
fn check(stored: &Balance, folded: &Balance, period: Period) -> Result<(), PortError> {
    let same = stored.seq != folded.seq || stored == folded;
    let whole = stored.at >= period.until() || stored.seq <= folded.seq;
    (same && whole).then_some(()).ok_or_else(|| damaged(&stored.account))
}

fn damaged(account: &AccountId) -> PortError {
    PortError::Permanent(format!("{account} is not what its journal folds to: run `verify`"))
}

/// All entries of the applications, as far as the report goes.
async fn cases(
    world: &World,
    named: &BTreeSet<ApplicationId>,
    (position, until): (&BTreeMap<AccountId, u32>, Timestamp),
) -> Result<BTreeMap<ApplicationId, Vec<Posting>>, PortError> {
    let mut cases = BTreeMap::new();
    for id in named {
        let mut entries = world.fund.case(id).await?;
        entries.retain(|posting| match position.get(&posting.account) {
            Some(last) => posting.seq <= *last,
            None => posting.at < until,
        });
        cases.insert(id.clone(), entries);
    }
    Ok(cases)
}

async fn tickets(
    world: &World,
    named: &BTreeSet<ApplicationId>,
) -> Result<BTreeMap<TicketId, TicketRef>, PortError> {
    let mut tickets = BTreeMap::new();
    for id in named.iter().map(|application| &application.ticket) {
        if tickets.contains_key(id) {
            continue;
        }
        let stored = world.tickets.load(id).await?;
        let stored = stored.ok_or_else(|| {
            PortError::Permanent(format!("money without its ticket {id}: run `verify`"))
        })?;
        let (number, dossier) = (stored.ticket.number().clone(), dossier_key(&stored.ticket));
        tickets.insert(id.clone(), TicketRef { number, dossier });
    }
    Ok(tickets)
}

/// A version of the directory; the sample's is the one before the first.
async fn read_directory(
    world: &World,
    version: Option<u32>,
) -> Result<std::sync::Arc<Directory>, PortError> {
    match version {
        None => world.rules.directory().await,
        Some(version) => world.rules.directory_of(version).await,
    }
}
