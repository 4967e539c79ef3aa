//! Daily heads as they lie in the archive, and whether a ticket stands as it was published.

use contracts::{DailyHead, PublishedHead, heads_prefix, leaves_key};
use domain::merkle::{Leaf, inclusion, root_by};
use domain::{Hash, Ticket};
use ports::{PortError, World};

/// Where and how a ticket stands in a daily head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What was published of the ticket, last.
    pub leaf: Leaf,
    /// The head that holds it.
    pub head: DailyHead,
    /// The key of that head's object.
    pub key: String,
    /// SHA-256 of that object.
    pub sha256: Hash,
    /// The place of the leaf in the tree, from 0.
    pub index: usize,
    /// The inclusion proof of RFC 9162, 2.1.3, lowest first.
    pub path: Vec<Hash>,
    /// How many heads there are, each naming the one before; from the first to the newest.
    pub heads: usize,
    /// The newest head: its date and the SHA-256 of its object. Whoever has that on paper needs to
    /// believe nobody.
    pub newest: (String, Hash),
}

/// Why a ticket is not proven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// It is younger than the newest head.
    #[error("no daily head holds it yet: the next is published after midnight of city time")]
    NotYet,
    /// The heads themselves are damaged.
    #[error("{key}: {fault}")]
    Heads {
        /// The key of the head.
        key: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The ticket is not what was published.
    #[error("the daily head of {date} says otherwise: {what}")]
    Contradicted {
        /// The date of the head.
        date: String,
        /// What differs.
        what: Contradiction,
    },
    /// A store did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// How a ticket differs from what was published of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// Events that were published are gone.
    #[error("{published} events were published, and {stands} stand: the tail was cut")]
    Cut {
        /// So many were published.
        published: u32,
        /// So many stand.
        stands: u32,
    },
    /// The last event that was published is another one now, or one before it is.
    #[error("event {0} or one before it was rewritten")]
    Rewritten(u32),
}

/// Whether a ticket, which must hold its whole timeline, goes on from what was published of it.
///
/// # Errors
/// [`Contradiction`].
pub fn agrees(ticket: &Ticket, leaf: &Leaf) -> Result<(), Contradiction> {
    let (published, stands) = (leaf.version, ticket.version());
    if published > stands {
        return Err(Contradiction::Cut { published, stands });
    }
    let entry = ticket.timeline().iter().find(|entry| entry.seq == published);
    match entry.filter(|entry| entry.hash() == leaf.head) {
        Some(_) => Ok(()),
        None => Err(Contradiction::Rewritten(published)),
    }
}

/// The keys of all heads, oldest first.
///
/// # Errors
/// [`PortError`].
pub async fn head_keys(world: &World) -> Result<Vec<String>, PortError> {
    let mut keys = world.dossiers.list(&heads_prefix(&world.region)).await?;
    keys.retain(|key| key.ends_with(".json"));
    Ok(keys)
}

/// Reads a head with its leaves.
///
/// # Errors
/// [`PortError`]; permanent when there is no such head, or it is damaged.
pub async fn published(world: &World, key: &str) -> Result<PublishedHead, PortError> {
    let gone = || PortError::Permanent(format!("{key}: head or leaves are gone"));
    let head = world.dossiers.get(key).await?.ok_or_else(gone)?;
    let leaves = world.dossiers.get(&leaves_key(key)).await?.ok_or_else(gone)?;
    PublishedHead::read(&head, &leaves)
        .map_err(|fault| PortError::Permanent(format!("{key}: {fault}")))
}

/// Proves that a ticket, given with its whole timeline, goes on from what was published of it last.
/// Reads every head, for their chain, and the leaves of each day back to the ticket's last one.
///
/// # Errors
/// [`ProveError`].
pub async fn prove(world: &World, ticket: &Ticket) -> Result<Proof, ProveError> {
    let keys = head_keys(world).await?;
    let newest = chain(world, &keys).await?.ok_or(ProveError::NotYet)?;
    for key in keys.iter().rev() {
        let published = published(world, key).await.map_err(|error| match error {
            PortError::Permanent(fault) => ProveError::Heads { key: key.clone(), fault },
            error @ PortError::Temporary(_) => error.into(),
        })?;
        let found = published.leaves.binary_search_by(|leaf| leaf.ticket.cmp(ticket.id()));
        let Ok(index) = found else { continue };
        let Some(leaf) = published.leaves.get(index).cloned() else { continue };
        let date = published.head.date.clone();
        agrees(ticket, &leaf).map_err(|what| ProveError::Contradicted { date, what })?;
        let hashes: Vec<Hash> = published.leaves.iter().map(Leaf::hash).collect();
        let path = inclusion(&hashes, index).unwrap_or_default();
        let leads_to = root_by(leaf.hash(), (index, hashes.len()), &path);
        if leads_to.map(|root| root.to_string()).as_ref() != Some(&published.head.root) {
            let fault = "the proof does not lead to the root".to_owned();
            return Err(ProveError::Heads { key: key.clone(), fault });
        }
        let (head, sha256) = (published.head, published.sha256);
        let heads = keys.len();
        return Ok(Proof { leaf, head, key: key.clone(), sha256, index, path, heads, newest });
    }
    Err(ProveError::NotYet)
}

/// Checks that each head names the one before; gives date and SHA-256 of the newest.
async fn chain(world: &World, keys: &[String]) -> Result<Option<(String, Hash)>, ProveError> {
    let mut before: Option<(String, Hash)> = None;
    for key in keys {
        let fault = |fault: &str| ProveError::Heads { key: key.clone(), fault: fault.to_owned() };
        let bytes = world.dossiers.get(key).await?.ok_or_else(|| fault("it is gone"))?;
        let head: DailyHead =
            serde_json::from_slice(&bytes).map_err(|_quoted| fault("it is not of this format"))?;
        let named = head.previous.map(|previous| (previous.date, previous.sha256));
        if named != before.map(|(date, sha256)| (date, sha256.to_string())) {
            return Err(fault("it does not follow on the head before it"));
        }
        before = Some((head.date, Hash::of_bytes(&bytes)));
    }
    Ok(before)
}
