//! The directory in force, and the import of the next one.

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

/// The newest imported directory; `None` when there is none.
///
/// # Errors
/// [`PortError`]; permanent when what is stored is not valid by today's rules.
pub async fn directory(world: &World) -> Result<Option<Directory>, PortError> {
    let Some((version, files)) = world.directories.current().await? else { return Ok(None) };
    let directory = Directory::read(version, &files).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        PortError::Permanent(format!("version {version} of the directory is not valid: {first}"))
    })?;
    Ok(Some(directory))
}

/// Imports a directory as the next version, unless the newest one says the same.
///
/// # Errors
/// [`ImportError`].
pub async fn import_directory(world: &World, files: &Files) -> Result<Imported, ImportError> {
    // What is stored is written anew, so that order, spaces and line ends make no new version.
    let files = Directory::read(0, files).map_err(ImportError::Faults)?.write();
    let stands = world.directories.current().await?;
    let newest = stands.as_ref().map_or(0, |(version, _)| *version);
    let is_new = stands.is_none_or(|(_, stands)| stands != files);
    let version = newest.saturating_add(u32::from(is_new));
    let of_version = |version| Directory::read(version, &files).map_err(ImportError::Faults);
    if !is_new || world.directories.put(version, &files).await? {
        world.rules.forget();
        return Ok(Imported { directory: of_version(version)?, is_new });
    }
    // Somebody was first, perhaps with the same.
    match world.directories.current().await? {
        Some((version, stands)) if stands == files => {
            Ok(Imported { directory: of_version(version)?, is_new: false })
        }
        _ => Err(ImportError::Overtaken),
    }
}
