//! What has come home: tickets that are archived, photos that are attached or refused.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use domain::{EventKind, Status, TicketId};
use ports::World;

use super::sender::Sent;

/// The photos of one ticket, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Photos {
    pub(super) named: usize,
    pub(super) attached: usize,
    pub(super) refused: usize,
    /// Named by somebody who was erased before they were looked at: nobody attaches them any more.
    erased: usize,
}

impl Photos {
    /// The photos of a ticket whose request names so many.
    pub(super) async fn of(world: &World, id: &TicketId, named: usize) -> anyhow::Result<Self> {
        if named == 0 {
            return Ok(Self::default());
        }
        let ticket = world.tickets.whole(id).await?;
        let ticket = ticket.context("a ticket that was answered for is not there")?;
        let count = |kind| ticket.timeline().iter().filter(|e| e.event.kind() == kind).count();
        let (attached, refused) = (count(EventKind::Attached), count(EventKind::AttachmentRefused));
        let missing = named.saturating_sub(attached + refused);
        let erased = if ticket.erased_at().is_some() { missing } else { 0 };
        Ok(Self { named, attached, refused, erased })
    }

    /// Whether no photo is waited for.
    pub(super) const fn settled(self) -> bool {
        self.attached + self.refused + self.erased >= self.named
    }

    const fn and(self, other: Self) -> Self {
        Self {
            named: self.named + other.named,
            attached: self.attached + other.attached,
            refused: self.refused + other.refused,
            erased: self.erased + other.erased,
        }
    }
}

async fn is_archived(world: &World, id: &TicketId) -> anyhow::Result<bool> {
    let stored = world.tickets.load(id).await?;
    Ok(stored.is_some_and(|stored| stored.ticket.status() == Status::Archived))
}

/// What has come home.
#[derive(Debug, Default)]
pub(super) struct Home {
    archived: BTreeSet<TicketId>,
    photos: BTreeMap<TicketId, Photos>,
}

impl Home {
    /// How many tickets are archived.
    pub(super) fn archived(&self) -> usize {
        self.archived.len()
    }

    /// All photos together, as far as they were looked at.
    pub(super) fn photos(&self) -> Photos {
        self.photos.values().fold(Photos::default(), |all, one| all.and(*one))
    }

    /// A number that grows whenever something has come home.
    pub(super) fn moved(&self) -> usize {
        let photos = self.photos();
        self.archived.len() + photos.attached + photos.refused + photos.erased
    }

    /// Whether all that was sent has come home.
    pub(super) fn complete(&self, sent: &Sent) -> bool {
        sent.tickets.keys().all(|id| {
            self.archived.contains(id) && self.photos.get(id).is_some_and(|one| one.settled())
        })
    }

    /// Looks at what was not home yet.
    pub(super) async fn look(&mut self, world: &World, sent: &Sent) -> anyhow::Result<()> {
        for (id, named) in &sent.tickets {
            if !self.photos.get(id).is_some_and(|one| one.settled()) {
                self.photos.insert(id.clone(), Photos::of(world, id, *named).await?);
            }
            if !self.archived.contains(id) && is_archived(world, id).await? {
                self.archived.insert(id.clone());
            }
        }
        Ok(())
    }
}
