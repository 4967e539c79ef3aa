//! The import of the next catalog, with the model that is trained on it.

use classifier::Model;
use domain::catalog::{Catalog, Fault, check};
use ports::{Book, PortError, World};

use crate::dispatching::{catalog_of, train};

/// Why no catalog was imported.
#[derive(Debug, thiserror::Error)]
pub enum CatalogImportError {
    /// It has faults; nothing was written.
    #[error("the catalog has {} faults", .0.len())]
    Faults(Vec<Fault>),
    /// No model can be trained on it; nothing was written.
    #[error("no model can be trained on it: {0}")]
    Training(String),
    /// Somebody else imported another one meanwhile.
    #[error("somebody else has imported a catalog meanwhile: look at it, and import again")]
    Overtaken,
    /// The store failed. The same import again is safe.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Imports a catalog as the next version, unless the newest one says the same, and puts a model in force
/// that was trained on it. Gives the version, and whether the import made it.
///
/// The model goes first: until the catalog follows it is another catalog's, and the machine is sure of
/// nothing. So is it after an import that broke off; the same import again ends it.
///
/// # Errors
/// [`CatalogImportError`].
pub async fn import_catalog(
    world: &World,
    catalog: &Catalog,
) -> Result<(u32, bool), CatalogImportError> {
    let faults = check(catalog, &*world.rules.directory().await?);
    if !faults.is_empty() {
        return Err(CatalogImportError::Faults(faults));
    }
    let books = &world.rules.books;
    let newest = books.newest(Book::Catalog).await?;
    let stands = match newest {
        Some(_) => Some(catalog_of(world, newest).await?),
        None => None,
    };
    let is_new = stands.is_none_or(|stands| stands.hash() != catalog.hash());
    let version = newest.unwrap_or(0).saturating_add(u32::from(is_new));
    if is_new || !has_model(world, catalog).await? {
        let model = train(catalog, &[], &[], &mut |_| ())
            .map_err(|fault| CatalogImportError::Training(fault.to_string()))?;
        put_model(world, &model).await?;
    }
    let text = catalog.to_csv();
    if is_new && !books.put(Book::Catalog, version, text.as_bytes()).await? {
        let stands = catalog_of(world, Some(version)).await?;
        return if stands.hash() == catalog.hash() {
            Ok((version, false))
        } else {
            Err(CatalogImportError::Overtaken)
        };
    }
    Ok((version, is_new))
}

async fn has_model(world: &World, catalog: &Catalog) -> Result<bool, PortError> {
    let books = &world.rules.books;
    let Some(version) = books.newest(Book::Model).await? else { return Ok(false) };
    let bytes = books.read(Book::Model, version).await?;
    let model = bytes.and_then(|bytes| Model::from_bytes(&bytes).ok());
    let hash = Some(catalog.hash().to_string());
    Ok(model.is_some_and(|model| model.trained_on().catalog == hash))
}

/// Puts a model in force as the next version; gives it.
///
/// # Errors
/// [`PortError`]; temporary when others were first again and again.
pub async fn put_model(world: &World, model: &Model) -> Result<u32, PortError> {
    let bytes = model.to_bytes();
    for _ in 0..5 {
        let version = world.rules.books.newest(Book::Model).await?.unwrap_or(0).saturating_add(1);
        if world.rules.books.put(Book::Model, version, &bytes).await? {
            return Ok(version);
        }
    }
    Err(PortError::Temporary("others put models in force at the same time".to_owned()))
}
