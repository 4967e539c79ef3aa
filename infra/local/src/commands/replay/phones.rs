//! What the played phones remember: the keys of the photos that they have put.
//!
//! A phone that sends its report again sends the same one, and so must a replay that was killed and
//! is started again: with other keys it would be another request. A line is written when all photos
//! of a message are in the store and before any request names them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use domain::UploadKey;

use super::messages::Message;

/// The file of the data directory, and what it held at the start.
#[derive(Debug)]
pub(super) struct Phones {
    file: Mutex<File>,
    kept: BTreeMap<String, Vec<String>>,
    seed: u64,
}

/// One line: seed, message, keys.
fn parse(line: &str) -> Option<(String, Vec<String>)> {
    let (of, keys) = line.split_once(": ")?;
    let keys: Vec<String> = keys.split(' ').map(str::to_owned).collect();
    // A line that a kill has cut short names no whole key.
    keys.iter().all(|key| UploadKey::parse(key).is_ok()).then(|| (of.to_owned(), keys))
}

impl Phones {
    pub(super) fn open(path: &Path, seed: u64) -> anyhow::Result<Self> {
        let text = if path.exists() {
            std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?
        } else {
            String::new()
        };
        let cannot = || format!("cannot write {}", path.display());
        let mut file = File::options().create(true).append(true).open(path).with_context(cannot)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n").with_context(cannot)?;
        }
        let kept = text.lines().filter_map(parse).collect();
        Ok(Self { file: Mutex::new(file), kept, seed })
    }

    fn of(&self, message: &Message) -> String {
        format!("{} {}", self.seed, message.id)
    }

    /// The keys of a message's photos, if they were put before.
    pub(super) fn kept(&self, message: &Message) -> Option<Vec<String>> {
        self.kept.get(&self.of(message)).filter(|keys| keys.len() == message.photos).cloned()
    }

    pub(super) fn keep(&self, message: &Message, keys: &[String]) -> anyhow::Result<()> {
        let line = format!("{}: {}\n", self.of(message), keys.join(" "));
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).context("cannot write what the played phones remember")
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::*;

    fn key(at: u8) -> String {
        let region = domain::RegionCode::parse("140581").unwrap();
        let wall = domain::Timestamp::from_millis(1_750_000_000_000);
        UploadKey::new(&region, wall, &[at; 16]).as_str().to_owned()
    }

    #[test]
    fn what_was_put_is_remembered_and_a_line_cut_short_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("phones.txt");
        let mut all = messages::read(&[]).unwrap().into_iter();
        let (mut first, mut second) = (all.next().unwrap(), all.next().unwrap());
        (first.photos, second.photos) = (2, 2);
        let phones = Phones::open(&path, 1).unwrap();
        assert_eq!(phones.kept(&first), None);
        phones.keep(&first, &[key(1), key(2)]).unwrap();
        phones.keep(&second, &[key(3), key(4)]).unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        for cut in 2..30 {
            std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            let phones = Phones::open(&path, 1).unwrap();
            assert_eq!(phones.kept(&first), Some(vec![key(1), key(2)]));
            assert_eq!(phones.kept(&second), None, "cut by {cut}");
            phones.keep(&second, &[key(5), key(6)]).unwrap();
            let phones = Phones::open(&path, 1).unwrap();
            assert_eq!(phones.kept(&second), Some(vec![key(5), key(6)]));
        }
        assert_eq!(Phones::open(&path, 2).unwrap().kept(&first), None, "another city's phones");
    }
}
