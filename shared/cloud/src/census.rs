//! Every open and every lately closed ticket, by two sparse indexes of the tickets table.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::{CardKind, RegionCode, TicketId, Timestamp};
use ports::{Census, PortError};

use crate::error::port_error;
use crate::keys;

/// The `due` and `archived` indexes of the tickets table.
#[derive(Debug)]
pub(crate) struct DynamoCensus {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    pub(crate) table: String,
}

impl DynamoCensus {
    /// The sort values of one partition of an index, from `from` on.
    async fn sorts(
        &self,
        (index, hash, range): (&str, &str, &str),
        partition: String,
        from: String,
    ) -> Result<Vec<String>, PortError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression("#hash = :partition AND #range >= :from")
            .expression_attribute_names("#hash", hash)
            .expression_attribute_names("#range", range)
            .expression_attribute_values(":partition", Value::S(partition))
            .expression_attribute_values(":from", Value::S(from))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .send();
        let mut sorts = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| port_error("Query census", &e))?;
            let values = page.items().iter();
            sorts.extend(values.filter_map(|item| item.get(range)?.as_s().ok().cloned()));
        }
        Ok(sorts)
    }
}

#[async_trait]
impl Census for DynamoCensus {
    async fn open(&self, shard: u8) -> Result<Vec<TicketId>, PortError> {
        let mut tickets = Vec::new();
        for machine in [true, false] {
            let partition = keys::due(&self.region, machine, shard);
            let from = keys::instant(Timestamp::MIN);
            let sorts = self.sorts(("due", "due_pk", "due_sk"), partition, from).await?;
            let cards = sorts.iter().filter_map(|sort| keys::parse_due_sort(sort));
            let turn = CardKind::Turn.to_string();
            tickets.extend(cards.filter(|(_, kind)| *kind == turn).map(|(turn, _)| turn.ticket));
        }
        Ok(tickets)
    }

    async fn archived(&self, shard: u8, since: Timestamp) -> Result<Vec<TicketId>, PortError> {
        let partition = keys::archived(&self.region, shard);
        let from = keys::instant(since);
        let sorts = self.sorts(("archived", "ar_pk", "ar_sk"), partition, from).await?;
        Ok(sorts.iter().filter_map(|sort| keys::ticket_of_instant_sort(sort)).collect())
    }
}
