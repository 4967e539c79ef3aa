//! What is kept of open tickets to find those that repeat them ([`domain::repeat`]).

use async_trait::async_trait;
use domain::repeat::Seen;
use domain::{TicketId, UnitCode};

use crate::lists::{Cursor, Page};
use crate::stores::PortError;

/// Where a sketch is looked for: the township or subdistrict, where one is known, and the category of the
/// catalog by which the request was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbourhood<'a> {
    /// The township or subdistrict.
    pub township: Option<&'a UnitCode>,
    /// The category.
    pub category: &'a str,
}

/// The sketches of open tickets. They are read eventually consistent: what was put a moment ago may be missing.
#[async_trait]
pub trait Sketches: Send + Sync {
    /// Puts what is known of a ticket, in place of what was known before.
    ///
    /// # Errors
    /// [`PortError`].
    async fn put(&self, category: &str, seen: &Seen) -> Result<(), PortError>;

    /// A page of the tickets of a neighbourhood, the newest first.
    ///
    /// # Errors
    /// [`PortError`].
    async fn near(
        &self,
        place: Neighbourhood<'_>,
        from: Option<&Cursor>,
    ) -> Result<Page<Seen>, PortError>;

    /// The oldest tickets with a body ([`domain::repeat::Sketch::body_key`]), wherever they are about.
    ///
    /// # Errors
    /// [`PortError`].
    async fn same_body(&self, body: [u8; 8]) -> Result<Vec<Seen>, PortError>;

    /// Deletes what is known of a ticket; what is gone stays gone.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn remove(&self, ticket: &TicketId) -> Result<(), PortError>;
}
