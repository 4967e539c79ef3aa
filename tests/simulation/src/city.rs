//! A run: the executor, which lets one function after the other go one call further, and the events
//! that start them.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use domain::{Ticket, TicketId};
use lambda::{Admitted, CommandError, Done, Failure, Function, FundError, Posted};
use ports::{PortError, World};
use serde_json::Value;

use crate::citizens::{Planned, Plans};
use crate::core::{Core, Running};
use crate::faults::Coverage;
use crate::ledger::Violation;
use crate::money::Warrant;
use crate::ops::Op;
use crate::queues::{Message, QUEUES};
use crate::rng::Rng;
use crate::settings::Settings;
use crate::staff::Deed;
use crate::town::{Town, town};
use crate::trace::Line;
use crate::wired::functions;
use crate::world::{DESK, DOOR, LOOKS, ROLES, kit, world};

/// A run of more turns than this goes in a circle, or of more for each of its requests.
const TURNS_MAX: u64 = 15_000_000;
const TURNS_EACH_MAX: u64 = 1_000;

/// What starts something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Sweep,
    Upkeep,
    Staff,
    Clocks,
    Import(u32),
    Queue(usize),
    Submit(usize),
    Shot(usize),
    Deed(usize),
    Erase(usize),
    Warrant(usize),
    Quiet,
    Busy,
    Look,
    End,
}

/// What a function's run came to.
#[allow(clippy::large_enum_variant, reason = "one of it at a time, and never kept")]
pub(crate) enum Ended {
    Answer(Result<Value, Failure>),
    Admitted(Result<Admitted, PortError>),
    Done(Box<Result<Done, CommandError>>),
    Erased(Result<Vec<TicketId>, String>),
    Seen(Vec<Ticket>),
    Granted(bool),
    Imported(bool),
    Posted(Box<Result<Posted, FundError>>),
    Audited(Vec<String>),
}

/// What runs, and what its end means to whom.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A queue's batch: each message with the version its ticket was at.
    Batch(usize, Vec<(Message, u32)>),
    Schedule,
    Submit(usize),
    Shot(usize),
    Deed(usize),
    Erase(usize),
    Round,
    Import(u32),
    Warrant(usize),
    Audit,
}

type Work = Pin<Box<dyn Future<Output = Ended> + Send>>;

struct Task {
    work: Work,
    kind: Kind,
    wake: i64,
    deadline: i64,
}

/// A run.
pub(crate) struct City {
    pub(crate) core: Arc<Core>,
    pub(crate) functions: Vec<Arc<dyn Function>>,
    pub(crate) door: World,
    pub(crate) desk: World,
    pub(crate) looks: World,
    pub(crate) town: &'static Town,
    pub(crate) plans: Plans,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) warrants: Vec<Warrant>,
    pub(crate) phones: Vec<String>,
    pub(crate) active: [usize; QUEUES],
    /// Submissions, commands, orders of the fund and erasures that nobody has answered yet.
    pub(crate) unanswered: usize,
    pub(crate) swept: bool,
    pub(crate) staffed: bool,
    /// When the clocks look next.
    pub(crate) clocks_at: Option<i64>,
    pub(crate) busy: bool,
    pub(crate) over: bool,
    events: BTreeMap<(i64, u64), Event>,
    events_last: u64,
    tasks: Vec<Task>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// The seed it can be repeated with.
    pub seed: u64,
    /// Tickets that were made.
    pub tickets: u64,
    /// Calls of ports.
    pub calls: u64,
    /// Those of them that tickets cause, and not the staff's looks at their inboxes.
    pub of_lives: u64,
    /// Everything that happened, as one number.
    pub hash: u64,
    /// What was covered.
    pub coverage: Coverage,
    /// What must never be.
    pub violations: Vec<Violation>,
    /// The story, if it was wanted.
    pub story: Vec<Line>,
    /// What the stores were asked, if it was wanted.
    pub ops: Vec<Op>,
    /// The calls until the last step of a ticket.
    pub life: u64,
    /// Hints that were sent.
    pub hints: u64,
    /// How often the machine was given a turn.
    pub hops: u64,
}

/// Runs a city to its end and checks what it has left behind.
#[must_use]
pub fn run(settings: &Settings) -> Outcome {
    let mut city = City::found(settings.clone());
    city.begin();
    let mut turns = 0_u64;
    let turns_max = TURNS_MAX.max(u64::from(settings.tickets) * TURNS_EACH_MAX);
    while !city.over && turns < turns_max {
        city.turn();
        turns += 1;
    }
    if !city.over {
        city.core.lock().ledger.violation("", "it never ends");
    }
    crate::check::check(&city);
    let mut state = city.core.lock();
    Outcome {
        seed: settings.seed,
        tickets: state.store.tickets.len() as u64,
        calls: state.calls,
        of_lives: state.of_lives,
        hash: state.trace.hash(),
        coverage: state.coverage.clone(),
        violations: std::mem::take(&mut state.ledger.violations),
        story: state.trace.story(),
        ops: state.ops.take().unwrap_or_default(),
        life: state.ledger.life,
        hints: state.ledger.hints,
        hops: state.ledger.hops,
    }
}

impl City {
    fn found(settings: Settings) -> Self {
        let plans = Plans::new(&settings, &mut Rng::new(settings.seed ^ 0xC171_2E45));
        let (kit, bug) = (kit(), settings.bug);
        let core = Core::new(settings, ROLES.len());
        Self {
            functions: functions(&core, &kit, bug),
            door: world(&core, DOOR, &kit),
            desk: world(&core, DESK, &kit),
            looks: world(&core, LOOKS, &kit),
            town: town(),
            plans,
            deeds: Vec::new(),
            warrants: Vec::new(),
            phones: Vec::new(),
            active: [0; QUEUES],
            unanswered: 0,
            swept: false,
            staffed: false,
            clocks_at: None,
            busy: true,
            over: false,
            events: BTreeMap::new(),
            events_last: 0,
            tasks: Vec::new(),
            core,
        }
    }

    pub(crate) fn at(&mut self, time: i64, event: Event) {
        self.events_last += 1;
        self.events.insert((time, self.events_last), event);
    }

    pub(crate) fn after(&mut self, delay: i64, event: Event) {
        let now = self.core.lock().now;
        self.at(now + delay, event);
    }

    pub(crate) fn start(&mut self, kind: Kind, work: impl Future<Output = Ended> + Send + 'static) {
        let state = self.core.lock();
        let (now, deadline) = (state.now, state.now + state.settings.deadline_ms);
        drop(state);
        // The night's work may take longer than a step.
        let longer = if matches!(kind, Kind::Schedule | Kind::Round) { 100 } else { 1 };
        let deadline = now + longer * (deadline - now);
        self.tasks.push(Task { work: Box::pin(work), kind, wake: now, deadline });
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// One event, or one step of one function.
    fn turn(&mut self) {
        self.collect();
        let now = self.core.lock().now;
        if let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= now) {
            let event = entry.remove();
            self.happen(event);
            return;
        }
        let ready: Vec<usize> =
            (0..self.tasks.len()).filter(|task| self.tasks[*task].wake <= now).collect();
        if ready.is_empty() {
            let wakes = self.tasks.iter().map(|task| task.wake);
            let next = wakes.chain(self.events.keys().map(|key| key.0).take(1)).min();
            match next {
                Some(next) => self.core.lock().now = next,
                None => self.over = true,
            }
            return;
        }
        let task = self.core.lock().rng.pick(&ready);
        self.poll(task);
    }

    fn poll(&mut self, at: usize) {
        {
            let mut state = self.core.lock();
            let longest = state.settings.latency_ms;
            state.now += state.rng.time(longest + 1);
            state.running = Running::default();
        }
        let task = &mut self.tasks[at];
        let polled = task.work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let (crashed, wake, now, faulty) = {
            let state = self.core.lock();
            (state.running.crashed, state.running.wake, state.now, state.faults_on)
        };
        let late = faulty && now > task.deadline;
        match polled {
            Poll::Pending if !crashed && !late => task.wake = wake.unwrap_or(now),
            polled => {
                let Task { kind, work, .. } = self.tasks.swap_remove(at);
                drop(work);
                let ended = match polled {
                    Poll::Ready(ended) if !crashed && !late => Some(ended),
                    _ => None,
                };
                self.end(kind, ended);
            }
        }
    }

    /// What has moved, and which queues are to be looked at.
    fn collect(&mut self) {
        let (wake, moved) = {
            let mut state = self.core.lock();
            (std::mem::take(&mut state.queues.wake), std::mem::take(&mut state.moved))
        };
        for (time, queue) in wake {
            self.at(time, Event::Queue(queue));
        }
        if !moved.is_empty() {
            self.wake_up();
        }
        for ticket in moved {
            self.react(&ticket);
            self.spend(&ticket);
        }
    }

    pub(crate) fn planned(&self, plan: usize) -> Planned {
        self.plans.requests[plan].clone()
    }
}
