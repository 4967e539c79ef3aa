//! The gazetteer (地名库), and how what was found in a request is put together.
//!
//! Tier by tier, from the township down: what most names agree on is taken, by weight; of what stays
//! equal only the point decides. What a text names is before the point, because people report from
//! elsewhere; where they do not contradict each other the point says the grid, because nobody knows
//! his grid by heart.

use std::collections::{BTreeMap, BTreeSet};

use super::area::Area;
use super::names::{Name, Names, Spot};
use super::words::short_form;
use super::{Code, Located, Places, Point};
use crate::directory::{Directory, Unit, UnitKind};
use crate::ids::{GridCode, UnitCode};

/// A name in the title or in the address counts so often, as a word in the title does in dispatch.
const WEIGHT_OF_TITLE: u32 = 3;
/// A name in the body.
const WEIGHT_OF_BODY: u32 = 1;
/// Shorter codes of grids, in characters, are not looked for in a text: they are numbers like others.
const GRID_CODE_CHARS_MIN: usize = 6;

/// All names and areas of a city, made once for a directory and its places.
#[derive(Clone, Debug, Default)]
pub struct Gazetteer {
    names: Names,
    /// In the order of the grids' codes: of areas that overlap the first counts.
    areas: Vec<(Area, Spot)>,
    /// Of each village or community, whether it is a village.
    villages: BTreeMap<UnitCode, bool>,
}

/// A name that was found, and how much it counts: once for each part of the request that has it.
struct Mention<'g> {
    name: &'g Name,
    weight: u32,
    /// The part that had it last.
    part: usize,
}

/// Notes a mention; of one that is noted already only the weight, and only if in another part.
fn note<'g>(mentions: &mut Vec<Mention<'g>>, new: Mention<'g>) {
    let Some(old) = mentions.iter_mut().find(|old| std::ptr::eq(old.name, new.name)) else {
        mentions.push(new);
        return;
    };
    if old.part != new.part {
        old.weight += new.weight;
        old.part = new.part;
    }
}

/// What is known of one tier.
struct Settled<'a, K> {
    found: Option<&'a K>,
    is_torn: bool,
}

fn spot_of_unit(directory: &Directory, unit: &Unit) -> Option<Spot> {
    let township = directory.township_of(&unit.code)?.code.clone();
    let village = (unit.code != township).then(|| unit.code.clone());
    Some(Spot { township, village, grid: None })
}

fn spot_of_grid(directory: &Directory, grid: &GridCode) -> Option<Spot> {
    let village = directory.unit(&directory.grid(grid)?.village)?;
    Some(Spot { grid: Some(grid.clone()), ..spot_of_unit(directory, village)? })
}

fn spot(directory: &Directory, code: &Code) -> Option<Spot> {
    match code {
        Code::Unit(unit) => spot_of_unit(directory, directory.unit(unit)?),
        Code::Grid(grid) => spot_of_grid(directory, grid),
    }
}

/// Of every part of at least two characters of the names, in how many of them it stands.
fn shared_parts<'d>(names: impl Iterator<Item = &'d str>) -> BTreeMap<&'d str, usize> {
    let mut parts = BTreeMap::new();
    for name in names {
        let starts = || name.char_indices().map(|(at, _)| at);
        let ends = || starts().skip(1).chain([name.len()]);
        let of = |from: usize| ends().filter_map(move |to| name.get(from..to));
        let own: BTreeSet<&str> = starts().flat_map(of).collect();
        for part in own {
            *parts.entry(part).or_default() += 1;
        }
    }
    parts
}

/// The keys that the most weight speaks for: several when they are equal. A name that stands in several
/// places speaks for each of them.
fn leading<'g, K: Ord>(
    mentions: &[Mention<'g>],
    key: impl Fn(&'g Spot) -> Option<&'g K>,
) -> Vec<&'g K> {
    let mut weights: BTreeMap<&K, u32> = BTreeMap::new();
    for mention in mentions {
        let keys: BTreeSet<&K> = mention.name.spots.iter().filter_map(&key).collect();
        for key in keys {
            *weights.entry(key).or_default() += mention.weight;
        }
    }
    let most = weights.values().max().copied();
    weights.into_iter().filter(|(_, weight)| Some(*weight) == most).map(|(key, _)| key).collect()
}

/// What the leading ones and the point say together.
fn settle<'g, K: Ord>(leading: &[&'g K], point: Option<&'g K>) -> Settled<'g, K> {
    match leading {
        [] => Settled { found: point, is_torn: false },
        [one] => Settled { found: Some(one), is_torn: false },
        several => {
            let found = point.filter(|point| several.contains(point));
            Settled { found, is_torn: found.is_none() }
        }
    }
}

impl Gazetteer {
    /// Makes a gazetteer of the names in a directory and of places that were read for it; a place whose
    /// code this directory does not have is left out.
    #[must_use]
    pub fn new(directory: &Directory, places: &Places) -> Self {
        let mut all = Self::default();
        all.name_units(directory);
        for grid in directory.grids().filter(|grid| grid.code.as_str().len() >= GRID_CODE_CHARS_MIN)
        {
            let spot = spot_of_grid(directory, &grid.code);
            spot.into_iter().for_each(|spot| all.names.add(grid.code.as_str(), false, spot));
        }
        for place in &places.names {
            for spot in place.codes.iter().filter_map(|code| spot(directory, code)) {
                all.names.add(&place.name, false, spot);
            }
        }
        let areas = places.areas.iter();
        let areas =
            areas.filter_map(|(grid, area)| Some((area.clone(), spot_of_grid(directory, grid)?)));
        all.areas = areas.collect();
        all
    }

    /// Adds townships and villages, by their names and by the short forms that no other one's name has
    /// in it.
    fn name_units(&mut self, directory: &Directory) {
        let units =
            || directory.units().filter_map(|unit| Some((unit, spot_of_unit(directory, unit)?)));
        let parts = shared_parts(units().map(|(unit, _)| unit.name.as_str()));
        for (unit, spot) in units() {
            match unit.kind {
                UnitKind::Village => drop(self.villages.insert(unit.code.clone(), true)),
                UnitKind::Community => drop(self.villages.insert(unit.code.clone(), false)),
                UnitKind::Centre
                | UnitKind::Department
                | UnitKind::Utility
                | UnitKind::Institution
                | UnitKind::Township => {}
            }
            let short = short_form(&unit.name).filter(|short| parts.get(short) == Some(&1));
            short.into_iter().for_each(|short| self.names.add(short, true, spot.clone()));
            self.names.add(&unit.name, false, spot);
        }
    }

    /// Says where a request lies: by the names in its title, body and address, and by its point. Names in
    /// title and address weigh three times those in the body. A point in no area says nothing, nor does
    /// one that contradicts the text; the grid then stays open.
    #[must_use]
    pub fn locate(
        &self,
        title: &str,
        body: &str,
        address: Option<&str>,
        point: Option<Point>,
    ) -> Located {
        let mentions = self.mentions([
            (title, WEIGHT_OF_TITLE),
            (address.unwrap_or_default(), WEIGHT_OF_TITLE),
            (body, WEIGHT_OF_BODY),
        ]);
        let pointed = point.and_then(|point| self.spot_at(point));
        self.resolve(&mentions, pointed)
    }

    fn mentions(&self, parts: [(&str, u32); 3]) -> Vec<Mention<'_>> {
        let mut mentions = Vec::new();
        for (part, (text, weight)) in parts.into_iter().enumerate() {
            for name in self.names.found_in(text) {
                note(&mut mentions, Mention { name, weight, part });
            }
        }
        mentions
    }

    fn spot_at(&self, point: Point) -> Option<&Spot> {
        self.areas.iter().find(|(area, _)| area.contains(point)).map(|(_, spot)| spot)
    }

    fn resolve<'g>(&'g self, mentions: &[Mention<'g>], pointed: Option<&'g Spot>) -> Located {
        let township = settle(
            &leading(mentions, |spot| Some(&spot.township)),
            pointed.map(|spot| &spot.township),
        );
        let is_there = |spot: &Spot| Some(&spot.township) == township.found;
        // From here on the point speaks only where it is in what was found so far.
        let near = pointed.filter(|spot| is_there(spot));
        let named = leading(mentions, |spot| spot.village.as_ref().filter(|_| is_there(spot)));
        let village = settle(&named, near.and_then(|spot| spot.village.as_ref()));
        let is_in_it =
            |spot: &Spot| village.found.is_some() && spot.village.as_ref() == village.found;
        let near = near.filter(|spot| is_in_it(spot));
        let grid = if pointed.is_some() {
            near.and_then(|spot| spot.grid.as_ref())
        } else {
            let named = leading(mentions, |spot| spot.grid.as_ref().filter(|_| is_in_it(spot)));
            settle(&named, None).found
        };
        let ambiguous = township.is_torn || village.is_torn;
        let agrees = |spot: &Spot| is_there(spot) && (spot.village.is_none() || is_in_it(spot));
        let spoke = |mention: &&Mention<'g>| ambiguous || mention.name.spots.iter().any(agrees);
        Located {
            township: township.found.cloned(),
            village: village.found.cloned(),
            grid: grid.cloned(),
            by: mentions.iter().filter(spoke).map(|mention| mention.name.text.clone()).collect(),
            ambiguous,
            in_village: village.found.and_then(|village| self.villages.get(village)).copied(),
        }
    }
}
