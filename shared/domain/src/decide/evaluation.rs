//! 回访, 评价: what the citizen says, and what it counts for.

use super::Context;
use crate::card::Owner;
use crate::command::FollowUpResult;
use crate::event::{Event, Satisfaction, Via};
use crate::lifecycle::Status;
use crate::matter::{Matter, Terms, Why};
use crate::ticket::{FollowUp, Ticket};

/// After this many calls that reached nobody, the citizen counts as unreachable.
pub const CALL_ATTEMPTS_MAX: u32 = 3;

impl Ticket {
    /// A citizen's rating is the follow-up if one is waited for, and a later fact otherwise.
    pub(super) fn rated(&self, solved: Option<bool>, satisfaction: Option<Satisfaction>) -> Event {
        if self.status == Status::Answered {
            Event::FollowedUp {
                reached: true,
                via: Via::Channel,
                contacted: None,
                solved,
                satisfaction,
            }
        } else {
            Event::Rated { solved, satisfaction }
        }
    }

    pub(super) fn followed_up(&self, result: &FollowUpResult) -> Vec<Event> {
        match result {
            FollowUpResult::Reached { contacted, solved, satisfaction } => {
                vec![Event::FollowedUp {
                    reached: true,
                    via: Via::Call,
                    contacted: *contacted,
                    solved: *solved,
                    satisfaction: *satisfaction,
                }]
            }
            FollowUpResult::NoAnswer if self.calls_failed + 1 < CALL_ATTEMPTS_MAX => {
                vec![Event::CallFailed {}]
            }
            FollowUpResult::NoAnswer => vec![
                Event::CallFailed {},
                Event::FollowedUp {
                    reached: false,
                    via: Via::Call,
                    contacted: None,
                    solved: None,
                    satisfaction: None,
                },
            ],
        }
    }

    /// A "no" sends the case back once, under supervision and with a new limit for the unit; otherwise
    /// what was said is what counts.
    pub(super) fn evaluated(&self, context: &Context<'_>) -> Vec<Event> {
        let FollowUp { contacted, solved, satisfaction } = self.follow_up;
        let refused = solved == Some(false) || satisfaction == Some(Satisfaction::Dissatisfied);
        if refused && !self.reopened {
            let terms = Terms::Supervision { to: Owner::SUPERVISOR };
            let supervised = Event::MatterOpened { matter: Matter::Supervision, note: None, terms };
            let watched = self.matters.contains_key(&Matter::Supervision);
            let anew = self.rescheduled((Why::Reopening, None, None), context);
            return [Event::Reopened {}, anew]
                .into_iter()
                .chain((!watched).then_some(supervised))
                .collect();
        }
        // Supervision ends with the case it watches.
        let last = Event::Evaluated { contacted, solved, satisfaction };
        self.closing(Matter::Supervision, true).into_iter().chain([last]).collect()
    }
}
