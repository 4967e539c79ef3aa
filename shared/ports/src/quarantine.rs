//! What was proven to come from a channel and not understood, until somebody has looked at it.

use async_trait::async_trait;
use contracts::QuarantineId;

use crate::lists::{Cursor, Page};
use crate::stores::PortError;

/// The store of such messages, each sealed ([`contracts::Quarantined`]). What nobody looks at goes by
/// itself after thirty days.
#[async_trait]
pub trait Quarantine: Send + Sync {
    /// Puts an object; one that lies there already stays.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown, and the same again is safe.
    async fn put(&self, id: &QuarantineId, bytes: &[u8]) -> Result<(), PortError>;

    /// What lies there, a page at a time, in the order of the ids. What is no such object is left
    /// out.
    ///
    /// # Errors
    /// [`PortError`].
    async fn list(&self, from: Option<&Cursor>) -> Result<Page<QuarantineId>, PortError>;

    /// Reads an object; `None` when there is none.
    ///
    /// # Errors
    /// [`PortError`].
    async fn get(&self, id: &QuarantineId) -> Result<Option<Vec<u8>>, PortError>;

    /// Removes an object; one that is gone already is no error.
    ///
    /// # Errors
    /// [`PortError`].
    async fn remove(&self, id: &QuarantineId) -> Result<(), PortError>;
}
