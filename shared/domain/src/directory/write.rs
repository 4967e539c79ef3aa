//! A directory written as its texts, in the order of the codes: the same directory always gives the
//! same texts, in whatever order it was written before.

use super::read::{GRIDS, MEMBERS, STAFF, UNITS};
use super::table::Table;
use super::{Directory, Files};
use crate::ids::UnitCode;

/// Between the parts of a cell that has several.
pub(super) const BETWEEN: char = '|';

pub(crate) fn text<const N: usize>(
    table: &Table<N>,
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut text = format!("{}\n", table.columns.join(","));
    for row in rows {
        text.push_str(&row.join(","));
        text.push('\n');
    }
    text
}

pub(crate) fn joined(parts: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push(BETWEEN);
        }
        text.push_str(part.as_ref());
    }
    text
}

impl Directory {
    /// The texts from which [`Directory::read`] gives this directory again. Equal texts are equal
    /// directories, whatever their versions.
    #[must_use]
    pub fn write(&self) -> Files {
        let units = self.units().map(|unit| {
            [
                unit.code.to_string(),
                unit.name.clone(),
                unit.tier().to_string(),
                unit.kind.to_string(),
                unit.parent.as_ref().map_or_else(String::new, UnitCode::to_string),
                joined(unit.duties.iter()),
            ]
        });
        let grids = self.grids().map(|grid| [grid.code.to_string(), grid.village.to_string()]);
        let staff = self
            .staff()
            .map(|one| [one.id.to_string(), one.role.to_string(), one.unit.to_string()]);
        let members = self.all_members().map(|member| {
            [
                member.id.to_string(),
                member.name.clone(),
                member.team.to_string(),
                joined(member.skills.iter().map(|skill| skill.as_str())),
                member.grid.to_string(),
                member.contact.clone(),
                member.availability.to_string(),
            ]
        });
        let [places, areas] = self.places().write();
        Files {
            units: text(&UNITS, units),
            grids: text(&GRIDS, grids),
            staff: text(&STAFF, staff),
            members: text(&MEMBERS, members),
            places,
            areas,
        }
    }
}
