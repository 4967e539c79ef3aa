//! Reports on the fund (一诉一议): what its journals say of a period, to the fen.
//!
//! [`figures`] folds every book and every application again and holds the one to the other: what is reported
//! can only be what the entries say, and a source with something missing or altered is a [`ReportFault`] that
//! names it. [`files`] writes the figures down.

mod accounts;
mod anomalies;
mod cases;
mod cover;
mod figures;
mod groups;
mod ledger;
mod listed;
mod making;
mod page;
mod tables;
mod words;

use std::collections::BTreeMap;

use domain::fund::{ApplicationId, Balance, Posting};
use domain::{PublicNumber, RegionCode, TicketId, UnitCode};

pub use self::anomalies::{
    Anomaly, AnomalyKind, HOUR_FROM, HOUR_UNTIL, SPLIT_DAYS, SPLIT_PERCENT, TOWNSHIPS_MANY,
};
pub use self::figures::{
    AccountFigures, Age, Count, Counts, Figures, Group, Movement, Paid, Parts, Payout, PostingRow,
    Request, Reservation, Returned, TownshipGroup,
};
use crate::fault::ReportFault;
use crate::file::ReportFile;
use crate::manifest::{self, ManifestFault, Vouched};
use crate::period::Period;

/// What the report is called in its manifest and in the names of its files.
pub const REPORT: &str = "fund";

/// The form of the figures as JSON.
pub const SCHEMA: &str = "fund_report.v1";

/// What a report is made from: entries of the ledger, and by what names its readers know what these name.
#[derive(Clone, Debug)]
pub struct Source {
    /// The division.
    pub region: RegionCode,
    /// The period.
    pub period: Period,
    /// Whether it is over. Else the books end with the last entry that there was, and the report is
    /// preliminary.
    pub over: bool,
    /// The accounts that had an entry before the end of the period and were not closed before it began.
    pub books: Vec<Book>,
    /// Of every application that is open at the end, or that an entry of the period names: all its entries
    /// up to the end, on whatever account, the oldest first.
    pub cases: BTreeMap<ApplicationId, Vec<Posting>>,
    /// The tickets of these applications.
    pub tickets: BTreeMap<TicketId, TicketRef>,
    /// The townships and subdistricts, and what they are called.
    pub units: BTreeMap<UnitCode, String>,
    /// The version of the directory that they are called so by.
    pub directory: u32,
}

/// An account in a period.
#[derive(Clone, Debug)]
pub struct Book {
    /// Its balance before the period; [`Balance::new`] if it had none.
    pub opening: Balance,
    /// Its entries in the period, in order: all with `from ≤ at < until` that there are.
    pub entries: Vec<Posting>,
}

/// How a ticket is found by people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRef {
    /// Its public number.
    pub number: PublicNumber,
    /// The key of its case file in the archive.
    pub dossier: String,
}

/// What the ledger says of a period.
///
/// # Errors
/// [`ReportFault`] names the entry, the application or the sum that is wrong.
pub fn figures(source: &Source) -> Result<Figures, ReportFault> {
    making::figures(&ledger::Ledger::read(source)?)
}

/// The files of a report: a workbook, three tables as CSV, all figures as JSON, and a page to print.
///
/// # Errors
/// [`ReportFault::File`] when one cannot be written.
pub fn files(figures: &Figures) -> Result<Vec<ReportFile>, ReportFault> {
    let tables = tables::Tables::of(figures)?;
    let name = |rest: &str| format!("{REPORT}-{}{rest}", figures.period);
    let json = serde_json::to_vec_pretty(figures).map_err(|why| ReportFault::file("json", &why))?;
    Ok(vec![
        ReportFile {
            name: name(".xlsx"),
            media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            bytes: crate::xlsx::workbook(&cover::of(figures), &tables.all(), figures.as_of)?,
        },
        crate::csv_file::csv_file(
            name("-balances.csv"),
            // Account and name stand in both.
            &tables.balances.beside(&tables.budget, 2),
        )?,
        crate::csv_file::csv_file(name("-payouts.csv"), &tables.payouts)?,
        crate::csv_file::csv_file(name("-postings.csv"), &tables.postings)?,
        ReportFile { name: name(".json"), media_type: "application/json", bytes: json },
        ReportFile {
            name: name(".html"),
            media_type: "text/html; charset=utf-8",
            bytes: page::page(figures, &tables).into_bytes(),
        },
    ])
}

/// The signed manifest of a report's files.
///
/// # Errors
/// See [`crate::sign`].
pub fn manifest(
    figures: &Figures,
    files: &[ReportFile],
    seed: &[u8; 32],
) -> Result<ReportFile, ManifestFault> {
    let vouched = Vouched {
        report: REPORT,
        region: &figures.region,
        period: figures.period,
        over: figures.over,
        as_of: figures.as_of,
        position: &figures.position,
        directory: figures.directory,
        files,
    };
    manifest::sign(&vouched, seed)
}
