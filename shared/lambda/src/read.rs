//! Reading what a citizen said: the one way by which a text is shown to a person. Shell and web desk
//! both call it. The journal is written first; if it cannot be, nothing is shown.

use contracts::{Circumstances, Citizen, SealedText};
use domain::{Access, Actor, Hash, ReadRefusal, Reading, Reason, RecordId, Ticket, mask};
use ports::{PortError, World};

/// Who reads, why, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Who.
    pub actor: Actor,
    /// Why.
    pub reason: Reason,
    /// Everything as it is, or names, numbers and addresses masked.
    pub unmasked: bool,
}

/// What became of one sealed record.
#[expect(clippy::large_enum_variant, reason = "a few on their way to a person, never kept")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Its text, masked unless the reader asked for all, and the commitment that it gives.
    Text(SealedText, Hash),
    /// The person was erased: there is no key.
    Erased,
    /// The record is not there, or does not open.
    Unreadable,
}

/// Why nothing is shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The role table refuses it.
    #[error(transparent)]
    Refused(#[from] ReadRefusal),
    /// A store did not answer, or the journal was not written.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// A ticket's sealed records as the table has them, in the order in which the timeline names them.
///
/// # Errors
/// [`PortError`].
pub async fn held(world: &World, ticket: &Ticket) -> Result<Vec<(RecordId, Vec<u8>)>, PortError> {
    let all = world.texts.all(ticket.id()).await?;
    let named = ticket.timeline().iter().filter_map(|entry| entry.event.sealed());
    let find = |record: &RecordId| all.iter().find(|(id, _)| id == record).cloned();
    Ok(named.filter_map(|sealed| find(&sealed.record)).collect())
}

/// Opens `records` of a ticket for a person, after journalling it. The records may come from the
/// table ([`held`]) or from a dossier.
///
/// # Errors
/// [`ReadError`], and nothing is shown.
pub async fn read(
    world: &World,
    reader: &Reader,
    ticket: &Ticket,
    records: &[(RecordId, Vec<u8>)],
) -> Result<Vec<(RecordId, Shown)>, ReadError> {
    journalled(world, reader, ticket, records.iter().map(|(record, _)| record.clone()).collect())
        .await?;
    opened(world, reader, ticket, records).await
}

/// Lets a person in, or not, and journals what is about to be shown: texts and photos alike.
///
/// # Errors
/// [`ReadError`], and nothing may be shown.
pub(crate) async fn journalled(
    world: &World,
    reader: &Reader,
    ticket: &Ticket,
    records: Vec<RecordId>,
) -> Result<(), ReadError> {
    let directory = world.rules.directory().await?;
    ticket.check_reader(&reader.actor, reader.unmasked, &directory)?;
    let reading = Reading {
        actor: reader.actor.clone(),
        reason: reader.reason,
        access: if reader.unmasked { Access::Unmasked } else { Access::Masked },
        tickets: vec![ticket.id().clone()],
        records,
    };
    world.journal.append(reading, world.clock.now()).await?;
    Ok(())
}

/// Opens what is [`journalled`].
pub(crate) async fn opened(
    world: &World,
    reader: &Reader,
    ticket: &Ticket,
    records: &[(RecordId, Vec<u8>)],
) -> Result<Vec<(RecordId, Shown)>, ReadError> {
    let opened = world.vault().open_held(ticket.id(), records).await?;
    let Some(opened) = opened else {
        return Ok(records.iter().map(|(record, _)| (record.clone(), Shown::Erased)).collect());
    };
    let people = opened.iter().flatten().find_map(|opened| match &opened.text {
        SealedText::RequestV1 { citizen, circumstances, .. } => {
            Some(People::of(citizen, circumstances.as_deref()))
        }
        SealedText::NoteV1 { .. } => None,
    });
    let people = people.unwrap_or_default();
    let shown = opened.into_iter().map(|opened| match opened {
        Ok(opened) if reader.unmasked => Shown::Text(opened.text, opened.seal),
        Ok(opened) => Shown::Text(masked(opened.text, &people), opened.seal),
        Err(_) => Shown::Unreadable,
    });
    Ok(records.iter().map(|(record, _)| record.clone()).zip(shown).collect())
}

/// Stands for a text that only who reads unmasked may see at all.
const CONFIDENTIAL: &str = "【保密】";

/// Whom a ticket's texts are about.
#[derive(Default)]
struct People {
    citizens: Vec<Citizen>,
    confidential: bool,
}

impl People {
    fn of(citizen: &Citizen, circumstances: Option<&Circumstances>) -> Self {
        let others = circumstances.iter().flat_map(|known| known.others.iter());
        Self {
            citizens: std::iter::once(citizen).chain(others).cloned().collect(),
            confidential: circumstances.is_some_and(|known| known.confidential),
        }
    }

    /// What is known to be a person's, each with what stands in its place.
    fn known(&self) -> Vec<(&str, String)> {
        let mut known = Vec::new();
        for citizen in &self.citizens {
            known.extend(citizen.address.as_deref().map(|text| (text, mask::address(text))));
            known.extend(citizen.name.as_deref().map(|text| (text, mask::name(text))));
            known.extend(citizen.phone.as_deref().map(|text| (text, mask::number(text))));
        }
        known
    }

    fn text(&self, text: &str) -> String {
        if self.confidential { CONFIDENTIAL.to_owned() } else { mask::text(text, &self.known()) }
    }
}

/// Title and body of a request with everything masked that is a party's or looks like somebody's; `None` of a
/// confidential one.
pub(crate) fn masked_request(text: SealedText) -> Option<(String, String)> {
    let SealedText::RequestV1 { citizen, circumstances, .. } = &text else { return None };
    let people = People::of(citizen, circumstances.as_deref());
    match masked(text, &people) {
        SealedText::RequestV1 { title, body, .. } if !people.confidential => Some((title, body)),
        SealedText::RequestV1 { .. } | SealedText::NoteV1 { .. } => None,
    }
}

/// A reply as somebody else than its citizen may get it: all masked that is a party's of its request or looks like
/// somebody's; `None` when the case is confidential.
#[must_use]
pub fn reply_for_others(request: &SealedText, reply: &str) -> Option<String> {
    let SealedText::RequestV1 { citizen, circumstances, .. } = request else { return None };
    let people = People::of(citizen, circumstances.as_deref());
    (!people.confidential).then(|| people.text(reply))
}

/// The text with everything masked that is a party's or looks like somebody's.
fn masked(text: SealedText, people: &People) -> SealedText {
    match text {
        SealedText::RequestV1 { order, sent_at, title, body, citizen: asks, photos, .. } => {
            SealedText::RequestV1 {
                order,
                sent_at,
                title: people.text(&title),
                body: people.text(&body),
                citizen: Citizen {
                    name: asks.name.as_deref().map(mask::name),
                    phone: asks.phone.as_deref().map(mask::number),
                    address: asks.address.as_deref().map(mask::address),
                },
                // A place tells who was there, and circumstances who else.
                place: None,
                photos,
                circumstances: None,
            }
        }
        SealedText::NoteV1 { text, photos } => {
            SealedText::NoteV1 { text: people.text(&text), photos }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, phone: &str) -> Citizen {
        Citizen { name: Some(name.to_owned()), phone: Some(phone.to_owned()), address: None }
    }

    fn request(confidential: bool) -> SealedText {
        let others = vec![person("样例民丙", "10000000003")];
        let known = Circumstances { others, confidential, ..Circumstances::default() };
        SealedText::RequestV1 {
            order: "A-1".to_owned(),
            sent_at: "2026-01-20T09:12:30.000+08:00".to_owned(),
            title: "样例民甲与样例民丙".to_owned(),
            body: "样例民丙（10000000003）不认账".to_owned(),
            citizen: person("样例民甲", "10000000001"),
            place: None,
            photos: Vec::new(),
            circumstances: known.boxed(),
        }
    }

    /// What a masked reading shows of a request and of a note on it.
    fn shown(confidential: bool) -> String {
        let text = request(confidential);
        let SealedText::RequestV1 { citizen, circumstances, .. } = &text else {
            panic!("a request")
        };
        let people = People::of(citizen, circumstances.as_deref());
        let note = SealedText::note("已约样例民丙周三到场");
        let all = [masked(text.clone(), &people), masked(note, &people)];
        all.map(|text| String::from_utf8(text.to_bytes()).unwrap()).join("\n")
    }

    #[test]
    fn every_party_is_masked_and_of_a_confidential_case_no_text_is_shown() {
        let plain = shown(false);
        assert!(plain.contains("不认账") && plain.contains("周三"), "{plain}");
        let hidden = shown(true);
        assert!(!hidden.contains("不认账") && !hidden.contains("周三"), "{hidden}");
        assert_eq!(hidden.matches(CONFIDENTIAL).count(), 3);
        for text in [plain, hidden] {
            for secret in ["样例民甲", "样例民丙", "10000000001", "10000000003", "circumstances"]
            {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
    }
}
