//! What a city dispatches by, version by version: its catalog, the model that was trained on it, and what
//! was decided since.

use async_trait::async_trait;

use crate::stores::PortError;

/// What has versions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Book {
    /// The catalog of items, as the CSV text of [`domain::catalog`].
    Catalog,
    /// The model that ranks a request's items, one file.
    Model,
    /// What dispatchers have decided since a model was trained: which ticket was of which item, no text.
    Lessons,
}

impl Book {
    /// Every book.
    pub const ALL: [Self; 3] = [Self::Catalog, Self::Model, Self::Lessons];

    /// Under which name it is kept.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Model => "model",
            Self::Lessons => "lessons",
        }
    }
}

/// The store of books. A version is written once and never altered, so what was decided by one can be
/// looked at by it.
#[async_trait]
pub trait Books: Send + Sync {
    /// The number of the newest version; `None` when there is none.
    ///
    /// # Errors
    /// [`PortError`].
    async fn newest(&self, book: Book) -> Result<Option<u32>, PortError>;

    /// A version as it was written; `None` when there is none with this number.
    ///
    /// # Errors
    /// [`PortError`].
    async fn read(&self, book: Book, version: u32) -> Result<Option<Vec<u8>>, PortError>;

    /// Writes a version, one above the newest. `false`: one with this number stands, and nothing was
    /// written, so of two at once one makes the version.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn put(&self, book: Book, version: u32, bytes: &[u8]) -> Result<bool, PortError>;
}
