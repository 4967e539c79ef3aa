//! The daily head: what binds all tickets of a city to one hash a day.
//!
//! A chain proves itself but not its end: who rewrites a whole ticket, or cuts its tail, leaves a
//! chain that verifies. So every night the heads of all tickets that are open or have changed go
//! into a Merkle tree (RFC 9162), whose root lies in the locked bucket, naming the day's before. The
//! leaves lie beside it as lines of text, so that anybody can make a proof. Neither holds
//! anything about a person.

use domain::merkle::{Leaf, root};
use domain::{Hash, RegionCode, Timestamp};
use serde::{Deserialize, Serialize};

/// The JSON object in the archive. Members stand in alphabetical order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DailyHead {
    /// The Beijing date whose tickets it holds: `2026-03-01`.
    pub date: String,
    /// `lianxin.daily_head.v1`.
    pub format: String,
    /// How many leaves the tree has.
    pub leaves: usize,
    /// The head before; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousHead>,
    /// The administrative division.
    pub region: String,
    /// The root of the tree, in hexadecimal.
    pub root: String,
}

/// The head before another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviousHead {
    /// Its date.
    pub date: String,
    /// SHA-256 of its object, in hexadecimal.
    pub sha256: String,
}

/// A head with its leaves, as they lie in the archive, each held to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedHead {
    /// The head.
    pub head: DailyHead,
    /// SHA-256 of its object.
    pub sha256: Hash,
    /// The leaves of its tree, in the order of the tickets' ids.
    pub leaves: Vec<Leaf>,
}

/// Why two objects are not a published head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// The head is not of this format.
    #[error("the head is not of this format")]
    Format,
    /// The list is not lines of leaves in order.
    #[error("the list of leaves is not of this format")]
    Leaves,
    /// The list does not give the head's root.
    #[error("the leaves give another root than the head names")]
    Root,
}

impl DailyHead {
    /// The format this code writes.
    pub const FORMAT: &'static str = "lianxin.daily_head.v1";

    /// The head of a day with these leaves, in the order of the tickets' ids.
    #[must_use]
    pub fn of(
        region: &RegionCode,
        date: &str,
        leaves: &[Leaf],
        previous: Option<&PublishedHead>,
    ) -> Self {
        let hashes: Vec<Hash> = leaves.iter().map(Leaf::hash).collect();
        Self {
            date: date.to_owned(),
            format: Self::FORMAT.to_owned(),
            leaves: leaves.len(),
            previous: previous.map(|previous| PreviousHead {
                date: previous.head.date.clone(),
                sha256: previous.sha256.to_string(),
            }),
            region: region.to_string(),
            root: root(&hashes).to_string(),
        }
    }

    /// The bytes of the object.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The first instant of its day in Beijing; `None` when its date is none.
    #[must_use]
    pub fn begins(&self) -> Option<Timestamp> {
        Timestamp::parse(&format!("{}T00:00:00+08:00", self.date)).ok()
    }

    /// Whether this is the head that follows on `previous`.
    #[must_use]
    pub fn follows(&self, previous: Option<&PublishedHead>) -> bool {
        let named = self.previous.as_ref().map(|p| (p.date.as_str(), p.sha256.as_str()));
        let sha256 = previous.map(|previous| previous.sha256.to_string());
        named == previous.map(|p| p.head.date.as_str()).zip(sha256.as_deref())
    }
}

impl PublishedHead {
    /// Reads the two objects of a day.
    ///
    /// # Errors
    /// [`HeadFault`].
    pub fn read(head: &[u8], leaves: &[u8]) -> Result<Self, HeadFault> {
        let sha256 = Hash::of_bytes(head);
        let head: DailyHead = serde_json::from_slice(head).map_err(|_quoted| HeadFault::Format)?;
        if head.format != DailyHead::FORMAT {
            return Err(HeadFault::Format);
        }
        let leaves = leaves_from_bytes(leaves).ok_or(HeadFault::Leaves)?;
        let hashes: Vec<Hash> = leaves.iter().map(Leaf::hash).collect();
        if head.leaves != leaves.len() || head.root != root(&hashes).to_string() {
            return Err(HeadFault::Root);
        }
        Ok(Self { head, sha256, leaves })
    }
}

/// The list of leaves as it lies in the archive: a line each, in the order of the tickets' ids.
#[must_use]
pub fn leaves_to_bytes(leaves: &[Leaf]) -> Vec<u8> {
    leaves.iter().map(|leaf| format!("{leaf}\n")).collect::<String>().into_bytes()
}

/// Reads such a list; `None` when a line is none, or the tickets are not in order.
#[must_use]
pub fn leaves_from_bytes(bytes: &[u8]) -> Option<Vec<Leaf>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let leaves: Vec<Leaf> = text.lines().map(Leaf::parse).collect::<Option<_>>()?;
    let ordered = leaves.iter().zip(leaves.iter().skip(1)).all(|(a, b)| a.ticket < b.ticket);
    (ordered && leaves_to_bytes(&leaves) == bytes).then_some(leaves)
}

/// What the keys of all heads and leaves begin with.
#[must_use]
pub fn heads_prefix(region: &RegionCode) -> String {
    format!("h/{region}/")
}

/// Where the head of a date lies: `h/<region>/<yyyy>/<mm>/<dd>.json`. The order of the keys is that
/// of the dates.
#[must_use]
pub fn head_key(region: &RegionCode, date: &str) -> String {
    format!("{}{}.json", heads_prefix(region), date.replace('-', "/"))
}

/// Where the leaves of a head lie: beside it, as `<dd>.txt`.
#[must_use]
pub fn leaves_key(head_key: &str) -> String {
    format!("{}.txt", head_key.trim_end_matches(".json"))
}

#[cfg(test)]
mod tests {
    use domain::TicketId;

    use super::*;

    fn leaf(id: char, version: u32) -> Leaf {
        let ticket = TicketId::parse(&format!("0123456789abcdefghjkmnpqr{id}")).unwrap();
        Leaf { ticket, version, head: Hash::of_bytes(b"x") }
    }

    fn publish(leaves: &[Leaf], previous: Option<&PublishedHead>) -> PublishedHead {
        let region = RegionCode::parse("140581").unwrap();
        let head = DailyHead::of(&region, "2026-03-01", leaves, previous);
        PublishedHead::read(&head.to_bytes(), &leaves_to_bytes(leaves)).unwrap()
    }

    #[test]
    fn heads_are_chained_and_read_back() {
        let first = publish(&[], None);
        let second = publish(&[leaf('a', 1), leaf('b', 2)], Some(&first));
        assert!(first.head.follows(None) && second.head.follows(Some(&first)));
        assert!(!second.head.follows(None) && !first.head.follows(Some(&second)));
        assert!(!second.head.follows(Some(&second)));
    }

    #[test]
    fn a_leaf_that_was_changed_left_out_or_moved_is_noticed() {
        let leaves = [leaf('a', 1), leaf('b', 2)];
        let head = publish(&leaves, None).head.to_bytes();
        let read = |leaves: &[Leaf]| PublishedHead::read(&head, &leaves_to_bytes(leaves));
        assert!(read(&leaves).is_ok());
        assert_eq!(read(&[leaf('a', 1), leaf('b', 3)]), Err(HeadFault::Root));
        assert_eq!(read(&[leaf('a', 1)]), Err(HeadFault::Root));
        assert_eq!(read(&[leaf('b', 2), leaf('a', 1)]), Err(HeadFault::Leaves));
        assert_eq!(read(&[leaf('a', 1), leaf('a', 1)]), Err(HeadFault::Leaves));
        assert_eq!(PublishedHead::read(b"{}", b""), Err(HeadFault::Format));
        assert_eq!(PublishedHead::read(&head, b"a line\n"), Err(HeadFault::Leaves));
    }

    #[test]
    fn the_order_of_keys_is_that_of_the_dates() {
        let region = RegionCode::parse("140581").unwrap();
        let key = head_key(&region, "2026-03-01");
        assert_eq!(key, "h/140581/2026/03/01.json");
        assert_eq!(leaves_key(&key), "h/140581/2026/03/01.txt");
        assert!(key < head_key(&region, "2026-12-31") && key.starts_with(&heads_prefix(&region)));
    }
}
