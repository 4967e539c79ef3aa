//! A city with a ledger in memory, and those who give orders to it.

use std::collections::BTreeMap;

use domain::fund::{
    AccountId, AccountJournal, Act, Application, ApplicationId, Balance, Books, Category, Deed,
    EntryRef, FundRefusal, Item, Items, LedgerFault, Money, Occasion, Order, Posting, Target, View,
    decide, invoice_hash, verify_ledger,
};
use domain::{
    Actor, ChannelName, CommandId, Hash, PayeeCode, RecordId, SealedRef, TicketId, Timestamp,
};

/// Those who give orders: two handlers of a township, two supervisors, two of the leading group, and a
/// handler of another township.
pub(super) const STAFF: [&str; 7] = [H1, H2, S1, S2, L1, L2, H3];
pub(super) const H1: &str = "staff:h1/handler/mishan";
pub(super) const H2: &str = "staff:h2/handler/mishan";
pub(super) const H3: &str = "staff:h3/handler/sizhuang";
pub(super) const S1: &str = "staff:s1/supervisor/command-centre";
pub(super) const S2: &str = "staff:s2/supervisor/command-centre";
pub(super) const L1: &str = "staff:l1/leader/command-centre";
pub(super) const L2: &str = "staff:l2/leader/command-centre";

#[derive(Clone, Debug, Default)]
pub(super) struct City {
    pub(super) journals: BTreeMap<AccountId, Vec<Posting>>,
    pub(super) balances: BTreeMap<AccountId, Balance>,
    pub(super) applications: BTreeMap<ApplicationId, Application>,
}

pub(super) fn yuan(text: &str) -> Money {
    Money::parse(text).unwrap()
}

pub(super) fn account(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

pub(super) fn application(number: u16) -> ApplicationId {
    let ticket = TicketId::derive(&ChannelName::parse("letters").unwrap(), "A-1");
    ApplicationId { ticket, number }
}

pub(super) fn entry(text: &str, seq: u32) -> EntryRef {
    EntryRef { account: account(text), seq }
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("{text}T09:00:00+08:00")).unwrap()
}

pub(super) fn paper() -> SealedRef {
    let record = RecordId::request(&application(1).ticket);
    SealedRef { record, seal: Hash::of_bytes(b"paper") }
}

pub(super) fn payee() -> PayeeCode {
    PayeeCode::parse("91140581MA0K").unwrap()
}

pub(super) fn invoice(number: &str) -> Hash {
    invoice_hash(&payee(), number)
}

pub(super) fn on(name: &str, deed: Deed) -> Order {
    Order { account: account(name), deed }
}

pub(super) fn appropriate(amount: &str) -> Deed {
    Deed::Appropriate { amount: yuan(amount) }
}

pub(super) fn apply(number: u16, estimate: &str) -> Deed {
    let items = Items(vec![Item { category: Category::Road, estimate: yuan(estimate) }]);
    Deed::Apply { application: application(number), items, paper: paper() }
}

pub(super) fn approve(number: u16, amount: &str) -> Deed {
    Deed::Approve { application: application(number), amount: yuan(amount), paper: paper() }
}

pub(super) fn refuse(number: u16) -> Deed {
    Deed::Refuse { application: application(number), paper: paper() }
}

pub(super) fn reserve(number: u16) -> Deed {
    Deed::Reserve { application: application(number) }
}

pub(super) fn contract(number: u16) -> Deed {
    Deed::Contract { application: application(number), paper: paper() }
}

pub(super) fn accept(number: u16) -> Deed {
    Deed::Accept { application: application(number), paper: paper() }
}

pub(super) fn pay(number: u16, amount: &str, of: &str) -> Deed {
    let (application, amount) = (application(number), yuan(amount));
    Deed::Pay { application, amount, payee: payee(), invoice: invoice(of) }
}

pub(super) fn release(number: u16) -> Deed {
    Deed::Release { application: application(number) }
}

pub(super) fn refund(number: u16, payment: EntryRef, amount: &str) -> Deed {
    Deed::Refund { application: application(number), payment, amount: yuan(amount) }
}

#[allow(clippy::needless_pass_by_value, reason = "an order is written where it is given")]
impl City {
    /// A city whose fund has 100,000 yuan, and an application for 10,000 that has come as far as `deeds`.
    pub(super) fn with(deeds: usize) -> Self {
        let mut city = Self::default();
        city.does(S1, on("fund/2026", appropriate("100000")));
        let way = [
            (H1, apply(1, "10000")),
            (S1, approve(1, "9000")),
            (S2, reserve(1)),
            (S2, contract(1)),
            (S2, accept(1)),
            (S2, pay(1, "5000", "A")),
        ];
        for (who, deed) in way.into_iter().take(deeds) {
            city.does(who, on("fund/2026", deed));
        }
        city
    }

    /// Gives an order that must be followed, on a day of the year 2026.
    pub(super) fn does(&mut self, who: &str, order: Order) -> Vec<Posting> {
        self.does_on("2026-05-01", who, order)
    }

    pub(super) fn does_on(&mut self, day: &str, who: &str, order: Order) -> Vec<Posting> {
        let cause = self.cause();
        self.give((who, at(day), cause), &order).unwrap()
    }

    /// Gives an order that must be refused.
    pub(super) fn refuses(&self, who: &str, order: Order) -> FundRefusal {
        self.refuses_on("2026-05-01", who, order)
    }

    pub(super) fn refuses_on(&self, day: &str, who: &str, order: Order) -> FundRefusal {
        let cause = self.cause();
        self.clone().give((who, at(day), cause), &order).unwrap_err()
    }

    fn cause(&self) -> CommandId {
        let many: usize = self.journals.values().map(Vec::len).sum();
        CommandId::derive("test", &many.to_string())
    }

    /// Decides, and writes what follows.
    pub(super) fn give(
        &mut self,
        (who, now, cause): (&str, Timestamp, CommandId),
        order: &Order,
    ) -> Result<Vec<Posting>, FundRefusal> {
        let actor = Actor::parse(who).unwrap();
        let postings = decide(order, &self.view(order, &cause), &Occasion { actor, now, cause })?;
        for posting in &postings {
            self.write(posting);
        }
        Ok(postings)
    }

    fn write(&mut self, posting: &Posting) {
        let account = posting.account.clone();
        let balance = self.balances.entry(account.clone());
        balance.or_insert_with(|| Balance::new(account.clone())).apply(posting).unwrap();
        self.journals.entry(account).or_default().push(posting.clone());
        let Some(id) = &posting.application else { return };
        if let Some(application) = self.applications.get_mut(id) {
            application.apply(posting).unwrap();
        } else {
            self.applications.insert(id.clone(), Application::begin(posting).unwrap());
        }
    }

    fn postings(&self) -> impl Iterator<Item = &Posting> {
        self.journals.values().flatten()
    }

    /// What a store would read for an order.
    fn view(&self, order: &Order, cause: &CommandId) -> View<'_> {
        let target =
            if let Deed::Reverse { entry } = order.deed { self.target(order, entry) } else { None };
        let mut accounts = order.accounts();
        accounts.extend(target.and_then(|target| target.partner).map(|one| one.account.clone()));
        let named = order.deed.application();
        let named = named.or_else(|| target.and_then(|target| target.posting.application.as_ref()));
        let balance = |account: AccountId| {
            self.balances.get(&account).map(|balance| (account.clone(), balance.clone()))
        };
        View {
            accounts: accounts.into_iter().filter_map(balance).collect(),
            application: named.and_then(|id| self.applications.get(id)),
            done: self.postings().any(|posting| posting.cause == *cause),
            invoice: self.invoice(order),
            target,
        }
    }

    fn target(&self, order: &Order, seq: u32) -> Option<Target<'_>> {
        let journal = self.journals.get(&order.account)?;
        let posting = journal.iter().find(|one| one.seq == seq)?;
        let reversed = journal
            .iter()
            .any(|one| matches!(one.act, Act::Reversed { entry, .. } if entry == seq));
        let partner = self.postings().find(|one| one.cause == posting.cause && *one != posting);
        Some(Target { posting, reversed, partner })
    }

    fn invoice(&self, order: &Order) -> Option<EntryRef> {
        let Deed::Pay { payee, invoice, .. } = &order.deed else { return None };
        let paid = self.applications.values().flat_map(|one| &one.payments);
        let mut paid = paid.filter(|one| !one.reversed);
        paid.find(|one| (&one.payee, one.invoice) == (payee, *invoice)).map(|one| one.entry.clone())
    }

    pub(super) fn verify(&self) -> Result<Books, LedgerFault> {
        let journals: Vec<_> = self
            .journals
            .iter()
            .map(|(account, entries)| {
                let head = entries.last().map_or(Hash::ZERO, Posting::hash);
                AccountJournal { account, entries, head }
            })
            .collect();
        verify_ledger(&journals)
    }

    /// Checks that the journals say what the city has folded, and that nothing is lost.
    pub(super) fn check(&self) {
        let books = self.verify().unwrap();
        assert_eq!(books.accounts, self.balances);
        assert_eq!(books.applications, self.applications);
        assert!(self.balances.values().all(Balance::is_even));
        let totals = books.totals;
        let there = [totals.returned, totals.available, totals.reserved, totals.paid];
        assert_eq!(Money::sum(there), Some(totals.appropriated), "every fen is somewhere");
    }

    pub(super) fn fund(&self) -> &Balance {
        &self.balances[&account("fund/2026")]
    }
}
