//! A running city: engines, functions, pollers, schedule and HTTP in one process, or the way to one
//! that runs in another.

mod clock;
mod data;
mod defaults;
mod functions;
mod host;
mod notices;
mod posts;
mod provision;
mod receivers;
mod registry;
mod secrets;
mod server;
mod tally;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use cloud::{Clients, Parts, Settings, SnsTopic, SystemEntropy};
use lambda::Constructor;
use ports::{Kit, World};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::clock::CityClock;
pub use self::data::{CityFile, DataDir};
pub use self::defaults::sample_directory;
pub(crate) use self::defaults::{SAMPLE, defaults};
pub use self::functions::FUNCTIONS;
pub use self::host::Invocations;
use self::receivers::Receivers;
pub use self::registry::{Change, register};
pub(crate) use self::tally::Tally;
use crate::engines::client::{clients, sns_client};
use crate::engines::meter::Meter;
use crate::engines::{Engines, topic_arn};
use crate::template::{EnvValue, Template};

/// How long a process goes by the calendar and the directory that it has read, in milliseconds: another
/// process may import new ones meanwhile.
const RULES_KEPT_MS: i64 = 10_000;

/// What a desk or an operator's tool needs of a city: its stores, opened here or reached in another
/// process.
#[derive(Debug)]
pub struct Access {
    /// The data directory.
    pub data: DataDir,
    /// The template that describes the city.
    pub template: Template,
    /// The SDK's clients.
    pub clients: Clients,
    /// Counts this process's requests.
    pub meter: Meter,
    /// The clocks.
    pub clock: Arc<CityClock>,
    /// The running city's file, when the city runs in another process.
    pub running: Option<CityFile>,
    sns: aws_sdk_sns::Client,
    engines: Option<Engines>,
    kit: Arc<Kit>,
}

impl Access {
    /// Opens the city in `data`: through the process that runs it if one answers, else by starting
    /// the engines here, exclusively.
    ///
    /// # Errors
    /// When the data cannot be opened or another process holds it without answering.
    pub async fn open(data: DataDir) -> anyhow::Result<Self> {
        Self::open_as(Template::local().context("the built-in template cannot be read")?, data)
            .await
    }

    async fn open_as(template: Template, data: DataDir) -> anyhow::Result<Self> {
        let meter = Meter::new();
        let running = data.running_city().await;
        let engines = if running.is_some() { None } else { Some(Engines::start(data.root())?) };
        let endpoints = running
            .as_ref()
            .map(|city| city.endpoints.clone())
            .or_else(|| engines.as_ref().map(|engines| engines.endpoints.clone()))
            .context("neither a running city nor engines")?;
        let (clients, sns) = (clients(&endpoints, &meter), sns_client(&endpoints, &meter));
        if engines.is_some() {
            provision::provision(&template, (&clients, &sns), &data).await?;
        }
        let clock = Arc::new(CityClock::open(&data)?);
        let kit = Kit::new(defaults(), RULES_KEPT_MS);
        Ok(Self { data, template, clients, meter, clock, running, sns, engines, kit })
    }

    /// Reads the calendar, the directory, the catalog and the model in force and goes by them from now on, whatever is imported: for
    /// who counts calls.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn hold_rules(&self) -> anyhow::Result<()> {
        let world = self.world(DESK)?;
        world.rules.calendar().await?;
        lambda::dispatcher(&world).await?;
        self.kit.hold();
        Ok(())
    }

    /// The world of a function, or one with everything for a desk ([`DESK`]).
    ///
    /// # Errors
    /// When the template gives the function other settings than it needs.
    pub fn world(&self, function: &str) -> anyhow::Result<World> {
        let settings = self.settings(function)?;
        let channel = settings.get("CHANNEL_SECRET").map(str::to_owned);
        let topic = SnsTopic::new(self.sns.clone(), &settings);
        let clock = Arc::<CityClock>::clone(&self.clock);
        let parts = Parts {
            clients: self.clients.clone(),
            secrets: Arc::new(secrets::FileSecrets::new(&self.data, channel)),
            posts: Arc::new(posts::LocalPosts::new(topic, self.data.announcements(), clock)),
            clock: Arc::<CityClock>::clone(&self.clock),
            entropy: Arc::new(SystemEntropy),
            kit: Arc::clone(&self.kit),
        };
        cloud::world(parts, &settings).with_context(|| format!("the settings of {function}"))
    }

    /// The template's environment of a function with local values; for [`DESK`], that of all
    /// functions together, and every table and bucket of the template.
    fn settings(&self, function: &str) -> anyhow::Result<Settings> {
        let functions =
            self.template.functions.iter().filter(|f| function == DESK || f.name == function);
        let mut pairs = Vec::new();
        for (name, value) in functions.flat_map(|f| &f.environment) {
            pairs.push((name.clone(), self.local_value(value)?));
        }
        if function == DESK {
            pairs.extend(self.template.desk_stores());
        }
        anyhow::ensure!(!pairs.is_empty(), "no function {function} in infra/template.yaml");
        Ok(pairs.into_iter().collect())
    }

    fn local_value(&self, value: &EnvValue) -> anyhow::Result<String> {
        Ok(match value {
            EnvValue::Literal(text)
            | EnvValue::Table(text)
            | EnvValue::Bucket(text)
            | EnvValue::Secret(text) => text.clone(),
            EnvValue::QueueUrl(queue) => self.queue_url(queue)?,
            EnvValue::Topic(topic) => topic_arn(topic),
        })
    }

    /// The URL of a queue by its name.
    ///
    /// # Errors
    /// Never in practice; the engines' address is known.
    pub fn queue_url(&self, queue: &str) -> anyhow::Result<String> {
        let base = self
            .running
            .as_ref()
            .map(|city| city.endpoints.sqs.as_str())
            .or_else(|| self.engines.as_ref().map(|engines| engines.endpoints.sqs.as_str()));
        Ok(format!("{}/{}/{queue}", base.context("no engines")?, crate::template::ACCOUNT_ID))
    }

    /// Stops what this process started.
    ///
    /// # Errors
    /// When a request was cut off.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.engines {
            Some(engines) => engines.stop().await,
            None => Ok(()),
        }
    }
}

/// The pretended function whose world has everything: the shell's desk and the operator's tools.
pub const DESK: &str = "desk";

/// Who writes to the receiver of those who write mail.
const MAILBOX: &str = "mailbox@city.example";

/// A city that runs in this process.
#[derive(Debug)]
pub struct City {
    /// Its stores.
    pub access: Access,
    /// Where its HTTP listens.
    pub address: SocketAddr,
    /// Counts the invocations of functions.
    pub invocations: Invocations,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl City {
    /// Starts every function of the template. `port` 0 takes any free port.
    ///
    /// # Errors
    /// When the data is held by a running city, or the port is taken.
    pub async fn start(data: DataDir, port: u16) -> anyhow::Result<Self> {
        let template = Template::local().context("the built-in template cannot be read")?;
        Self::start_as((template, FUNCTIONS), data, port).await
    }

    /// Starts a city of another template and other functions: that a new one is complete can be shown
    /// before it is built in.
    ///
    /// # Errors
    /// As of [`City::start`], and when the template has a function that is not among `functions`.
    pub async fn start_as(
        (template, functions): (Template, &[(&'static str, Constructor)]),
        data: DataDir,
        port: u16,
    ) -> anyhow::Result<Self> {
        let mut access = Access::open_as(template, data).await?;
        if let Some(city) = &access.running {
            anyhow::bail!(
                "a city runs on {} already, at {}",
                access.data.root().display(),
                city.url
            );
        }
        let (stop, invocations) = (CancellationToken::new(), Invocations::default());
        let hosted = host::hosted(&access, functions, &invocations)?;
        let mut tasks = JoinSet::new();
        let receivers = Receivers::new(access.data.secrets());
        let mail = receivers.listen((&stop, &mut tasks)).await?;
        let served = server::serve(&access, (&hosted, &receivers), port, (&stop, &mut tasks));
        let address = served.await?;
        access.data.announce(&CityFile::new(
            (format!("http://{address}"), format!("smtp://{mail}/{MAILBOX}")),
            access.engines.as_ref().context("no engines")?.endpoints.clone(),
        ))?;
        host::run(&access, &hosted, &stop, &mut tasks).await?;
        let created = access.engines.as_mut().and_then(Engines::created);
        notices::run(&access, created.context("no engines")?, (&stop, &mut tasks)).await?;
        tracing::info!(%address, "the city is open");
        Ok(Self { access, address, invocations, stop, tasks })
    }

    /// Drains: no new requests and messages, the ones in hand finish, then the engines stop.
    ///
    /// # Errors
    /// When something had to be cut off.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        let drained = async { while self.tasks.join_next().await.is_some() {} };
        let drained = tokio::time::timeout(std::time::Duration::from_secs(35), drained).await;
        self.access.data.withdraw();
        self.access.close().await?;
        drained
            .context("a function did not finish in time and was cut off; its messages come again")
    }
}
