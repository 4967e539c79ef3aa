//! What only channels' functions ask for, in memory. No simulated channel is posted to, so nothing goes
//! wrong here.

use async_trait::async_trait;
use contracts::QuarantineId;
use domain::{ChannelName, Timestamp};
use ports::{Cursor, Page, PortError, Quarantine, Turnstile};

use crate::core::Port;

/// So many entries of the quarantine are listed at a time.
const QUARANTINE_PAGE: usize = 3;

#[async_trait]
impl Turnstile for Port {
    async fn pass(
        &self,
        channel: &ChannelName,
        wall: Timestamp,
        per_minute: u32,
    ) -> Result<bool, PortError> {
        let minute = wall.millis().div_euclid(Timestamp::MINUTE_MS);
        let mut state = self.core.lock();
        let count = state.store.counts.entry((channel.clone(), minute)).or_default();
        let passes = *count < per_minute;
        *count += u32::from(passes);
        Ok(passes)
    }
}

#[async_trait]
impl Quarantine for Port {
    async fn put(&self, id: &QuarantineId, bytes: &[u8]) -> Result<(), PortError> {
        let mut state = self.core.lock();
        state.store.quarantine.entry(id.key()).or_insert_with(|| bytes.to_vec());
        Ok(())
    }

    async fn list(&self, from: Option<&Cursor>) -> Result<Page<QuarantineId>, PortError> {
        let state = self.core.lock();
        let above = from.map_or("", |cursor| cursor.0.as_str());
        let keys: Vec<&String> =
            state.store.quarantine.keys().filter(|key| key.as_str() > above).collect();
        let page = keys.iter().take(QUARANTINE_PAGE);
        let next = page.clone().next_back().filter(|_| keys.len() > QUARANTINE_PAGE);
        Ok(Page {
            items: page.filter_map(|key| QuarantineId::from_key(key)).collect(),
            next: next.map(|key| Cursor((*key).clone())),
        })
    }

    async fn get(&self, id: &QuarantineId) -> Result<Option<Vec<u8>>, PortError> {
        Ok(self.core.lock().store.quarantine.get(&id.key()).cloned())
    }

    async fn remove(&self, id: &QuarantineId) -> Result<(), PortError> {
        self.core.lock().store.quarantine.remove(&id.key());
        Ok(())
    }
}
