//! The figures as tables: once, for the workbook, the page and the CSV files alike.
//!
//! Wherever a figure can be had from the entries, its cell is a formula over the sheet of entries: whoever
//! opens the workbook can follow each one down to them, and the checks below the tables must stay 0.00.

mod accounts;
mod groups;
mod lists;
mod postings;

use super::figures::Figures;
use crate::fault::ReportFault;
use crate::table::Table;

/// All tables of a report.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) balances: Table,
    pub(super) budget: Table,
    pub(super) movements: Table,
    pub(super) postings: Table,
    pub(super) payouts: Table,
    pub(super) returned: Table,
    pub(super) requests: Table,
    pub(super) reservations: Table,
    pub(super) ages: Table,
    pub(super) categories: Table,
    pub(super) payees: Table,
    pub(super) townships: Table,
    pub(super) anomalies: Table,
}

impl Tables {
    pub(super) fn of(figures: &Figures) -> Result<Self, ReportFault> {
        let postings = postings::postings(figures);
        let payouts = lists::payouts(figures, &postings)?;
        let balances = accounts::balances(figures, &postings)?;
        let reservations = lists::reservations(figures, &balances)?;
        Ok(Self {
            budget: accounts::budget(figures, &balances)?,
            movements: accounts::movements(figures, &postings)?,
            returned: lists::returned(figures),
            requests: lists::requests(figures),
            ages: lists::ages(figures, &reservations)?,
            categories: groups::categories(figures, &postings)?,
            payees: groups::payees(figures, &postings)?,
            townships: groups::townships(figures, &postings)?,
            anomalies: lists::anomalies(figures),
            balances,
            postings,
            payouts,
            reservations,
        })
    }

    /// In the order of the sheets.
    pub(super) const fn all(&self) -> [&Table; 13] {
        [
            &self.balances,
            &self.budget,
            &self.movements,
            &self.postings,
            &self.payouts,
            &self.returned,
            &self.requests,
            &self.reservations,
            &self.ages,
            &self.categories,
            &self.payees,
            &self.townships,
            &self.anomalies,
        ]
    }
}
