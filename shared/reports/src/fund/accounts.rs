//! An account in a period: what it had, what was moved, what it has.

use domain::fund::{ActKind, Balance, Part, Posting};

use super::cases::kind;
use super::figures::{AccountFigures, Movement, Parts};
use super::ledger::Ledger;
use super::making::{equal, sum};
use super::{Book, words};
use crate::fault::ReportFault;
use crate::net::Net;

fn parts(balance: &Balance) -> Parts {
    Parts {
        available: balance.available.into(),
        reserved: balance.reserved.into(),
        paid: balance.paid.into(),
    }
}

pub(super) fn account(
    ledger: &Ledger<'_>,
    book: &Book,
    closing: &Balance,
) -> Result<AccountFigures, ReportFault> {
    let movements = movements(book)?;
    let (opening, end) = (parts(&book.opening), parts(closing));
    for (part, before, after) in [
        (Part::Available, opening.available, end.available),
        (Part::Reserved, opening.reserved, end.reserved),
        (Part::Paid, opening.paid, end.paid),
    ] {
        let moved = sum(movements.iter().map(|movement| into(movement, part)))?;
        let told = before.plus(moved).ok_or(ReportFault::TooMuch)?;
        equal("closing", &closing.account.to_string(), told, after)?;
    }
    let came = [closing.appropriated, closing.transferred_in, closing.carried_in];
    let went = [closing.returned, closing.transferred_out, closing.carried_out];
    let came = sum(came.map(Net::from))?.minus(sum(went.map(Net::from))?);
    let came = came.ok_or(ReportFault::TooMuch)?;
    let there = sum([end.available, end.reserved, end.paid])?;
    equal("what came in", &closing.account.to_string(), came, there)?;
    Ok(AccountFigures {
        account: closing.account.clone(),
        name: words::account(&closing.account, &ledger.source.units),
        status: closing.status,
        opening,
        closing: end,
        movements,
        appropriated: closing.appropriated,
        came,
        floor: closing.account.floor(),
        below_floor: closing.below_floor(),
        used: used(closing),
        applications: closing.applications,
    })
}

/// What a movement has put into a part, or taken out of it.
fn into(movement: &Movement, part: Part) -> Net {
    let moved = movement.done.minus(movement.undone).unwrap_or_default();
    match movement.kind.way() {
        Some((_, debit)) if debit == part => moved,
        Some((credit, _)) if credit == part => Net::ZERO.minus(moved).unwrap_or_default(),
        Some(_) | None => Net::ZERO,
    }
}

fn movements(book: &Book) -> Result<Vec<Movement>, ReportFault> {
    let mut movements = Vec::new();
    for kind_of in ActKind::ALL {
        let moved = |reversed: bool| {
            let all = book.entries.iter().filter(move |one| {
                kind(one) == *kind_of && (one.act.kind() == ActKind::Reversed) == reversed
            });
            sum(all.filter_map(Posting::line).map(|line| line.amount.into()))
        };
        let (done, undone) = (moved(false)?, moved(true)?);
        if !done.is_zero() || !undone.is_zero() {
            movements.push(Movement { kind: *kind_of, done, undone });
        }
    }
    Ok(movements)
}

/// Paid and reserved over appropriated, in ten thousandths, a half rounded up.
fn used(closing: &Balance) -> Option<i64> {
    let used = i128::from(closing.paid.fen()) + i128::from(closing.reserved.fen());
    let whole = i128::from(closing.appropriated.fen());
    let share = (used * 20_000 + whole).checked_div(2 * whole)?;
    i64::try_from(share).ok()
}
