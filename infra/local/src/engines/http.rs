//! A small HTTP/1 server loop for engines that are hyper services, with a graceful stop.

use std::error::Error;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::service::Service;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use winterbaume_core::MockResponse;

type BoxError = Box<dyn Error + Send + Sync>;

/// Pause after a failed accept: the usual cause, too many open files, does not go at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Tells every holder of its [`Stop`] to end; dropping it tells them too.
#[derive(Debug)]
pub(super) struct StopSwitch(watch::Sender<bool>);

impl StopSwitch {
    /// A switch that has not been thrown.
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// A view of the switch for one task.
    pub(super) fn watch(&self) -> Stop {
        Stop(self.0.subscribe())
    }

    /// Throws the switch, for good.
    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// The receiving end of a [`StopSwitch`].
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Resolves once the switch has been thrown or dropped.
    pub(super) async fn requested(mut self) {
        // An error means that the switch was dropped, which asks for the same.
        drop(self.0.wait_for(|thrown| *thrown).await);
    }
}

/// What an engine that answers in memory has answered.
pub(super) fn into_http(answer: MockResponse) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_else(|error| {
        tracing::error!(%error, status = answer.status, "an engine gave no valid status");
        StatusCode::INTERNAL_SERVER_ERROR
    });
    *response.headers_mut() = answer.headers;
    response
}

/// Serves `service` on `listener` until `stop`, then returns when its last connection has ended.
pub(super) async fn serve<S, B>(listener: TcpListener, service: S, stop: Stop)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let mut connections = JoinSet::new();
    let mut stopped = pin!(stop.clone().requested());
    loop {
        let accepted = tokio::select! {
            () = &mut stopped => break,
            Some(ended) = connections.join_next() => {
                report(ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, service.clone(), stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    while let Some(ended) = connections.join_next().await {
        report(ended);
    }
}

/// Says in the log why a connection task died; clients see a closed connection and retry.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "an engine panicked while serving a request");
    }
}

/// Serves one connection to its end; after `stop`, only the request in progress.
async fn converse<S, B>(stream: TcpStream, service: S, stop: Stop)
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Future,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let mut connection = pin!(
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.requested() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to an engine broke");
    }
}
