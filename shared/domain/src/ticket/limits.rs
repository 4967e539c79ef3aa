//! The limits of a case, and what changes them. An end is never changed by itself: it is reckoned anew from
//! the limits, so that what an event names is a pure function of them and the calendar.

use super::Ticket;
use crate::calendar::Limit;
use crate::matter::{Matter, Why};
use crate::timestamp::Timestamp;

/// Why the limits change, with how much more was granted or until when they stand.
pub(crate) type Change = (Why, Option<Limit>, Option<Timestamp>);

impl Ticket {
    /// Changes the limits and no end: an event that is folded does so, and who decides on one, to reckon
    /// the ends that it will name.
    pub(crate) fn change_limits(&mut self, (why, limit, until): Change, at: Timestamp) {
        match why {
            Why::Extension => {
                if let Some(assignment) = &mut self.assignment {
                    assignment.more = limit;
                }
                if let Some(promise) = &mut self.promise {
                    promise.more.extend(limit);
                }
            }
            Why::Suspension => self.pause(until.unwrap_or(at).millis() - at.millis()),
            Why::Resumption => self.pause(self.unspent_ms(at).saturating_neg()),
            Why::Reopening => {
                if let Some(assignment) = &mut self.assignment {
                    (assignment.since, assignment.more) = (at, None);
                    (assignment.paused_ms, assignment.kept) = (0, false);
                }
            }
            Why::Calendar => {}
        }
    }

    /// Stops the clocks for so long, or gives back what was not needed. A clock that was started while the
    /// case stood still never stood, and has nothing to give back.
    fn pause(&mut self, ms: i64) {
        self.suspended_ms += ms;
        let units = self.assignment.iter_mut().map(|assignment| &mut assignment.paused_ms);
        for paused_ms in units.chain(self.tasks.values_mut().map(|task| &mut task.paused_ms)) {
            *paused_ms = (*paused_ms + ms).max(0);
        }
    }

    /// How much of a running suspension is left at `at`.
    pub(crate) fn unspent_ms(&self, at: Timestamp) -> i64 {
        let open = self.matters.get(&Matter::Suspension).filter(|open| open.running.is_some());
        let until = open.and_then(|open| open.terms.due());
        until.map_or(0, |until| (until.millis() - at.millis()).max(0))
    }

    /// Every limit that an end of this case is reckoned by.
    pub(crate) fn limits(&self) -> impl Iterator<Item = Limit> {
        let assignment = self.assignment.iter().flat_map(|a| [Some(a.limit), a.more]).flatten();
        let promise = self.promise.iter().flat_map(|p| p.more.iter().copied().chain([p.limit]));
        assignment.chain(promise).chain(self.tasks.values().map(|task| task.limit))
    }
}
