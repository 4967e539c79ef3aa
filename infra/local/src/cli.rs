//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::city::DataDir;
use crate::commands;

/// 连心 Lianxin: one answer to every citizen's request.
#[derive(Debug, Parser)]
#[command(name = "lianxin", version, about, long_about = None)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    command: Option<Cmd>,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The data directory
    #[arg(long, global = true, default_value = ".lianxin", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Print one JSON object on standard output, and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
enum Cmd {
    /// Run the city on 127.0.0.1 (the default command)
    Up(commands::up::Up),
    /// Send messages as signed webhooks through a city, play its staff, and wait for the archive
    Replay(commands::replay::Replay),
    /// Check the whole city: chains, statuses, indexes, cards, seals, case files, queues
    Verify(commands::verify::Verify),
    /// Look at a ticket, or do something to it
    Ticket(commands::ticket::TicketCmd),
    /// List the open cards of a unit, oldest due first
    Worklist(commands::worklist::Worklist),
    /// Erase a person: destroys the keys of all texts, for ever
    Erase(commands::erase::Erase),
    /// What channels have sent that nobody understood: list it, read it, make it a ticket, drop it
    Quarantine(commands::quarantine::Quarantine),
    /// The fund: its accounts, the money of a case, and every deed on them
    Fund(commands::fund::Fund),
    /// Reports on demand, and whether a report is what was signed
    Report(commands::report::ReportCmd),
    /// Put a queue's dead letters back into it
    Redrive(commands::redrive::Redrive),
    /// What each channel has been told of its requests; send a mail; tell again what was given up
    Channels(commands::channels::Channels),
    /// Who is who in the city: check, import and show the directory
    Directory(commands::directory::Directory),
    /// The dispatch catalog: check it, put it in force, write it as a table
    Catalog(commands::catalog::Catalog),
    /// The classifier: train it, measure it, ask it about a text
    Dispatch(commands::dispatch::Dispatch),
    /// Measure what a ticket costs and how many a second go through, in cities of its own
    Bench(commands::bench::Bench),
    /// City time
    Clock(commands::clock::ClockCmd),
    /// Which days are worked, and which of them are provisional; import the next year's
    Calendar(commands::calendar::Calendar),
}

/// Runs the command line and gives the process's exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome =
        runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run(cli)));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            commands::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let common = cli.common;
    let data = DataDir::open(&common.data)?;
    commands::init_logging(&data)?;
    match cli.command.unwrap_or_else(|| Cmd::Up(commands::up::Up::default())) {
        Cmd::Up(up) => up.run(data, common.json).await,
        Cmd::Replay(replay) => replay.run(data, common.json).await,
        Cmd::Verify(verify) => verify.run(data, common.json).await,
        Cmd::Ticket(ticket) => ticket.run(data, common.json).await,
        Cmd::Worklist(worklist) => worklist.run(data, common.json).await,
        Cmd::Erase(erase) => erase.run(data, common.json).await,
        Cmd::Channels(channels) => channels.run(data, common.json).await,
        Cmd::Quarantine(quarantine) => quarantine.run(data, common.json).await,
        Cmd::Fund(fund) => fund.run(data, common.json).await,
        Cmd::Report(report) => report.run(data, common.json).await,
        Cmd::Redrive(redrive) => redrive.run(data, common.json).await,
        Cmd::Directory(directory) => directory.run(data, common.json).await,
        Cmd::Catalog(catalog) => catalog.run(data, common.json).await,
        Cmd::Dispatch(dispatch) => dispatch.run(data, common.json).await,
        Cmd::Calendar(calendar) => calendar.run(data, common.json).await,
        Cmd::Bench(bench) => bench.run(data, common.json).await,
        Cmd::Clock(clock) => clock.run(data, common.json).await,
    }
}
