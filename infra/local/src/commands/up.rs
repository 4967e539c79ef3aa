//! `lianxin up`: the city, until Ctrl-C.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::{print, say};
use crate::city::{City, DataDir};

/// Run the city on 127.0.0.1 until Ctrl-C or SIGTERM; then finish what is in hand and stop
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = Up::default().port)]
    port: u16,
}

impl Default for Up {
    fn default() -> Self {
        Self { port: 8080 }
    }
}

impl Up {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let root = data.root().to_owned();
        let city = City::start(data, self.port).await?;
        let url = format!("http://{}", city.address);
        let lines = format!(
            "The city is open at {url}\n  channels   POST {url}/channels/<name>    (guides in events/channels)\n  \
             told       {url}/receivers          (what each channel was told)\n  health     {url}/healthz\n  \
             data       {}\n  sample     lianxin replay    (in another terminal)\nCtrl-C stops it; nothing is lost either way.",
            root.display()
        );
        print(json, &json!({ "url": url, "data": root }), &lines)?;
        wait_for_stop().await?;
        say("Finishing what is in hand …");
        city.stop().await?;
        say("The city is closed.");
        Ok(ExitCode::SUCCESS)
    }
}

async fn wait_for_stop() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("cannot listen for SIGTERM")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot listen for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}
