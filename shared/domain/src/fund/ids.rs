//! What the ledger's entries name: applications, other entries, invoices and items.

use crate::fund::account::AccountId;
use crate::fund::money::Money;
use crate::hash::Hash;
use crate::ids::{IdFault, PayeeCode, TicketId};
use crate::record::{RecordFault, Text, text_enum};

/// So many items stand in one application at most.
pub const ITEMS_MAX: usize = 50;

/// An application for money: the ticket it is for, and the how manieth of that ticket, from 1.
///
/// So whatever names an application names its ticket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApplicationId {
    /// The ticket.
    pub ticket: TicketId,
    /// Its application's number.
    pub number: u16,
}

/// An entry of the ledger: its account and its place there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryRef {
    /// The account.
    pub account: AccountId,
    /// Its place in the account's journal, from 1.
    pub seq: u32,
}

text_enum!(
    /// What is built or mended. Our reading: the source names public works and no list.
    Category, "the name of a category" {
        /// 道路.
        Road = "road",
        /// 供水排水.
        Water = "water",
        /// 照明供电.
        Power = "power",
        /// 供暖供气.
        Heating = "heating",
        /// 环境卫生.
        Environment = "environment",
        /// 安全隐患.
        Safety = "safety",
        /// 公共设施.
        Facility = "facility",
        /// 其他.
        Other = "other",
    }
);

/// One item of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub category: Category,
    /// What it is estimated to cost.
    pub estimate: Money,
}

/// The items of an application, such as `road=1200000,power=30000` (fen), in the order of its paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items(pub Vec<Item>);

/// The hash by which the ledger knows an invoice (发票): of the payee and its number, without blanks, in
/// capitals and in narrow letters, so that one invoice that was typed twice is still one.
#[must_use]
pub fn invoice_hash(payee: &PayeeCode, number: &str) -> Hash {
    let number: String = number.chars().filter(|c| !c.is_whitespace()).map(narrow).collect();
    let number = number.to_uppercase();
    Hash::of("lianxin.fund.invoice.v1", &[payee.as_str().as_bytes(), number.as_bytes()])
}

/// A character as it is typed without a Chinese keyboard: `Ａ` and `－` are `A` and `-`.
fn narrow(wide: char) -> char {
    let code = u32::from(wide);
    let ascii = (0xFF01..=0xFF5E).contains(&code).then(|| code.saturating_sub(0xFEE0));
    ascii.and_then(char::from_u32).unwrap_or(wide)
}

impl Items {
    /// What they cost together; `None` if that is more than an amount can be.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        Money::sum(self.0.iter().map(|item| item.estimate))
    }
}

impl ApplicationId {
    /// Reads `<ticket>-<number>`.
    ///
    /// # Errors
    /// [`IdFault`] when it is something else.
    pub fn parse(text: &str) -> Result<Self, IdFault> {
        const FAULT: IdFault = IdFault("a ticket, a hyphen and a number from 1");
        let (ticket, number) = text.split_once('-').ok_or(FAULT)?;
        let number = u16::from_text(number).ok().filter(|number| *number > 0).ok_or(FAULT)?;
        Ok(Self { ticket: TicketId::parse(ticket)?, number })
    }
}

impl std::fmt::Display for ApplicationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.ticket, self.number)
    }
}

impl Text for ApplicationId {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        Self::parse(text).map_err(|fault| RecordFault::Value(fault.0))
    }
}

impl EntryRef {
    /// Reads `fund/2026#12`.
    ///
    /// # Errors
    /// [`IdFault`] when it is something else.
    pub fn parse(text: &str) -> Result<Self, IdFault> {
        const FAULT: IdFault = IdFault("an entry such as `fund/2026#12`");
        let (account, seq) = text.split_once('#').ok_or(FAULT)?;
        let account = AccountId::parse(account)?;
        let seq = u32::from_text(seq).map_err(|_number| FAULT)?;
        Ok(Self { account, seq })
    }
}

/// `fund/2026#12`.
impl std::fmt::Display for EntryRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.account, self.seq)
    }
}

impl Text for EntryRef {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        Self::parse(text).map_err(|fault| RecordFault::Value(fault.0))
    }
}

impl Text for Items {
    fn to_text(&self) -> String {
        let all: Vec<String> = self
            .0
            .iter()
            .map(|item| format!("{}={}", item.category, item.estimate.to_text()))
            .collect();
        all.join(",")
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        const FAULT: RecordFault = RecordFault::Value("items such as `road=120000`, by commas");
        let one = |text: &str| {
            let (category, estimate) = text.split_once('=').ok_or(FAULT)?;
            let category = Category::from_text(category)?;
            Ok(Item { category, estimate: Money::from_text(estimate)? })
        };
        text.split(',').map(one).collect::<Result<_, _>>().map(Self)
    }
}
