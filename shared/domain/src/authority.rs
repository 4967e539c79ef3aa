//! Who may do what: the one role table, asked by every step, desk, page and route.

use crate::command::CommandKind;
use crate::ids::{ChannelName, StaffId, UnitCode};
use crate::lifecycle::Step;
use crate::record::{RecordFault, Text, text_enum};

text_enum!(
    /// The roles of staff.
    Role, "the name of a role" {
        /// 话务员: takes calls, adds notes and supplements.
        Operator = "operator",
        /// 派单员: decides what the classifier is not sure of.
        Dispatcher = "dispatcher",
        /// 承办人: handles the tickets of one unit.
        Handler = "handler",
        /// 回访员: follows up.
        Caller = "caller",
        /// 督办员: opens and closes matters, sees to what the machine gave up.
        Supervisor = "supervisor",
    }
);

/// Who does something to a ticket. Its text stands in the timeline, so it never holds a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A step of the machine.
    Step(Step),
    /// The sweep, when it gives a ticket up.
    Sweep,
    /// The attachment function, which looks at what citizens upload.
    Attachment,
    /// A channel, in the citizen's name.
    Channel(ChannelName),
    /// A member of staff.
    Staff {
        /// The id at the identity provider.
        id: StaffId,
        /// In which role.
        role: Role,
        /// Of which unit.
        unit: UnitCode,
    },
}

impl Actor {
    /// Whether the role table lets this actor give a command of this kind at all. Whether it may be
    /// given on a certain ticket (its unit, its status) is [`crate::Ticket::decide`]'s question.
    #[must_use]
    pub fn may(&self, command: CommandKind) -> bool {
        use CommandKind as C;
        match self {
            Self::Step(Step::Intake) => command == C::Accept,
            Self::Step(Step::Dispatch) => matches!(command, C::Dispatch | C::Doubt),
            Self::Step(Step::Handling) => command == C::Open,
            Self::Step(Step::Feedback) => command == C::Answer,
            Self::Step(Step::Evaluation) => command == C::Evaluate,
            Self::Step(Step::Archive) => matches!(command, C::Archive | C::SealAddendum),
            Self::Sweep => command == C::Hold,
            Self::Attachment => matches!(command, C::Attach | C::RefuseAttachment),
            Self::Channel(_) => matches!(command, C::Supplement | C::Urge | C::Withdraw | C::Rate),
            Self::Staff { role, .. } => role_may(*role, command),
        }
    }
}

fn role_may(role: Role, command: CommandKind) -> bool {
    use CommandKind as C;
    match role {
        Role::Operator => matches!(command, C::Supplement | C::Urge | C::Note),
        Role::Dispatcher => matches!(command, C::Dispatch | C::Decline | C::Note | C::OpenMatter),
        Role::Handler => matches!(command, C::Resolve | C::Note | C::OpenMatter),
        Role::Caller => matches!(command, C::FollowUp | C::Note),
        Role::Supervisor => matches!(
            command,
            C::Note
                | C::OpenMatter
                | C::CloseMatter
                | C::Retry
                | C::Dispatch
                | C::Decline
                | C::Merge
                | C::Unmerge
                | C::Erase
        ),
    }
}

/// Why somebody may not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadRefusal {
    /// The role table does not give it.
    #[error("this role may not read that")]
    NotAllowed,
    /// A handler reads the tickets of the own unit only.
    #[error("the ticket is with another unit")]
    NotYourUnit,
}

const fn role_may_read(role: Role, unmasked: bool) -> bool {
    match role {
        // They take and send on requests, and need to know nobody.
        Role::Operator | Role::Dispatcher => !unmasked,
        // They go there, telephone, or answer for the case.
        Role::Handler | Role::Caller | Role::Supervisor => true,
    }
}

impl Actor {
    /// Whether this actor may read the texts of a ticket that is with `unit`, unmasked or masked.
    ///
    /// # Errors
    /// [`ReadRefusal`]. Only staff read: a step decides by a text and shows it to nobody.
    pub fn may_read(&self, unit: Option<&UnitCode>, unmasked: bool) -> Result<(), ReadRefusal> {
        match self {
            Self::Staff { role, .. } if !role_may_read(*role, unmasked) => {
                Err(ReadRefusal::NotAllowed)
            }
            Self::Staff { role: Role::Handler, unit: own, .. } if unit != Some(own) => {
                Err(ReadRefusal::NotYourUnit)
            }
            Self::Staff { .. } => Ok(()),
            Self::Step(_) | Self::Sweep | Self::Attachment | Self::Channel(_) => {
                Err(ReadRefusal::NotAllowed)
            }
        }
    }
}

/// `step:intake`, `sweep`, `attachment`, `channel:hotline-12345`, `staff:u017/handler/transport`.
impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Step(step) => write!(f, "step:{step}"),
            Self::Sweep => f.write_str("sweep"),
            Self::Attachment => f.write_str("attachment"),
            Self::Channel(channel) => write!(f, "channel:{channel}"),
            Self::Staff { id, role, unit } => write!(f, "staff:{id}/{role}/{unit}"),
        }
    }
}

impl Actor {
    /// Reads an actor's text back.
    ///
    /// # Errors
    /// [`RecordFault`] when it is not the text of an actor.
    pub fn parse(text: &str) -> Result<Self, RecordFault> {
        const FAULT: RecordFault = RecordFault::Value("the text of an actor");
        let actor = match text.split_once(':') {
            None if text == "sweep" => Self::Sweep,
            None if text == "attachment" => Self::Attachment,
            Some(("step", step)) => Self::Step(Step::from_text(step)?),
            Some(("channel", channel)) => Self::Channel(ChannelName::from_text(channel)?),
            Some(("staff", staff)) => {
                let mut parts = staff.splitn(3, '/');
                let mut next = || parts.next().ok_or(FAULT);
                Self::Staff {
                    id: StaffId::from_text(next()?)?,
                    role: Role::from_text(next()?)?,
                    unit: UnitCode::from_text(next()?)?,
                }
            }
            None | Some(_) => return Err(FAULT),
        };
        Ok(actor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_actors_round_trip() {
        for text in [
            "sweep",
            "attachment",
            "step:intake",
            "channel:hotline-12345",
            "staff:u017/handler/transport",
        ] {
            assert_eq!(Actor::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "step:", "step:lunch", "staff:u017", "staff:u017/king/transport", "root:x"]
        {
            assert!(Actor::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_staff_read_and_a_handler_only_what_the_own_unit_has() {
        let may = |actor: &str, unit: &str, unmasked| {
            let unit = UnitCode::parse(unit).ok();
            Actor::parse(actor).unwrap().may_read(unit.as_ref(), unmasked)
        };
        let handler = "staff:u1/handler/transport";
        assert_eq!(may(handler, "transport", true), Ok(()));
        assert_eq!(may(handler, "education", false), Err(ReadRefusal::NotYourUnit));
        assert_eq!(may(handler, "", false), Err(ReadRefusal::NotYourUnit));
        assert_eq!(may("staff:u1/dispatcher/command-centre", "", false), Ok(()));
        assert_eq!(
            may("staff:u1/dispatcher/command-centre", "", true),
            Err(ReadRefusal::NotAllowed)
        );
        for machine in ["step:dispatch", "sweep", "channel:hotline-12345"] {
            assert_eq!(may(machine, "transport", false), Err(ReadRefusal::NotAllowed));
        }
    }

    #[test]
    fn the_role_table_is_as_reviewed() {
        let mut table = String::new();
        for role in Role::ALL {
            let may: Vec<_> = CommandKind::ALL
                .iter()
                .filter(|kind| role_may(*role, **kind))
                .map(|kind| kind.as_str())
                .collect();
            let read = match (role_may_read(*role, false), role_may_read(*role, true)) {
                (true, true) => "; reads unmasked",
                (true, false) => "; reads masked",
                (false, _) => "",
            };
            table.push_str(&format!("{role}: {}{read}\n", may.join(" ")));
        }
        insta::assert_snapshot!(table);
    }
}
