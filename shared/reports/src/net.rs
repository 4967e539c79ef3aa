//! Amounts with a sign. The ledger has none; what a period has changed can be less than nothing.

use domain::fund::Money;

/// An amount in fen that may be less than nothing: a difference, or the sum of several accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Net(i64);

impl Net {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// In fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Both together; `None` beyond what an i64 holds, which is 9,000 times [`Money::MAX`].
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Without `other`.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// All together.
    #[must_use]
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Yuan with two decimals and nothing else, as machines read them: `-1234.50`.
    #[must_use]
    pub fn plain(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", fen / 100, fen % 100)
    }

    /// Yuan as the number that a spreadsheet holds.
    ///
    /// [`Money::MAX`] is 10^13 fen, which takes 44 of the 53 bits of such a number, so the nearest number
    /// to a sum of up to 900 such amounts still rounds to the right fen. Nothing is computed with it here.
    pub(crate) fn yuan(self) -> f64 {
        self.plain().parse().unwrap_or_default()
    }
}

impl From<Money> for Net {
    fn from(money: Money) -> Self {
        Self(money.fen())
    }
}

/// Yuan, as people read them: `-1,234.50`.
impl std::fmt::Display for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plain = self.plain();
        let digits = plain.trim_start_matches('-');
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let whole = digits.len().saturating_sub(3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_and_as_machines_read_them() {
        for (fen, people, machines) in [
            (0, "0.00", "0.00"),
            (-5, "-0.05", "-0.05"),
            (123_456, "1,234.56", "1234.56"),
            (-100_000_000, "-1,000,000.00", "-1000000.00"),
            (99_999, "999.99", "999.99"),
        ] {
            assert_eq!((Net(fen).to_string(), Net(fen).plain()), (people.into(), machines.into()));
        }
    }

    #[test]
    fn the_largest_amount_is_exact_to_the_fen_as_a_number() {
        for less in 0..1000 {
            let net = Net(Money::MAX.fen() - less);
            assert_eq!(format!("{:.2}", net.yuan()), net.plain());
        }
    }
}
