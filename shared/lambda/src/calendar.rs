//! The import of the next calendar: late in every year, when the State Council has published the next.

use domain::{Calendar, CalendarFault};
use ports::{PortError, StoredCalendar, World};

/// The number of the calendar that functions are built with; an import is the next one.
const BUILT_IN: u32 = 2;

/// Why no calendar was imported.
#[derive(Debug, thiserror::Error)]
pub enum CalendarImportError {
    /// It cannot be read; nothing was written.
    #[error(transparent)]
    Fault(#[from] CalendarFault),
    /// It publishes no year.
    #[error("the calendar has no line `rest` or `work`: it publishes no year")]
    Empty,
    /// Somebody else imported another one meanwhile; nothing was written.
    #[error("somebody else has imported a calendar meanwhile: look at it, and import again")]
    Overtaken,
    /// The store failed. The same import again is safe.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Puts a calendar in force as the next version, unless the one in force says the same; whether it did,
/// and its version. Open tickets are brought to it by the clocks, each once.
///
/// # Errors
/// [`CalendarImportError`].
pub async fn import_calendar(
    world: &World,
    text: &str,
) -> Result<(String, bool), CalendarImportError> {
    let years = Calendar::parse("", text)?.published_years().ok_or(CalendarImportError::Empty)?;
    let stands = world.rules.calendars.current().await?;
    if let Some(same) = stands.as_ref().filter(|stands| stands.text == text) {
        return Ok((same.version.clone(), false));
    }
    let number = stands.map_or(BUILT_IN, |stands| stands.number).saturating_add(1);
    let version = format!("cn-{}-{}.{number}", years.0, years.1);
    let since = world.clock.wall();
    let (text, replanned) = (text.to_owned(), 0);
    let calendar = StoredCalendar { number, version, text, since, replanned };
    if !world.rules.calendars.put(&calendar).await? {
        return Err(CalendarImportError::Overtaken);
    }
    world.rules.forget();
    Ok((calendar.version, true))
}
