//! What people were promised, and what was found broken.

use std::collections::{BTreeMap, BTreeSet};

use contracts::SealedText;
use domain::fund::EntryRef;
use domain::{CommandId, TicketId};
use lambda::FundOrder;

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// What it is about.
    pub subject: String,
    /// What is wrong.
    pub text: String,
}

/// What people were promised.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The submissions that were answered with 202, by their place in the plan.
    pub(crate) accepted: BTreeMap<TicketId, Vec<usize>>,
    /// The commands that were answered with yes, and the text of each.
    pub(crate) done: BTreeMap<(TicketId, CommandId), Option<SealedText>>,
    /// The fund's orders that were answered with yes, and the entries of each.
    pub(crate) posted: BTreeMap<CommandId, (FundOrder, Vec<EntryRef>)>,
    /// The fund's orders that were refused once, and those of which somebody never heard what came of them.
    pub(crate) refused: BTreeSet<CommandId>,
    pub(crate) unheard: BTreeSet<CommandId>,
    /// The tickets whose erasure was answered with yes.
    pub(crate) erased: BTreeSet<TicketId>,
    /// What the channel of each ticket was told, by the event, in the order in which it was told first.
    pub(crate) told: BTreeMap<TicketId, Vec<u32>>,
    /// Writes of the fund's that came too late.
    pub(crate) late: u64,
    /// What was found broken while it ran.
    pub(crate) violations: Vec<Violation>,
    /// The calls until the last step of a ticket.
    pub(crate) life: u64,
    /// Hints that were sent.
    pub(crate) hints: u64,
    /// How often the machine was given a turn, or a lead's follower was to be asked.
    pub(crate) hops: u64,
}

impl Ledger {
    /// A receiver is told; a repeat it knows by its key.
    pub(crate) fn tell(&mut self, ticket: &TicketId, seq: u32) {
        let told = self.told.entry(ticket.clone()).or_default();
        if told.contains(&seq) {
            return;
        }
        let in_order = told.last().is_none_or(|last| *last < seq);
        told.push(seq);
        if !in_order {
            self.violation(ticket.as_str(), format!("its channel was told of v{seq} too late"));
        }
    }

    pub(crate) fn violation(&mut self, subject: &str, text: impl Into<String>) {
        self.violations.push(Violation { subject: subject.to_owned(), text: text.into() });
    }
}
