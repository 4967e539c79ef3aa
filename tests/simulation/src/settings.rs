//! What varies from seed to seed: rates, deadlines, leases, sizes. One fixed deadline hides bugs
//! that another shows.

use std::collections::BTreeMap;

use domain::Timestamp;

use crate::bugs::Bug;
use crate::faults::{Call, Fault};
use crate::rng::Rng;
use crate::town::IMPORTS_MAX;

/// How often each fault happens, in ten thousand calls.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// Any fault of a call.
    pub call: u32,
    /// Calls that fail more often than the others, and how often.
    pub focus: Vec<(Call, u32)>,
    /// A message is lost, doubled, late, or not deleted.
    pub message: u32,
    /// Poison in a batch.
    pub poison: u32,
    /// A queue is emptied, at each sweep.
    pub purge: u32,
    /// A step is out of order for a while, at each sweep.
    pub outage: u32,
    /// The function of this queue is out of order for as long as there are faults.
    pub stuck: Option<usize>,
}

/// A run's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What everything is drawn from.
    pub seed: u64,
    /// How many requests there are.
    pub tickets: u32,
    /// Faults.
    pub rates: Rates,
    /// Faults at these calls, by their number, and no others.
    pub plan: BTreeMap<u64, Fault>,
    /// The machine's lease.
    pub lease_ms: i64,
    /// Between two sweeps.
    pub sweep_ms: i64,
    /// For how long a message that is worked on is not seen by others.
    pub visibility_ms: i64,
    /// For how long a function may run.
    pub deadline_ms: i64,
    /// After so many receives a message goes to the dead letters.
    pub receives_max: u32,
    /// So many messages come at a time.
    pub batch: usize,
    /// So many invocations of a step at a time.
    pub concurrency: usize,
    /// The longest time of a call.
    pub latency_ms: i64,
    /// So often may others come between two calls of a function.
    pub spread: u64,
    /// The clocks differ by at most so much.
    pub skew_ms: i64,
    /// For how long requests come in, and what else people do.
    pub busy_ms: i64,
    /// Faults happen for so long.
    pub faulty_ms: i64,
    /// The most copies of one submission at the same time.
    pub copies: u32,
    /// How lively people are: the chance in ten thousand that one acts when a ticket moves.
    pub lively: u32,
    /// The chance in ten thousand that somebody asks for money when a ticket moves; for what is open already
    /// it is eight times as much (`MONEY_GOES_ON`).
    pub money: u32,
    /// The chance in ten thousand that staff let a limit pass.
    pub slow: u32,
    /// The chance in ten thousand that a unit has found itself what a request is about.
    pub found: u32,
    /// So many calendars are imported.
    pub imports: u32,
    /// The chance in ten thousand that who acts has a person erased.
    pub erases: u32,
    /// A timeline of more entries than this spills all but the last two.
    pub spill_at: usize,
    /// Whether citizens upload photos.
    pub photos: bool,
    /// Between two looks of the staff at their inboxes.
    pub staff_ms: i64,
    /// Whether the city is looked at after two more nights, or at once.
    pub nights: bool,
    /// A fault of the code, to be found.
    pub bug: Option<Bug>,
    /// Whether the run's story is kept.
    pub story: bool,
    /// Whether it is kept what the stores were asked.
    pub record: bool,
}

/// An application that is open goes on so much likelier than another begins.
pub(crate) const MONEY_GOES_ON: u32 = 8;

/// A number between the two.
fn between(rng: &mut Rng, least: i64, most: i64) -> i64 {
    least + rng.time(most - least + 1)
}

impl Settings {
    /// A quiet city with one request: no fault, nobody in a hurry.
    #[must_use]
    pub fn quiet(seed: u64) -> Self {
        Self {
            seed,
            tickets: 1,
            rates: Rates::default(),
            plan: BTreeMap::new(),
            lease_ms: 15 * Timestamp::MINUTE_MS,
            sweep_ms: Timestamp::MINUTE_MS,
            visibility_ms: 180_000,
            deadline_ms: 30_000,
            receives_max: 6,
            batch: 10,
            concurrency: 10,
            latency_ms: 10,
            spread: 1,
            skew_ms: 0,
            busy_ms: 1,
            faulty_ms: 0,
            copies: 1,
            lively: 0,
            money: 0,
            slow: 0,
            found: 0,
            imports: 0,
            erases: 500,
            spill_at: 12,
            photos: false,
            staff_ms: 10 * Timestamp::MINUTE_MS,
            nights: true,
            bug: None,
            story: false,
            record: false,
        }
    }

    /// What this seed draws.
    #[must_use]
    pub fn swarm(seed: u64) -> Self {
        let rng = &mut Rng::new(seed ^ 0x5357_4152_4d00);
        let minute = Timestamp::MINUTE_MS;
        let lease_ms = rng.pick(&[10_000, 10_000, minute, 15 * minute]);
        let days = rng.pick(&[0, 0, 0, 1, 5]);
        let busy_ms = days * Timestamp::DAY_MS + between(rng, minute, 8 * Timestamp::HOUR_MS);
        let deadline_ms = rng.pick(&[2_000, 10_000, 30_000]);
        let rate = rng.pick(&[0, 50, 200, 500, 1000]);
        let mut focus = Vec::new();
        if rng.chance(6000) {
            focus.push((rng.pick(Call::ALL), rng.pick(&[500, 2500, 5000])));
        }
        let rates = Rates {
            call: rate,
            focus,
            message: rng.pick(&[0, 50, 200, 800]),
            poison: rng.pick(&[0, 50, 500]),
            purge: rng.pick(&[0, 10, 200]),
            outage: rng.pick(&[0, 0, 50, 300]),
            stuck: None,
        };
        let mut settings = Self {
            tickets: u32::try_from(rng.pick(&[8_u64, 30, 60])).unwrap_or(30),
            rates,
            lease_ms,
            sweep_ms: rng.pick(&[10_000, minute, 4 * minute]),
            visibility_ms: rng.pick(&[1, 3, 6]) * deadline_ms,
            deadline_ms,
            receives_max: rng.pick(&[2, 6, 100]),
            batch: rng.pick(&[1, 3, 10]),
            concurrency: rng.pick(&[1, 3, 10]),
            latency_ms: rng.pick(&[1, 5, 20]),
            spread: rng.pick(&[1, 2, 5]),
            skew_ms: rng.pick(&[0, 1_000, 5 * minute]),
            busy_ms,
            faulty_ms: busy_ms + between(rng, 0, 4 * Timestamp::HOUR_MS),
            copies: rng.pick(&[1, 2, 4, 50]),
            lively: rng.pick(&[0, 500, 1500, 3000]),
            money: Rng::new(seed ^ 0x004D_4F4E_4559).pick(&[0, 0, 0, 200, 500, 1000]),
            spill_at: rng.pick(&[4, 8, 16, 1000]),
            photos: rng.chance(5000),
            staff_ms: rng.pick(&[minute, 10 * minute, 60 * minute]),
            slow: rng.pick(&[0, 0, 0, 0, 0, 0, 300, 3000]),
            found: rng.pick(&[0, 1000, 3000]),
            imports: rng.pick(&[0, 0, 0, 1, 2]),
            ..Self::quiet(seed)
        };
        settings.theme(rng);
        settings
    }

    /// Some runs are about what is rare in the others: a step that is out of order for hours, so that
    /// much happens to tickets that wait for it or are held; people who give up, and leave orphans
    /// to the nights; erasures; poison.
    fn theme(&mut self, rng: &mut Rng) {
        let focus = &mut self.rates.focus;
        match rng.below(20) {
            0..5 => {
                // That of handling, feedback, evaluation or archive: else their tickets wait for a
                // moment only.
                self.rates.stuck = Some(rng.pick(&[2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5]));
                (self.lively, self.photos) = (3000, true);
                self.lease_ms = 10_000;
                self.busy_ms = self.busy_ms.min(4 * Timestamp::HOUR_MS);
                self.faulty_ms = self.busy_ms + Timestamp::HOUR_MS;
            }
            5..8 => {
                (self.lively, self.staff_ms) = (3000, 60 * Timestamp::MINUTE_MS);
                self.busy_ms = 6 * Timestamp::DAY_MS;
                self.faulty_ms = 7 * Timestamp::DAY_MS;
                *focus = vec![(Call::TextRemove, 5000), (Call::Touch, 2500), (Call::Advance, 1500)];
            }
            8..10 => {
                (self.lively, self.erases) = (3000, 4000);
                let of_persons = [
                    Call::KeyDestroy,
                    Call::CitizenTickets,
                    Call::CitizenForget,
                    Call::JournalAppend,
                ];
                *focus = of_persons.map(|call| (call, 2500)).to_vec();
            }
            10 => {
                self.rates.poison = 2000;
                // Who cannot be told is told later.
                *focus = vec![(Call::HintBury, 5000), (Call::Post, 1500), (Call::PutOff, 2500)];
            }
            11 => {
                (self.imports, self.lively) = (IMPORTS_MAX, 3000);
                let of_clocks = [
                    Call::CalendarPut,
                    Call::CalendarReplanned,
                    Call::CalendarCurrent,
                    Call::DueCards,
                ];
                *focus = of_clocks.map(|call| (call, 4000)).to_vec();
            }
            12..15 => {
                self.rates.stuck = Some(2);
                (self.lively, self.found, self.erases) = (8000, 3000, 100);
                self.tickets = 60;
                (self.lease_ms, self.sweep_ms) = (10_000, 10_000);
                self.staff_ms = 2 * Timestamp::HOUR_MS;
                self.busy_ms = 8 * Timestamp::HOUR_MS;
                self.faulty_ms = self.busy_ms + Timestamp::HOUR_MS;
            }
            15 => self.of_money(),
            _ => {}
        }
    }

    /// Much is asked for and paid, and every call of the ledger fails often.
    fn of_money(&mut self) {
        self.money = 3000;
        let often =
            [Call::FundPost, Call::FundBalance, Call::FundCase, Call::FundCases, Call::FundDone];
        // Few orders ask for these.
        let seldom = [
            Call::FundAccounts,
            Call::FundEntries,
            Call::FundEntry,
            Call::FundPayment,
            Call::FundReversed,
        ];
        let of_the_fund = often.map(|call| (call, 600)).into_iter();
        self.rates.focus = of_the_fund.chain(seldom.map(|call| (call, 2500))).collect();
    }

    /// What this seed draws, for people who send photos and talk much: timelines spill early.
    #[must_use]
    pub fn talkative(seed: u64) -> Self {
        let mut settings = Self::swarm(seed);
        (settings.photos, settings.spill_at, settings.lively) = (true, 4, 3000);
        settings.rates.message = 800;
        settings
    }

    /// Two thousand requests at once and no fault: more than the steps can do within their lease.
    #[must_use]
    pub fn burst(seed: u64) -> Self {
        Self {
            tickets: 2000,
            lease_ms: 5_000,
            sweep_ms: 5_000,
            latency_ms: 1,
            batch: 1,
            concurrency: 1,
            nights: false,
            ..Self::quiet(seed)
        }
    }

    /// By when, once faults have stopped, a machine's turn must have been taken: the longest pause
    /// between two attempts, put off once more, and until the sweep and the queue have seen it.
    #[must_use]
    pub const fn recovery_ms(&self) -> i64 {
        18 * self.lease_ms
            + 3 * self.sweep_ms
            + 3 * self.visibility_ms
            + 2 * self.deadline_ms
            + 2 * self.skew_ms
            + 10 * Timestamp::MINUTE_MS
    }
}
