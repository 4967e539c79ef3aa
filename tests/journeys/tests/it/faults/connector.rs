//! A network that breaks at one certain call: what the SDK's clients speak through.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use cloud::Clients;
use lianxin_local::engines::meter::Meter;
use serde_json::Value;

/// How a call breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No connection: the engine never hears of it.
    Unreachable,
    /// The service answers 500 and has done nothing.
    Refused,
    /// The engine has done it, and the answer is lost.
    Lost,
}

/// A message that a queue has taken: the queue's name and the body.
pub(super) type Sent = (String, String);

#[derive(Debug, Default)]
struct State {
    calls: usize,
    /// The first call that breaks, from 1, how, and how many break one after the other.
    plan: Option<(usize, Fault, usize)>,
    broken: Vec<String>,
    sent: VecDeque<Sent>,
}

/// The network. Clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Network {
    inner: SharedHttpClient,
    state: Arc<Mutex<State>>,
}

impl Network {
    pub(super) fn new(meter: Meter) -> Self {
        Self { inner: SharedHttpClient::new(meter), state: Arc::default() }
    }

    /// Counts from here; the `at`th call and those after it break, `times` in all.
    pub(super) fn arm(&self, plan: Option<(usize, Fault, usize)>) {
        *self.state.lock().unwrap() = State { plan, ..State::default() };
    }

    /// How many calls there were since it was armed, and which of them broke.
    pub(super) fn report(&self) -> (usize, Vec<String>) {
        let state = self.state.lock().unwrap();
        (state.calls, state.broken.clone())
    }

    /// The next message that a queue took.
    pub(super) fn next_message(&self) -> Option<Sent> {
        self.state.lock().unwrap().sent.pop_front()
    }

    /// The same clients, through this network, with the SDK's retries or without.
    pub(super) fn clients(&self, of: &Clients, retries: bool) -> Clients {
        let retry = match retries {
            false => RetryConfig::disabled(),
            true => RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)),
        };
        let dynamodb = of.dynamodb.config().to_builder().http_client(self.clone());
        let sqs = of.sqs.config().to_builder().http_client(self.clone());
        let s3 = of.s3.config().to_builder().http_client(self.clone());
        Clients {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                dynamodb.retry_config(retry.clone()).build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(sqs.retry_config(retry.clone()).build()),
            s3: aws_sdk_s3::Client::from_conf(s3.retry_config(retry).build()),
        }
    }
}

impl HttpClient for Network {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Wire { inner, state: Arc::clone(&self.state) })
    }
}

#[derive(Debug)]
struct Wire {
    inner: SharedHttpConnector,
    state: Arc<Mutex<State>>,
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").unwrap_or(request.method());
        let fault = self.state.lock().unwrap().next(operation);
        match fault {
            Some(Fault::Unreachable) => HttpConnectorFuture::ready(Err(gone("no connection"))),
            Some(Fault::Refused) => HttpConnectorFuture::ready(Ok(HttpResponse::new(
                500.try_into().unwrap(),
                SdkBody::from("{}"),
            ))),
            Some(Fault::Lost) | None => {
                let (sent, state) = (message(&request), Arc::clone(&self.state));
                let answer = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    let answer = answer.await?;
                    state.lock().unwrap().sent.extend(sent);
                    fault.map_or(Ok(answer), |_| Err(gone("the answer was lost")))
                })
            }
        }
    }
}

fn gone(what: &str) -> ConnectorError {
    ConnectorError::io(what.to_owned().into())
}

impl State {
    fn next(&mut self, operation: &str) -> Option<Fault> {
        self.calls += 1;
        let (at, fault, times) = self.plan?;
        if !(at..at + times).contains(&self.calls) {
            return None;
        }
        self.broken.push(operation.to_owned());
        Some(fault)
    }
}

/// The message that a request would put into a queue.
fn message(request: &HttpRequest) -> Option<Sent> {
    if request.headers().get("x-amz-target") != Some("AmazonSQS.SendMessage") {
        return None;
    }
    let asked: Value = serde_json::from_slice(request.body().bytes()?).ok()?;
    let queue = asked["QueueUrl"].as_str()?.rsplit('/').next()?.to_owned();
    Some((queue, asked["MessageBody"].as_str()?.to_owned()))
}
