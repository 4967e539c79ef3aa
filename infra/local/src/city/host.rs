//! What Lambda does around a function: polling its queue, ticking its schedule, its time limit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use lambda::{Constructor, Failure, Function};
use ports::Clock as _;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Access, CityClock, DESK};
use crate::template::Source;

/// More pollers of one queue than this gain nothing on one machine.
const POLLERS_MAX: u32 = 2;
/// How long one long poll waits, in seconds; also how long a drain may take to notice.
const POLL_WAIT_S: i32 = 1;

/// Counts invocations. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Invocations(Arc<AtomicU64>);

impl Invocations {
    /// How many there have been.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A function in this process.
#[derive(Clone)]
pub(super) struct Hosted {
    name: &'static str,
    function: Arc<dyn Function>,
    timeout: Duration,
    invocations: Invocations,
}

impl std::fmt::Debug for Hosted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hosted({})", self.name)
    }
}

impl Hosted {
    /// Invokes the function in a task of its own: a panic or a time-out ends the invocation, as in
    /// the cloud, and nothing else.
    pub(super) async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        self.invocations.0.fetch_add(1, Ordering::Relaxed);
        let function = Arc::clone(&self.function);
        let task = tokio::spawn(async move { function.invoke(event).await });
        let abort = task.abort_handle();
        let ended = match tokio::time::timeout(self.timeout, task).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_panic)) => Err(Failure("the function panicked".to_owned())),
            Err(_late) => {
                abort.abort();
                Err(Failure(format!("no answer within {} s", self.timeout.as_secs())))
            }
        };
        if let Err(failure) = &ended {
            tracing::error!(function = self.name, %failure, "invocation failed");
        }
        ended
    }
}

/// The functions of the template by name, each in its own world.
pub(super) fn hosted(
    access: &Access,
    functions: &[(&'static str, Constructor)],
    invocations: &Invocations,
) -> anyhow::Result<BTreeMap<String, Hosted>> {
    let mut all = BTreeMap::new();
    for described in &access.template.functions {
        let (name, make) =
            functions.iter().find(|(name, _)| *name == described.name).with_context(|| {
                format!("infra/template.yaml has a function {} that is not built", described.name)
            })?;
        let hosted = Hosted {
            name,
            function: make(access.world(name)?),
            timeout: Duration::from_secs(described.timeout_s),
            invocations: invocations.clone(),
        };
        all.insert(described.name.clone(), hosted);
    }
    Ok(all)
}

/// Starts pollers and schedules. Queues are in memory and empty after a start, so every machine's
/// turn counts as due once.
pub(super) async fn run(
    access: &Access,
    hosted: &BTreeMap<String, Hosted>,
    stop: &CancellationToken,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    // Read once before all functions ask at once.
    let rules = access.world(DESK)?.rules;
    rules.calendar().await?;
    rules.directory().await?;
    for described in &access.template.functions {
        let function = hosted.get(&described.name).context("every described function is hosted")?;
        for source in &described.sources {
            start(access, function, source, (stop, tasks))?;
        }
    }
    if let Some(sweep) = hosted.get("schedule-sweep") {
        sweep.invoke(json!({ "all": true })).await.context("the first sweep")?;
    }
    // The machine may have been off at midnight. A failure is logged; the next run does its work.
    for nightly in ["schedule-upkeep", "schedule-fund-report"] {
        if let Some(function) = hosted.get(nightly) {
            drop(function.invoke(json!({})).await);
        }
    }
    Ok(())
}

/// Starts what invokes a function from one source.
fn start(
    access: &Access,
    function: &Hosted,
    source: &Source,
    (stop, tasks): (&CancellationToken, &mut JoinSet<()>),
) -> anyhow::Result<()> {
    match source {
        Source::Queue { queue, batch_size, max_concurrency } => {
            let poller = Poller {
                function: function.clone(),
                sqs: access.clients.sqs.clone(),
                url: access.queue_url(queue)?,
                batch: i32::try_from(*batch_size).context("the batch size")?.min(10),
            };
            for _ in 0..(*max_concurrency).min(POLLERS_MAX) {
                tasks.spawn(poller.clone().run(stop.clone()));
            }
        }
        Source::Schedule { every_s } => {
            let lease_ms = u64::try_from(access.world(function.name)?.lease_ms)?;
            // A lease of seconds wants a look every few seconds, whatever the cloud's rate; what runs
            // by the hour watches no leases.
            let every = Duration::from_secs(*every_s);
            let watches = *every_s < HOUR_S;
            let every =
                if watches { every.min(Duration::from_millis(lease_ms) / 2) } else { every };
            let clock = Arc::clone(&access.clock);
            tasks.spawn(tick(function.clone(), (*every_s, every, clock), stop.clone()));
        }
    }
    Ok(())
}

const HOUR_S: u64 = 3_600;

/// How often a schedule looks at the clocks.
const TICK: Duration = Duration::from_millis(200);

/// Runs a scheduled function: every `every_s` seconds of city time, which may leap, and at least
/// every `at_least` of wall time.
async fn tick(
    function: Hosted,
    (every_s, at_least, clock): (u64, Duration, Arc<CityClock>),
    stop: CancellationToken,
) {
    let every_ms = i64::try_from(every_s.saturating_mul(1000)).unwrap_or(i64::MAX);
    let (mut ran_at, mut city_ran_at) = (Instant::now(), clock.now());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        // `clock advance` in another process has moved the file.
        if let Err(error) = clock.reload() {
            tracing::error!(error = %format!("{error:#}"), "city time not taken over");
        }
        let leapt = clock.now().millis() - city_ran_at.millis() >= every_ms;
        if leapt || ran_at.elapsed() >= at_least {
            (ran_at, city_ran_at) = (Instant::now(), clock.now());
            // A failed run is logged by `invoke`; the next one does its work.
            drop(function.invoke(json!({ "source": "lianxin.schedule" })).await);
        }
    }
}

#[derive(Clone)]
struct Poller {
    function: Hosted,
    sqs: aws_sdk_sqs::Client,
    url: String,
    batch: i32,
}

impl Poller {
    async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.once().await {
                tracing::warn!(function = self.function.name, error = %format!("{error:#}"), "poll failed");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    async fn once(&self) -> anyhow::Result<()> {
        let received = self
            .sqs
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(self.batch)
            .wait_time_seconds(POLL_WAIT_S)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .send()
            .await
            .context("ReceiveMessage")?;
        let messages = received.messages();
        if messages.is_empty() {
            return Ok(());
        }
        let records: Vec<Value> = messages.iter().map(record).collect();
        // A failed invocation acknowledges nothing: the whole batch comes again.
        let Ok(answer) = self.function.invoke(json!({ "Records": records })).await else {
            return Ok(());
        };
        let failed = answer.get("batchItemFailures").and_then(Value::as_array);
        let failed: Vec<&str> = failed
            .context("the function did not say which messages failed")?
            .iter()
            .filter_map(|item| item.get("itemIdentifier")?.as_str())
            .collect();
        let done = messages
            .iter()
            .filter(|message| !message.message_id().is_some_and(|id| failed.contains(&id)));
        self.delete(done).await
    }

    async fn delete(&self, messages: impl Iterator<Item = &Message>) -> anyhow::Result<()> {
        let mut delete = self.sqs.delete_message_batch().queue_url(&self.url);
        let mut any = false;
        for (at, message) in messages.enumerate() {
            let handle = message.receipt_handle().context("a message without a handle")?;
            let entry =
                DeleteMessageBatchRequestEntry::builder().id(at.to_string()).receipt_handle(handle);
            delete = delete.entries(entry.build()?);
            any = true;
        }
        if any {
            delete.send().await.context("DeleteMessageBatch")?;
        }
        Ok(())
    }
}

/// A message as Lambda hands it to a function.
fn record(message: &Message) -> Value {
    let receives = message.attributes().and_then(|attributes| {
        attributes.get(&MessageSystemAttributeName::ApproximateReceiveCount)
    });
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "md5OfBody": message.md5_of_body(),
        "attributes": { "ApproximateReceiveCount": receives },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "awsRegion": crate::engines::REGION,
    })
}
