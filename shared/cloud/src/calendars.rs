//! The calendar in force: one item of the tickets table, which every function reads.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::{RegionCode, Timestamp};
use ports::{Calendars, PortError, StoredCalendar};

use crate::error::{port_error, written};
use crate::item::Item;
use crate::keys;

/// The tickets table as far as it holds the calendar.
#[derive(Debug)]
pub(crate) struct DynamoCalendars {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    /// The tickets table's name.
    pub(crate) table: String,
}

impl DynamoCalendars {
    fn key(&self) -> Item {
        Item::from([
            ("pk".to_owned(), Value::S(keys::rules(&self.region))),
            ("sk".to_owned(), Value::S(keys::CALENDAR.to_owned())),
        ])
    }
}

fn stored(item: &Item) -> Option<StoredCalendar> {
    Some(StoredCalendar {
        number: item.get("v")?.as_n().ok()?.parse().ok()?,
        version: item.get("vs")?.as_s().ok()?.clone(),
        text: item.get("tx")?.as_s().ok()?.clone(),
        since: Timestamp::from_millis(item.get("at")?.as_n().ok()?.parse().ok()?),
        replanned: item.get("rp")?.as_n().ok()?.parse().ok()?,
    })
}

#[async_trait]
impl Calendars for DynamoCalendars {
    async fn current(&self) -> Result<Option<StoredCalendar>, PortError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(self.key()));
        let get = get.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = get.send().await.map_err(|e| port_error("GetItem calendar", &e))?;
        let Some(item) = answer.item else { return Ok(None) };
        let damaged = || PortError::Permanent("the stored calendar is damaged".to_owned());
        stored(&item).map(Some).ok_or_else(damaged)
    }

    async fn put(&self, calendar: &StoredCalendar) -> Result<bool, PortError> {
        let number = |number: u32| Value::N(number.to_string());
        let mut item = self.key();
        item.extend([
            ("v".to_owned(), number(calendar.number)),
            ("vs".to_owned(), Value::S(calendar.version.clone())),
            ("tx".to_owned(), Value::S(calendar.text.clone())),
            ("at".to_owned(), Value::N(calendar.since.millis().to_string())),
            ("rp".to_owned(), number(calendar.replanned.into())),
        ]);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR v = :before")
            .expression_attribute_values(":before", number(calendar.number.saturating_sub(1)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("PutItem calendar", put.send().await)
    }

    async fn replanned(&self, number: u32, shards: u8) -> Result<(), PortError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(self.key()))
            .update_expression("SET rp = :shards")
            .condition_expression("v = :number")
            .expression_attribute_values(":shards", Value::N(shards.to_string()))
            .expression_attribute_values(":number", Value::N(number.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("UpdateItem calendar", update.send().await).map(drop)
    }
}
