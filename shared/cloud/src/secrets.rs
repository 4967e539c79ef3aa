//! Secrets from AWS Secrets Manager, kept for five minutes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use ports::{ChannelSecret, PortError, Registration, ReportKey, RootKey, Secrets};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::error::port_error;
use crate::settings::Settings;

/// After this long a secret is read again, so that a rotation needs no restart.
const KEEP: Duration = Duration::from_secs(300);

type Kept<T> = Mutex<Option<(Instant, T)>>;

/// The secrets that this function's settings name.
#[derive(Debug)]
pub struct AwsSecrets {
    client: Client,
    root_key: Option<String>,
    channel: Option<String>,
    kept_root: Kept<Arc<RootKey>>,
    report_key: Option<String>,
    kept_channel: Kept<Arc<ChannelSecret>>,
    kept_report: Kept<Arc<ReportKey>>,
}

/// A channel's secret as stored: two are valid while it is rotated. With it stands what is registered
/// of the channel, so that neither needs a deployment.
#[derive(Deserialize)]
struct Wire {
    current: String,
    #[serde(default)]
    previous: String,
    #[serde(default)]
    tell_secret: String,
    #[serde(default)]
    told_at: String,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    per_minute: u32,
}

impl AwsSecrets {
    /// Reads `ROOT_KEY_SECRET`, `CHANNEL_SECRET` and `REPORT_KEY_SECRET` when they are first needed.
    #[must_use]
    pub fn new(client: Client, settings: &Settings) -> Self {
        let name = |name| settings.get(name).map(str::to_owned);
        Self {
            client,
            root_key: name("ROOT_KEY_SECRET"),
            channel: name("CHANNEL_SECRET"),
            kept_root: Mutex::default(),
            report_key: name("REPORT_KEY_SECRET"),
            kept_channel: Mutex::default(),
            kept_report: Mutex::default(),
        }
    }

    async fn read(&self, id: Option<&str>) -> Result<String, PortError> {
        let id =
            id.ok_or_else(|| PortError::Permanent("this function has no such secret".to_owned()))?;
        let answer = self.client.get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(|e| port_error("GetSecretValue", &e))?;
        answer
            .secret_string
            .ok_or_else(|| PortError::Temporary("GetSecretValue: no text".to_owned()))
    }
}

/// A channel by its secret text: `{"current": "…", "previous": "…"}`, the previous one empty or absent
/// outside a rotation, and what is registered.
///
/// # Errors
/// [`PortError::Temporary`] when it is something else: an operator mends it, and nothing is lost.
pub fn channel_secret(text: &str) -> Result<ChannelSecret, PortError> {
    let Wire { current, previous, tell_secret, told_at, closed, per_minute } = serde_json::from_str(text)
        .map_err(|_quoted| {
            PortError::Temporary(
                "the channel's secret is not {current, previous, tell_secret, told_at, closed, per_minute}"
                    .to_owned(),
            )
        })?;
    let secrets = [current, previous].into_iter().filter(|secret| !secret.is_empty());
    let secrets: Vec<Vec<u8>> = secrets.map(String::into_bytes).collect();
    if secrets.is_empty() {
        return Err(PortError::Temporary("the channel's secret is empty".to_owned()));
    }
    let registration = Registration {
        told_at: Some(told_at).filter(|url| !url.is_empty()),
        closed,
        per_minute: Some(per_minute).filter(|count| *count > 0),
    };
    let telling = Some(tell_secret.into_bytes()).filter(|secret| !secret.is_empty());
    Ok(ChannelSecret { secrets, telling, registration })
}

#[async_trait]
impl Secrets for AwsSecrets {
    async fn root_key(&self) -> Result<Arc<RootKey>, PortError> {
        let mut kept = self.kept_root.lock().await;
        if let Some((_, key)) = kept.as_ref().filter(|(at, _)| at.elapsed() < KEEP) {
            return Ok(Arc::clone(key));
        }
        let key =
            Arc::new(RootKey::from_secret(self.read(self.root_key.as_deref()).await?.as_bytes()));
        *kept = Some((Instant::now(), Arc::clone(&key)));
        Ok(key)
    }

    async fn channel(&self) -> Result<Arc<ChannelSecret>, PortError> {
        let mut kept = self.kept_channel.lock().await;
        if let Some((_, channel)) = kept.as_ref().filter(|(at, _)| at.elapsed() < KEEP) {
            return Ok(Arc::clone(channel));
        }
        let channel = Arc::new(channel_secret(&self.read(self.channel.as_deref()).await?)?);
        *kept = Some((Instant::now(), Arc::clone(&channel)));
        Ok(channel)
    }

    async fn report_key(&self) -> Result<Arc<ReportKey>, PortError> {
        let mut kept = self.kept_report.lock().await;
        if let Some((_, key)) = kept.as_ref().filter(|(at, _)| at.elapsed() < KEEP) {
            return Ok(Arc::clone(key));
        }
        let secret = self.read(self.report_key.as_deref()).await?;
        let key = Arc::new(ReportKey::from_secret(secret.as_bytes()));
        *kept = Some((Instant::now(), Arc::clone(&key)));
        Ok(key)
    }
}
