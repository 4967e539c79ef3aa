//! People in a run: who sends, who acts on what has moved, who works off an inbox, who erases.

use std::collections::BTreeSet;

use domain::{Actor, Hash, Reason, Role, Status, Ticket, TicketId, Timestamp, UploadKey};
use lambda::{Admitted, EraseError, Order, command, erase, submit_with, tickets_of};
use ports::{PortError, World};

use crate::bugs::Bug;
use crate::citizens::Shot;
use crate::city::{City, Ended, Event, Kind};
use crate::core::{START_MS, State};
use crate::duty::{Desk, actionable, duty};
use crate::staff::{self, Deed, twin};
use crate::whim::{Mood, meanwhile, whim};
use crate::world::region;

/// So many cards of an inbox are looked at in one round.
const CARDS: u16 = 50;

/// Within this time others act in a case that was sent on.
const MEANWHILE_MS: i64 = 50 * Timestamp::MINUTE_MS;

/// Reads inboxes and the tickets in them.
async fn round(world: &World, inboxes: &[String]) -> Vec<Ticket> {
    let mut seen = Vec::new();
    // A ticket lies in as many inboxes as wait for something of it.
    let mut known = BTreeSet::new();
    for inbox in inboxes {
        let mut from = None;
        while let Ok(page) = world.tickets.inbox(inbox, from.as_ref(), CARDS).await {
            for card in page.items.into_iter().filter(|card| known.insert(card.ticket.clone())) {
                let loaded = world.tickets.load(&card.ticket).await;
                seen.extend(loaded.ok().flatten().map(|stored| stored.ticket));
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
    }
    seen
}

/// Somebody who telephones is found by the number of the case.
async fn found(world: &World, ticket: &Ticket) -> bool {
    let found = world.tickets.by_number(ticket.number()).await;
    found.is_ok_and(|found| found.contains(ticket.id()))
}

/// Erases a person; the seeded bug destroys the keys first.
async fn erase_person(world: &World, phone: &str, early: bool) -> Result<Vec<TicketId>, String> {
    let tickets = tickets_of(world, phone).await.map_err(|e| e.to_string())?;
    if early {
        for ticket in &tickets {
            world.keys.destroy(ticket).await.map_err(|e| e.to_string())?;
        }
    }
    let supervisor = staff::centre("u9", Role::Supervisor);
    let erased = erase(world, &supervisor, Reason::CitizenRequest, &tickets).await;
    match erased {
        Ok(_) => Ok(tickets),
        Err(EraseError::Ticket { ticket, error }) => Err(format!("{ticket}: {error}")),
        Err(error) => Err(error.to_string()),
    }
}

impl City {
    pub(crate) fn submit(&mut self, plan: usize) {
        let (world, planned) = (self.door.clone(), self.planned(plan));
        self.start(Kind::Submit(plan), async move {
            let request = (&planned.submission, planned.circumstances.as_ref());
            Ended::Admitted(submit_with(&world, &planned.channel, request).await)
        });
    }

    pub(crate) fn submitted(&mut self, plan: usize, ended: Option<Ended>) {
        let id = self.planned(plan).ticket();
        let mut state = self.core.lock();
        match ended {
            Some(Ended::Admitted(Ok(Admitted::Created(ticket) | Admitted::Known(ticket)))) => {
                if *ticket.id() != id {
                    state.ledger.violation(id.as_str(), "another ticket answered for it");
                }
                state.ledger.accepted.entry(id).or_default().push(plan);
            }
            Some(Ended::Admitted(Ok(Admitted::Conflict(_)))) => {}
            Some(Ended::Admitted(Err(PortError::Permanent(reason)))) => {
                let text = format!("a submission failed for good: {reason}");
                state.ledger.violation(id.as_str(), text);
            }
            _ => {
                let delay = 1_000 + state.rng.time(30_000);
                drop(state);
                return self.after(delay, Event::Submit(plan));
            }
        }
        self.unanswered -= 1;
    }

    pub(crate) fn give(&mut self, at: usize) {
        let (world, deed) = (self.desk.clone(), self.deeds[at].clone());
        let world = if matches!(deed.actor, Actor::Channel(_)) { self.door.clone() } else { world };
        self.start(Kind::Deed(at), async move {
            let given = (&deed.order, &deed.cause);
            let done = command(&world, &deed.actor, &deed.ticket, given, deed.if_match).await;
            Ended::Done(Box::new(done))
        });
    }

    fn give_at(&mut self, mut deed: Deed, time: i64) {
        if self.core.lock().settings.photos {
            self.photograph(&mut deed, time);
        }
        self.deeds.push(deed);
        self.unanswered += 1;
        self.at(time, Event::Deed(self.deeds.len() - 1));
    }

    /// Some members report with a photo: the same with the same message, whoever gives it how often.
    fn photograph(&mut self, deed: &mut Deed, time: i64) {
        let Order::ReportMember { photos, .. } = &mut deed.order else { return };
        let drawn = Hash::of("simulation.photo", &[deed.cause.as_str().as_bytes()]);
        let [shy, bad, random @ ..] = drawn.as_bytes();
        let Some(random) = random.first_chunk().filter(|_| shy % 2 == 0) else { return };
        let key = UploadKey::new(&region(), Timestamp::from_millis(START_MS), random);
        photos.push(key.clone());
        if self.plans.shots.iter().any(|shot| shot.key == key) {
            return;
        }
        self.plans.shots.push(Shot { key, at: time, good: bad % 4 > 0 });
        self.unanswered += 1;
        self.at(time, Event::Shot(self.plans.shots.len() - 1));
    }

    /// A ticket has moved, and somebody has something to say to that.
    pub(crate) fn react(&mut self, id: &TicketId) {
        if !self.busy {
            return;
        }
        let number = self.deeds.len() as u64;
        let mut state = self.core.lock();
        let (lively, erases) = (state.settings.lively, state.settings.erases);
        if !state.rng.chance(lively) {
            return;
        }
        let Some(ticket) = state.store.tickets.get(id).map(|row| row.ticket.clone()) else {
            return;
        };
        let mood = Mood { ticket: &ticket, number, now: state.now, town: self.town };
        let rng = &mut state.rng;
        let deed = whim(&mood, rng);
        let others = meanwhile(&mood, &deed, rng);
        let longest = rng.pick(&[1, 1, 1_000, 60_000, Timestamp::HOUR_MS, 4 * Timestamp::DAY_MS]);
        let (once, again) = (rng.time(longest), rng.time(2 * Timestamp::HOUR_MS));
        let (erases, twice, other) = (rng.chance(erases), rng.chance(3000), rng.chance(700));
        let time = state.now + once;
        let later = others.iter().map(|_| time + 1 + state.rng.time(MEANWHILE_MS));
        let later: Vec<i64> = later.collect();
        drop(state);
        if erases {
            return self.erase_at(id, time);
        }
        for (other, at) in others.into_iter().zip(later) {
            self.give_at(other, at);
        }
        if let Some(twin) = twin(&deed).filter(|_| other) {
            self.give_at(twin.clone(), time);
            self.give_at(Deed { twin: true, ..deed }, time);
            return;
        }
        if twice {
            self.give_at(deed.clone(), time);
            self.give_at(deed.clone(), time + again);
        }
        self.give_at(deed, time);
    }

    fn erase_at(&mut self, id: &TicketId, time: i64) {
        let plan = self.plans.requests.iter().find(|plan| plan.ticket() == *id);
        let phone = plan.and_then(|plan| plan.submission.citizen.phone.clone());
        let Some(phone) = phone else { return };
        self.phones.push(phone);
        self.unanswered += 1;
        self.at(time, Event::Erase(self.phones.len() - 1));
    }

    pub(crate) fn erase(&mut self, of: usize) {
        let (world, phone) = (self.desk.clone(), self.phones[of].clone());
        let early = self.core.lock().settings.bug == Some(Bug::KeyBeforeEvent);
        self.start(Kind::Erase(of), async move {
            Ended::Erased(erase_person(&world, &phone, early).await)
        });
    }

    pub(crate) fn erased(&mut self, of: usize, ended: Option<Ended>) {
        if let Some(Ended::Erased(Ok(tickets))) = ended {
            self.unanswered -= 1;
            self.core.lock().ledger.erased.extend(tickets);
        } else {
            self.after(60_000, Event::Erase(of));
        }
    }

    fn desk_of<'a>(&self, who: &'a str, state: &State) -> Desk<'a> {
        let (seed, slow) = (state.settings.seed, state.settings.slow);
        Desk { who, now: state.now, seed, slow, town: self.town }
    }

    /// The staff look at their inboxes when somebody of them can do something.
    pub(crate) fn staff(&mut self) {
        let state = self.core.lock();
        let (now, pause) = (state.now, state.settings.staff_ms);
        let desk = self.desk_of("u1", &state);
        let (tickets, theirs) = (&state.store.tickets, state.store.index.with_people());
        let rows = theirs.into_iter().filter_map(|id| tickets.get(id));
        let all: Vec<Result<bool, i64>> = rows.map(|row| actionable(&row.ticket, &desk)).collect();
        let inboxes = state.store.index.inboxes();
        drop(state);
        if all.contains(&Ok(true)) {
            let world = self.looks.clone();
            let work = async move { Ended::Seen(round(&world, &inboxes).await) };
            self.start(Kind::Round, work);
            return self.after(pause, Event::Staff);
        }
        match all.into_iter().filter_map(Result::err).min() {
            Some(due) => self.at(due.max(now + pause), Event::Staff),
            None => self.staffed = false,
        }
    }

    pub(crate) fn seen(&mut self, tickets: &[Ticket]) {
        let desk = self.desk_of("u1", &self.core.lock());
        for ticket in tickets {
            let held = ticket.status() == Status::Held && self.core.lock().rng.chance(3000);
            if actionable(ticket, &desk) != Ok(true) {
                continue;
            }
            // Two of a desk now and then act on the same ticket; what is held may wait a little.
            let two = self.core.lock().rng.chance(1000);
            for who in if two { ["u1", "u2"].as_slice() } else { &["u1"] } {
                let deed = duty(ticket, &Desk { who, ..desk }).filter(|_| !held);
                deed.into_iter().for_each(|deed| self.give_at(deed, desk.now));
            }
        }
        if let Some(ticket) = tickets.first().cloned() {
            let world = self.looks.clone();
            self.start(Kind::Round, async move {
                let _found = found(&world, &ticket).await;
                Ended::Seen(Vec::new())
            });
        }
    }
}
