//! How an account stood at the end of a reported period: so that the next report reads its own period's entries
//! and no others.
//!
//! It is derived from the journal and stands beside it: a report that begins with it folds the next entries on its
//! head, so one that is wrong shows.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;
use domain::fund::{AccountId, Act, ActKind, ApplicationId, Balance, Posting};
use ports::{PortError, PutOnce, World};
use serde::{Deserialize, Serialize};

/// The form of such an object.
const SCHEMA: &str = "fund_settled.v1";

/// An account at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// What it had.
    pub(crate) balance: Balance,
    /// The applications that were open in it.
    pub(crate) open: BTreeSet<ApplicationId>,
    /// When; none before the first report.
    pub(crate) at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    at: String,
    balance: BTreeMap<String, String>,
    open: Vec<String>,
}

impl Settled {
    /// Before the first entry.
    pub(crate) const fn new(account: AccountId) -> Self {
        Self { balance: Balance::new(account), open: BTreeSet::new(), at: Timestamp::MIN }
    }

    /// Folds the next entry in.
    pub(crate) fn apply(&mut self, posting: &Posting) -> Result<(), PortError> {
        if posting.at < self.at {
            return Err(PortError::Permanent(format!(
                "{} is of a time that was reported on before it was written, a clock was wrong: see docs/operations.md",
                posting.entry()
            )));
        }
        self.balance.apply(posting).map_err(|wrong| {
            let entry = posting.entry();
            PortError::Permanent(format!("the ledger is damaged at {entry}, run `verify`: {wrong}"))
        })?;
        let Some(id) = &posting.application else { return Ok(()) };
        let kind = posting.act.kind();
        let reopens = matches!(posting.act, Act::Reversed { reverses: ActKind::Released, .. });
        if reopens || matches!(kind, ActKind::Applied | ActKind::CarriedIn) {
            self.open.insert(id.clone());
        }
        if matches!(kind, ActKind::Refused | ActKind::Released | ActKind::CarriedOut) {
            self.open.remove(id);
        }
        Ok(())
    }

    /// The newest that stands of an account at `at` or before.
    pub(crate) async fn before(
        world: &World,
        account: &AccountId,
        at: Timestamp,
    ) -> Result<Option<Self>, PortError> {
        let (prefix, last) = (prefix(world, account), key(world, account, at));
        let keys = world.reports.list(&prefix).await?;
        let Some(newest) = keys.iter().rfind(|key| **key <= last) else { return Ok(None) };
        let Some(bytes) = world.reports.get(newest).await? else { return Ok(None) };
        let damaged = || PortError::Permanent(format!("{newest} is no settled account"));
        let wire: Wire = serde_json::from_slice(&bytes).map_err(|_json| damaged())?;
        let balance = Balance::from_fields(wire.balance).map_err(|_field| damaged())?;
        let open = wire.open.iter().map(|id| ApplicationId::parse(id));
        let open = open.collect::<Result<_, _>>().map_err(|_id| damaged())?;
        let at = Timestamp::parse(&wire.at).map_err(|_time| damaged())?;
        let same = wire.schema == SCHEMA && balance.account == *account;
        same.then_some(Some(Self { balance, open, at })).ok_or_else(damaged)
    }

    /// Writes how it stands at `at`.
    pub(crate) async fn keep(&self, world: &World, at: Timestamp) -> Result<(), PortError> {
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            at: at.to_string(),
            balance: self.balance.to_fields(),
            open: self.open.iter().map(ToString::to_string).collect(),
        };
        let key = key(world, &self.balance.account, at);
        let bytes = serde_json::to_vec(&wire)
            .map_err(|json| PortError::Permanent(format!("{key}: {json}")))?;
        match world.reports.put_once(&key, &bytes).await? {
            PutOnce::Written | PutOnce::Same => Ok(()),
            PutOnce::Different(_) => {
                Err(PortError::Permanent(format!("{key} says something else, run `verify`")))
            }
        }
    }
}

fn prefix(world: &World, account: &AccountId) -> String {
    format!("s/{}/{account}/", world.region)
}

fn key(world: &World, account: &AccountId, at: Timestamp) -> String {
    format!("{}{}.json", prefix(world, account), at.beijing_compact_date())
}
