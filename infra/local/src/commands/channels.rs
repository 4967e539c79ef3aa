//! `lianxin channels`: what each channel has been told, and what could not be told.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::{ChannelName, Hash, Timestamp};
use ports::{Clock as _, Delivery, Registration, World};
use serde_json::{Value, json};

use super::{print, say};
use crate::city::{Access, Change, DESK, DataDir, register};

/// The channel whose messages are put into a bucket.
const MAILBOX: &str = "mayor-mailbox";
/// How the name of its bucket begins, after the stack's name.
const BUCKET: &str = "lianxin-mail-";
/// Of a list so many are counted.
const LISTED_MAX: u16 = 1000;

/// What each channel has been told of its requests, and what could not be told
#[derive(Debug, Args)]
pub(crate) struct Channels {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Put a mail into the bucket of mail, as a mail server does
    Send {
        /// The channel: mayor-mailbox; the guide of any other shows how to post to it
        name: String,
        /// The mail, with the verdict of the mail server in it
        file: PathBuf,
    },
    /// Register where a channel is told, switch it off or on, limit it, or give it another secret;
    /// the one before stays valid until the next
    Set {
        /// The channel's name
        channel: String,
        /// The address at which it is told what became of its requests; an empty one takes it back
        #[arg(long, value_name = "URL")]
        told_at: Option<String>,
        /// Take nothing in from now on
        #[arg(long, conflicts_with = "open")]
        close: bool,
        /// Take messages in again
        #[arg(long)]
        open: bool,
        /// Take so many posts a minute, and answer 429 to more; 0 takes the limit back
        #[arg(long, value_name = "N")]
        per_minute: Option<u32>,
        /// Sign with a new secret from now on
        #[arg(long)]
        new_secret: bool,
    },
    /// Tell a channel again what was given up after a day of failures
    Retry {
        /// The channel's name
        channel: String,
    },
}

impl Channels {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        let world = access.world(DESK)?;
        match self.action {
            None => list(&access, &world, json).await?,
            Some(Action::Send { name, file }) => send(&access, (&name, &file), json).await?,
            Some(Action::Set { channel, told_at, close, open, per_minute, new_secret }) => {
                let channel = ChannelName::parse(&channel).context("no name of a channel")?;
                let closed = (close || open).then_some(close);
                let change = Change { told_at, closed, per_minute, new_secret };
                set(&access, &channel, &change, json)?;
            }
            Some(Action::Retry { channel }) => {
                let channel = ChannelName::parse(&channel).context("no name of a channel")?;
                let back = retry(&world, &channel, access.clock.now()).await?;
                let lines = format!("{back} put back; the sweep asks for them within a minute");
                print(json, &json!({ "channel": channel.as_str(), "put_back": back }), &lines)?;
            }
        }
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn send(access: &Access, (name, file): (&str, &Path), json: bool) -> anyhow::Result<()> {
    if name != MAILBOX {
        bail!("{name} is posted to over HTTP: events/channels/{name}/README.md shows how");
    }
    let body = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    if access.running.is_none() {
        say("No city is running here: the mail waits for the next start.");
    }
    let mut buckets = access.template.buckets.iter();
    let bucket = buckets.find(|bucket| bucket.name.starts_with(BUCKET));
    let bucket = bucket.context("the template has no bucket of mail")?;
    // Named by its bytes: the same mail lies there once.
    let key = format!("m/{}.eml", Hash::of_bytes(&body));
    let put = access.clients.s3.put_object().bucket(&bucket.name).key(&key);
    put.body(body.into()).send().await.context("cannot put the mail")?;
    print(json, &json!({ "key": key }), &format!("sent: {key}"))
}

async fn list(access: &Access, world: &World, json: bool) -> anyhow::Result<()> {
    let heard = heard(access).await;
    let (mut rows, mut lines) = (Vec::new(), String::from("channel: told, due, given up"));
    for channel in world.hints.channels() {
        let due = world.deliveries.due(&channel, Timestamp::MAX, LISTED_MAX).await?.len();
        let given_up = world.deliveries.given_up(&channel, LISTED_MAX).await?;
        let of =
            |one: &&Value| one.get("channel").and_then(Value::as_str) == Some(channel.as_str());
        let told = heard.iter().find(of).and_then(|one| one.get("told")?.as_array().map(Vec::len));
        let said = told.map_or_else(|| "-".to_owned(), |told| told.to_string());
        lines.push_str(&format!("\n  {channel}: {said}, {due}, {}", given_up.len()));
        let given_up: Vec<&str> = given_up.iter().map(domain::TicketId::as_str).collect();
        rows.push(
            json!({ "channel": channel.as_str(), "told": told, "due": due, "given_up": given_up }),
        );
    }
    print(json, &json!({ "channels": rows }), &lines)
}

/// What the running city's receivers have been told; nothing when none runs.
async fn heard(access: &Access) -> Vec<Value> {
    let Some(city) = &access.running else { return Vec::new() };
    let Ok(answer) = reqwest::get(format!("{}/receivers", city.url)).await else {
        return Vec::new();
    };
    answer.json().await.unwrap_or_default()
}

fn set(access: &Access, channel: &ChannelName, change: &Change, json: bool) -> anyhow::Result<()> {
    if channel.as_str() == MAILBOX && change.per_minute.is_some() {
        bail!("nobody posts to {MAILBOX}, so it has no limit: its mail server has one");
    }
    let registered = register(&access.data, channel.as_str(), change)?;
    let Registration { told_at, closed, per_minute } = registered;
    let is = if closed { "closed" } else { "open" };
    let at = told_at.as_deref().unwrap_or("its receiver in this city");
    let seen = json!({ "channel": channel.as_str(), "told_at": told_at, "closed": closed, "per_minute": per_minute });
    let most =
        per_minute.map_or_else(String::new, |most| format!("; at most {most} posts a minute"));
    print(json, &seen, &format!("{channel} is {is}; it is told at {at}{most}"))
}

async fn retry(world: &World, channel: &ChannelName, now: Timestamp) -> anyhow::Result<u32> {
    let mut back = 0;
    for id in world.deliveries.given_up(channel, LISTED_MAX).await? {
        let Some((ticket, before)) = world.deliveries.of(&id).await? else { continue };
        let again = Delivery { told: before.told, due: Some(now), ..Delivery::default() };
        back += u32::from(world.deliveries.put_off(&ticket, &before, &again).await?);
    }
    Ok(back)
}
