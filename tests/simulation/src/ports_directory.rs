//! The directory in memory. No simulated city imports one, so nothing goes wrong here.

use async_trait::async_trait;
use domain::directory::Files;
use ports::{Directories, PortError};

use crate::core::Port;

#[async_trait]
impl Directories for Port {
    async fn current(&self) -> Result<Option<(u32, Files)>, PortError> {
        let state = self.core.lock();
        let newest = state.store.directories.last_key_value();
        Ok(newest.map(|(version, files)| (*version, files.clone())))
    }

    async fn put(&self, version: u32, files: &Files) -> Result<bool, PortError> {
        let mut state = self.core.lock();
        let is_new = !state.store.directories.contains_key(&version);
        state.store.directories.entry(version).or_insert_with(|| files.clone());
        Ok(is_new)
    }
}
