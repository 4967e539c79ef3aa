//! What follows from orders about an application.

use super::Desk;
use crate::fund::act::Act;
use crate::fund::application::{Application, Stage, is_same_person};
use crate::fund::ids::{ApplicationId, EntryRef, ITEMS_MAX, Items};
use crate::fund::money::Money;
use crate::fund::posting::{Draft, Part, Posting};
use crate::fund::refusal::FundRefusal;
use crate::hash::Hash;
use crate::ids::PayeeCode;
use crate::reference::SealedRef;

type Decided = Result<Vec<Posting>, FundRefusal>;

impl Desk<'_> {
    pub(super) fn apply(&self, id: &ApplicationId, items: &Items, paper: &SealedRef) -> Decided {
        if self.view.application.is_some_and(|known| known.id == *id) {
            return Err(FundRefusal::Exists(id.clone()));
        }
        let priced = items.0.iter().all(|item| !item.estimate.is_zero());
        if !(1..=ITEMS_MAX).contains(&items.0.len()) || !priced {
            return Err(FundRefusal::Items);
        }
        if items.total().is_none() {
            return Err(FundRefusal::TooMuch { account: self.order.account.clone() });
        }
        let draft = Draft {
            at: self.at,
            actor: self.occasion.actor.clone(),
            cause: self.occasion.cause.clone(),
            application: Some(id.clone()),
            approval: None,
            act: Act::Applied { items: items.clone(), paper: paper.clone() },
        };
        let posting = Posting::after(&self.balance, draft);
        self.check(&self.balance, &posting)?;
        Ok(vec![posting])
    }

    pub(super) fn approve(&self, amount: Money, limit: Money, paper: &SealedRef) -> Decided {
        let case = self.case_at(Stage::Applied)?;
        if is_same_person(&case.applicant, &self.occasion.actor) {
            return Err(FundRefusal::OwnApplication);
        }
        if amount > case.asked {
            return Err(FundRefusal::MoreThanAsked { asked: case.asked, wants: amount });
        }
        if amount > limit {
            let account = self.order.account.clone();
            return Err(FundRefusal::OverLimit { account, limit, wants: amount });
        }
        self.on_case(case, Act::Approved { amount, paper: paper.clone() })
    }

    pub(super) fn refuse(&self, paper: &SealedRef) -> Decided {
        let case = self.case_at(Stage::Applied)?;
        if is_same_person(&case.applicant, &self.occasion.actor) {
            return Err(FundRefusal::OwnApplication);
        }
        self.on_case(case, Act::Refused { paper: paper.clone() })
    }

    pub(super) fn reserve(&self) -> Decided {
        let case = self.case_at(Stage::Approved)?;
        let amount = case.approval.as_ref().map(|approval| approval.amount).unwrap_or_default();
        self.on_case(case, Act::Reserved { amount })
    }

    pub(super) fn contract(&self, paper: &SealedRef) -> Decided {
        self.on_case(self.case_at(Stage::Reserved)?, Act::Contracted { paper: paper.clone() })
    }

    pub(super) fn accept(&self, paper: &SealedRef) -> Decided {
        self.on_case(self.case_at(Stage::Contracted)?, Act::Accepted { paper: paper.clone() })
    }

    pub(super) fn pay(&self, amount: Money, payee: &PayeeCode, invoice: Hash) -> Decided {
        let case = self.case_at(Stage::Accepted)?;
        let approver = case.approval.as_ref().map(|approval| &approval.by);
        if approver.is_some_and(|approver| is_same_person(approver, &self.occasion.actor)) {
            return Err(FundRefusal::OwnApproval);
        }
        if let Some(paid) = &self.view.invoice {
            return Err(FundRefusal::InvoicePaid(paid.clone()));
        }
        if amount > case.reserved {
            return Err(FundRefusal::Insufficient {
                account: case.account.clone(),
                part: Part::Reserved,
                has: case.reserved,
                wants: amount,
            });
        }
        self.on_case(case, Act::Paid { amount, payee: payee.clone(), invoice })
    }

    pub(super) fn release(&self) -> Decided {
        let case = self.open_case()?;
        self.on_case(case, Act::Released { amount: case.reserved })
    }

    pub(super) fn refund(&self, payment: &EntryRef, amount: Money) -> Decided {
        let case = self.case()?;
        let paid = case.payment(payment).filter(|paid| !paid.reversed);
        let paid = paid.filter(|_| payment.account == self.order.account);
        let paid = paid.ok_or_else(|| FundRefusal::NoPayment(payment.clone()))?;
        let left = paid.amount.minus(paid.refunded).unwrap_or_default();
        if amount > left {
            let payment = payment.clone();
            return Err(FundRefusal::MoreThanPaid { payment, left, wants: amount });
        }
        self.on_case(case, Act::Refunded { payment: payment.clone(), amount })
    }

    pub(super) fn carry(&self) -> Decided {
        let case = self.open_case()?;
        let (next, amount) = (self.next_year()?, case.reserved);
        let out = Act::CarriedOut { to: next.clone(), amount };
        let arrives = Act::CarriedIn { from: self.order.account.clone(), amount };
        let postings = self.two(Some(case), out, &next, arrives)?;
        try_on(case, &postings)?;
        Ok(postings)
    }

    /// The one entry of a deed on an application; it is tried before it is given out.
    pub(super) fn on_case(&self, case: &Application, act: Act) -> Decided {
        let postings = self.one(Some(case), act)?;
        try_on(case, &postings)?;
        Ok(postings)
    }

    /// The application that the order names.
    fn case(&self) -> Result<&Application, FundRefusal> {
        let id = self.order.deed.application();
        let known = self.view.application.filter(|known| Some(&known.id) == id);
        match (known, id) {
            (Some(known), _) => Ok(known),
            (None, Some(id)) => Err(FundRefusal::NoApplication(id.clone())),
            (None, None) => Err(FundRefusal::View(crate::fund::fault::Wrong::Application)),
        }
    }

    /// The application, if it is in this account.
    fn case_here(&self) -> Result<&Application, FundRefusal> {
        let case = self.case()?;
        if case.account == self.order.account {
            return Ok(case);
        }
        Err(FundRefusal::Elsewhere { application: case.id.clone(), account: case.account.clone() })
    }

    fn case_at(&self, stage: Stage) -> Result<&Application, FundRefusal> {
        let case = self.case_here()?;
        if case.stage() == stage { Ok(case) } else { Err(self.wrong_stage(case)) }
    }

    fn open_case(&self) -> Result<&Application, FundRefusal> {
        let case = self.case_here()?;
        if case.is_open() { Ok(case) } else { Err(self.wrong_stage(case)) }
    }

    fn wrong_stage(&self, case: &Application) -> FundRefusal {
        FundRefusal::WrongStage { deed: self.order.deed.kind(), stage: case.stage() }
    }
}

fn try_on(case: &Application, postings: &[Posting]) -> Result<(), FundRefusal> {
    let mut case = case.clone();
    postings.iter().try_for_each(|posting| case.apply(posting)).map_err(FundRefusal::View)
}
