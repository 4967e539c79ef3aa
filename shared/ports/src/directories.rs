//! A city's directory, version by version.

use async_trait::async_trait;
use domain::directory::Files;

use crate::stores::PortError;

/// The store of directories. A version is written once and never altered, so what was decided by one can
/// be looked at by it.
#[async_trait]
pub trait Directories: Send + Sync {
    /// The number of the newest version; `None` when no directory has been imported.
    ///
    /// # Errors
    /// [`PortError`].
    async fn newest(&self) -> Result<Option<u32>, PortError>;

    /// The newest version with its texts; `None` when no directory has been imported.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no directory.
    async fn current(&self) -> Result<Option<(u32, Files)>, PortError>;

    /// A version's texts; `None` when there is none with this number.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no directory.
    async fn read(&self, version: u32) -> Result<Option<Files>, PortError>;

    /// Writes a version, one above the newest. `false`: one with this number stands, and nothing was
    /// written, so of two imports at once one makes the version.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn put(&self, version: u32, files: &Files) -> Result<bool, PortError>;
}
