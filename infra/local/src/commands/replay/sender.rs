//! Posts messages as the channel would: signed webhooks over HTTP.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cloud::SystemClock;
use domain::TicketId;
use indicatif::ProgressBar;
use lambda::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
use ports::Clock as _;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::say;
use super::messages::Message;

/// A channel tries again for so long when it gets no answer or a 503.
const TRIES_MAX: u32 = 5;

/// What became of the webhooks.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) accepted: usize,
    pub(super) refused: usize,
    /// The tickets of the accepted ones.
    pub(super) tickets: BTreeSet<TicketId>,
    /// Those that were archived when the answer came: the same file was replayed before.
    pub(super) archived_before: BTreeSet<TicketId>,
    latencies: Vec<Duration>,
}

impl Sent {
    pub(super) fn note(&mut self, accepted: Accepted) {
        self.accepted += 1;
        self.latencies.push(accepted.latency);
        if accepted.archived {
            self.archived_before.insert(accepted.ticket.clone());
        }
        self.tickets.insert(accepted.ticket);
    }

    /// The latency in milliseconds that so many of a hundred accepted webhooks did not exceed.
    pub(super) fn percentile(&self, hundredth: usize) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * hundredth).div_ceil(100).saturating_sub(1);
        sorted.get(at).map_or(0.0, |latency| (latency.as_secs_f64() * 1e5).round() / 100.0)
    }
}

/// A file of receipts: a line for every 202, as soon as it is answered.
#[derive(Debug)]
pub(super) struct Receipts(Mutex<File>);

impl Receipts {
    pub(super) fn open(path: &Path) -> anyhow::Result<Arc<Self>> {
        let file = File::options().create(true).append(true).open(path);
        Ok(Arc::new(Self(Mutex::new(
            file.with_context(|| format!("cannot write {}", path.display()))?,
        ))))
    }

    fn write(&self, order: &str, ticket: &TicketId) -> anyhow::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{order} {ticket}").context("cannot write the receipts")
    }
}

/// A channel's side of the door.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    http: reqwest::Client,
    url: String,
    secret: Arc<Vec<u8>>,
    gate: Arc<Semaphore>,
    receipts: Option<Arc<Receipts>>,
}

#[derive(Deserialize)]
struct Answer {
    ticket: String,
    status: String,
}

/// A webhook that was answered with 202.
pub(super) struct Accepted {
    latency: Duration,
    ticket: TicketId,
    archived: bool,
}

impl Accepted {
    fn read(answer: &str, latency: Duration) -> anyhow::Result<Self> {
        let answer: Answer = serde_json::from_str(answer).context("a 202 without its ticket")?;
        let ticket = TicketId::parse(&answer.ticket);
        let ticket = ticket.map_err(|fault| anyhow::anyhow!("a ticket's id: {fault}"))?;
        Ok(Self { latency, ticket, archived: answer.status == "archived" })
    }
}

impl Sender {
    pub(super) fn new(
        city: &str,
        secrets: &Path,
        channel: &str,
        (at_once, receipts): (usize, Option<Arc<Receipts>>),
    ) -> anyhow::Result<Self> {
        let file = secrets.join(format!("channel-{channel}-secret"));
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let secret = cloud::channel_secrets(&text)?
            .into_iter()
            .next()
            .context("the channel has no secret")?;
        Ok(Self {
            http: reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?,
            url: format!("{city}/channels/{channel}"),
            secret: Arc::new(secret),
            gate: Arc::new(Semaphore::new(at_once)),
            receipts,
        })
    }

    /// Sends every message `times` times at once.
    pub(super) async fn send_all(
        &self,
        messages: &[Message],
        times: usize,
        progress: &ProgressBar,
    ) -> anyhow::Result<Sent> {
        let (mut tasks, mut sent) = (JoinSet::new(), Sent::default());
        for message in messages {
            let message = Arc::new(message.clone());
            for _ in 0..times {
                tasks.spawn(self.clone().wait_and_send(Arc::clone(&message)));
            }
        }
        while let Some(outcome) = tasks.join_next().await {
            match outcome.context("a sender failed")? {
                Ok(accepted) => sent.note(accepted),
                Err(error) => {
                    sent.refused += 1;
                    say(&format!("refused: {error:#}"));
                }
            }
            progress.set_message(format!("{} accepted", sent.accepted));
        }
        Ok(sent)
    }

    async fn wait_and_send(self, message: Arc<Message>) -> anyhow::Result<Accepted> {
        let _under_way = self.gate.acquire().await;
        self.send(&message).await
    }

    /// Sends one message until it is answered, as a channel would.
    pub(super) async fn send(&self, message: &Message) -> anyhow::Result<Accepted> {
        let body = body(message);
        let mut last = anyhow::anyhow!("never sent");
        for attempt in 0..TRIES_MAX {
            let started = Instant::now();
            match self.post(&body).await {
                Ok((202, text)) => {
                    let accepted = Accepted::read(&text, started.elapsed())?;
                    self.keep_receipt(&message.id, &accepted.ticket)?;
                    return Ok(accepted);
                }
                // A problem's text never quotes what was sent.
                Ok((status, text)) if status < 500 => anyhow::bail!("{status}: {text}"),
                Ok((status, _)) => last = anyhow::anyhow!("{status} from the city"),
                Err(error) => last = error,
            }
            tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
        }
        Err(last)
    }

    fn keep_receipt(&self, order: &str, ticket: &TicketId) -> anyhow::Result<()> {
        self.receipts.as_ref().map_or(Ok(()), |receipts| receipts.write(order, ticket))
    }

    async fn post(&self, body: &str) -> anyhow::Result<(u16, String)> {
        let timestamp = (SystemClock.wall().millis() / 1000).to_string();
        let signature = sign(&self.secret, &timestamp, body.as_bytes());
        let post = self
            .http
            .post(&self.url)
            .header(TIMESTAMP_HEADER, timestamp)
            .header(SIGNATURE_HEADER, signature);
        let answer =
            post.header("content-type", "application/json").body(body.to_owned()).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}

/// The hotline's `submit`.
fn body(message: &Message) -> String {
    json!({
        "type": "submit",
        "order_id": message.id,
        "sent_at": message.sent_at,
        "title": message.title,
        "content": message.body,
        "citizen": message.citizen,
    })
    .to_string()
}
