//! The names of a gazetteer, and which of them stand in a text.

use std::collections::BTreeMap;

use super::words::stands_alone;
use crate::ids::{GridCode, UnitCode};

/// Where a name can be: a township, and in it a village, and in that a grid, as far as the name says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) township: UnitCode,
    pub(super) village: Option<UnitCode>,
    pub(super) grid: Option<GridCode>,
}

/// A name and the spots that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    /// As a text is looked through.
    characters: Vec<char>,
    /// Whether it is a unit's name without its last part.
    is_short: bool,
    pub(super) spots: Vec<Spot>,
}

/// All names by their first characters, the longest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    by_first: BTreeMap<char, Vec<Name>>,
}

/// Forms of full width are those of a keyboard's other mode.
fn folded(text: &str) -> Vec<char> {
    let fold = |c: char| match c {
        '！'..='～' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    };
    text.chars().map(fold).collect()
}

/// What a code is made of.
const fn is_of_code(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

impl Name {
    /// Whether it stands at a place in a text: not within a longer number or code.
    fn stands_at(&self, text: &[char], at: usize) -> bool {
        let (before, rest) = text.split_at_checked(at).unwrap_or((text, &[]));
        let Some(after) = rest.strip_prefix(self.characters.as_slice()) else { return false };
        let before = before.last();
        let runs_on = |outer: Option<&char>, inner: Option<&char>| {
            outer.zip(inner).is_some_and(|(outer, inner)| is_of_code(*outer) && is_of_code(*inner))
        };
        !runs_on(before, self.characters.first())
            && !runs_on(after.first(), self.characters.last())
            && (!self.is_short || stands_alone(before.copied(), after))
    }
}

impl Names {
    /// Adds a spot to a name. A short form that is somewhere's whole name is only that.
    pub(super) fn add(&mut self, text: &str, is_short: bool, spot: Spot) {
        let characters = folded(text);
        let Some(first) = characters.first() else { return };
        let alike = self.by_first.entry(*first).or_default();
        match alike.iter_mut().find(|name| name.characters == characters) {
            Some(name) if name.is_short == is_short => {
                if !name.spots.contains(&spot) {
                    name.spots.push(spot);
                }
            }
            Some(name) if name.is_short => {
                name.is_short = false;
                name.spots = vec![spot];
            }
            Some(_) => {}
            None => {
                let text = text.to_owned();
                let spots = vec![spot];
                let longer = |name: &Name| name.characters.len() >= characters.len();
                let at = alike.partition_point(longer);
                alike.insert(at, Name { text, characters, is_short, spots });
            }
        }
    }

    /// The names in a text from its beginning on, at each place the longest; none overlaps another, so
    /// a name within a name that was found does not speak.
    pub(super) fn found_in(&self, text: &str) -> Vec<&Name> {
        let text = folded(text);
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(first) = text.get(at) {
            let mut alike = self.by_first.get(first).into_iter().flatten();
            let name = alike.find(|name| name.stands_at(&text, at));
            at += name.map_or(1, |name| name.characters.len());
            found.extend(name);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(township: &str) -> Spot {
        let township = UnitCode::parse(township).unwrap();
        Spot { township, village: None, grid: None }
    }

    fn names() -> Names {
        let mut names = Names::default();
        for name in ["石榴沟村", "石榴沟桥", "石榴", "青禾路", "140581004001"] {
            names.add(name, false, spot("a"));
        }
        names.add("石榴沟", true, spot("a"));
        names
    }

    fn found<'n>(names: &'n Names, text: &str) -> Vec<&'n str> {
        names.found_in(text).into_iter().map(|name| name.text.as_str()).collect()
    }

    #[test]
    fn the_longest_name_speaks_and_those_within_it_do_not() {
        let names = names();
        for (text, expected) in [
            ("石榴沟桥头", &["石榴沟桥"][..]),
            ("去石榴沟看石榴", &["石榴沟", "石榴"]),
            ("石榴沟村石榴沟村", &["石榴沟村", "石榴沟村"]),
            ("下石榴沟", &["石榴"]),
            ("石榴沟路灯", &["石榴沟"]),
            ("石榴沟小区", &["石榴"]),
            ("石", &[]),
            ("", &[]),
        ] {
            assert_eq!(found(&names, text), expected, "{text}");
        }
    }

    #[test]
    fn a_code_is_found_by_itself_and_not_within_a_number() {
        let names = names();
        for text in ["网格140581004001的路", "１４０５８１００４００１", "140581004001"]
        {
            assert_eq!(found(&names, text), ["140581004001"], "{text}");
        }
        for text in ["1140581004001", "1405810040011", "x-140581004001", "14058100400"] {
            assert!(found(&names, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_whole_name_is_before_a_short_form_that_is_alike() {
        let mut names = names();
        names.add("石榴沟", false, spot("b"));
        names.add("石榴沟", true, spot("c"));
        names.add("石榴沟", false, spot("d"));
        let all = names.found_in("下石榴沟");
        assert_eq!(all[0].spots, [spot("b"), spot("d")]);
    }
}
