//! What is proven of a request: a type, so that nothing unproven can be translated.

use std::collections::BTreeMap;

use contracts::Problem;
use domain::Timestamp;

use super::Adapter;
use crate::http::Request;

/// A request that nobody has proven anything about yet.
#[derive(Debug)]
pub struct Unverified {
    request: Request,
    wall: Timestamp,
}

impl Unverified {
    /// A request as it came in, at this wall time.
    #[must_use]
    pub const fn new(request: Request, wall: Timestamp) -> Self {
        Self { request, wall }
    }

    /// The header `name` (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// The body's bytes, exactly as sent.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.request.body
    }

    /// Wall time: the replay window's middle.
    #[must_use]
    pub const fn wall(&self) -> Timestamp {
        self.wall
    }

    /// Lets an adapter prove it.
    ///
    /// # Errors
    /// As of [`Adapter::prove`].
    pub fn verify(self, adapter: &dyn Adapter, secrets: &[Vec<u8>]) -> Result<Verified, Problem> {
        let claims = adapter.prove(&self, secrets)?;
        Ok(Verified { request: self, claims })
    }
}

/// What a proof says beyond "it is the channel": nothing for a signature, who it is for a token.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Claims(BTreeMap<&'static str, String>);

impl Claims {
    /// With one claim more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.insert(name, value.into());
        self
    }

    /// The claim `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// A claim tells who somebody is.
impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claims(…)")
    }
}

/// A request that comes from the channel. Only [`Adapter::prove`] leads here, and only this can be
/// translated.
#[derive(Debug)]
pub struct Verified {
    request: Unverified,
    claims: Claims,
}

impl Verified {
    /// The header `name` (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// The body's bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.request.body()
    }

    /// Wall time, for what must not be in the future.
    #[must_use]
    pub const fn wall(&self) -> Timestamp {
        self.request.wall
    }

    /// What the proof says about the caller.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(super) fn path(&self) -> &str {
        &self.request.request.path
    }
}
