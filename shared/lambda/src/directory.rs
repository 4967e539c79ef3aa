//! The import of the next directory.

use domain::directory::{Directory, DirectoryFault, Files};
use ports::{PortError, World};

/// Why no directory was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not valid as a whole; nothing was written.
    #[error("the directory has {} faults", .0.len())]
    Faults(Vec<DirectoryFault>),
    /// Somebody else imported another one meanwhile; nothing was written.
    #[error("somebody else has imported a directory meanwhile: look at it, and import again")]
    Overtaken,
    /// The store failed. The same import again is safe.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// An imported directory.
#[derive(Debug)]
pub struct Imported {
    /// The directory, with its version.
    pub directory: Directory,
    /// Whether the import made this version; `false` when the newest one says the same already.
    pub is_new: bool,
}

/// Imports a directory as the next version, unless the newest one says the same.
///
/// # Errors
/// [`ImportError`].
pub async fn import_directory(world: &World, files: &Files) -> Result<Imported, ImportError> {
    // What is stored is written anew, so that order, spaces and line ends make no new version.
    let files = Directory::read(0, files).map_err(ImportError::Faults)?.write();
    let stands = world.rules.directories.current().await?;
    let newest = stands.as_ref().map_or(0, |(version, _)| *version);
    let is_new = stands.is_none_or(|(_, stands)| stands != files);
    let version = newest.saturating_add(u32::from(is_new));
    let of_version = |version| Directory::read(version, &files).map_err(ImportError::Faults);
    if !is_new || world.rules.directories.put(version, &files).await? {
        world.rules.forget();
        return Ok(Imported { directory: of_version(version)?, is_new });
    }
    // Somebody was first, perhaps with the same.
    match world.rules.directories.current().await? {
        Some((version, stands)) if stands == files => {
            Ok(Imported { directory: of_version(version)?, is_new: false })
        }
        _ => Err(ImportError::Overtaken),
    }
}
