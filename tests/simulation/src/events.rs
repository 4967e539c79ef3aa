//! What happens in a run: sweeps and nights, batches, people, and what their ends mean.

use std::collections::BTreeSet;
use std::sync::Arc;

use contracts::{Hint, UploadHint};
use domain::{Ticket, TicketId, Timestamp, Turn};
use lambda::{CommandError, Function, Order};
use ports::{PortError, Upload};
use serde_json::{Value, json};

use crate::bugs::Bug;
use crate::citizens::jpeg;
use crate::city::{City, Ended, Event, Kind};
use crate::core::{START_MS, State};
use crate::faults::QueueFault;
use crate::queues::{Message, POISON_MAX, QUEUES, TELLINGS, UPLOADS, queue_of};
use crate::staff;
use crate::whim::is_strange;
use crate::world::{SWEEP, UPKEEP};

/// A city in which a ticket is not home so long after people have gone to sleep is broken.
const HOME_MS: i64 = 20 * Timestamp::DAY_MS;
/// Two nights: what nobody wants is a day old then, and has been looked for.
const NIGHTS_MS: i64 = 50 * Timestamp::HOUR_MS;
/// An outage lasts for at most so many leases: longer than the sweep's patience.
const OUTAGE_LEASES: i64 = 200;
/// A longer lease than this makes no longer outage.
const OUTAGE_LEASE_MS: i64 = 60_000;
/// For how long a step that is out of order for hours works in between, and for how long it does not: longer
/// than the sweep's patience.
const LETTING_MS: i64 = 30 * Timestamp::MINUTE_MS;
const STUCK_MS: i64 = 60 * Timestamp::MINUTE_MS;
/// Between two looks at whether everybody is home.
const LOOK_MS: i64 = 20 * Timestamp::MINUTE_MS;

impl City {
    /// What is known from the beginning.
    pub(crate) fn begin(&mut self) {
        let (busy, faulty) = {
            let settings = &self.core.lock().settings;
            (settings.busy_ms, settings.faulty_ms)
        };
        let plans: Vec<(i64, u32)> =
            self.plans.requests.iter().map(|plan| (plan.at, plan.copies)).collect();
        for (plan, (at, copies)) in plans.into_iter().enumerate() {
            for _ in 0..copies {
                self.unanswered += 1;
                self.at(at, Event::Submit(plan));
            }
        }
        let shots: Vec<i64> = self.plans.shots.iter().map(|shot| shot.at).collect();
        for (shot, at) in shots.into_iter().enumerate() {
            self.unanswered += 1;
            self.at(at.max(START_MS), Event::Shot(shot));
        }
        self.at(START_MS + busy, Event::Busy);
        self.at(START_MS + faulty.max(busy), Event::Quiet);
        let (nights, imports) = {
            let state = &mut *self.core.lock();
            let due = |_| START_MS + state.rng.time(busy);
            (state.settings.nights, (0..state.settings.imports).map(due).collect::<Vec<_>>())
        };
        if nights {
            self.at(START_MS + 1, Event::Upkeep);
        }
        for (number, at) in (1..).zip(imports) {
            self.unanswered += 1;
            self.at(at, Event::Import(number));
        }
    }

    /// The sweep and the staff sleep while there is nothing for them; something has moved.
    pub(crate) fn wake_up(&mut self) {
        let (sweep, staff) = {
            let mut state = self.core.lock();
            let (sweep, staff) = (state.settings.sweep_ms, state.settings.staff_ms);
            (state.rng.time(sweep), state.rng.time(staff))
        };
        if !std::mem::replace(&mut self.swept, true) {
            self.after(sweep, Event::Sweep);
        }
        if !std::mem::replace(&mut self.staffed, true) {
            self.after(staff, Event::Staff);
        }
        self.clocks_wake();
    }

    pub(crate) fn happen(&mut self, event: Event) {
        match event {
            Event::Sweep => self.sweep(),
            Event::Upkeep => self.upkeep(),
            Event::Staff => self.staff(),
            Event::Clocks => self.clocks(),
            Event::Import(number) => self.import(number),
            Event::Queue(queue) => self.batch(queue),
            Event::Submit(plan) => self.submit(plan),
            Event::Shot(shot) => self.shoot(shot),
            Event::Deed(deed) => self.give(deed),
            Event::Erase(of) => self.erase(of),
            Event::Warrant(at) => self.order(at),
            Event::Busy => self.busy = false,
            Event::Quiet => self.quiet(),
            Event::Look => self.look(),
            Event::End => self.over = true,
        }
    }

    pub(crate) fn schedule(&mut self, role: usize) {
        let function = Arc::clone(&self.functions[role]);
        self.start(Kind::Schedule, async move { Ended::Answer(function.invoke(json!({})).await) });
    }

    fn sweep(&mut self) {
        let mut state = self.core.lock();
        let due = state.store.index.first_due();
        let (now, sweep_ms, skew) = (state.now, state.settings.sweep_ms, state.settings.skew_ms);
        if due.is_none() {
            drop(state);
            self.swept = false;
            return;
        }
        state.trouble();
        let any = due.is_some_and(|due| due.millis() <= now + skew);
        // One that finds nothing changes nothing; two at the same time must do no harm.
        let sweeps = if any { 1 + u32::from(state.rng.chance(500)) } else { 0 };
        drop(state);
        (0..sweeps).for_each(|_| self.schedule(SWEEP));
        self.after(sweep_ms, Event::Sweep);
    }

    fn upkeep(&mut self) {
        self.schedule(UPKEEP);
        self.after(Timestamp::HOUR_MS, Event::Upkeep);
    }

    fn quiet(&mut self) {
        let mut state = self.core.lock();
        state.faults_on = false;
        state.quiet_since = state.now;
        drop(state);
        // An index that lagged may have hidden a ticket from who erased a person: the same command
        // again is what is promised to finish it.
        for phone in 0..self.phones.len() {
            self.unanswered += 1;
            self.after(1, Event::Erase(phone));
        }
        self.after(LOOK_MS, Event::Look);
    }

    fn look(&mut self) {
        let state = self.core.lock();
        let open = |ticket: &Ticket| ticket.turn() != Turn::End;
        // Answered for first: only then the whole store is looked at.
        let home =
            self.unanswered == 0 && !state.store.tickets.values().any(|row| open(&row.ticket));
        let forgotten = state.store.uploads.keys().any(|key| state.store.claims.contains_key(key));
        let late = state.now > state.quiet_since + HOME_MS;
        let told = state.store.index.is_told();
        drop(state);
        if late || (home && told && !forgotten && self.is_idle()) {
            let nights = if self.core.lock().settings.nights { NIGHTS_MS } else { 1 };
            self.after(nights, Event::End);
        } else {
            self.after(LOOK_MS, Event::Look);
        }
    }

    /// A queue has something: a batch of it, if there is a function free.
    fn batch(&mut self, queue: usize) {
        let mut state = self.core.lock();
        if self.active[queue] >= state.settings.concurrency || !state.is_waiting(queue) {
            return;
        }
        if state.queues.poisoned < POISON_MAX && state.strikes(QueueFault::Poison) {
            state.poison(queue);
        }
        let taken = state.receive(queue);
        let (now, more) = (state.now, state.is_waiting(queue));
        let out = state.queues.out_until[queue] > now && state.faults_on;
        let versions: Vec<(Message, u32)> =
            taken.into_iter().map(|message| (message.clone(), state.version(&message))).collect();
        drop(state);
        if more {
            self.at(now, Event::Queue(queue));
        }
        if versions.is_empty() || out {
            return;
        }
        let records: Vec<Value> = versions
            .iter()
            .map(
                |(message, _)| json!({ "messageId": message.id.to_string(), "body": message.body }),
            )
            .collect();
        let function: Arc<dyn Function> = Arc::clone(&self.functions[queue]);
        self.active[queue] += 1;
        let event = json!({ "Records": records });
        self.start(Kind::Batch(queue, versions), async move {
            Ended::Answer(function.invoke(event).await)
        });
    }

    fn settle(&mut self, queue: usize, batch: &[(Message, u32)], answer: Option<Ended>) {
        self.active[queue] -= 1;
        self.after(0, Event::Queue(queue));
        let Some(Ended::Answer(Ok(answer))) = answer else { return };
        let mut failed = BTreeSet::new();
        for failure in answer["batchItemFailures"].as_array().into_iter().flatten() {
            failed.insert(failure["itemIdentifier"].as_str().unwrap_or_default().to_owned());
        }
        let mut state = self.core.lock();
        if state.settings.bug == Some(Bug::AckWholeBatch) && failed.len() < batch.len() {
            failed.clear();
        }
        for (message, version) in batch {
            if !failed.contains(&message.id.to_string()) {
                state.check_done(queue, message, *version);
                state.acknowledge(queue, message.id);
            }
        }
    }

    fn shoot(&mut self, shot: usize) {
        let (world, shot_) = (self.door.clone(), self.plans.shots[shot].clone());
        self.start(Kind::Shot(shot), async move {
            let of = (domain::MediaType::Jpeg, 100);
            let from = (world.clock.wall(), 600);
            Ended::Granted(world.uploads.grant(&shot_.key, of, from).await.is_ok())
        });
    }

    /// The phone has its permission and puts the photo; the store tells of it.
    fn shot(&mut self, shot: usize, granted: bool) {
        if !granted {
            self.after(5_000, Event::Shot(shot));
            return;
        }
        self.unanswered -= 1;
        let shot = self.plans.shots[shot].clone();
        let bytes = if shot.good { jpeg() } else { b"no photo".to_vec() };
        let upload = Upload { declared: "image/jpeg".to_owned(), bytes: Some(bytes) };
        let mut state = self.core.lock();
        state.upload(&shot.key, upload);
        let object = json!({ "Records": [{ "s3": { "object": { "key": shot.key.as_str() } } }] });
        state.enqueue(UPLOADS, &object.to_string());
    }

    pub(crate) fn end(&mut self, kind: Kind, ended: Option<Ended>) {
        match (kind, ended) {
            (Kind::Batch(queue, batch), ended) => self.settle(queue, &batch, ended),
            (Kind::Schedule, _) => {}
            (Kind::Submit(plan), ended) => self.submitted(plan, ended),
            (Kind::Shot(shot), ended) => {
                self.shot(shot, matches!(ended, Some(Ended::Granted(true))));
            }
            (Kind::Deed(deed), ended) => self.given(deed, ended),
            (Kind::Erase(of), ended) => self.erased(of, ended),
            (Kind::Round, Some(Ended::Seen(tickets))) => self.seen(&tickets),
            (Kind::Round, _) => {}
            (Kind::Warrant(at), ended) => self.ordered(at, ended),
            (Kind::Audit, Some(Ended::Audited(wrong))) => self.audited(wrong),
            (Kind::Audit, _) => {}
            (Kind::Import(number), ended) => {
                self.imported(number, matches!(ended, Some(Ended::Imported(true))));
            }
        }
    }

    fn given(&mut self, at: usize, ended: Option<Ended>) {
        let deed = self.deeds[at].clone();
        let Some(Ended::Done(result)) = ended else { return self.again(at) };
        let mut state = self.core.lock();
        let subject = deed.ticket.as_str();
        match *result {
            Ok(_) if is_strange(&deed.actor, self.town) => {
                state.ledger.violation(subject, "a unit without any part in it did something");
            }
            Ok(_) => {
                let words = staff::said(&deed.order);
                let key = (deed.ticket.clone(), deed.cause.clone());
                let before = state.ledger.done.insert(key, words.clone());
                // A text of an erased person cannot be compared with.
                let row = state.store.tickets.get(&deed.ticket);
                let erased = row.is_some_and(|row| row.ticket.erased_at().is_some());
                if before.is_some_and(|before| before != words) && !erased {
                    state.ledger.violation(subject, "one message id, two texts, both accepted");
                }
            }
            Err(CommandError::Port(PortError::Temporary(_))) => {
                drop(state);
                return self.again(at);
            }
            Err(CommandError::Changed(_)) if deed.if_match.is_none() => {
                drop(state);
                return self.again(at);
            }
            Err(CommandError::Port(PortError::Permanent(reason))) => {
                let text = format!("a command failed for good: {reason}");
                state.ledger.violation(subject, text);
            }
            Err(CommandError::Reused) if !deed.twin => {
                let text = format!("a command was taken for another one: {:?}", deed.order);
                state.ledger.violation(subject, text);
            }
            Err(
                CommandError::Reused
                | CommandError::NoTicket
                | CommandError::Photos
                | CommandError::Refused { .. }
                | CommandError::Changed(_),
            ) => {}
        }
        self.unanswered -= 1;
    }

    /// Nobody answered: the same command again, soon, or when the next night is at its work.
    fn again(&mut self, at: usize) {
        self.deeds[at].tries = self.deeds[at].tries.saturating_sub(1);
        if self.deeds[at].tries == 0 {
            self.unanswered -= 1;
            return;
        }
        let delay = {
            let mut state = self.core.lock();
            if state.rng.chance(1500) && matches!(self.deeds[at].order, Order::Note { .. }) {
                Timestamp::DAY_MS + state.rng.time(Timestamp::HOUR_MS)
            } else {
                1_000 + state.rng.time(60_000)
            }
        };
        self.after(delay, Event::Deed(at));
    }
}

impl State {
    /// What befalls the queues as a whole, now and then; and clocks are set.
    fn trouble(&mut self) {
        let queue = usize::try_from(self.rng.below(QUEUES as u64)).unwrap_or(0);
        if self.strikes(QueueFault::Purged) {
            self.queues.all[queue].clear();
        }
        let longest = OUTAGE_LEASES * self.settings.lease_ms.min(OUTAGE_LEASE_MS);
        if self.strikes(QueueFault::Outage) {
            self.queues.out_until[queue] = self.now + self.rng.time(longest);
        }
        // That of handling now and then lets tickets through: only these have tasks and members out.
        let hour = (self.now - START_MS).rem_euclid(STUCK_MS + LETTING_MS);
        let lets = |stuck: &usize| *stuck == 2 && hour < LETTING_MS;
        let stuck = self.settings.rates.stuck.filter(|stuck| self.faults_on && !lets(stuck));
        if let Some(stuck) = stuck {
            self.queues.out_until[stuck] = self.now + 2 * self.settings.sweep_ms;
            self.coverage.queue(QueueFault::Outage);
        }
        let skew = self.settings.skew_ms;
        if self.faults_on && skew > 0 && self.rng.chance(500) {
            let role = usize::try_from(self.rng.below(self.skews.len() as u64)).unwrap_or(0);
            self.skews[role] = self.rng.time(2 * skew) - skew;
        }
    }

    fn row_of(&self, message: &Message) -> Option<(TicketId, u32)> {
        let hint = Hint::from_body(&message.body).ok()?;
        let row = self.store.tickets.get(&hint.ticket)?;
        Some((hint.ticket, row.ticket.version()))
    }

    fn version(&self, message: &Message) -> u32 {
        self.row_of(message).map_or(0, |(_, version)| version)
    }

    /// What is acknowledged must be done: the turn is another's by now, or this step has had it.
    fn check_done(&mut self, queue: usize, message: &Message, version: u32) {
        if queue == TELLINGS {
            return;
        }
        if queue == UPLOADS {
            return drop(UploadHint::all_from_body(&message.body));
        }
        let Some((id, _)) = self.row_of(message) else { return };
        let row = &self.store.tickets[&id];
        let Turn::Machine(step) = row.ticket.turn() else { return };
        let buried = self.queues.buried.iter().any(|(body, _)| *body == message.body);
        let acted =
            |entry: &domain::Entry| entry.seq > version && entry.actor == domain::Actor::Step(step);
        let progressed = row.ticket.spilled() > version || row.ticket.timeline().iter().any(acted);
        if queue_of(step) == queue && row.turn_seq <= version && !progressed && !buried {
            let text = format!("a message for {step} was acknowledged, and nothing was done");
            self.ledger.violation(id.as_str(), text);
        }
    }
}
