//! A file of a report, before anybody has stored it.

use domain::Hash;

/// A file of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// What it is called: letters, digits, dots and hyphens.
    pub name: String,
    /// Its media type, with its character set where it has one.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl ReportFile {
    /// Its SHA-256, as `sha256sum` prints it.
    #[must_use]
    pub fn sha256(&self) -> Hash {
        Hash::of_bytes(&self.bytes)
    }
}
