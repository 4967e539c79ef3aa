//! The heart of a run: its state, and the gate through which every call of a port goes.
//!
//! At the gate a function gives way to the others, so that any two calls of two functions can come
//! in any order; then chance, or the plan, says whether the call fails, and how.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use domain::{Next, RecordId, Ticket, TicketId, Timestamp, Turn, UploadKey};
use ports::{PortError, Upload};

use crate::faults::{Call, Coverage, Fault, QueueFault};
use crate::ledger::Ledger;
use crate::ops::Op;
use crate::queues::Queues;
use crate::rng::Rng;
use crate::settings::Settings;
use crate::store::{Manner, Store};
use crate::trace::Trace;
use crate::world::LOOKS;

/// Where a run begins: 2026-03-02T08:00+08:00, a Monday.
pub(crate) const START_MS: i64 = 1_772_409_600_000;
/// The longest that a slow call takes, in deadlines of a function.
const SLOW_DEADLINES: i64 = 2;
/// So many late writes an index may lag behind.
const LAG_MAX: u64 = 40;

/// What the function that runs at the moment tells the executor.
#[derive(Debug, Default)]
pub(crate) struct Running {
    /// It died: it is not polled again.
    pub(crate) crashed: bool,
    /// When it wants to be polled again.
    pub(crate) wake: Option<i64>,
}

/// Everything of a run.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) now: i64,
    pub(crate) rng: Rng,
    pub(crate) entropy: Rng,
    pub(crate) settings: Settings,
    pub(crate) faults_on: bool,
    /// When faults stopped.
    pub(crate) quiet_since: i64,
    pub(crate) calls: u64,
    /// The calls that tickets cause: all but the staff's looks at their inboxes, which go by time.
    pub(crate) of_lives: u64,
    pub(crate) skews: Vec<i64>,
    pub(crate) running: Running,
    pub(crate) store: Store,
    pub(crate) queues: Queues,
    pub(crate) coverage: Coverage,
    pub(crate) trace: Trace,
    pub(crate) ledger: Ledger,
    /// The tickets that have moved since the people were last asked.
    pub(crate) moved: Vec<TicketId>,
    /// Texts that a seeded bug has kept back.
    pub(crate) deferred: BTreeMap<TicketId, (RecordId, Vec<u8>, Timestamp)>,
    /// Which tickets were told that they have an upload.
    pub(crate) claimed: BTreeMap<String, BTreeSet<TicketId>>,
    /// What the stores were asked, in the order in which they did it.
    pub(crate) ops: Option<Vec<Op>>,
    /// Whether the present call reads an index that lags.
    pub(crate) lagging: bool,
}

/// A run, shared by all its functions.
#[derive(Debug)]
pub(crate) struct Core(Mutex<State>);

impl Core {
    pub(crate) fn new(settings: Settings, roles: usize) -> Arc<Self> {
        let (lease_ms, spill_at, bug) = (settings.lease_ms, settings.spill_at, settings.bug);
        let state = State {
            now: START_MS,
            rng: Rng::new(settings.seed),
            entropy: Rng::new(settings.seed ^ 0xE17),
            faults_on: settings.faulty_ms > 0,
            quiet_since: START_MS,
            calls: 0,
            of_lives: 0,
            skews: vec![0; roles],
            running: Running::default(),
            store: Store::new(Manner { lease_ms, spill_at, bug }),
            queues: Queues::default(),
            coverage: Coverage::default(),
            trace: Trace::new(settings.story),
            ledger: Ledger::default(),
            moved: Vec::new(),
            deferred: BTreeMap::new(),
            claimed: BTreeMap::new(),
            ops: settings.record.then(Vec::new),
            lagging: false,
            settings,
        };
        Arc::new(Self(Mutex::new(state)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(crate) fn at(&self, role: usize) -> Timestamp {
        Timestamp::from_millis(self.now + self.skews[role])
    }

    /// Notes what a store was asked, if that is wanted; what an index that lags answered is no
    /// measure of anything.
    pub(crate) fn record(&mut self, op: impl FnOnce() -> Op) {
        if let Some(ops) = self.ops.as_mut().filter(|_| !self.lagging) {
            ops.push(op());
        }
    }

    /// Somebody puts an object where uploads lie.
    pub(crate) fn upload(&mut self, key: &UploadKey, upload: Upload) {
        self.lagging = false;
        self.record(|| Op::UploadPut(key.clone(), upload.clone()));
        let at = Timestamp::from_millis(self.now);
        self.store.uploads.insert(key.clone(), (upload, at));
    }

    /// What happens to the next call.
    fn fate(&mut self, call: Call) -> Option<Fault> {
        self.calls += 1;
        self.coverage.call(call);
        if let Some(fault) = self.settings.plan.get(&self.calls) {
            return Some(*fault);
        }
        if !self.faults_on {
            return None;
        }
        let rates = &self.settings.rates;
        let focus = rates.focus.iter().find(|(focus, _)| *focus == call);
        let of_10_000 = focus.map_or(rates.call, |(_, rate)| *rate);
        self.rng.chance(of_10_000).then(|| self.rng.pick(call.faults()))
    }

    /// Notes what follows from a ticket's step forward.
    pub(crate) fn advanced(&mut self, before: &Ticket, after: &Ticket, waiting_since: i64) {
        let mut status = before.status();
        let new = after.timeline().iter().filter(|entry| entry.seq > before.version());
        for entry in new {
            let event = entry.event.kind();
            self.coverage.edge(status, event);
            status = match status.after(event) {
                Ok(Next::To(next)) => next,
                Ok(Next::BeforeHold) => before.held_from().unwrap_or(status),
                Ok(Next::Same) | Err(_) => status,
            };
        }
        self.ledger.hops += match after.turn() {
            Turn::Machine(_) => 1,
            // It is hinted at when it is merged, and when its lead is answered.
            Turn::Lead if before.turn() != Turn::Lead => 2,
            Turn::Lead | Turn::Human(_) | Turn::End => 0,
        };
        self.ledger.life = self.calls;
        let waited = self.now - waiting_since.max(self.quiet_since);
        if before.is_machines() && !self.faults_on && waited > self.settings.recovery_ms() {
            let text = format!("the machine's turn waited {} s without faults", waited / 1000);
            self.ledger.violation(before.id().as_str(), text);
        }
        self.moved.push(after.id().clone());
    }
}

/// Waits until the scheduler comes back, and until a time has come.
struct Gate<'a> {
    core: &'a Core,
    left: Option<u64>,
    until: i64,
}

impl Future for Gate<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let core = self.core;
        let mut state = core.lock();
        if state.running.crashed {
            return Poll::Pending;
        }
        let spread = state.settings.spread;
        let left = match self.left {
            Some(left) => left,
            None => 1 + state.rng.below(spread),
        };
        let due = state.now >= self.until;
        if left == 0 && due {
            return Poll::Ready(());
        }
        self.left = Some(if due { left.saturating_sub(1) } else { left });
        let wake = self.until.max(state.now);
        state.running.wake = Some(state.running.wake.map_or(wake, |other| other.min(wake)));
        // One that waits among several of one function is only asked again if it has woken it.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A function's way to the world.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    pub(crate) core: Arc<Core>,
    pub(crate) role: usize,
}

fn temporary(call: Call, what: &str) -> PortError {
    PortError::Temporary(format!("{call:?}: {what}"))
}

impl Port {
    pub(crate) async fn wait(&self, left: Option<u64>, until: i64) {
        Gate { core: &self.core, left, until }.await;
    }

    async fn crash<T>(&self) -> T {
        self.core.lock().running.crashed = true;
        std::future::pending().await
    }

    /// One call: `work` is what the store does, given how many late writes its index lags.
    pub(crate) async fn call<T: Send>(
        &self,
        call: Call,
        subject: &str,
        work: impl FnOnce(&mut State, usize) -> Result<T, PortError> + Send,
    ) -> Result<T, PortError> {
        self.wait(None, 0).await;
        let (fault, lag) = {
            let mut state = self.core.lock();
            let fault = state.fate(call);
            state.of_lives += u64::from(self.role != LOOKS);
            if let Some(fault) = fault {
                state.coverage.fault(call, fault);
            }
            let (role, now) = (self.role, state.now);
            state.trace.call(now, (role, call, fault), subject);
            let lag = if fault == Some(Fault::Stale) { 1 + state.rng.below(LAG_MAX) } else { 0 };
            state.lagging = lag > 0;
            (fault, usize::try_from(lag).unwrap_or(0))
        };
        match fault {
            None | Some(Fault::Stale) => work(&mut self.core.lock(), lag),
            Some(Fault::Lost) => Err(temporary(call, "lost")),
            Some(Fault::Throttled) => Err(temporary(call, "throttled")),
            Some(Fault::AnswerLost) => {
                drop(work(&mut self.core.lock(), 0));
                Err(temporary(call, "timed out"))
            }
            Some(Fault::CrashBefore) => self.crash().await,
            Some(Fault::CrashAfter) => {
                drop(work(&mut self.core.lock(), 0));
                self.crash().await
            }
            Some(Fault::Slow) => {
                let (done, until) = {
                    let mut state = self.core.lock();
                    let longest = SLOW_DEADLINES * state.settings.deadline_ms;
                    let until = state.now + state.rng.time(longest);
                    (work(&mut state, 0), until)
                };
                self.wait(Some(1), until).await;
                done
            }
        }
    }
}

impl State {
    /// Whether something happens to a message.
    pub(crate) fn strikes(&mut self, fault: QueueFault) -> bool {
        let rates = &self.settings.rates;
        let of_10_000 = match fault {
            QueueFault::Purged => rates.purge,
            QueueFault::Outage => rates.outage,
            QueueFault::Poison => rates.poison,
            _ => rates.message,
        };
        let strikes = self.faults_on && self.rng.chance(of_10_000);
        if strikes {
            self.coverage.queue(fault);
        }
        strikes
    }
}
