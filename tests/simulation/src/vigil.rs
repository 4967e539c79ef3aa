//! A city in which nobody acts: many open tickets, and the clocks that watch them.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Waiting, Poll, Waker};

use domain::{
    Actor, CardKind, ChannelName, Command, Context, DispatchTo, Event, Hash, Limit, Outcome, RED,
    RecordId, RequestKind, Role, SealedRef, Status, Step, Ticket, TicketId, Tier, Timestamp, Why,
    YELLOW,
};
use ports::{NewTicket, StoredCalendar};
use schedule_deadlines::Clocks;

use crate::check_clocks::clocks;
use crate::core::{Core, Running, START_MS};
use crate::rng::Rng;
use crate::settings::Settings;
use crate::staff::{centre, handler};
use crate::store::shard;
use crate::town::{next_calendar, town};
use crate::world::{DEADLINES, ROLES, kit, region, world};

/// Who acts, before nobody does.
const WHO: &str = "u1";
/// Tickets are opened for so long before anybody watches.
const OPENING_MS: i64 = Timestamp::HOUR_MS;
/// The clocks look every minute.
const PERIOD_MS: i64 = Timestamp::MINUTE_MS;
/// A clock is seen within its period, and the look takes a while.
const SEEN_MS: i64 = 2 * PERIOD_MS;

/// How the schedule is delivered, in ten thousand minutes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deliveries {
    /// Nobody is called.
    pub lost: u32,
    /// Two are called at once, and whoever is first is chance.
    pub doubled: u32,
    /// Calls of the stores that fail, or take their function down, in ten thousand.
    pub faults: u32,
}

/// The city.
#[derive(Debug)]
pub struct Vigil {
    core: Arc<Core>,
    clocks: Arc<Clocks>,
    rng: Rng,
    /// Which ticket was written when its first card had been due since when, in the order of the writes.
    writes: Vec<(u8, Timestamp)>,
}

/// What a card is to be warned of: when its limit begins and ends.
type Spans = BTreeMap<CardKind, (Timestamp, Timestamp)>;

/// A call of the function that is under way.
type Call = Pin<Box<dyn Future<Output = ()>>>;

/// How many warnings a ticket has, and what is wrong with them.
fn warned_of(ticket: &Ticket, now: i64, strict: bool) -> (u64, Vec<String>) {
    let (mut count, mut found, mut wanted) = (0, Vec::new(), Vec::new());
    for (card, span) in spans(ticket) {
        let due = due_by(span, now).filter(|(at, _)| at.millis() <= now);
        wanted.extend(due.map(|(at, level)| (card.clone(), level, at)));
    }
    for entry in ticket.timeline() {
        let Event::Warned { card, level, .. } = &entry.event else { continue };
        count += 1;
        let known = wanted.iter().position(|(of, at, _)| of == card && at == level);
        let Some(known) = known else {
            found.push(format!("{card} {level} is not due, or was said already"));
            continue;
        };
        let (_, _, due) = wanted.swap_remove(known);
        let late = entry.at.millis() - due.millis();
        if late < 0 || (strict && late > SEEN_MS) {
            found.push(format!("{card} {level} came {late} ms late"));
        }
    }
    // What has become due only now is for the next look.
    wanted.retain(|(_, _, due)| due.millis() + SEEN_MS < now);
    let missing =
        wanted.iter().map(|(card, level, due)| format!("{card} {level} of {due} never came"));
    found.extend(missing);
    (count, found)
}

impl Vigil {
    /// So many tickets, with limits of all kinds, for units, callers, and nobody at all.
    #[must_use]
    pub fn new(tickets: u32, seed: u64) -> Self {
        let settings = Settings { tickets, latency_ms: 1, spill_at: 1000, ..Settings::quiet(seed) };
        let core = Core::new(settings, ROLES.len());
        let clocks = Arc::new(Clocks::new(world(&core, DEADLINES, &kit())));
        let mut vigil = Self { core, clocks, rng: Rng::new(seed ^ 0x0716), writes: Vec::new() };
        (0..tickets).for_each(|number| vigil.open(number));
        let mut state = vigil.core.lock();
        state.moved.clear();
        state.now = START_MS + OPENING_MS;
        drop(state);
        vigil
    }

    fn open(&mut self, number: u32) {
        let at = Timestamp::from_millis(START_MS + self.rng.time(OPENING_MS));
        let channel = ChannelName::parse("hotline-12345").unwrap();
        let order = format!("V-{number}");
        let id = TicketId::derive(&channel, &order);
        let sealed = SealedRef { record: RecordId::request(&id), seal: Hash::ZERO };
        let want = (RequestKind::Help, None);
        let new = Ticket::receive(region(), (channel, &order), want, sealed.clone(), at).unwrap();
        let mut state = self.core.lock();
        let (ticket, ciphertext) = (new.clone(), Vec::new());
        let first = NewTicket { ticket, ciphertext, wrapped_key: Vec::new(), citizen: None };
        assert!(state.store.create(&first, at.millis()), "no two tickets have one id");
        let town = town();
        let limits = [Limit::Hours(2), Limit::Hours(24), Limit::Workdays(5), Limit::Days(7)];
        let limit = self.rng.pick(&limits);
        let items: Vec<_> = town.items().take(10).collect();
        let (item, unit) = items[usize::try_from(self.rng.below(10)).unwrap()];
        let (unit, tier) = (unit.clone(), Tier::City);
        let step = |step, command| (Actor::Step(step), command);
        let candidates = domain::Candidates::default();
        let to = DispatchTo {
            item: item.code.clone(),
            catalog: Some(item.catalog),
            unit: unit.clone(),
            tier,
            limit,
            confidence: Some(900),
        };
        let mut deeds = vec![step(Step::Intake, Command::Accept)];
        if number.is_multiple_of(10) {
            deeds.push(step(Step::Dispatch, Command::Doubt { candidates }));
        } else {
            deeds.push(step(Step::Dispatch, Command::Dispatch { to }));
            deeds.push(step(Step::Handling, Command::Open));
        }
        if number % 10 == 1 {
            let (outcome, reply) = (Outcome::Solved, sealed);
            deeds.push((handler(WHO, &unit), Command::Resolve { outcome, reply }));
            deeds.push(step(Step::Feedback, Command::Answer));
        }
        if number % 10 == 2 {
            let (unit, limit) = (town.townships[0].clone(), self.rng.pick(&limits));
            let command = Command::Assign { unit, limit, note: None };
            deeds.push((centre(WHO, Role::Dispatcher), command));
        }
        let mut ticket = new;
        for (actor, command) in deeds {
            let (calendar, directory) = (&town.calendar, &town.directory);
            let context = Context { actor, now: at, calendar, directory, cause: None };
            let after = ticket.execute(&command, &context).unwrap();
            state.store.advance(&ticket, &after, at.millis());
            ticket = after;
        }
    }

    /// Lets time pass, in which the clocks look every minute when there is something for them.
    pub fn watch(&mut self, ms: i64, deliveries: Deliveries) {
        let end = {
            let mut state = self.core.lock();
            state.faults_on = deliveries.faults > 0;
            state.settings.rates.call = deliveries.faults;
            state.now + ms
        };
        loop {
            let (due, now) = {
                let state = self.core.lock();
                (state.clocks_due(), state.now)
            };
            let at = due.map(|due| (due.max(now).div_euclid(PERIOD_MS) + 1) * PERIOD_MS);
            let Some(at) = at.filter(|at| *at <= end) else { break };
            self.core.lock().now = at;
            let lost = self.rng.chance(deliveries.lost);
            let calls = 1 + usize::from(self.rng.chance(deliveries.doubled));
            if !lost {
                self.look(calls);
            }
        }
        let mut state = self.core.lock();
        (state.now, state.faults_on) = (state.now.max(end), false);
    }

    /// So many calls of the function, side by side.
    fn look(&mut self, calls: usize) {
        let before = self.first_alarms();
        let mut tasks: Vec<(Call, i64)> = Vec::new();
        for _ in 0..calls {
            let clocks = Arc::clone(&self.clocks);
            tasks.push((Box::pin(async move { drop(clocks.run().await) }), i64::MIN));
        }
        while !tasks.is_empty() {
            let at = usize::try_from(self.rng.below(tasks.len() as u64)).unwrap();
            {
                let mut state = self.core.lock();
                state.now = (state.now + self.rng.time(2)).max(tasks[at].1);
                state.running = Running::default();
            }
            let polled = tasks[at].0.as_mut().poll(&mut Waiting::from_waker(Waker::noop()));
            let state = self.core.lock();
            tasks[at].1 = state.running.wake.unwrap_or(i64::MIN);
            let over = polled == Poll::Ready(()) || state.running.crashed;
            drop(state);
            if over {
                drop(tasks.swap_remove(at));
            }
        }
        let moved = std::mem::take(&mut self.core.lock().moved);
        let known = moved.iter().filter_map(|id| Some((shard(id), *before.get(id)?)));
        self.writes.extend(known);
    }

    /// Since when the first card of each ticket has been due.
    fn first_alarms(&self) -> BTreeMap<TicketId, Timestamp> {
        let state = self.core.lock();
        let now = Timestamp::from_millis(state.now);
        let mut first = BTreeMap::new();
        for shard in 0..ports::DUE_SHARDS {
            let due = state.store.index.until(&crate::index::Partition::Human(shard), now, 0);
            for (alarm, ticket, _) in due {
                first.entry(ticket).or_insert(alarm);
            }
        }
        first
    }

    /// Which were written in which order since this was asked last: the shard, and since when they were due.
    pub fn writes(&mut self) -> Vec<(u8, Timestamp)> {
        std::mem::take(&mut self.writes)
    }

    /// Puts the next calendar in force.
    pub fn import(&mut self, number: u32) {
        let mut state = self.core.lock();
        let (version, text) = next_calendar(number);
        let since = Timestamp::from_millis(state.now);
        state.store.calendar = Some(StoredCalendar { number, version, text, since, replanned: 0 });
    }

    /// What is wrong with the warnings so far; `strict`, as if the schedule had come every minute.
    #[must_use]
    pub fn warned(&self, strict: bool) -> (u64, Vec<String>) {
        let state = self.core.lock();
        let (mut count, mut found) = (0, Vec::new());
        for (id, row) in &state.store.tickets {
            let (of_ticket, wrong) = warned_of(&row.ticket, state.now, strict);
            count += of_ticket;
            found.extend(wrong.into_iter().map(|wrong| format!("{id}: {wrong}")));
        }
        (count, found)
    }

    /// What is wrong with the deadlines once the calendar in force has been brought to all: each that
    /// depends on it was moved once.
    #[must_use]
    pub fn replanned(&self, times: usize) -> (u64, Vec<String>) {
        let state = self.core.lock();
        let (mut count, mut found) = (0, Vec::new());
        let stored = state.store.calendar.as_ref();
        if stored.is_none_or(|stored| stored.replanned < ports::DUE_SHARDS) {
            found.push("not all shards were brought to it".to_owned());
        }
        for (id, row) in &state.store.tickets {
            let ticket = &row.ticket;
            let by_days = |limit: Limit| matches!(limit, Limit::Workdays(_));
            let limits = ticket.assignment().map(|a| a.limit).into_iter();
            let depends = limits.chain(ticket.tasks().values().map(|t| t.limit)).any(by_days);
            let wanted = if depends && ticket.status() == Status::Handling { times } else { 0 };
            let is_replan =
                |event: &Event| matches!(event, Event::Rescheduled { why: Why::Calendar, .. });
            let moved = ticket.timeline().iter().filter(|e| is_replan(&e.event)).count();
            count += moved as u64;
            if moved != wanted {
                found.push(format!("{id} was brought to it {moved} times and not {wanted}"));
            }
            clocks(&state, ticket, &mut found);
        }
        (count, found)
    }
}

/// The limits of a ticket at which nobody has worked.
fn spans(ticket: &Ticket) -> Spans {
    let since = ticket.status_since();
    let turn = match ticket.status() {
        Status::NeedsDispatcher => {
            let due = since.plus_millis(2 * Timestamp::HOUR_MS);
            Some((due, due))
        }
        Status::Answered => {
            // A call is due after a day, and its caller has an hour for it.
            let due = since.plus_millis(Timestamp::DAY_MS + Timestamp::HOUR_MS);
            Some((due, due))
        }
        _ => ticket.assignment().map(|lead| (lead.since, lead.due)),
    };
    let tasks = ticket.tasks().iter();
    let tasks = tasks.map(|(unit, task)| (CardKind::Task(unit.clone()), (task.since, task.due)));
    turn.map(|span| (CardKind::Turn, span)).into_iter().chain(tasks).collect()
}

/// When a limit is warned of, and at which level: at four fifths unless there is nobody else to hear it, at
/// its end, and on every day after.
fn due_by(
    (since, due): (Timestamp, Timestamp),
    now: i64,
) -> impl Iterator<Item = (Timestamp, u16)> {
    let yellow = due.plus_millis(-(due.millis() - since.millis()) / 5);
    let first = (since < due).then_some((yellow, YELLOW)).into_iter();
    let days = (0_i64..).map(move |day| due.plus_millis(day * Timestamp::DAY_MS)).zip(RED..);
    first.chain(days.take_while(move |(at, _)| at.millis() <= now))
}
