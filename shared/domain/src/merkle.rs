//! The Merkle tree over the heads of tickets, as RFC 9162 (Certificate Transparency 2.0) defines it in
//! section 2.1, with SHA-256: whoever has any tool for that can check a published head without us.

use sha2::{Digest, Sha256};

use crate::hash::Hash;
use crate::ids::TicketId;

/// The head of one ticket as a published tree holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    /// The ticket.
    pub ticket: TicketId,
    /// The number of its events then.
    pub version: u32,
    /// The hash of the last of them.
    pub head: Hash,
}

/// `<ticket> <version> <head>`: a line of a published list, and the data of the tree's leaf.
impl std::fmt::Display for Leaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.ticket, self.version, self.head)
    }
}

impl Leaf {
    /// Reads a line back; `None` unless it is exactly what [`Leaf`] writes.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(' ');
        let ticket = TicketId::parse(parts.next()?).ok()?;
        let version = parts.next()?.parse().ok()?;
        let leaf = Self { ticket, version, head: Hash::parse(parts.next()?)? };
        (leaf.to_string() == line).then_some(leaf)
    }

    /// The hash of this leaf.
    #[must_use]
    pub fn hash(&self) -> Hash {
        leaf_hash(self.to_string().as_bytes())
    }
}

fn leaf_hash(data: &[u8]) -> Hash {
    Hash::of_bytes(&[&[0], data].concat())
}

fn node(left: Hash, right: Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    Hash::from_digest(hasher.finalize().into())
}

/// Where RFC 9162 cuts a list of two or more: at the largest power of two that is smaller.
fn cut(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

/// The Merkle tree hash of leaf hashes (RFC 9162, 2.1.1); of none, SHA-256 of nothing.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of_bytes(&[]),
        [one] => *one,
        more => {
            let (left, right) = cut(more);
            node(root(left), root(right))
        }
    }
}

/// The inclusion proof of the leaf at `index` (RFC 9162, 2.1.3.1), lowest first; `None` when there is
/// no such leaf.
#[must_use]
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if leaves.len() <= 1 {
        return (index < leaves.len()).then(Vec::new);
    }
    let (left, right) = cut(leaves);
    let (mut path, other) = match index.checked_sub(left.len()) {
        None => (inclusion(left, index)?, root(right)),
        Some(index) => (inclusion(right, index)?, root(left)),
    };
    path.push(other);
    Some(path)
}

/// The root that an inclusion proof leads to (RFC 9162, 2.1.3.2) from a leaf at `index` of a tree of
/// `size` leaves; `None` when the proof is not of the right length.
#[must_use]
pub fn root_by(leaf: Hash, (index, size): (usize, usize), path: &[Hash]) -> Option<Hash> {
    if size <= 1 {
        return (index < size && path.is_empty()).then_some(leaf);
    }
    let (other, path) = path.split_last()?;
    let left = size.next_power_of_two() / 2;
    match index.checked_sub(left) {
        None => Some(node(root_by(leaf, (index, left), path)?, *other)),
        Some(index) => Some(node(*other, root_by(leaf, (index, size - left), path)?)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The test data of the Certificate Transparency project, which every implementation of RFC 6962
    /// and 9162 is held to.
    #[test]
    fn roots_are_those_of_the_standards_test_data() {
        let data = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let leaves: Vec<Hash> = data
            .iter()
            .map(|hex| leaf_hash(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()))
            .collect();
        for (size, expected) in (1..).zip(roots) {
            assert_eq!(root(&leaves[..size]).to_string(), expected);
        }
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(root(&[]).to_string(), nothing);
    }

    fn leaves(size: usize) -> Vec<Hash> {
        (0..size).map(|n| leaf_hash(n.to_string().as_bytes())).collect()
    }

    proptest! {
        #[test]
        fn a_proof_leads_to_the_root_and_no_other_does(
            size in 1_usize..70, at in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>(),
        ) {
            let (leaves, index) = (leaves(size), at.index(size));
            let path = inclusion(&leaves, index).unwrap();
            prop_assert_eq!(root_by(leaves[index], (index, size), &path), Some(root(&leaves)));
            prop_assert_ne!(root_by(leaf_hash(b"other"), (index, size), &path), Some(root(&leaves)));
            for other in (0..size).filter(|other| *other != index) {
                prop_assert_ne!(root_by(leaves[index], (other, size), &path), Some(root(&leaves)));
            }
            let longer = [path.as_slice(), &[Hash::ZERO]].concat();
            prop_assert_eq!(root_by(leaves[index], (index, size), &longer), None);
            if !path.is_empty() {
                let mut wrong = path.clone();
                wrong[flip.index(path.len())] = Hash::ZERO;
                prop_assert_ne!(root_by(leaves[index], (index, size), &wrong), Some(root(&leaves)));
            }
            prop_assert_eq!(inclusion(&leaves, size), None);
        }
    }

    #[test]
    fn a_line_reads_back_and_only_as_it_was_written() {
        let ticket = TicketId::parse("0123456789abcdefghjkmnpqrs").unwrap();
        let leaf = Leaf { ticket, version: 7, head: Hash::of_bytes(b"x") };
        let line = leaf.to_string();
        assert_eq!(Leaf::parse(&line), Some(leaf));
        for wrong in [
            line.replace(" 7 ", " 07 "),
            line.replace(" 7 ", " +7 "),
            format!("{line} "),
            line.to_uppercase(),
        ] {
            assert_eq!(Leaf::parse(&wrong), None, "{wrong}");
        }
    }
}
