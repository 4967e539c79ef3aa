//! The commands of `lianxin`, and how they speak.

pub(crate) mod bench;
pub(crate) mod calendar;
pub(crate) mod catalog;
pub(crate) mod channels;
pub(crate) mod clock;
pub(crate) mod directory;
pub(crate) mod dispatch;
pub(crate) mod erase;
pub(crate) mod fund;
pub(crate) mod quarantine;
pub(crate) mod redrive;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod ticket;
pub(crate) mod up;
pub(crate) mod verify;
pub(crate) mod worklist;

use std::io::Write as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::city::{DataDir, Tally};

/// One line to the person at the terminal, on standard error; progress and errors.
pub(crate) fn say(line: &str) {
    // If standard error is gone there is nobody to tell.
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// The result, on standard output: one JSON object, or lines for a person.
pub(crate) fn print(json: bool, object: &serde_json::Value, lines: &str) -> anyhow::Result<()> {
    let text = if json { object.to_string() } else { lines.to_owned() };
    writeln!(std::io::stdout(), "{text}").context("cannot write the result")
}

/// Logs JSON lines to `DATA/logs/city.log`; what is worse than a warning also to standard error.
/// `RUST_LOG` filters the file as in the cloud. What channels take in and refuse is counted.
pub(crate) fn init_logging(data: &DataDir) -> anyhow::Result<()> {
    let path = data.logs().join("city.log");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("cannot write {}", path.display()))?;
    let setting = std::env::vars().find(|(name, _)| name == "RUST_LOG").map(|(_, value)| value);
    let filter = lambda::log_filter(setting.as_deref().unwrap_or("info"));
    let to_file = tracing_subscriber::fmt::layer()
        .json()
        .with_target(false)
        .with_writer(std::sync::Mutex::new(file));
    let to_terminal =
        tracing_subscriber::fmt::layer().compact().with_target(false).with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry()
        .with(Tally)
        .with(to_file.with_filter(filter))
        .with(to_terminal.with_filter(EnvFilter::new("error")));
    registry.try_init().context("logging was set up twice")
}
