//! What somebody orders of the fund when a ticket has moved: the next thing that its money waits for, by those
//! who may and now and then by those who may not.

use domain::fund::{
    AccountId, AccountOwner, Application, ApplicationId, Category, EntryRef, FiscalYear, Item,
    Items, Money, Stage,
};
use domain::{Actor, CommandId, PayeeCode, Role, StaffId, Ticket, Tier, Timestamp, UnitCode};
use lambda::{FundOrder, Written};

use crate::purse::Purse;
use crate::rng::Rng;
use crate::staff::{centre, handler, one, staff};
use crate::town::Town;

/// So many times an order is given again when nothing was answered.
const TRIES: u32 = 1000;
/// So many people have to do with money, each in several roles.
const PEOPLE: u64 = 5;
/// What an item is estimated to cost, in yuan: the last two are for the leading group alone to approve.
const ESTIMATES: [i64; 6] = [800, 5_000, 12_000, 30_000, 90_000, 120_000];
/// An account with less than this gets more first, mostly.
const POOR: i64 = 30_000 * 100;

/// An order of the fund's that somebody means to give.
#[derive(Clone, Debug)]
pub(crate) struct Warrant {
    pub(crate) actor: Actor,
    pub(crate) order: FundOrder,
    pub(crate) cause: CommandId,
    /// Somebody gives the same key with another order.
    pub(crate) twin: bool,
    /// So many times it is given again when nothing was answered.
    pub(crate) tries: u32,
}

/// Who orders what.
type Ordered = (Actor, FundOrder);

/// A ticket, what the ledger has about it, and the moment in which somebody thinks of its money.
pub(crate) struct Need<'a> {
    pub(crate) ticket: &'a Ticket,
    pub(crate) purse: &'a Purse,
    pub(crate) number: u64,
    pub(crate) now: i64,
    pub(crate) town: &'static Town,
}

fn yuan(yuan: i64) -> Money {
    Money::from_fen(yuan * 100).unwrap()
}

/// All of it, mostly; else a part.
fn part(of: Money, rng: &mut Rng) -> Money {
    if rng.chance(4000) {
        return of;
    }
    Money::from_fen(1 + rng.time(of.fen().max(1))).unwrap()
}

/// Somebody by their number: whoever changes the role stays the same person.
fn person(number: u64, role: Role, unit: &str) -> Actor {
    let id = StaffId::parse(&format!("m{number}")).unwrap();
    Actor::Staff { id, role, unit: UnitCode::parse(unit).unwrap() }
}

fn payee(rng: &mut Rng) -> PayeeCode {
    PayeeCode::parse(&format!("FIRM-{}", rng.below(3))).unwrap()
}

/// The same key with another order.
pub(crate) fn twin(warrant: &Warrant) -> Warrant {
    let mut other = Warrant { twin: true, ..warrant.clone() };
    match &mut other.order {
        FundOrder::Apply { paper, .. }
        | FundOrder::Approve { paper, .. }
        | FundOrder::Refuse { paper, .. }
        | FundOrder::Contract { paper, .. }
        | FundOrder::Accept { paper, .. } => paper.text.push_str("不，是另一件。"),
        FundOrder::Appropriate { amount, .. }
        | FundOrder::Transfer { amount, .. }
        | FundOrder::Pay { amount, .. }
        | FundOrder::Refund { amount, .. } => *amount = amount.plus(yuan(1)).unwrap(),
        FundOrder::Reserve { application } => {
            other.order = FundOrder::Release { application: application.clone() };
        }
        FundOrder::Release { application } | FundOrder::Carry { application } => {
            other.order = FundOrder::Reserve { application: application.clone() };
        }
        FundOrder::Reverse { entry } => entry.seq += 1,
        FundOrder::Close { carry, .. } => *carry = !*carry,
    }
    other
}

impl Need<'_> {
    /// The applications of the ticket.
    pub(crate) fn applications(&self) -> Vec<Application> {
        let of = |number| ApplicationId { ticket: self.ticket.id().clone(), number };
        let ids = self.purse.cases.range(of(0)..=of(u16::MAX)).map(|(id, _)| id);
        ids.filter_map(|id| self.purse.application(id)).collect()
    }

    /// What somebody orders, by its number in the run.
    pub(crate) fn warrant(&self, rng: &mut Rng) -> Warrant {
        let (actor, order) = self.ordered(rng);
        let known = self.ticket.timeline().last().and_then(|last| last.cause.clone());
        // A key that was given to another command is no key for this one.
        let (cause, twin) = match known.filter(|_| rng.chance(100)) {
            Some(known) => (known, true),
            None => {
                (CommandId::derive(&actor.to_string(), &format!("money {}", self.number)), false)
            }
        };
        let tries = if rng.chance(1500) { 1 } else { TRIES };
        Warrant { actor, order, cause, twin, tries }
    }

    /// Another case's payer has the same invoice on the table.
    pub(crate) fn rival(&self, warrant: &Warrant, rng: &mut Rng) -> Option<Warrant> {
        let FundOrder::Pay { application, payee, invoice, .. } = &warrant.order else {
            return None;
        };
        let others = self.purse.cases.keys().filter(|id| *id != application);
        let payable = others
            .filter_map(|id| self.purse.application(id))
            .filter(|known| known.stage() == Stage::Accepted && !known.reserved.is_zero());
        let payable: Vec<Application> = payable.collect();
        let other = one(&payable, rng)?;
        let order = FundOrder::Pay {
            application: other.id.clone(),
            amount: part(other.reserved, rng),
            payee: payee.clone(),
            invoice: format!(" {}", invoice.to_lowercase()),
        };
        let actor = self.supervisor(rng);
        let cause = CommandId::derive(&actor.to_string(), &format!("rival {}", self.number));
        Some(Warrant { actor, order, cause, twin: false, tries: warrant.tries })
    }

    fn ordered(&self, rng: &mut Rng) -> Ordered {
        let all = self.applications();
        let (open, over): (Vec<_>, Vec<_>) = all.iter().partition(|known| known.is_open());
        // What is open has its own needs.
        let of_budget = if open.is_empty() { 1200 } else { 600 };
        let order = match (one(&open, rng), one(&over, rng)) {
            _ if rng.chance(of_budget) => {
                let account = self.account(rng);
                self.feed(account, rng)
            }
            (Some(known), _) if rng.chance(9400) => self.next(known, rng),
            (None, Some(known)) if rng.chance(6000) => self.back(known, rng),
            _ => self.apply(rng),
        };
        (self.who(&order, rng), order)
    }

    fn paper(&self) -> Written {
        Written { text: format!("一诉一议材料 {}。", self.number), photos: Vec::new() }
    }

    fn year(&self) -> FiscalYear {
        FiscalYear::of(Timestamp::from_millis(self.now))
    }

    fn account(&self, rng: &mut Rng) -> AccountId {
        let owner = match rng.below(4) {
            0 | 1 => AccountOwner::Fund,
            2 => AccountOwner::Centre,
            _ => AccountOwner::Township(self.township(rng)),
        };
        AccountId { owner, year: self.year() }
    }

    /// The township that the case is in, if a township or a village has it; else any.
    fn township(&self, rng: &mut Rng) -> UnitCode {
        let lead = self.ticket.assignment().map(|lead| &lead.unit);
        let lead = lead.and_then(|lead| self.town.directory.unit(lead));
        let above = lead.and_then(|lead| match lead.tier() {
            Tier::City => None,
            Tier::Township => Some(lead.code.clone()),
            Tier::Village => lead.parent.clone(),
        });
        above.unwrap_or_else(|| one(&self.town.townships, rng).unwrap().clone())
    }

    fn available(&self, account: &AccountId) -> Money {
        self.purse.accounts.get(account).map_or(Money::ZERO, |known| known.available)
    }

    /// Money comes from the treasury or from another account, or goes back.
    fn feed(&self, account: AccountId, rng: &mut Rng) -> FundOrder {
        let rich = self
            .purse
            .accounts
            .values()
            .find(|known| known.account != account && known.available.fen() > POOR);
        if let Some(from) = rich.filter(|_| rng.chance(4000)) {
            let amount = part(from.available, rng);
            return FundOrder::Transfer { account: from.account.clone(), to: account, amount };
        }
        let last = self.purse.journals.get(&account).into_iter().flatten().rev().take(10);
        let wrong = last.filter(|posting| posting.act.kind().is_reversible());
        let wrong: Vec<EntryRef> = wrong.map(|posting| posting.entry()).collect();
        if let Some(entry) = one(&wrong, rng).filter(|_| rng.chance(2000)) {
            return FundOrder::Reverse { entry: entry.clone() };
        }
        FundOrder::Appropriate { account, amount: yuan(rng.pick(&[20_000, 100_000, 300_000])) }
    }

    fn apply(&self, rng: &mut Rng) -> FundOrder {
        let item = |rng: &mut Rng| Item {
            category: rng.pick(Category::ALL),
            estimate: yuan(rng.pick(&ESTIMATES)),
        };
        let items = Items((0..1 + rng.below(3)).map(|_| item(rng)).collect());
        let (account, ticket) = (self.account(rng), self.ticket.id().clone());
        FundOrder::Apply { account, ticket, items, paper: self.paper() }
    }

    /// What an open application waits for.
    fn next(&self, known: &Application, rng: &mut Rng) -> FundOrder {
        let (application, paper) = (known.id.clone(), self.paper());
        if rng.chance(700) {
            return FundOrder::Release { application };
        }
        match known.stage() {
            Stage::Applied if rng.chance(1200) => FundOrder::Refuse { application, paper },
            Stage::Applied => {
                let amount = part(known.asked, rng);
                // More than was asked for is refused.
                let amount =
                    if rng.chance(300) { amount.plus(known.asked).unwrap() } else { amount };
                FundOrder::Approve { application, amount, paper }
            }
            Stage::Approved => {
                let needs = known.approval.as_ref().map_or(Money::ZERO, |approval| approval.amount);
                if self.available(&known.account) < needs && rng.chance(8000) {
                    return self.feed(known.account.clone(), rng);
                }
                FundOrder::Reserve { application }
            }
            Stage::Reserved if rng.chance(1500) => self.undo(known, rng),
            Stage::Reserved => FundOrder::Contract { application, paper },
            Stage::Contracted => FundOrder::Accept { application, paper },
            Stage::Accepted => self.pay(known, rng),
            Stage::Refused | Stage::Ended => self.back(known, rng),
        }
    }

    fn pay(&self, known: &Application, rng: &mut Rng) -> FundOrder {
        let application = known.id.clone();
        match rng.below(10) {
            0 | 1 => return self.back(known, rng),
            2 => return self.undo(known, rng),
            3 if known.reserved.is_zero() => return FundOrder::Release { application },
            _ => {}
        }
        let amount = if known.reserved.is_zero() { yuan(1) } else { part(known.reserved, rng) };
        let amount = if rng.chance(500) { amount.plus(known.asked).unwrap() } else { amount };
        let again = rng.chance(1500);
        let invoice = if again { rng.below(8) } else { 1_000 + self.number };
        FundOrder::Pay { application, amount, payee: payee(rng), invoice: format!("N-{invoice}") }
    }

    /// A payee gives back what it has, or what was wrong is undone.
    fn back(&self, known: &Application, rng: &mut Rng) -> FundOrder {
        let paid = known.payments.iter().filter(|paid| !paid.reversed);
        let paid: Vec<_> = paid.collect();
        match one(&paid, rng).filter(|_| rng.chance(7000)) {
            Some(paid) => {
                let payment = paid.entry.clone();
                FundOrder::Refund { payment, amount: part(paid.amount, rng) }
            }
            None => self.undo(known, rng),
        }
    }

    /// Somebody undoes an entry of it: the last that can be, mostly.
    fn undo(&self, known: &Application, rng: &mut Rng) -> FundOrder {
        let entries = self.purse.cases.get(&known.id).into_iter().flatten();
        let entries: Vec<&EntryRef> = entries.collect();
        let can = |entry: &&&EntryRef| {
            let posting = self.purse.entry(entry);
            posting.is_some_and(|posting| posting.act.kind().is_reversible())
        };
        let last = entries.iter().rev().find(can).filter(|_| rng.chance(8000));
        let entry = last.or_else(|| one(&entries, rng)).map(|entry| (*entry).clone());
        let none = || EntryRef { account: known.account.clone(), seq: 1 };
        FundOrder::Reverse { entry: entry.unwrap_or_else(none) }
    }

    fn supervisor(&self, rng: &mut Rng) -> Actor {
        person(rng.below(PEOPLE), Role::Supervisor, domain::COMMAND_CENTRE)
    }

    /// Who orders it: mostly somebody who may, unless two eyes are too few.
    fn who(&self, order: &FundOrder, rng: &mut Rng) -> Actor {
        if rng.chance(500) {
            return self.nobody(rng);
        }
        let number = rng.below(PEOPLE);
        let lead = self.ticket.assignment().map(|lead| lead.unit.as_str());
        match order {
            FundOrder::Approve { .. } | FundOrder::Refuse { .. } if rng.chance(5000) => {
                person(number, Role::Leader, domain::COMMAND_CENTRE)
            }
            FundOrder::Apply { account, .. } if rng.chance(4000) => {
                let own = account.to_string();
                let township = own.strip_prefix("township.").and_then(|own| own.split('/').next());
                person(number, Role::Handler, township.or(lead).unwrap_or("mishan"))
            }
            FundOrder::Approve { application, .. }
            | FundOrder::Reserve { application }
            | FundOrder::Accept { application, .. }
            | FundOrder::Pay { application, .. }
                if rng.chance(3000) =>
            {
                let account = self.purse.application(application).map(|known| known.account.owner);
                let Some(AccountOwner::Township(township)) = account else {
                    return self.supervisor(rng);
                };
                person(number, Role::Handler, township.as_str())
            }
            _ => self.supervisor(rng),
        }
    }

    /// Somebody who may not.
    fn nobody(&self, rng: &mut Rng) -> Actor {
        match rng.below(4) {
            0 => centre("m9", Role::Dispatcher),
            1 => handler("m9", one(&self.town.villages, rng).unwrap()),
            2 => handler("m9", one(&self.town.strangers, rng).unwrap()),
            _ => staff("m9", Role::Operator, domain::COMMAND_CENTRE),
        }
    }
}
