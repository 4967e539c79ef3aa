//! Whether a ticket and the ledger say the same of its money.

use std::collections::BTreeMap;

use crate::event::Event;
use crate::fund::act::ActKind;
use crate::fund::ids::EntryRef;
use crate::fund::posting::Posting;
use crate::timeline::Entry;

/// What a ticket and the ledger do not say alike.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreconciled {
    /// The ticket tells of an entry that the ledger does not have about it.
    #[error("the ticket tells of {0}, which the ledger does not have about it")]
    NotInLedger(EntryRef),
    /// The ledger has an entry about the ticket that this does not tell of.
    #[error("{0} is about the ticket, which does not tell of it")]
    NotOnTicket(EntryRef),
    /// Both have it, with another act, amount, paper, person or command.
    #[error("the ticket tells of {0} otherwise than the ledger")]
    Differs(EntryRef),
}

/// Compares a whole timeline with the entries of the ledger that are about its ticket. The second side of what is
/// carried over is told of with the first.
#[must_use]
pub fn reconcile<'a>(
    timeline: &[Entry],
    postings: impl IntoIterator<Item = &'a Posting>,
) -> Vec<Unreconciled> {
    let first_sides =
        postings.into_iter().filter(|posting| posting.act.kind() != ActKind::CarriedIn);
    let mut left: BTreeMap<EntryRef, &Posting> =
        first_sides.map(|posting| (posting.entry(), posting)).collect();
    let mut found = Vec::new();
    for entry in timeline {
        let Event::Funded { act, entry: named, amount, paper } = &entry.event else { continue };
        let Some(posting) = left.remove(named) else {
            found.push(Unreconciled::NotInLedger(named.clone()));
            continue;
        };
        let told = (*act, *amount, paper.as_ref(), &entry.actor, entry.cause.as_ref());
        let written = &posting.act;
        let stands =
            (written.kind(), written.sum(), written.paper(), &posting.actor, Some(&posting.cause));
        if told != stands {
            found.push(Unreconciled::Differs(named.clone()));
        }
    }
    found.extend(left.into_keys().map(Unreconciled::NotOnTicket));
    found
}
