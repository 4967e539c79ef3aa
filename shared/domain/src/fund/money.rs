//! Amounts of money: whole fen (分), never a fraction and never less than nothing.

use crate::record::{RecordFault, Text};

/// An amount of money in fen, from nothing to [`Money::MAX`].
///
/// It is never negative: what goes out of one part goes into another, so a sign would say the same twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why something is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyFault {
    /// The text is not an amount in yuan.
    #[error("character {at}: {expected}")]
    Unreadable {
        /// Where, in characters from 1.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Less than nothing, or more than [`Money::MAX`].
    #[error("an amount is from 0 to {} yuan", Money::MAX)]
    OutOfRange,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// 10^13 fen, 100 thousand million yuan: no city has more, so more is a mistake.
    pub const MAX: Self = Self(10_000_000_000_000);

    /// An amount of the rules, in yuan.
    pub(super) const fn of_yuan(yuan: i64) -> Self {
        Self(yuan.saturating_mul(100))
    }

    /// An amount in fen.
    ///
    /// # Errors
    /// [`MoneyFault::OutOfRange`].
    pub fn from_fen(fen: i64) -> Result<Self, MoneyFault> {
        if (0..=Self::MAX.0).contains(&fen) { Ok(Self(fen)) } else { Err(MoneyFault::OutOfRange) }
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Both together; `None` beyond [`Self::MAX`].
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(|fen| Self::from_fen(fen).ok())
    }

    /// What is left; `None` if `other` is more.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(|fen| Self::from_fen(fen).ok())
    }

    /// All together; `None` beyond [`Self::MAX`].
    #[must_use]
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Reads yuan: `1234`, `1,234`, `1234.5`, `1,234.56`. Nothing is rounded and nothing guessed.
    ///
    /// # Errors
    /// [`MoneyFault`] says where the text is wrong and what should stand there.
    pub fn parse(text: &str) -> Result<Self, MoneyFault> {
        let (whole, cents) =
            text.split_once('.').map_or((text, None), |(whole, cents)| (whole, Some(cents)));
        let yuan = read_yuan(whole)?;
        let cents = cents.map(|cents| read_cents(cents, whole.chars().count()));
        let cents = cents.transpose()?.unwrap_or(0);
        let fen = yuan.checked_mul(100).and_then(|fen| fen.checked_add(cents));
        Self::from_fen(fen.ok_or(MoneyFault::OutOfRange)?)
    }
}

const fn unreadable(at: usize, expected: &'static str) -> MoneyFault {
    MoneyFault::Unreadable { at, expected }
}

/// All of `text`, that starts after `before` characters, must be digits of ASCII.
fn check_digits(text: &str, before: usize) -> Result<(), MoneyFault> {
    let odd = text.chars().position(|c| !c.is_ascii_digit());
    odd.map_or(Ok(()), |at| Err(unreadable(before + at + 1, "a digit from 0 to 9")))
}

fn read_yuan(text: &str) -> Result<i64, MoneyFault> {
    let grouped = text.contains(',');
    let mut before = 0;
    for group in text.split(',') {
        check_digits(group, before)?;
        let end = before + group.len();
        match group.len() {
            0 => return Err(unreadable(end + 1, "a digit from 0 to 9")),
            1 | 2 if before > 0 => return Err(unreadable(end + 1, "three digits after a comma")),
            4.. if grouped => return Err(unreadable(before + 4, "a comma every three digits")),
            _ => before = end + 1,
        }
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(unreadable(1, "no zero in front"));
    }
    text.replace(',', "").parse().map_err(|_digits| MoneyFault::OutOfRange)
}

/// The fen of what follows the point, which stands after `whole` characters.
fn read_cents(text: &str, whole: usize) -> Result<i64, MoneyFault> {
    let before = whole + 1;
    check_digits(text, before)?;
    let digits: i64 = match text.len() {
        0 => return Err(unreadable(before + 1, "one or two digits after the point")),
        1 | 2 => text.parse().map_err(|_digits| MoneyFault::OutOfRange)?,
        _ => return Err(unreadable(before + 3, "the end: there is nothing less than a fen")),
    };
    Ok(if text.len() == 1 { digits * 10 } else { digits })
}

/// Yuan, as people read them: `1,234.50`.
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (digits, cents) = ((self.0 / 100).to_string(), self.0 % 100);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{cents:02}")
    }
}

/// Fen in decimal: the form that the chain hashes.
impl Text for Money {
    fn to_text(&self) -> String {
        self.0.to_string()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        const FAULT: RecordFault = RecordFault::Value("an amount in fen");
        Self::from_fen(i64::from_text(text).map_err(|_number| FAULT)?).map_err(|_range| FAULT)
    }
}
