//! The SNS engine: winterbaume's in-memory topics behind HTTP. They do not survive a stop, and nobody is subscribed:
//! what is published is taken and goes no further.
//!
//! Known to differ from AWS: a topic's ARN is in the partition `aws` and in the engine's own account, and neither the
//! length of a message nor the form of its subject is checked. Lengths are checked here.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper::{Request, Response, StatusCode};
use winterbaume_core::{
    MockRequest, MockResponse, MockService as _, default_account_id, parse_query_string,
};
use winterbaume_sns::SnsService;

use super::REGION;
use super::http::into_http;

/// What AWS allows for a message, in bytes.
const MESSAGE_LIMIT: usize = 256 * 1024;

/// What is read of a request at all, in bytes: the message after the worst escaping (three bytes for
/// one) and some room for the rest.
const REQUEST_LIMIT: usize = 3 * MESSAGE_LIMIT + 64 * 1024;

/// The ARN that the engine gives to a topic.
#[must_use]
pub fn topic_arn(name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{}:{name}", default_account_id())
}

/// All topics as a hyper service; clones share them.
#[derive(Clone)]
pub(super) struct Topics(Arc<SnsService>);

impl Topics {
    /// No topics yet.
    pub(super) fn new() -> Self {
        Self(Arc::new(SnsService::new()))
    }

    async fn answer(self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, REQUEST_LIMIT).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, "InvalidParameter", &error);
            }
        };
        if is_oversized(&body) {
            return refusal(StatusCode::BAD_REQUEST, "InvalidParameter", &"Message too long");
        }
        // The engine reads the region from the host of the URI, and says us-east-1 otherwise.
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("https://sns.{REGION}.amazonaws.com{path}");
        let (method, headers) = (parts.method.to_string(), parts.headers);
        into_http(self.0.handle(MockRequest { method, uri, headers, body }).await)
    }
}

impl Service<Request<Incoming>> for Topics {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let topics = self.clone();
        Box::pin(async move { Ok(topics.answer(request).await) })
    }
}

/// Escaping only ever lengthens a text, so a short request needs no reading.
fn is_oversized(body: &[u8]) -> bool {
    if body.len() <= MESSAGE_LIMIT {
        return false;
    }
    let form = parse_query_string(&String::from_utf8_lossy(body));
    form.get("Message").is_some_and(|message| message.len() > MESSAGE_LIMIT)
}

fn refusal(status: StatusCode, code: &str, why: &dyn std::fmt::Display) -> Response<Full<Bytes>> {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{why}</Message></Error></ErrorResponse>"
    );
    into_http(MockResponse::xml(status.as_u16(), body))
}
