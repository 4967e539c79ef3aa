//! Who may do what: the one role table, asked by every step, desk, page and route.

mod parts;
mod table;
mod tables;

pub(crate) use self::parts::member;
pub use self::table::{GRANTS, Grant, Part, READ_GRANTS, ReadGrant};
pub use self::tables::{authority_table, matter_table};
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
        /// 领导小组成员: the leading group, which instructs and concludes at level one.
        Leader = "leader",
        /// 队员: a member of a team in a grid, who reports on what the village called for.
        Member = "member",
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
    /// The clocks: what becomes due by itself.
    Clocks,
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
            Self::Step(Step::Dispatch) => {
                matches!(command, C::Dispatch | C::Doubt | C::Merge | C::OpenMatter)
            }
            Self::Step(Step::Handling) => command == C::Open,
            Self::Step(Step::Feedback) => {
                matches!(command, C::Answer | C::ResolveWith | C::Unmerge)
            }
            Self::Step(Step::Evaluation) => command == C::Evaluate,
            Self::Step(Step::Archive) => matches!(command, C::Archive | C::SealAddendum),
            Self::Sweep => matches!(command, C::Hold | C::Unmerge),
            Self::Attachment => matches!(command, C::Attach | C::RefuseAttachment),
            Self::Clocks => matches!(command, C::Tick | C::Replan),
            Self::Channel(_) => matches!(command, C::Supplement | C::Urge | C::Withdraw | C::Rate),
            Self::Staff { role, .. } => {
                GRANTS.iter().any(|grant| grant.role == *role && grant.command == command)
            }
        }
    }
}

/// Why somebody may not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadRefusal {
    /// The role table does not give it.
    #[error("this role may not read that")]
    NotAllowed,
    /// A unit reads the tickets in which it has a part.
    #[error("the ticket is with another unit")]
    NotYourUnit,
}

/// `step:intake`, `sweep`, `attachment`, `clocks`, `channel:hotline-12345`, `staff:u017/handler/transport`.
impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Step(step) => write!(f, "step:{step}"),
            Self::Sweep => f.write_str("sweep"),
            Self::Attachment => f.write_str("attachment"),
            Self::Clocks => f.write_str("clocks"),
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
            None if text == "clocks" => Self::Clocks,
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
            "clocks",
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
}
