//! A search for canaries in every byte: as they are, as base64 and as hexadecimal, for that is how
//! engines and case files write bytes down.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};

/// Needles are looked up by so many first bytes; a shorter one is no canary but an accident.
const FIRST: usize = 6;

/// What must not be found.
pub(crate) struct Search {
    /// The forms that begin so, and which canary each is of.
    forms: HashMap<[u8; FIRST], Vec<(Vec<u8>, usize)>>,
    canaries: Vec<String>,
}

/// The characters that bytes leave in base64 wherever they stand: at each of three offsets, without
/// those that their neighbours have a part in.
fn base64_forms(bytes: &[u8]) -> [Vec<u8>; 3] {
    [0, 1, 2].map(|offset| {
        let text = BASE64.encode(&[&[0; 2][..offset], bytes].concat());
        let (first, end) = ((offset * 8).div_ceil(6), (offset + bytes.len()) * 8 / 6);
        text.as_bytes()[first..end].to_vec()
    })
}

impl Search {
    /// Of texts, and of bytes that are written `hex:…` as `replay` lists them.
    pub(crate) fn of(canaries: impl IntoIterator<Item = String>) -> Self {
        let canaries: Vec<String> = canaries.into_iter().filter(|one| !one.is_empty()).collect();
        let mut forms: HashMap<_, Vec<_>> = HashMap::new();
        for (at, canary) in canaries.iter().enumerate() {
            let bytes = canary.strip_prefix("hex:").map_or_else(
                || canary.clone().into_bytes(),
                |hex| HEXLOWER.decode(hex.as_bytes()).unwrap(),
            );
            let hex = HEXLOWER.encode(&bytes).into_bytes();
            for form in base64_forms(&bytes).into_iter().chain([bytes, hex]) {
                let first = *form.first_chunk().expect("too short a canary");
                forms.entry(first).or_default().push((form, at));
            }
        }
        Self { forms, canaries }
    }

    pub(crate) fn len(&self) -> usize {
        self.canaries.len()
    }

    /// The first of them in `bytes`.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        (0..bytes.len().saturating_sub(FIRST - 1)).find_map(|at| {
            let rest = &bytes[at..];
            let forms = self.forms.get(rest.first_chunk::<FIRST>()?)?;
            let (_, canary) = forms.iter().find(|(form, _)| rest.starts_with(form))?;
            self.canaries.get(*canary).map(String::as_str)
        })
    }
}

/// Every file below a folder.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// What a city leaves behind, by its name in the data directory; not its secrets, nor the canaries
/// themselves.
pub(crate) fn left_behind(city: &Path) -> Vec<(String, Vec<u8>)> {
    let named = files(city).into_iter().map(|path| {
        let name = path.strip_prefix(city).unwrap().to_string_lossy().into_owned();
        (name, path)
    });
    let looked_at =
        named.filter(|(name, _)| name != "canaries.txt" && !name.starts_with("secrets/"));
    looked_at.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
}

#[test]
fn a_canary_is_seen_in_every_form_and_at_every_offset() {
    let search = Search::of(["样例民甲".to_owned(), "hex:00ff10203040506070".to_owned()]);
    let raw = b"\x00\xff\x10\x20\x30\x40\x50\x60\x70";
    for bytes in ["样例民甲".as_bytes(), raw] {
        for before in 0..4 {
            let plain = [&b"abcd"[..before], bytes, b"efg"].concat();
            for form in [
                plain.clone(),
                BASE64.encode(&plain).into_bytes(),
                HEXLOWER.encode(&plain).into_bytes(),
            ] {
                assert!(search.found_in(&form).is_some(), "blind at {before}");
            }
            let other: Vec<u8> = plain.iter().map(|byte| byte ^ 1).collect();
            assert_eq!(search.found_in(&other), None);
            assert_eq!(search.found_in(BASE64.encode(&other).as_bytes()), None);
        }
    }
}
