//! What follows from an order: entries, or a typed refusal.

mod cases;
mod reversal;

pub(super) use self::reversal::undone;

use crate::authority::Actor;
use crate::fund::account::{AccountId, AccountOwner, FiscalYear};
use crate::fund::act::Act;
use crate::fund::application::Application;
use crate::fund::balance::{AccountStatus, Balance};
use crate::fund::fault::Wrong;
use crate::fund::money::Money;
use crate::fund::order::{Deed, DeedKind, Occasion, Order, View};
use crate::fund::posting::{Draft, Posting};
use crate::fund::powers::{POWERS, Power};
use crate::fund::refusal::FundRefusal;
use crate::timestamp::Timestamp;

/// What follows from `order`: the entries to be written, or none when the same order was carried out before.
///
/// A store writes all of them or none, and only if what the view said still stands: the head of each account,
/// the application's version, that no entry has this command, and of a payment that no other has its invoice.
///
/// # Errors
/// [`FundRefusal`] says why nothing is written.
pub fn decide(
    order: &Order,
    view: &View<'_>,
    occasion: &Occasion,
) -> Result<Vec<Posting>, FundRefusal> {
    if view.done {
        return Ok(Vec::new());
    }
    let desk = Desk::new(order, view, occasion);
    let limit = desk.check_power()?;
    desk.check_open(&order.account)?;
    desk.check_year()?;
    if order.deed.amount().is_some_and(Money::is_zero) {
        return Err(FundRefusal::Nothing);
    }
    desk.decide(limit)
}

/// All that a decision stands on.
#[derive(Debug)]
struct Desk<'a> {
    order: &'a Order,
    view: &'a View<'a>,
    occasion: &'a Occasion,
    balance: Balance,
    /// When: a clock that was set back moves nothing, and both sides of an entry are of one time.
    at: Timestamp,
}

impl<'a> Desk<'a> {
    fn new(order: &'a Order, view: &'a View<'a>, occasion: &'a Occasion) -> Self {
        let partner = view.target.and_then(|target| target.partner);
        let mut accounts = order.accounts();
        accounts.extend(partner.map(|partner| partner.account.clone()));
        let at = accounts.iter().map(|account| view.balance(account).at);
        let at = at.fold(occasion.now, Timestamp::max);
        Self { order, view, occasion, balance: view.balance(&order.account), at }
    }

    fn decide(&self, limit: Money) -> Result<Vec<Posting>, FundRefusal> {
        match &self.order.deed {
            Deed::Appropriate { amount } => self.one(None, Act::Appropriated { amount: *amount }),
            Deed::Transfer { to, amount } => self.transfer(to, *amount),
            Deed::Apply { application, items, paper } => self.apply(application, items, paper),
            Deed::Approve { amount, paper, .. } => self.approve(*amount, limit, paper),
            Deed::Refuse { paper, .. } => self.refuse(paper),
            Deed::Reserve { .. } => self.reserve(),
            Deed::Contract { paper, .. } => self.contract(paper),
            Deed::Accept { paper, .. } => self.accept(paper),
            Deed::Pay { amount, payee, invoice, .. } => self.pay(*amount, payee, *invoice),
            Deed::Release { .. } => self.release(),
            Deed::Refund { payment, amount, .. } => self.refund(payment, *amount),
            Deed::Reverse { entry } => self.reverse(*entry),
            Deed::Carry { .. } => self.carry(),
            Deed::Close { carry } => self.close(*carry),
        }
    }

    fn transfer(&self, to: &AccountId, amount: Money) -> Result<Vec<Posting>, FundRefusal> {
        let from = &self.order.account;
        if to == from || to.year != from.year {
            return Err(FundRefusal::NotBetween { from: from.clone(), to: to.clone() });
        }
        let out = Act::TransferredOut { to: to.clone(), amount };
        self.two(None, out, to, Act::TransferredIn { from: from.clone(), amount })
    }

    fn close(&self, carry: bool) -> Result<Vec<Posting>, FundRefusal> {
        let (account, amount) = (&self.order.account, self.balance.available);
        if self.balance.applications > 0 {
            let applications = self.balance.applications;
            return Err(FundRefusal::StillOpen { account: account.clone(), applications });
        }
        if !carry {
            return self.one(None, Act::ClosedOut { amount });
        }
        let next = self.next_year()?;
        let over = Act::ClosedOver { to: next.clone(), amount };
        self.two(None, over, &next, Act::Opened { from: account.clone(), amount })
    }

    /// The account of the next year, which must take entries.
    fn next_year(&self) -> Result<AccountId, FundRefusal> {
        let account = &self.order.account;
        let next = account.next_year().ok_or_else(|| FundRefusal::YearNotOver(account.clone()))?;
        self.check_open(&next)?;
        Ok(next)
    }

    /// The one entry of a deed.
    fn one(&self, case: Option<&Application>, act: Act) -> Result<Vec<Posting>, FundRefusal> {
        Ok(vec![self.post(&self.balance, case, act)?])
    }

    /// Both sides of a deed on two accounts.
    fn two(
        &self,
        case: Option<&Application>,
        act: Act,
        other: &AccountId,
        side: Act,
    ) -> Result<Vec<Posting>, FundRefusal> {
        let first = self.post(&self.balance, case, act)?;
        Ok(vec![first, self.post(&self.view.balance(other), case, side)?])
    }

    /// The next entry of an account; it is tried before it is given out.
    fn post(
        &self,
        balance: &Balance,
        case: Option<&Application>,
        act: Act,
    ) -> Result<Posting, FundRefusal> {
        let approval = case.and_then(|case| case.approval.as_ref());
        let draft = Draft {
            at: self.at,
            actor: self.occasion.actor.clone(),
            cause: self.occasion.cause.clone(),
            application: case.map(|case| case.id.clone()),
            approval: approval.map(|approval| approval.entry.clone()),
            act,
        };
        let posting = Posting::after(balance, draft);
        self.check(balance, &posting)?;
        Ok(posting)
    }

    fn check(&self, balance: &Balance, posting: &Posting) -> Result<(), FundRefusal> {
        let account = balance.account.clone();
        balance.clone().apply(posting).map_err(|wrong| match wrong {
            Wrong::Short { part, has, wants } => {
                FundRefusal::Insufficient { account, part, has, wants }
            }
            Wrong::TooMuch => FundRefusal::TooMuch { account },
            Wrong::Place
            | Wrong::Chain
            | Wrong::Head
            | Wrong::Time
            | Wrong::Year
            | Wrong::Closed
            | Wrong::Left
            | Wrong::Nothing
            | Wrong::Applications
            | Wrong::Reversal
            | Wrong::Twice(_)
            | Wrong::Application
            | Wrong::Approval
            | Wrong::FourEyes
            | Wrong::Invoice(_)
            | Wrong::Command
            | Wrong::OtherSide
            | Wrong::Sum { .. } => FundRefusal::View(wrong),
        })
    }

    /// Up to what amount the actor approves here, if they may do this at all.
    fn check_power(&self) -> Result<Money, FundRefusal> {
        let Order { account, deed } = self.order;
        let mine = POWERS.iter().filter(|power| holds(power, &self.occasion.actor, account));
        mine.filter(|power| power.deeds.contains(&deed.kind()))
            .map(|power| power.approves)
            .max()
            .ok_or_else(|| FundRefusal::NotAllowed { deed: deed.kind(), account: account.clone() })
    }

    fn check_open(&self, account: &AccountId) -> Result<(), FundRefusal> {
        match self.view.balance(account).status {
            AccountStatus::Open => Ok(()),
            AccountStatus::Closed => Err(FundRefusal::Closed(account.clone())),
        }
    }

    fn check_year(&self) -> Result<(), FundRefusal> {
        let account = self.order.account.clone();
        let (now, year) = (FiscalYear::of(self.at), account.year);
        match self.order.deed.kind() {
            DeedKind::Carry | DeedKind::Close if now <= year => {
                Err(FundRefusal::YearNotOver(account))
            }
            DeedKind::Appropriate | DeedKind::Transfer if now > year => {
                Err(FundRefusal::YearOver(account))
            }
            // What is given for the next year is given in December; further on it is a slip of the hand.
            DeedKind::Appropriate | DeedKind::Transfer if !year.is_near(now) => {
                Err(FundRefusal::YearNotBegun(account))
            }
            DeedKind::Apply
            | DeedKind::Approve
            | DeedKind::Reserve
            | DeedKind::Contract
            | DeedKind::Accept
            | DeedKind::Pay
                if now != year =>
            {
                let begun = now > year;
                let refusal = if begun { FundRefusal::YearOver } else { FundRefusal::YearNotBegun };
                Err(refusal(account))
            }
            DeedKind::Carry
            | DeedKind::Close
            | DeedKind::Appropriate
            | DeedKind::Transfer
            | DeedKind::Apply
            | DeedKind::Approve
            | DeedKind::Reserve
            | DeedKind::Contract
            | DeedKind::Accept
            | DeedKind::Pay
            | DeedKind::Refuse
            | DeedKind::Release
            | DeedKind::Refund
            | DeedKind::Reverse => Ok(()),
        }
    }
}

/// Whether a row of the table is for this actor on this account.
fn holds(power: &Power, actor: &Actor, account: &AccountId) -> bool {
    let Actor::Staff { role, unit, .. } = actor else { return false };
    let own = match &account.owner {
        AccountOwner::Township(township) => township == unit,
        AccountOwner::Fund | AccountOwner::Centre => false,
    };
    power.role == *role && power.accounts.contains(&account.owner.kind()) && (own || !power.own)
}
