//! The SQS engine: winterbaume's in-memory queues behind HTTP. Messages do not survive a stop.
//!
//! Standard queues only. Known to differ from AWS: a receive with `VisibilityTimeout` 0 and a send
//! with `DelaySeconds` 0 use the queue's default instead, binary attributes lose their value, and
//! one bad receipt handle fails a whole `DeleteMessageBatch`. Sizes, which the engine does not
//! check, are checked here.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::service::Service;
use hyper::{Request, Response, StatusCode};
use serde::Deserialize;
use winterbaume_core::{MockRequest, MockResponse, MockService as _};
use winterbaume_sqs::SqsService;

use super::REGION;
use super::http::into_http;

/// What AWS allows for the bodies of one send, single or batch, in bytes.
const MESSAGE_LIMIT: usize = 1024 * 1024;

/// What is read of a request at all, in bytes: the message limit after the worst JSON escaping
/// (six bytes for one) and some room for the rest.
const REQUEST_LIMIT: usize = 6 * MESSAGE_LIMIT + 256 * 1024;

/// All queues as a hyper service; clones share them.
#[derive(Clone)]
pub(super) struct Queues(Arc<SqsService>);

impl Queues {
    /// No queues yet.
    pub(super) fn new() -> Self {
        Self(Arc::new(SqsService::new()))
    }

    async fn answer(self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, REQUEST_LIMIT).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                return refusal(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "InvalidRequest",
                    &error.to_string(),
                );
            }
        };
        if let Some(refused) = oversized(operation(&parts), &body) {
            return refused;
        }
        // The engine reads the region from the host of the URI, and says us-east-1 otherwise.
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("https://sqs.{REGION}.amazonaws.com{path}");
        let (method, headers) = (parts.method.to_string(), parts.headers);
        into_http(self.0.handle(MockRequest { method, uri, headers, body }).await)
    }
}

impl Service<Request<Incoming>> for Queues {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let queues = self.clone();
        Box::pin(async move { Ok(queues.answer(request).await) })
    }
}

/// The operation a request names, such as `SendMessage`.
fn operation(parts: &Parts) -> &str {
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    target.and_then(|target| target.rsplit('.').next()).unwrap_or_default()
}

/// A send as far as its size goes: one body, or the entries of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    #[serde(default)]
    message_body: String,
    #[serde(default)]
    entries: Vec<Sent>,
}

impl Sent {
    fn size(&self) -> usize {
        self.entries.iter().fold(self.message_body.len(), |sum, entry| sum + entry.size())
    }
}

/// The refusal AWS gives to a send that is too large, if it is one.
///
/// JSON escaping only ever lengthens a text, so a short request needs no parsing; one that is not
/// valid JSON is left to the engine to refuse.
fn oversized(operation: &str, body: &[u8]) -> Option<Response<Full<Bytes>>> {
    let code = match operation {
        "SendMessage" => "InvalidParameterValue",
        "SendMessageBatch" => "com.amazonaws.sqs#BatchRequestTooLong",
        _ => return None,
    };
    if body.len() <= MESSAGE_LIMIT {
        return None;
    }
    let sent: Sent = serde_json::from_slice(body).ok()?;
    (sent.size() > MESSAGE_LIMIT).then(|| {
        let message = format!("Messages must be shorter than {MESSAGE_LIMIT} bytes.");
        refusal(StatusCode::BAD_REQUEST, code, &message)
    })
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({ "__type": code, "message": message }).to_string();
    into_http(MockResponse::json(status.as_u16(), body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sends_beyond_the_limit_are_refused() {
        let send = |length: usize| serde_json::json!({"MessageBody": "x".repeat(length)});
        let one = |length| send(length).to_string().into_bytes();
        assert!(oversized("SendMessage", &one(MESSAGE_LIMIT)).is_none());
        assert!(oversized("SendMessage", &one(MESSAGE_LIMIT + 1)).is_some());
        assert!(oversized("ReceiveMessage", &one(MESSAGE_LIMIT + 1)).is_none());
        let half = send(MESSAGE_LIMIT / 2 + 1);
        let batch = serde_json::json!({"Entries": [half, half]}).to_string().into_bytes();
        assert!(oversized("SendMessageBatch", &batch).is_some());
    }
}
