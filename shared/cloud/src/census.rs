//! Every open and every lately closed ticket and the followers of a lead, by sparse indexes of the tickets table.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::{CardKind, RegionCode, TicketId, Timestamp};
use ports::{Census, PortError};

use crate::error::port_error;
use crate::keys;

/// The `due`, `archived` and `lead` indexes of the tickets table.
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

    async fn followers(
        &self,
        (lead, answered): (&TicketId, bool),
        from: Option<&TicketId>,
        limit: u16,
    ) -> Result<Vec<TicketId>, PortError> {
        let above = keys::follower_sort(answered, from);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("lead")
            .key_condition_expression("ld_pk = :lead AND ld_sk BETWEEN :above AND :end")
            .expression_attribute_values(":lead", Value::S(keys::ticket(&self.region, lead)))
            .expression_attribute_values(":above", Value::S(above))
            .expression_attribute_values(":end", Value::S(keys::followers_end(answered)))
            .limit(i32::from(limit))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query lead", &e))?;
        let sorts = answer.items().iter().filter_map(|item| item.get("ld_sk")?.as_s().ok());
        Ok(sorts.filter_map(|sort| TicketId::parse(sort.split_once('#')?.1).ok()).collect())
    }
}
