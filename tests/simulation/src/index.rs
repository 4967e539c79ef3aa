//! Sparse indexes, which may lag: what was written of late is undone for who reads them stale.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::{CardKind, TicketId, Timestamp};

/// So many late writes are remembered.
const LATE_MAX: usize = 64;

/// A partition of an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Partition {
    /// The machine's turns of a shard.
    Machine(u8),
    /// What the clocks look at of people's cards in a shard.
    Human(u8),
    /// An inbox.
    Inbox(String),
    /// The archived tickets of a shard.
    Archived(u8),
    /// A person's tickets.
    Citizen(String),
    /// The tickets of a number.
    Number(String),
    /// Of which tickets a channel has something to be told, or was given up to be told.
    Telling(String, bool),
    /// Who follows a ticket, or got its answer.
    Lead(TicketId, bool),
}

/// An entry: when, which ticket, and for which card.
pub(crate) type Entry = (Timestamp, TicketId, CardKind);

/// All indexes.
#[derive(Debug, Default)]
pub(crate) struct Index {
    sets: BTreeMap<Partition, BTreeSet<Entry>>,
    late: VecDeque<(bool, Partition, Entry)>,
}

impl Index {
    pub(crate) fn add(&mut self, partition: Partition, entry: Entry) {
        self.sets.entry(partition.clone()).or_default().insert(entry.clone());
        self.remember((true, partition, entry));
    }

    pub(crate) fn remove(&mut self, partition: Partition, entry: &Entry) {
        if self.sets.get_mut(&partition).is_some_and(|set| set.remove(entry)) {
            self.remember((false, partition, entry.clone()));
        }
    }

    fn remember(&mut self, change: (bool, Partition, Entry)) {
        self.late.push_back(change);
        if self.late.len() > LATE_MAX {
            self.late.pop_front();
        }
    }

    /// The entries of a partition in their order, without the last `lag` writes to all indexes.
    pub(crate) fn read(&self, partition: &Partition, lag: usize) -> Vec<Entry> {
        let now = self.sets.get(partition).into_iter().flatten().cloned();
        if lag == 0 {
            return now.collect();
        }
        let mut set: BTreeSet<Entry> = now.collect();
        for (added, of, entry) in self.late.iter().rev().take(lag) {
            if of == partition && *added {
                set.remove(entry);
            } else if of == partition {
                set.insert(entry.clone());
            }
        }
        set.into_iter().collect()
    }

    /// The entries of a partition up to a time, in their order.
    pub(crate) fn until(&self, partition: &Partition, until: Timestamp, lag: usize) -> Vec<Entry> {
        if lag > 0 {
            let entries = self.read(partition, lag).into_iter();
            return entries.take_while(|entry| entry.0 <= until).collect();
        }
        let set = self.sets.get(partition).into_iter().flatten();
        set.take_while(|entry| entry.0 <= until).cloned().collect()
    }

    /// When the clocks look at the first card of all shards.
    pub(crate) fn first_alarm(&self) -> Option<Timestamp> {
        let human = self.sets.range(Partition::Human(0)..Partition::Inbox(String::new()));
        human.filter_map(|(_, set)| set.first().map(|entry| entry.0)).min()
    }

    /// When the first machine's turn of all shards is due, or the first telling.
    pub(crate) fn first_due(&self) -> Option<Timestamp> {
        let machine = self.sets.range(Partition::Machine(0)..Partition::Human(0));
        let tellings = self.tellings().map(|(_, set)| set);
        machine.map(|(_, set)| set).chain(tellings).filter_map(|set| set.first().map(|e| e.0)).min()
    }

    fn tellings(&self) -> impl Iterator<Item = (&Partition, &BTreeSet<Entry>)> {
        let from = Partition::Telling(String::new(), false);
        self.sets.range(from..).filter(|(place, _)| matches!(place, Partition::Telling(_, false)))
    }

    /// Whether no channel has anything to be told.
    pub(crate) fn is_told(&self) -> bool {
        self.tellings().all(|(_, set)| set.is_empty())
    }

    /// The tickets that have a card at which the clocks look: every turn of a person is one.
    pub(crate) fn with_people(&self) -> BTreeSet<&TicketId> {
        let human = self.sets.range(Partition::Human(0)..Partition::Inbox(String::new()));
        human.flat_map(|(_, set)| set.iter().map(|entry| &entry.1)).collect()
    }

    /// The inboxes in which something lies.
    pub(crate) fn inboxes(&self) -> Vec<String> {
        let from = Partition::Inbox(String::new());
        let inboxes = self.sets.range(from..Partition::Archived(0));
        let full = inboxes.filter(|(_, set)| !set.is_empty());
        full.filter_map(|(partition, _)| match partition {
            Partition::Inbox(inbox) => Some(inbox.clone()),
            _ => None,
        })
        .collect()
    }

    /// Everything, for who compares it with what it should be.
    pub(crate) fn all(&self) -> BTreeSet<(&Partition, &Entry)> {
        self.sets.iter().flat_map(|(of, set)| set.iter().map(move |entry| (of, entry))).collect()
    }
}
