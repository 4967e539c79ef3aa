//! The signed list of a report's files: who has it, the files and the public key needs nobody else.

use data_encoding::HEXLOWER;
use domain::fund::{AccountId, Balance};
use domain::{Hash, RegionCode, Timestamp};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::file::ReportFile;
use crate::period::Period;

/// What the file is called.
pub const MANIFEST_NAME: &str = "manifest.json";

/// Between what is signed and the signature: the last field of the file.
const BEFORE_SIGNATURE: &str = ",\n  \"signature\": \"";
const AFTER_SIGNATURE: &str = "\"\n}\n";
const END: &str = "\n}";

/// How far the journal of an account had come when a report was made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The account.
    pub account: String,
    /// Its last entry's place; 0 for none.
    pub seq: u32,
    /// Its last entry's hash, in hexadecimal.
    pub head: String,
}

/// A file that a manifest vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// What it is called.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What a report is, from what it was made, and what its files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of this file: `fund_report_manifest.v1`.
    pub schema: String,
    /// The division that the report is of.
    pub region: String,
    /// What kind of report: `fund`.
    pub report: String,
    /// The period, as [`Period`] prints it.
    pub period: String,
    /// Whether the period was over; else the report is preliminary (预报).
    #[serde(rename = "final")]
    pub over: bool,
    /// The time up to which the journals were read.
    pub as_of: String,
    /// How far each journal had come.
    pub position: Vec<Position>,
    /// The version of the directory that units are called by; 0 before the first import.
    pub directory: u32,
    /// The files, by name.
    pub files: Vec<ManifestFile>,
    /// Which key signed it ([`key_id`]).
    pub key: String,
}

/// What a manifest is made of.
#[derive(Clone, Debug)]
pub struct Vouched<'a> {
    /// What kind of report: `fund`.
    pub report: &'a str,
    /// The division.
    pub region: &'a RegionCode,
    /// The period.
    pub period: Period,
    /// Whether it is over.
    pub over: bool,
    /// The time up to which the journals were read.
    pub as_of: Timestamp,
    /// How far each journal had come.
    pub position: &'a [Position],
    /// The version of the directory that units are called by.
    pub directory: u32,
    /// The files.
    pub files: &'a [ReportFile],
}

/// What is wrong with a manifest, or with a file of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestFault {
    /// It is not such a file, or a field is not what it must be.
    #[error("it is not a manifest")]
    Unreadable,
    /// The key is none.
    #[error("the public key is not one of Ed25519")]
    Key,
    /// It was altered, or another key signed it.
    #[error("the signature is not that of this key over this manifest")]
    Signature,
    /// A file of it is not there.
    #[error("the file {0} is missing")]
    Missing(String),
    /// A file is not what it was.
    #[error("the file {0} is not the one that was signed")]
    Altered(String),
}

impl Position {
    /// Where the journal that `balance` was folded from ends.
    #[must_use]
    pub fn of(balance: &Balance) -> Self {
        let account: &AccountId = &balance.account;
        Self { account: account.to_string(), seq: balance.seq, head: balance.head.to_string() }
    }
}

/// The id of a public key: the first 16 hexadecimal digits of its SHA-256.
#[must_use]
pub fn key_id(public: &[u8; 32]) -> String {
    Hash::of_bytes(public).to_string().chars().take(16).collect()
}

/// The public key to the 32 secret bytes of a signing key.
#[must_use]
pub fn public_key(seed: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// Makes the manifest of a report and signs it (Ed25519, RFC 8032).
///
/// What is signed is the file without its last field, the signature: so anybody can take that line away and
/// check the rest with another program. `docs/reports.md` says how.
///
/// # Errors
/// [`ManifestFault::Unreadable`] when it cannot be written, which no text in it can cause.
pub fn sign(vouched: &Vouched<'_>, seed: &[u8; 32]) -> Result<ReportFile, ManifestFault> {
    let key = SigningKey::from_bytes(seed);
    let manifest = Manifest {
        schema: schema(vouched.report),
        region: vouched.region.to_string(),
        report: vouched.report.to_owned(),
        period: vouched.period.to_string(),
        over: vouched.over,
        as_of: vouched.as_of.to_string(),
        position: vouched.position.to_vec(),
        directory: vouched.directory,
        files: vouched.files.iter().map(ManifestFile::of).collect(),
        key: key_id(&key.verifying_key().to_bytes()),
    };
    let body =
        serde_json::to_string_pretty(&manifest).map_err(|_json| ManifestFault::Unreadable)?;
    let signature = HEXLOWER.encode(&key.sign(body.as_bytes()).to_bytes());
    let head = body.strip_suffix(END).ok_or(ManifestFault::Unreadable)?;
    let text = format!("{head}{BEFORE_SIGNATURE}{signature}{AFTER_SIGNATURE}");
    let bytes = text.into_bytes();
    Ok(ReportFile { name: MANIFEST_NAME.to_owned(), media_type: "application/json", bytes })
}

/// Checks a manifest under the public key, and by it every file, which `read` gives by name.
///
/// # Errors
/// [`ManifestFault`] says what was altered or is missing. Nothing in the manifest is believed before its
/// signature is.
pub fn verify(
    manifest: &[u8],
    public: &[u8; 32],
    mut read: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Result<Manifest, ManifestFault> {
    let manifest = signed(manifest, public)?;
    for file in &manifest.files {
        let bytes = read(&file.name).ok_or_else(|| ManifestFault::Missing(file.name.clone()))?;
        let is_same = u64::try_from(bytes.len()) == Ok(file.bytes)
            && Hash::of_bytes(&bytes).to_string() == file.sha256;
        if !is_same {
            return Err(ManifestFault::Altered(file.name.clone()));
        }
    }
    Ok(manifest)
}

/// Checks a manifest under the public key, and no file of it.
///
/// # Errors
/// [`ManifestFault`] when it was altered, or another key signed it.
pub fn signed(manifest: &[u8], public: &[u8; 32]) -> Result<Manifest, ManifestFault> {
    let key = VerifyingKey::from_bytes(public).map_err(|_point| ManifestFault::Key)?;
    let (body, signature) = split(manifest).ok_or(ManifestFault::Unreadable)?;
    let verified = key.verify_strict(body.as_bytes(), &signature);
    verified.map_err(|_signature| ManifestFault::Signature)?;
    let manifest: Manifest =
        serde_json::from_str(&body).map_err(|_json| ManifestFault::Unreadable)?;
    let known = manifest.schema == schema(&manifest.report) && manifest.key == key_id(public);
    known.then_some(manifest).ok_or(ManifestFault::Unreadable)
}

/// What was signed, and the signature.
fn split(manifest: &[u8]) -> Option<(String, Signature)> {
    let text = std::str::from_utf8(manifest).ok()?;
    let (head, signature) = text.strip_suffix(AFTER_SIGNATURE)?.rsplit_once(BEFORE_SIGNATURE)?;
    let signature = HEXLOWER.decode(signature.as_bytes()).ok()?;
    Some((format!("{head}{END}"), Signature::from_slice(&signature).ok()?))
}

fn schema(report: &str) -> String {
    format!("{report}_report_manifest.v1")
}

impl ManifestFile {
    fn of(file: &ReportFile) -> Self {
        Self {
            name: file.name.clone(),
            bytes: u64::try_from(file.bytes.len()).unwrap_or(u64::MAX),
            sha256: file.sha256().to_string(),
        }
    }
}
