//! What the channels of a running city have taken in and refused since it started, counted from what
//! their functions log: in the cloud the same lines are what metrics are made of.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// By channel, then by outcome; a refusal with its kind.
static COUNTED: Mutex<BTreeMap<String, BTreeMap<String, u64>>> = Mutex::new(BTreeMap::new());

/// Counts. Logs are of the whole process, and so is this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally;

impl Tally {
    /// One object a channel: `received` (new requests), `added` (what was said to them later), `noted`
    /// and `refused`, which is counted by kind.
    pub(super) fn to_json() -> Value {
        let counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |outcomes: &BTreeMap<String, u64>| {
            let count = |name: &str| outcomes.get(name).copied().unwrap_or_default();
            let refused = outcomes.iter().filter_map(|(name, count)| {
                Some((name.strip_prefix("refused ")?.to_owned(), json!(count)))
            });
            json!({
                "received": count("received"),
                "added": count("added"),
                "noted": count("noted"),
                "refused": refused.collect::<serde_json::Map<_, _>>(),
            })
        };
        Value::Object(counted.iter().map(|(name, all)| (name.clone(), of(all))).collect())
    }
}

/// What a line says that is counted.
#[derive(Default)]
struct Line {
    channel: Option<String>,
    outcome: Option<String>,
    kind: Option<String>,
}

impl Line {
    fn note(&mut self, field: &Field, text: &str) {
        let of = match field.name() {
            "channel" => &mut self.channel,
            "outcome" => &mut self.outcome,
            "kind" => &mut self.kind,
            _ => return,
        };
        *of = Some(text.to_owned());
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "channel" {
            self.note(field, &format!("{value:?}"));
        }
    }
}

impl<S: Subscriber> Layer<S> for Tally {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        let (Some(channel), Some(mut outcome)) = (line.channel, line.outcome) else { return };
        if let Some(kind) = line.kind {
            // Of a problem's URN the last part says which.
            outcome = format!("{outcome} {}", kind.rsplit(':').next().unwrap_or_default());
        }
        let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.entry(channel).or_default().entry(outcome).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use domain::ChannelName;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn what_is_taken_and_refused_is_counted_by_channel_and_kind() {
        let channel = ChannelName::parse("tally-test").unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Tally), || {
            for kind in ["stale", "urn:x:problem:wrong-fields", "stale"] {
                tracing::warn!(channel = %channel, outcome = "refused", kind, "refused");
            }
            tracing::info!(channel = %channel, outcome = "received", "request received");
            tracing::info!(channel = %channel, "something else");
        });
        let counted = Tally::to_json();
        let wanted = json!({
            "received": 1, "added": 0, "noted": 0, "refused": { "stale": 2, "wrong-fields": 1 },
        });
        assert_eq!(counted["tally-test"], wanted);
    }
}
