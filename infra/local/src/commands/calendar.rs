//! `lianxin calendar`: which days are worked, and how sure that is.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use domain::Timestamp;
use serde_json::{Value, json};

use super::print;

/// So many days are printed at most.
const DAYS_MAX: usize = 10_000;

/// Which days are worked by the calendar in force, and which of them are provisional: their year is not
/// published yet
#[derive(Debug, Args)]
pub(crate) struct Calendar {
    /// The first day, such as 2026-01-01
    #[arg(value_parser = day, value_name = "DATE")]
    from: Timestamp,
    /// The last day
    #[arg(value_parser = day, value_name = "DATE")]
    to: Timestamp,
}

fn day(text: &str) -> Result<Timestamp, String> {
    let at = Timestamp::parse(&format!("{text}T00:00:00+08:00"));
    at.map_err(|_fault| "not a date such as 2026-01-01".to_owned())
}

impl Calendar {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<ExitCode> {
        let days = (self.to.millis() - self.from.millis()) / Timestamp::DAY_MS + 1;
        let Some(days) = usize::try_from(days).ok().filter(|days| (1..=DAYS_MAX).contains(days))
        else {
            bail!("from the first day to the last there must be 1 to {DAYS_MAX} days");
        };
        let calendar = lambda::calendar();
        let (mut rows, mut lines) = (Vec::new(), vec![format!("calendar {}", calendar.version())]);
        let starts =
            std::iter::successors(Some(self.from), |at| Some(at.plus_millis(Timestamp::DAY_MS)));
        for at in starts.take(days) {
            let date = at.beijing_date();
            let (worked, published) = (calendar.is_workday(date), calendar.is_published(date));
            let kind = if worked { "work" } else { "rest" };
            let sure = if published { "" } else { " provisional" };
            lines.push(format!("{date} {kind}{sure}"));
            rows.push(
                json!({ "date": date.to_string(), "worked": worked, "published": published }),
            );
        }
        let seen = json!({ "version": calendar.version(), "days": Value::Array(rows) });
        print(json, &seen, &lines.join("\n"))?;
        Ok(ExitCode::SUCCESS)
    }
}
