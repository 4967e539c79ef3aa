//! `lianxin calendar`: which days are worked, and how sure that is.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::Timestamp;
use lambda::import_calendar;
use serde_json::{Value, json};

use super::print;
use crate::city::{Access, DESK, DataDir};

/// So many days are printed at most.
const DAYS_MAX: usize = 10_000;

/// Which days are worked by the calendar in force, and which of them are provisional: their year is not
/// published yet
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Calendar {
    #[command(subcommand)]
    action: Option<Action>,
    /// The first day, such as 2026-01-01
    #[arg(value_parser = day, value_name = "DATE", required = true)]
    from: Option<Timestamp>,
    /// The last day
    #[arg(value_parser = day, value_name = "DATE", required = true)]
    to: Option<Timestamp>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Put a calendar in force as the next version: the whole of it, as infra/city/calendar.csv. Open
    /// tickets are brought to it within minutes, each with an event that says so
    Import {
        /// Lines of `date,kind,name` after a heading; `rest`, `work` or `statutory`
        file: PathBuf,
    },
}

fn day(text: &str) -> Result<Timestamp, String> {
    let at = Timestamp::parse(&format!("{text}T00:00:00+08:00"));
    at.map_err(|_fault| "not a date such as 2026-01-01".to_owned())
}

impl Calendar {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        let outcome = self.with(&access, json).await;
        access.close().await?;
        outcome
    }

    async fn with(self, access: &Access, json: bool) -> anyhow::Result<ExitCode> {
        let world = access.world(DESK)?;
        if let Some(Action::Import { file }) = &self.action {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {} as UTF-8", file.display()))?;
            let (version, is_new) = import_calendar(&world, &text)
                .await
                .with_context(|| format!("{} was not imported", file.display()))?;
            let said = if is_new {
                format!("imported as {version}; open tickets are brought to it within minutes")
            } else {
                format!("it says nothing new: still {version}")
            };
            print(json, &json!({ "version": version, "imported": is_new }), &said)?;
            return Ok(ExitCode::SUCCESS);
        }
        let (Some(from), Some(to)) = (self.from, self.to) else { bail!("name two days") };
        let days = (to.millis() - from.millis()) / Timestamp::DAY_MS + 1;
        let Some(days) = usize::try_from(days).ok().filter(|days| (1..=DAYS_MAX).contains(days))
        else {
            bail!("from the first day to the last there must be 1 to {DAYS_MAX} days");
        };
        let calendar = world.rules.calendar().await?;
        let (mut rows, mut lines) = (Vec::new(), vec![format!("calendar {}", calendar.version())]);
        let starts =
            std::iter::successors(Some(from), |at| Some(at.plus_millis(Timestamp::DAY_MS)));
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
