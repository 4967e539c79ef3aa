//! The functions as they are deployed, wired to a simulated world; some with a seeded bug around them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Dossier, Hint, dossier_key};
use data_encoding::HEXLOWER;
use domain::{Command, Hash, RecordId, Step, Ticket};
use lambda::{Failure, Function, Records, StepError, StepLogic, records, step};
use ports::{Kit, PutOnce, World};
use serde_json::Value;
use step_archive::Archive;
use step_evaluation::Evaluation;
use step_feedback::Feedback;
use step_handling::Handling;
use step_intake::Intake;

use crate::bugs::Bug;
use crate::core::Core;
use crate::teller::teller;
use crate::world::{DEADLINES, SWEEP, TELLER, UPKEEP, world};

/// All functions that are not called by people, in the order of the roles.
pub(crate) fn functions(
    core: &Arc<Core>,
    kit: &Arc<Kit>,
    bug: Option<Bug>,
) -> Vec<Arc<dyn Function>> {
    let of = |role| world(core, role, kit);
    let mut all = vec![
        step_intake::function(of(0)),
        step_dispatch::function(of(1)),
        step_handling::function(of(2)),
        step_feedback::function(of(3)),
        step_evaluation::function(of(4)),
        step_archive::function(of(5)),
        attachment::function(of(6)),
        teller(of(TELLER)),
        schedule_sweep::function(of(SWEEP)),
        schedule_upkeep::function(of(UPKEEP)),
        schedule_deadlines::function(of(DEADLINES)),
    ];
    if bug == Some(Bug::AckOnUnknown) {
        let logics: [(usize, Arc<dyn StepLogic>); 5] = [
            (0, Arc::new(Intake)),
            (2, Arc::new(Handling)),
            (3, Arc::new(Feedback)),
            (4, Arc::new(Evaluation)),
            (5, Arc::new(Archive)),
        ];
        for (role, logic) in logics {
            all[role] = Arc::new(Careless { logic, world: of(role) });
        }
    }
    if bug == Some(Bug::DossierWithClock) {
        all[5] = lambda::StepFunction::create(Clocked, of(5));
    }
    all
}

/// A step that acknowledges what it does not know the outcome of.
struct Careless {
    logic: Arc<dyn StepLogic>,
    world: World,
}

#[async_trait]
impl Records for Careless {
    fn name(&self) -> &str {
        "careless"
    }

    async fn record(&self, body: &str) -> Result<(), StepError> {
        let hint = Hint::from_body(body).map_err(|e| StepError::Permanent(e.to_string()))?;
        match step::turn(&self.world, &*self.logic, &hint).await {
            Err(StepError::Temporary(_)) => Ok(()),
            known => known,
        }
    }
}

#[async_trait]
impl Function for Careless {
    async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        records::settle(self, &self.world, event).await
    }
}

/// An archive step whose dossier says when it was made.
struct Clocked;

#[async_trait]
impl StepLogic for Clocked {
    fn step(&self) -> Step {
        Step::Archive
    }

    async fn commands(&self, world: &World, ticket: &Ticket) -> Result<Vec<Command>, StepError> {
        if ticket.archive().is_some() {
            return Archive.commands(world, ticket).await;
        }
        let records: BTreeMap<_, _> = world.texts.all(ticket.id()).await?.into_iter().collect();
        let whole = world.tickets.whole(ticket.id()).await?;
        let gone = || StepError::Temporary("gone".to_owned());
        let whole = whole.ok_or_else(gone)?;
        let ciphertext = |id: &RecordId| records.get(id).map(|sealed| HEXLOWER.encode(sealed));
        let dossier = Dossier::of(&whole, ciphertext).ok_or_else(gone)?;
        let mut bytes = dossier.to_bytes();
        bytes.extend(world.clock.now().to_string().into_bytes());
        let (key, sealed_seq) = (dossier_key(ticket), ticket.closed_seq().ok_or_else(gone)?);
        match world.dossiers.put_once(&key, &bytes).await? {
            PutOnce::Different(_) => Err(StepError::Permanent(format!("other bytes under {key}"))),
            PutOnce::Written | PutOnce::Same => {
                Ok(vec![Command::Archive { key, sha256: Hash::of_bytes(&bytes), sealed_seq }])
            }
        }
    }
}
