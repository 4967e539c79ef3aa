//! How far channels have been told, on the tickets' own items: a sparse index finds what is due.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::{ChannelName, RegionCode, Ticket, TicketId, Timestamp};
use ports::{Deliveries, Delivery, DueDelivery, PortError};

use crate::error::{port_error, written};
use crate::item::{Item, ticket_from_item};
use crate::keys;

/// The index `telling` of the tickets table.
#[derive(Debug)]
pub(crate) struct DynamoDeliveries {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    pub(crate) table: String,
}

fn number(value: i64) -> Value {
    Value::N(value.to_string())
}

fn whole<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// How far the channel of the ticket in this item is.
fn delivery(region: &RegionCode, ticket: &Ticket, item: &Item) -> Delivery {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let given_up = keys::telling(region, ticket.channel(), true);
    let given_up = text("tl_pk").is_some_and(|partition| *partition == given_up);
    let sort = text("tl_sk").and_then(|sort| keys::instant_of_sort(sort));
    Delivery {
        told: whole(item, "td").unwrap_or(0),
        attempts: whole(item, "tn").unwrap_or(0),
        failing_since: whole(item, "tf").map(Timestamp::from_millis),
        due: sort.filter(|_| !given_up),
        given_up,
    }
}

impl DynamoDeliveries {
    fn key(&self, id: &TicketId) -> Item {
        Item::from([
            ("pk".to_owned(), Value::S(keys::ticket(&self.region, id))),
            ("sk".to_owned(), Value::S(keys::TICKET.to_owned())),
        ])
    }

    async fn listed(
        &self,
        partition: String,
        until: String,
        limit: u16,
    ) -> Result<Vec<DueDelivery>, PortError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("telling")
            .key_condition_expression("tl_pk = :partition AND tl_sk <= :until")
            .expression_attribute_values(":partition", Value::S(partition))
            .expression_attribute_values(":until", Value::S(until))
            .limit(i32::from(limit))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query telling", &e))?;
        let due = |item: &Item| {
            let sort = item.get("tl_sk")?.as_s().ok()?;
            let ticket = keys::ticket_of_instant_sort(sort)?;
            Some(DueDelivery { ticket, due: keys::instant_of_sort(sort)? })
        };
        Ok(answer.items().iter().filter_map(due).collect())
    }
}

#[async_trait]
impl Deliveries for DynamoDeliveries {
    async fn due(
        &self,
        channel: &ChannelName,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueDelivery>, PortError> {
        let partition = keys::telling(&self.region, channel, false);
        self.listed(partition, keys::due_until(until), limit).await
    }

    async fn given_up(
        &self,
        channel: &ChannelName,
        limit: u16,
    ) -> Result<Vec<TicketId>, PortError> {
        let partition = keys::telling(&self.region, channel, true);
        let all = self.listed(partition, keys::due_until(Timestamp::MAX), limit).await?;
        Ok(all.into_iter().map(|due| due.ticket).collect())
    }

    async fn of(&self, id: &TicketId) -> Result<Option<(Ticket, Delivery)>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(self.key(id)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("GetItem telling", &e))?;
        let Some(item) = answer.item else { return Ok(None) };
        let damaged =
            |fault| PortError::Permanent(format!("the stored ticket is damaged: {fault}"));
        let ticket = ticket_from_item(&self.region, id, &item).map_err(damaged)?.ticket;
        let delivery = delivery(&self.region, &ticket, &item);
        Ok(Some((ticket, delivery)))
    }

    async fn told(&self, ticket: &Ticket, told: u32) -> Result<bool, PortError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(self.key(ticket.id())))
            .update_expression("SET td = :told REMOVE tl_pk, tl_sk, tn, tf")
            .condition_expression("v = :version")
            .expression_attribute_values(":told", number(told.into()))
            .expression_attribute_values(":version", number(ticket.version().into()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("UpdateItem told", update.send().await)
    }

    async fn put_off(
        &self,
        ticket: &Ticket,
        before: &Delivery,
        now: &Delivery,
    ) -> Result<bool, PortError> {
        let (id, channel) = (ticket.id(), ticket.channel());
        let since = now.failing_since.map_or(0, Timestamp::millis);
        let due = now.stands_at().unwrap_or(ticket.received_at());
        let partition = keys::telling(&self.region, channel, now.given_up);
        let was = before.stands_at().unwrap_or(ticket.received_at());
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(self.key(id)))
            .update_expression("SET td = :told, tn = :tries, tf = :since, tl_pk = :pk, tl_sk = :sk")
            .condition_expression("tl_sk = :was")
            .expression_attribute_values(":told", number(now.told.into()))
            .expression_attribute_values(":tries", number(now.attempts.into()))
            .expression_attribute_values(":since", number(since))
            .expression_attribute_values(":pk", Value::S(partition))
            .expression_attribute_values(":sk", Value::S(keys::instant_sort(due, id)))
            .expression_attribute_values(":was", Value::S(keys::instant_sort(was, id)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("UpdateItem put off", update.send().await)
    }
}
