//! A played year of the fund, from a seed, in which nobody does anything that is odd.

use domain::Timestamp;
use domain::fund::{Act, ApplicationId, Category, Deed, Money, Order, Stage};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use time::{Date, Month, Weekday};

use super::city::{
    City, L1, S1, S2, TOWNSHIPS, accept, account, apply, approve, case, contract, handler, last,
    pay, refund, refuse, release, reserve, yuan,
};

/// An application on its way.
#[derive(Clone, Debug)]
struct Way {
    id: ApplicationId,
    on: String,
    home: usize,
    due: Date,
    fate: u8,
    asked: Money,
    paid: u8,
}

/// Plays the year 2026, and in January 2027 carries what is open over and closes the accounts.
#[derive(Debug)]
pub(crate) struct Player {
    pub(crate) city: City,
    rng: StdRng,
    now: Timestamp,
    ways: Vec<Way>,
    made: u32,
}

/// A year with about so many applications.
pub(crate) fn played(seed: u64, cases: u32) -> City {
    let mut player = Player {
        city: City::default(),
        rng: StdRng::seed_from_u64(seed),
        now: Timestamp::MIN,
        ways: Vec::new(),
        made: 0,
    };
    let mut date = Date::from_calendar_date(2026, Month::January, 5).unwrap();
    while date.year() == 2026 {
        if is_work(date) {
            player.plays(date, cases);
        }
        date = date.next_day().unwrap();
    }
    player.closes();
    player.city
}

fn is_work(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

impl Player {
    /// The next minute, or the morning of this day.
    fn tick(&mut self, date: Date) {
        let morning = Timestamp::start_of(date).plus_millis(9 * Timestamp::HOUR_MS);
        self.now = self.now.plus_millis(Timestamp::MINUTE_MS / 6).max(morning);
    }

    fn does(&mut self, who: &str, on: &str, deed: Deed) {
        let order = Order { account: account(on), deed };
        self.city.gives(self.now, who, &order).unwrap();
    }

    fn plays(&mut self, date: Date, cases: u32) {
        self.tick(date);
        if self.made == 0 && self.city.journals.is_empty() {
            self.appropriates();
        }
        if date.day() == 20 {
            self.mends();
        }
        let ways = std::mem::take(&mut self.ways);
        for way in ways {
            self.tick(date);
            self.goes_on(way, date);
        }
        let due = cases * u32::from(date.ordinal()) / 365;
        while self.made < due {
            self.tick(date);
            self.applies(date);
        }
    }

    fn appropriates(&mut self) {
        let parts = [("fund/2026", "50,000,000"), ("centre/2026", "2,000,000")];
        for (on, amount) in parts {
            self.does(S1, on, Deed::Appropriate { amount: yuan(amount) });
        }
        for (code, _) in TOWNSHIPS {
            let amount = if code == "sanjia" { "80,000" } else { "120,000.50" };
            let on = format!("township.{code}/2026");
            self.does(S1, &on, Deed::Appropriate { amount: yuan(amount) });
        }
    }

    /// What is wrong is written and undone; money goes to a township.
    fn mends(&mut self) {
        self.does(S1, "centre/2026", Deed::Appropriate { amount: yuan("999.99") });
        let seq = self.city.balances[&account("centre/2026")].seq;
        self.does(S2, "centre/2026", Deed::Reverse { entry: seq });
        let (code, _) = TOWNSHIPS[self.rng.random_range(0..TOWNSHIPS.len())];
        let to = account(&format!("township.{code}/2026"));
        if self.city.balances[&account("fund/2026")].available < yuan("10,000.01") {
            return;
        }
        self.does(S1, "fund/2026", Deed::Transfer { to: to.clone(), amount: yuan("10,000.01") });
        if self.rng.random_bool(0.3) {
            let seq = self.city.balances[&to].seq;
            self.does(S2, &to.to_string(), Deed::Reverse { entry: seq });
        }
    }

    fn applies(&mut self, date: Date) {
        self.made += 1;
        let id = case(&format!("Y-{}", self.made));
        let home = self.rng.random_range(0..TOWNSHIPS.len());
        let (code, _) = TOWNSHIPS[home];
        let (on, most) = match self.rng.random_range(0..10) {
            0..2 => ("fund/2026".to_owned(), 7_900_000),
            2..4 => ("fund/2026".to_owned(), 150_000_000),
            4 => ("centre/2026".to_owned(), 300_000),
            _ => (format!("township.{code}/2026"), 900_000),
        };
        let mut items = Vec::new();
        let mut asked = Money::ZERO;
        for _ in 0..self.rng.random_range(1..4) {
            let category = Category::ALL[self.rng.random_range(0..Category::ALL.len())];
            let estimate = Money::from_fen(self.rng.random_range(1..most / 3)).unwrap();
            asked = asked.plus(estimate).unwrap();
            items.push((category, estimate));
        }
        let who = if on.starts_with("centre") { S1.to_owned() } else { handler(1, code) };
        self.does(&who, &on, apply(&id, &items));
        let due = self.later(date);
        let fate = self.rng.random_range(0..20);
        self.ways.push(Way { id, on, home, due, fate, asked, paid: 0 });
    }

    fn later(&mut self, date: Date) -> Date {
        let mut later = date;
        for _ in 0..self.rng.random_range(1..25) {
            later = later.next_day().unwrap();
        }
        later
    }

    fn goes_on(&mut self, mut way: Way, date: Date) {
        if way.due > date {
            self.ways.push(way);
            return;
        }
        if self.steps(&mut way) {
            way.due = self.later(date);
            self.ways.push(way);
        }
    }

    /// One step of an application; whether there is another.
    fn steps(&mut self, way: &mut Way) -> bool {
        let (id, on) = (way.id.clone(), way.on.clone());
        let (code, _) = TOWNSHIPS[way.home];
        let is_township = on.starts_with("township");
        let second = if is_township { handler(2, code) } else { S2.to_owned() };
        let first = if is_township { handler(1, code) } else { S1.to_owned() };
        let payee = format!("SAMPLE-FIRM-{:02}", way.home * 3 + usize::from(way.fate % 3));
        match self.city.applications[&id].stage() {
            Stage::Applied if way.fate == 0 => self.does(&second, &on, refuse(&id)),
            Stage::Applied => {
                let amount = Money::from_fen(way.asked.fen() * 9 / 10).unwrap();
                let amount = if way.fate < 10 { way.asked } else { amount };
                if amount.is_zero() || amount > self.city.balances[&account(&on)].available {
                    self.does(&second, &on, refuse(&id));
                    return false;
                }
                // Below four fifths of what the others may approve, which would be odd.
                let is_large = amount >= yuan("79,000");
                let approver =
                    if is_large || (way.fate == 5 && !is_township) { L1 } else { &second };
                self.does(approver, &on, approve(&id, amount));
            }
            Stage::Approved => {
                let case = &self.city.applications[&id];
                let approved = case.approval.as_ref().unwrap().amount;
                if approved > self.city.balances[&account(&on)].available || way.fate == 1 {
                    self.does(&first, &on, release(&id));
                    return false;
                }
                self.does(&first, &on, reserve(&id));
            }
            Stage::Reserved if way.fate == 2 => self.does(&first, &on, release(&id)),
            Stage::Reserved => self.does(&first, &on, contract(&id)),
            Stage::Contracted => self.does(&first, &on, accept(&id)),
            Stage::Accepted if way.paid < 2 => self.pays(way, &first, &payee),
            Stage::Accepted => {
                self.does(&first, &on, release(&id));
                self.comes_back(way, &first);
            }
            Stage::Refused | Stage::Ended => return false,
        }
        true
    }

    fn pays(&mut self, way: &mut Way, who: &str, payee: &str) {
        way.paid += 1;
        let left = self.city.applications[&way.id].reserved;
        let part = if way.paid == 1 { left.fen() / 2 } else { left.fen() };
        let Some(amount) = Money::from_fen(part).ok().filter(|amount| !amount.is_zero()) else {
            return;
        };
        let number = format!("{}-{}", way.id, way.paid);
        self.does(who, &way.on, pay(&way.id, amount, payee, &number));
        if way.fate == 7 && way.paid == 1 {
            // The bank returns it, and it is paid again.
            let entry = self.city.balances[&account(&way.on)].seq;
            self.does(S2, &way.on, Deed::Reverse { entry });
            self.does(who, &way.on, pay(&way.id, amount, payee, &number));
        }
    }

    fn comes_back(&mut self, way: &Way, who: &str) {
        if way.fate != 8 && way.fate != 9 {
            return;
        }
        let payment = last(&self.city, &way.id, |act| matches!(act, Act::Paid { .. }));
        let amount = Money::from_fen(1).unwrap();
        self.does(who, &way.on, refund(&way.id, payment, amount));
        if way.fate == 9 {
            let entry = self.city.balances[&account(&way.on)].seq;
            self.does(S2, &way.on, Deed::Reverse { entry });
        }
    }

    /// Carries what is open to 2027, and closes the accounts of 2026.
    fn closes(&mut self) {
        self.tick(Date::from_calendar_date(2027, Month::January, 6).unwrap());
        let open = self.city.applications.values().filter(|one| one.is_open());
        let open: Vec<_> = open.map(|one| (one.id.clone(), one.account.to_string())).collect();
        for (id, on) in open {
            self.does(S1, &on, Deed::Carry { application: id });
        }
        let accounts: Vec<_> = self.city.journals.keys().cloned().collect();
        for account in accounts.iter().filter(|account| account.year.number() == 2026) {
            let carry = account.owner.kind() != domain::fund::AccountKind::Centre;
            self.does(S1, &account.to_string(), Deed::Close { carry });
        }
    }
}
