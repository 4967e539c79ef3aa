//! So many tickets through a new city, from webhook to case file, for `lianxin bench`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::TicketId;
use lambda::{Asked, Dispatcher, sample_catalog, sample_model};

use super::citizens::Citizens;
use super::messages::{self, Message};
use super::sender::Sender;
use super::{Stage, progress_bar, staff};
use crate::city::{DataDir, sample_directory};
use crate::engines::meter::Counts;

/// For invented citizens and what they say at the follow-up.
const SEED: u64 = 1;
/// Webhooks under way at a time.
const AT_ONCE: usize = 16;
/// Gives up when nothing has moved for so long.
const PATIENCE: Duration = Duration::from_mins(5);

/// What so many tickets took.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands) struct Measured {
    pub(in crate::commands) tickets: usize,
    pub(in crate::commands) archived: usize,
    /// From the first webhook to the last 202, while the steps work already.
    pub(in crate::commands) door: Duration,
    /// From the first webhook to the last case file.
    pub(in crate::commands) whole: Duration,
    /// Milliseconds that half, and ninety-nine of a hundred, of the webhooks did not exceed.
    pub(in crate::commands) latency_ms: (f64, f64),
    pub(in crate::commands) counts: Counts,
    pub(in crate::commands) invocations: u64,
}

/// Sends so many messages (those of the files, or the invented samples, again and again with ids of
/// their own) and plays the staff until all are archived.
pub(in crate::commands) async fn measured(
    data: DataDir,
    files: &[PathBuf],
    tickets: usize,
) -> anyhow::Result<Measured> {
    let mut messages = repeated(&messages::read(files)?, tickets);
    let citizens = Citizens::invent(&messages, SEED);
    messages.iter_mut().for_each(|message| citizens.write_into(message));
    let stage = Stage::set(data).await?;
    let outcome = play(&stage, &Arc::new(messages)).await;
    stage.clear().await?;
    outcome
}

/// `begun` and more of the invented samples, of so many bytes at most, such that the machine is
/// still sure where to send it; and a reply of as many.
pub(in crate::commands) fn invented(
    (title, begun): (&str, &str),
    bytes: usize,
) -> anyhow::Result<(String, String)> {
    let by = Dispatcher::new(sample_directory(), sample_catalog(), sample_model());
    let sure = |body: &str| by.opinion(Asked { title, body, ..Asked::default() }).sure.is_some();
    let (mut body, mut reply) = (begun.to_owned(), String::new());
    for message in messages::read(&[])? {
        let longer = format!("{body}{}", message.body);
        if longer.len() <= bytes && sure(&longer) {
            body = longer;
        }
        let answer = message.reply.as_deref().unwrap_or_default();
        if reply.len() + answer.len() <= bytes {
            reply.push_str(answer);
        }
    }
    Ok((body, reply))
}

fn repeated(messages: &[Message], tickets: usize) -> Vec<Message> {
    let again = messages.iter().cycle().take(tickets).cloned().enumerate();
    again.map(|(at, message)| Message { id: format!("{}-{at}", message.id), ..message }).collect()
}

async fn play(stage: &Stage, messages: &Arc<Vec<Message>>) -> anyhow::Result<Measured> {
    let (before, started) = (stage.counts(), Instant::now());
    let replies: BTreeMap<TicketId, Message> = messages
        .iter()
        .map(|message| Ok((message.ticket()?, message.clone())))
        .collect::<anyhow::Result<_>>()?;
    let sender = Sender::new(&stage.url, stage.access(), SEED, (AT_ONCE, None))?;
    let staff = staff::Staff::hire(stage.access(), Arc::new(replies), (SEED, false)).await?;
    let (progress, door) = (progress_bar(messages.len()), Arc::new(Mutex::new(Duration::ZERO)));
    let sending = {
        let (messages, progress) = (Arc::clone(messages), progress.clone());
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            let sent = sender.send_all(&messages, 1, &progress).await;
            *door.lock().unwrap_or_else(PoisonError::into_inner) = started.elapsed();
            sent
        })
    };
    let worked = staff.work(sending, PATIENCE, &progress).await;
    progress.finish_and_clear();
    let ((sent, home), after) = (worked?, stage.counts());
    let door = *door.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Measured {
        tickets: sent.tickets.len(),
        archived: home.archived(),
        door,
        whole: started.elapsed(),
        latency_ms: (sent.percentile(50), sent.percentile(99)),
        counts: after.counts - before.counts,
        invocations: after.invocations - before.invocations,
    })
}
