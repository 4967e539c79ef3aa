//! `lianxin fund`: the money of requests (一诉一议), from the application to the payee.

mod deed;
mod show;
mod year;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::city::{Access, DESK, DataDir};

/// The fund: its accounts, the money of a case, and every deed on them
#[derive(Debug, Args)]
pub(crate) struct Fund {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The accounts of a year: what is free, reserved and paid
    Accounts(show::Accounts),
    /// An application, or all of a ticket
    Show(show::Show),
    /// The entries of an account
    Journal(show::Journal),
    /// Play a year of the fund in a fresh city
    Year(year::Year),
    #[command(flatten)]
    Deed(deed::Deed),
}

impl Fund {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        let world = access.world(DESK)?;
        match self.command {
            What::Accounts(accounts) => accounts.run(&world, json).await?,
            What::Show(show) => show.run(&world, json).await?,
            What::Journal(journal) => journal.run(&world, json).await?,
            What::Year(year) => year.run(&access, json).await?,
            What::Deed(deed) => deed.run(&world, json).await?,
        }
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
