//! The entries of an account's journal, chained as a ticket's timeline is.

use std::collections::BTreeMap;

use crate::authority::Actor;
use crate::fund::account::AccountId;
use crate::fund::act::{Act, ActKind};
use crate::fund::balance::Balance;
use crate::fund::ids::{ApplicationId, EntryRef};
use crate::fund::money::Money;
use crate::hash::Hash;
use crate::ids::CommandId;
use crate::record::{Field, Record, RecordFault, text_enum};
use crate::timestamp::Timestamp;

text_enum!(
    /// Where money of an account is, or where it comes from and goes to.
    Part, "a part of an account" {
        /// The city's treasury, which appropriates and takes back.
        Treasury = "treasury",
        /// On the way between two accounts of one year.
        Transfer = "transfer",
        /// On the way to the next year.
        Carried = "carried",
        /// Free for what is approved next.
        Available = "available",
        /// Laid aside for an application.
        Reserved = "reserved",
        /// With payees.
        Paid = "paid",
    }
);

/// A line: so much from one part to another.
///
/// It has both sides, so debits equal credits in every entry and every sum of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it goes.
    pub debit: Part,
    /// Where it comes from.
    pub credit: Part,
    /// How much; never nothing.
    pub amount: Money,
}

/// An entry of an account's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: AccountId,
    /// Position in the account's journal, from 1.
    pub seq: u32,
    /// When, in city time; never before the entry before.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The command that caused it: its key against doing it twice.
    pub cause: CommandId,
    /// The application it is about, and by that the ticket.
    pub application: Option<ApplicationId>,
    /// The entry by which that was approved, once it was.
    pub approval: Option<EntryRef>,
    /// What.
    pub act: Act,
    /// The hash of the entry before; [`Hash::ZERO`] for the first.
    pub prev: Hash,
}

/// What an entry says besides its place in the chain.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) at: Timestamp,
    pub(super) actor: Actor,
    pub(super) cause: CommandId,
    pub(super) application: Option<ApplicationId>,
    pub(super) approval: Option<EntryRef>,
    pub(super) act: Act,
}

impl Posting {
    /// The entry that follows on what `balance` has been folded from.
    pub(super) fn after(balance: &Balance, draft: Draft) -> Self {
        let Draft { at, actor, cause, application, approval, act } = draft;
        Self {
            account: balance.account.clone(),
            seq: balance.seq.saturating_add(1),
            at,
            actor,
            cause,
            application,
            approval,
            act,
            prev: balance.head,
        }
    }

    /// By what others name it.
    #[must_use]
    pub fn entry(&self) -> EntryRef {
        EntryRef { account: self.account.clone(), seq: self.seq }
    }

    /// The line; `None` for an entry that moves no money.
    #[must_use]
    pub fn line(&self) -> Option<Line> {
        let amount = self.act.amount().filter(|amount| !amount.is_zero())?;
        let (credit, debit) = self.kind().way()?;
        let undone = self.act.kind() == ActKind::Reversed;
        let (credit, debit) = if undone { (debit, credit) } else { (credit, debit) };
        Some(Line { debit, credit, amount })
    }

    /// The canonical form that stores carry and the chain hashes: the act's own fields and those of the
    /// entry, with its line.
    #[must_use]
    pub fn to_record(&self) -> Record {
        let Record { kind, mut fields } = self.act.to_record();
        self.account.put("account", &mut fields);
        self.seq.put("seq", &mut fields);
        self.at.put("at", &mut fields);
        self.actor.to_string().put("actor", &mut fields);
        self.cause.put("cause", &mut fields);
        self.application.put("application", &mut fields);
        self.approval.put("approval", &mut fields);
        self.prev.put("prev", &mut fields);
        let line = self.line();
        line.map(|line| line.debit).put("debit", &mut fields);
        line.map(|line| line.credit).put("credit", &mut fields);
        Record { kind, fields }
    }

    /// Reads the canonical form back.
    ///
    /// # Errors
    /// [`RecordFault`] names the field, never its value; a line that is not what such an act moves is one.
    pub fn from_record(record: &Record) -> Result<Self, RecordFault> {
        let mut fields = record.fields.clone();
        let of_line: BTreeMap<_, _> =
            ["debit", "credit"].into_iter().map(|key| (key, fields.remove(key))).collect();
        let actor = String::take("actor", &mut fields)?;
        let expected = "the text of an actor";
        let posting = Self {
            account: Field::take("account", &mut fields)?,
            seq: Field::take("seq", &mut fields)?,
            at: Field::take("at", &mut fields)?,
            actor: Actor::parse(&actor)
                .map_err(|_actor| RecordFault::Field { field: "actor", expected })?,
            cause: Field::take("cause", &mut fields)?,
            application: Field::take("application", &mut fields)?,
            approval: Field::take("approval", &mut fields)?,
            prev: Field::take("prev", &mut fields)?,
            act: Act::from_record(&Record { kind: record.kind.clone(), fields })?,
        };
        let again = posting.to_record();
        let moved = of_line.into_iter().find(|(key, text)| again.fields.get(*key) != text.as_ref());
        let expected = "the part that such an entry moves money by";
        match moved {
            None => Ok(posting),
            Some((field, _)) => Err(RecordFault::Field { field, expected }),
        }
    }

    /// The hash by which the next entry, or the head, names this one: over its kind, and each field's name
    /// and text in order of the names; every part preceded by its length ([`Hash::of`]).
    #[must_use]
    pub fn hash(&self) -> Hash {
        let record = self.to_record();
        let mut parts: Vec<&[u8]> = vec![record.kind.as_bytes()];
        for (name, value) in &record.fields {
            parts.push(name.as_bytes());
            parts.push(value.as_bytes());
        }
        Hash::of("lianxin.fund.entry.v1", &parts)
    }

    /// What it does, or undoes.
    pub(super) const fn kind(&self) -> ActKind {
        if let Act::Reversed { reverses, .. } = &self.act { *reverses } else { self.act.kind() }
    }
}
