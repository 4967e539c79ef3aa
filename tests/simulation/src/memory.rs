//! The stores in memory by themselves: no chance, no faults, nobody who moves the clock.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Step, Timestamp, UploadKey};
use ports::{Upload, World};

use crate::core::Core;
use crate::ops::Stand;
use crate::queues::queue_of;
use crate::settings::Settings;
use crate::world::{DESK, ROLES, kit, world};

/// The stores of a simulated city, without the city.
#[derive(Debug)]
pub struct Memory {
    core: Arc<Core>,
    world: World,
}

impl Memory {
    /// Empty stores in which the machine has so long for a turn, and whose timelines spill when they
    /// have more than so many entries.
    #[must_use]
    pub fn new(lease_ms: i64, spill_at: usize) -> Self {
        let settings = Settings { lease_ms, spill_at, ..Settings::quiet(1) };
        let core = Core::new(settings, ROLES.len());
        let world = world(&core, DESK, &kit());
        Self { core, world }
    }

    /// Takes out what waits in the queue of a step, as its function gets it.
    #[must_use]
    pub fn hints(&self, step: Step) -> Vec<String> {
        let waiting = std::mem::take(&mut self.core.lock().queues.all[queue_of(step)]);
        waiting.into_iter().map(|message| message.body).collect()
    }

    /// Lets so many milliseconds pass.
    pub fn pass(&self, ms: i64) {
        self.core.lock().now += ms;
    }
}

#[async_trait]
impl Stand for Memory {
    fn world(&self) -> &World {
        &self.world
    }

    async fn upload(&self, key: &UploadKey, upload: &Upload) {
        self.core.lock().upload(key, upload.clone());
    }

    async fn put_mail(&self, key: &str, mail: &[u8]) {
        let mut state = self.core.lock();
        let now = Timestamp::from_millis(state.now);
        state.store.mails.insert(key.to_owned(), (mail.to_vec(), now));
    }
}
