//! The calendar and the directory in force: data that a city changes while everything runs.
//!
//! Both are read when they are first asked for and kept for a while, so that a command costs no extra
//! call; an import is in force everywhere once that while is over.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::directory::{Directory, Files};
use domain::{Calendar, Timestamp};

use crate::books::Books;
use crate::directories::Directories;
use crate::stores::PortError;
use crate::world::Clock;

/// The store of calendars.
#[async_trait]
pub trait Calendars: Send + Sync {
    /// The calendar in force, with its number; `None` when none has been imported.
    ///
    /// # Errors
    /// [`PortError`].
    async fn current(&self) -> Result<Option<StoredCalendar>, PortError>;

    /// Puts a calendar in force, if none is or the one before it. `false`: another one is, and nothing
    /// was written.
    ///
    /// # Errors
    /// [`PortError`]; after a temporary one the outcome is unknown.
    async fn put(&self, calendar: &StoredCalendar) -> Result<bool, PortError>;

    /// Notes that so many shards of open tickets have been brought to the calendar with this number, if
    /// it is still in force.
    ///
    /// # Errors
    /// [`PortError`].
    async fn replanned(&self, number: u32, shards: u8) -> Result<(), PortError>;
}

/// An imported calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCalendar {
    /// Its number, one above that of the one before.
    pub number: u32,
    /// Its version, which events name.
    pub version: String,
    /// Its text ([`Calendar::parse`]).
    pub text: String,
    /// When it was put in force, in wall time.
    pub since: Timestamp,
    /// So many shards of open tickets have been brought to it.
    pub replanned: u8,
}

/// What is in force until a city brings its own.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The calendar.
    pub calendar: Arc<Calendar>,
    /// The directory, read only where it is needed.
    pub directory: fn() -> Arc<Directory>,
}

#[derive(Debug)]
struct Kept<T> {
    value: Option<Arc<T>>,
    looked_at: Timestamp,
}

/// What was read last, shared by all functions of a process.
#[derive(Debug)]
pub struct Kit {
    keep_ms: AtomicI64,
    defaults: Defaults,
    calendar: Mutex<Kept<Calendar>>,
    directory: Mutex<Kept<Directory>>,
    more: Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Kit {
    /// An empty one: what is read is kept for so many milliseconds of wall time.
    #[must_use]
    pub fn new(defaults: Defaults, keep_ms: i64) -> Arc<Self> {
        let (calendar, directory) = (Mutex::new(nothing()), Mutex::new(nothing()));
        let keep_ms = AtomicI64::new(keep_ms);
        Arc::new(Self { keep_ms, defaults, calendar, directory, more: Mutex::default() })
    }

    /// How long what was read is gone by, in milliseconds.
    #[must_use]
    pub fn keep_ms(&self) -> i64 {
        self.keep_ms.load(Ordering::Relaxed)
    }

    /// Keeps what is read for ever: for who counts calls, of which these are none of a ticket's.
    pub fn hold(&self) {
        self.keep_ms.store(i64::MAX, Ordering::Relaxed);
    }

    /// What a room above keeps beside, shared by all functions of the process: one of each type, empty at
    /// first.
    #[must_use]
    pub fn beside<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut more = self.more.lock().unwrap_or_else(PoisonError::into_inner);
        let stands = more.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        // What stands under a type is of that type.
        Arc::clone(stands).downcast().unwrap_or_default()
    }

    /// What is still fresh. Of several who find it stale at once the first looks, and the others go by
    /// it meanwhile.
    fn fresh<T>(&self, kept: &Mutex<Kept<T>>, wall: Timestamp) -> Option<Arc<T>> {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let age = wall.millis() - kept.looked_at.millis();
        let fresh = kept.value.clone().filter(|_| (0..self.keep_ms()).contains(&age));
        if fresh.is_none() && kept.value.is_some() {
            kept.looked_at = wall;
        }
        fresh
    }
}

fn nothing<T>() -> Kept<T> {
    Kept { value: None, looked_at: Timestamp::MIN }
}

fn keep<T>(kept: &Mutex<Kept<T>>, value: &Arc<T>, looked_at: Timestamp) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    *kept = Kept { value: Some(Arc::clone(value)), looked_at };
}

fn last<T>(kept: &Mutex<Kept<T>>) -> Option<Arc<T>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).value.clone()
}

/// A function's way to what is in force.
#[derive(Clone)]
pub struct Rules {
    /// What was read last.
    pub kit: Arc<Kit>,
    /// The store of calendars.
    pub calendars: Arc<dyn Calendars>,
    /// The store of directories; a function without it decides nothing for staff.
    pub directories: Arc<dyn Directories>,
    /// The store of catalogs and models; as of directories.
    pub books: Arc<dyn Books>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

impl Rules {
    /// The calendar in force.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is no calendar.
    pub async fn calendar(&self) -> Result<Arc<Calendar>, PortError> {
        let wall = self.clock.wall();
        if let Some(fresh) = self.kit.fresh(&self.kit.calendar, wall) {
            return Ok(fresh);
        }
        let calendar = match self.calendars.current().await? {
            None => Arc::clone(&self.kit.defaults.calendar),
            Some(stored) => match last(&self.kit.calendar) {
                Some(last) if last.version() == stored.version => last,
                Some(_) | None => Arc::new(read_calendar(&stored)?),
            },
        };
        keep(&self.kit.calendar, &calendar, wall);
        Ok(calendar)
    }

    /// The directory in force.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is not valid by today's rules.
    pub async fn directory(&self) -> Result<Arc<Directory>, PortError> {
        let wall = self.clock.wall();
        if let Some(fresh) = self.kit.fresh(&self.kit.directory, wall) {
            return Ok(fresh);
        }
        let vanished = || PortError::Temporary("the newest directory is not there".to_owned());
        let newest = self.directories.newest().await?;
        let known = last(&self.kit.directory).filter(|last| newest == Some(last.version()));
        let directory = match (newest, known) {
            (None, _) => (self.kit.defaults.directory)(),
            (Some(_), Some(known)) => known,
            (Some(_), None) => Arc::new(self.imported_directory().await?.ok_or_else(vanished)?),
        };
        keep(&self.kit.directory, &directory, wall);
        Ok(directory)
    }

    /// The newest imported directory as it is stored now; `None` when there is none.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what is stored is not valid by today's rules.
    pub async fn imported_directory(&self) -> Result<Option<Directory>, PortError> {
        let Some((version, files)) = self.directories.current().await? else { return Ok(None) };
        read_directory(version, &files).map(Some)
    }

    /// A version of the directory: for who makes again what was made by it. 0 is what was in force before the
    /// first import.
    ///
    /// # Errors
    /// [`PortError`]; permanent when there is no such version, or it is not valid by today's rules.
    pub async fn directory_of(&self, version: u32) -> Result<Arc<Directory>, PortError> {
        let known = self.directory().await?;
        if known.version() == version {
            return Ok(known);
        }
        if version == 0 {
            return Ok((self.kit.defaults.directory)());
        }
        let missing =
            || PortError::Permanent(format!("version {version} of the directory is not there"));
        let files = self.directories.read(version).await?.ok_or_else(missing)?;
        read_directory(version, &files).map(Arc::new)
    }

    /// Forgets what was kept: an import of this very process is in force at once.
    pub fn forget(&self) {
        *self.kit.calendar.lock().unwrap_or_else(PoisonError::into_inner) = nothing();
        *self.kit.directory.lock().unwrap_or_else(PoisonError::into_inner) = nothing();
    }
}

fn read_directory(version: u32, files: &Files) -> Result<Directory, PortError> {
    Directory::read(version, files).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        PortError::Permanent(format!("version {version} of the directory is not valid: {first}"))
    })
}

fn read_calendar(stored: &StoredCalendar) -> Result<Calendar, PortError> {
    Calendar::parse(&stored.version, &stored.text).map_err(|fault| {
        PortError::Permanent(format!("the calendar {} cannot be read: {fault}", stored.version))
    })
}
