//! The directory (组织目录): who is who in a city.
//!
//! The units of three tiers, each with its parent and its duties; the grids (网格) of the villages; the
//! staff with their roles; the ten teams (十支队伍) in the grids; what a city adds for finding places. A
//! city writes it as six CSV texts ([`Files`]); [`Directory::read`] takes them as a whole or names every fault at once. An imported
//! directory is never altered: the next import is the next version.

mod read;
mod table;
mod teams;
mod units;
mod write;

use std::collections::BTreeMap;

pub use self::read::{CONTACT_DIGITS_MAX, CONTACT_DIGITS_MIN, NAME_CHARS_MAX};
pub(crate) use self::read::{NAME, is_name, parts};
pub use self::table::{DirectoryFault, ROWS_MAX};
pub(crate) use self::table::{Line, Table, in_order};
pub use self::teams::{Availability, Skill, TeamKind};
pub use self::units::{Unit, UnitKind, role_fits};
pub(crate) use self::write::{joined, text};
use crate::authority::Role;
use crate::ids::{GridCode, MemberId, StaffId, UnitCode};
use crate::place::Places;

/// The texts of a directory, as they lie in a folder under the names of [`Files::NAMES`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// `unit,name,tier,kind,parent,duties`.
    pub units: String,
    /// `grid,village`.
    pub grids: String,
    /// `staff,role,unit`.
    pub staff: String,
    /// `member,name,team,skills,grid,contact,availability`.
    pub members: String,
    /// `name,kind,where`; empty: no further names ([`Places`]).
    pub places: String,
    /// `grid,polygon`; empty: no shapes.
    pub areas: String,
}

impl Files {
    /// The names of the files.
    pub const NAMES: [&str; 6] =
        ["units.csv", "grids.csv", "staff.csv", "members.csv", Places::NAMES[0], Places::NAMES[1]];
    /// Those that a folder need not have: an empty text stands for one.
    pub const OPTIONAL: [&str; 2] = Places::NAMES;

    /// Gets each text by its file's name.
    ///
    /// # Errors
    /// The first error of `text`.
    pub fn gather<E>(mut text: impl FnMut(&'static str) -> Result<String, E>) -> Result<Self, E> {
        let [units, grids, staff, members, places, areas] = Self::NAMES;
        Ok(Self {
            units: text(units)?,
            grids: text(grids)?,
            staff: text(staff)?,
            members: text(members)?,
            places: text(places)?,
            areas: text(areas)?,
        })
    }

    /// Each file's name and text.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &str); 6] {
        let [units, grids, staff, members, places, areas] = Self::NAMES;
        [
            (units, &self.units),
            (grids, &self.grids),
            (staff, &self.staff),
            (members, &self.members),
            (places, &self.places),
            (areas, &self.areas),
        ]
    }
}

/// The texts hold people's names and numbers.
impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.named().map(|(name, text)| (name, text.len()));
        f.debug_map().entries(bytes).finish()
    }
}

/// A grid (网格): the smallest part of a city, in one village or community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Its code, as the grid platform writes it.
    pub code: GridCode,
    /// The village or community it lies in.
    pub village: UnitCode,
}

/// A member of staff. Nothing personal: names are the identity provider's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// The id at the identity provider.
    pub id: StaffId,
    /// The role.
    pub role: Role,
    /// Of which unit.
    pub unit: UnitCode,
}

/// A member of a team in a grid, recorded with name, contact and skills so that the village can call.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// The id.
    pub id: MemberId,
    /// The name; personal.
    pub name: String,
    /// The team.
    pub team: TeamKind,
    /// What the member can do: at least one, each a skill of the team.
    pub skills: Vec<Skill>,
    /// Where.
    pub grid: GridCode,
    /// The telephone number, digits only; personal.
    pub contact: String,
    /// When the member can be called.
    pub availability: Availability,
}

/// Neither name nor number ever comes into a log.
impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member")
            .field("id", &self.id)
            .field("team", &self.team)
            .field("skills", &self.skills)
            .field("grid", &self.grid)
            .field("availability", &self.availability)
            .finish_non_exhaustive()
    }
}

/// One version of a city's directory: valid as a whole, and never altered. Lists are in the order of
/// the codes. The default one is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    version: u32,
    units: BTreeMap<UnitCode, Unit>,
    grids: BTreeMap<GridCode, Grid>,
    staff: BTreeMap<StaffId, StaffMember>,
    members: BTreeMap<MemberId, Member>,
    children: BTreeMap<UnitCode, Vec<UnitCode>>,
    grids_of: BTreeMap<UnitCode, Vec<GridCode>>,
    staff_of: BTreeMap<UnitCode, Vec<StaffId>>,
    members_of: BTreeMap<GridCode, Vec<MemberId>>,
    places: Places,
}

/// What a key of an index leads to.
fn all<'a, K: Ord, I: Ord, T>(
    index: &'a BTreeMap<K, Vec<I>>,
    key: &K,
    of: &'a BTreeMap<I, T>,
) -> impl Iterator<Item = &'a T> {
    index.get(key).into_iter().flatten().filter_map(|id| of.get(id))
}

impl Directory {
    /// The version: counted from 1 by imports, 0 when it was read from files and not imported.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// What the city adds for finding places.
    #[must_use]
    pub const fn places(&self) -> &Places {
        &self.places
    }

    /// All units.
    pub fn units(&self) -> impl ExactSizeIterator<Item = &Unit> {
        self.units.values()
    }

    /// All grids.
    pub fn grids(&self) -> impl ExactSizeIterator<Item = &Grid> {
        self.grids.values()
    }

    /// All staff.
    pub fn staff(&self) -> impl ExactSizeIterator<Item = &StaffMember> {
        self.staff.values()
    }

    /// The members of all teams.
    pub fn all_members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.values()
    }

    /// The member of a team with this id.
    #[must_use]
    pub fn member(&self, id: &MemberId) -> Option<&Member> {
        self.members.get(id)
    }

    /// The unit with this code.
    #[must_use]
    pub fn unit(&self, code: &UnitCode) -> Option<&Unit> {
        self.units.get(code)
    }

    /// The units whose parent this one is.
    pub fn children(&self, code: &UnitCode) -> impl Iterator<Item = &Unit> {
        all(&self.children, code, &self.units)
    }

    /// The parent of a unit: of a village its township, of a township or a department the centre.
    #[must_use]
    pub fn parent(&self, code: &UnitCode) -> Option<&Unit> {
        self.unit(self.unit(code)?.parent.as_ref()?)
    }

    /// The township or subdistrict that a unit is or lies in; `None` for those of the city.
    #[must_use]
    pub fn township_of(&self, code: &UnitCode) -> Option<&Unit> {
        [self.unit(code), self.parent(code)]
            .into_iter()
            .flatten()
            .find(|unit| unit.kind == UnitKind::Township)
    }

    /// The grid with this code.
    #[must_use]
    pub fn grid(&self, code: &GridCode) -> Option<&Grid> {
        self.grids.get(code)
    }

    /// The grids of a village or community.
    pub fn grids_of(&self, village: &UnitCode) -> impl Iterator<Item = &Grid> {
        all(&self.grids_of, village, &self.grids)
    }

    /// The staff of a unit itself, not of those below it.
    pub fn staff_of(&self, unit: &UnitCode) -> impl Iterator<Item = &StaffMember> {
        all(&self.staff_of, unit, &self.staff)
    }

    /// The members of all teams in a grid.
    pub fn members_of(&self, grid: &GridCode) -> impl Iterator<Item = &Member> {
        all(&self.members_of, grid, &self.members)
    }

    /// The members in a grid who have a skill, whether or not they can be called just now.
    pub fn members(&self, grid: &GridCode, skill: Skill) -> impl Iterator<Item = &Member> {
        self.members_of(grid).filter(move |member| member.skills.contains(&skill))
    }
}
