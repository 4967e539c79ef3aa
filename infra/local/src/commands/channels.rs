//! `lianxin channels`: what each channel has sent and been told, and what is registered of it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use cloud::SystemClock;
use domain::{ChannelName, Timestamp};
use ports::{Clock as _, Delivery, Registration, World};
use serde_json::{Value, json};

use super::{print, say};
use crate::city::{Access, Change, DESK, DataDir, register};
use crate::wire::{Channel, Mailbag, secret};

/// Of a list so many are counted.
const LISTED_MAX: u16 = 1000;

/// What each channel has sent and what it has been told: received and refused since the city started,
/// told, due, failing, given up
#[derive(Debug, Args)]
pub(crate) struct Channels {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Post a file as a channel would, with its proof; a mail is put into the bucket of mail, as a
    /// mail server does
    Send {
        /// The channel
        #[arg(value_name = "NAME")]
        channel: Channel,
        /// The body, as in events/channels/NAME/samples; a mail has the mail server's verdict in it
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
        /// Sign what it is told with a new secret of its own, for an issuer whose secret is a public
        /// key; it stands in the channel's secret as `tell_secret`
        #[arg(long)]
        new_tell_secret: bool,
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
            Some(Action::Send { channel, file }) => {
                let sent = send(&access, (channel, &file), json).await;
                access.close().await?;
                return sent;
            }
            Some(Action::Set {
                channel,
                told_at,
                close,
                open,
                per_minute,
                new_secret,
                new_tell_secret,
            }) => {
                let channel = ChannelName::parse(&channel).context("no name of a channel")?;
                let closed = (close || open).then_some(close);
                let change = Change { told_at, closed, per_minute, new_secret, new_tell_secret };
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

/// Posts a file as its channel would, and prints what the city answers.
async fn send(
    access: &Access,
    (channel, file): (Channel, &Path),
    json: bool,
) -> anyhow::Result<ExitCode> {
    let body = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    if channel == Channel::Mailbox {
        if access.running.is_none() {
            say("No city is running here: the mail waits for the next start.");
        }
        let key = Mailbag::of(access)?.put(body).await?;
        print(json, &json!({ "key": key }), &format!("sent: {key}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let city = access.running.as_ref();
    let city = city.context("no city is running here: start one with `lianxin up`")?;
    let secret = secret(&access.data, channel)?;
    let seconds = u64::try_from(SystemClock.wall().millis() / 1000)?;
    let mut post = reqwest::Client::new().post(format!("{}/channels/{channel}", city.url));
    for (name, value) in channel.headers(&secret, seconds, &body) {
        post = post.header(name, value);
    }
    let answer = post.body(body).send().await.context("the city did not answer")?;
    let status = answer.status().as_u16();
    let answer: Value = answer.json().await.context("the answer is no JSON")?;
    let seen = json!({ "status": status, "answer": answer });
    print(json, &seen, &format!("{status}\n{answer:#}"))?;
    Ok(if status < 300 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn list(access: &Access, world: &World, json: bool) -> anyhow::Result<()> {
    let heard: Vec<Value> = ask(access, "/receivers").await.unwrap_or_default();
    let counted: Value = ask(access, "/counters").await.unwrap_or_default();
    let mut rows = Vec::new();
    for channel in world.hints.channels() {
        let due = world.deliveries.due(&channel, Timestamp::MAX, LISTED_MAX).await?;
        let mut failing = 0;
        for one in &due {
            let found = world.deliveries.of(&one.ticket).await?;
            failing += u32::from(found.is_some_and(|(_, delivery)| delivery.attempts > 0));
        }
        let given_up = world.deliveries.given_up(&channel, LISTED_MAX).await?;
        let given_up: Vec<&str> = given_up.iter().map(domain::TicketId::as_str).collect();
        let mut receivers = heard.iter();
        let one = receivers.find(|one| one["channel"] == channel.as_str());
        let told = one.and_then(|one| one.get("told")?.as_array().map(Vec::len));
        rows.push(json!({
            "channel": channel.as_str(),
            "taken": counted.get(channel.as_str()),
            "told": told,
            "due": due.len(),
            "failing": failing,
            "given_up": given_up,
        }));
    }
    let mut lines = String::from(
        "since the city started: received, added, refused; of write-backs: told, due, failing, given up",
    );
    for row in &rows {
        lines.push_str(&line(row));
    }
    if access.running.is_none() {
        lines.push_str("\nno city is running here: what it takes in and tells is not known");
    }
    print(json, &json!({ "channels": rows }), &lines)
}

fn line(row: &Value) -> String {
    let count = |path: &str| match row.pointer(path) {
        Some(Value::Number(count)) => count.to_string(),
        Some(Value::Array(all)) => all.len().to_string(),
        _ => "-".to_owned(),
    };
    let refused = row.pointer("/taken/refused").and_then(Value::as_object);
    let kinds: Vec<String> =
        refused.into_iter().flatten().map(|(kind, count)| format!("{count} {kind}")).collect();
    let kinds = if kinds.is_empty() { "0".to_owned() } else { kinds.join(" + ") };
    format!(
        "\n  {}: {}, {}, {kinds}; {}, {}, {}, {}",
        row.get("channel").and_then(Value::as_str).unwrap_or_default(),
        count("/taken/received"),
        count("/taken/added"),
        count("/told"),
        count("/due"),
        count("/failing"),
        count("/given_up"),
    )
}

/// Asks the running city; nothing when none runs.
async fn ask<T: serde::de::DeserializeOwned>(access: &Access, route: &str) -> Option<T> {
    let url = format!("{}{route}", access.running.as_ref()?.url);
    reqwest::get(url).await.ok()?.json().await.ok()
}

fn set(access: &Access, channel: &ChannelName, change: &Change, json: bool) -> anyhow::Result<()> {
    if channel.as_str() == Channel::Mailbox.name() && change.per_minute.is_some() {
        bail!("nobody posts to {channel}, so it has no limit: its mail server has one");
    }
    let registered = register(&access.data, channel.as_str(), change)?;
    let Registration { told_at, closed, per_minute } = registered;
    let told_at = told_at.as_deref().map(without_user);
    let is = if closed { "closed" } else { "open" };
    let at = told_at.as_deref().unwrap_or("its receiver in this city");
    let seen = json!({ "channel": channel.as_str(), "told_at": told_at, "closed": closed, "per_minute": per_minute });
    let most =
        per_minute.map_or_else(String::new, |most| format!("; at most {most} posts a minute"));
    print(json, &seen, &format!("{channel} is {is}; it is told at {at}{most}"))
}

/// An address without the user and password that a mail server's has: no terminal shows them.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (server, path) = rest.split_once('/').unwrap_or((rest, ""));
    match server.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}/{path}"),
        None => url.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_a_mail_server_is_shown() {
        let shown =
            without_user("smtps://box%40city.example:word@mail.example:465/box@city.example");
        assert_eq!(shown, "smtps://…@mail.example:465/box@city.example");
        for url in ["https://receiver.example/in?a@b", "smtps://mail.example/box@city.example", "x"]
        {
            assert_eq!(without_user(url), url);
        }
    }
}
