//! Posts messages as the channels would: signed webhooks over HTTP, and photos before them.

use std::collections::BTreeMap;
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
use super::channels::Channel;
use super::messages::Message;
use super::phones::Phones;
use super::photos::{self, Photo};
use crate::city::DataDir;

/// A channel tries so often when it gets no answer or a 5xx.
const TRIES_MAX: u32 = 5;

/// What became of the webhooks.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) accepted: usize,
    pub(super) refused: usize,
    /// The tickets of the accepted ones, and how many photos the city must settle for each.
    pub(super) tickets: BTreeMap<TicketId, usize>,
    latencies: Vec<Duration>,
}

impl Sent {
    pub(super) fn note(&mut self, accepted: Accepted) {
        self.accepted += 1;
        self.latencies.push(accepted.latency);
        self.tickets.insert(accepted.ticket, accepted.photos);
    }

    fn note_outcome(&mut self, outcome: anyhow::Result<Accepted>) {
        match outcome {
            Ok(accepted) => self.note(accepted),
            Err(error) => {
                self.refused += 1;
                say(&format!("refused: {error:#}"));
            }
        }
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

/// The channels' side of the door.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    http: reqwest::Client,
    city: String,
    secrets: Arc<BTreeMap<Channel, Vec<u8>>>,
    phones: Arc<Phones>,
    seed: u64,
    gate: Arc<Semaphore>,
    receipts: Option<Arc<Receipts>>,
}

#[derive(Deserialize)]
struct Answer {
    ticket: String,
}

/// A permission to put one photo.
#[derive(Deserialize)]
struct Grant {
    key: String,
    url: String,
    headers: BTreeMap<String, String>,
}

/// A webhook that was answered with 202.
pub(super) struct Accepted {
    /// From the webhook to its answer; photos were put before.
    latency: Duration,
    ticket: TicketId,
    /// How many it names.
    photos: usize,
}

impl Accepted {
    fn read(answer: &str, latency: Duration, photos: usize) -> anyhow::Result<Self> {
        let answer: Answer = serde_json::from_str(answer).context("a 202 without its ticket")?;
        let ticket = TicketId::parse(&answer.ticket);
        let ticket = ticket.map_err(|fault| anyhow::anyhow!("a ticket's id: {fault}"))?;
        Ok(Self { latency, ticket, photos })
    }
}

/// The first of a channel's secrets.
fn secret(data: &DataDir, channel: Channel) -> anyhow::Result<Vec<u8>> {
    let file = data.secrets().join(format!("channel-{}-secret", channel.name()));
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let secret = cloud::channel_secret(&text)?.secrets.into_iter().next();
    secret.with_context(|| format!("the channel {} has no secret", channel.name()))
}

impl Sender {
    pub(super) fn new(
        city: &str,
        data: &DataDir,
        seed: u64,
        (at_once, receipts): (usize, Option<Arc<Receipts>>),
    ) -> anyhow::Result<Self> {
        let secrets = Channel::ALL.into_iter().map(|one| Ok((one, secret(data, one)?)));
        Ok(Self {
            http: reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?,
            city: city.to_owned(),
            secrets: Arc::new(secrets.collect::<anyhow::Result<_>>()?),
            phones: Arc::new(Phones::open(&data.phones(), seed)?),
            seed,
            gate: Arc::new(Semaphore::new(at_once)),
            receipts,
        })
    }

    /// What the played phones remember.
    pub(super) fn phones(&self) -> &Phones {
        &self.phones
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
            tasks.spawn(self.clone().send_often(message.clone(), times));
        }
        while let Some(outcomes) = tasks.join_next().await {
            let outcomes = outcomes.context("a sender failed")?;
            outcomes.into_iter().for_each(|outcome| sent.note_outcome(outcome));
            progress.set_message(format!("{} accepted", sent.accepted));
        }
        Ok(sent)
    }

    /// Puts the photos once, then posts `times` times at once. Photos that cannot be put are one
    /// refusal, for the report that names them is never sent.
    async fn send_often(self, message: Message, times: usize) -> Vec<anyhow::Result<Accepted>> {
        let body = {
            let _under_way = self.gate.acquire().await;
            self.body(&message).await
        };
        let body = match body {
            Ok(body) => Arc::new(body),
            Err(error) => return vec![Err(error)],
        };
        let (mut posts, message) = (JoinSet::new(), Arc::new(message));
        for _ in 0..times {
            let (sender, message, body) = (self.clone(), Arc::clone(&message), Arc::clone(&body));
            posts.spawn(async move {
                let _under_way = sender.gate.acquire().await;
                sender.submit(&message, &body).await
            });
        }
        posts.join_all().await
    }

    /// Sends one message until it is answered, as its channel would.
    pub(super) async fn send(&self, message: &Message) -> anyhow::Result<Accepted> {
        let body = self.body(message).await?;
        self.submit(message, &body).await
    }

    /// The channel's `submit`, once its photos are in the store.
    async fn body(&self, message: &Message) -> anyhow::Result<String> {
        let keys = self.photos(message).await.context("its photos")?;
        Ok(message.channel.submit(self.seed, message, &keys).to_string())
    }

    /// The keys of the message's photos, which are put unless a phone remembers that they were.
    async fn photos(&self, message: &Message) -> anyhow::Result<Vec<String>> {
        if message.photos == 0 {
            return Ok(Vec::new());
        }
        if let Some(keys) = self.phones.kept(message) {
            return Ok(keys);
        }
        let mut keys = Vec::new();
        for photo in photos::invent(self.seed, message)? {
            keys.push(self.put_until_there(message.channel, &photo).await?);
        }
        self.phones.keep(message, &keys)?;
        Ok(keys)
    }

    /// Puts a photo, by another permission each time that it does not succeed; gives its key.
    async fn put_until_there(&self, channel: Channel, photo: &Photo) -> anyhow::Result<String> {
        let mut last = anyhow::anyhow!("never put");
        for attempt in 0..TRIES_MAX {
            match self.put(channel, photo).await {
                Ok(key) => return Ok(key),
                Err(error) => last = error,
            }
            tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
        }
        Err(last)
    }

    /// Asks for a permission and puts the photo; gives its key.
    async fn put(&self, channel: Channel, photo: &Photo) -> anyhow::Result<String> {
        let asked = json!({ "content_type": photo.media.as_str(), "bytes": photo.bytes.len() });
        let route = format!("/channels/{}/uploads", channel.name());
        let (_, text) = self.persist((channel, &route), &asked.to_string(), 201).await?;
        let grant: Grant = serde_json::from_str(&text).context("a 201 without its upload")?;
        let mut put = self.http.put(&grant.url).body(photo.bytes.clone());
        for (name, value) in &grant.headers {
            put = put.header(name, value);
        }
        // The address is a secret while it holds: an error does not tell it.
        let answer = put.send().await.map_err(reqwest::Error::without_url)?;
        let status = answer.status().as_u16();
        anyhow::ensure!(status == 200, "{status} from the store of uploads");
        Ok(grant.key)
    }

    async fn submit(&self, message: &Message, body: &str) -> anyhow::Result<Accepted> {
        let route = format!("/channels/{}", message.channel.name());
        let (latency, text) = self.persist((message.channel, &route), body, 202).await?;
        let accepted = Accepted::read(&text, latency, message.photos)?;
        if let Some(receipts) = &self.receipts {
            receipts.write(&message.id, &accepted.ticket)?;
        }
        Ok(accepted)
    }

    /// Posts until it is answered with `wanted`, signing anew each time. Gives how long the last post
    /// took, and the answer.
    async fn persist(
        &self,
        to: (Channel, &str),
        body: &str,
        wanted: u16,
    ) -> anyhow::Result<(Duration, String)> {
        let mut last = anyhow::anyhow!("never sent");
        for attempt in 0..TRIES_MAX {
            let started = Instant::now();
            match self.post(to, body).await {
                Ok((status, text)) if status == wanted => return Ok((started.elapsed(), text)),
                // A problem's text never quotes what was sent.
                Ok((status, text)) if status < 500 => anyhow::bail!("{status}: {text}"),
                Ok((status, _)) => last = anyhow::anyhow!("{status} from the city"),
                Err(error) => last = error,
            }
            tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
        }
        Err(last)
    }

    async fn post(
        &self,
        (channel, route): (Channel, &str),
        body: &str,
    ) -> anyhow::Result<(u16, String)> {
        let secret = self.secrets.get(&channel).context("a channel without a secret")?;
        let timestamp = (SystemClock.wall().millis() / 1000).to_string();
        let signature = sign(secret, &timestamp, body.as_bytes());
        let post = self
            .http
            .post(format!("{}{route}", self.city))
            .header(TIMESTAMP_HEADER, timestamp)
            .header(SIGNATURE_HEADER, signature);
        let answer =
            post.header("content-type", "application/json").body(body.to_owned()).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}
