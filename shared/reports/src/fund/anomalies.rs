//! What somebody should look at. None of it is a proof of anything: each is a pattern of which audits ask.

mod hours;
mod limits;
mod payments;

use domain::fund::EntryRef;
use serde::Serialize;

use super::ledger::Ledger;
use crate::fault::ReportFault;
use crate::wire;

/// An approval is just under a limit from so many percent of it.
pub const SPLIT_PERCENT: i64 = 80;
/// Approvals belong together within so many days, from the first to the last.
pub const SPLIT_DAYS: i64 = 30;
/// So many townships that pay one payee are many.
pub const TOWNSHIPS_MANY: usize = 3;
/// People work from this hour in Beijing.
pub const HOUR_FROM: u8 = 7;
/// And until this hour.
pub const HOUR_UNTIL: u8 = 22;

/// The kinds of [`Anomaly`], the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyKind {
    /// A payment before the work was accepted; told as long as the application is open or entries name it.
    ///
    /// The ledger lets nobody write that. Who finds one has found a fault of the ledger, somebody who wrote past
    /// it, or a source that lacks the acceptance.
    PaidBeforeAccepted,
    /// Approvals that may be one, split to stay below a limit.
    ///
    /// Two or more approvals for one payee or one ticket, each by a role with a limit and from
    /// [`SPLIT_PERCENT`] of that limit up to it, within [`SPLIT_DAYS`] days from the first to the last,
    /// together over the limit, and at least one of them in the period. The payees of an approval are those
    /// of its payments that stand; an application that ended unpaid does not count.
    SplitUnderLimit,
    /// Payments of the period, that stand, to one payee from the own accounts of [`TOWNSHIPS_MANY`] or more
    /// townships.
    ManyTownships,
    /// An approval of the period of exactly what its role may approve, and exactly that was asked for.
    AtTheLimit,
    /// A payment, that stands, on the day (in Beijing) on which the application was made.
    PaidSameDay,
    /// Entries of one person and one day, on a Saturday or Sunday, or before [`HOUR_FROM`] or from
    /// [`HOUR_UNTIL`] on. A Saturday that was worked for a holiday is one as well.
    OddHours,
    /// Payments of an application whose ticket is not known.
    NoTicket,
}

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Anomaly {
    /// Of which kind.
    pub kind: AnomalyKind,
    /// The entries that it is about.
    #[serde(serialize_with = "wire::texts")]
    pub entries: Vec<EntryRef>,
    /// What it is, in a sentence.
    pub chinese: String,
    /// The same in English.
    pub english: String,
}

impl AnomalyKind {
    /// Every kind, the gravest first.
    pub const ALL: &[Self] = &[
        Self::PaidBeforeAccepted,
        Self::SplitUnderLimit,
        Self::ManyTownships,
        Self::AtTheLimit,
        Self::PaidSameDay,
        Self::OddHours,
        Self::NoTicket,
    ];

    /// Its name in Chinese and English.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaidBeforeAccepted => "验收前支付 Paid before acceptance",
            Self::SplitUnderLimit => "疑似拆分审批 Split under a limit",
            Self::ManyTownships => "多乡镇同一收款单位 One payee of many townships",
            Self::AtTheLimit => "恰为审批限额 Exactly at a limit",
            Self::PaidSameDay => "申请当日支付 Paid on the day of the application",
            Self::OddHours => "非工作时间记账 Written at odd hours",
            Self::NoTicket => "无对应工单 No such ticket",
        }
    }
}

/// All of them, by kind and then by entry.
pub(super) fn find(ledger: &Ledger<'_>) -> Result<Vec<Anomaly>, ReportFault> {
    let mut all = payments::before_acceptance(ledger);
    all.extend(limits::split(ledger)?);
    all.extend(payments::many_townships(ledger));
    all.extend(limits::exactly(ledger));
    all.extend(payments::same_day(ledger));
    all.extend(hours::odd(ledger));
    all.extend(payments::without_ticket(ledger));
    all.sort_by(|one, other| (one.kind, &one.entries).cmp(&(other.kind, &other.entries)));
    Ok(all)
}
