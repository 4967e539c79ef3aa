//! HTTP as API Gateway's payload 2.0 brings it, and the answers.

use std::collections::BTreeMap;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::Problem;
use serde_json::{Map, Value, json};

use crate::function::Failure;

/// The longest body a channel may post, in bytes, unless its adapter says otherwise.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// One request.
#[derive(Debug)]
pub struct Request {
    /// The path, as sent.
    pub path: String,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body's bytes, exactly as sent.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads the event.
    ///
    /// # Errors
    /// [`Failure`] when it is not such an event: a fault of the host, not of the caller.
    pub fn from_event(event: Value) -> Result<Self, Failure> {
        let event: ApiGatewayV2httpRequest = serde_json::from_value(event)
            .map_err(|_quoted| Failure("not an HTTP event of payload 2.0".to_owned()))?;
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded {
            STANDARD
                .decode(body)
                .map_err(|_bytes| Failure("the event's body is not base64".to_owned()))?
        } else {
            body.into_bytes()
        };
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = event
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
            .collect();
        Ok(Self { path: event.raw_path.unwrap_or_default(), headers, body })
    }

    /// The header `name` (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// An answer with a JSON body.
#[must_use]
pub fn answer(status: u16, body: &Value) -> Value {
    respond(status, "application/json", &body.to_string())
}

/// An answer with problem details.
#[must_use]
pub fn refuse(problem: &Problem) -> Value {
    let body = serde_json::to_string(problem).unwrap_or_default();
    respond(problem.status, Problem::MEDIA_TYPE, &body)
}

/// An answer with problem details that says after how many seconds to come again.
#[must_use]
pub fn refuse_for(problem: &Problem, seconds: i64) -> Value {
    let mut answer = refuse(problem);
    if let Some(Value::Object(headers)) = answer.get_mut("headers") {
        headers.insert("retry-after".to_owned(), json!(seconds.to_string()));
    }
    answer
}

/// An answer with problem details and further members, such as the results of a batch.
#[must_use]
pub fn refuse_with(problem: &Problem, members: Map<String, Value>) -> Value {
    let mut body = serde_json::to_value(problem).unwrap_or_default();
    if let Value::Object(map) = &mut body {
        map.extend(members);
    }
    respond(problem.status, Problem::MEDIA_TYPE, &body.to_string())
}

fn respond(status: u16, media_type: &str, body: &str) -> Value {
    let mut headers = BTreeMap::from([("content-type", media_type), ("cache-control", "no-store")]);
    if status == 503 {
        headers.insert("retry-after", "5");
    }
    json!({ "statusCode": status, "headers": headers, "body": body, "isBase64Encoded": false })
}
