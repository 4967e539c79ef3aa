//! `lianxin redrive QUEUE`: dead letters back to their queue, after the fix.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::{print, say};
use crate::city::{Access, DataDir};

/// Put a queue's dead letters back into it
#[derive(Debug, Args)]
pub(crate) struct Redrive {
    /// The queue by its function's name, for example `step-dispatch`
    queue: String,
    /// Only list them, with their reasons
    #[arg(long)]
    list: bool,
}

/// A dead letter in hand.
struct Letter {
    body: String,
    handle: String,
    reason: String,
}

/// The reasons of the dead letters that wait in a queue; they stay there. Counted by looking: an
/// engine's own count may pass over messages that were looked at before.
pub(crate) async fn waiting(access: &Access, dead: &str) -> anyhow::Result<Vec<String>> {
    let letters = receive_all(access, dead).await?;
    put_back(access, dead, &letters).await?;
    Ok(letters.into_iter().map(|letter| letter.reason).collect())
}

/// Seen, not taken: visible again at once.
async fn put_back(access: &Access, dead: &str, letters: &[Letter]) -> anyhow::Result<()> {
    for letter in letters {
        let seen = access.clients.sqs.change_message_visibility().queue_url(dead);
        let seen = seen.receipt_handle(&letter.handle).visibility_timeout(0).send().await;
        seen.context("cannot put a dead letter back")?;
    }
    Ok(())
}

impl Redrive {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        if access.running.is_none() {
            say(
                "No city is running here. Queues live in its memory: at the next start every open turn is hinted at again.",
            );
        }
        let (queue, dead) = self.urls(&access)?;
        let letters = receive_all(&access, &dead).await?;
        if self.list {
            put_back(&access, &dead, &letters).await?;
        } else {
            for letter in &letters {
                // Sent first, deleted second: a crash between leaves a duplicate, which is harmless.
                let send =
                    access.clients.sqs.send_message().queue_url(&queue).message_body(&letter.body);
                send.send().await.context("cannot put a letter back into its queue")?;
                let delete = access
                    .clients
                    .sqs
                    .delete_message()
                    .queue_url(&dead)
                    .receipt_handle(&letter.handle);
                delete.send().await.context("cannot take a letter from the dead letters")?;
            }
        }
        let reasons: Vec<&str> = letters.iter().map(|letter| letter.reason.as_str()).collect();
        let moved = if self.list { 0 } else { letters.len() };
        let mut lines =
            format!("{} dead letters of {}, {moved} put back", letters.len(), self.queue);
        for reason in &reasons {
            lines.push_str(&format!("\n  {reason}"));
        }
        let object = json!({ "queue": self.queue, "letters": letters.len(), "moved": moved, "reasons": reasons });
        print(json, &object, &lines)?;
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }

    fn urls(&self, access: &Access) -> anyhow::Result<(String, String)> {
        let name = format!("{}-{}", crate::template::STACK_NAME, self.queue);
        let queues = &access.template.queues;
        let known = || {
            let names = queues.iter().filter(|queue| queue.dead_letter.is_some());
            let prefix = format!("{}-", crate::template::STACK_NAME);
            names.map(|queue| queue.name.trim_start_matches(&prefix)).collect::<Vec<_>>().join(", ")
        };
        let queue = queues.iter().find(|queue| queue.name == name);
        let dead = queue.and_then(|queue| queue.dead_letter.as_ref());
        let (dead, _) = dead.with_context(|| {
            format!("there is no queue {}: choose one of {}", self.queue, known())
        })?;
        Ok((access.queue_url(&name)?, access.queue_url(dead)?))
    }
}

/// Receives until there is no more; what is received stays hidden long enough to be dealt with.
async fn receive_all(access: &Access, dead: &str) -> anyhow::Result<Vec<Letter>> {
    let mut letters = Vec::new();
    loop {
        let receive =
            access.clients.sqs.receive_message().queue_url(dead).max_number_of_messages(10);
        let received = receive.visibility_timeout(60).message_attribute_names("All").send().await;
        let received = received.context("cannot read the dead letters")?;
        if received.messages().is_empty() {
            return Ok(letters);
        }
        for message in received.messages() {
            let reason = message
                .message_attributes()
                .and_then(|attributes| attributes.get("reason")?.string_value());
            letters.push(Letter {
                body: message.body().unwrap_or_default().to_owned(),
                handle: message.receipt_handle().context("a message without a handle")?.to_owned(),
                reason: reason.unwrap_or("received too often").to_owned(),
            });
        }
    }
}
