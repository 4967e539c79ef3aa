//! The figures of a report.

use domain::fund::{
    AccountId, AccountOwner, AccountStatus, ActKind, ApplicationId, Category, EntryRef, Money,
    Posting, Stage,
};
use domain::{Actor, Hash, PayeeCode, RegionCode, TicketId, Timestamp};
use serde::Serialize;

use super::Anomaly;
use crate::manifest::Position;
use crate::net::Net;
use crate::period::Period;
use crate::wire;

/// All that a report says. Written as JSON, amounts are whole fen.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The form of the JSON: [`super::SCHEMA`].
    pub schema: &'static str,
    /// The division.
    #[serde(serialize_with = "wire::text")]
    pub region: RegionCode,
    /// The period.
    #[serde(serialize_with = "wire::text")]
    pub period: Period,
    /// Whether it is over; else the report is preliminary.
    #[serde(rename = "final")]
    pub over: bool,
    /// Up to when the journals were read: the end of the period if it is over, else the last entry's time.
    #[serde(serialize_with = "wire::text")]
    pub as_of: Timestamp,
    /// How far each journal had come.
    pub position: Vec<Position>,
    /// The version of the directory that units are called by.
    pub directory: u32,
    /// Each account.
    pub accounts: Vec<AccountFigures>,
    /// All accounts together. What is carried or transferred from one to another is in both.
    pub totals: Parts,
    /// What payees got less what they gave back, by township; by account what is no township's.
    pub townships: Vec<TownshipGroup>,
    /// The same by category.
    pub categories: Vec<Group>,
    /// The same by payee.
    pub payees: Vec<Group>,
    /// What was paid in each month of the period, or on each day of a month.
    pub paid: Vec<Paid>,
    /// What is reserved at the end, the oldest first.
    pub reservations: Vec<Reservation>,
    /// The same by age.
    pub ages: Vec<Age>,
    /// Every payment of the period.
    pub payouts: Vec<Payout>,
    /// Every refund and reversal of the period.
    pub returned: Vec<Returned>,
    /// How many applications were made, approved and refused.
    pub counts: Counts,
    /// The applications that were made, approved or refused in the period.
    pub requests: Vec<Request>,
    /// What somebody should look at.
    pub anomalies: Vec<Anomaly>,
    /// Every entry of the period. They are in the tables; the JSON has what follows from them.
    #[serde(skip)]
    pub postings: Vec<PostingRow>,
}

/// Where money of an account is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Free.
    pub available: Net,
    /// Laid aside for applications.
    pub reserved: Net,
    /// With payees, without what they gave back.
    pub paid: Net,
}

/// What entries of one kind have moved in the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    /// The kind.
    #[serde(serialize_with = "wire::text")]
    pub kind: ActKind,
    /// What they moved.
    pub done: Net,
    /// What reversals in the period moved back, also of earlier entries.
    pub undone: Net,
}

/// An account in the period.
#[derive(Clone, Debug, Serialize)]
pub struct AccountFigures {
    /// Which.
    #[serde(serialize_with = "wire::text")]
    pub account: AccountId,
    /// What it is called.
    pub name: String,
    /// Whether it takes entries at the end.
    #[serde(serialize_with = "wire::text")]
    pub status: AccountStatus,
    /// What it had before the period.
    pub opening: Parts,
    /// What it has at the end.
    pub closing: Parts,
    /// What was moved in between, by kind; kinds that moved nothing are left out.
    pub movements: Vec<Movement>,
    /// What the treasury has given since the year began, without what was reversed.
    #[serde(serialize_with = "wire::fen")]
    pub appropriated: Money,
    /// What came in since the year began, without what went out: by the ledger's own account of it.
    pub came: Net,
    /// The least that is to be appropriated in a year.
    #[serde(serialize_with = "wire::fen")]
    pub floor: Money,
    /// How much of that is missing at the end.
    #[serde(serialize_with = "wire::maybe_fen")]
    pub below_floor: Option<Money>,
    /// Paid and reserved over appropriated, in ten thousandths; nothing while nothing is appropriated.
    pub used: Option<i64>,
    /// How many applications are open in it.
    pub applications: u32,
}

/// What belongs together, and what was moved for it in the period; reversals are subtracted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// By what it is found: a code.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// What was reserved.
    pub reserved: Net,
    /// What was paid.
    pub paid: Net,
    /// What payees gave back.
    pub refunded: Net,
    /// What was reserved and became free again.
    pub released: Net,
    /// Paid less refunded.
    pub net: Net,
    /// How many payments were made, without those undone in the period.
    pub payouts: i64,
}

/// A township, or an account of the city for what is no township's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TownshipGroup {
    /// All together.
    #[serde(flatten)]
    pub group: Group,
    /// Paid less refunded out of its own account.
    pub own: Net,
    /// Paid less refunded out of the special fund and the command centre's account, for what its people
    /// applied for.
    pub city: Net,
}

/// What was paid in a part of the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// The part: a month or a day.
    #[serde(serialize_with = "wire::text")]
    pub period: Period,
    /// Paid less reversed.
    pub paid: Net,
    /// Refunded less reversed.
    pub refunded: Net,
}

/// What is reserved for an application at the end of the period.
#[derive(Clone, Debug, Serialize)]
pub struct Reservation {
    /// The application.
    #[serde(serialize_with = "wire::text")]
    pub application: ApplicationId,
    /// Its ticket's public number, if the ticket is known.
    pub number: Option<String>,
    /// The account that it is in.
    #[serde(serialize_with = "wire::text")]
    pub account: AccountId,
    /// The entry that reserved it.
    #[serde(serialize_with = "wire::maybe")]
    pub entry: Option<EntryRef>,
    /// When.
    #[serde(serialize_with = "wire::maybe")]
    pub since: Option<Timestamp>,
    /// Whole days from then to the position.
    pub days: i64,
    /// What is still reserved.
    pub amount: Net,
    /// How far the application has come; nothing when its entries are out of order.
    #[serde(serialize_with = "wire::maybe")]
    pub stage: Option<Stage>,
}

/// What is reserved so long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Age {
    /// From so many days.
    pub from: i64,
    /// To so many.
    pub to: Option<i64>,
    /// How many reservations.
    pub count: usize,
    /// How much.
    pub amount: Net,
}

/// A payment of the period, with all by which it can be checked.
#[derive(Clone, Debug, Serialize)]
pub struct Payout {
    /// The entry.
    #[serde(serialize_with = "wire::text")]
    pub entry: EntryRef,
    /// When.
    #[serde(serialize_with = "wire::text")]
    pub at: Timestamp,
    /// How much.
    #[serde(serialize_with = "wire::fen")]
    pub amount: Money,
    /// Whom.
    #[serde(serialize_with = "wire::text")]
    pub payee: PayeeCode,
    /// The hash of the payee and the invoice's number.
    #[serde(serialize_with = "wire::text")]
    pub invoice: Hash,
    /// Who paid.
    #[serde(serialize_with = "wire::text")]
    pub by: Actor,
    /// The application.
    #[serde(serialize_with = "wire::text")]
    pub application: ApplicationId,
    /// What it is for.
    #[serde(serialize_with = "wire::text")]
    pub category: Category,
    /// How far it has come; nothing when its entries are out of order.
    #[serde(serialize_with = "wire::maybe")]
    pub stage: Option<Stage>,
    /// Its ticket.
    #[serde(serialize_with = "wire::text")]
    pub ticket: TicketId,
    /// The ticket's public number, if the ticket is known.
    pub number: Option<String>,
    /// The key of the case file in the archive, if the ticket is known.
    pub dossier: Option<String>,
    /// Who applied.
    #[serde(serialize_with = "wire::text")]
    pub applicant: Actor,
    /// Who approved.
    #[serde(serialize_with = "wire::maybe")]
    pub approver: Option<Actor>,
    /// The approval.
    #[serde(serialize_with = "wire::maybe")]
    pub approval: Option<EntryRef>,
    /// How much was approved.
    #[serde(serialize_with = "wire::maybe_fen")]
    pub approved: Option<Money>,
    /// The entry that names the contract or work note.
    #[serde(serialize_with = "wire::maybe")]
    pub contract: Option<EntryRef>,
    /// The entry that names the acceptance.
    #[serde(serialize_with = "wire::maybe")]
    pub acceptance: Option<EntryRef>,
    /// How much of it came back up to the end of the period.
    pub refunded: Net,
    /// The entry that undid it.
    #[serde(serialize_with = "wire::maybe")]
    pub reversal: Option<EntryRef>,
}

/// A refund or a reversal of the period.
#[derive(Clone, Debug, Serialize)]
pub struct Returned {
    /// The entry.
    #[serde(serialize_with = "wire::text")]
    pub entry: EntryRef,
    /// When.
    #[serde(serialize_with = "wire::text")]
    pub at: Timestamp,
    /// A refund, or a reversal.
    #[serde(serialize_with = "wire::text")]
    pub kind: ActKind,
    /// What a reversal undoes.
    #[serde(serialize_with = "wire::maybe")]
    pub reverses: Option<ActKind>,
    /// How much.
    #[serde(serialize_with = "wire::fen")]
    pub amount: Money,
    /// The entry that it gives back or undoes.
    #[serde(serialize_with = "wire::maybe")]
    pub of: Option<EntryRef>,
    /// The payee, if it is about a payment.
    #[serde(serialize_with = "wire::maybe")]
    pub payee: Option<PayeeCode>,
    /// The application, if it is about one.
    #[serde(serialize_with = "wire::maybe")]
    pub application: Option<ApplicationId>,
    /// Who.
    #[serde(serialize_with = "wire::text")]
    pub by: Actor,
}

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many.
    pub count: i64,
    /// How much.
    pub amount: Net,
}

/// Applications of the period, each by its own time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Made, and what was asked for.
    pub asked: Count,
    /// Approved, and what was approved.
    pub approved: Count,
    /// Refused, and what was asked for.
    pub refused: Count,
}

/// An application that was made, approved or refused in the period.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Which.
    #[serde(serialize_with = "wire::text")]
    pub application: ApplicationId,
    /// Its ticket's public number, if the ticket is known.
    pub number: Option<String>,
    /// The account that it is in.
    #[serde(serialize_with = "wire::text")]
    pub account: AccountId,
    /// What it is for.
    #[serde(serialize_with = "wire::text")]
    pub category: Category,
    /// When it was made.
    #[serde(serialize_with = "wire::text")]
    pub applied: Timestamp,
    /// How much was asked for, if in the period.
    #[serde(serialize_with = "wire::maybe_fen")]
    pub asked: Option<Money>,
    /// How much was approved, if in the period.
    #[serde(serialize_with = "wire::maybe_fen")]
    pub approved: Option<Money>,
    /// How much was asked for and refused, if in the period.
    #[serde(serialize_with = "wire::maybe_fen")]
    pub refused: Option<Money>,
    /// How far it has come; nothing when its entries are out of order.
    #[serde(serialize_with = "wire::maybe")]
    pub stage: Option<Stage>,
}

/// An entry of the period, with what it is counted under.
#[derive(Clone, Debug)]
pub struct PostingRow {
    /// The entry itself.
    pub posting: Posting,
    /// Whom it pays, or whose payment it gives back or undoes.
    pub payee: Option<PayeeCode>,
    /// What its application is for.
    pub category: Option<Category>,
    /// Under which township it is counted, or under which account.
    pub township: AccountOwner,
    /// The entry that it gives back or undoes.
    pub of: Option<EntryRef>,
}
