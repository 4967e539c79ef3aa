//! A queue's batch, record by record: each body is read by itself, so that one poison harms no other.

use async_trait::async_trait;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::future::join_all;
use ports::World;
use serde_json::Value;

use crate::function::Failure;
use crate::step::StepError;

/// What deals with the records of a queue.
#[async_trait]
pub trait Records: Send + Sync {
    /// What it is called in the logs.
    fn name(&self) -> &str;

    /// Deals with one body.
    ///
    /// # Errors
    /// [`StepError`] tells what it means for the message.
    async fn record(&self, body: &str) -> Result<(), StepError>;
}

/// Deals with one record and says whether it may be acknowledged.
async fn settled(of: &dyn Records, world: &World, (id, body): (&str, &str)) -> bool {
    let error = match of.record(body).await {
        Ok(()) => return true,
        Err(error) => error,
    };
    let step = of.name();
    match &error {
        StepError::Temporary(_) => {
            tracing::warn!(step, message.id = id, %error, "comes again");
            false
        }
        StepError::Permanent(reason) => {
            tracing::error!(step, message.id = id, %error, "to the dead letters");
            // If it cannot be buried it comes again, and ends there by its number of receives.
            world.hints.bury(body, reason).await.is_ok()
        }
    }
}

/// Deals with a whole event and answers which of its records failed.
///
/// # Errors
/// [`Failure`] when it is no event of a queue.
pub async fn settle(of: &dyn Records, world: &World, event: Value) -> Result<Value, Failure> {
    let event: SqsEvent =
        serde_json::from_value(event).map_err(|_quoted| Failure("not an SQS event".to_owned()))?;
    // Without an id a record cannot be named as failed; failing the batch lets all of it come again.
    let records: Option<Vec<(&str, &str)>> = event.records.iter().map(id_and_body).collect();
    let records = records.ok_or_else(|| Failure("a record has no id".to_owned()))?;
    let all = join_all(records.iter().map(|record| settled(of, world, *record))).await;
    let failed = records.iter().zip(all).filter(|(_, settled)| !settled);
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed
        .map(|((id, _), _)| {
            let mut failure = BatchItemFailure::default();
            (*id).clone_into(&mut failure.item_identifier);
            failure
        })
        .collect();
    serde_json::to_value(response).map_err(|e| Failure(format!("the answer is not JSON: {e}")))
}

fn id_and_body(record: &SqsMessage) -> Option<(&str, &str)> {
    Some((record.message_id.as_deref()?, record.body.as_deref().unwrap_or_default()))
}
