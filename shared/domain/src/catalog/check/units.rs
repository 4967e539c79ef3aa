//! Whether the units of an item are there, and may lead.

use std::collections::BTreeSet;

use super::{FaultKind, Found};
use crate::card::COMMAND_CENTRE;
use crate::catalog::Lead;
use crate::directory::{Directory, UnitKind};

/// The directory, as a catalog is held to it.
pub(super) struct Handlers<'d> {
    directory: &'d Directory,
    has_townships: bool,
}

pub(super) fn is_centre(lead: &Lead) -> bool {
    match lead {
        Lead::Unit(unit) => unit.as_str() == COMMAND_CENTRE,
        Lead::Township => false,
    }
}

impl<'d> Handlers<'d> {
    pub(super) fn of(directory: &'d Directory) -> Self {
        let has_townships = directory.units().any(|unit| unit.kind == UnitKind::Township);
        Self { directory, has_townships }
    }

    pub(super) fn check(&self, found: &mut Found<'_, '_>) {
        let item = found.item;
        self.is_there(found, "leads", &item.lead);
        self.may_lead(found, "leads", &item.lead);
        if let Some(lead) = &item.in_villages {
            self.is_there(found, "leads in villages", lead);
            self.may_lead(found, "leads in villages", lead);
            if *lead == item.lead {
                let detail =
                    format!("`{lead}` leads in villages as everywhere: empty `in_villages`");
                found.note(FaultKind::Duplicate, detail);
            }
        }
        let mut seen = BTreeSet::new();
        for unit in &item.assisting {
            self.is_there(found, "assists", unit);
            let detail = if *unit == item.lead {
                format!("`{unit}` leads and assists: take it out of `assisting`")
            } else if !seen.insert(unit) {
                format!("`{unit}` assists twice: name it once")
            } else {
                continue;
            };
            found.note(FaultKind::Duplicate, detail);
        }
    }

    fn is_there(&self, found: &mut Found<'_, '_>, does: &str, lead: &Lead) {
        let detail = match lead {
            Lead::Unit(unit) if self.directory.unit(unit).is_none() => {
                format!("`{unit}`, which {does}, is no unit of the directory: name one that is")
            }
            Lead::Township if !self.has_townships => {
                format!("`{lead}` {does}, but the directory has no townships: name a unit")
            }
            Lead::Unit(_) | Lead::Township => return,
        };
        found.note(FaultKind::MissingUnit, detail);
    }

    fn may_lead(&self, found: &mut Found<'_, '_>, does: &str, lead: &Lead) {
        let Lead::Unit(code) = lead else { return };
        let Some(unit) = self.directory.unit(code) else { return };
        let why = match unit.kind {
            UnitKind::Department | UnitKind::Utility | UnitKind::Institution => return,
            // What is not ours stays with the centre.
            UnitKind::Centre if found.item.elsewhere.is_some() => return,
            UnitKind::Centre => "the command centre dispatches and does not handle",
            UnitKind::Township => "one township leads for every place",
            UnitKind::Village | UnitKind::Community => {
                "a village or community leads only what it found itself"
            }
        };
        let detail = format!("`{code}` {does}, but {why}: name a unit of the city or `@township`");
        found.note(FaultKind::ForbiddenMainHandler, detail);
    }
}
