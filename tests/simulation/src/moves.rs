//! What can be done to a ticket, and what is likely in which status.

use domain::{Matter, Status, Ticket, Tier};

/// What can be done.
#[derive(Clone, Copy)]
pub(crate) enum Move {
    Supplement,
    Urge,
    Withdraw,
    Rate,
    Note,
    Dispatch,
    Decline,
    Sign,
    Assign,
    EndTask,
    Whistle,
    ReportIn,
    Return,
    Extension,
    Suspension,
    Table,
    Minute,
    Conclude,
    Mobilise,
    Crew,
    Watch,
    Fund,
    Close,
    Stranger,
    Merge,
    Unmerge,
}

/// What is likely in which status, and how likely, in ten thousand; else it is any of the common ones. What
/// few have come so far to see is likelier for them.
pub(crate) fn apt(ticket: &Ticket) -> (u32, &'static [Move]) {
    use Move as M;
    let open = !ticket.matters().is_empty();
    let money = ticket.matters().contains_key(&Matter::FundApplication);
    let out = ticket.crew().values().any(|crew| crew.stage.is_out());
    let others = out || !ticket.tasks().is_empty();
    let villages = ticket.tasks().values().any(|task| task.tier == Tier::Village);
    match ticket.status() {
        _ if ticket.lead().is_some() => (6000, FOLLOWING),
        Status::Declined if open => (10_000, &[M::Close]),
        Status::Resolved | Status::Evaluated | Status::FollowedUp if open => (5000, &[M::Close]),
        Status::Archived if open => (3000, &[M::Close]),
        Status::Held | Status::Dispatched if out => {
            (9500, &[M::Crew, M::Crew, M::Crew, M::EndTask])
        }
        Status::Held | Status::Dispatched if others => (9000, &[M::EndTask, M::Crew, M::Close]),
        Status::Held => (7500, HELD),
        Status::Dispatched => (7000, DISPATCHED),
        Status::NeedsDispatcher | Status::Handling if money && open => (9000, WITH_MONEY),
        Status::NeedsDispatcher => (6000, DOUBTED),
        Status::Handling if out => (9500, WITH_TEAMS),
        Status::Handling if villages => (9500, WITH_VILLAGES),
        Status::Handling if others => (9000, WITH_OTHERS),
        Status::Handling => (7500, HANDLED),
        Status::Answered => (5000, ANSWERED),
        _ => (0, &[]),
    }
}

const FOLLOWING: &[Move] = &[
    Move::Unmerge,
    Move::Unmerge,
    Move::Withdraw,
    Move::Urge,
    Move::Supplement,
    Move::Dispatch,
    Move::Merge,
    Move::Close,
    Move::Sign,
    Move::Stranger,
];
const HELD: &[Move] = &[
    Move::Withdraw,
    Move::Close,
    Move::Dispatch,
    Move::Decline,
    Move::Extension,
    Move::Close,
    Move::Watch,
    Move::Fund,
    Move::Withdraw,
];
const DISPATCHED: &[Move] = &[
    Move::Merge,
    Move::Close,
    Move::Extension,
    Move::Watch,
    Move::Fund,
    Move::Withdraw,
    Move::Return,
    Move::Close,
    Move::Suspension,
    Move::Stranger,
];
const DOUBTED: &[Move] = &[
    Move::Merge,
    Move::Table,
    Move::Table,
    Move::Minute,
    Move::Conclude,
    Move::Conclude,
    Move::Watch,
    Move::Close,
    Move::Fund,
    Move::Fund,
    Move::Assign,
    Move::Stranger,
];
const WITH_MONEY: &[Move] =
    &[Move::Withdraw, Move::Withdraw, Move::Decline, Move::Close, Move::Note, Move::Dispatch];
const WITH_TEAMS: &[Move] = &[
    Move::Dispatch,
    Move::Dispatch,
    Move::Dispatch,
    Move::Crew,
    Move::Crew,
    Move::Mobilise,
    Move::EndTask,
];
const WITH_VILLAGES: &[Move] = &[
    Move::Mobilise,
    Move::Mobilise,
    Move::Mobilise,
    Move::Mobilise,
    Move::Assign,
    Move::Dispatch,
    Move::Dispatch,
    Move::Dispatch,
    Move::EndTask,
    Move::Whistle,
    Move::Whistle,
    Move::ReportIn,
];
const WITH_OTHERS: &[Move] = &[
    Move::Assign,
    Move::Assign,
    Move::Dispatch,
    Move::Dispatch,
    Move::Dispatch,
    Move::Dispatch,
    Move::Dispatch,
    Move::Crew,
    Move::EndTask,
    Move::Whistle,
    Move::ReportIn,
    Move::Suspension,
    Move::Return,
    Move::Stranger,
];
const HANDLED: &[Move] = &[
    Move::Merge,
    Move::Sign,
    Move::Assign,
    Move::Assign,
    Move::Assign,
    Move::Assign,
    Move::Whistle,
    Move::Whistle,
    Move::ReportIn,
    Move::Return,
    Move::Return,
    Move::Extension,
    Move::Extension,
    Move::Suspension,
    Move::Table,
    Move::Minute,
    Move::Conclude,
    Move::Mobilise,
    Move::Watch,
    Move::Fund,
    Move::Fund,
    Move::Close,
    Move::Dispatch,
    Move::Stranger,
];
const ANSWERED: &[Move] = &[
    Move::Watch,
    Move::Fund,
    Move::Fund,
    Move::Close,
    Move::Return,
    Move::Extension,
    Move::Table,
    Move::Stranger,
];

/// The common ones, by which most of what citizens do is done.
pub(crate) const COMMON: &[Move] = &[
    Move::Supplement,
    Move::Supplement,
    Move::Urge,
    Move::Withdraw,
    Move::Rate,
    Move::Rate,
    Move::Note,
    Move::Note,
    Move::Note,
    Move::Note,
    Move::Fund,
    Move::Close,
    Move::Close,
    Move::Dispatch,
    Move::Decline,
    Move::Watch,
];
