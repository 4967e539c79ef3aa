//! Sealed records and wrapped keys on DynamoDB, in two tables with different backups.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::{RecordId, RegionCode, TicketId, Timestamp};
use ports::{Keys, PortError, Texts};

use crate::error::{port_error, written};
use crate::item::{Item, bytes};
use crate::keys;

/// A table of sealed things, if this function has it.
#[derive(Debug)]
pub(crate) struct DynamoSealed {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    /// The table's name; `None` when the function's settings name none.
    pub(crate) table: Option<String>,
}

impl DynamoSealed {
    fn table(&self) -> Result<&str, PortError> {
        self.table
            .as_deref()
            .ok_or_else(|| PortError::Permanent("this function has no such table".to_owned()))
    }

    fn partition(&self, ticket: &TicketId) -> (String, Value) {
        ("pk".to_owned(), Value::S(keys::ticket(&self.region, ticket)))
    }

    async fn get(&self, key: Item, attribute: &str) -> Result<Option<Vec<u8>>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.table()?)
            .set_key(Some(key))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("GetItem sealed", &e))?;
        Ok(answer.item.as_ref().and_then(|item| blob(item, attribute)))
    }

    /// One attribute of every record of a ticket, read consistently.
    async fn records<T>(
        &self,
        ticket: &TicketId,
        attribute: &str,
        read: impl Fn(&Item) -> Option<T>,
    ) -> Result<Vec<(RecordId, T)>, PortError> {
        let mut pages = self
            .client
            .query()
            .table_name(self.table()?)
            .key_condition_expression("pk = :pk")
            .projection_expression("sk, #attribute")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":pk", self.partition(ticket).1)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .send();
        let mut records = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| port_error("Query sealed", &e))?;
            records.extend(page.items().iter().filter_map(|item| {
                let record = RecordId::parse(item.get("sk")?.as_s().ok()?).ok()?;
                Some((record, read(item)?))
            }));
        }
        Ok(records)
    }
}

fn blob(item: &HashMap<String, Value>, attribute: &str) -> Option<Vec<u8>> {
    item.get(attribute)?.as_b().ok().map(|blob| blob.as_ref().to_vec())
}

fn sort(record: &RecordId) -> (String, Value) {
    ("sk".to_owned(), Value::S(record.as_str().to_owned()))
}

#[async_trait]
impl Texts for DynamoSealed {
    async fn put(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        ciphertext: &[u8],
        at: Timestamp,
    ) -> Result<bool, PortError> {
        let item = Item::from([
            self.partition(ticket),
            sort(record),
            ("ct".to_owned(), bytes(ciphertext)),
            ("at".to_owned(), Value::N(at.millis().to_string())),
        ]);
        let put = self
            .client
            .put_item()
            .table_name(self.table()?)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("PutItem sealed", put.send().await)
    }

    async fn get(
        &self,
        ticket: &TicketId,
        record: &RecordId,
    ) -> Result<Option<Vec<u8>>, PortError> {
        Self::get(self, Item::from([self.partition(ticket), sort(record)]), "ct").await
    }

    async fn renew(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        at: Timestamp,
    ) -> Result<bool, PortError> {
        let update = self
            .client
            .update_item()
            .table_name(self.table()?)
            .set_key(Some(Item::from([self.partition(ticket), sort(record)])))
            .update_expression("SET #at = :at")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", Value::N(at.millis().to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("UpdateItem sealed", update.send().await)
    }

    async fn list(&self, ticket: &TicketId) -> Result<Vec<(RecordId, Timestamp)>, PortError> {
        let at = |item: &Item| {
            let at: i64 = item.get("at")?.as_n().ok()?.parse().ok()?;
            Some(Timestamp::from_millis(at))
        };
        self.records(ticket, "at", at).await
    }

    async fn remove(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        at: Timestamp,
    ) -> Result<bool, PortError> {
        let delete = self
            .client
            .delete_item()
            .table_name(self.table()?)
            .set_key(Some(Item::from([self.partition(ticket), sort(record)])))
            .condition_expression("#at = :at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", Value::N(at.millis().to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("DeleteItem sealed", delete.send().await)
    }

    async fn all(&self, ticket: &TicketId) -> Result<Vec<(RecordId, Vec<u8>)>, PortError> {
        self.records(ticket, "ct", |item| blob(item, "ct")).await
    }
}

#[async_trait]
impl Keys for DynamoSealed {
    async fn wrapped(&self, ticket: &TicketId) -> Result<Option<Vec<u8>>, PortError> {
        Self::get(self, Item::from([self.partition(ticket)]), "wk").await
    }

    async fn destroy(&self, ticket: &TicketId) -> Result<(), PortError> {
        let delete = self
            .client
            .delete_item()
            .table_name(self.table()?)
            .set_key(Some(Item::from([self.partition(ticket)])))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        delete.send().await.map(|_| ()).map_err(|e| port_error("DeleteItem key", &e))
    }
}
