//! What happened, in order: as one hash, by which two runs are compared, and as a story if wanted.

use crate::faults::{Call, Fault};

/// A line of a story.
#[derive(Clone, Debug)]
pub struct Line {
    /// When, in milliseconds since the run began.
    pub at: i64,
    /// What it is about: a ticket, a key, a queue.
    pub subject: String,
    /// What happened.
    pub text: String,
}

/// A run's trace.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    story: Option<Vec<Line>>,
}

impl Trace {
    pub(crate) fn new(story: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, story: story.then(Vec::new) }
    }

    fn mix(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// A call of a port.
    pub(crate) fn call(
        &mut self,
        now: i64,
        (role, call, fault): (usize, Call, Option<Fault>),
        subject: &str,
    ) {
        self.mix(&now.to_le_bytes());
        self.mix(&[role as u8, call as u8, fault.map_or(255, |fault| fault as u8)]);
        self.mix(subject.as_bytes());
        if let Some(story) = &mut self.story {
            let who = crate::world::ROLES[role];
            let fault = fault.map_or_else(String::new, |fault| format!(": {fault:?}"));
            let text = format!("{who} {call:?}{fault}");
            story.push(Line { at: now, subject: subject.to_owned(), text });
        }
    }

    /// Anything else that is worth a line.
    pub(crate) fn note(&mut self, now: i64, subject: &str, text: impl FnOnce() -> String) {
        self.mix(&now.to_le_bytes());
        self.mix(subject.as_bytes());
        if let Some(story) = &mut self.story {
            story.push(Line { at: now, subject: subject.to_owned(), text: text() });
        }
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn story(&mut self) -> Vec<Line> {
        self.story.take().unwrap_or_default()
    }
}
