//! Where the one-machine city's channels are told what became of their requests, until somebody
//! registers a real address: receivers that remember, answer, and can be made to fail.
//!
//! What they were told is somebody's reply, so it is kept in memory and nowhere else.

mod smtp;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use lambda::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, is_signed};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The path below which receivers listen.
pub(super) const PATH: &str = "/receivers";

/// How a receiver behaves.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Mood {
    /// Of a hundred tellings so many are answered with 503, some of them after they were taken.
    fail_percent: u32,
    /// Every telling is answered with 503.
    down: bool,
}

/// What a receiver was told.
#[derive(Clone, Debug, Serialize)]
struct Told {
    /// The key: ticket and event.
    key: String,
    /// How often.
    times: u32,
    /// The body, as it was first told.
    body: String,
}

#[derive(Debug, Default)]
struct Receiver {
    mood: Mood,
    told: Vec<Told>,
    refused: u32,
    draws: u32,
}

/// All receivers.
#[derive(Clone, Debug)]
pub(super) struct Receivers {
    all: Arc<Mutex<BTreeMap<String, Receiver>>>,
    secrets: PathBuf,
}

impl Receivers {
    /// The receivers of the city whose secrets lie there.
    pub(super) fn new(secrets: PathBuf) -> Self {
        Self { all: Arc::default(), secrets }
    }

    /// Their routes.
    pub(super) fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new()
            .route(PATH, get(list))
            .route(&format!("{PATH}/{{channel}}"), post(take))
            .route(&format!("{PATH}/{{channel}}/mood"), post(mood))
            .with_state(self.clone())
    }

    /// Starts the receiver of those who write mail, and gives where it listens.
    pub(super) async fn listen(
        &self,
        (stop, tasks): (&CancellationToken, &mut JoinSet<()>),
    ) -> anyhow::Result<SocketAddr> {
        smtp::listen(self.clone(), (stop, tasks)).await
    }

    /// A receiver is told something: whether it says that it has taken it.
    fn hear(&self, channel: &str, key: &str, body: &[u8]) -> bool {
        let mut all = self.lock();
        let receiver = all.entry(channel.to_owned()).or_default();
        // Evenly spread, and the same at every run: of a hundred in a row so many fail.
        receiver.draws = receiver.draws.wrapping_add(61);
        let fails = receiver.mood.down || receiver.draws % 100 < receiver.mood.fail_percent;
        if !fails || (receiver.draws.is_multiple_of(2) && !receiver.mood.down) {
            let body = String::from_utf8_lossy(body).into_owned();
            match receiver.told.iter_mut().find(|told| told.key == key) {
                Some(told) => told.times += 1,
                None => receiver.told.push(Told { key: key.to_owned(), times: 1, body }),
            }
        }
        !fails
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Receiver>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a telling that is signed as most channels' are is signed rightly.
    fn is_right(&self, channel: &str, headers: &HeaderMap, body: &[u8]) -> bool {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(signature) = header(SIGNATURE_HEADER) else { return true };
        let file = self.secrets.join(format!("channel-{channel}-secret"));
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let secret = cloud::channel_secret(&text).unwrap_or_default();
        // Just after a rotation something may be under way that was signed before.
        let secrets = [vec![secret.tells_with().to_vec()], secret.secrets].concat();
        is_signed(&secrets, header(TIMESTAMP_HEADER).unwrap_or_default(), body, signature)
    }
}

async fn take(
    State(receivers): State<Receivers>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if !receivers.is_right(&channel, &headers, &body) {
        receivers.lock().entry(channel).or_default().refused += 1;
        return StatusCode::UNAUTHORIZED;
    }
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    if receivers.hear(&channel, key.unwrap_or_default(), &body) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

async fn mood(
    State(receivers): State<Receivers>,
    Path(channel): Path<String>,
    axum::Json(mood): axum::Json<Mood>,
) -> StatusCode {
    receivers.lock().entry(channel).or_default().mood = mood;
    StatusCode::NO_CONTENT
}

async fn list(State(receivers): State<Receivers>) -> axum::Json<Value> {
    let all = receivers.lock();
    let of = |(name, receiver): (&String, &Receiver)| {
        let Receiver { mood, told, refused, .. } = receiver;
        json!({ "channel": name, "mood": mood, "refused": refused, "told": told })
    };
    axum::Json(all.iter().map(of).collect())
}
