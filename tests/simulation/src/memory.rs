//! The stores in memory by themselves: no chance, nobody who moves the clock, and no faults but those that are
//! asked for.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use domain::fund::Balance;
use domain::{Actor, CommandId, Step, TicketId, Timestamp, UploadKey};
use lambda::FundOrder;
use ports::{Upload, World};

use crate::check_fund::{fund, reconciled};
use crate::core::{Core, Running};
use crate::faults::Fault;
use crate::money::Need;
use crate::ops::Stand;
use crate::queues::queue_of;
use crate::rng::Rng;
use crate::settings::Settings;
use crate::town::town;
use crate::world::{DESK, ROLES, kit, world};

/// What came of one look at something that runs on these stores.
#[derive(Debug)]
pub enum Look<T> {
    /// It is done.
    Done(T),
    /// It goes on when it is looked at again.
    Waits,
    /// It has died, and is not looked at again.
    Died,
}

/// What somebody orders of the fund.
#[derive(Clone, Debug)]
pub struct Idea {
    /// Who.
    pub actor: Actor,
    /// What.
    pub order: FundOrder,
    /// Its key.
    pub cause: CommandId,
}

/// The stores of a simulated city, without the city.
#[derive(Debug)]
pub struct Memory {
    core: Arc<Core>,
    world: World,
}

impl Memory {
    /// Empty stores in which the machine has so long for a turn, and whose timelines spill when they
    /// have more than so many entries.
    #[must_use]
    pub fn new(lease_ms: i64, spill_at: usize) -> Self {
        let settings = Settings { lease_ms, spill_at, ..Settings::quiet(1) };
        let core = Core::new(settings, ROLES.len());
        let world = world(&core, DESK, &kit());
        Self { core, world }
    }

    /// Takes out what waits in the queue of a step, as its function gets it.
    #[must_use]
    pub fn hints(&self, step: Step) -> Vec<String> {
        let waiting = std::mem::take(&mut self.core.lock().queues.all[queue_of(step)]);
        waiting.into_iter().map(|message| message.body).collect()
    }

    /// Lets something go one call further, or half of one: others that are looked at may come in between.
    pub fn look<T>(&self, work: &mut Pin<Box<dyn Future<Output = T> + '_>>) -> Look<T> {
        self.core.lock().running = Running::default();
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Look::Done(done),
            Poll::Pending if self.core.lock().running.crashed => Look::Died,
            Poll::Pending => Look::Waits,
        }
    }

    /// Lets all entropy come from here on from a seed: what is sealed again is sealed the same.
    pub fn draw_from(&self, seed: u64) {
        self.core.lock().entropy = Rng::new(seed);
    }

    /// Lets something happen to the call that comes after so many others.
    pub fn strike(&self, after: u64, fault: Fault) {
        let mut state = self.core.lock();
        let at = state.calls + 1 + after;
        state.settings.plan.insert(at, fault);
    }

    /// Takes back what was to happen; whether anything was.
    #[must_use]
    pub fn spare(&self) -> bool {
        let mut state = self.core.lock();
        let calls = state.calls;
        let left = state.settings.plan.split_off(&(calls + 1));
        !left.is_empty()
    }

    /// The accounts of the fund as they stand.
    #[must_use]
    pub fn accounts(&self) -> Vec<Balance> {
        self.core.lock().store.fund.accounts.values().cloned().collect()
    }

    /// How many entries a command of the fund's has.
    #[must_use]
    pub fn entries_of(&self, cause: &CommandId) -> usize {
        self.core.lock().store.fund.done.get(cause).map_or(0, Vec::len)
    }

    /// How many writes of the fund's came too late.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.core.lock().ledger.late
    }

    /// What somebody orders of the fund about this ticket, as it stands.
    #[must_use]
    pub fn idea(&self, ticket: &TicketId, number: u64, rng: &mut Rng) -> Option<Idea> {
        let state = self.core.lock();
        let (ticket, purse) = (&state.store.tickets.get(ticket)?.ticket, &state.store.fund);
        let need = Need { ticket, purse, number, now: state.now, town: town() };
        let warrant = need.warrant(rng);
        Some(Idea { actor: warrant.actor, order: warrant.order, cause: warrant.cause })
    }

    /// What is wrong with the fund's ledger, or was at any moment.
    #[must_use]
    pub fn wrong(&self) -> Vec<String> {
        let state = self.core.lock();
        let was =
            state.ledger.violations.iter().map(|one| format!("{}: {}", one.subject, one.text));
        let mut found: Vec<String> = was.collect();
        found.extend(fund(&state).into_iter().map(|(what, text)| format!("{what}: {text}")));
        for id in state.store.tickets.keys() {
            match state.store.whole(id) {
                Ok(Some(whole)) => reconciled(&state, &whole, &mut found),
                other => found.push(format!("{id}: {other:?}")),
            }
        }
        found
    }

    /// Lets so many milliseconds pass.
    pub fn pass(&self, ms: i64) {
        self.core.lock().now += ms;
    }
}

#[async_trait]
impl Stand for Memory {
    fn world(&self) -> &World {
        &self.world
    }

    async fn upload(&self, key: &UploadKey, upload: &Upload) {
        self.core.lock().upload(key, upload.clone());
    }

    async fn put_mail(&self, key: &str, mail: &[u8]) {
        let mut state = self.core.lock();
        let now = Timestamp::from_millis(state.now);
        state.store.mails.insert(key.to_owned(), (mail.to_vec(), now));
    }
}
