//! 归档: seals the whole life of a case in its dossier, written once, and ends the ticket; what
//! happens to it later is sealed in addenda, one for each late fact.
//!
//! Both are pure functions of the ticket and its sealed records. A retry writes the same bytes and
//! finds them there; other bytes under the key are a fault that no retry mends.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Addendum, Dossier, Hint, addendum_key, dossier_key};
use data_encoding::HEXLOWER;
use domain::{Command, Hash, Lead, RecordId, Status, Step, Ticket};
use lambda::{Function, StepError, StepFunction, StepLogic};
use ports::{PutOnce, World};

/// The archive step.
#[derive(Debug)]
pub struct Archive;

#[async_trait]
impl StepLogic for Archive {
    fn step(&self) -> Step {
        Step::Archive
    }

    async fn commands(&self, world: &World, ticket: &Ticket) -> Result<Vec<Command>, StepError> {
        let records: BTreeMap<_, _> = world.texts.all(ticket.id()).await?.into_iter().collect();
        // A long timeline is not held whole: deciding never needs it, sealing does.
        let vanished = || StepError::Temporary("the ticket vanished while it was read".to_owned());
        let whole = match ticket.spilled() {
            0 => None,
            _ => Some(world.tickets.whole(ticket.id()).await?.ok_or_else(vanished)?),
        };
        let whole = whole.as_ref().unwrap_or(ticket);
        let ciphertext =
            |record: &RecordId| records.get(record).map(|sealed| HEXLOWER.encode(sealed));
        match (ticket.archive(), ticket.late()) {
            (Some(dossier), Some(late)) => {
                let before = (ticket.addendum().unwrap_or(dossier), late);
                let addendum = Addendum::of(whole, before, ciphertext).ok_or_else(vanished)?;
                let (key, bytes) = (addendum_key(ticket, late), addendum.to_bytes());
                let sha256 = put(world, &key, &bytes).await?;
                Ok(vec![Command::SealAddendum { key, sha256, sealed_seq: late }])
            }
            _ => {
                let open = || StepError::Permanent("the case is still open".to_owned());
                let dossier = Dossier::of(whole, ciphertext).ok_or_else(open)?;
                let (key, bytes) = (dossier_key(ticket), dossier.to_bytes());
                let sealed_seq = ticket.closed_seq().ok_or_else(open)?;
                // Nobody's new request repeats what is over.
                world.sketches.remove(ticket.id()).await?;
                let sha256 = put(world, &key, &bytes).await?;
                Ok(vec![Command::Archive { key, sha256, sealed_seq }])
            }
        }
    }

    /// Who follows a case that ended without an answer learns it from the step that would bring one.
    async fn afterwards(
        &self,
        world: &World,
        ticket: &Ticket,
        _hint: &Hint,
    ) -> Result<(), StepError> {
        if ticket.status() == Status::Archived && ticket.as_lead() == Lead::None {
            let hint = Hint::of(ticket);
            world.hints.send(Step::Feedback, &hint).await?;
        }
        Ok(())
    }
}

/// Writes an object once and gives its SHA-256.
async fn put(world: &World, key: &str, bytes: &[u8]) -> Result<Hash, StepError> {
    match world.dossiers.put_once(key, bytes).await? {
        PutOnce::Written | PutOnce::Same => Ok(Hash::of_bytes(bytes)),
        PutOnce::Different(_) => {
            Err(StepError::Permanent(format!("other bytes lie under {key} already")))
        }
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Archive, world)
}
