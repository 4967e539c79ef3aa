//! 一诉一议: what an entry of the fund's ledger does to the ticket that it is about.

use super::Refusal;
use super::matters::closed;
use crate::event::Event;
use crate::fund::{ActKind, EntryRef, Money};
use crate::matter::{Matter, Terms};
use crate::reference::SealedRef;
use crate::ticket::Ticket;

impl Ticket {
    /// Money is asked for while the case is dealt with, or was said to be needed then; what follows of it may
    /// come at any time.
    pub(super) fn funded(
        &self,
        act: &ActKind,
        entry: &EntryRef,
        amount: &Option<Money>,
        paper: &Option<SealedRef>,
    ) -> Result<Vec<Event>, Refusal> {
        let asked = self.matters.contains_key(&Matter::FundApplication);
        let matter = match act {
            ActKind::Applied => {
                // What is decided of a repeat would be decided twice.
                if let Some(lead) = self.lead() {
                    return Err(Refusal::Follows(lead.clone()));
                }
                let (matter, terms) = (Matter::FundApplication, Terms::Plain);
                (!asked).then_some(Event::MatterOpened { matter, note: None, terms })
            }
            ActKind::Approved => asked.then(|| closed(Matter::FundApplication, true)),
            ActKind::Refused | ActKind::Released => {
                asked.then(|| closed(Matter::FundApplication, false))
            }
            ActKind::Reserved
            | ActKind::Contracted
            | ActKind::Accepted
            | ActKind::Paid
            | ActKind::Refunded
            | ActKind::Reversed
            | ActKind::CarriedOut
            | ActKind::CarriedIn
            | ActKind::Appropriated
            | ActKind::TransferredOut
            | ActKind::TransferredIn
            | ActKind::ClosedOver
            | ActKind::Opened
            | ActKind::ClosedOut => None,
        };
        let (act, amount) = (*act, *amount);
        let (entry, paper) = (entry.clone(), paper.clone());
        Ok(matter.into_iter().chain([Event::Funded { act, entry, amount, paper }]).collect())
    }
}
