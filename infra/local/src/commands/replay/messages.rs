//! Messages to replay: JSON Lines, one citizen's message each.

use std::path::PathBuf;

use anyhow::Context as _;
use domain::{ChannelName, TicketId, Timestamp};
use serde::Deserialize;

use crate::wire::Channel;

/// Our own invented messages, so that a clone far from any data has a city to look at.
const SAMPLES: &str = include_str!("../../../../../events/samples/messages.jsonl");

/// One message.
#[derive(Clone, Deserialize)]
pub(super) struct Message {
    /// The platform's number of the message: the order id.
    pub(super) id: String,
    /// The sender's pseudonym.
    pub(super) user: String,
    /// The title.
    pub(super) title: String,
    /// When it was sent, RFC 3339.
    pub(super) sent_at: String,
    /// The text.
    pub(super) body: String,
    /// The unit's reply, where the file has one.
    #[serde(default)]
    pub(super) reply: Option<String>,
    /// When the unit replied, RFC 3339, where the file has it.
    #[serde(default)]
    pub(super) replied_at: Option<String>,
    /// Who sends it: invented by `citizens`.
    #[serde(skip)]
    pub(super) citizen: contracts::Citizen,
    /// By which channel: assigned by `channels`.
    #[serde(skip)]
    pub(super) channel: Channel,
    /// How many photos come with it: assigned by `channels`.
    #[serde(skip)]
    pub(super) photos: usize,
}

/// A text never shows in a debug print.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message(…)")
    }
}

impl Message {
    /// The id of the ticket that this message becomes.
    pub(super) fn ticket(&self) -> anyhow::Result<TicketId> {
        let channel = ChannelName::parse(self.channel.name());
        let channel = channel.map_err(|fault| anyhow::anyhow!("the channel: {fault}"))?;
        Ok(TicketId::derive(&channel, &self.channel.order(&self.id)))
    }
}

/// Reads all files, or the samples when there are none.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Message>> {
    if files.is_empty() {
        return parse("events/samples/messages.jsonl", SAMPLES);
    }
    let mut messages = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        messages.extend(parse(&file.display().to_string(), &text)?);
    }
    Ok(messages)
}

fn parse(name: &str, text: &str) -> anyhow::Result<Vec<Message>> {
    let lines = (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            // serde's own text quotes the value: it is somebody's words.
            let message: Message = serde_json::from_str(line).map_err(|e| {
                let what = "not a message with the texts id, user, title, sent_at and body";
                anyhow::anyhow!("{name}, line {number}, column {}: {what}", e.column())
            })?;
            Timestamp::parse(&message.sent_at).map_err(|fault| {
                anyhow::anyhow!("{name}, line {number}: sent_at must be {}", fault.0)
            })?;
            Ok(message)
        })
        .collect()
}
