//! Corrections: an entry is undone by another, and never edited.

use super::Desk;
use crate::fund::act::{Act, ActKind};
use crate::fund::application::{Application, is_same_person};
use crate::fund::fault::Wrong;
use crate::fund::ids::EntryRef;
use crate::fund::posting::Posting;
use crate::fund::refusal::FundRefusal;

impl Desk<'_> {
    pub(super) fn reverse(&self, seq: u32) -> Result<Vec<Posting>, FundRefusal> {
        let entry = EntryRef { account: self.order.account.clone(), seq };
        let target = self.view.target.filter(|target| target.posting.entry() == entry);
        let target = target.ok_or_else(|| FundRefusal::NoEntry(entry.clone()))?;
        let posting = target.posting;
        if !posting.act.kind().is_reversible() {
            return Err(FundRefusal::NotReversible(posting.act.kind()));
        }
        if target.reversed {
            return Err(FundRefusal::AlreadyReversed(entry));
        }
        if is_same_person(&posting.actor, &self.occasion.actor) {
            return Err(FundRefusal::OwnEntry);
        }
        if let Some(id) = &posting.application {
            let case = self.view.application.filter(|case| case.id == *id);
            let case = case.ok_or_else(|| FundRefusal::NoApplication(id.clone()))?;
            check_last(case, posting)?;
            return self.on_case(case, undoing(posting));
        }
        if posting.act.kind().partner().is_none() {
            return self.one(None, undoing(posting));
        }
        let partner = target.partner.ok_or(FundRefusal::View(Wrong::OtherSide))?;
        self.check_open(&partner.account)?;
        self.two(None, undoing(posting), &partner.account, undoing(partner))
    }
}

fn undoing(posting: &Posting) -> Act {
    let amount = posting.act.amount().unwrap_or_default();
    Act::Reversed { entry: posting.seq, reverses: posting.act.kind(), amount }
}

/// What came after an entry of an application is undone before it is.
fn check_last(case: &Application, posting: &Posting) -> Result<(), FundRefusal> {
    let entry = posting.entry();
    let here = case.account == posting.account;
    let last = match posting.act.kind() {
        ActKind::Reserved => here && case.is_only_reserved(),
        ActKind::Released => here && case.end() == Some(&entry),
        ActKind::Paid => {
            let refunded = case.payment(&entry).is_none_or(|payment| !payment.refunded.is_zero());
            here && case.end().is_none() && !refunded
        }
        ActKind::Refunded => true,
        ActKind::Appropriated
        | ActKind::TransferredOut
        | ActKind::TransferredIn
        | ActKind::Applied
        | ActKind::Approved
        | ActKind::Refused
        | ActKind::Contracted
        | ActKind::Accepted
        | ActKind::Reversed
        | ActKind::CarriedOut
        | ActKind::CarriedIn
        | ActKind::ClosedOver
        | ActKind::Opened
        | ActKind::ClosedOut => false,
    };
    if last { Ok(()) } else { Err(FundRefusal::InUse(entry)) }
}
