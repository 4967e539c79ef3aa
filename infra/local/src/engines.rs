//! The embedded stand-ins for AWS: a DynamoDB, an SQS, an SNS and an S3 that run inside this process.
//!
//! Each engine listens on its own ephemeral loopback port and speaks the wire protocol of the
//! service it stands for, so that the functions use the AWS SDK unchanged. DynamoDB and S3 keep
//! their data under the data directory; queues live in memory and are empty after a start, and so
//! do topics, which are made anew.

pub mod client;
mod dynamo;
mod http;
pub mod ledger;
mod locks;
pub mod meter;
mod s3;
mod sns;
mod sqs;
#[cfg(test)]
mod tests;

use std::fmt::{self, Write as _};
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinHandle;

use self::http::StopSwitch;
pub use self::s3::Created;
pub use self::sns::topic_arn;

/// The region that every engine and client pretends to be in.
pub const REGION: &str = "cn-north-1";

/// The access key id of every start; only the secret changes.
const ACCESS_KEY: &str = "AKIALIANXINLOCAL";

/// How long [`Engines::stop`] waits for requests that are still running (a long poll may outlast
/// it and is then cut off).
const GRACE: Duration = Duration::from_secs(5);

/// Engines commit to `SQLite`, `fsync` included, on the thread that took the request; with two
/// threads of their own they never block the functions.
const WORKER_THREADS: usize = 2;

/// Where the engines listen and how to sign requests to them.
///
/// Serializable so that it can be handed to a child process; it holds a secret, so whoever writes
/// it down must keep the file private.
#[derive(Clone, Serialize, Deserialize)]
pub struct Endpoints {
    /// Base URL of DynamoDB, such as `http://127.0.0.1:40001`.
    pub dynamodb: String,
    /// Base URL of SQS.
    pub sqs: String,
    /// Base URL of SNS.
    pub sns: String,
    /// Base URL of S3 (path style).
    pub s3: String,
    /// Access key id.
    pub access_key: String,
    /// Secret key, new at every start.
    pub secret_key: String,
    /// Region name, always [`REGION`].
    pub region: String,
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints")
            .field("dynamodb", &self.dynamodb)
            .field("sqs", &self.sqs)
            .field("sns", &self.sns)
            .field("s3", &self.s3)
            .field("access_key", &self.access_key)
            .field("secret_key", &"(hidden)")
            .field("region", &self.region)
            .finish()
    }
}

/// The running engines, the runtime that serves them, and the lock on their data.
///
/// Dropping it stops them abruptly, which loses nothing acknowledged; [`Engines::stop`] lets
/// requests in progress finish first.
#[derive(Debug)]
pub struct Engines {
    /// Where they listen.
    pub endpoints: Endpoints,
    created: Option<UnboundedReceiver<Created>>,
    stop: StopSwitch,
    servers: Vec<(&'static str, JoinHandle<()>)>,
    // Only `None` while being dropped: a runtime dropped inside async code panics.
    runtime: Option<Runtime>,
    // Held for its lock, which goes when the file is closed.
    _lock: File,
}

impl Engines {
    /// Starts all engines on the data in `data_dir`, which is created if absent.
    ///
    /// May be called from async code or from outside any runtime; it blocks for some 30 ms.
    ///
    /// # Errors
    ///
    /// When the directory cannot be made or written, when another process has engines running on
    /// it, when a stored database cannot be opened, or when no loopback port can be bound.
    pub fn start(data_dir: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(data_dir)
            .with_context(|| format!("cannot create {}", data_dir.display()))?;
        let lock = lock_data(data_dir)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKER_THREADS)
            .thread_name("engines")
            .enable_all()
            .build()
            .context("cannot start the engines' runtime")?;
        // From here on an early return drops the half-built value, whose Drop is safe anywhere.
        let mut engines = Self {
            endpoints: Endpoints {
                dynamodb: String::new(),
                sqs: String::new(),
                sns: String::new(),
                s3: String::new(),
                access_key: ACCESS_KEY.to_owned(),
                secret_key: random_secret()?,
                region: REGION.to_owned(),
            },
            created: None,
            stop: StopSwitch::new(),
            servers: Vec::new(),
            runtime: Some(runtime),
            _lock: lock,
        };
        engines.start_servers(data_dir)?;
        Ok(engines)
    }

    fn start_servers(&mut self, data_dir: &Path) -> anyhow::Result<()> {
        let runtime = self.runtime.as_ref().context("the engines have been stopped")?.handle();
        let (stop, endpoints) = (self.stop.watch(), &mut self.endpoints);

        let (listener, url) = listen(runtime).context("no port for DynamoDB")?;
        endpoints.dynamodb = url;
        let database = dynamo::open(&data_dir.join("dynamo.db"))?;
        let sweeper = runtime.spawn(dynamo::sweep(database.clone(), stop.clone()));
        let server = runtime.spawn(dynamo::serve(listener, database, stop.clone()));
        self.servers.push(("DynamoDB", server));
        self.servers.push(("the expiry sweep", sweeper));

        let (listener, url) = listen(runtime).context("no port for SQS")?;
        endpoints.sqs = url;
        let server = runtime.spawn(http::serve(listener, sqs::Queues::new(), stop.clone()));
        self.servers.push(("SQS", server));

        let (listener, url) = listen(runtime).context("no port for SNS")?;
        endpoints.sns = url;
        let server = runtime.spawn(http::serve(listener, sns::Topics::new(), stop.clone()));
        self.servers.push(("SNS", server));

        let (listener, url) = listen(runtime).context("no port for S3")?;
        endpoints.s3 = url;
        let (created, receiver) = mpsc::unbounded_channel();
        self.created = Some(receiver);
        let keys = (&*endpoints.access_key, &*endpoints.secret_key);
        let store = s3::open(&data_dir.join("s3"), keys, created)?;
        self.servers.push(("S3", runtime.spawn(http::serve(listener, store, stop))));
        Ok(())
    }

    /// The objects put from now on; for the one who passes it on.
    pub fn created(&mut self) -> Option<UnboundedReceiver<Created>> {
        self.created.take()
    }

    /// Stops accepting requests, lets those in progress finish (for 5 s at most) and releases the
    /// data directory.
    ///
    /// # Errors
    ///
    /// When a request was cut off because it did not finish in time, or a server had died. The
    /// engines are stopped in either case.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.stop();
        let deadline = tokio::time::Instant::now() + GRACE;
        let mut outcome = Ok(());
        for (name, server) in self.servers.drain(..) {
            let ended = match tokio::time::timeout_at(deadline, server).await {
                Ok(joined) => joined.with_context(|| format!("{name} had died")),
                Err(late) => Err(late).with_context(|| format!("{name} was still busy")),
            };
            outcome = outcome.and(ended);
        }
        outcome
    }
}

impl Drop for Engines {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Takes the lock that keeps a second process off the data: the DynamoDB engine caches metadata,
/// so two of them on one file would corrupt each other's view.
fn lock_data(data_dir: &Path) -> anyhow::Result<File> {
    let path = data_dir.join("engines.lock");
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!("another process is using the data in {}", data_dir.display())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// Binds an ephemeral loopback port for use on `runtime`; gives the listener and its base URL.
fn listen(runtime: &tokio::runtime::Handle) -> anyhow::Result<(TcpListener, String)> {
    let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .context("cannot bind a loopback port")?;
    listener.set_nonblocking(true).context("cannot make the listener non-blocking")?;
    let address = listener.local_addr().context("the listener has no address")?;
    let _entered = runtime.enter();
    let listener = TcpListener::from_std(listener).context("cannot register the listener")?;
    Ok((listener, format!("http://{address}")))
}

/// Forty random hexadecimal digits: 160 bits, the length of a real secret key.
fn random_secret() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).context("no randomness for the secret key")?;
    let mut secret = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(secret, "{byte:02x}").context("cannot write the secret key")?;
    }
    Ok(secret)
}
