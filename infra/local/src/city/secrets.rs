//! Secrets as files in `DATA/secrets`, named as in the template.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use ports::{ChannelSecret, PortError, ReportKey, RootKey, Secrets};

use super::data::{CityFile, DataDir};
use super::receivers::PATH;
use crate::wire::Channel;

/// The file of the root key.
const ROOT_KEY: &str = "root-key";
/// The file of the key that signs reports.
const REPORT_KEY: &str = "report-key";

/// The secrets of one function. Files are read each time: they are few and small, and a rotation
/// needs no restart.
#[derive(Debug)]
pub(super) struct FileSecrets {
    dir: PathBuf,
    city: PathBuf,
    channel: Option<String>,
}

impl FileSecrets {
    pub(super) fn new(data: &DataDir, channel: Option<String>) -> Self {
        Self { dir: data.secrets(), city: data.city(), channel }
    }

    fn read(&self, name: &str) -> Result<String, PortError> {
        std::fs::read_to_string(self.dir.join(name)).map(|text| text.trim().to_owned()).map_err(
            |e| PortError::Temporary(format!("the secret `{name}` cannot be read: {}", e.kind())),
        )
    }
}

#[async_trait]
impl Secrets for FileSecrets {
    async fn root_key(&self) -> Result<Arc<RootKey>, PortError> {
        Ok(Arc::new(RootKey::from_secret(self.read(ROOT_KEY)?.as_bytes())))
    }

    async fn report_key(&self) -> Result<Arc<ReportKey>, PortError> {
        Ok(Arc::new(ReportKey::from_secret(self.read(REPORT_KEY)?.as_bytes())))
    }

    async fn channel(&self) -> Result<Arc<ChannelSecret>, PortError> {
        let name = self.channel.as_deref().ok_or_else(|| {
            PortError::Permanent("this function has no CHANNEL_SECRET".to_owned())
        })?;
        let mut channel = cloud::channel_secret(&self.read(name)?)?;
        let told_at = &mut channel.registration.told_at;
        *told_at = told_at.take().or_else(|| self.receiver());
        Ok(Arc::new(channel))
    }
}

impl FileSecrets {
    /// The channel's receiver in the running city: where it is told until an address is registered.
    fn receiver(&self) -> Option<String> {
        let channel = self.channel.as_ref()?.strip_prefix("channel-")?.strip_suffix("-secret")?;
        let city: CityFile =
            serde_json::from_str(&std::fs::read_to_string(&self.city).ok()?).ok()?;
        let by_mail = channel == Channel::Mailbox.name();
        Some(if by_mail { city.mail } else { format!("{}{PATH}/{channel}", city.url) })
    }
}
