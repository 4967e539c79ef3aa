//! The printable case file (卷宗): a dossier as a page for A4, in Chinese, rendered on request and
//! never stored.
//!
//! It is made from dossier and addenda in the archive and from the sealed photos that they name, from nothing
//! else, so that what is printed is what was sealed; the ticket only says which SHA-256 the object must
//! have. Every text in it is hostile input: [`Page`] has no way to put one in without escaping it.

mod archived;
mod money;
mod page;
mod photos;
mod sections;
mod tiers;
mod words;

use domain::{RecordId, Ticket, Timestamp};
use ports::{PortError, World};

use crate::dispatching::catalog_of;
use crate::read::{ReadError, Reader, Shown, journalled, opened};
use archived::{Object, Sealed};
use page::Page;
use photos::Attached;
use words::Names;

/// Everything that a case file is rendered from.
#[derive(Debug)]
pub(crate) struct CaseFile<'a> {
    /// The ticket as the sealed timeline makes it: up to the entry that closed the case, or to the last
    /// late fact that was sealed.
    sealed: Ticket,
    /// The sealed records and what became of them.
    shown: Vec<(RecordId, Shown)>,
    /// The photos that the dossier's timeline names and what became of them.
    photos: Vec<Attached>,
    /// The dossier and the addenda as they lie in the archive.
    objects: Vec<Object>,
    /// What units and items are called.
    names: Names,
    /// When the person was erased.
    erased_at: Option<Timestamp>,
    /// Who asked for the page.
    reader: &'a Reader,
    /// When.
    now: Timestamp,
}

/// Why there is no case file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseFileError {
    /// The case is open, or its dossier not yet written.
    #[error("the case is not archived yet")]
    NotArchived,
    /// The object cannot be read as this ticket's dossier: an alarm, and no page.
    #[error("the dossier is damaged: {0}")]
    Damaged(&'static str),
    /// The texts may not be read, or a store did not answer.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<PortError> for CaseFileError {
    fn from(error: PortError) -> Self {
        Self::Read(error.into())
    }
}

/// Renders the case file of a ticket as one HTML page without scripts or links.
///
/// # Errors
/// [`CaseFileError`]. A dossier with another SHA-256 than the archived one is rendered, and says so.
pub async fn case_file(
    world: &World,
    reader: &Reader,
    ticket: &Ticket,
) -> Result<String, CaseFileError> {
    let Sealed { ticket: sealed, records, objects } = archived::read(world, ticket).await?;
    let mut told: Vec<RecordId> = records.iter().map(|(record, _)| record.clone()).collect();
    told.extend(photos::to_be_shown(reader, &sealed));
    journalled(world, reader, &sealed, told).await?;
    // What things are called is no part of what was sealed, and may be another name by now.
    let version = sealed.assignment().and_then(|assignment| assignment.catalog);
    let names = Names {
        directory: world.rules.directory().await?,
        catalog: catalog_of(world, version).await?,
    };
    let file = CaseFile {
        names,
        shown: opened(world, reader, &sealed, &records).await?,
        photos: photos::open(world, reader, (&sealed, ticket.erased_at())).await?,
        sealed,
        objects,
        erased_at: ticket.erased_at(),
        reader,
        now: world.clock.now(),
    };
    Ok(file.render())
}

impl CaseFile<'_> {
    fn render(&self) -> String {
        let mut page = Page::new(&format!("诉求工单卷宗 {}", self.sealed.number()));
        sections::heading(&mut page, self);
        sections::request(&mut page, self);
        sections::clocks(&mut page, self);
        sections::story(&mut page, self);
        sections::rating(&mut page, self);
        sections::seals(&mut page, self);
        photos::section(&mut page, self);
        sections::colophon(&mut page, self);
        page.finish()
    }

    /// What became of a record that the timeline names.
    fn shown(&self, record: &RecordId) -> &Shown {
        let found = self.shown.iter().find(|(id, _)| id == record);
        found.map_or(&Shown::Unreadable, |(_, shown)| shown)
    }
}

#[cfg(test)]
mod tests {
    use contracts::{Citizen, SealedText};
    use domain::{Actor, ChannelName, Hash, Reason, RegionCode, RequestKind, SealedRef, TicketId};

    use super::*;

    pub(super) fn file(reader: &Reader, shown: Shown) -> CaseFile<'_> {
        let channel = ChannelName::parse("app").unwrap();
        let id = TicketId::derive(&channel, "A-1");
        let request = SealedRef { record: RecordId::request(&id), seal: Hash::ZERO };
        let region = RegionCode::parse("140581").unwrap();
        let now = Timestamp::from_millis(1_800_000_000_000);
        let record = request.record.clone();
        let order = (channel, "A-1");
        let sealed =
            Ticket::receive(region, order, (RequestKind::Help, None), request, now).unwrap();
        CaseFile {
            names: Names::default(),
            sealed,
            shown: vec![(record, shown)],
            photos: Vec::new(),
            objects: vec![Object { sealed_seq: 1, sha256: Hash::ZERO, archived: Hash::ZERO }],
            erased_at: None,
            reader,
            now,
        }
    }

    pub(super) fn reader() -> Reader {
        let actor = Actor::parse("staff:u1/supervisor/command-centre").unwrap();
        Reader { actor, reason: Reason::Audit, unmasked: true }
    }

    #[test]
    fn a_hostile_text_stays_a_text() {
        let hostile = "<script>alert(1)</script><img src=x onerror=\"a\">&'</p>\u{202e}\u{0}";
        let text = SealedText::RequestV1 {
            order: hostile.to_owned(),
            sent_at: hostile.to_owned(),
            title: hostile.to_owned(),
            body: hostile.to_owned(),
            citizen: Citizen {
                name: Some(hostile.to_owned()),
                phone: Some(hostile.to_owned()),
                address: Some(hostile.to_owned()),
            },
            place: None,
            photos: Vec::new(),
            circumstances: None,
        };
        let reader = reader();
        let html = file(&reader, Shown::Text(text, Hash::ZERO)).render();
        for bad in ["<script", "<img", "onerror=\"", "\u{202e}", "\u{0}"] {
            assert!(!html.contains(bad), "{bad:?} got through");
        }
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(html.contains("与承诺一致") && html.contains("未脱敏"));
        for tag in ["table", "section", "p", "dl", "h1", "h2", "div"] {
            let open = html.matches(&format!("<{tag}>")).count()
                + html.matches(&format!("<{tag} ")).count();
            assert_eq!(open, html.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }

    #[test]
    fn what_was_altered_is_said_and_what_was_erased_is_named() {
        let reader = reader();
        let note = SealedText::note("x");
        let html = file(&reader, Shown::Text(note, Hash::of_bytes(b"other"))).render();
        assert!(html.contains("与承诺不符"));
        let html = file(&reader, Shown::Erased).render();
        assert!(html.contains("已删除") && !html.contains("与承诺一致"));
        let mut altered = file(&reader, Shown::Erased);
        altered.objects[0].sha256 = Hash::of_bytes(b"other");
        assert!(altered.render().contains("不一致"));
    }
}
