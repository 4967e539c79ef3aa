//! What a unit is to a ticket, and what follows from it.

use std::collections::BTreeSet;

use super::{Actor, GRANTS, Part, READ_GRANTS, ReadRefusal, Role};
use crate::command::CommandKind;
use crate::decide::Refusal;
use crate::directory::{Directory, Unit, role_fits};
use crate::ids::{MemberId, StaffId, UnitCode};
use crate::matter::Matter;
use crate::ticket::Ticket;

impl Ticket {
    /// The parts that a unit has in this case.
    #[must_use]
    pub fn parts(&self, unit: &UnitCode, directory: &Directory) -> BTreeSet<Part> {
        let called = self.matters.get(&Matter::Whistle).is_some_and(|whistle| {
            let awaited: Vec<_> = whistle.awaited().collect();
            awaited.contains(&unit)
        });
        let table = self.matters.get(&Matter::Consultation);
        let table = table.and_then(|table| table.terms.units());
        let is_below = |one: &UnitCode| directory.parent(one).is_some_and(|up| up.code == *unit);
        let working = self.assignment.iter().map(|assignment| &assignment.unit);
        let mut working = working.chain(&self.keeper).chain(self.tasks.keys());
        [
            (Part::Lead, self.is_led_by(unit)),
            (Part::Task, self.tasks.contains_key(unit)),
            (Part::Called, called),
            (Part::Invited, table.is_some_and(|units| units.contains(unit))),
            (Part::Above, working.any(is_below)),
        ]
        .into_iter()
        .filter_map(|(part, has)| has.then_some(part))
        .collect()
    }

    /// The parts of a member of staff, by the unit, or of a member of a team.
    fn parts_of(
        &self,
        (id, role): (&StaffId, Role),
        unit: &UnitCode,
        directory: &Directory,
    ) -> BTreeSet<Part> {
        if role != Role::Member {
            return self.parts(unit, directory);
        }
        let crew = member(id).and_then(|id| self.crew.get(&id));
        let out = crew.is_some_and(|crew| crew.stage.is_out() && crew.village == *unit);
        out.then_some(Part::Mobilised).into_iter().collect()
    }

    /// Whether an actor may give a command on this ticket, by the one table.
    pub(crate) fn check_grant(
        &self,
        actor: &Actor,
        (command, matter): (CommandKind, Option<Matter>),
        directory: &Directory,
    ) -> Result<(), Refusal> {
        if !actor.may(command) {
            return Err(Refusal::NotAllowed(command));
        }
        let Actor::Staff { id, role, unit } = actor else {
            // The machine asks about repeats, and opens nothing else.
            let asks = matter.is_none_or(|matter| matter == Matter::Merge);
            return asks.then_some(()).ok_or(Refusal::NotAllowed(command));
        };
        let tier = staffed(*role, unit, directory).ok_or(Refusal::UnknownStaff)?.tier();
        let of_role = GRANTS.iter().filter(|grant| {
            let fits =
                grant.matters.is_empty() || matter.is_some_and(|m| grant.matters.contains(&m));
            grant.role == *role && grant.command == command && grant.tiers.contains(&tier) && fits
        });
        let parts = self.parts_of((id, *role), unit, directory);
        match given(of_role.map(|grant| grant.parts), &parts) {
            Some(true) => Ok(()),
            Some(false) => Err(Refusal::NotYourUnit),
            None => Err(Refusal::NotAllowed(command)),
        }
    }

    /// Whether an actor may read the texts of this ticket, unmasked or masked.
    ///
    /// # Errors
    /// [`ReadRefusal`]. Only staff read: a step decides by a text and shows it to nobody.
    pub fn check_reader(
        &self,
        actor: &Actor,
        unmasked: bool,
        directory: &Directory,
    ) -> Result<(), ReadRefusal> {
        let Actor::Staff { id, role, unit } = actor else { return Err(ReadRefusal::NotAllowed) };
        let parts = self.parts_of((id, *role), unit, directory);
        actor.check_reading(unmasked, directory, &parts)
    }
}

impl Actor {
    /// Whether this actor may read what belongs to no ticket yet, unmasked or masked: what lies in
    /// quarantine, say.
    ///
    /// # Errors
    /// [`ReadRefusal`].
    pub fn check_reader(&self, unmasked: bool, directory: &Directory) -> Result<(), ReadRefusal> {
        self.check_reading(unmasked, directory, &BTreeSet::new())
    }

    fn check_reading(
        &self,
        unmasked: bool,
        directory: &Directory,
        parts: &BTreeSet<Part>,
    ) -> Result<(), ReadRefusal> {
        let Self::Staff { role, unit, .. } = self else { return Err(ReadRefusal::NotAllowed) };
        let tier = staffed(*role, unit, directory).ok_or(ReadRefusal::NotAllowed)?.tier();
        let rows = READ_GRANTS.iter().filter(|grant| {
            grant.role == *role && grant.tiers.contains(&tier) && (grant.unmasked || !unmasked)
        });
        match given(rows.map(|grant| grant.parts), parts) {
            Some(true) => Ok(()),
            Some(false) => Err(ReadRefusal::NotYourUnit),
            None => Err(ReadRefusal::NotAllowed),
        }
    }
}

/// Whether one of the rows is for who has these parts, one that names none being for everybody; `None` when
/// there is no row.
fn given(mut rows: impl Iterator<Item = &'static [Part]>, parts: &BTreeSet<Part>) -> Option<bool> {
    let fits =
        |needed: &[Part]| needed.is_empty() || needed.iter().any(|part| parts.contains(part));
    let first = rows.next()?;
    Some(fits(first) || rows.any(fits))
}

/// The unit, if the directory knows it and it has staff in this role.
fn staffed<'a>(role: Role, unit: &UnitCode, directory: &'a Directory) -> Option<&'a Unit> {
    directory.unit(unit).filter(|unit| role_fits(role, unit.kind))
}

/// A member of a team signs in by the id that the directory has.
pub(crate) fn member(id: &StaffId) -> Option<MemberId> {
    MemberId::parse(id.as_str()).ok()
}
