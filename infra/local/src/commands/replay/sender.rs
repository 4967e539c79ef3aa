//! Sends messages as the channels would: proven webhooks over HTTP, photos before them, and mail into
//! the bucket of mail.

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
use ports::Clock as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::say;
use super::forms;
use super::messages::Message;
use super::phones::Phones;
use super::photos::{self, Photo};
use crate::city::Access;
use crate::wire::{Channel, Mailbag, put_granted, secret, verdict};

/// A channel tries so often when it gets no answer or a 5xx.
const TRIES_MAX: u32 = 5;
/// How often is looked whether a mail was taken in, and how many times.
const MAIL_LOOK: (Duration, u32) = (Duration::from_millis(100), 600);

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
    mailbag: Mailbag,
    seed: u64,
    gate: Arc<Semaphore>,
    receipts: Option<Arc<Receipts>>,
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
        let answer: Value = serde_json::from_str(answer).context("a 202 that is no JSON")?;
        // A batch of one has one result.
        let ticket = answer.get("ticket").or_else(|| answer.pointer("/results/0/answer/ticket"));
        let ticket = ticket.and_then(Value::as_str).context("a 202 without its ticket")?;
        let ticket = TicketId::parse(ticket);
        let ticket = ticket.map_err(|fault| anyhow::anyhow!("a ticket's id: {fault}"))?;
        Ok(Self { latency, ticket, photos })
    }
}

impl Sender {
    pub(super) fn new(
        city: &str,
        access: &Access,
        seed: u64,
        (at_once, receipts): (usize, Option<Arc<Receipts>>),
    ) -> anyhow::Result<Self> {
        let data = &access.data;
        let secrets = Channel::ALL.into_iter().map(|one| Ok((one, secret(data, one)?)));
        Ok(Self {
            http: reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?,
            city: city.to_owned(),
            secrets: Arc::new(secrets.collect::<anyhow::Result<_>>()?),
            phones: Arc::new(Phones::open(&data.phones(), seed)?),
            mailbag: Mailbag::of(access)?,
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
    async fn body(&self, message: &Message) -> anyhow::Result<Vec<u8>> {
        let keys = self.photos(message).await.context("its photos")?;
        forms::submit(self.seed, message, &keys)
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
        let (_, text) = self.persist((channel, &route), asked.to_string().as_bytes(), 201).await?;
        let grant: Grant = serde_json::from_str(&text).context("a 201 without its upload")?;
        put_granted(&self.http, &grant.url, &grant.headers, photo.bytes.clone()).await?;
        Ok(grant.key)
    }

    async fn submit(&self, message: &Message, body: &[u8]) -> anyhow::Result<Accepted> {
        let accepted = if message.channel == Channel::Mailbox {
            Accepted { latency: self.mail(body).await?, ticket: message.ticket()?, photos: 0 }
        } else {
            let route = format!("/channels/{}", message.channel);
            let (latency, text) = self.persist((message.channel, &route), body, 202).await?;
            Accepted::read(&text, latency, message.photos)?
        };
        if let Some(receipts) = &self.receipts {
            receipts.write(&message.id, &accepted.ticket)?;
        }
        Ok(accepted)
    }

    /// Puts a mail into the bucket, with our mail server's verdict above it, and waits until it was
    /// taken in. Gives how long that took.
    async fn mail(&self, mail: &[u8]) -> anyhow::Result<Duration> {
        let server = self.secrets.get(&Channel::Mailbox).context("a mailbox without a secret")?;
        let verdict = verdict(&String::from_utf8_lossy(server));
        let started = Instant::now();
        let key = self.mailbag.put([verdict.as_bytes(), mail].concat()).await?;
        for _ in 0..MAIL_LOOK.1 {
            if !self.mailbag.lies(&key).await? {
                return Ok(started.elapsed());
            }
            tokio::time::sleep(MAIL_LOOK.0).await;
        }
        anyhow::bail!("a mail was not taken in: {key}")
    }

    /// Posts until it is answered with `wanted`, signing anew each time. Gives how long the last post
    /// took, and the answer.
    async fn persist(
        &self,
        to: (Channel, &str),
        body: &[u8],
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
        body: &[u8],
    ) -> anyhow::Result<(u16, String)> {
        let secret = self.secrets.get(&channel).context("a channel without a secret")?;
        let seconds = u64::try_from(SystemClock.wall().millis() / 1000)?;
        let mut post = self.http.post(format!("{}{route}", self.city)).body(body.to_vec());
        for (name, value) in channel.headers(secret, seconds, body) {
            post = post.header(name, value);
        }
        let answer = post.send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}
