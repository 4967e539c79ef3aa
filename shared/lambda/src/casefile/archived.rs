//! What the archive holds of a case: the dossier and its addenda, put together to one chain.

use contracts::{Addendum, Dossier, DossierRecord, EntryWire};
use data_encoding::HEXLOWER;
use domain::{Archive, Entry, Hash, RecordId, RegionCode, Ticket, TicketId};
use ports::World;

use super::CaseFileError;

/// A case as it was sealed.
pub(super) struct Sealed {
    /// The ticket as the sealed timeline makes it.
    pub(super) ticket: Ticket,
    /// The sealed records, in the timeline's order.
    pub(super) records: Vec<(RecordId, Vec<u8>)>,
    /// The dossier, then the addenda.
    pub(super) objects: Vec<Object>,
}

/// An object of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// The last entry it holds.
    pub(super) sealed_seq: u32,
    /// SHA-256 of its bytes as they lie there.
    pub(super) sha256: Hash,
    /// SHA-256 that the ticket's event names.
    pub(super) archived: Hash,
}

/// Reads all that the ticket's events say was archived. `ticket` holds its whole timeline.
pub(super) async fn read(world: &World, ticket: &Ticket) -> Result<Sealed, CaseFileError> {
    let damaged = CaseFileError::Damaged;
    let archived = ticket.archived_objects();
    let (dossier, addenda) = archived.split_first().ok_or(CaseFileError::NotArchived)?;
    let (dossier, first) = object::<Dossier>(world, dossier).await?;
    let region = RegionCode::parse(&dossier.region).map_err(|_fault| damaged("its region"))?;
    let id = TicketId::parse(&dossier.ticket).map_err(|_fault| damaged("its id"))?;
    if id != *ticket.id() {
        return Err(damaged("it is another ticket's"));
    }
    let (mut timeline, mut records, mut head) = (dossier.timeline, dossier.records, dossier.head);
    let mut objects = vec![first];
    for archive in addenda {
        let (addendum, object) = object::<Addendum>(world, archive).await?;
        let before = objects.last().map(|object| object.sha256.to_string());
        if addendum.ticket != id.as_str() || Some(addendum.previous) != before {
            return Err(damaged("an addendum does not follow on what is before it"));
        }
        timeline.extend(addendum.timeline);
        records.extend(addendum.records);
        head = addendum.head;
        objects.push(object);
    }
    let records = records.iter().map(ciphertext).collect::<Option<_>>();
    Ok(Sealed {
        ticket: replay((region, id), timeline, &head)?,
        records: records.ok_or(damaged("a record is unreadable"))?,
        objects,
    })
}

async fn object<T: serde::de::DeserializeOwned>(
    world: &World,
    archive: &Archive,
) -> Result<(T, Object), CaseFileError> {
    let bytes = world.dossiers.get(&archive.key).await?;
    let bytes = bytes.ok_or(CaseFileError::Damaged("there is no object"))?;
    let read = serde_json::from_slice(&bytes)
        .map_err(|_quoted| CaseFileError::Damaged("it is not of this format"))?;
    let sha256 = Hash::of_bytes(&bytes);
    Ok((read, Object { sealed_seq: archive.sealed_seq, sha256, archived: archive.sha256 }))
}

fn ciphertext(record: &DossierRecord) -> Option<(RecordId, Vec<u8>)> {
    let ciphertext = HEXLOWER.decode(record.ciphertext.as_bytes()).ok()?;
    Some((RecordId::parse(&record.record).ok()?, ciphertext))
}

/// Checks chain and transitions.
fn replay(
    (region, id): (RegionCode, TicketId),
    timeline: Vec<EntryWire>,
    head: &str,
) -> Result<Ticket, CaseFileError> {
    let damaged = CaseFileError::Damaged;
    let head = Hash::parse(head).ok_or(damaged("its head"))?;
    let entries = timeline.into_iter().map(Entry::try_from);
    let entries: Vec<Entry> =
        entries.collect::<Result<_, _>>().map_err(|_fault| damaged("an entry is unreadable"))?;
    Ticket::replay(region, id, entries, head).map_err(|_fault| damaged("its chain is broken"))
}
