//! What is in force, in memory: calendars, directories, catalogs and models. No simulated city imports any but
//! calendars, so nothing goes wrong with the others.

use async_trait::async_trait;
use domain::directory::Files;
use ports::{Book, Books, Calendars, Directories, PortError, StoredCalendar};

use crate::core::Port;
use crate::faults::Call;
use crate::ops::Op;

#[async_trait]
impl Directories for Port {
    async fn newest(&self) -> Result<Option<u32>, PortError> {
        let state = self.core.lock();
        Ok(state.store.directories.last_key_value().map(|(version, _)| *version))
    }

    async fn current(&self) -> Result<Option<(u32, Files)>, PortError> {
        let state = self.core.lock();
        let newest = state.store.directories.last_key_value();
        Ok(newest.map(|(version, files)| (*version, files.clone())))
    }

    async fn read(&self, version: u32) -> Result<Option<Files>, PortError> {
        Ok(self.core.lock().store.directories.get(&version).cloned())
    }

    async fn put(&self, version: u32, files: &Files) -> Result<bool, PortError> {
        let mut state = self.core.lock();
        let is_new = !state.store.directories.contains_key(&version);
        state.store.directories.entry(version).or_insert_with(|| files.clone());
        Ok(is_new)
    }
}

#[async_trait]
impl Books for Port {
    async fn newest(&self, book: Book) -> Result<Option<u32>, PortError> {
        let state = self.core.lock();
        let of = state.store.books.range((book, 0)..=(book, u32::MAX));
        Ok(of.map(|((_, version), _)| *version).next_back())
    }

    async fn read(&self, book: Book, version: u32) -> Result<Option<Vec<u8>>, PortError> {
        Ok(self.core.lock().store.books.get(&(book, version)).cloned())
    }

    async fn put(&self, book: Book, version: u32, bytes: &[u8]) -> Result<bool, PortError> {
        let mut state = self.core.lock();
        let is_new = !state.store.books.contains_key(&(book, version));
        state.store.books.entry((book, version)).or_insert_with(|| bytes.to_vec());
        Ok(is_new)
    }
}

#[async_trait]
impl Calendars for Port {
    async fn current(&self) -> Result<Option<StoredCalendar>, PortError> {
        self.call(Call::CalendarCurrent, "", |state, _| {
            state.record(|| Op::CalendarCurrent);
            Ok(state.store.calendar.clone())
        })
        .await
    }

    async fn put(&self, calendar: &StoredCalendar) -> Result<bool, PortError> {
        self.call(Call::CalendarPut, "", |state, _| {
            state.record(|| Op::CalendarPut(Box::new(calendar.clone())));
            let stands = state.store.calendar.as_ref().map(|stands| stands.number);
            let follows = stands.is_none_or(|stands| stands == calendar.number.saturating_sub(1));
            if follows {
                state.store.calendar = Some(calendar.clone());
            }
            Ok(follows)
        })
        .await
    }

    async fn replanned(&self, number: u32, shards: u8) -> Result<(), PortError> {
        self.call(Call::CalendarReplanned, "", |state, _| {
            state.record(|| Op::Replanned(number, shards));
            let stands = state.store.calendar.as_mut().filter(|stands| stands.number == number);
            stands.into_iter().for_each(|stands| stands.replanned = shards);
            Ok(())
        })
        .await
    }
}
