//! What is sealed, archived, uploaded and journalled, in memory: [`Texts`], [`Keys`], [`Dossiers`],
//! [`Claims`], [`Uploads`], [`Journal`].

use async_trait::async_trait;
use domain::{Hash, JournalEntry, MediaType, Reading, RecordId, TicketId, Timestamp, UploadKey};
use ports::{
    Claims, Cursor, Dossiers, Grant, Journal, Keys, LyingMail, Page, PortError, PutOnce, Texts,
    Upload, Uploads,
};

use crate::bugs::Bug;
use crate::core::{Port, State};
use crate::faults::Call;
use crate::ops::Op;
use crate::store::shard;

/// So many uploads, or mails, are listed at a time.
const UPLOADS_PAGE: usize = 3;

/// A new record put under a seeded bug is kept back.
fn put(
    state: &mut State,
    (ticket, record): (&TicketId, &RecordId),
    (ciphertext, at): (&[u8], Timestamp),
) -> bool {
    let records = state.store.texts.entry(ticket.clone()).or_default();
    if records.contains_key(record) {
        return false;
    }
    let sealed = ciphertext.to_vec();
    records.insert(record.clone(), (sealed, at));
    true
}

#[async_trait]
impl Texts for Port {
    async fn put(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        ciphertext: &[u8],
        at: Timestamp,
    ) -> Result<bool, PortError> {
        self.call(Call::TextPut, ticket.as_str(), |state, _| {
            state.record(|| Op::TextPut((ticket.clone(), record.clone()), ciphertext.to_vec(), at));
            let named = state.store.tickets.get(ticket).is_some_and(|row| {
                let mut sealed = row.ticket.timeline().iter().filter_map(|e| e.event.sealed());
                sealed.any(|sealed| sealed.record == *record)
            });
            let stands = state.store.texts.get(ticket).is_some_and(|all| all.contains_key(record));
            if state.settings.bug == Some(Bug::TextAfterEvent) && !named && !stands {
                let text = (record.clone(), ciphertext.to_vec(), at);
                state.deferred.insert(ticket.clone(), text);
                return Ok(true);
            }
            Ok(put(state, (ticket, record), (ciphertext, at)))
        })
        .await
    }

    async fn get(
        &self,
        ticket: &TicketId,
        record: &RecordId,
    ) -> Result<Option<Vec<u8>>, PortError> {
        self.call(Call::TextGet, ticket.as_str(), |state, _| {
            state.record(|| Op::TextGet(ticket.clone(), record.clone()));
            let sealed = state.store.texts.get(ticket).and_then(|all| all.get(record));
            Ok(sealed.map(|(ciphertext, _)| ciphertext.clone()))
        })
        .await
    }

    async fn renew(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        at: Timestamp,
    ) -> Result<bool, PortError> {
        self.call(Call::TextRenew, ticket.as_str(), |state, _| {
            state.record(|| Op::TextRenew((ticket.clone(), record.clone()), at));
            let sealed = state.store.texts.get_mut(ticket).and_then(|all| all.get_mut(record));
            Ok(sealed.map(|sealed| sealed.1 = at).is_some())
        })
        .await
    }

    async fn list(&self, ticket: &TicketId) -> Result<Vec<(RecordId, Timestamp)>, PortError> {
        self.call(Call::TextList, ticket.as_str(), |state, _| {
            state.record(|| Op::TextList(ticket.clone()));
            let all = state.store.texts.get(ticket).into_iter().flatten();
            Ok(all.map(|(record, (_, at))| (record.clone(), *at)).collect())
        })
        .await
    }

    async fn remove(
        &self,
        ticket: &TicketId,
        record: &RecordId,
        at: Timestamp,
    ) -> Result<bool, PortError> {
        self.call(Call::TextRemove, ticket.as_str(), |state, _| {
            state.record(|| Op::TextRemove((ticket.clone(), record.clone()), at));
            let Some(all) = state.store.texts.get_mut(ticket) else { return Ok(false) };
            let stands = all.get(record).is_some_and(|(_, stands)| *stands == at);
            Ok(stands && all.remove(record).is_some())
        })
        .await
    }

    async fn all(&self, ticket: &TicketId) -> Result<Vec<(RecordId, Vec<u8>)>, PortError> {
        self.call(Call::TextAll, ticket.as_str(), |state, _| {
            state.record(|| Op::TextAll(ticket.clone()));
            let all = state.store.texts.get(ticket).into_iter().flatten();
            Ok(all.map(|(record, (sealed, _))| (record.clone(), sealed.clone())).collect())
        })
        .await
    }
}

#[async_trait]
impl Keys for Port {
    async fn wrapped(&self, ticket: &TicketId) -> Result<Option<Vec<u8>>, PortError> {
        self.call(Call::KeyWrapped, ticket.as_str(), |state, _| {
            state.record(|| Op::Key(ticket.clone()));
            Ok(state.store.keys.get(ticket).cloned())
        })
        .await
    }

    async fn destroy(&self, ticket: &TicketId) -> Result<(), PortError> {
        self.call(Call::KeyDestroy, ticket.as_str(), |state, _| {
            state.record(|| Op::KeyDestroy(ticket.clone()));
            state.store.keys.remove(ticket);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Dossiers for Port {
    async fn put_once(&self, key: &str, bytes: &[u8]) -> Result<PutOnce, PortError> {
        self.call(Call::ObjectPut, key, |state, _| {
            state.record(|| Op::ObjectPut(key.to_owned(), bytes.to_vec()));
            let overwritten = state.settings.bug == Some(Bug::ObjectOverwritten);
            match state.store.objects.get(key).filter(|_| !overwritten) {
                Some(stands) if stands == bytes => Ok(PutOnce::Same),
                Some(stands) => Ok(PutOnce::Different(Hash::of_bytes(stands))),
                None => {
                    state.store.objects.insert(key.to_owned(), bytes.to_vec());
                    Ok(PutOnce::Written)
                }
            }
        })
        .await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.call(Call::ObjectGet, key, |state, _| {
            state.record(|| Op::ObjectGet(key.to_owned()));
            Ok(state.store.objects.get(key).cloned())
        })
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        self.call(Call::ObjectList, prefix, |state, _| {
            state.record(|| Op::ObjectList(prefix.to_owned()));
            let from = state.store.objects.range(prefix.to_owned()..);
            let keys = from.map(|(key, _)| key).take_while(|key| key.starts_with(prefix));
            Ok(keys.cloned().collect())
        })
        .await
    }
}

#[async_trait]
impl Claims for Port {
    async fn claim(&self, key: &UploadKey, ticket: &TicketId) -> Result<bool, PortError> {
        self.call(Call::Claim, ticket.as_str(), |state, _| {
            state.record(|| Op::Claim(key.clone(), ticket.clone()));
            let stolen = state.settings.bug == Some(Bug::ClaimStolen);
            let stands = state.store.claims.get(key).filter(|_| !stolen);
            let ours = stands.is_none_or(|stands| stands == ticket);
            if ours {
                state.store.claims.insert(key.clone(), ticket.clone());
                let told = state.claimed.entry(key.as_str().to_owned()).or_default();
                told.insert(ticket.clone());
            }
            Ok(ours)
        })
        .await
    }

    async fn of(&self, key: &UploadKey) -> Result<Option<TicketId>, PortError> {
        self.call(Call::ClaimOf, key.as_str(), |state, _| {
            state.record(|| Op::ClaimOf(key.clone()));
            Ok(state.store.claims.get(key).cloned())
        })
        .await
    }
}

#[async_trait]
impl Uploads for Port {
    async fn grant(
        &self,
        key: &UploadKey,
        (media, _bytes): (MediaType, u32),
        _for: (Timestamp, u32),
    ) -> Result<Grant, PortError> {
        let headers = vec![("content-type".to_owned(), media.as_str().to_owned())];
        let grant = Grant { url: key.to_string(), headers };
        self.call(Call::UploadGrant, key.as_str(), |_, _| Ok(grant)).await
    }

    async fn fetch(&self, key: &UploadKey, bytes_max: u32) -> Result<Option<Upload>, PortError> {
        self.call(Call::UploadFetch, key.as_str(), |state, _| {
            state.record(|| Op::UploadFetch(key.clone(), bytes_max));
            let max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
            let upload = state.store.uploads.get(key).map(|(upload, _)| upload.clone());
            Ok(upload.map(|mut upload| {
                upload.bytes = upload.bytes.filter(|bytes| bytes.len() <= max);
                upload
            }))
        })
        .await
    }

    async fn list(&self, from: Option<&Cursor>) -> Result<Page<(UploadKey, Timestamp)>, PortError> {
        self.call(Call::UploadList, "", |state, _| {
            state.record(|| Op::UploadList);
            let above = from.map_or("", |cursor| cursor.0.as_str());
            let all = state.store.uploads.iter().filter(|(key, _)| key.as_str() > above);
            let mut items: Vec<_> =
                all.take(UPLOADS_PAGE + 1).map(|(key, (_, at))| (key.clone(), *at)).collect();
            let more = items.len() > UPLOADS_PAGE;
            items.truncate(UPLOADS_PAGE);
            let last = items.last().filter(|_| more);
            let next = last.map(|(key, _)| Cursor(key.as_str().to_owned()));
            Ok(Page { items, next })
        })
        .await
    }

    async fn remove(&self, key: &UploadKey) -> Result<(), PortError> {
        self.call(Call::UploadRemove, key.as_str(), |state, _| {
            state.record(|| Op::UploadRemove(key.clone()));
            state.store.uploads.remove(key);
            Ok(())
        })
        .await
    }

    // No simulated city is sent mails, so nothing goes wrong with them.

    async fn mail(
        &self,
        key: &str,
        bytes_max: usize,
    ) -> Result<Option<Option<Vec<u8>>>, PortError> {
        let mail = self.core.lock().store.mails.get(key).map(|(bytes, _)| bytes.clone());
        Ok(mail.map(|bytes| Some(bytes).filter(|bytes| bytes.len() <= bytes_max)))
    }

    async fn mails(&self, from: Option<&Cursor>) -> Result<Page<LyingMail>, PortError> {
        let state = self.core.lock();
        let above = from.map_or("", |cursor| cursor.0.as_str());
        let all = state.store.mails.iter().filter(|(key, _)| key.as_str() > above);
        let lying = all.map(|(key, (bytes, put))| LyingMail {
            key: key.clone(),
            put: *put,
            bytes: bytes.len() as u64,
        });
        let mut items: Vec<_> = lying.take(UPLOADS_PAGE + 1).collect();
        let more = items.len() > UPLOADS_PAGE;
        items.truncate(UPLOADS_PAGE);
        let next = items.last().filter(|_| more).map(|mail| Cursor(mail.key.clone()));
        Ok(Page { items, next })
    }

    async fn remove_mail(&self, key: &str) -> Result<(), PortError> {
        self.core.lock().store.mails.remove(key);
        Ok(())
    }
}

#[async_trait]
impl Journal for Port {
    async fn append(&self, reading: Reading, now: Timestamp) -> Result<JournalEntry, PortError> {
        self.call(Call::JournalAppend, "", |state, _| {
            state.record(|| Op::JournalAppend(Box::new(reading.clone()), now));
            let place = (now.beijing_compact_date(), reading.tickets.first().map_or(0, shard));
            let day = state.store.journal.entry(place).or_default();
            let last = day.last().map(|last| (last.seq, last.at, last.hash()));
            let entry = JournalEntry::after(last, reading, now);
            day.push(entry.clone());
            Ok(entry)
        })
        .await
    }

    async fn day(&self, date: &str) -> Result<Vec<JournalEntry>, PortError> {
        let state = self.core.lock();
        let days = state.store.journal.iter().filter(|((day, _), _)| day == date);
        Ok(days.flat_map(|(_, entries)| entries.clone()).collect())
    }
}
