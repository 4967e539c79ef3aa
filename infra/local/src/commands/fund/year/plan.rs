//! What happens in a made year, and when: drawn from a seed before anything is done.

use anyhow::Context as _;
use domain::directory::Directory;
use domain::fund::{AccountOwner, Category, FiscalYear, Money};
use domain::{Tier, Timestamp, UnitCode};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// So many firms work for the city.
pub(super) const FIRMS: u32 = 40;
/// A year, in days.
const DAYS: i64 = 365;

/// One thing that is done, in the order of time.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// When.
    pub(super) at: Timestamp,
    /// What.
    pub(super) act: Act,
    /// Of which case; none for the accounts' own.
    pub(super) case: Option<Case>,
}

/// A case and its money.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// Its number, from 1.
    pub(super) number: u32,
    /// Whose money is asked for.
    pub(super) owner: AccountOwner,
    /// What is built or mended.
    pub(super) category: Category,
    /// What it is estimated to cost.
    pub(super) estimate: Money,
    /// What is approved of it.
    pub(super) approved: Money,
    /// The firm that does the work.
    pub(super) firm: u32,
}

/// What can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The treasury gives money.
    Appropriate(AccountOwner, Money),
    /// The request comes, and is dispatched.
    Receive,
    Apply,
    Approve,
    Refuse,
    Reserve,
    Contract,
    Accept,
    /// A payment, by its number, of so much.
    Pay(u8, Money),
    /// The bank has returned that payment.
    Return(u8),
    /// The firm gives back so much of that payment.
    Refund(u8, Money),
    Release,
    /// The unit answers the request.
    Resolve,
    /// The citizen is called, and the case closed.
    Call,
}

/// How a case's money goes.
enum Way {
    Refused,
    Withdrawn,
    Paid,
}

struct Drawing<'a> {
    rng: StdRng,
    townships: Vec<&'a UnitCode>,
    begin: Timestamp,
    steps: Vec<Step>,
}

/// The steps of a year, in the order of time.
pub(super) fn year(
    seed: u64,
    cases: u32,
    directory: &Directory,
    year: FiscalYear,
) -> anyhow::Result<Vec<Step>> {
    let townships = directory.units().filter(|unit| unit.tier() == Tier::Township);
    let begin = Timestamp::parse(&format!("{}-01-01T00:00:00+08:00", year.number()))?;
    let mut drawing = Drawing {
        rng: StdRng::seed_from_u64(seed),
        townships: townships.map(|unit| &unit.code).collect(),
        begin,
        steps: Vec::new(),
    };
    drawing.money()?;
    for number in 1..=cases {
        drawing.case(number)?;
    }
    let end = begin.plus_millis(DAYS * Timestamp::DAY_MS);
    let mut steps = drawing.steps;
    steps.retain(|step| step.at < end);
    // What is done at one time is done in the order in which it was drawn.
    steps.sort_by_key(|step| step.at);
    Ok(steps)
}

fn yuan(yuan: i64) -> anyhow::Result<Money> {
    Money::from_fen(yuan.saturating_mul(100)).context("an amount")
}

impl Drawing<'_> {
    /// An instant in the working hours of the day so many days on, or of the Monday after; a few are not.
    fn on(&mut self, days: i64) -> Timestamp {
        let mut day = self.begin.plus_millis(days.saturating_mul(Timestamp::DAY_MS));
        if self.rng.random_range(0..200) > 0 {
            while day.beijing_date().weekday().number_days_from_monday() > 4 {
                day = day.plus_millis(Timestamp::DAY_MS);
            }
        }
        let minutes = self.rng.random_range(9 * 60..17 * 60 + 30);
        let seconds = self.rng.random_range(0..60);
        day.plus_millis(minutes * Timestamp::MINUTE_MS + seconds * 1000)
    }

    fn push(&mut self, at: Timestamp, act: Act, case: Option<&Case>) {
        self.steps.push(Step { at, act, case: case.cloned() });
    }

    /// What the treasury gives: at the year's beginning, and in the middle.
    fn money(&mut self) -> anyhow::Result<()> {
        let give = |drawing: &mut Self, days, owner: AccountOwner, amount| {
            let at = drawing.begin.plus_millis(days * Timestamp::DAY_MS + 9 * Timestamp::HOUR_MS);
            let amount = yuan(amount)?;
            drawing.push(at, Act::Appropriate(owner, amount), None);
            anyhow::Ok(())
        };
        give(self, 1, AccountOwner::Fund, 30_000_000)?;
        give(self, 181, AccountOwner::Fund, 20_000_000)?;
        give(self, 1, AccountOwner::Centre, 2_000_000)?;
        for code in self.townships.clone() {
            let more = self.rng.random_range(0..20) * 10_000;
            give(self, 2, AccountOwner::Township(code.clone()), 100_000 + more)?;
            give(self, 182, AccountOwner::Township(code.clone()), 100_000)?;
        }
        Ok(())
    }

    fn draw(&mut self, number: u32) -> anyhow::Result<Case> {
        let of = self.rng.random_range(0..10);
        let (owner, most) = match (of, self.townships.is_empty()) {
            (0..5, false) => {
                let at = self.rng.random_range(0..self.townships.len());
                let code = self.townships.get(at).context("a township")?;
                (AccountOwner::Township((*code).clone()), 20_000)
            }
            (5..7, _) => (AccountOwner::Centre, 60_000),
            _ => (AccountOwner::Fund, 400_000),
        };
        // Most are small; of a fen here and there a sum is made that nobody guesses.
        let (one, other) = (self.rng.random_range(5..most), self.rng.random_range(5..most));
        let estimate = one.min(other) * 100 + self.rng.random_range(0..100) + 50_000;
        let estimate = Money::from_fen(estimate.min(most * 100)).context("an estimate")?;
        let percent = self.rng.random_range(70..=100);
        let approved = Money::from_fen(estimate.fen() * percent / 100).context("an amount")?;
        let at = self.rng.random_range(0..Category::ALL.len());
        let category = *Category::ALL.get(at).context("a category")?;
        let firm = self.rng.random_range(1..=FIRMS);
        Ok(Case { number, owner, category, estimate, approved, firm })
    }

    fn case(&mut self, number: u32) -> anyhow::Result<()> {
        let case = self.draw(number)?;
        let case = &case;
        let mut day = self.rng.random_range(3..350);
        let mut next = |drawing: &mut Self, most: i64, act: Act| {
            let last = drawing.steps.last().filter(|step| step.case.is_some()).map(|step| step.at);
            let first = act == Act::Receive;
            day += if first { 0 } else { drawing.rng.random_range(0..=most) };
            let mut at = drawing.on(day);
            if let Some(last) = last.filter(|_| !first) {
                // Never before what it follows on.
                at = at.max(last.plus_millis(Timestamp::HOUR_MS));
            }
            drawing.push(at, act, Some(case));
        };
        let way = match self.rng.random_range(0..100) {
            0..44 => Way::Refused,
            44..56 => Way::Withdrawn,
            _ => Way::Paid,
        };
        next(self, 0, Act::Receive);
        next(self, 5, Act::Apply);
        match way {
            Way::Refused => {
                next(self, 9, Act::Refuse);
                next(self, 2, Act::Resolve);
                next(self, 2, Act::Call);
            }
            Way::Withdrawn => {
                next(self, 6, Act::Release);
                next(self, 2, Act::Resolve);
                next(self, 2, Act::Call);
            }
            Way::Paid => {
                next(self, 9, Act::Approve);
                next(self, 3, Act::Reserve);
                next(self, 7, Act::Contract);
                next(self, 30, Act::Accept);
                next(self, 1, Act::Resolve);
                next(self, 2, Act::Call);
                for act in self.payments(case)? {
                    next(self, 20, act);
                }
            }
        }
        Ok(())
    }

    /// A case is paid at once or in parts; some leave a rest, some payments come back.
    fn payments(&mut self, case: &Case) -> anyhow::Result<Vec<Act>> {
        let parts = self.rng.random_range(1..=2);
        let percent = if self.rng.random_range(0..4) == 0 { 90 } else { 100 };
        let all = case.approved.fen() * percent / 100;
        let first = if parts == 1 { all } else { all * self.rng.random_range(20..80) / 100 };
        let money = |fen| Money::from_fen(fen).context("a payment");
        let mut acts = vec![Act::Pay(1, money(first)?)];
        if self.rng.random_range(0..30) == 0 {
            acts.extend([Act::Return(1), Act::Pay(2, money(first)?)]);
        }
        if first < all {
            acts.push(Act::Pay(3, money(all - first)?));
        }
        acts.push(Act::Release);
        if self.rng.random_range(0..40) == 0 && first >= 100 {
            let last = if acts.contains(&Act::Return(1)) { 2 } else { 1 };
            acts.push(Act::Refund(last, money(first / 10)?));
        }
        Ok(acts)
    }
}
