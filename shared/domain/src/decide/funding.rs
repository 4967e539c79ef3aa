//! 一诉一议: what an entry of the fund's ledger does to the ticket that it is about.

use super::Refusal;
use super::matters::closed;
use crate::command::Command;
use crate::event::Event;
use crate::fund::ActKind;
use crate::matter::{Matter, Terms};
use crate::ticket::Ticket;

impl Ticket {
    /// Money is asked for while the case is dealt with, or was said to be needed then; what follows of it may
    /// come at any time. What was asked for is decided when no application of the case waits any more.
    pub(super) fn funded(
        &self,
        command: &Command,
        act: ActKind,
        decides: Option<bool>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::Fund { entry, amount, paper, .. } = command else { return Ok(Vec::new()) };
        let of = Matter::FundApplication;
        let asked = self.matters.contains_key(&of);
        let mut matter = decides.filter(|_| asked).map(|granted| closed(of, granted));
        if act == ActKind::Applied {
            // What is decided of a repeat would be decided twice.
            if let Some(lead) = self.lead() {
                return Err(Refusal::Follows(lead.clone()));
            }
            let opened = Event::MatterOpened { matter: of, note: None, terms: Terms::Plain };
            matter = (!asked).then_some(opened);
        }
        let (entry, amount, paper) = (entry.clone(), *amount, paper.clone());
        Ok(matter.into_iter().chain([Event::Funded { act, entry, amount, paper }]).collect())
    }
}
