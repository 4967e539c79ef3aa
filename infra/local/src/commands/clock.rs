//! `lianxin clock`: shows and moves city time.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::Timestamp;
use ports::Clock as _;
use serde_json::json;

use super::print;
use crate::city::{CityClock, DataDir};

/// City time
#[derive(Debug, Args)]
pub(crate) struct ClockCmd {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show city time and wall time
    Show,
    /// Move city time forward, for example by `90m`, `36h` or `14d`; it never goes back
    Advance {
        /// How far: a number and `s`, `m`, `h` or `d`
        duration: String,
    },
}

impl ClockCmd {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let clock = CityClock::open(&data)?;
        if let What::Advance { duration } = &self.command {
            let ms = parse_duration(duration).with_context(|| {
                format!("{duration:?} is not a duration such as 90m, 36h or 14d")
            })?;
            // A running city takes it over at its next tick.
            clock.advance_to(clock.now().plus_millis(ms))?;
        }
        let (city, wall) = (clock.now().to_string(), clock.wall().to_string());
        let lines = format!("city time  {city}\nwall time  {wall}");
        print(json, &json!({ "city_time": city, "wall_time": wall }), &lines)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn parse_duration(text: &str) -> Option<i64> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1000,
        "m" => Timestamp::MINUTE_MS,
        "h" => Timestamp::HOUR_MS,
        "d" => Timestamp::DAY_MS,
        _ => return None,
    };
    count.parse::<u32>().ok().map(|count| i64::from(count) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(parse_duration("90m"), Some(5_400_000));
        assert_eq!(parse_duration("14d"), Some(14 * Timestamp::DAY_MS));
        for bad in ["", "d", "-1d", "1w", "1.5h", "日"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }
}
