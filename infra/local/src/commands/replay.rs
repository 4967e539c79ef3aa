//! `lianxin replay`: messages as signed webhooks over HTTP, by every channel, some with photos; staff
//! played at their desks; until every ticket is archived and every photo attached.

mod channels;
mod citizens;
mod forms;
mod history;
mod home;
pub(super) mod measured;
mod messages;
mod phones;
mod photos;
mod sender;
mod staff;
mod tiers;
mod told;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use domain::TicketId;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use serde_json::{Value, json};

use self::channels::Choice;
use self::citizens::Citizens;
use self::history::History;
use self::home::Home;
use self::messages::Message;
use self::sender::{Sender, Sent};
use self::told::{Receivers, Told};
use super::{print, say};
use crate::city::{Access, City, DataDir};
use crate::engines::meter::Counts;
use crate::wire::Channel;

/// Send messages as signed webhooks through a running city, or one it starts; play the city's staff;
/// wait until every ticket is archived and every photo attached or refused
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// JSON Lines with `id`, `user`, `title`, `sent_at`, `body` and, where present, `reply` and
    /// `replied_at`; the invented samples of events/samples by default
    files: Vec<PathBuf>,
    /// By which channel, each message in that channel's own form and proof; `gaoxiaoban` (the app)
    /// brings photos with half of them. Of `all` every message has its own, by its id and the seed
    #[arg(long, default_value_t = Choice::All, value_name = "NAME|all")]
    channel: Choice,
    /// For invented citizens and photos, for the channel of each message, for what is said at the
    /// follow-up, and for the order of --shuffle
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Send in random order instead of the file's
    #[arg(long)]
    shuffle: bool,
    /// Send every webhook so many times, at once
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=50))]
    times: u8,
    /// Play all three tiers before a case is answered: returns, whistles, extensions, suspensions, tasks,
    /// teams and consultations, at random by the seed
    #[arg(long, conflicts_with = "history")]
    city: bool,
    /// City time follows `sent_at` and `replied_at`, in a new city of its own
    #[arg(long, conflicts_with_all = ["staff_only", "shuffle", "times"])]
    history: bool,
    /// Send nothing: only play the staff of the tickets that these messages have made already
    #[arg(long)]
    staff_only: bool,
    /// Append the order id and the ticket of every 202 to this file, as soon as it is answered
    #[arg(long, value_name = "FILE")]
    receipts: Option<PathBuf>,
    /// Only the first N messages
    #[arg(long, value_name = "N")]
    first: Option<usize>,
    /// Webhooks under way at a time
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=200))]
    at_once: u8,
    /// Give up if nothing has moved for so many seconds
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    patience: u64,
    #[command(flatten)]
    receivers: Receivers,
}

impl Replay {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let messages = self.messages(&data)?;
        anyhow::ensure!(
            !self.history || data.is_new(),
            "--history needs a new city, for time never goes back: name another --data directory"
        );
        let stage = Stage::set(data).await?;
        let result = self.play(&stage, Arc::new(messages)).await;
        stage.clear().await?;
        let result = result?;
        print(json, &result, &summary(&result))?;
        Ok(if is_complete(&result) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// What is sent, in this order; what is personal in it is written to `DATA/canaries.txt`.
    fn messages(&self, data: &DataDir) -> anyhow::Result<Vec<Message>> {
        let mut messages = messages::read(&self.files)?;
        messages.truncate(self.first.unwrap_or(usize::MAX));
        let citizens = Citizens::invent(&messages, self.seed);
        for message in &mut messages {
            self.channel.assign(self.seed, message);
            citizens.write_into(message);
        }
        let mails = messages.iter().filter(|message| message.channel == Channel::Mailbox);
        let addresses = mails.map(forms::address).collect();
        let canaries = [citizens.canaries(), photos::canaries(self.seed, &messages)?, addresses];
        let canaries = canaries.concat();
        let path = data.canaries();
        std::fs::write(&path, canaries.join("\n") + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
        if self.shuffle {
            messages.shuffle(&mut StdRng::seed_from_u64(self.seed));
        }
        Ok(messages)
    }

    async fn play(&self, stage: &Stage, messages: Arc<Vec<Message>>) -> anyhow::Result<Value> {
        let (before, started) = (stage.counts(), Instant::now());
        let progress = progress_bar(messages.len());
        let replies: BTreeMap<TicketId, Message> = messages
            .iter()
            .map(|message| Ok((message.ticket()?, message.clone())))
            .collect::<anyhow::Result<_>>()?;
        let receipts = self.receipts.as_deref().map(sender::Receipts::open).transpose()?;
        let sender = Sender::new(
            &stage.url,
            stage.access(),
            self.seed,
            (usize::from(self.at_once), receipts),
        )?;
        let replies = Arc::new(replies);
        let staff = staff::Staff::hire(stage.access(), replies, (self.seed, self.city)).await?;
        let patience = Duration::from_secs(self.patience);
        let up_again = self.receivers.begin(&stage.url).await?;
        let played = if self.history {
            let history = History::begin(stage.access(), &messages, (staff, sender), patience)?;
            let receivers = tokio::spawn(up_again);
            let played = history.play(&messages, &progress).await;
            receivers.await.context("the receivers failed")??;
            played
        } else {
            let sending = self.send(sender, staff.clone(), &messages, &progress);
            // Staff let no day pass while somebody still sends, so no receiver is down for a day.
            let sending = tokio::spawn(async move {
                let (sent, up) = tokio::join!(sending, up_again);
                up.and(sent)
            });
            staff.work(sending, patience, &progress).await
        };
        progress.finish_and_clear();
        let (sent, home) = played?;
        let told = if self.receivers.are_waited_for() {
            Some(self.receivers.end(stage, &sent, patience).await?)
        } else {
            None
        };
        let webhooks = if self.staff_only { 0 } else { messages.len() * usize::from(self.times) };
        let counted = (before, stage.counts());
        Ok(result(webhooks, (&sent, &home, told), counted, started.elapsed()))
    }

    /// What sends the webhooks, or only finds the tickets that earlier ones made.
    fn send(
        &self,
        sender: Sender,
        staff: staff::Staff,
        messages: &Arc<Vec<Message>>,
        progress: &ProgressBar,
    ) -> impl Future<Output = anyhow::Result<Sent>> + Send + 'static {
        let (messages, progress) = (Arc::clone(messages), progress.clone());
        let (staff_only, times) = (self.staff_only, usize::from(self.times));
        async move {
            if staff_only {
                return staff.known(sender.phones()).await;
            }
            sender.send_all(&messages, times, &progress).await
        }
    }
}

/// The command's result (design, section 8).
fn result(
    webhooks: usize,
    (sent, home, told): (&Sent, &Home, Option<Told>),
    (before, after): (Counted, Counted),
    elapsed: Duration,
) -> Value {
    let seconds = elapsed.as_secs_f64();
    let (tickets, archived, photos) = (sent.tickets.len(), home.archived(), home.photos());
    let counts = after.counts - before.counts;
    let per = |amount: f64| if tickets == 0 { 0.0 } else { round(amount / count(tickets)) };
    json!({
        "messages": webhooks,
        "accepted": sent.accepted,
        "refused": sent.refused,
        "tickets": tickets,
        "archived": archived,
        "photos": {
            "named": photos.named,
            "attached": photos.attached,
            "refused": photos.refused,
            "settled": photos.settled(),
        },
        "told": told.map(Told::to_json),
        "seconds": round(seconds),
        "tickets_per_second": round(count(archived) / seconds),
        "per_ticket": {
            "dynamodb_write_units": per(counts.dynamodb_write_units),
            "dynamodb_read_units": per(counts.dynamodb_read_units),
            "sqs_requests": per(counts.sqs_requests as f64),
            "s3_requests": per(counts.s3_requests as f64),
            "invocations": per((after.invocations - before.invocations) as f64),
        },
        "latency_ms": { "p50": sent.percentile(50), "p99": sent.percentile(99) },
    })
}

/// Whether everything was accepted and has come home.
fn is_complete(result: &Value) -> bool {
    result.get("tickets") == result.get("archived")
        && result.get("refused") == Some(&json!(0))
        && result.pointer("/photos/settled") == Some(&json!(true))
        && ["/told/missing", "/told/disordered"]
            .iter()
            .all(|path| result.pointer(path).is_none_or(|count| *count == json!(0)))
}

fn count(number: usize) -> f64 {
    number as f64
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn progress_bar(messages: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(messages).unwrap_or(u64::MAX));
    if std::io::stderr().is_terminal() {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} archived  {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_default| ProgressStyle::default_bar()));
    } else {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar
}

fn summary(result: &Value) -> String {
    let field = |path: &str| result.pointer(path).map(Value::to_string).unwrap_or_default();
    let told = result.get("told").filter(|told| !told.is_null()).map(|_| {
        format!(
            "the channels were told {} things, {} of them again; {} are missing, {} out of order\n",
            field("/told/heard"),
            field("/told/again"),
            field("/told/missing"),
            field("/told/disordered"),
        )
    });
    let told = told.unwrap_or_default();
    format!(
        "{} messages: {} accepted, {} refused\n{} tickets, {} archived in {} s ({} a second)\n\
         {} photos: {} attached, {} refused\n{told}\
         a ticket cost {} write units, {} read units, {} SQS and {} S3 requests, {} invocations\n\
         next: `lianxin verify` checks the whole city",
        field("/messages"),
        field("/accepted"),
        field("/refused"),
        field("/tickets"),
        field("/archived"),
        field("/seconds"),
        field("/tickets_per_second"),
        field("/photos/named"),
        field("/photos/attached"),
        field("/photos/refused"),
        field("/per_ticket/dynamodb_write_units"),
        field("/per_ticket/dynamodb_read_units"),
        field("/per_ticket/sqs_requests"),
        field("/per_ticket/s3_requests"),
        field("/per_ticket/invocations"),
    )
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    counts: Counts,
    invocations: u64,
}

/// The city that is played in: one that runs already, or one of our own.
#[derive(Debug)]
struct Stage {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Own(Box<City>),
    Running(Box<Access>),
}

impl Stage {
    async fn set(data: DataDir) -> anyhow::Result<Self> {
        if let Some(running) = data.running_city().await {
            say(&format!(
                "Playing in the city at {}; its own requests are not counted here.",
                running.url
            ));
            return Ok(Self {
                url: running.url,
                place: Place::Running(Box::new(Access::open(data).await?)),
            });
        }
        let city = City::start(data, 0).await.context("the city does not start")?;
        Ok(Self { url: format!("http://{}", city.address), place: Place::Own(Box::new(city)) })
    }

    fn access(&self) -> &Access {
        match &self.place {
            Place::Own(city) => &city.access,
            Place::Running(access) => access,
        }
    }

    fn counts(&self) -> Counted {
        let invocations = match &self.place {
            Place::Own(city) => city.invocations.count(),
            Place::Running(_) => 0,
        };
        Counted { counts: self.access().meter.snapshot(), invocations }
    }

    async fn clear(self) -> anyhow::Result<()> {
        match self.place {
            Place::Own(city) => city.stop().await,
            Place::Running(access) => access.close().await,
        }
    }
}
