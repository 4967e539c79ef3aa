//! Reports: from what was written in the city to figures, files, and a signed list of the files.
//!
//! Pure: no I/O, no clock, no async, no AWS. The same source gives the same bytes, always, so a report that was
//! published years ago can be made again from the journal and compared ([`verify`]). What is general is here
//! ([`Period`], [`ReportFile`], [`Manifest`], tables as XLSX, CSV and HTML); what is about the fund is in
//! [`fund`].

#![warn(
    clippy::wildcard_enum_match_arm,
    clippy::match_wildcard_for_single_variants,
    clippy::as_conversions,
    clippy::float_arithmetic
)]

mod csv_file;
mod fault;
mod file;
pub mod fund;
mod html;
mod manifest;
mod net;
mod period;
mod svg;
mod table;
mod wire;
mod xlsx;

pub use self::fault::ReportFault;
pub use self::file::ReportFile;
pub use self::manifest::{
    MANIFEST_NAME, Manifest, ManifestFault, ManifestFile, Position, Vouched, key_id, public_key,
    sign, signed, verify,
};
pub use self::net::Net;
pub use self::period::{Period, PeriodFault, PeriodKind, Quarter};
