//! The fund's ledger on DynamoDB: the journals in a table to which entries are only ever added, and what is kept
//! to find the way in them in another.
//!
//! An entry is `(account, place)` with its kind `k` and its fields `f`. Beside them stand the accounts (`n` and
//! `h` for the conditions, `b` what they fold to), the applications (`n` entries, `en` which), and what is there
//! or not: a command's entries, an invoice's payment, an entry that was reversed.

mod writes;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, KeysAndAttributes, ReturnConsumedCapacity};
use domain::fund::{
    AccountId, ApplicationId, Balance, EntryRef, FiscalYear, Invoice, LedgerChange, Posting,
};
use domain::{CommandId, Hash, PayeeCode, Record, RegionCode, Ticket, TicketId};
use ports::{Advanced, Fund, PortError};

use crate::change::impossible;
use crate::error::port_error;
use crate::item::Item;
use crate::keys;
use crate::settings::needed;
use crate::tickets::DynamoTickets;
use crate::transaction::{Transacted, transact};

/// The sort key of what has no other.
const ONE: &str = "-";
/// So many items are read by one request at most.
const BATCH: usize = 100;
/// So often a batch that was not answered whole is asked again.
const TRIES_MAX: u32 = 5;

/// The tables of the ledger.
#[derive(Debug)]
pub(crate) struct DynamoFund {
    /// The tickets that change with it.
    pub(crate) tickets: Arc<DynamoTickets>,
    /// The table of the journals.
    pub(crate) ledger: Option<String>,
    /// The table of the accounts.
    pub(crate) accounts: Option<String>,
}

fn damaged(what: &str) -> PortError {
    PortError::Permanent(format!("the fund's {what} is damaged: run `verify`"))
}

fn fields(item: &Item, name: &str) -> Option<BTreeMap<String, String>> {
    let map = item.get(name)?.as_m().ok()?.iter();
    map.map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone()))).collect()
}

fn key(pk: String, sk: &str) -> Item {
    Item::from([("pk".to_owned(), Value::S(pk)), ("sk".to_owned(), Value::S(sk.to_owned()))])
}

/// Reads an entry of the ledger; `None` when the item is not one, or stands in another's place.
#[must_use]
pub fn posting_from_item(item: &Item) -> Option<Posting> {
    let kind = item.get("k")?.as_s().ok()?.clone();
    let posting = Posting::from_record(&Record { kind, fields: fields(item, "f")? }).ok()?;
    let (pk, sk) = (item.get("pk")?.as_s().ok()?, item.get("sk")?.as_s().ok()?);
    let stands = pk.split_once('#')?.1 == posting.account.to_string();
    (stands && *sk == keys::journal_sort(posting.seq)).then_some(posting)
}

/// Reads an account; `None` when the item is not one, or its conditions are not what it says.
#[must_use]
pub fn balance_from_item(item: &Item) -> Option<Balance> {
    let balance = Balance::from_fields(fields(item, "b")?).ok()?;
    let same = item.get("n")?.as_n().ok()? == &balance.seq.to_string()
        && item.get("h")?.as_b().ok()?.as_ref() == balance.head.as_bytes();
    let stands = *item.get("sk")?.as_s().ok()? == balance.account.to_string();
    (same && stands).then_some(balance)
}

fn entries_of(item: &Item) -> Option<Vec<EntryRef>> {
    let list = item.get("en")?.as_l().ok()?.iter();
    list.map(|value| EntryRef::parse(value.as_s().ok()?).ok()).collect()
}

impl DynamoFund {
    fn client(&self) -> &Client {
        &self.tickets.client
    }

    fn region(&self) -> &RegionCode {
        &self.tickets.region
    }

    fn ledger(&self) -> Result<&str, PortError> {
        needed(self.ledger.as_deref(), "LEDGER_TABLE")
    }

    fn table(&self) -> Result<&str, PortError> {
        needed(self.accounts.as_deref(), "ACCOUNTS_TABLE")
    }

    fn entry_key(&self, entry: &EntryRef) -> Item {
        key(keys::ledger(self.region(), &entry.account), &keys::journal_sort(entry.seq))
    }

    fn case_key(&self, id: &ApplicationId) -> Item {
        key(keys::ticket(self.region(), &id.ticket), &keys::application(id.number))
    }

    fn account_key(&self, account: &AccountId) -> Item {
        key(keys::accounts(self.region(), account.year), &account.to_string())
    }

    fn invoice_key(&self, invoice: &Invoice) -> Item {
        key(keys::invoice(self.region(), &invoice.payee, &invoice.hash), ONE)
    }

    async fn get(&self, key: Item) -> Result<Option<Item>, PortError> {
        let get = self.client().get_item().table_name(self.table()?).set_key(Some(key));
        let get = get.consistent_read(true).return_consumed_capacity(ReturnConsumedCapacity::Total);
        Ok(get.send().await.map_err(|e| port_error("GetItem accounts", &e))?.item)
    }

    /// The entries that an item names, none when there is no item.
    async fn named_by(&self, key: Item, what: &str) -> Result<Vec<EntryRef>, PortError> {
        let Some(item) = self.get(key).await? else { return Ok(Vec::new()) };
        entries_of(&item).ok_or_else(|| damaged(what))
    }

    /// Entries that stand, by their names.
    async fn read(&self, wanted: &[EntryRef]) -> Result<BTreeMap<EntryRef, Posting>, PortError> {
        let mut read = BTreeMap::new();
        for batch in wanted.chunks(BATCH) {
            self.read_keys(batch.iter().map(|entry| self.entry_key(entry)).collect(), &mut read)
                .await?;
        }
        Ok(read)
    }

    /// Reads all of these keys, however many requests that takes.
    async fn read_keys(
        &self,
        mut asked: Vec<Item>,
        read: &mut BTreeMap<EntryRef, Posting>,
    ) -> Result<(), PortError> {
        for _ in 0..TRIES_MAX {
            if asked.is_empty() {
                return Ok(());
            }
            asked = self.read_batch(asked, read).await?;
        }
        let left = "BatchGetItem ledger: not all was read".to_owned();
        if asked.is_empty() { Ok(()) } else { Err(PortError::Temporary(left)) }
    }

    /// Reads what one request brings; gives the keys that it has left.
    async fn read_batch(
        &self,
        asked: Vec<Item>,
        read: &mut BTreeMap<EntryRef, Posting>,
    ) -> Result<Vec<Item>, PortError> {
        let table = self.ledger()?;
        let keys = KeysAndAttributes::builder().set_keys(Some(asked)).consistent_read(true);
        let keys = keys.build().map_err(|e| impossible(&e))?;
        let answer = self
            .client()
            .batch_get_item()
            .set_request_items(Some(HashMap::from([(table.to_owned(), keys)])))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("BatchGetItem ledger", &e))?;
        let items = answer.responses.and_then(|mut all| all.remove(table));
        for item in items.into_iter().flatten() {
            let posting = posting_from_item(&item).ok_or_else(|| damaged("entry"))?;
            read.insert(posting.entry(), posting);
        }
        let rest = answer.unprocessed_keys.and_then(|mut all| all.remove(table));
        Ok(rest.map(|rest| rest.keys).unwrap_or_default())
    }
}

#[async_trait]
impl Fund for DynamoFund {
    async fn post(
        &self,
        change: &LedgerChange,
        ticket: Option<(&Ticket, &Ticket)>,
    ) -> Result<Advanced, PortError> {
        let mut writes = self.writes(change)?;
        if let Some((before, after)) = ticket {
            writes.extend(self.tickets.writes(before, after)?);
        }
        let written = transact((self.client(), "TransactWriteItems ledger"), writes).await?;
        Ok(if written == Transacted::Done { Advanced::Done } else { Advanced::Stale })
    }

    async fn balance(&self, account: &AccountId) -> Result<Option<Balance>, PortError> {
        let Some(item) = self.get(self.account_key(account)).await? else { return Ok(None) };
        balance_from_item(&item).map(Some).ok_or_else(|| damaged("account"))
    }

    async fn accounts(&self, year: FiscalYear) -> Result<Vec<Balance>, PortError> {
        let mut items = self
            .client()
            .query()
            .table_name(self.table()?)
            .key_condition_expression("pk = :year")
            .expression_attribute_values(":year", Value::S(keys::accounts(self.region(), year)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .items()
            .send();
        let mut accounts = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|e| port_error("Query accounts", &e))?;
            accounts.push(balance_from_item(&item).ok_or_else(|| damaged("account"))?);
        }
        Ok(accounts)
    }

    async fn entries(
        &self,
        account: &AccountId,
        after: u32,
        limit: u16,
    ) -> Result<Vec<Posting>, PortError> {
        let (mut entries, mut last): (Vec<Posting>, u32) = (Vec::new(), after);
        loop {
            let wanted = usize::from(limit).saturating_sub(entries.len());
            if wanted == 0 {
                return Ok(entries);
            }
            let answer = self
                .client()
                .query()
                .table_name(self.ledger()?)
                .key_condition_expression("pk = :account AND sk > :last")
                .expression_attribute_values(
                    ":account",
                    Value::S(keys::ledger(self.region(), account)),
                )
                .expression_attribute_values(":last", Value::S(keys::journal_sort(last)))
                .limit(i32::try_from(wanted).unwrap_or(i32::MAX))
                .consistent_read(true)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|e| port_error("Query ledger", &e))?;
            for item in answer.items() {
                entries.push(posting_from_item(item).ok_or_else(|| damaged("entry"))?);
            }
            last = entries.last().map_or(last, |entry| entry.seq);
            if answer.last_evaluated_key().is_none() {
                return Ok(entries);
            }
        }
    }

    async fn entry(&self, entry: &EntryRef) -> Result<Option<Posting>, PortError> {
        Ok(self.read(std::slice::from_ref(entry)).await?.remove(entry))
    }

    async fn case(&self, application: &ApplicationId) -> Result<Vec<Posting>, PortError> {
        let wanted = self.named_by(self.case_key(application), "application").await?;
        let mut read = self.read(&wanted).await?;
        let all: Option<Vec<Posting>> = wanted.iter().map(|entry| read.remove(entry)).collect();
        all.ok_or_else(|| damaged("application"))
    }

    async fn cases(&self, ticket: &TicketId) -> Result<Vec<ApplicationId>, PortError> {
        let mut items = self
            .client()
            .query()
            .table_name(self.table()?)
            .key_condition_expression("pk = :ticket")
            .expression_attribute_values(":ticket", Value::S(keys::ticket(self.region(), ticket)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .items()
            .send();
        let mut cases = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|e| port_error("Query applications", &e))?;
            let number = item.get("sk").and_then(|sort| sort.as_s().ok()?.parse().ok());
            let number = number.ok_or_else(|| damaged("application"))?;
            cases.push(ApplicationId { ticket: ticket.clone(), number });
        }
        Ok(cases)
    }

    async fn done(&self, cause: &CommandId) -> Result<Vec<EntryRef>, PortError> {
        self.named_by(key(keys::carried_out(self.region(), cause), ONE), "command").await
    }

    async fn payment(
        &self,
        payee: &PayeeCode,
        invoice: &Hash,
    ) -> Result<Option<EntryRef>, PortError> {
        let key = key(keys::invoice(self.region(), payee, invoice), ONE);
        Ok(self.named_by(key, "invoice").await?.pop())
    }

    async fn is_reversed(&self, entry: &EntryRef) -> Result<bool, PortError> {
        Ok(self.get(key(keys::reversed(self.region(), entry), ONE)).await?.is_some())
    }
}
