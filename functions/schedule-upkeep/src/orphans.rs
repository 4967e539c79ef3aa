//! Sealed records that no event names: a text is put before the event that names it, so a command
//! that broke off or was refused after losing a race leaves one behind. After a day it is deleted.
//!
//! A command that comes again and finds its record standing says that it wants it
//! ([`ports::Texts::renew`]), and the deletion has the condition that nobody has; so no record is
//! deleted that an event is about to name.

use std::collections::BTreeSet;

use domain::{RecordId, Ticket, Timestamp};
use ports::{PortError, World};

/// An unnamed record is nobody's after so long, in city time (design, section 3).
const ORPHAN_AGE_MS: i64 = Timestamp::DAY_MS;

/// Deletes the orphans of a ticket, which must hold its whole timeline; gives how many records.
///
/// A sketch that a dispatch put while its case was closed or its person erased goes with them.
pub(crate) async fn delete(world: &World, ticket: &Ticket) -> Result<u32, PortError> {
    if ticket.closed_seq().is_some() || ticket.erased_at().is_some() {
        world.sketches.remove(ticket.id()).await?;
    }
    let sealed = ticket.timeline().iter().filter_map(|entry| entry.event.sealed());
    let named: BTreeSet<&RecordId> = sealed.map(|sealed| &sealed.record).collect();
    let records = world.texts.list(ticket.id()).await?;
    let old = |at: Timestamp| at.plus_millis(ORPHAN_AGE_MS) <= world.clock.now();
    let mut deleted = 0;
    for (record, at) in records.iter().filter(|(id, at)| !named.contains(id) && old(*at)) {
        if world.texts.remove(ticket.id(), record, *at).await? {
            deleted += 1;
            tracing::warn!(ticket.id = %ticket.id(), %record, "orphaned sealed record deleted");
        }
    }
    Ok(deleted)
}
