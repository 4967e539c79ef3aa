//! How much a channel may send.

use async_trait::async_trait;
use domain::{ChannelName, Timestamp};

use crate::stores::PortError;

/// Counts what a channel sends, by minutes of wall time.
#[async_trait]
pub trait Turnstile: Send + Sync {
    /// Counts one post of a channel in the minute of `wall`, unless it has had its `per_minute`
    /// already. `false`: it has, and nothing was counted.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one it may have been counted.
    async fn pass(
        &self,
        channel: &ChannelName,
        wall: Timestamp,
        per_minute: u32,
    ) -> Result<bool, PortError>;
}
