//! Accounts of the fund: whose money it is, and of which year.

use crate::fund::money::Money;
use crate::ids::{IdFault, UnitCode};
use crate::record::{RecordFault, Text, text_enum};
use crate::timestamp::Timestamp;

/// What the city lays aside for 一诉一议 ("one request, one deliberation") each year (Gaoping's
/// mechanism of 136): 50,000,000 yuan.
pub const FUND_FLOOR: Money = Money::of_yuan(50_000_000);
/// The least that the command centre's budget is each year (same source): 2,000,000 yuan.
pub const CENTRE_FLOOR: Money = Money::of_yuan(2_000_000);
/// The least that each township or subdistrict has each year (same source): 100,000 yuan.
pub const TOWNSHIP_FLOOR: Money = Money::of_yuan(100_000);

text_enum!(
    /// Kinds of account.
    AccountKind, "one of `fund`, `centre`, `township`" {
        /// 一诉一议专项经费: the special fund for what serves the public and stands in no budget.
        Fund = "fund",
        /// 指挥中心专项经费: the command centre's own budget.
        Centre = "centre",
        /// 乡镇(街道)专项经费: the budget of a township or subdistrict.
        Township = "township",
    }
);

/// Whose money it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountOwner {
    /// The special fund.
    Fund,
    /// The command centre.
    Centre,
    /// A township or subdistrict.
    Township(UnitCode),
}

/// A fiscal year: the calendar year in Beijing, as the Budget Law has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalYear(u16);

/// An account: one owner's money of one year.
///
/// Each year has an account of its own, so that a closed year is never written to again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    /// Whose.
    pub owner: AccountOwner,
    /// Of which year.
    pub year: FiscalYear,
}

impl FiscalYear {
    /// The year with this number, from 1970 to 9999.
    #[must_use]
    pub fn new(year: u16) -> Option<Self> {
        (1970..=9999).contains(&year).then_some(Self(year))
    }

    /// The year in which `at` lies.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(u16::try_from(at.beijing_date().year()).unwrap_or(u16::MAX))
    }

    /// Whether it is that year or the one after, for which money can be given beforehand.
    #[must_use]
    pub(super) const fn is_near(self, now: Self) -> bool {
        self.0 == now.0 || self.0 == now.0.saturating_add(1)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl AccountOwner {
    /// Of which kind their account is.
    #[must_use]
    pub const fn kind(&self) -> AccountKind {
        match self {
            Self::Fund => AccountKind::Fund,
            Self::Centre => AccountKind::Centre,
            Self::Township(_) => AccountKind::Township,
        }
    }
}

impl AccountId {
    /// The least that is to be appropriated to it.
    #[must_use]
    pub const fn floor(&self) -> Money {
        match self.owner.kind() {
            AccountKind::Fund => FUND_FLOOR,
            AccountKind::Centre => CENTRE_FLOOR,
            AccountKind::Township => TOWNSHIP_FLOOR,
        }
    }

    /// The same owner's account of the year after; `None` after the last year there is.
    #[must_use]
    pub fn next_year(&self) -> Option<Self> {
        let year = FiscalYear::new(self.year.0.checked_add(1)?)?;
        Some(Self { owner: self.owner.clone(), year })
    }

    /// Reads `fund/2026`, `centre/2026` or `township.mishan/2026`.
    ///
    /// # Errors
    /// [`IdFault`] when it is something else.
    pub fn parse(text: &str) -> Result<Self, IdFault> {
        const FAULT: IdFault = IdFault("an account such as `fund/2026` or `township.mishan/2026`");
        let (owner, year) = text.split_once('/').ok_or(FAULT)?;
        let owner = match owner.split_once('.') {
            None if owner == "fund" => AccountOwner::Fund,
            None if owner == "centre" => AccountOwner::Centre,
            Some(("township", unit)) => AccountOwner::Township(UnitCode::parse(unit)?),
            None | Some(_) => return Err(FAULT),
        };
        let year = u16::from_text(year).ok().and_then(FiscalYear::new).ok_or(FAULT)?;
        Ok(Self { owner, year })
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.owner.kind().as_str())?;
        if let AccountOwner::Township(unit) = &self.owner {
            write!(f, ".{unit}")?;
        }
        write!(f, "/{}", self.year.0)
    }
}

impl Text for AccountId {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        Self::parse(text).map_err(|fault| RecordFault::Value(fault.0))
    }
}
