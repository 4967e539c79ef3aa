//! What citizens upload: looked at, rid of its metadata, sealed, attached to the case, deleted.
//!
//! The queue brings the store's own messages (an object is there) and the doors' hints (a request
//! has named it), in any order and any number. Only when both have happened is there something to
//! do; what no request ever names goes by the bucket's lifecycle.

mod exif;
mod jpeg;
mod photo;
mod png;
mod webp;

use std::sync::Arc;

use async_trait::async_trait;
use contracts::UploadHint;
use domain::directory::Directory;
use domain::{Actor, Command, CommandId, Context, PHOTO_BYTES_MAX, RecordId, Ticket, UploadKey};
use lambda::{Failure, Function, Records, StepError, done, has_moved, records};
use ports::{Advanced, PortError, World};
use serde_json::Value;

/// A look that loses more races than this lets the message come again.
const TRIES_MAX: u32 = 8;

/// The function.
struct Attachment(World);

/// The command that an upload leads to; its record is [`RecordId::of_command`].
#[must_use]
pub fn cause(key: &UploadKey) -> CommandId {
    CommandId::derive(&Actor::Attachment.to_string(), key.as_str())
}

async fn load(world: &World, ticket: &domain::TicketId) -> Result<Ticket, StepError> {
    let stored = world.tickets.load(ticket).await?;
    let stored = stored.ok_or_else(|| PortError::Temporary("the ticket is not there".to_owned()));
    Ok(stored?.ticket)
}

/// One look at one upload.
async fn look(world: &World, key: &UploadKey) -> Result<(), StepError> {
    let Some(id) = world.claims.of(key).await? else {
        tracing::info!("an upload that no request has named yet");
        return Ok(());
    };
    for _ in 0..TRIES_MAX {
        let before = load(world, &id).await?;
        match settle(world, key, &before).await {
            // The person may have been erased under its hands; that is no fault of the upload.
            Err(StepError::Permanent(_)) if has_moved(world, &before).await? => {}
            settled => return settled,
        }
    }
    Err(others_were_first())
}

/// Attaches or refuses a claimed upload and removes it; leaves one that is not there yet.
async fn settle(world: &World, key: &UploadKey, before: &Ticket) -> Result<(), StepError> {
    let (id, cause) = (before.id(), cause(key));
    if before.erased_at().is_some() {
        // Of an erased person nothing is taken in any more; the upload goes below.
        tracing::info!(ticket.id = %id, "an upload of an erased person");
    } else if done(world, before, &cause).await?.is_none() {
        // Named before it is there: the store tells when it is.
        let Some(upload) = world.uploads.fetch(key, PHOTO_BYTES_MAX).await? else { return Ok(()) };
        let command = match photo::clean(&upload) {
            Ok(photo) => {
                let (media, bytes) = (photo.media, photo.image.len());
                let record = RecordId::of_command(&cause);
                let photo = world.vault().put_photo(id, &record, &photo).await?;
                let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
                Command::Attach { photo, media, bytes }
            }
            Err(reason) => {
                tracing::warn!(ticket.id = %id, %reason, "an upload is refused");
                Command::RefuseAttachment { reason }
            }
        };
        attach(world, before, &command, &cause).await?;
    }
    // The last thing: until the event stands, the upload is all that there is of the photo.
    world.uploads.remove(key).await?;
    tracing::info!(ticket.id = %id, "an upload is settled");
    Ok(())
}

async fn attach(
    world: &World,
    read: &Ticket,
    command: &Command,
    cause: &CommandId,
) -> Result<(), StepError> {
    let (calendar, directory) = (world.rules.calendar().await?, Directory::default());
    let mut before = read.clone();
    for _ in 0..TRIES_MAX {
        let context = Context {
            actor: Actor::Attachment,
            now: world.clock.now(),
            calendar: &calendar,
            directory: &directory,
            cause: Some(cause.clone()),
        };
        let after = before
            .execute(command, &context)
            .map_err(|refusal| StepError::Permanent(refusal.to_string()))?;
        if world.tickets.advance(&before, &after).await? == Advanced::Done {
            return Ok(());
        }
        before = load(world, before.id()).await?;
        // Another look may have settled it, and its entry may be held no more.
        if done(world, &before, cause).await?.is_some() {
            return Ok(());
        }
    }
    Err(others_were_first())
}

fn others_were_first() -> StepError {
    StepError::Temporary("others were first too often".to_owned())
}

#[async_trait]
impl Records for Attachment {
    fn name(&self) -> &str {
        "attachment"
    }

    async fn record(&self, body: &str) -> Result<(), StepError> {
        let hints = UploadHint::all_from_body(body)
            .map_err(|fault| StepError::Permanent(fault.to_string()))?;
        for hint in hints {
            look(&self.0, &hint.key).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Function for Attachment {
    async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        records::settle(self, &self.0, event).await
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    Arc::new(Attachment(world))
}
