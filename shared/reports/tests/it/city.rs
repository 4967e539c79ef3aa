//! A city with a ledger in memory, those who give orders to it, and what a report is made of from it.

use std::collections::BTreeMap;

use domain::fund::{
    AccountId, AccountStatus, Act, Application, ApplicationId, Balance, Category, Deed, EntryRef,
    FundRefusal, Item, Items, Money, Occasion, Order, Posting, Target, View, decide, invoice_hash,
};
use domain::{
    Actor, ChannelName, CommandId, Hash, PayeeCode, PublicNumber, RecordId, RegionCode, SealedRef,
    TicketId, Timestamp, UnitCode,
};
use reports::Period;
use reports::fund::{Book, Source, TicketRef};

pub(crate) const S1: &str = "staff:s1/supervisor/command-centre";
pub(crate) const S2: &str = "staff:s2/supervisor/command-centre";
pub(crate) const L1: &str = "staff:l1/leader/command-centre";

/// The townships of the sample city: codes and names.
pub(crate) const TOWNSHIPS: [(&str, &str); 6] = [
    ("mishan", "米山镇"),
    ("sanjia", "三甲镇"),
    ("shennong", "神农镇"),
    ("chenqu", "陈区镇"),
    ("sizhuang", "寺庄镇"),
    ("beicheng", "北城街道"),
];

#[derive(Clone, Debug, Default)]
pub(crate) struct City {
    pub(crate) journals: BTreeMap<AccountId, Vec<Posting>>,
    pub(crate) balances: BTreeMap<AccountId, Balance>,
    pub(crate) applications: BTreeMap<ApplicationId, Application>,
}

pub(crate) fn yuan(text: &str) -> Money {
    Money::parse(text).unwrap()
}

pub(crate) fn account(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("{text}:00+08:00")).unwrap()
}

pub(crate) fn ticket(order: &str) -> TicketId {
    TicketId::derive(&ChannelName::parse("letters").unwrap(), order)
}

/// The first application of the ticket that this order is.
pub(crate) fn case(order: &str) -> ApplicationId {
    ApplicationId { ticket: ticket(order), number: 1 }
}

pub(crate) fn handler(number: u8, unit: &str) -> String {
    format!("staff:h{number}-{unit}/handler/{unit}")
}

fn paper() -> SealedRef {
    SealedRef { record: RecordId::request(&ticket("paper")), seal: Hash::of_bytes(b"paper") }
}

pub(crate) fn apply(application: &ApplicationId, items: &[(Category, Money)]) -> Deed {
    let items =
        items.iter().map(|(category, estimate)| Item { category: *category, estimate: *estimate });
    Deed::Apply { application: application.clone(), items: Items(items.collect()), paper: paper() }
}

pub(crate) fn approve(application: &ApplicationId, amount: Money) -> Deed {
    Deed::Approve { application: application.clone(), amount, paper: paper() }
}

pub(crate) fn refuse(application: &ApplicationId) -> Deed {
    Deed::Refuse { application: application.clone(), paper: paper() }
}

pub(crate) fn reserve(application: &ApplicationId) -> Deed {
    Deed::Reserve { application: application.clone() }
}

pub(crate) fn contract(application: &ApplicationId) -> Deed {
    Deed::Contract { application: application.clone(), paper: paper() }
}

pub(crate) fn accept(application: &ApplicationId) -> Deed {
    Deed::Accept { application: application.clone(), paper: paper() }
}

pub(crate) fn pay(application: &ApplicationId, amount: Money, payee: &str, number: &str) -> Deed {
    let payee = PayeeCode::parse(payee).unwrap();
    let invoice = invoice_hash(&payee, number);
    Deed::Pay { application: application.clone(), amount, payee, invoice }
}

pub(crate) fn release(application: &ApplicationId) -> Deed {
    Deed::Release { application: application.clone() }
}

pub(crate) fn refund(application: &ApplicationId, payment: EntryRef, amount: Money) -> Deed {
    Deed::Refund { application: application.clone(), payment, amount }
}

impl City {
    /// Gives an order that must be followed.
    pub(crate) fn does(&mut self, when: &str, who: &str, on: &str, deed: Deed) -> Vec<Posting> {
        self.gives(at(when), who, &Order { account: account(on), deed }).unwrap()
    }

    /// Gives an order.
    pub(crate) fn gives(
        &mut self,
        now: Timestamp,
        who: &str,
        order: &Order,
    ) -> Result<Vec<Posting>, FundRefusal> {
        let many: usize = self.journals.values().map(Vec::len).sum();
        let cause = CommandId::derive("test", &many.to_string());
        let actor = Actor::parse(who).unwrap();
        let postings = decide(order, &self.view(order), &Occasion { actor, now, cause })?;
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

    pub(crate) fn postings(&self) -> impl Iterator<Item = &Posting> {
        self.journals.values().flatten()
    }

    fn view(&self, order: &Order) -> View<'_> {
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
            done: false,
            invoice: None,
            target,
        }
    }

    fn target(&self, order: &Order, seq: u32) -> Option<Target<'_>> {
        let posting = self.journals.get(&order.account)?.iter().find(|one| one.seq == seq)?;
        let partner = self.postings().find(|one| one.cause == posting.cause && *one != posting);
        Some(Target { posting, reversed: false, partner })
    }

    /// What a report of a period is made of, when it is made at `now`.
    pub(crate) fn source(&self, period: &str, now: Timestamp) -> Source {
        let period = Period::parse(period).unwrap();
        let end = period.until().min(now);
        let books: Vec<Book> =
            self.journals.values().filter_map(|journal| book(journal, &period, end)).collect();
        let mut cases: BTreeMap<ApplicationId, Vec<Posting>> = BTreeMap::new();
        let mut all: Vec<&Posting> = self.postings().filter(|one| one.at < end).collect();
        all.sort_by_key(|one| (one.at, one.account.year, one.account.owner.clone(), one.seq));
        for posting in all {
            let Some(id) = &posting.application else { continue };
            cases.entry(id.clone()).or_default().push(posting.clone());
        }
        cases.retain(|_, entries| {
            let folded = entries.iter().skip(1);
            let mut application = Application::begin(&entries[0]).unwrap();
            folded.for_each(|posting| application.apply(posting).unwrap());
            application.is_open() || entries.iter().any(|one| one.at >= period.from())
        });
        let tickets = cases.keys().map(|id| {
            let number = PublicNumber::new(&id.ticket, at("2026-01-05T09:00"));
            (id.ticket.clone(), TicketRef { number, dossier: format!("d/140581/{}", id.ticket) })
        });
        Source {
            region: RegionCode::parse("140581").unwrap(),
            period,
            over: now >= period.until(),
            directory: 3,
            tickets: tickets.collect(),
            books,
            cases,
            units: TOWNSHIPS
                .iter()
                .map(|(code, name)| (UnitCode::parse(code).unwrap(), (*name).to_owned()))
                .collect(),
        }
    }

    /// What a report is made of when its period is long over.
    pub(crate) fn over(&self, period: &str) -> Source {
        self.source(period, Timestamp::MAX)
    }
}

fn book(journal: &[Posting], period: &Period, end: Timestamp) -> Option<Book> {
    let mut opening = Balance::new(journal.first()?.account.clone());
    let (before, rest): (Vec<_>, Vec<_>) =
        journal.iter().filter(|one| one.at < end).partition(|one| one.at < period.from());
    before.iter().for_each(|posting| opening.apply(posting).unwrap());
    let is_there = !before.is_empty() || !rest.is_empty();
    let is_open = opening.status == AccountStatus::Open;
    let entries = rest.into_iter().cloned().collect();
    (is_there && is_open).then_some(Book { opening, entries })
}

/// The entry of the last act of a kind that an application has.
pub(crate) fn last(city: &City, application: &ApplicationId, is: fn(&Act) -> bool) -> EntryRef {
    let all = city.postings().filter(|one| one.application.as_ref() == Some(application));
    all.filter(|one| is(&one.act)).max_by_key(|one| (one.at, one.seq)).unwrap().entry()
}
