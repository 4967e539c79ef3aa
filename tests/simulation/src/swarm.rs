//! Many runs, on as many cores as there are, each from its own seed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::city::{Outcome, run};
use crate::faults::Coverage;
use crate::settings::Settings;

/// So many lines of a story are told.
const LINES_MAX: usize = 400;

/// What many runs came to.
#[derive(Debug, Default)]
pub struct Swarm {
    /// How many runs.
    pub runs: u64,
    /// How many tickets.
    pub tickets: u64,
    /// What they covered, together.
    pub coverage: Coverage,
    /// The runs in which something must never have been, by seed.
    pub broken: BTreeMap<u64, Outcome>,
}

impl Swarm {
    fn add(&mut self, outcome: Outcome) {
        self.runs += 1;
        self.tickets += outcome.tickets;
        self.coverage.merge(&outcome.coverage);
        if !outcome.violations.is_empty() {
            self.broken.insert(outcome.seed, outcome);
        }
    }

    /// Runs seeds from `first` on, each with the settings that `of` gives it, until `enough`.
    pub fn fly(
        first: u64,
        of: impl Fn(u64) -> Settings + Sync,
        enough: impl Fn(&Self) -> bool + Sync,
    ) -> Self {
        let (next, swarm) = (AtomicU64::new(first), Mutex::new(Self::default()));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let one = || {
            let outcome = run(&of(next.fetch_add(1, Ordering::Relaxed)));
            let mut swarm = swarm.lock().unwrap();
            swarm.add(outcome);
            enough(&swarm)
        };
        std::thread::scope(|scope| {
            (0..cores).for_each(|_| drop(scope.spawn(|| while !one() {})));
        });
        swarm.into_inner().unwrap()
    }

    /// Flies for so many seconds.
    #[must_use]
    pub fn fly_for(seconds: u64, first: u64) -> Self {
        let began = Instant::now();
        Self::fly(first, Settings::swarm, |_| began.elapsed().as_secs() >= seconds)
    }

    /// Fails with seed and story of the first run that is broken.
    ///
    /// # Panics
    /// When one is.
    #[track_caller]
    pub fn assert_whole(&self) {
        if let Some(seed) = self.broken.keys().next() {
            panic!(
                "{} of {} runs are broken; the first:\n{}",
                self.broken.len(),
                self.runs,
                story(&Settings::swarm(*seed))
            );
        }
    }
}

/// Runs it once more and tells what happened to the first ticket that it broke.
#[must_use]
pub fn story(settings: &Settings) -> String {
    let outcome = run(&Settings { story: true, ..settings.clone() });
    let mut text = format!(
        "seed {}: {:?}\n",
        settings.seed,
        Settings { plan: BTreeMap::new(), ..settings.clone() }
    );
    for violation in &outcome.violations {
        text.push_str(&format!("  {}: {}\n", violation.subject, violation.text));
    }
    let Some(first) = outcome.violations.first() else { return text + "  nothing is broken\n" };
    let about: Vec<_> =
        outcome.story.iter().filter(|line| line.subject.contains(&first.subject)).collect();
    text.push_str(&format!("the story of {}, {} lines:\n", first.subject, about.len()));
    for line in about.iter().rev().take(LINES_MAX).rev() {
        text.push_str(&format!("  {:>12} {}\n", line.at - crate::core::START_MS, line.text));
    }
    text
}
