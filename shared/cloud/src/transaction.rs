//! Transactions: all of it or nothing, and why not.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem};
use ports::PortError;

use crate::change::impossible;
use crate::error::port_error;
use crate::item::Item;

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transacted {
    /// Written.
    Done,
    /// One of its conditions failed.
    Refused,
    /// Another transaction was at one of its items: nothing was written, and its conditions may still hold.
    Conflict,
}

/// Runs a transaction.
pub(crate) async fn transact(
    (client, operation): (&Client, &str),
    items: Vec<TransactWriteItem>,
) -> Result<Transacted, PortError> {
    let call = client
        .transact_write_items()
        .set_transact_items(Some(items))
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    let Err(error) = call.send().await else { return Ok(Transacted::Done) };
    let canceled = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled,
        Some(_) | None => return Err(port_error(operation, &error)),
    };
    let because =
        |code| canceled.cancellation_reasons().iter().any(|reason| reason.code() == Some(code));
    if because("ConditionalCheckFailed") {
        Ok(Transacted::Refused)
    } else if because("TransactionConflict") {
        Ok(Transacted::Conflict)
    } else {
        // Throttles among them: the SDK does not retry those.
        Err(port_error(operation, &error))
    }
}

/// Puts an item where none stands.
pub(crate) fn put_new(table: &str, item: Item) -> Result<TransactWriteItem, PortError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .map_err(|e| impossible(&e))?;
    Ok(TransactWriteItem::builder().put(put).build())
}
