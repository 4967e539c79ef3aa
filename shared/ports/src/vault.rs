//! Sealing and opening texts over a world's stores.

use contracts::{Photo, SealedText, evidence_key};
use domain::{Hash, RecordId, Salt, SealedRef, TicketId, commitment};

use crate::pack::{pack, unpack};
use crate::seal::{SealFault, TicketKey};
use crate::stores::{PortError, PutOnce};
use crate::world::World;

const SALT_BYTES: usize = 16;

/// A text taken out of its seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The text.
    pub text: SealedText,
    /// The commitment that the timeline must name.
    pub seal: Hash,
    /// The salt of that commitment.
    pub salt: Salt,
}

/// A text sealed for a ticket that is about to be created.
#[derive(Debug)]
pub struct FirstSeal {
    /// What the receipt names.
    pub sealed: SealedRef,
    /// The sealed record.
    pub ciphertext: Vec<u8>,
    /// The ticket's new key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// The `citizen` index value, if there is a telephone number.
    pub citizen: Option<String>,
}

/// The seal over the stores of a [`World`].
#[derive(Clone, Copy, Debug)]
pub struct Vault<'a> {
    world: &'a World,
}

impl From<SealFault> for PortError {
    fn from(fault: SealFault) -> Self {
        Self::Permanent(fault.to_string())
    }
}

impl<'a> Vault<'a> {
    pub(crate) const fn new(world: &'a World) -> Self {
        Self { world }
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], PortError> {
        let mut bytes = [0; N];
        self.world.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Seals the request of a ticket that is about to be created, under a new key. Writes nothing.
    ///
    /// # Errors
    /// [`PortError`] when there is no root key or no randomness.
    pub async fn seal_first(
        &self,
        ticket: &TicketId,
        text: &SealedText,
        phone: Option<&str>,
    ) -> Result<FirstSeal, PortError> {
        let root = self.world.secrets.root_key().await?;
        let key = TicketKey::new(self.random()?);
        let record = RecordId::request(ticket);
        let (seal, ciphertext) = self.seal(&key, (ticket, &record), text)?;
        Ok(FirstSeal {
            sealed: SealedRef { record, seal },
            ciphertext,
            wrapped_key: root.wrap(ticket, &key, self.random()?)?,
            citizen: phone.map(|phone| root.citizen(&self.world.region, phone)),
        })
    }

    /// Seals a later text and puts it. Put twice under one id (a retry), the first stays and its
    /// commitment is returned; `None` when the one that stands is another text.
    ///
    /// # Errors
    /// [`PortError`]; permanent when the ticket's key is gone.
    pub async fn put(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        text: &SealedText,
    ) -> Result<Option<SealedRef>, PortError> {
        let key = self.key(ticket).await?;
        let (seal, ciphertext) = self.seal(&key, (ticket, record), text)?;
        let reference = |seal| Some(SealedRef { record: record.clone(), seal });
        let (texts, now) = (&self.world.texts, self.world.clock.now());
        if texts.put(ticket, record, &ciphertext, now).await? {
            return Ok(reference(seal));
        }
        // It may have stood for long, an orphan that the night's work is about to delete.
        if !texts.renew(ticket, record, now).await? {
            return Err(gone());
        }
        let stands = texts.get(ticket, record).await?.ok_or_else(gone)?;
        let stands = open(&key, (ticket, record), &stands)?;
        Ok(if stands.text == *text { reference(stands.seal) } else { None })
    }

    /// Seals a photo and puts it into the archive. Put twice under one id (a retry), the first stays
    /// and its commitment is returned.
    ///
    /// # Errors
    /// [`PortError`]; permanent when the ticket's key is gone.
    pub async fn put_photo(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        photo: &Photo,
    ) -> Result<SealedRef, PortError> {
        let key = self.key(ticket).await?;
        let name = evidence_key(&self.world.region, ticket, record);
        // A photo is compressed already.
        let plain = photo.to_bytes();
        let (seal, ciphertext) = self.seal_packed(&key, (ticket, record), (&plain, &plain))?;
        let seal = match self.world.dossiers.put_once(&name, &ciphertext).await? {
            PutOnce::Written | PutOnce::Same => seal,
            PutOnce::Different(_) => {
                let stands = self.world.dossiers.get(&name).await?.ok_or_else(gone)?;
                open_photo(&key, (ticket, record), &stands)?.1
            }
        };
        Ok(SealedRef { record: record.clone(), seal })
    }

    /// Seals what belongs to no ticket, for one place alone and under a key of its own: the wrapped
    /// key and the ciphertext. Writes nothing.
    ///
    /// # Errors
    /// [`PortError`] when there is no root key or no randomness.
    pub async fn seal_apart(
        &self,
        place: &str,
        plain: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>), PortError> {
        let root = self.world.secrets.root_key().await?;
        let key = TicketKey::new(self.random()?);
        let ciphertext = key.seal_at(place, plain, self.random()?)?;
        Ok((root.wrap_at(place, &key, self.random()?)?, ciphertext))
    }

    /// Opens what [`Vault::seal_apart`] has sealed for this place.
    ///
    /// # Errors
    /// [`PortError`]; permanent when the seal does not open.
    pub async fn open_apart(
        &self,
        place: &str,
        (wrapped, sealed): (&[u8], &[u8]),
    ) -> Result<Vec<u8>, PortError> {
        let root = self.world.secrets.root_key().await?;
        Ok(root.unwrap_at(place, wrapped)?.open_at(place, sealed)?)
    }

    /// Opens a record; `None` when there is no such record.
    ///
    /// # Errors
    /// [`PortError`]; permanent when the key is gone or the seal does not open.
    pub async fn open(
        &self,
        ticket: &TicketId,
        record: &RecordId,
    ) -> Result<Option<Opened>, PortError> {
        let Some(sealed) = self.world.texts.get(ticket, record).await? else { return Ok(None) };
        let key = self.key(ticket).await?;
        open(&key, (ticket, record), &sealed).map(Some)
    }

    /// Opens records that the caller has in hand, each by itself; `None` when the ticket's key is gone.
    ///
    /// # Errors
    /// [`PortError`] when the key cannot be read.
    pub async fn open_held(
        &self,
        ticket: &TicketId,
        held: &[(RecordId, Vec<u8>)],
    ) -> Result<Option<Vec<Result<Opened, PortError>>>, PortError> {
        let Some(wrapped) = self.world.keys.wrapped(ticket).await? else { return Ok(None) };
        let key = self.world.secrets.root_key().await?.unwrap(ticket, &wrapped)?;
        let opened = held.iter().map(|(record, sealed)| open(&key, (ticket, record), sealed));
        Ok(Some(opened.collect()))
    }

    /// Opens photos of the archive, each by itself and with its commitment: `None` for one that is not
    /// there or does not open. `None` for all when the ticket's key is gone.
    ///
    /// # Errors
    /// [`PortError`] when the key or the archive cannot be read.
    pub async fn open_photos(
        &self,
        ticket: &TicketId,
        records: &[RecordId],
    ) -> Result<Option<Vec<Option<(Photo, Hash)>>>, PortError> {
        let Some(wrapped) = self.world.keys.wrapped(ticket).await? else { return Ok(None) };
        let key = self.world.secrets.root_key().await?.unwrap(ticket, &wrapped)?;
        let mut photos = Vec::new();
        for record in records {
            let name = evidence_key(&self.world.region, ticket, record);
            let sealed = self.world.dossiers.get(&name).await?;
            photos.push(sealed.and_then(|sealed| open_photo(&key, (ticket, record), &sealed).ok()));
        }
        Ok(Some(photos))
    }

    async fn key(&self, ticket: &TicketId) -> Result<TicketKey, PortError> {
        let wrapped = self.world.keys.wrapped(ticket).await?;
        let wrapped =
            wrapped.ok_or_else(|| PortError::Permanent("the ticket's key is gone".to_owned()))?;
        Ok(self.world.secrets.root_key().await?.unwrap(ticket, &wrapped)?)
    }

    fn seal(
        &self,
        key: &TicketKey,
        place: (&TicketId, &RecordId),
        text: &SealedText,
    ) -> Result<(Hash, Vec<u8>), PortError> {
        let plain = text.to_bytes();
        self.seal_packed(key, place, (&plain, &pack(&plain)))
    }

    /// Seals what is packed; commits to what is plain.
    fn seal_packed(
        &self,
        key: &TicketKey,
        place: (&TicketId, &RecordId),
        (plain, packed): (&[u8], &[u8]),
    ) -> Result<(Hash, Vec<u8>), PortError> {
        let salt: Salt = self.random()?;
        let ciphertext = key.seal(place, &[salt.as_slice(), packed].concat(), self.random()?)?;
        Ok((commitment(&salt, plain), ciphertext))
    }
}

fn gone() -> PortError {
    PortError::Temporary("a sealed record vanished while it was read".to_owned())
}

/// Opens one sealed record with its key; for readers that hold the stores' contents themselves.
///
/// # Errors
/// [`PortError::Permanent`] when the seal does not open or holds no text of this version.
pub fn open(
    key: &TicketKey,
    place: (&TicketId, &RecordId),
    sealed: &[u8],
) -> Result<Opened, PortError> {
    let plain = key.open(place, sealed)?;
    let unreadable =
        || PortError::Permanent("a sealed record holds no text of this version".to_owned());
    let (salt, packed) = plain.split_first_chunk::<SALT_BYTES>().ok_or_else(unreadable)?;
    let text = unpack(packed).ok_or_else(unreadable)?;
    let seal = commitment(salt, &text);
    Ok(Opened { text: SealedText::from_bytes(&text).ok_or_else(unreadable)?, seal, salt: *salt })
}

/// Opens one sealed photo with its ticket's key; gives it with the commitment that the timeline
/// must name.
///
/// # Errors
/// [`PortError::Permanent`] when the seal does not open or holds no photo of this version.
pub fn open_photo(
    key: &TicketKey,
    place: (&TicketId, &RecordId),
    sealed: &[u8],
) -> Result<(Photo, Hash), PortError> {
    let plain = key.open(place, sealed)?;
    let unreadable =
        || PortError::Permanent("a sealed photo is not one of this version".to_owned());
    let (salt, bytes) = plain.split_first_chunk::<SALT_BYTES>().ok_or_else(unreadable)?;
    Ok((Photo::from_bytes(bytes).ok_or_else(unreadable)?, commitment(salt, bytes)))
}
