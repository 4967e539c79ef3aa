//! A new calendar: every open ticket whose deadlines depend on it is brought to it, each once, with an
//! event that says so.

use std::sync::PoisonError;

use domain::{Command, Timestamp};
use ports::{DUE_SHARDS, PortError};

use crate::{Clocks, InForce, Ticked};

impl Clocks {
    /// Goes on with the shards that the calendar in force has not been brought to. Shard by shard, so that
    /// a run that ends in the middle costs no more than one of them again; a ticket that was brought to it
    /// says so itself.
    pub(crate) async fn replan(
        &self,
        in_force: &InForce,
        began: Timestamp,
        ticked: &mut Ticked,
    ) -> Result<(), PortError> {
        let version = in_force.calendar.version();
        if self.is_settled(version) {
            return Ok(());
        }
        let Some(stored) = self.world.rules.calendars.current().await? else {
            self.settle(version);
            return Ok(());
        };
        // Until then functions may go by the one before it, and would undo what is done here.
        let settled = stored.since.plus_millis(2 * self.world.rules.kit.keep_ms());
        let read = stored.version == version;
        if !read || self.world.clock.wall() < settled {
            return Ok(());
        }
        for shard in stored.replanned..DUE_SHARDS {
            if self.is_late(began) {
                return Ok(());
            }
            let open = self.world.census.open(shard).await?;
            let failed = ticked.failed;
            self.each(open, (&Command::Replan, in_force), ticked).await;
            if ticked.failed > failed {
                // What could not be looked at is looked at again before the shard counts as done.
                return Ok(());
            }
            self.world.rules.calendars.replanned(stored.number, shard + 1).await?;
        }
        self.settle(version);
        Ok(())
    }

    fn is_settled(&self, version: &str) -> bool {
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        settled.as_deref() == Some(version)
    }

    fn settle(&self, version: &str) {
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        *settled = Some(version.to_owned());
    }
}
