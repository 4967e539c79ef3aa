//! Who leads an item at a place, and who assists there.

use std::collections::BTreeSet;

use super::{Item, Lead};
use crate::command::DispatchTo;
use crate::directory::{Directory, UnitKind};
use crate::ids::UnitCode;
use crate::lifecycle::Tier;
use crate::matter::Units;
use crate::place::Located;

/// Where an item leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// To this unit.
    To(DispatchTo),
    /// That depends on the place, and the place is not known well enough: a person must say.
    NeedsPlace,
    /// It is not the city's; the item says where to go instead.
    Elsewhere,
    /// To a unit that this directory does not have: the catalog was checked by another one.
    Missing(UnitCode),
}

/// Whether the place is in a village (村). Where only the township is known, it still is if the
/// township has nothing but villages, and is not if it has nothing but communities.
fn in_village(place: &Located, directory: &Directory) -> Option<bool> {
    if let Some(known) = place.in_village() {
        return Some(known);
    }
    let below = directory.children(place.township.as_ref()?);
    let kinds: BTreeSet<bool> = below.map(|unit| unit.kind == UnitKind::Village).collect();
    kinds.first().copied().filter(|_| kinds.len() == 1)
}

impl Item {
    /// Where it leads when `unit` of `tier` is to have it; `confidence` in thousandths, `None` when a
    /// person chose.
    #[must_use]
    pub fn to(&self, unit: UnitCode, tier: Tier, confidence: Option<u16>) -> DispatchTo {
        let (item, catalog) = (self.code.clone(), Some(self.catalog));
        DispatchTo { item, catalog, unit, tier, limit: self.limit, confidence }
    }

    /// Where it leads at this place. Of who leads in villages and who leads elsewhere none is guessed.
    #[must_use]
    pub fn lead_at(
        &self,
        place: &Located,
        directory: &Directory,
        confidence: Option<u16>,
    ) -> Where {
        if self.elsewhere.is_some() {
            return Where::Elsewhere;
        }
        let lead = match &self.in_villages {
            None => &self.lead,
            Some(other) if *other == self.lead => other,
            Some(other) => match in_village(place, directory) {
                Some(true) => other,
                Some(false) => &self.lead,
                None => return Where::NeedsPlace,
            },
        };
        let unit = match lead {
            Lead::Unit(unit) => unit,
            Lead::Township => match &place.township {
                Some(township) => township,
                None => return Where::NeedsPlace,
            },
        };
        directory.unit(unit).map_or_else(
            || Where::Missing(unit.clone()),
            |found| Where::To(self.to(unit.clone(), found.tier(), confidence)),
        )
    }

    /// Who assists `lead` at this place. A township is left out while the place is not known, and so is
    /// who leads already.
    #[must_use]
    pub fn assisting_at(&self, place: &Located, lead: &UnitCode) -> Units {
        let units = self.assisting.iter().filter_map(|assisting| match assisting {
            Lead::Unit(unit) => Some(unit),
            Lead::Township => place.township.as_ref(),
        });
        Units(units.filter(|unit| *unit != lead).cloned().collect())
    }
}
