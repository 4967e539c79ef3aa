//! The rest of the ports, and the world that they make for a function.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Hint, MailNotice, UploadHint};
use domain::{ChannelName, RegionCode, Step, Timestamp};
use ports::{
    ChannelSecret, Clock, Defaults, Entropy, Hints, Kit, PortError, Registration, ReportKey,
    RootKey, Rules, Secrets, World,
};

use crate::bugs::Bug;
use crate::core::{Core, Port, State};
use crate::faults::Call;
use crate::ops::Op;
use crate::queues::{TELLINGS, UPLOADS, queue_of};
use crate::town::town;

/// Who calls: the functions, each with a clock of its own.
pub(crate) const ROLES: &[&str] = &[
    "step-intake",
    "step-dispatch",
    "step-handling",
    "step-feedback",
    "step-evaluation",
    "step-archive",
    "attachment",
    "teller",
    "schedule-sweep",
    "schedule-upkeep",
    "schedule-deadlines",
    "door",
    "desk",
    "looks",
];
/// Who tells channels.
pub(crate) const TELLER: usize = 7;
pub(crate) const SWEEP: usize = 8;
pub(crate) const UPKEEP: usize = 9;
pub(crate) const DEADLINES: usize = 10;
pub(crate) const DOOR: usize = 11;
pub(crate) const DESK: usize = 12;
/// The staff when they look at their inboxes.
pub(crate) const LOOKS: usize = 13;

/// The channels of every simulated city.
pub(crate) const CHANNELS: [&str; 2] = ["hotline-12345", "gaoxiaoban"];

/// What the root key of every simulated city is made from.
const ROOT: &[u8] = b"a root key for simulations only";

#[async_trait]
impl Hints for Port {
    async fn send(&self, step: Step, hint: &Hint) -> Result<(), PortError> {
        self.call(Call::HintSend, hint.ticket.as_str(), |state, _| {
            state.record(|| Op::HintSend(step, hint.clone()));
            let row = state.store.tickets.get(&hint.ticket);
            if row.is_none_or(|row| row.ticket.version() < hint.version) {
                let text = "a hint was sent before the write that it tells of";
                state.ledger.violation(hint.ticket.as_str(), text);
            }
            state.ledger.hints += 1;
            state.enqueue(queue_of(step), &hint.to_body());
            Ok(())
        })
        .await
    }

    async fn look(&self, hint: &UploadHint) -> Result<(), PortError> {
        self.call(Call::HintLook, hint.key.as_str(), |state, _| {
            state.record(|| Op::HintLook(hint.clone()));
            state.enqueue(UPLOADS, &hint.to_body());
            Ok(())
        })
        .await
    }

    /// A mailbox has one queue for mails and tellings. No simulated city has one, so nothing goes wrong.
    async fn mail(&self, notice: &MailNotice) -> Result<(), PortError> {
        self.core.lock().enqueue(TELLINGS, &notice.to_body());
        Ok(())
    }

    async fn backlog(&self, step: Step) -> Result<u64, PortError> {
        self.call(Call::HintBacklog, "", |state, _| {
            state.record(|| Op::HintBacklog(step));
            let unguarded = state.settings.bug == Some(Bug::NoBacklogGuard);
            let depth = state.queues.all[queue_of(step)].len();
            Ok(if unguarded { 0 } else { depth as u64 })
        })
        .await
    }

    fn channels(&self) -> Vec<ChannelName> {
        CHANNELS.iter().filter_map(|name| ChannelName::parse(name).ok()).collect()
    }

    async fn tell(&self, _channel: &ChannelName, hint: &Hint) -> Result<(), PortError> {
        self.call(Call::HintTell, hint.ticket.as_str(), |state, _| {
            state.enqueue(TELLINGS, &hint.to_body());
            Ok(())
        })
        .await
    }

    async fn untold(&self, _channel: &ChannelName) -> Result<u64, PortError> {
        self.call(Call::HintUntold, "", |state, _| Ok(state.queues.all[TELLINGS].len() as u64))
            .await
    }

    async fn bury(&self, body: &str, reason: &str) -> Result<(), PortError> {
        self.call(Call::HintBury, body, |state: &mut State, _| {
            state.record(|| Op::HintBury(body.to_owned(), reason.to_owned()));
            state.queues.buried.push((body.to_owned(), reason.to_owned()));
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Secrets for Port {
    async fn root_key(&self) -> Result<Arc<RootKey>, PortError> {
        self.call(Call::RootKey, "", |_, _| Ok(Arc::new(RootKey::from_secret(ROOT)))).await
    }

    async fn report_key(&self) -> Result<Arc<ReportKey>, PortError> {
        Ok(Arc::new(ReportKey::from_secret(ROOT)))
    }

    async fn channel(&self) -> Result<Arc<ChannelSecret>, PortError> {
        let secrets = vec![b"a channel's secret for simulations only".to_vec()];
        let told_at = Some("https://receiver.example/".to_owned());
        let registration = Registration { told_at, ..Registration::default() };
        Ok(Arc::new(ChannelSecret { secrets, registration, ..ChannelSecret::default() }))
    }
}

#[async_trait]
impl Clock for Port {
    fn now(&self) -> Timestamp {
        self.core.lock().at(self.role)
    }

    fn wall(&self) -> Timestamp {
        self.now()
    }

    /// Others come first so often: nobody moves the time of stores that are asked by themselves.
    async fn pause(&self, ms: u64) {
        self.wait(Some(1 + ms), 0).await;
    }
}

impl Entropy for Port {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        let mut state = self.core.lock();
        for eight in bytes.chunks_mut(8) {
            let drawn = state.entropy.draw().to_le_bytes();
            let (some, _) = drawn.split_at(eight.len());
            eight.copy_from_slice(some);
        }
        Ok(())
    }
}

/// The root key, for who checks.
pub(crate) fn root() -> RootKey {
    RootKey::from_secret(ROOT)
}

/// The region of every simulated city.
pub(crate) fn region() -> RegionCode {
    RegionCode::parse("140581").unwrap()
}

/// How long what is in force is kept by the functions of a simulated city, which share it.
const RULES_KEPT_MS: i64 = Timestamp::MINUTE_MS;

/// What the functions of one simulated city keep of what is in force: the sample city, whole.
pub(crate) fn kit() -> Arc<Kit> {
    let calendar = Arc::clone(&town().calendar);
    let defaults = Defaults { calendar, directory: || Arc::clone(&town().directory) };
    Kit::new(defaults, RULES_KEPT_MS)
}

/// The world of one function.
pub(crate) fn world(core: &Arc<Core>, role: usize, kit: &Arc<Kit>) -> World {
    let lease_ms = core.lock().settings.lease_ms;
    let port = Arc::new(Port { core: Arc::clone(core), role });
    let new = || Arc::clone(&port);
    World {
        region: region(),
        lease_ms,
        rules: Rules {
            kit: Arc::clone(kit),
            calendars: new(),
            directories: new(),
            books: new(),
            clock: new(),
        },
        tickets: new(),
        census: new(),
        fund: new(),
        sketches: new(),
        citizens: new(),
        journal: new(),
        texts: new(),
        keys: new(),
        hints: new(),
        dossiers: new(),
        reports: new(),
        claims: new(),
        uploads: new(),
        quarantine: new(),
        turnstile: new(),
        deliveries: new(),
        posts: new(),
        secrets: new(),
        clock: new(),
        entropy: new(),
    }
}
