//! What only channels' functions ask for, in memory. No simulated channel is posted to, so nothing goes
//! wrong here.

use async_trait::async_trait;
use domain::{ChannelName, Timestamp};
use ports::{PortError, Turnstile};

use crate::core::Port;

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
