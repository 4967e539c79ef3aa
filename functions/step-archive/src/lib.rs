//! 归档: seals the whole life of a case in its dossier, written once, and ends the ticket.
//!
//! The dossier is a pure function of the ticket and its sealed records. A retry writes the same
//! bytes and finds them there; other bytes under the key are a fault that no retry mends.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Dossier, dossier_key};
use data_encoding::HEXLOWER;
use domain::{Command, Hash, Step, Ticket};
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

    async fn command(&self, world: &World, ticket: &Ticket) -> Result<Command, StepError> {
        let records: BTreeMap<_, _> = world.texts.all(ticket.id()).await?.into_iter().collect();
        // A long timeline is not held whole: deciding never needs it, sealing does.
        let vanished = || StepError::Temporary("the ticket vanished while it was read".to_owned());
        let whole = match ticket.spilled() {
            0 => None,
            _ => Some(world.tickets.whole(ticket.id()).await?.ok_or_else(vanished)?),
        };
        let whole = whole.as_ref().unwrap_or(ticket);
        let dossier =
            Dossier::of(whole, |record| records.get(record).map(|sealed| HEXLOWER.encode(sealed)));
        let dossier =
            dossier.ok_or_else(|| StepError::Permanent("the case is still open".to_owned()))?;
        let (key, bytes) = (dossier_key(ticket), dossier.to_bytes());
        match world.dossiers.put_once(&key, &bytes).await? {
            PutOnce::Written | PutOnce::Same => {}
            PutOnce::Different(_) => {
                return Err(StepError::Permanent(
                    "another dossier lies under this ticket's key".to_owned(),
                ));
            }
        }
        let sealed_seq = ticket.closed_seq().unwrap_or_else(|| ticket.version());
        Ok(Command::Archive { key, sha256: Hash::of_bytes(&bytes), sealed_seq })
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    StepFunction::create(Archive, world)
}
