//! The two clocks of one machine: city time can be moved forward and is kept; wall time is the
//! machine's.

use async_trait::async_trait;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use cloud::SystemClock;
use domain::Timestamp;
use ports::Clock;

use super::data::DataDir;

/// City time as wall time plus an offset, kept in `DATA/clock.json`.
#[derive(Debug)]
pub struct CityClock {
    offset_ms: AtomicI64,
    data: DataDir,
}

impl CityClock {
    /// The clock of a data directory; a new one shows wall time.
    ///
    /// # Errors
    /// When its file is there but cannot be read.
    pub fn open(data: &DataDir) -> anyhow::Result<Self> {
        let clock = Self { offset_ms: AtomicI64::new(0), data: data.clone() };
        let kept = clock.kept()?.unwrap_or(0);
        clock.offset_ms.store(kept, Ordering::SeqCst);
        Ok(clock)
    }

    /// Takes over what another process has set, if it is later: city time never goes back, not even
    /// between a move in this process and the file that keeps it.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub fn reload(&self) -> anyhow::Result<()> {
        if let Some(offset) = self.kept()? {
            self.offset_ms.fetch_max(offset, Ordering::SeqCst);
        }
        Ok(())
    }

    fn kept(&self) -> anyhow::Result<Option<i64>> {
        let path = self.data.clock();
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
        let offset = text.trim().parse().with_context(|| {
            format!(
                "{} must hold a number of milliseconds; remove it to return to wall time",
                path.display()
            )
        })?;
        Ok(Some(offset))
    }

    /// Begins the time of a city that has none of its own yet at `instant`, be it in the past.
    ///
    /// # Errors
    /// When city time was moved before, or it cannot be kept.
    pub fn begin_at(&self, instant: Timestamp) -> anyhow::Result<()> {
        anyhow::ensure!(self.kept()?.is_none(), "this city's time has begun already");
        let offset = instant.millis() - self.wall().millis();
        self.offset_ms.store(offset, Ordering::SeqCst);
        DataDir::write_private(&self.data.clock(), &offset.to_string())
    }

    /// Moves city time forward to `instant` if it is later than now, and keeps that.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub fn advance_to(&self, instant: Timestamp) -> anyhow::Result<()> {
        let ahead = instant.millis() - self.now().millis();
        if ahead > 0 {
            let offset = self.offset_ms.fetch_add(ahead, Ordering::SeqCst) + ahead;
            DataDir::write_private(&self.data.clock(), &offset.to_string())?;
        }
        Ok(())
    }
}

#[async_trait]
impl Clock for CityClock {
    fn now(&self) -> Timestamp {
        self.wall().plus_millis(self.offset_ms.load(Ordering::SeqCst))
    }

    fn wall(&self) -> Timestamp {
        SystemClock.wall()
    }

    async fn pause(&self, ms: u64) {
        SystemClock.pause(ms).await;
    }
}
