//! What a channel has sent in a minute, counted in the tickets table: an item a minute, which expires.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::{ChannelName, RegionCode, Timestamp};
use ports::{PortError, Turnstile};

use crate::error::written;
use crate::keys;

/// So long after its minute a count is of no more use to anybody, in milliseconds.
const KEPT_MS: i64 = Timestamp::HOUR_MS;

/// The tickets table as far as it holds counts.
#[derive(Debug)]
pub(crate) struct DynamoTurnstile {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    /// The tickets table's name.
    pub(crate) table: String,
}

#[async_trait]
impl Turnstile for DynamoTurnstile {
    async fn pass(
        &self,
        channel: &ChannelName,
        wall: Timestamp,
        per_minute: u32,
    ) -> Result<bool, PortError> {
        let number = |number: i64| Value::N(number.to_string());
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", Value::S(keys::counts(&self.region, channel)))
            .key("sk", Value::S(keys::count(wall)))
            .update_expression("ADD ct :one SET ex = :expires")
            .condition_expression("attribute_not_exists(ct) OR ct < :most")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(per_minute.into()))
            .expression_attribute_values(":expires", number((wall.millis() + KEPT_MS) / 1000))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("UpdateItem count", update.send().await)
    }
}
