//! The one table of who may do what (role × tier × part × command): code, documents and tests read it.
//!
//! In which statuses a command makes sense is the transition table's to say
//! ([`crate::CommandKind::leads_to`], [`crate::TRANSITIONS`]).

use CommandKind as C;
use Matter as M;
use Part as P;
use Role as R;
use Tier as T;

use super::Role;
use crate::command::CommandKind;
use crate::lifecycle::Tier;
use crate::matter::Matter;
use crate::record::text_enum;

text_enum!(
    /// What a unit, or a member of a team, is to a ticket.
    Part, "a part in a case" {
        /// 主办: it leads: assigned, or the first unit while nobody else has accepted.
        Lead = "lead",
        /// 协办: it has an open task.
        Task = "task",
        /// 被吹哨: it was called and has not reported in.
        Called = "called",
        /// It sits at the table of an open consultation.
        Invited = "invited",
        /// A unit below it leads or has a task.
        Above = "above",
        /// A member of a team who is mobilised and not done.
        Mobilised = "mobilised",
    }
);

/// One line of the table: the role, at these tiers, may give this command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The tiers of the units whose staff it is given to.
    pub tiers: &'static [Tier],
    /// One of which parts the unit must have; empty: it is given on every ticket of the city.
    pub parts: &'static [Part],
    /// The command.
    pub command: CommandKind,
    /// Of which matters, for the two commands that open and close them.
    pub matters: &'static [Matter],
}

const CITY: &[Tier] = &[T::City];
const TOWNSHIP: &[Tier] = &[T::Township];
const VILLAGE: &[Tier] = &[T::Village];
const BELOW: &[Tier] = &[T::Township, T::Village];
const ALL: &[Tier] = Tier::ALL;
const EVERY: &[Part] = &[];
const LEADING: &[Part] = &[P::Lead];
const WORKING: &[Part] = &[P::Lead, P::Task];
const CONCERNED: &[Part] = &[P::Lead, P::Task, P::Called, P::Invited];
const OVERSEEING: &[Part] = &[P::Lead, P::Task, P::Above];

const fn to(
    role: Role,
    tiers: &'static [Tier],
    parts: &'static [Part],
    command: CommandKind,
) -> Grant {
    Grant { role, tiers, parts, command, matters: &[] }
}

const fn on(grant: Grant, matters: &'static [Matter]) -> Grant {
    Grant { matters, ..grant }
}

/// The table.
pub const GRANTS: &[Grant] = &[
    to(R::Operator, CITY, EVERY, C::Supplement),
    to(R::Operator, CITY, EVERY, C::Urge),
    to(R::Operator, CITY, EVERY, C::Note),
    to(R::Dispatcher, CITY, EVERY, C::Dispatch),
    to(R::Dispatcher, CITY, EVERY, C::Decline),
    to(R::Dispatcher, CITY, EVERY, C::Note),
    to(R::Dispatcher, CITY, EVERY, C::Assign),
    to(R::Dispatcher, CITY, EVERY, C::EndTask),
    on(to(R::Dispatcher, CITY, EVERY, C::OpenMatter), &[M::Consultation]),
    on(to(R::Dispatcher, CITY, EVERY, C::CloseMatter), &[M::Return, M::Merge]),
    to(R::Dispatcher, CITY, EVERY, C::Merge),
    to(R::Dispatcher, CITY, EVERY, C::Unmerge),
    to(R::Dispatcher, TOWNSHIP, OVERSEEING, C::Assign),
    to(R::Dispatcher, TOWNSHIP, OVERSEEING, C::EndTask),
    to(R::Dispatcher, TOWNSHIP, OVERSEEING, C::Note),
    on(to(R::Dispatcher, TOWNSHIP, OVERSEEING, C::CloseMatter), &[M::Extension]),
    to(R::Handler, ALL, LEADING, C::Sign),
    to(R::Handler, ALL, LEADING, C::Resolve),
    to(R::Handler, ALL, WORKING, C::EndTask),
    to(R::Handler, TOWNSHIP, WORKING, C::Assign),
    to(R::Handler, VILLAGE, WORKING, C::Mobilise),
    to(R::Handler, VILLAGE, WORKING, C::ReportMember),
    to(R::Handler, ALL, CONCERNED, C::Note),
    to(R::Handler, ALL, &[P::Called], C::ReportIn),
    on(
        to(R::Handler, ALL, LEADING, C::OpenMatter),
        &[M::Return, M::Extension, M::Suspension, M::Consultation, M::FundApplication],
    ),
    // What of it, and up to what amount, is the fund's own table to say.
    to(R::Handler, ALL, OVERSEEING, C::Fund),
    on(to(R::Handler, BELOW, WORKING, C::OpenMatter), &[M::Whistle]),
    on(to(R::Handler, ALL, LEADING, C::CloseMatter), &[M::Suspension]),
    to(R::Member, VILLAGE, &[P::Mobilised], C::ReportMember),
    to(R::Caller, CITY, EVERY, C::FollowUp),
    to(R::Caller, CITY, EVERY, C::Note),
    to(R::Supervisor, CITY, EVERY, C::Note),
    to(R::Supervisor, CITY, EVERY, C::Dispatch),
    to(R::Supervisor, CITY, EVERY, C::Decline),
    to(R::Supervisor, CITY, EVERY, C::Assign),
    to(R::Supervisor, CITY, EVERY, C::EndTask),
    to(R::Supervisor, CITY, EVERY, C::Minute),
    to(R::Supervisor, CITY, EVERY, C::Conclude),
    to(R::Supervisor, CITY, EVERY, C::Retry),
    to(R::Supervisor, CITY, EVERY, C::Merge),
    to(R::Supervisor, CITY, EVERY, C::Unmerge),
    to(R::Supervisor, CITY, EVERY, C::Fund),
    to(R::Supervisor, CITY, EVERY, C::Erase),
    on(
        to(R::Supervisor, CITY, EVERY, C::OpenMatter),
        &[M::Consultation, M::Supervision, M::FundApplication],
    ),
    on(
        to(R::Supervisor, CITY, EVERY, C::CloseMatter),
        &[
            M::Return,
            M::Extension,
            M::Whistle,
            M::Suspension,
            M::Supervision,
            M::FollowThrough,
            M::FundApplication,
            M::Merge,
        ],
    ),
    to(R::Leader, CITY, EVERY, C::Note),
    to(R::Leader, CITY, EVERY, C::Minute),
    to(R::Leader, CITY, EVERY, C::Conclude),
    to(R::Leader, CITY, EVERY, C::Fund),
    on(to(R::Leader, CITY, EVERY, C::OpenMatter), &[M::Consultation, M::Supervision]),
    on(to(R::Leader, CITY, EVERY, C::CloseMatter), &[M::Supervision]),
];

/// What a role may read of a ticket at a tier, and of which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadGrant {
    /// The role.
    pub role: Role,
    /// The tiers of the units.
    pub tiers: &'static [Tier],
    /// One of which parts the unit must have; empty: every ticket.
    pub parts: &'static [Part],
    /// Whether it may see who the people are.
    pub unmasked: bool,
}

/// The table of reading.
pub const READ_GRANTS: &[ReadGrant] = &[
    // They take and send on requests, or decide on papers, and need to know nobody.
    ReadGrant { role: R::Operator, tiers: CITY, parts: EVERY, unmasked: false },
    ReadGrant { role: R::Dispatcher, tiers: CITY, parts: EVERY, unmasked: false },
    ReadGrant { role: R::Dispatcher, tiers: TOWNSHIP, parts: OVERSEEING, unmasked: false },
    ReadGrant { role: R::Leader, tiers: CITY, parts: EVERY, unmasked: false },
    // They sit at the table or are asked to come, and have no case yet.
    ReadGrant { role: R::Handler, tiers: ALL, parts: &[P::Called, P::Invited], unmasked: false },
    // They go there, telephone, or answer for the case.
    ReadGrant { role: R::Handler, tiers: ALL, parts: WORKING, unmasked: true },
    ReadGrant { role: R::Member, tiers: VILLAGE, parts: &[P::Mobilised], unmasked: true },
    ReadGrant { role: R::Caller, tiers: CITY, parts: EVERY, unmasked: true },
    ReadGrant { role: R::Supervisor, tiers: CITY, parts: EVERY, unmasked: true },
];
