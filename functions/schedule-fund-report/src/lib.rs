//! The reports on the fund: of every day, month, quarter and year that is over.
//!
//! Every hour it looks which of them are not published yet, makes them from the journals (`gather.rs`) and writes
//! them once to the reports bucket, the signed manifest last: what has a manifest is whole. A run that was missed
//! or broke off is made up by the next one, which writes the same bytes. It reads the ledger and can post nothing.

mod gather;
mod publish;
mod settled;

use std::sync::Arc;

use async_trait::async_trait;
use domain::Timestamp;
use lambda::{Failure, Function};
use ports::{PortError, World};
use reports::fund::Figures;
use reports::{Manifest, ManifestFault, Period, ReportFault, ReportFile};
use serde_json::{Value, json};

use self::gather::Gathered;
use self::settled::Settled;

/// So long after its end a period is reported on: what was posted in its last moment stands by then, whatever the
/// clocks of those who post.
pub const SETTLED_MS: i64 = 30 * Timestamp::MINUTE_MS;

/// The reports of a city.
#[derive(Debug)]
pub struct FundReports {
    world: World,
}

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it says.
    pub figures: Figures,
    /// Its files, the manifest last.
    pub files: Vec<ReportFile>,
    /// How each account stands at its end.
    settled: Vec<Settled>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A store did not answer, or what it has is damaged.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The journals do not add up.
    #[error("the ledger does not add up, run `verify`: {0}")]
    Ledger(#[from] ReportFault),
    /// It cannot be signed, or what is published is not what was signed.
    #[error(transparent)]
    Manifest(#[from] ManifestFault),
    /// The period has not begun.
    #[error("the period {0} has not begun")]
    NotBegun(Period),
}

impl FundReports {
    /// The reports of this world.
    #[must_use]
    pub const fn new(world: World) -> Self {
        Self { world }
    }

    /// The report of a period. Where one is published it is made by the directory that that was made by, so that
    /// it is the same; a period that is not over gives a preliminary one.
    ///
    /// # Errors
    /// [`ReportError`].
    pub async fn make(&self, period: Period) -> Result<Report, ReportError> {
        let published = self.published(period).await?.map(|manifest| manifest.directory);
        let begun = match published {
            Some(version) => Some(version),
            None => publish::begun_by(&self.world, period).await?,
        };
        self.make_by(period, begun).await
    }

    async fn make_by(&self, period: Period, directory: Option<u32>) -> Result<Report, ReportError> {
        let Gathered { source, settled } = gather::source(&self.world, period, directory).await?;
        let figures = reports::fund::figures(&source)?;
        let mut files = reports::fund::files(&figures)?;
        let seed = self.world.secrets.report_key().await?;
        files.push(reports::fund::manifest(&figures, &files, &seed)?);
        Ok(Report { figures, files, settled })
    }

    /// The manifest of a published report, checked under the key in force; `None` when there is none yet.
    ///
    /// # Errors
    /// [`ReportError::Manifest`] when it was altered.
    pub async fn published(&self, period: Period) -> Result<Option<Manifest>, ReportError> {
        publish::published(&self.world, period).await
    }

    /// Complete periods that are not published yet, the shortest kinds first and of each the oldest.
    ///
    /// # Errors
    /// [`PortError`].
    pub async fn due(&self) -> Result<Vec<Period>, PortError> {
        publish::due(&self.world).await
    }

    /// Makes the report of a period that is over, publishes it and tells of it.
    ///
    /// # Errors
    /// [`ReportError`]; permanent when other bytes are published already.
    pub async fn publish(&self, period: Period) -> Result<Report, ReportError> {
        let directory = publish::directory(&self.world, period).await?;
        let report = self.make_by(period, Some(directory)).await?;
        publish::publish(&self.world, &report).await?;
        Ok(report)
    }
}

#[async_trait]
impl Function for FundReports {
    async fn invoke(&self, _event: Value) -> Result<Value, Failure> {
        let failure = |error: ReportError| Failure(error.to_string());
        let due = self.due().await.map_err(|error| failure(error.into()))?;
        let mut published = Vec::new();
        let mut failed = None;
        for period in due {
            // One that fails must not keep the others from being made.
            match self.publish(period).await {
                Ok(_) => published.push(period.to_string()),
                Err(error) => {
                    tracing::error!(%period, %error, "no report");
                    failed = Some(error);
                }
            }
        }
        match failed {
            Some(error) => Err(failure(error)),
            None => Ok(json!({ "published": published })),
        }
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    Arc::new(FundReports::new(world))
}
