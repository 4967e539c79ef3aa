//! Corrections: an entry is undone by another, and never edited.

use super::Desk;
use crate::fund::act::Act;
use crate::fund::application::is_same_person;
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
            if !case.can_undo(posting) {
                return Err(FundRefusal::InUse(entry));
            }
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

/// The entry that a reversal undoes.
pub(in crate::fund) fn undone(posting: &Posting) -> Option<EntryRef> {
    let Act::Reversed { entry: seq, .. } = posting.act else { return None };
    Some(EntryRef { account: posting.account.clone(), seq })
}

fn undoing(posting: &Posting) -> Act {
    let amount = posting.act.amount().unwrap_or_default();
    Act::Reversed { entry: posting.seq, reverses: posting.act.kind(), amount }
}
