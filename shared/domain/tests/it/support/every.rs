//! Every command there is.

use domain::directory::Skill;
use domain::fund::ActKind;
use domain::{
    Ask, Candidates, Command, ItemCode, Level, Limit, Matter, MediaType, Paper, PhotoRefusal,
    Satisfaction, Stage, Units,
};

use super::{
    MEMBER, OTHER, OWN, TOWNSHIP, VILLAGE, archive, ask, assign, close_matter, conclude, decline,
    dispatch, end_task, minute, mobilise, money, no_answer, open_matter, other_ticket,
    reached_call, report, report_in, resolve, resolve_with, sealed, ticket, units,
    withdraw_for_erased,
};

/// Every kind of command, and each in every way that makes a difference.
pub(crate) fn commands() -> Vec<Command> {
    use Satisfaction::{Dissatisfied, Fairly, Satisfied};
    let candidates = ["UC-001", "WA-001"].map(|code| ItemCode::parse(code).unwrap()).to_vec();
    let mut commands = vec![
        Command::Accept,
        Command::Doubt { candidates: Candidates(candidates) },
        Command::Doubt { candidates: Candidates(Vec::new()) },
        decline(),
        Command::Open,
        Command::Supplement { note: sealed("more") },
        Command::Urge { note: None },
        Command::Withdraw { note: Some(sealed("back")) },
        Command::Note { note: sealed("note") },
        Command::Attach { photo: sealed("photo"), media: MediaType::Jpeg, bytes: 4711 },
        Command::RefuseAttachment { reason: PhotoRefusal::Damaged },
        resolve(),
        Command::Answer,
        no_answer(),
        Command::Evaluate,
        archive(),
        Command::Hold { attempts: 10 },
        Command::Retry,
        Command::Merge { lead: other_ticket() },
        Command::Merge { lead: ticket().id().clone() },
        Command::Unmerge,
        money(ActKind::Applied, Some("12000")),
        money(ActKind::Approved, Some("9000")),
        money(ActKind::Refused, None),
        money(ActKind::Paid, Some("9000")),
        resolve_with(OWN),
        resolve_with(OTHER),
        Command::Erase,
        withdraw_for_erased(),
        dispatch(OWN, Limit::Hours(24)),
        dispatch(OWN, Limit::Days(7)),
        dispatch(OTHER, Limit::Workdays(5)),
        dispatch(TOWNSHIP, Limit::Workdays(5)),
        dispatch(VILLAGE, Limit::Days(7)),
        Command::Sign,
        Command::Tick,
        Command::Replan,
        mobilise(MEMBER, Skill::Visiting),
        conclude(OWN, Units::default()),
        conclude(OTHER, units([VILLAGE])),
        ask(Ask::Whistle(units([TOWNSHIP]))),
        ask(Ask::Consultation(Level::Two, units([OWN]))),
        ask(Ask::Consultation(Level::One, units([OWN]))),
    ];
    commands.extend([true, false].map(report_in));
    commands.extend(Paper::ALL.iter().copied().map(minute));
    commands.extend(Stage::ALL.iter().copied().map(report));
    for code in [OTHER, VILLAGE] {
        commands.extend([assign(code), end_task(code, true), end_task(code, false)]);
    }
    let said = [
        (None, None, None),
        (Some(true), Some(true), Some(Satisfied)),
        (Some(true), Some(false), Some(Fairly)),
        (Some(false), Some(true), Some(Dissatisfied)),
    ];
    for (contacted, solved, satisfaction) in said {
        commands.push(reached_call(contacted, solved, satisfaction));
        commands.push(Command::Rate { solved, satisfaction });
    }
    for matter in Matter::ALL {
        commands.push(open_matter(*matter));
        commands.extend([true, false].map(|granted| close_matter(*matter, granted)));
    }
    commands
}
