//! Counts what is asked of DynamoDB, SQS and S3, at the HTTP connector: retries count, as they
//! would on a bill.

use std::ops::Sub;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::ledger::{Call, what};

/// The media type of the services that are asked by forms.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// DynamoDB operations whose consumed capacity is read units; that of all others is write units.
const READS: [&str; 5] = ["GetItem", "Query", "BatchGetItem", "TransactGetItems", "Scan"];

/// A plain-HTTP client for the AWS SDK that counts. Clones share the counters.
#[derive(Clone, Debug)]
pub struct Meter {
    inner: SharedHttpClient,
    counters: Arc<Counters>,
}

/// What a [`Meter`] had counted at one moment. The difference of two is what lay between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Requests to DynamoDB.
    pub dynamodb_requests: u64,
    /// Write capacity units that answers reported; only requests that asked for
    /// `ReturnConsumedCapacity` have any, and refused ones never.
    pub dynamodb_write_units: f64,
    /// Read capacity units that answers reported, on the same terms.
    pub dynamodb_read_units: f64,
    /// Requests to SQS other than empty receives. A receive is counted when it is answered, so
    /// that a long poll still waiting is in neither count.
    pub sqs_requests: u64,
    /// `ReceiveMessage` requests that were answered with no message.
    pub sqs_empty_receives: u64,
    /// Requests to S3.
    pub s3_requests: u64,
}

impl Sub for Counts {
    type Output = Self;

    /// Subtracts field by field. A count that would fall below zero stays at zero.
    fn sub(self, earlier: Self) -> Self {
        let units = |now: f64, then: f64| (millis(now).saturating_sub(millis(then))) as f64 / 1e3;
        Self {
            dynamodb_requests: self.dynamodb_requests.saturating_sub(earlier.dynamodb_requests),
            dynamodb_write_units: units(self.dynamodb_write_units, earlier.dynamodb_write_units),
            dynamodb_read_units: units(self.dynamodb_read_units, earlier.dynamodb_read_units),
            sqs_requests: self.sqs_requests.saturating_sub(earlier.sqs_requests),
            sqs_empty_receives: self.sqs_empty_receives.saturating_sub(earlier.sqs_empty_receives),
            s3_requests: self.s3_requests.saturating_sub(earlier.s3_requests),
        }
    }
}

impl Meter {
    /// A meter at zero, with a connection pool of its own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            inner: aws_smithy_http_client::Builder::new().build_http(),
            counters: Arc::default(),
        }
    }

    /// Records every call from now on, besides counting.
    pub fn record(&self) {
        *self.counters.ledger() = Some(Vec::new());
    }

    /// What was recorded, and stops recording. Receives that brought nothing are left out.
    #[must_use]
    pub fn recorded(&self) -> Vec<Call> {
        self.counters.ledger().take().unwrap_or_default()
    }

    /// What has been counted so far. The fields are read one by one while counting goes on.
    #[must_use]
    pub fn snapshot(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            dynamodb_requests: read(&self.counters.dynamodb),
            dynamodb_write_units: read(&self.counters.write_millis) as f64 / 1e3,
            dynamodb_read_units: read(&self.counters.read_millis) as f64 / 1e3,
            sqs_requests: read(&self.counters.sqs),
            sqs_empty_receives: read(&self.counters.sqs_empty),
            s3_requests: read(&self.counters.s3),
        }
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpClient for Meter {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Metered {
            inner: self.inner.http_connector(settings, components),
            counters: Arc::clone(&self.counters),
        })
    }
}

/// A connector that counts what passes through it.
#[derive(Debug)]
struct Metered {
    inner: SharedHttpConnector,
    counters: Arc<Counters>,
}

impl HttpConnector for Metered {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let headers = request.headers();
        let asked = Asked::of(headers.get("x-amz-target"), headers.get("content-type"));
        let counters = Arc::clone(&self.counters);
        counters.count_request(asked);
        // A receive may have waited since before the recording began.
        let is_wanted = asked == Asked::SqsReceive || counters.ledger().is_some();
        let named = is_wanted.then(|| what(&request));
        let answer = self.inner.call(request);
        if !asked.is_worth_reading() {
            counters.note(named, (0, 0));
            return answer;
        }
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            let body = take_body(&mut response).await?;
            let units = consumed_millis(&body);
            let empty = response.status().is_success() && has_no_messages(&body);
            counters.count_answer((asked, empty), units);
            match asked {
                Asked::SqsReceive if empty => {}
                Asked::DynamoRead => counters.note(named, (0, units)),
                _ => counters.note(named, (units, 0)),
            }
            *response.body_mut() = SdkBody::from(body);
            Ok(response)
        })
    }
}

/// Reads the whole body, which the SDK would do too for the services that come here.
async fn take_body(response: &mut HttpResponse) -> Result<Vec<u8>, ConnectorError> {
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let read = ByteStream::new(body).collect().await;
    read.map(|bytes| bytes.to_vec()).map_err(|error| ConnectorError::io(error.into()))
}

/// What a request asks, as far as counting goes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    DynamoRead,
    DynamoWrite,
    SqsReceive,
    SqsOther,
    S3,
    /// A service that is not counted: Secrets Manager, SNS.
    Elsewhere,
}

impl Asked {
    /// Judges by the header that names the operation in AWS's JSON protocols, such as
    /// `DynamoDB_20120810.GetItem`; S3 and SNS have none, and only SNS is asked by forms.
    fn of(target: Option<&str>, media_type: Option<&str>) -> Self {
        let Some((service, operation)) =
            target.map(|name| name.split_once('.').unwrap_or((name, "")))
        else {
            let form = media_type.is_some_and(|one| one.starts_with(FORM));
            return if form { Self::Elsewhere } else { Self::S3 };
        };
        match service {
            "AmazonSQS" if operation == "ReceiveMessage" => Self::SqsReceive,
            "AmazonSQS" => Self::SqsOther,
            _ if !service.starts_with("DynamoDB_") => Self::Elsewhere,
            _ if READS.contains(&operation) => Self::DynamoRead,
            _ => Self::DynamoWrite,
        }
    }

    /// Whether the answer tells something to count; all that do are small JSON.
    fn is_worth_reading(self) -> bool {
        matches!(self, Self::DynamoRead | Self::DynamoWrite | Self::SqsReceive)
    }
}

/// Running totals; units are in thousandths.
#[derive(Debug, Default)]
struct Counters {
    dynamodb: AtomicU64,
    write_millis: AtomicU64,
    read_millis: AtomicU64,
    sqs: AtomicU64,
    sqs_empty: AtomicU64,
    s3: AtomicU64,
    ledger: Mutex<Option<Vec<Call>>>,
}

impl Counters {
    fn count_request(&self, asked: Asked) {
        let counter = match asked {
            Asked::DynamoRead | Asked::DynamoWrite => &self.dynamodb,
            Asked::SqsOther => &self.sqs,
            Asked::S3 => &self.s3,
            // Which of two counts a receive belongs to is known when it is answered.
            Asked::SqsReceive | Asked::Elsewhere => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn count_answer(&self, (asked, empty): (Asked, bool), units: u64) {
        let (counter, amount) = match asked {
            Asked::DynamoRead => (&self.read_millis, units),
            Asked::DynamoWrite => (&self.write_millis, units),
            Asked::SqsReceive if empty => (&self.sqs_empty, 1),
            Asked::SqsReceive => (&self.sqs, 1),
            Asked::SqsOther | Asked::S3 | Asked::Elsewhere => return,
        };
        counter.fetch_add(amount, Ordering::Relaxed);
    }

    fn ledger(&self) -> std::sync::MutexGuard<'_, Option<Vec<Call>>> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, named: Option<String>, (write, read): (u64, u64)) {
        let (write_units, read_units) = (write as f64 / 1e3, read as f64 / 1e3);
        if let (Some(what), Some(calls)) = (named, self.ledger().as_mut()) {
            calls.push(Call { what, write_units, read_units });
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Consumption {
    consumed_capacity: Option<Capacity>,
}

/// One table's capacity, or a list for operations that may touch several tables.
#[derive(Deserialize)]
#[serde(untagged)]
enum Capacity {
    One(TableCapacity),
    Many(Vec<TableCapacity>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableCapacity {
    #[serde(default)]
    capacity_units: f64,
}

/// The capacity units that an answer reports, in thousandths; none if it reports nothing.
fn consumed_millis(body: &[u8]) -> u64 {
    let Ok(answer) = serde_json::from_slice::<Consumption>(body) else { return 0 };
    match answer.consumed_capacity {
        None => 0,
        Some(Capacity::One(table)) => millis(table.capacity_units),
        Some(Capacity::Many(tables)) => {
            tables.iter().map(|table| millis(table.capacity_units)).sum()
        }
    }
}

/// Thousandths of a number of units. Negative numbers, which never occur, become zero.
fn millis(units: f64) -> u64 {
    (units * 1e3).round() as u64
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    messages: Option<Vec<IgnoredAny>>,
}

fn has_no_messages(body: &[u8]) -> bool {
    serde_json::from_slice::<Received>(body)
        .is_ok_and(|received| received.messages.is_none_or(|messages| messages.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_their_target() {
        let of = |target| Asked::of(Some(target), Some("application/x-amz-json-1.0"));
        assert_eq!(of("DynamoDB_20120810.Query"), Asked::DynamoRead);
        assert_eq!(of("DynamoDB_20120810.TransactWriteItems"), Asked::DynamoWrite);
        assert_eq!(of("AmazonSQS.ReceiveMessage"), Asked::SqsReceive);
        assert_eq!(of("AmazonSQS.SendMessage"), Asked::SqsOther);
        assert_eq!(of("secretsmanager.GetSecretValue"), Asked::Elsewhere);
        assert_eq!(Asked::of(None, None), Asked::S3);
        assert_eq!(Asked::of(None, Some("application/json")), Asked::S3);
        assert_eq!(Asked::of(None, Some(FORM)), Asked::Elsewhere);
    }

    #[test]
    fn capacity_is_read_from_an_object_or_a_list() {
        let one =
            br#"{"Attributes": {}, "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 2.5}}"#;
        assert_eq!(consumed_millis(one), 2_500);
        let many = br#"{"ConsumedCapacity": [{"CapacityUnits": 4}, {"CapacityUnits": 0.5}]}"#;
        assert_eq!(consumed_millis(many), 4_500);
        assert_eq!(consumed_millis(br#"{"Items": []}"#), 0);
        assert_eq!(consumed_millis(b"not json"), 0);
    }

    #[test]
    fn a_receive_is_empty_without_messages() {
        assert!(has_no_messages(b"{}"));
        assert!(has_no_messages(br#"{"Messages": []}"#));
        assert!(!has_no_messages(br#"{"Messages": [{"Body": "x"}]}"#));
        assert!(!has_no_messages(b"gateway error"));
    }

    #[test]
    fn counts_subtract_field_by_field() {
        let later = Counts { dynamodb_requests: 5, dynamodb_write_units: 3.3, ..Counts::default() };
        let earlier =
            Counts { dynamodb_requests: 2, dynamodb_write_units: 1.1, ..Counts::default() };
        let between = later - earlier;
        assert_eq!(between.dynamodb_requests, 3);
        assert!((between.dynamodb_write_units - 2.2).abs() < 1e-9);
    }
}
