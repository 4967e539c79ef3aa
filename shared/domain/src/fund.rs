//! The ledger of public money for requests (一诉一议): every fen from the application to the payee.
//!
//! Each owner has one account a year ([`AccountId`]). Its journal is a chain of [`Posting`]s, each of which
//! moves an amount from one part to another, so that debits equal credits by their form; a [`Balance`] and an
//! [`Application`] are what such entries fold to, and nothing else. [`decide`] turns an [`Order`] into entries
//! or a typed [`FundRefusal`]. [`verify_account`] and [`verify_ledger`] find what was altered, from the journals
//! alone.
//!
//! An application goes this way, and each arrow takes the power that [`POWERS`] gives:
//! applied → approved (or refused) → reserved → contracted → accepted → paid, in parts or whole → ended.
//! It can end at any point: before a payment that cancels it. Four eyes hold for all: nobody approves what
//! they asked for, pays what they approved, or reverses what they wrote.
//!
//! Nothing is edited. A wrong entry is reversed by another, once, the last first. A bank that returns a payment
//! reverses it, and the money is reserved again; a payee who gives money back of a right payment refunds it,
//! and it is free again.
//!
//! When a year is over, open applications are carried to the next year's account one by one, and what is left
//! is closed. A closed account takes nothing more: what comes back of it later is the treasury's.

mod account;
mod act;
mod application;
mod balance;
mod change;
mod decide;
mod fault;
mod ids;
mod money;
mod order;
mod posting;
mod powers;
mod refusal;
mod verify;

pub use self::account::{
    AccountId, AccountKind, AccountOwner, CENTRE_FLOOR, FUND_FLOOR, FiscalYear, TOWNSHIP_FLOOR,
};
pub use self::act::{Act, ActKind};
pub use self::application::{Application, Approval, Payment, Refund, Stage};
pub use self::balance::{AccountStatus, Balance};
pub use self::change::{CaseChange, Invoice, LedgerChange};
pub use self::decide::decide;
pub use self::fault::{LedgerFault, Wrong};
pub use self::ids::{ApplicationId, Category, EntryRef, ITEMS_MAX, Item, Items, invoice_hash};
pub use self::money::{Money, MoneyFault};
pub use self::order::{Deed, DeedKind, Occasion, Order, Target, View};
pub use self::posting::{Line, Part, Posting};
pub use self::powers::{CENTRE_APPROVES, POWERS, Power, TOWNSHIP_APPROVES};
pub use self::refusal::FundRefusal;
pub use self::verify::{
    AccountJournal, Books, Totals, Unreconciled, reconcile, verify_account, verify_ledger,
};
