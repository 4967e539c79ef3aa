//! The DynamoDB engine: dynoxide on a `SQLite` file. Every acknowledged write has been synced.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;

use super::http::Stop;

/// How often expired items are removed. AWS promises days; the embedded engine never does it
/// unless asked.
const SWEEP_PERIOD: Duration = Duration::from_secs(60);

/// Opens the database at `path`, which is created if absent.
///
/// # Errors
///
/// When the path is not UTF-8, or the file cannot be opened or is not a dynoxide database.
pub(super) fn open(path: &Path) -> anyhow::Result<Database> {
    let name = path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
    Database::new(name).with_context(|| format!("cannot open the database {name}"))
}

/// Serves `database` on `listener` until `stop`, then lets running requests finish.
pub(super) async fn serve(listener: TcpListener, database: Database, stop: Stop) {
    let served = dynoxide::server::serve_with_shutdown(listener, database, stop.requested()).await;
    if let Err(error) = served {
        tracing::error!(error, "the DynamoDB engine ended");
    }
}

/// Removes items past their expiry once a minute until `stop`.
pub(super) async fn sweep(database: Database, stop: Stop) {
    let mut ticks = tokio::time::interval(SWEEP_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stopped = std::pin::pin!(stop.requested());
    loop {
        tokio::select! {
            () = &mut stopped => return,
            _ = ticks.tick() => {}
        }
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(0)) => {}
            Ok(Ok(swept)) => tracing::debug!(swept, "expired items removed"),
            Ok(Err(error)) => tracing::warn!(%error, "cannot remove expired items"),
            Err(error) => tracing::warn!(%error, "the expiry sweep did not finish"),
        }
    }
}
