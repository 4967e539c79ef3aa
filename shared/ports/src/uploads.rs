//! What citizens upload: the bucket, and which request has named which object.

use async_trait::async_trait;
use domain::{MediaType, TicketId, Timestamp, UploadKey};

use crate::lists::{Cursor, Page};
use crate::stores::PortError;

/// A permission to put one object by itself, made out to whoever holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// The address; it is a secret until it expires.
    pub url: String,
    /// The headers that must be sent with it, by lower-case name: they are signed.
    pub headers: Vec<(String, String)>,
}

/// Whoever reads the address can use it.
impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Grant(…)")
    }
}

/// What citizens upload, before it is looked at.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// Permits one put of an object of exactly this type and length, from `from` for
    /// `seconds` of wall time. Writes nothing.
    ///
    /// # Errors
    /// [`PortError`].
    async fn grant(
        &self,
        key: &UploadKey,
        (media, bytes): (MediaType, u32),
        (from, seconds): (Timestamp, u32),
    ) -> Result<Grant, PortError>;

    /// Puts an object that came within a message. The same again changes nothing.
    ///
    /// # Errors
    /// [`PortError`]; permanent where nothing is put but by a grant.
    async fn put(
        &self,
        _key: &UploadKey,
        _media: MediaType,
        _bytes: Vec<u8>,
    ) -> Result<(), PortError> {
        Err(PortError::Permanent("nothing is put into this store but by a grant".to_owned()))
    }

    /// Reads an object, and removes nothing; `None` when there is none.
    ///
    /// # Errors
    /// [`PortError`].
    async fn fetch(&self, key: &UploadKey, bytes_max: u32) -> Result<Option<Upload>, PortError>;

    /// The objects that lie there, a page at a time, each with the wall time of its putting. What is
    /// no upload of ours is left out.
    ///
    /// # Errors
    /// [`PortError`].
    async fn list(&self, from: Option<&Cursor>) -> Result<Page<(UploadKey, Timestamp)>, PortError>;

    /// Deletes an object; one that is gone already is no error.
    ///
    /// # Errors
    /// [`PortError`].
    async fn remove(&self, key: &UploadKey) -> Result<(), PortError>;

    /// Reads a mail that a mail server has put into the bucket of mail, and removes nothing: `None`
    /// when there is none; inside, `None` when it is longer than `bytes_max`.
    ///
    /// # Errors
    /// [`PortError`]; permanent where there is no such bucket.
    async fn mail(
        &self,
        _key: &str,
        _bytes_max: usize,
    ) -> Result<Option<Option<Vec<u8>>>, PortError> {
        Err(no_mail())
    }

    /// The mails that lie there, for nobody has settled them yet, a page at a time.
    ///
    /// # Errors
    /// [`PortError`]; permanent where there is no such bucket.
    async fn mails(&self, _from: Option<&Cursor>) -> Result<Page<LyingMail>, PortError> {
        Err(no_mail())
    }

    /// Deletes a mail; one that is gone already is no error.
    ///
    /// # Errors
    /// [`PortError`]; permanent where there is no such bucket.
    async fn remove_mail(&self, _key: &str) -> Result<(), PortError> {
        Err(no_mail())
    }
}

fn no_mail() -> PortError {
    PortError::Permanent("this store has no bucket of mail".to_owned())
}

/// A mail in the bucket of mail, as a list tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LyingMail {
    /// Its key, as the mail server chose it.
    pub key: String,
    /// When it was put, in wall time.
    pub put: Timestamp,
    /// How long it is.
    pub bytes: u64,
}

/// An uploaded object.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// The type it was declared to have.
    pub declared: String,
    /// Its bytes; `None` when there are more than were to be read.
    pub bytes: Option<Vec<u8>>,
}

/// It is somebody's photo.
impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Upload(…)")
    }
}

/// Which request has named which upload.
#[async_trait]
pub trait Claims: Send + Sync {
    /// Claims an upload for a ticket; the first one has it. `false`: another ticket has.
    ///
    /// # Errors
    /// [`PortError`].
    async fn claim(&self, key: &UploadKey, ticket: &TicketId) -> Result<bool, PortError>;

    /// The ticket that has claimed it, read consistently.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no claim.
    async fn of(&self, key: &UploadKey) -> Result<Option<TicketId>, PortError>;
}
