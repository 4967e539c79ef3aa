//! Who gives a command when the shell does not say: somebody in the right role at the right unit.

use anyhow::Context as _;
use domain::directory::Directory;
use domain::{
    Actor, COMMAND_CENTRE, Matter, Owner, Role, StaffId, Terms, Ticket, TicketId, UnitCode,
};
use ports::World;

use super::order::{member, unit};
use super::{Act, Tiers};

impl Tiers {
    const fn role(&self) -> Role {
        match self {
            Self::Assign { .. } => Role::Dispatcher,
            Self::Consult { .. } | Self::Minute { .. } | Self::Conclude { .. } => Role::Supervisor,
            Self::Sign
            | Self::EndTask { .. }
            | Self::Return { .. }
            | Self::Extend { .. }
            | Self::Suspend { .. }
            | Self::Whistle { .. }
            | Self::ReportIn { .. }
            | Self::Mobilise { .. }
            | Self::Member { .. } => Role::Handler,
        }
    }
}

impl Act {
    const fn role(&self) -> Role {
        match self {
            Self::Note { .. } | Self::Supplement { .. } | Self::Urge { .. } => Role::Operator,
            Self::Dispatch { .. } | Self::Decline { .. } | Self::Merge { .. } | Self::Unmerge => {
                Role::Dispatcher
            }
            Self::Resolve { .. } => Role::Handler,
            Self::FollowUp(_) => Role::Caller,
            Self::Retry
            | Self::CloseMatter { .. }
            | Self::Supervise { .. }
            | Self::ApplyForFund { .. } => Role::Supervisor,
            Self::Tiers(tiers) => tiers.role(),
        }
    }

    pub(super) async fn default_actor(
        &self,
        world: &World,
        id: &TicketId,
    ) -> anyhow::Result<Actor> {
        let stored =
            world.tickets.load(id).await?.with_context(|| format!("there is no ticket {id}"))?;
        let directory = world.rules.directory().await?;
        let centre = UnitCode::parse(COMMAND_CENTRE).map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let (role, unit) = match self.one_in_particular(&stored.ticket, &directory)? {
            Some(found) => found,
            None => match (self.role(), stored.ticket.assignment()) {
                (Role::Handler, Some(assignment)) => (Role::Handler, assignment.unit.clone()),
                (role, _) => (role, centre.clone()),
            },
        };
        let id = StaffId::parse("shell").map_err(|fault| anyhow::anyhow!("{fault}"))?;
        Ok(Actor::Staff { id, role, unit })
    }

    /// Where the command itself, or what it is about, says whose it is.
    fn one_in_particular(
        &self,
        ticket: &Ticket,
        directory: &Directory,
    ) -> anyhow::Result<Option<(Role, UnitCode)>> {
        let handler = |unit| Some((Role::Handler, unit));
        Ok(match self {
            Self::Tiers(Tiers::EndTask { unit: code, release: false, .. }) => handler(unit(code)?),
            Self::Tiers(Tiers::ReportIn { .. }) => {
                let whistle = ticket.matters().get(&Matter::Whistle);
                let called = whistle.and_then(|whistle| whistle.awaited().next().cloned());
                called.and_then(handler)
            }
            Self::Tiers(Tiers::Mobilise { member: id, .. } | Tiers::Member { member: id, .. }) => {
                let found = directory.member(&member(id)?);
                let grid = found.and_then(|member| directory.grid(&member.grid));
                grid.and_then(|grid| handler(grid.village.clone()))
            }
            Self::CloseMatter { matter, .. } if matter == Matter::Extension.as_str() => {
                let open = ticket.matters().get(&Matter::Extension);
                match open.map(|open| &open.terms) {
                    Some(Terms::Extension { to: Owner::Unit(unit), .. }) => {
                        Some((Role::Dispatcher, unit.clone()))
                    }
                    _ => None,
                }
            }
            _ => None,
        })
    }
}
