//! The balance of an account: what its journal folds to, and nothing else.

use std::collections::BTreeMap;

use crate::fund::account::{AccountId, FiscalYear};
use crate::fund::act::{Act, ActKind};
use crate::fund::fault::Wrong;
use crate::fund::money::Money;
use crate::fund::posting::{Line, Part, Posting};
use crate::hash::Hash;
use crate::record::{Field, RecordFault, text_enum};
use crate::timestamp::Timestamp;

text_enum!(
    /// Whether an account takes entries.
    AccountStatus, "`open` or `closed`" {
        /// It does.
        Open = "open",
        /// Its year is closed.
        Closed = "closed",
    }
);

/// An account as its journal says it is.
///
/// Always: available + reserved + paid = appropriated − returned + transferred in − out + carried in − out,
/// and none of them is less than nothing ([`Self::is_even`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Which.
    pub account: AccountId,
    /// Whether it takes entries.
    pub status: AccountStatus,
    /// The last entry's place; 0 for none.
    pub seq: u32,
    /// The last entry's hash.
    pub head: Hash,
    /// The last entry's time.
    pub at: Timestamp,
    /// What the treasury has given, without what was reversed.
    pub appropriated: Money,
    /// What went back to the treasury.
    pub returned: Money,
    /// What came from other accounts.
    pub transferred_in: Money,
    /// What went to other accounts.
    pub transferred_out: Money,
    /// What came from the year before.
    pub carried_in: Money,
    /// What went to the year after.
    pub carried_out: Money,
    /// What is free.
    pub available: Money,
    /// What is laid aside for applications.
    pub reserved: Money,
    /// What payees have, without what they gave back.
    pub paid: Money,
    /// How many applications are open here.
    pub applications: u32,
}

impl Balance {
    /// An account before its first entry.
    #[must_use]
    pub const fn new(account: AccountId) -> Self {
        Self {
            account,
            status: AccountStatus::Open,
            seq: 0,
            head: Hash::ZERO,
            at: Timestamp::MIN,
            appropriated: Money::ZERO,
            returned: Money::ZERO,
            transferred_in: Money::ZERO,
            transferred_out: Money::ZERO,
            carried_in: Money::ZERO,
            carried_out: Money::ZERO,
            available: Money::ZERO,
            reserved: Money::ZERO,
            paid: Money::ZERO,
            applications: 0,
        }
    }

    /// How much is still to be appropriated before the year's floor is kept; `None` when it is. It comes in
    /// parts, so this is for a warning and refuses nothing.
    #[must_use]
    pub fn below_floor(&self) -> Option<Money> {
        self.account.floor().minus(self.appropriated).filter(|missing| !missing.is_zero())
    }

    /// What a store keeps of it, by name; text only, as in a record.
    #[must_use]
    pub fn to_fields(&self) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::new();
        self.account.put("account", &mut fields);
        self.status.put("status", &mut fields);
        self.seq.put("seq", &mut fields);
        self.head.put("head", &mut fields);
        self.at.put("at", &mut fields);
        self.appropriated.put("appropriated", &mut fields);
        self.returned.put("returned", &mut fields);
        self.transferred_in.put("transferred_in", &mut fields);
        self.transferred_out.put("transferred_out", &mut fields);
        self.carried_in.put("carried_in", &mut fields);
        self.carried_out.put("carried_out", &mut fields);
        self.available.put("available", &mut fields);
        self.reserved.put("reserved", &mut fields);
        self.paid.put("paid", &mut fields);
        self.applications.put("applications", &mut fields);
        fields
    }

    /// Reads what a store has kept.
    ///
    /// # Errors
    /// [`RecordFault`] names the field.
    pub fn from_fields(mut fields: BTreeMap<String, String>) -> Result<Self, RecordFault> {
        let f = &mut fields;
        let balance = Self {
            account: Field::take("account", f)?,
            status: Field::take("status", f)?,
            seq: Field::take("seq", f)?,
            head: Field::take("head", f)?,
            at: Field::take("at", f)?,
            appropriated: Field::take("appropriated", f)?,
            returned: Field::take("returned", f)?,
            transferred_in: Field::take("transferred_in", f)?,
            transferred_out: Field::take("transferred_out", f)?,
            carried_in: Field::take("carried_in", f)?,
            carried_out: Field::take("carried_out", f)?,
            available: Field::take("available", f)?,
            reserved: Field::take("reserved", f)?,
            paid: Field::take("paid", f)?,
            applications: Field::take("applications", f)?,
        };
        if fields.is_empty() { Ok(balance) } else { Err(RecordFault::Unknown) }
    }

    /// Whether what is here is what came in without what went out.
    #[must_use]
    pub fn is_even(&self) -> bool {
        let all = |parts: [Money; 3]| parts.iter().map(|part| i128::from(part.fen())).sum::<i128>();
        let came = all([self.appropriated, self.transferred_in, self.carried_in]);
        let went = all([self.returned, self.transferred_out, self.carried_out]);
        all([self.available, self.reserved, self.paid]) == came - went
    }

    /// Folds the next entry in.
    ///
    /// # Errors
    /// [`Wrong`] says why it cannot be the next one; nothing has changed then.
    pub fn apply(&mut self, posting: &Posting) -> Result<(), Wrong> {
        self.check_place(posting)?;
        let mut next = self.clone();
        if let Some(line) = posting.line() {
            let undoes = posting.act.kind() == ActKind::Reversed;
            next.take(&line, undoes)?;
            next.put(&line, undoes)?;
        }
        next.count(posting)?;
        if matches!(posting.kind(), ActKind::ClosedOver | ActKind::ClosedOut) {
            next.close()?;
        }
        (next.seq, next.head, next.at) = (posting.seq, posting.hash(), posting.at);
        *self = next;
        Ok(())
    }

    fn check_place(&self, posting: &Posting) -> Result<(), Wrong> {
        if posting.account != self.account || Some(posting.seq) != self.seq.checked_add(1) {
            return Err(Wrong::Place);
        }
        if posting.prev != self.head {
            return Err(Wrong::Chain);
        }
        if posting.at < self.at {
            return Err(Wrong::Time);
        }
        if self.status == AccountStatus::Closed {
            return Err(Wrong::Closed);
        }
        if posting.act.must_move() && posting.line().is_none() {
            return Err(Wrong::Nothing);
        }
        if let Act::Reversed { reverses, .. } = &posting.act
            && !reverses.is_reversible()
        {
            return Err(Wrong::Reversal);
        }
        let now = FiscalYear::of(posting.at);
        let year = now.cmp(&self.account.year);
        let in_time = match posting.act.kind() {
            ActKind::CarriedOut | ActKind::ClosedOver | ActKind::ClosedOut => year.is_gt(),
            ActKind::Applied
            | ActKind::Approved
            | ActKind::Reserved
            | ActKind::Contracted
            | ActKind::Accepted
            | ActKind::Paid => year.is_eq(),
            ActKind::Appropriated | ActKind::TransferredOut | ActKind::TransferredIn => {
                year.is_le() && self.account.year.is_near(now)
            }
            ActKind::Refused
            | ActKind::Released
            | ActKind::Refunded
            | ActKind::Reversed
            | ActKind::CarriedIn
            | ActKind::Opened => true,
        };
        if in_time { Ok(()) } else { Err(Wrong::Year) }
    }

    /// Takes a line's amount out of where it comes from.
    fn take(&mut self, line: &Line, undoes: bool) -> Result<(), Wrong> {
        let Line { credit: part, amount, .. } = *line;
        match (self.here(part), undoes) {
            (Some(here), _) => lower(here, part, amount),
            (None, true) => lower(self.went(part), part, amount),
            (None, false) => raise(self.came(part), amount),
        }
    }

    /// Puts it where it goes.
    fn put(&mut self, line: &Line, undoes: bool) -> Result<(), Wrong> {
        let Line { debit: part, amount, .. } = *line;
        match (self.here(part), undoes) {
            (Some(here), _) => raise(here, amount),
            (None, true) => lower(self.came(part), part, amount),
            (None, false) => raise(self.went(part), amount),
        }
    }

    /// A part that is in the account.
    const fn here(&mut self, part: Part) -> Option<&mut Money> {
        match part {
            Part::Available => Some(&mut self.available),
            Part::Reserved => Some(&mut self.reserved),
            Part::Paid => Some(&mut self.paid),
            Part::Treasury | Part::Transfer | Part::Carried => None,
        }
    }

    /// What came from a part, of those outside.
    const fn came(&mut self, part: Part) -> &mut Money {
        match part {
            Part::Transfer => &mut self.transferred_in,
            Part::Carried => &mut self.carried_in,
            Part::Treasury | Part::Available | Part::Reserved | Part::Paid => {
                &mut self.appropriated
            }
        }
    }

    /// What went to a part, of those outside.
    const fn went(&mut self, part: Part) -> &mut Money {
        match part {
            Part::Transfer => &mut self.transferred_out,
            Part::Carried => &mut self.carried_out,
            Part::Treasury | Part::Available | Part::Reserved | Part::Paid => &mut self.returned,
        }
    }

    /// Counts the applications that are open here.
    fn count(&mut self, posting: &Posting) -> Result<(), Wrong> {
        let kind = posting.act.kind();
        let reopens = posting.act.undoes(ActKind::Released);
        let begins = matches!(kind, ActKind::Applied | ActKind::CarriedIn);
        let ends = matches!(kind, ActKind::Refused | ActKind::Released | ActKind::CarriedOut);
        let count = if begins || reopens {
            self.applications.checked_add(1)
        } else if ends {
            self.applications.checked_sub(1)
        } else {
            Some(self.applications)
        };
        self.applications = count.ok_or(Wrong::Applications)?;
        Ok(())
    }

    /// Closes the account: nothing may be left in it.
    fn close(&mut self) -> Result<(), Wrong> {
        if self.applications > 0 || !self.available.is_zero() || !self.reserved.is_zero() {
            return Err(Wrong::Left);
        }
        self.status = AccountStatus::Closed;
        Ok(())
    }
}

fn raise(part: &mut Money, amount: Money) -> Result<(), Wrong> {
    *part = part.plus(amount).ok_or(Wrong::TooMuch)?;
    Ok(())
}

fn lower(money: &mut Money, part: Part, amount: Money) -> Result<(), Wrong> {
    let has = *money;
    *money = has.minus(amount).ok_or(Wrong::Short { part, has, wants: amount })?;
    Ok(())
}
