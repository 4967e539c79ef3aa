//! What API Gateway does in front of a function: HTTP in, payload 2.0 to the function, its answer
//! out.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{any, get};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::Problem;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::host::Hosted;
use super::receivers::Receivers;
use super::{Access, Tally};

/// API Gateway's own limit of a body, in bytes; a channel's is lower and answered by the channel.
const GATEWAY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// By this header of `/healthz` a command knows that it speaks to the city of its data directory.
pub(super) const PID_HEADER: &str = "x-lianxin-pid";

/// Where the running city tells what its channels have taken in and refused.
pub(crate) const COUNTERS: &str = "/counters";

#[derive(Clone, Debug)]
struct Gateway {
    routes: Arc<BTreeMap<(String, String), Hosted>>,
}

/// Binds 127.0.0.1 and serves the template's routes.
pub(super) async fn serve(
    access: &Access,
    (hosted, receivers): (&BTreeMap<String, Hosted>, &Receivers),
    port: u16,
    (stop, tasks): (&CancellationToken, &mut JoinSet<()>),
) -> anyhow::Result<SocketAddr> {
    let mut routes = BTreeMap::new();
    for route in &access.template.routes {
        let function = hosted
            .get(&route.function)
            .with_context(|| format!("the route {} leads nowhere", route.path))?;
        routes.insert((route.method.clone(), route.path.clone()), function.clone());
    }
    let app = Router::new()
        .route("/healthz", get(health))
        .route(COUNTERS, get(counters))
        .fallback(any(gateway))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::disable())
        .with_state(Gateway { routes: Arc::new(routes) })
        .merge(receivers.routes());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
        format!("port {port} of 127.0.0.1 is taken: choose another with --port")
    })?;
    let address = listener.local_addr()?;
    let stop = stop.clone();
    tasks.spawn(async move {
        let served = axum::serve(listener, app)
            .with_graceful_shutdown(async move { stop.cancelled().await });
        if let Err(error) = served.await {
            tracing::error!(%error, "HTTP ended");
        }
    });
    Ok(address)
}

async fn health() -> impl axum::response::IntoResponse {
    ([(PID_HEADER, std::process::id().to_string())], axum::Json(json!({ "status": "ok" })))
}

async fn counters() -> axum::Json<Value> {
    axum::Json(Tally::to_json())
}

async fn wrong_method() -> Response<Body> {
    refuse(&Problem::new(405, "wrong-method", "This address takes another method"))
}

async fn gateway(State(gateway): State<Gateway>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let key = (parts.method.to_string(), parts.uri.path().to_owned());
    let Some(function) = gateway.routes.get(&key) else {
        let known = gateway.routes.keys().any(|(_, path)| *path == key.1);
        return refuse(&if known {
            Problem::new(405, "wrong-method", "This address takes another method")
                .detail("Use POST.")
        } else {
            Problem::new(404, "no-such-address", "There is nothing at this address")
                .detail("Channels post to /channels/<name>.")
        });
    };
    let Ok(body) = axum::body::to_bytes(body, GATEWAY_BYTES_MAX).await else {
        return refuse(&Problem::new(413, "too-large", "The body is too large"));
    };
    match function.invoke(event(&parts, &body)).await {
        Ok(answer) => respond(&answer).unwrap_or_else(|| refuse(&broken())),
        Err(_logged) => refuse(&broken()),
    }
}

fn broken() -> Problem {
    Problem::new(502, "no-answer", "The function gave no answer")
        .detail("Send the same request again.")
}

fn refuse(problem: &Problem) -> Response<Body> {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = (status, serde_json::to_string(problem).unwrap_or_default()).into_response();
    response.headers_mut().insert("content-type", HeaderValue::from_static(Problem::MEDIA_TYPE));
    response
}

/// Payload 2.0, as far as functions read it.
fn event(parts: &Parts, body: &Bytes) -> Value {
    let headers: BTreeMap<&str, String> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let text = std::str::from_utf8(body);
    json!({
        "version": "2.0",
        "routeKey": format!("{} {}", parts.method, parts.uri.path()),
        "rawPath": parts.uri.path(),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": { "http": { "method": parts.method.as_str(), "path": parts.uri.path() } },
        "body": text.map_or_else(|_binary| STANDARD.encode(body), str::to_owned),
        "isBase64Encoded": text.is_err(),
    })
}

fn respond(answer: &Value) -> Option<Response<Body>> {
    let status = u16::try_from(answer.get("statusCode")?.as_u64()?).ok()?;
    let mut response = Response::builder().status(status);
    for (name, value) in answer.get("headers")?.as_object()? {
        response = response.header(name, value.as_str()?);
    }
    response.body(Body::from(answer.get("body")?.as_str()?.to_owned())).ok()
}
