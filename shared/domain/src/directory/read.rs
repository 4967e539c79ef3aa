//! Reading a directory: everything that is wrong with it is found at once.
//!
//! What refers to a line that could not be read is a fault of its own when the code is not known; where
//! only the kind is unknown, nothing is said of what depends on it.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{DirectoryFault, Line, Table, in_order};
use super::units::{Unit, UnitKind, role_fits};
use super::write::BETWEEN;
use super::{Availability, Directory, Files, Grid, Member, Skill, StaffMember, TeamKind};
use crate::authority::Role;
use crate::card::COMMAND_CENTRE;
use crate::ids::{GridCode, MemberId, StaffId, UnitCode};
use crate::lifecycle::Tier;
use crate::place::Places;

/// The longest name or duty, in characters.
pub const NAME_CHARS_MAX: usize = 40;
/// The shortest contact, in digits: the numbers of public services have three.
pub const CONTACT_DIGITS_MIN: usize = 3;
/// The longest contact, in digits: with country and area codes.
pub const CONTACT_DIGITS_MAX: usize = 20;

pub(super) const UNITS: Table<6> = Table {
    file: "units.csv",
    columns: ["unit", "name", "tier", "kind", "parent", "duties"],
    heading: "the heading `unit,name,tier,kind,parent,duties`",
};
pub(super) const GRIDS: Table<2> = Table {
    file: "grids.csv",
    columns: ["grid", "village"],
    heading: "the heading `grid,village`",
};
pub(super) const STAFF: Table<3> = Table {
    file: "staff.csv",
    columns: ["staff", "role", "unit"],
    heading: "the heading `staff,role,unit`",
};
pub(super) const MEMBERS: Table<7> = Table {
    file: "members.csv",
    columns: ["member", "name", "team", "skills", "grid", "contact", "availability"],
    heading: "the heading `member,name,team,skills,grid,contact,availability`",
};

/// What a name must be.
pub(crate) const NAME: &str = "1 to 40 characters, none of them a quotation mark or `|`";

/// What is known of a unit while others are held to it.
struct Known {
    /// Where it stands in units.csv.
    line: usize,
    /// `None` when it could not be read.
    kind: Option<UnitKind>,
}

type Kinds = BTreeMap<UnitCode, Known>;
type Faults = Vec<DirectoryFault>;

/// Whether a text is as [`NAME`] says.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.chars().count())
        && !text.contains(|c: char| c.is_control() || c == '"' || c == BETWEEN)
}

/// The parts of a cell; none of an empty one.
pub(crate) fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(BETWEEN).map(str::trim).filter(move |_| !cell.is_empty())
}

impl Directory {
    /// Reads the texts of a folder as this version; 0 for one that is not imported.
    ///
    /// # Errors
    /// Every [`DirectoryFault`], by file and line.
    pub fn read(version: u32, files: &Files) -> Result<Self, Vec<DirectoryFault>> {
        let mut faults = Faults::new();
        let (units, kinds) = units(&files.units, &mut faults);
        let (grids, codes) = grids(&files.grids, &kinds, &mut faults);
        let staff = staff(&files.staff, &kinds, &mut faults);
        let members = members(&files.members, &codes, &mut faults);
        let mut all = Self::of(version, (units, grids), (staff, members));
        match Places::read(&files.places, &files.areas, &all) {
            Ok(places) => all.places = places,
            Err(more) => faults.extend(more),
        }
        if faults.is_empty() {
            return Ok(all);
        }
        Err(in_order(faults, &Files::NAMES))
    }

    fn of(
        version: u32,
        (units, grids): (BTreeMap<UnitCode, Unit>, BTreeMap<GridCode, Grid>),
        (staff, members): (BTreeMap<StaffId, StaffMember>, BTreeMap<MemberId, Member>),
    ) -> Self {
        let mut all = Self {
            version,
            units,
            grids,
            staff,
            members,
            children: BTreeMap::new(),
            grids_of: BTreeMap::new(),
            staff_of: BTreeMap::new(),
            members_of: BTreeMap::new(),
            places: Places::default(),
        };
        for unit in all.units.values() {
            if let Some(parent) = &unit.parent {
                all.children.entry(parent.clone()).or_default().push(unit.code.clone());
            }
        }
        for grid in all.grids.values() {
            all.grids_of.entry(grid.village.clone()).or_default().push(grid.code.clone());
        }
        for one in all.staff.values() {
            all.staff_of.entry(one.unit.clone()).or_default().push(one.id.clone());
        }
        for member in all.members.values() {
            all.members_of.entry(member.grid.clone()).or_default().push(member.id.clone());
        }
        all
    }
}

fn units(text: &str, faults: &mut Faults) -> (BTreeMap<UnitCode, Unit>, Kinds) {
    let rows = UNITS.rows(text, faults);
    let mut kinds = Kinds::new();
    for (line, [code, _, _, kind, ..]) in &rows {
        if let Ok(code) = UnitCode::parse(code) {
            // Of a code that stands twice the first line counts; the second is a fault below.
            kinds.entry(code).or_insert(Known { line: *line, kind: UnitKind::parse(kind) });
        }
    }
    let has_centre = kinds.keys().any(|code| code.as_str() == COMMAND_CENTRE);
    UNITS.line(1, faults).check(
        has_centre || rows.is_empty(),
        "unit",
        "followed by a line of the unit `command-centre`",
    );
    let mut units = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (at, row) in rows {
        let unit = unit(&mut UNITS.line(at, faults), row, (&kinds, &mut seen));
        units.extend(unit.map(|unit| (unit.code.clone(), unit)));
    }
    (units, kinds)
}

fn unit(
    line: &mut Line<'_>,
    [code, name, tier, kind, parent, duties]: [&str; 6],
    (kinds, seen): (&Kinds, &mut BTreeSet<UnitCode>),
) -> Option<Unit> {
    let code = UnitCode::parse(code).ok();
    let code = line.take(code, "unit", "1 to 40 letters, digits and hyphens");
    line.once(code.as_ref(), seen, "unit");
    line.check(is_name(name), "name", NAME);
    let tier = line.take(Tier::parse(tier), "tier", "`city`, `township` or `village`");
    let kind = line.take(
        UnitKind::parse(kind),
        "kind",
        "`centre`, `department`, `utility`, `institution`, `township`, `village` or `community`",
    );
    let duties: Vec<String> = parts(duties).map(str::to_owned).collect();
    line.check(duties.iter().all(|duty| is_name(duty)), "duties", "names with `|` between");
    let parent_code = UnitCode::parse(parent).ok();
    if let Some(kind) = kind {
        line.check(tier.is_none_or(|tier| tier == kind.tier()), "tier", "the tier of the kind");
        line.check(
            !duties.is_empty() || !kind.has_duties(),
            "duties",
            "at least one duty of a department, a utility or an institution",
        );
        let is_centre = code.as_ref().is_none_or(|code| code.as_str() == COMMAND_CENTRE);
        line.check(
            kind != UnitKind::Centre || is_centre,
            "kind",
            "another one: only `command-centre` is the centre",
        );
        let found = parent_code.as_ref().and_then(|parent| kinds.get(parent));
        let (fits, expected) = parent_fits(kind, (parent, found));
        line.check(fits, "parent", expected);
    }
    Some(Unit { code: code?, name: name.to_owned(), kind: kind?, parent: parent_code, duties })
}

/// Whether a unit of this kind can have the parent, and what it should be.
fn parent_fits(kind: UnitKind, (parent, found): (&str, Option<&Known>)) -> (bool, &'static str) {
    let Some(wanted) = kind.parent() else { return (parent.is_empty(), "empty at the centre") };
    let fits = found.is_some_and(|known| known.kind.is_none_or(|kind| kind == wanted));
    let expected = match wanted {
        UnitKind::Township => "the code of a township in units.csv, for a village or community",
        UnitKind::Centre
        | UnitKind::Department
        | UnitKind::Utility
        | UnitKind::Institution
        | UnitKind::Village
        | UnitKind::Community => "`command-centre`, for all but villages and communities",
    };
    (fits, expected)
}

fn is_village(kind: UnitKind) -> bool {
    kind.tier() == Tier::Village
}

/// The grids, and all codes of grids that stand there, also in lines with faults.
fn grids(
    text: &str,
    kinds: &Kinds,
    faults: &mut Faults,
) -> (BTreeMap<GridCode, Grid>, BTreeSet<GridCode>) {
    let before = faults.len();
    let (mut grids, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for (at, [code, village]) in GRIDS.rows(text, faults) {
        let mut line = GRIDS.line(at, faults);
        let code = GridCode::parse(code).ok();
        let code = line.take(code, "grid", "1 to 32 letters, digits and hyphens");
        line.once(code.as_ref(), &mut seen, "grid");
        let village = UnitCode::parse(village).ok();
        let known = village.as_ref().and_then(|village| kinds.get(village));
        let fits = known.is_some_and(|known| known.kind.is_none_or(is_village));
        line.check(fits, "village", "a village or community of units.csv");
        let grid = code.zip(village).map(|(code, village)| Grid { code, village });
        grids.extend(grid.map(|grid| (grid.code.clone(), grid)));
    }
    // A line with a fault may have been the village's one grid.
    if faults.len() == before {
        every_village_has_a_grid(kinds, &grids, faults);
    }
    (grids, seen)
}

fn every_village_has_a_grid(kinds: &Kinds, grids: &BTreeMap<GridCode, Grid>, faults: &mut Faults) {
    let with: BTreeSet<&UnitCode> = grids.values().map(|grid| &grid.village).collect();
    for (code, known) in kinds.iter().filter(|(_, known)| known.kind.is_some_and(is_village)) {
        let expected = "the village of at least one grid in grids.csv";
        UNITS.line(known.line, faults).check(with.contains(code), "unit", expected);
    }
}

fn staff(text: &str, kinds: &Kinds, faults: &mut Faults) -> BTreeMap<StaffId, StaffMember> {
    let (mut staff, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for (at, [id, role, unit]) in STAFF.rows(text, faults) {
        let mut line = STAFF.line(at, faults);
        let id = line.take(StaffId::parse(id).ok(), "staff", "1 to 64 letters, digits and `-_.`");
        line.once(id.as_ref(), &mut seen, "staff");
        let role = line.take(
            Role::parse(role),
            "role",
            "`operator`, `dispatcher`, `handler`, `caller` or `supervisor`",
        );
        let unit = UnitCode::parse(unit).ok().filter(|unit| kinds.contains_key(unit));
        let unit = line.take(unit, "unit", "a unit of units.csv");
        let kind = unit.as_ref().and_then(|unit| kinds.get(unit)?.kind);
        let fits = role.zip(kind).is_none_or(|(role, kind)| role_fits(role, kind));
        line.check(fits, "role", "one that a unit of this kind has (infra/city/README.md)");
        if let (Some(id), Some(role), Some(unit)) = (id, role, unit) {
            staff.insert(id.clone(), StaffMember { id, role, unit });
        }
    }
    staff
}

fn members(
    text: &str,
    grids: &BTreeSet<GridCode>,
    faults: &mut Faults,
) -> BTreeMap<MemberId, Member> {
    let (mut members, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for (at, row) in MEMBERS.rows(text, faults) {
        let member = member(&mut MEMBERS.line(at, faults), row, (grids, &mut seen));
        members.extend(member.map(|member| (member.id.clone(), member)));
    }
    members
}

fn member(
    line: &mut Line<'_>,
    [id, name, team, skills, grid, contact, availability]: [&str; 7],
    (grids, seen): (&BTreeSet<GridCode>, &mut BTreeSet<MemberId>),
) -> Option<Member> {
    let id = line.take(MemberId::parse(id).ok(), "member", "1 to 64 letters, digits and `-_.`");
    line.once(id.as_ref(), seen, "member");
    line.check(is_name(name), "name", NAME);
    let team = line.take(TeamKind::parse(team), "team", "a team of infra/city/README.md");
    let known: Vec<Skill> = parts(skills).filter_map(Skill::parse).collect();
    let are_known = !known.is_empty() && known.len() == parts(skills).count();
    let of_team = team.is_none_or(|team| known.iter().all(|skill| team.skills().contains(skill)));
    let are_different = known.iter().collect::<BTreeSet<_>>().len() == known.len();
    line.check(
        are_known && of_team && are_different,
        "skills",
        "one or more skills of the team, each once, with `|` between (infra/city/README.md)",
    );
    let grid = GridCode::parse(grid).ok().filter(|grid| grids.contains(grid));
    let grid = line.take(grid, "grid", "a grid of grids.csv");
    let is_number = (CONTACT_DIGITS_MIN..=CONTACT_DIGITS_MAX).contains(&contact.len())
        && contact.bytes().all(|byte| byte.is_ascii_digit());
    line.check(is_number, "contact", "3 to 20 digits and nothing else");
    let availability = line.take(
        Availability::parse(availability),
        "availability",
        "`always`, `daytime`, `evenings`, `weekends` or `away`",
    );
    Some(Member {
        id: id?,
        name: name.to_owned(),
        team: team?,
        skills: known,
        grid: grid?,
        contact: contact.to_owned(),
        availability: availability?,
    })
}
