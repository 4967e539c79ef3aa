//! The access journal on DynamoDB: an entry and the head of its day in one transaction, each on the
//! condition that nobody was first.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue as Value, Put, ReturnConsumedCapacity, TransactWriteItem,
};
use domain::{
    Access, Actor, Hash, JournalEntry, Reading, Reason, RecordId, RegionCode, TicketId, Timestamp,
};
use ports::{DUE_SHARDS, Journal, PortError};

use crate::change::impossible;
use crate::error::port_error;
use crate::item::{Item, bytes};
use crate::keys;
use crate::settings::needed;
use crate::transaction::{Transacted, transact};

/// After this many lost races an append is given up, and the text is not shown.
const TRIES_MAX: u32 = 8;

/// The journal's table, if this function has it.
#[derive(Debug)]
pub(crate) struct DynamoJournal {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    /// The table's name; `None` when the function's settings name none.
    pub(crate) table: Option<String>,
}

/// What the head of a day says: the last entry's number, time and hash.
type Head = (u32, Timestamp, Hash);

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    Value::L(texts.map(|text| Value::S(text.to_owned())).collect())
}

fn entry_to_item(pk: &str, entry: &JournalEntry) -> Item {
    let Reading { actor, reason, access, tickets, records } = &entry.reading;
    Item::from([
        ("pk".to_owned(), Value::S(pk.to_owned())),
        ("sk".to_owned(), Value::S(keys::journal_sort(entry.seq))),
        ("t".to_owned(), Value::N(entry.at.millis().to_string())),
        ("a".to_owned(), Value::S(actor.to_string())),
        ("y".to_owned(), Value::S(reason.as_str().to_owned())),
        ("k".to_owned(), Value::S(access.as_str().to_owned())),
        ("ti".to_owned(), list(tickets.iter().map(TicketId::as_str))),
        ("re".to_owned(), list(records.iter().map(RecordId::as_str))),
        ("p".to_owned(), bytes(entry.prev.as_bytes())),
    ])
}

fn head_to_item(pk: &str, (seq, at, hash): Head) -> Item {
    Item::from([
        ("pk".to_owned(), Value::S(pk.to_owned())),
        ("sk".to_owned(), Value::S(keys::JOURNAL_HEAD.to_owned())),
        ("n".to_owned(), Value::N(seq.to_string())),
        ("t".to_owned(), Value::N(at.millis().to_string())),
        ("hd".to_owned(), bytes(hash.as_bytes())),
    ])
}

fn hash(item: &Item, name: &str) -> Option<Hash> {
    Hash::from_bytes(item.get(name)?.as_b().ok()?.as_ref())
}

fn time(item: &Item) -> Option<Timestamp> {
    Some(Timestamp::from_millis(item.get("t")?.as_n().ok()?.parse().ok()?))
}

/// Reads the head of a day; `None` when the item is not one.
#[must_use]
pub fn head_from_item(item: &Item) -> Option<(u32, Timestamp, Hash)> {
    Some((item.get("n")?.as_n().ok()?.parse().ok()?, time(item)?, hash(item, "hd")?))
}

/// Reads an entry; `None` when the item is not one.
#[must_use]
pub fn entry_from_item(item: &Item) -> Option<JournalEntry> {
    let text = |name: &str| item.get(name)?.as_s().ok().map(String::as_str);
    let list = |name: &str| -> Option<Vec<&str>> {
        let all = item.get(name)?.as_l().ok()?.iter();
        all.map(|value| value.as_s().ok().map(String::as_str)).collect()
    };
    let tickets = list("ti")?.into_iter().map(TicketId::parse).collect::<Result<_, _>>();
    let records = list("re")?.into_iter().map(RecordId::parse).collect::<Result<_, _>>();
    let reading = Reading {
        actor: Actor::parse(text("a")?).ok()?,
        reason: Reason::parse(text("y")?)?,
        access: Access::parse(text("k")?)?,
        tickets: tickets.ok()?,
        records: records.ok()?,
    };
    Some(JournalEntry {
        seq: text("sk")?.parse().ok()?,
        at: time(item)?,
        reading,
        prev: hash(item, "p")?,
    })
}

fn put(table: &str, item: Item, condition: &str, read: Option<u32>) -> Result<Put, PortError> {
    let mut put = Put::builder().table_name(table).set_item(Some(item));
    put = put.condition_expression(condition);
    if let Some(read) = read {
        put = put.expression_attribute_values(":read", Value::N(read.to_string()));
    }
    put.build().map_err(|e| impossible(&e))
}

impl DynamoJournal {
    fn table(&self) -> Result<&str, PortError> {
        needed(self.table.as_deref(), "JOURNAL_TABLE")
    }

    async fn head(&self, pk: &str) -> Result<Option<Head>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.table()?)
            .key("pk", Value::S(pk.to_owned()))
            .key("sk", Value::S(keys::JOURNAL_HEAD.to_owned()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("GetItem journal", &e))?;
        let broken =
            || PortError::Permanent("the head of the access journal is damaged".to_owned());
        answer.item.map(|item| head_from_item(&item).ok_or_else(broken)).transpose()
    }

    /// Writes entry and head; `false` when somebody else was first.
    async fn write(&self, pk: &str, entry: &JournalEntry) -> Result<bool, PortError> {
        let table = self.table()?;
        let read = (entry.seq > 1).then(|| entry.seq - 1);
        let condition = if read.is_some() { "n = :read" } else { "attribute_not_exists(pk)" };
        let head = head_to_item(pk, (entry.seq, entry.at, entry.hash()));
        let puts = [
            put(table, entry_to_item(pk, entry), "attribute_not_exists(pk)", None)?,
            put(table, head, condition, read)?,
        ];
        let puts = puts.map(|put| TransactWriteItem::builder().put(put).build());
        let written = transact((&self.client, "TransactWriteItems journal"), puts.into()).await?;
        Ok(written == Transacted::Done)
    }
}

#[async_trait]
impl Journal for DynamoJournal {
    async fn append(&self, reading: Reading, now: Timestamp) -> Result<JournalEntry, PortError> {
        let shard = reading.tickets.first().map_or(0, keys::shard);
        let pk = keys::journal(&self.region, &now.beijing_compact_date(), shard);
        for _ in 0..TRIES_MAX {
            let entry = JournalEntry::after(self.head(&pk).await?, reading.clone(), now);
            if self.write(&pk, &entry).await? {
                return Ok(entry);
            }
        }
        Err(PortError::Temporary("others wrote to the access journal too often".to_owned()))
    }

    async fn day(&self, date: &str) -> Result<Vec<JournalEntry>, PortError> {
        let mut entries = Vec::new();
        for shard in 0..DUE_SHARDS {
            let mut pages = self
                .client
                .query()
                .table_name(self.table()?)
                .key_condition_expression("pk = :day AND sk < :head")
                .expression_attribute_values(
                    ":day",
                    Value::S(keys::journal(&self.region, date, shard)),
                )
                .expression_attribute_values(":head", Value::S(keys::JOURNAL_HEAD.to_owned()))
                .consistent_read(true)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .into_paginator()
                .items()
                .send();
            while let Some(item) = pages.next().await {
                let item = item.map_err(|e| port_error("Query journal", &e))?;
                entries.push(entry_from_item(&item).ok_or_else(|| {
                    PortError::Permanent("an entry of the access journal is damaged".to_owned())
                })?);
            }
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_and_head_read_back_as_they_were_written() {
        let ticket = TicketId::parse("0123456789abcdefghjkmnpqrs").unwrap();
        let reading = Reading {
            actor: Actor::parse("staff:u1/supervisor/command-centre").unwrap(),
            reason: Reason::CitizenRequest,
            access: Access::Erased,
            records: vec![RecordId::request(&ticket)],
            tickets: vec![ticket],
        };
        let entry = JournalEntry::after(None, reading, Timestamp::from_millis(1_800_000_000_000));
        assert_eq!(entry_from_item(&entry_to_item("x", &entry)), Some(entry.clone()));
        let head = (entry.seq, entry.at, entry.hash());
        assert_eq!(head_from_item(&head_to_item("x", head)), Some(head));
        let mut damaged = entry_to_item("x", &entry);
        damaged.insert("y".to_owned(), Value::S("curiosity".to_owned()));
        assert_eq!(entry_from_item(&damaged), None);
    }
}
