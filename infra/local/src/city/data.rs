//! The data directory (`.lianxin` unless told otherwise) and the file by which a running city is
//! found.

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::engines::Endpoints;

/// A data directory.
#[derive(Clone, Debug)]
pub struct DataDir {
    root: PathBuf,
}

/// `DATA/city.json`: where a running city listens. It holds the engines' secret, so only its owner
/// may read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CityFile {
    /// The base URL of its HTTP.
    pub url: String,
    /// Where those who write mail are told, in this city.
    pub mail: String,
    /// Its process, for a person who wonders.
    pub pid: u32,
    /// Its engines.
    pub endpoints: Endpoints,
}

impl CityFile {
    pub(super) fn new((url, mail): (String, String), endpoints: Endpoints) -> Self {
        Self { url, mail, pid: std::process::id(), endpoints }
    }
}

impl DataDir {
    /// The directory at `root`, made if it is not there, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        let data = Self { root: root.to_owned() };
        for dir in [data.root.clone(), data.secrets(), data.logs()] {
            std::fs::create_dir_all(&dir)
                .with_context(|| format!("cannot create {}", dir.display()))?;
        }
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&data.root, private)
            .with_context(|| format!("cannot make {} private", data.root.display()))?;
        Ok(data)
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether no city has lived here yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        !self.root.join("dynamo.db").exists()
    }

    /// Where secrets lie as files.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    /// Where logs go.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// What was announced, as who has subscribed to the topics would read it.
    #[must_use]
    pub fn announcements(&self) -> PathBuf {
        self.root.join("announcements.log")
    }

    /// The invented personal data that `replay` used, one a line, and bytes of its photos as `hex:…`:
    /// nothing of it may be found anywhere outside sealed records.
    #[must_use]
    pub fn canaries(&self) -> PathBuf {
        self.root.join("canaries.txt")
    }

    /// Which photos the phones that `replay` plays have put already.
    #[must_use]
    pub fn phones(&self) -> PathBuf {
        self.root.join("phones.txt")
    }

    pub(super) fn clock(&self) -> PathBuf {
        self.root.join("clock.json")
    }

    pub(super) fn city(&self) -> PathBuf {
        self.root.join("city.json")
    }

    /// Writes a file of its own name at once, for its owner alone.
    pub(super) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let part = path.with_extension("part");
        let mut file =
            options.open(&part).with_context(|| format!("cannot write {}", part.display()))?;
        file.write_all(text.as_bytes())
            .with_context(|| format!("cannot write {}", part.display()))?;
        std::fs::rename(&part, path).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(super) fn announce(&self, city: &CityFile) -> anyhow::Result<()> {
        Self::write_private(&self.city(), &serde_json::to_string_pretty(city)?)
    }

    pub(super) fn withdraw(&self) {
        // A file left behind is harmless: nobody answers at its address.
        drop(std::fs::remove_file(self.city()));
    }

    /// The city that runs on this data in another process, if one answers.
    pub async fn running_city(&self) -> Option<CityFile> {
        let text = std::fs::read_to_string(self.city()).ok()?;
        let city: CityFile = serde_json::from_str(&text).ok()?;
        let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().ok()?;
        let answer = client.get(format!("{}/healthz", city.url)).send().await.ok()?;
        // Another program may have taken the port since; only our city knows its own process.
        let pid = answer.headers().get(super::server::PID_HEADER)?.to_str().ok()?.to_owned();
        (pid == city.pid.to_string()).then_some(city)
    }
}
