//! The `citizen` index of the tickets table: finding and forgetting a person.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::{RegionCode, TicketId};
use ports::{Citizens, Cursor, Page, PortError};

use crate::error::{port_error, written};
use crate::keys;

/// So many tickets are found at a time; hardly anybody has more.
const PAGE_MAX: i32 = 100;

/// The index of the tickets table.
#[derive(Debug)]
pub(crate) struct DynamoCitizens {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    pub(crate) table: String,
}

#[async_trait]
impl Citizens for DynamoCitizens {
    async fn tickets(
        &self,
        hash: &str,
        from: Option<&Cursor>,
    ) -> Result<Page<TicketId>, PortError> {
        // The cursor is the last sort value seen: the next page begins above it.
        let above = from.map_or("0", |cursor| cursor.0.as_str());
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("citizen")
            .key_condition_expression("ci_pk = :citizen AND ci_sk > :above")
            .expression_attribute_values(":citizen", Value::S(keys::citizen(&self.region, hash)))
            .expression_attribute_values(":above", Value::S(above.to_owned()))
            .limit(PAGE_MAX)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query citizen", &e))?;
        let text = |item: &crate::item::Item, name: &str| item.get(name)?.as_s().ok().cloned();
        let last = answer.items().last().and_then(|item| text(item, "ci_sk"));
        let items = answer.items().iter();
        Ok(Page {
            items: items.filter_map(|item| keys::ticket_of(&text(item, "pk")?)).collect(),
            next: answer.last_evaluated_key().and(last).map(Cursor),
        })
    }

    async fn forget(&self, ticket: &TicketId) -> Result<bool, PortError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", Value::S(keys::ticket(&self.region, ticket)))
            .key("sk", Value::S(keys::TICKET.to_owned()))
            .update_expression("REMOVE ci_pk, ci_sk")
            .condition_expression("attribute_exists(ci_pk) OR attribute_exists(ci_sk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("UpdateItem forget", update.send().await)
    }
}
