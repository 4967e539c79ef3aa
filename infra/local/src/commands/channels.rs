//! `lianxin channels send NAME FILE`: a sample by the way of its channel.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::Hash;
use serde_json::json;

use super::{print, say};
use crate::city::{Access, DataDir};

/// The channel whose messages are put into a bucket.
const MAILBOX: &str = "mayor-mailbox";
/// How the name of its bucket begins, after the stack's name.
const BUCKET: &str = "lianxin-mail-";

/// The channels
#[derive(Debug, Args)]
pub(crate) struct Channels {
    #[command(subcommand)]
    command: ChannelsCmd,
}

#[derive(Debug, Subcommand)]
enum ChannelsCmd {
    /// Put a mail into the bucket of mail, as a mail server does
    Send {
        /// The channel: mayor-mailbox; the guide of any other shows how to post to it
        name: String,
        /// The mail, with the verdict of the mail server in it
        file: PathBuf,
    },
}

impl Channels {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let ChannelsCmd::Send { name, file } = self.command;
        if name != MAILBOX {
            bail!("{name} is posted to over HTTP: events/channels/{name}/README.md shows how");
        }
        let body =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let access = Access::open(data).await?;
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
        print(json, &json!({ "key": key }), &format!("sent: {key}"))?;
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
