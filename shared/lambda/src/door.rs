//! The door: a request is accepted only when its ticket stands in the table with its personal data
//! sealed, so that the loss of any queue, at any time, loses nothing (design, section 3).

use contracts::{Circumstances, Citizen, Place, SealedText, UploadHint};
use domain::{ChannelName, RequestKind, Ticket, TicketId, Timestamp, UnitCode, UploadKey};
use ports::{NewTicket, PortError, World};

use crate::command::hint;

/// A create that lost a race or an answer is looked at again at most this often.
const TRIES_MAX: u32 = 4;

/// A request as an adapter understood it.
#[derive(Clone, PartialEq, Eq)]
pub struct Submission {
    /// The channel's own order id.
    pub order: String,
    /// What the caller wants.
    pub want: RequestKind,
    /// When the citizen sent it.
    pub sent_at: Timestamp,
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
    /// Who asks.
    pub citizen: Citizen,
    /// Where the citizen stood, if the channel says so.
    pub place: Option<Place>,
    /// The photos that were uploaded for it.
    pub photos: Vec<UploadKey>,
}

/// A text never shows in a debug print.
impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Submission(…)")
    }
}

/// How a submission ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// A new ticket.
    Created(Ticket),
    /// The same submission had made this ticket before.
    Known(Ticket),
    /// Another submission with other content made this ticket.
    Conflict(Ticket),
}

impl Submission {
    fn text(&self, circumstances: Option<&Circumstances>) -> SealedText {
        SealedText::RequestV1 {
            order: self.order.clone(),
            sent_at: self.sent_at.to_string(),
            title: self.title.clone(),
            body: self.body.clone(),
            citizen: self.citizen.clone(),
            place: self.place,
            photos: self.photos.iter().map(ToString::to_string).collect(),
            circumstances: circumstances.cloned().and_then(Circumstances::boxed),
        }
    }
}

/// Admits a submission: creates its ticket, or answers from what is stored.
///
/// # Errors
/// [`PortError`]; after a temporary one the outcome is unknown, and the same submission again is
/// safe.
pub async fn submit(
    world: &World,
    channel: &ChannelName,
    submission: &Submission,
) -> Result<Admitted, PortError> {
    submit_with(world, channel, (submission, None)).await
}

/// Admits a submission of which more is known than every channel says: as [`submit`].
///
/// # Errors
/// As of [`submit`].
pub async fn submit_with(
    world: &World,
    channel: &ChannelName,
    (submission, circumstances): (&Submission, Option<&Circumstances>),
) -> Result<Admitted, PortError> {
    let admitted = admit(world, channel, (submission, circumstances)).await?;
    if let Admitted::Created(ticket) | Admitted::Known(ticket) = &admitted {
        claim_photos(world, ticket.id(), &submission.photos).await?;
    }
    Ok(admitted)
}

/// Claims the photos and asks for a look at each. Until that is done the channel gets no 202 and
/// sends again: a photo is uploaded once, and without its claim nobody looks for it.
async fn claim_photos(
    world: &World,
    ticket: &TicketId,
    photos: &[UploadKey],
) -> Result<(), PortError> {
    for key in photos {
        if world.claims.claim(key, ticket).await? {
            world.hints.look(&UploadHint { key: key.clone() }).await?;
        } else {
            tracing::warn!(ticket.id = %ticket, "a photo belongs to another request");
        }
    }
    Ok(())
}

async fn admit(
    world: &World,
    channel: &ChannelName,
    (submission, circumstances): (&Submission, Option<&Circumstances>),
) -> Result<Admitted, PortError> {
    let id = TicketId::derive(channel, &submission.order);
    let text = submission.text(circumstances);
    let first = world.vault().seal_first(&id, &text, text.found_by()).await?;
    let order = (channel.clone(), submission.order.as_str());
    let ticket = Ticket::receive(
        world.region.clone(),
        order,
        (submission.want, found_by(circumstances)),
        first.sealed.clone(),
        world.clock.now(),
    )
    .ok_or_else(|| PortError::Permanent("a receipt makes no ticket".to_owned()))?;
    let new = NewTicket {
        ticket: ticket.clone(),
        ciphertext: first.ciphertext,
        wrapped_key: first.wrapped_key,
        citizen: first.citizen,
    };
    for _ in 0..TRIES_MAX {
        match world.tickets.create(&new).await {
            Ok(true) => {
                hint(world, &ticket).await;
                return Ok(Admitted::Created(ticket));
            }
            Ok(false) => return known(world, &id, (submission.want, &text)).await,
            // The outcome is unknown: it may be our own ticket that stands there by now, or that of
            // the winner of a race. Its keys are other draws, so it is read, never assumed.
            Err(PortError::Temporary(_)) if world.tickets.load(&id).await?.is_some() => {
                return known(world, &id, (submission.want, &text)).await;
            }
            Err(PortError::Temporary(_)) => {}
            Err(error @ PortError::Permanent(_)) => return Err(error),
        }
    }
    Err(PortError::Temporary("the ticket could not be created in time".to_owned()))
}

/// The unit whose staff found it on the spot, if nobody asked for it.
fn found_by(circumstances: Option<&Circumstances>) -> Option<UnitCode> {
    let origin = circumstances?.origin.as_ref().filter(|origin| origin.found)?;
    UnitCode::parse(&origin.unit).ok()
}

/// Answers for a ticket that stands: was it this very submission?
async fn known(
    world: &World,
    id: &TicketId,
    (want, text): (RequestKind, &SealedText),
) -> Result<Admitted, PortError> {
    let vanished = || PortError::Temporary("a ticket vanished while it was read".to_owned());
    let ticket = world.tickets.load(id).await?.ok_or_else(vanished)?.ticket;
    // Its hint may have been lost with the process that created it.
    if ticket.version() == 1 {
        hint(world, &ticket).await;
    }
    if ticket.want() != want {
        return Ok(Admitted::Conflict(ticket));
    }
    match world.vault().open(id, &ticket.request().record).await {
        Ok(Some(opened)) if opened.text != *text => Ok(Admitted::Conflict(ticket)),
        // A person who was erased cannot be compared with; nothing may be created anew either.
        Ok(_) | Err(PortError::Permanent(_)) => Ok(Admitted::Known(ticket)),
        Err(error @ PortError::Temporary(_)) => Err(error),
    }
}
