//! The clocks of a run: when they look, and who imports a calendar.

use domain::Timestamp;
use ports::{DUE_SHARDS, PortError, StoredCalendar, World};

use crate::city::{City, Ended, Event, Kind};
use crate::core::State;
use crate::town::next_calendar;
use crate::world::DEADLINES;

/// Between two looks of the clocks, as they are deployed.
pub(crate) const PERIOD_MS: i64 = Timestamp::MINUTE_MS;

/// Puts the next calendar in force; whether it is.
async fn import(world: &World, number: u32) -> Result<bool, PortError> {
    let calendars = &world.rules.calendars;
    let stands = calendars.current().await?.map_or(0, |stands| stands.number);
    if stands >= number {
        // An answer was lost.
        return Ok(true);
    }
    let (version, text) = next_calendar(number);
    let since = world.clock.wall();
    calendars.put(&StoredCalendar { number, version, text, since, replanned: 0 }).await
}

impl State {
    /// When the clocks have something to do, if ever.
    pub(crate) fn clocks_due(&self) -> Option<i64> {
        let replans = self.store.calendar.as_ref().filter(|one| one.replanned < DUE_SHARDS);
        let alarm = self.store.index.first_alarm().map(Timestamp::millis);
        alarm.into_iter().chain(replans.map(|_| self.now)).min()
    }
}

impl City {
    /// The clocks are due: they look every minute, but in a run only when there is something for them.
    pub(crate) fn clocks_wake(&mut self) {
        let (due, now) = {
            let state = self.core.lock();
            (state.clocks_due(), state.now)
        };
        let Some(due) = due else { return };
        // The schedule comes once a minute, wherever in it.
        let at = due.max(now).div_euclid(PERIOD_MS) * PERIOD_MS + PERIOD_MS;
        if self.clocks_at.is_none_or(|set| at < set) {
            self.clocks_at = Some(at);
            self.at(at, Event::Clocks);
        }
    }

    pub(crate) fn clocks(&mut self) {
        let now = self.core.lock().now;
        if self.clocks_at.is_none_or(|set| set > now) {
            return;
        }
        self.clocks_at = None;
        // The schedule delivers at least once.
        let twice = self.core.lock().rng.chance(300);
        (0..1 + u32::from(twice)).for_each(|_| self.schedule(DEADLINES));
        self.clocks_wake();
    }

    pub(crate) fn import(&mut self, number: u32) {
        let world = self.desk.clone();
        self.start(Kind::Import(number), async move {
            Ended::Imported(import(&world, number).await.unwrap_or(false))
        });
    }

    pub(crate) fn imported(&mut self, number: u32, done: bool) {
        if done {
            self.unanswered -= 1;
            self.clocks_wake();
        } else {
            self.after(30_000, Event::Import(number));
        }
    }
}
