//! Everything a function may reach, in one value.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Hash, RegionCode, Timestamp};
use zeroize::Zeroizing;

use crate::delivery::{Deliveries, Posts};
use crate::fund::Fund;
use crate::quarantine::Quarantine;
use crate::rules::Rules;
use crate::seal::RootKey;
use crate::sketches::Sketches;
use crate::stores::{Census, Citizens, Dossiers, Hints, Journal, Keys, PortError, Texts, Tickets};
use crate::turnstile::Turnstile;
use crate::uploads::{Claims, Uploads};
use crate::vault::Vault;

/// The two clocks.
#[async_trait]
pub trait Clock: Send + Sync {
    /// City time: timelines, deadlines, schedules. A test or `clock advance` can move it.
    fn now(&self) -> Timestamp;

    /// Wall time: signatures, tokens, presigned URLs. It is never moved.
    fn wall(&self) -> Timestamp;

    /// Lets so many milliseconds pass.
    async fn pause(&self, ms: u64);
}

/// Randomness, passed in so that a run can be repeated from its seed.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`PortError::Temporary`] when the system has none to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError>;
}

/// Secrets: files on one machine, a secrets manager in the cloud; read once and kept for minutes.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The root key, under which every ticket's key is wrapped.
    ///
    /// # Errors
    /// [`PortError`].
    async fn root_key(&self) -> Result<Arc<RootKey>, PortError>;

    /// This function's channel: how it proves itself, and what is registered of it.
    ///
    /// # Errors
    /// [`PortError`].
    async fn channel(&self) -> Result<Arc<ChannelSecret>, PortError>;

    /// With what reports are signed: 32 secret bytes of Ed25519.
    ///
    /// # Errors
    /// [`PortError`]; permanent for a function that signs nothing.
    async fn report_key(&self) -> Result<Arc<ReportKey>, PortError>;
}

/// The secret half of the key that reports are signed with. It never shows.
#[derive(Clone, PartialEq, Eq)]
pub struct ReportKey(Zeroizing<[u8; 32]>);

impl ReportKey {
    /// From a random text of at least 32 characters, as a secrets manager generates it.
    #[must_use]
    pub fn from_secret(secret: &[u8]) -> Self {
        Self(Zeroizing::new(*Hash::of("lianxin.report-key.v1", &[secret]).as_bytes()))
    }
}

impl std::ops::Deref for ReportKey {
    type Target = [u8; 32];

    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for ReportKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReportKey(…)")
    }
}

/// What is kept secretly of a channel, read at once because it is stored as one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ChannelSecret {
    /// With what it may prove itself: the current secret and, during a rotation, the one before.
    pub secrets: Vec<Vec<u8>>,
    /// With what we prove ourselves to it, if not with its own current secret: an issuer whose secret
    /// is a public key shares none.
    pub telling: Option<Vec<u8>>,
    /// What is registered of it.
    pub registration: Registration,
}

impl ChannelSecret {
    /// The secret that signs what the channel is told; empty when there is none.
    #[must_use]
    pub fn tells_with(&self) -> &[u8] {
        let secret = self.telling.as_ref().or_else(|| self.secrets.first());
        secret.map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whoever knows the secrets is the channel.
impl std::fmt::Debug for ChannelSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelSecret")
            .field("registration", &self.registration)
            .finish_non_exhaustive()
    }
}

/// What ops register of a channel beside its secrets; it takes effect without a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registration {
    /// Where it is told what became of its requests; `None` when it has not said where.
    pub told_at: Option<String>,
    /// Whether it is switched off: it takes nothing in, and still tells.
    pub closed: bool,
    /// How many posts a minute are taken; `None` for as many as come.
    pub per_minute: Option<u32>,
}

/// The world of one function.
#[derive(Clone)]
pub struct World {
    /// The administrative division served.
    pub region: RegionCode,
    /// How long the machine may take before the sweep looks, in milliseconds.
    pub lease_ms: i64,
    /// The calendar and the directory in force.
    pub rules: Rules,
    /// The ticket store.
    pub tickets: Arc<dyn Tickets>,
    /// Every ticket that is open or was closed of late.
    pub census: Arc<dyn Census>,
    /// A person's tickets.
    pub citizens: Arc<dyn Citizens>,
    /// Published reports, and what the next ones go on from.
    pub reports: Arc<dyn Dossiers>,
    /// The ledger of the fund.
    pub fund: Arc<dyn Fund>,
    /// What is kept of open tickets to find their repeats.
    pub sketches: Arc<dyn Sketches>,
    /// Who has read what.
    pub journal: Arc<dyn Journal>,
    /// Sealed records.
    pub texts: Arc<dyn Texts>,
    /// The tickets' keys.
    pub keys: Arc<dyn Keys>,
    /// Queues.
    pub hints: Arc<dyn Hints>,
    /// The archive.
    pub dossiers: Arc<dyn Dossiers>,
    /// Which request has named which upload.
    pub claims: Arc<dyn Claims>,
    /// What citizens upload.
    pub uploads: Arc<dyn Uploads>,
    /// What was proven and not understood.
    pub quarantine: Arc<dyn Quarantine>,
    /// How much channels may send.
    pub turnstile: Arc<dyn Turnstile>,
    /// How far channels have been told.
    pub deliveries: Arc<dyn Deliveries>,
    /// The way out to channels.
    pub posts: Arc<dyn Posts>,
    /// Secrets.
    pub secrets: Arc<dyn Secrets>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("region", &self.region).finish_non_exhaustive()
    }
}

impl World {
    /// The seal over this world's stores.
    #[must_use]
    pub fn vault(&self) -> Vault<'_> {
        Vault::new(self)
    }
}
