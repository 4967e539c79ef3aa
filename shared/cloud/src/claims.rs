//! Claims of uploads, in the tickets table: found from the upload's key, without a scan.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::{RegionCode, TicketId, UploadKey};
use ports::{Claims, PortError};

use crate::error::{port_error, written};
use crate::item::Item;
use crate::keys;

/// The tickets table as far as it holds claims.
#[derive(Debug)]
pub(crate) struct DynamoClaims {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    /// The tickets table's name.
    pub(crate) table: String,
}

impl DynamoClaims {
    fn key(&self, key: &UploadKey) -> Item {
        Item::from([
            ("pk".to_owned(), Value::S(keys::claim(&self.region, key))),
            ("sk".to_owned(), Value::S(keys::CLAIM.to_owned())),
        ])
    }
}

#[async_trait]
impl Claims for DynamoClaims {
    async fn claim(&self, key: &UploadKey, ticket: &TicketId) -> Result<bool, PortError> {
        let mut item = self.key(key);
        item.insert("tk".to_owned(), Value::S(ticket.as_str().to_owned()));
        // The same claim again is the same item.
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR tk = :ticket")
            .expression_attribute_values(":ticket", Value::S(ticket.as_str().to_owned()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("PutItem claim", put.send().await)
    }

    async fn of(&self, key: &UploadKey) -> Result<Option<TicketId>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(self.key(key)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("GetItem claim", &e))?;
        let Some(item) = answer.item else { return Ok(None) };
        let ticket = item.get("tk").and_then(|tk| tk.as_s().ok());
        let ticket = ticket.and_then(|tk| TicketId::parse(tk).ok());
        let damaged = || PortError::Permanent("a claim without its ticket".to_owned());
        ticket.ok_or_else(damaged).map(Some)
    }
}
