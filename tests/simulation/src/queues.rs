//! Queues as SQS has them: at least once, in no order, with a time in which a message that is worked
//! on is not seen, and dead letters for what came too often.

use domain::Step;

use crate::core::State;
use crate::faults::QueueFault;

/// The queues: one for each step, that of the uploads, and that of the tellings.
pub(crate) const QUEUES: usize = 8;
/// The queue of the uploads.
pub(crate) const UPLOADS: usize = 6;
/// The queue of what channels are to be told; the channels share it.
pub(crate) const TELLINGS: usize = 7;

/// So much poison in a run: what comes again must not breed.
pub(crate) const POISON_MAX: u32 = 20;

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) body: String,
    pub(crate) visible: i64,
    pub(crate) receives: u32,
}

/// All queues.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    pub(crate) all: [Vec<Message>; QUEUES],
    /// Until when each function is out of order.
    pub(crate) out_until: [i64; QUEUES],
    /// Queues to be looked at, and when.
    pub(crate) wake: Vec<(i64, usize)>,
    /// How much poison there was.
    pub(crate) poisoned: u32,
    /// What was buried by the functions, with the reason.
    pub(crate) buried: Vec<(String, String)>,
    last: u64,
}

pub(crate) const fn queue_of(step: Step) -> usize {
    match step {
        Step::Intake => 0,
        Step::Dispatch => 1,
        Step::Handling => 2,
        Step::Feedback => 3,
        Step::Evaluation => 4,
        Step::Archive => 5,
    }
}

impl State {
    /// Takes a message in: it may be lost, doubled, or come late.
    pub(crate) fn enqueue(&mut self, queue: usize, body: &str) {
        if self.strikes(QueueFault::Lost) {
            let now = self.now;
            self.trace.note(now, body, || "the message is lost".to_owned());
            return;
        }
        let copies = if self.strikes(QueueFault::Doubled) { 2 } else { 1 };
        for _ in 0..copies {
            let late = self.strikes(QueueFault::Late);
            let longest = 2 * self.settings.lease_ms;
            let visible = self.now + if late { self.rng.time(longest) } else { 0 };
            self.push(queue, (body.to_owned(), visible, 0));
        }
    }

    fn push(&mut self, queue: usize, (body, visible, receives): (String, i64, u32)) {
        let queues = &mut self.queues;
        queues.last += 1;
        queues.all[queue].push(Message { id: queues.last, body, visible, receives });
        queues.wake.push((visible, queue));
    }

    /// Takes a batch out, in any order; what came too often goes to the dead letters.
    pub(crate) fn receive(&mut self, queue: usize) -> Vec<Message> {
        let (now, batch) = (self.now, self.settings.batch);
        let visible_again = now + self.settings.visibility_ms;
        let mut taken = Vec::new();
        while taken.len() < batch {
            let all = &self.queues.all[queue];
            let seen: Vec<usize> =
                (0..all.len()).filter(|at| all[*at].visible <= now).take(3 * batch).collect();
            if seen.is_empty() {
                break;
            }
            let at = self.rng.pick(&seen);
            let max = self.settings.receives_max;
            let message = &mut self.queues.all[queue][at];
            message.receives += 1;
            message.visible = visible_again;
            if message.receives > max {
                self.queues.all[queue].remove(at);
                self.coverage.queue(QueueFault::Dead);
                continue;
            }
            taken.push(message.clone());
        }
        self.queues.wake.extend(taken.iter().map(|message| (message.visible, queue)));
        taken
    }

    /// Deletes a message that was dealt with; the deletion may be lost.
    pub(crate) fn acknowledge(&mut self, queue: usize, id: u64) {
        if !self.strikes(QueueFault::DeleteLost) {
            self.queues.all[queue].retain(|message| message.id != id);
        }
    }

    /// Whether a queue has something to be taken now.
    pub(crate) fn is_waiting(&self, queue: usize) -> bool {
        self.queues.all[queue].iter().any(|message| message.visible <= self.now)
    }

    /// Puts something that is no message, or one of a version to come, among the messages.
    pub(crate) fn poison(&mut self, queue: usize) {
        self.queues.poisoned += 1;
        let kinds = [
            // SQS takes no message without a body.
            " ",
            "{}",
            r#"{"type":"ticket_hint_v2","ticket":"0123456789abcdefghjkmnpqrs","version":1}"#,
            r#"{"type":"ticket_hint_v1","ticket":"0123456789abcdefghjkmnpqrs","version":1}"#,
        ];
        let body = self.rng.pick(&kinds).to_owned();
        let now = self.now;
        self.push(queue, (body, now, 0));
    }
}
