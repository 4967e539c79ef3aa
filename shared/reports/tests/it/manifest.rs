//! The manifest: it holds every file, and nothing in it or in them can be changed unnoticed.

use std::collections::BTreeMap;
use std::process::Command;

use proptest::prelude::*;
use reports::fund::{figures, files, manifest};
use reports::{Manifest, ManifestFault, ReportFile, key_id, public_key, verify};

use super::year::played;

/// A key of the tests, which signs nothing else.
const SEED: [u8; 32] = [7; 32];

fn made() -> (Vec<ReportFile>, ReportFile) {
    let figures = figures(&played(5, 30).over("2026-03")).unwrap();
    let files = files(&figures).unwrap();
    let manifest = manifest(&figures, &files, &SEED).unwrap();
    (files, manifest)
}

fn checked(files: &[ReportFile], manifest: &[u8]) -> Result<Manifest, ManifestFault> {
    let by_name: BTreeMap<&str, &[u8]> =
        files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
    verify(manifest, &public_key(&SEED), |name| by_name.get(name).map(|bytes| bytes.to_vec()))
}

#[test]
fn a_manifest_says_what_the_report_is() {
    let (files, manifest) = made();
    let told = checked(&files, &manifest.bytes).unwrap();
    assert_eq!(told.schema, "fund_report_manifest.v1");
    assert_eq!((told.region.as_str(), told.period.as_str()), ("140581", "2026-03"));
    assert!(told.over && told.as_of.starts_with("2026-04-01T00:00:00"));
    assert_eq!(told.key, key_id(&public_key(&SEED)));
    assert_eq!(told.files.len(), 6);
    assert_eq!(told.position.len(), 8);
    let json: serde_json::Value = serde_json::from_slice(&manifest.bytes).unwrap();
    assert_eq!(json["final"], true);
    assert_eq!(json["signature"].as_str().unwrap().len(), 128);
}

#[test]
fn any_changed_byte_of_the_manifest_is_found() {
    let (files, manifest) = made();
    for at in 0..manifest.bytes.len() {
        for flip in [1, 0x20, 0x80] {
            let mut bytes = manifest.bytes.clone();
            bytes[at] ^= flip;
            assert!(checked(&files, &bytes).is_err(), "byte {at}");
        }
    }
    for more in [b"\n".as_slice(), b" ", b"{}"] {
        assert!(checked(&files, &[&manifest.bytes, more].concat()).is_err());
        assert!(checked(&files, &[more, &manifest.bytes].concat()).is_err());
    }
}

#[test]
fn a_file_that_is_gone_or_another_key_is_found() {
    let (mut files, manifest) = made();
    let gone = files.pop().unwrap();
    assert_eq!(checked(&files, &manifest.bytes), Err(ManifestFault::Missing(gone.name)));
    let other = verify(&manifest.bytes, &public_key(&[8; 32]), |_| None);
    assert_eq!(other, Err(ManifestFault::Signature));
}

#[test]
fn signing_twice_gives_the_same_bytes() {
    assert_eq!(made(), made());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_byte_of_a_file_is_found(file in 0..6_usize, at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        static MADE: std::sync::OnceLock<(Vec<ReportFile>, ReportFile)> = std::sync::OnceLock::new();
        let (files, manifest) = MADE.get_or_init(made);
        let mut files = files.clone();
        let at = at.index(files[file].bytes.len());
        files[file].bytes[at] ^= flip;
        let name = files[file].name.clone();
        prop_assert_eq!(checked(&files, &manifest.bytes), Err(ManifestFault::Altered(name)));
    }
}

/// Somebody without this program checks it as `docs/reports.md` says: with openssl and a text tool.
#[test]
fn another_program_can_check_the_signature() {
    let there = Command::new("openssl").arg("version").output();
    if !there.is_ok_and(|output| output.stdout.starts_with(b"OpenSSL 3")) {
        println!("SKIPPED: the signature was not checked by another program: install OpenSSL 3");
        return;
    }
    let (_, manifest) = made();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = String::from_utf8(manifest.bytes).unwrap();
    std::fs::write(path("manifest.json"), &text).unwrap();
    // The prefix of a public key of Ed25519 (RFC 8410).
    let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    std::fs::write(path("key.der"), [&prefix[..], &public_key(&SEED)].concat()).unwrap();
    let script = "set -e
        sed -n 's/^  \"signature\": \"\\([0-9a-f]*\\)\"$/\\1/p' manifest.json | tr -d '\\n' \
            | sed 's/../\\\\x&/g' | xargs -0 printf '%b' > signature
        perl -0pe 's/,\\n  \"signature\": \"[0-9a-f]*\"\\n}\\n$/\\n}/' manifest.json > body
        openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in body -sigfile signature";
    let output = Command::new("bash").args(["-c", script]).current_dir(folder.path()).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("Signature Verified Successfully"),
        "{output:?}"
    );
}
