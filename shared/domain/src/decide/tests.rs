//! Cases that the simulated city has brought up.

use crate::authority::{Actor, Role};
use crate::calendar::{Calendar, Limit};
use crate::command::{Ask, Command, DispatchTo};
use crate::decide::{Context, Refusal};
use crate::directory::{Directory, Files};
use crate::event::{Event, Outcome, RequestKind};
use crate::hash::Hash;
use crate::ids::{ChannelName, CommandId, ItemCode, RecordId, RegionCode, StaffId, UnitCode};
use crate::lifecycle::{Status, Step, Tier};
use crate::matter::{Level, Units};
use crate::reference::{Candidates, SealedRef};
use crate::ticket::Ticket;
use crate::timestamp::Timestamp;

fn unit(code: &str) -> UnitCode {
    UnitCode::parse(code).unwrap()
}

fn directory() -> Directory {
    let files = Files {
        units: "unit,name,tier,kind,parent,duties\ncommand-centre,甲,city,centre,,\n\
                transport,乙,city,department,command-centre,公路\n\
                water,丙,city,utility,command-centre,供水\n"
            .to_owned(),
        grids: "grid,village\n".to_owned(),
        staff: "staff,role,unit\n".to_owned(),
        members: "member,name,team,skills,grid,contact,availability\n".to_owned(),
    };
    Directory::read(1, &files).unwrap()
}

fn staff(role: Role, of: &str) -> Actor {
    let id = StaffId::parse(&format!("u-{role}")).unwrap();
    Actor::Staff { id, role, unit: unit(of) }
}

fn sealed() -> SealedRef {
    let record = RecordId::of_command(&CommandId::derive("tests", "a text"));
    SealedRef { record, seal: Hash::ZERO }
}

/// A ticket to which so many things have happened.
fn led(deeds: &[(Actor, Command)]) -> Ticket {
    let order = (ChannelName::parse("hotline-12345").unwrap(), "A-1");
    let (region, want) = (RegionCode::parse("140581").unwrap(), (RequestKind::Help, None));
    let now = Timestamp::parse("2026-03-04T10:00:00+08:00").unwrap();
    let ticket = Ticket::receive(region, order, want, sealed(), now).unwrap();
    deeds.iter().fold(ticket, |ticket, (actor, command)| {
        tried(&ticket, actor, command).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"))
    })
}

fn tried(ticket: &Ticket, actor: &Actor, command: &Command) -> Result<Ticket, Refusal> {
    let now = Timestamp::parse("2026-03-04T10:00:00+08:00").unwrap();
    let (calendar, directory) = (&Calendar::default(), &directory());
    let actor = actor.clone();
    ticket.execute(command, &Context { actor, now, calendar, directory, cause: None })
}

fn doubted() -> Vec<(Actor, Command)> {
    let doubt = Command::Doubt { candidates: Candidates::default() };
    vec![(Actor::Step(Step::Intake), Command::Accept), (Actor::Step(Step::Dispatch), doubt)]
}

fn answered() -> Vec<(Actor, Command)> {
    let to = DispatchTo {
        item: ItemCode::parse("UC-001").unwrap(),
        unit: unit("transport"),
        tier: Tier::City,
        limit: Limit::Workdays(5),
        confidence: None,
    };
    let resolve = Command::Resolve { outcome: Outcome::Solved, reply: sealed() };
    vec![
        (Actor::Step(Step::Intake), Command::Accept),
        (Actor::Step(Step::Dispatch), Command::Dispatch { to }),
        (Actor::Step(Step::Handling), Command::Open),
        (staff(Role::Handler, "transport"), resolve),
        (Actor::Step(Step::Feedback), Command::Answer),
    ]
}

#[test]
fn a_case_that_nobody_leads_gets_no_task_in_which_it_could_not_be_ended() {
    let ticket = led(&doubted());
    let (unit, limit) = (unit("water"), Limit::Hours(24));
    let assign = Command::Assign { unit, limit, note: None };
    let refused = tried(&ticket, &staff(Role::Dispatcher, "command-centre"), &assign);
    assert!(matches!(refused, Err(Refusal::WrongStatus { .. })), "{refused:?}");
    let channel = Actor::Channel(ChannelName::parse("hotline-12345").unwrap());
    let withdrawn = tried(&ticket, &channel, &Command::Withdraw { note: None }).unwrap();
    assert_eq!(withdrawn.status(), Status::Declined);
}

#[test]
fn what_nobody_could_settle_any_more_is_not_opened() {
    let table = || Ask::Consultation(Level::Two, Units::from([unit("water")]));
    let supervisor = staff(Role::Supervisor, "command-centre");
    let lead = staff(Role::Handler, "transport");
    let open = |ask| Command::OpenMatter { ask, note: Some(sealed()) };
    let ticket = led(&answered());
    let asks = [
        (&supervisor, table()),
        (&lead, Ask::Extension(Limit::Days(2))),
        (&lead, Ask::Suspension(ticket.received_at().plus_millis(Timestamp::DAY_MS))),
    ];
    for (actor, ask) in asks {
        let refused = tried(&ticket, actor, &open(ask));
        assert!(matches!(refused, Err(Refusal::WrongStatus { .. })), "{refused:?}");
    }
    for ask in [Ask::Supervision, Ask::FundApplication] {
        tried(&ticket, &supervisor, &open(ask)).unwrap();
    }
    let held = [(Actor::Sweep, Command::Hold { attempts: 10 })];
    // Before anybody had it a table would keep the machine from dispatching it for ever.
    let ticket = led(&[&doubted()[..1], &held].concat());
    let refused = tried(&ticket, &supervisor, &open(table()));
    assert!(matches!(refused, Err(Refusal::WrongStatus { .. })), "{refused:?}");
    let ticket = led(&[&answered()[..2], &held].concat());
    let opened = tried(&ticket, &supervisor, &open(table())).unwrap();
    let last = opened.timeline().last().map(|last| &last.event);
    assert!(matches!(last, Some(Event::MatterOpened { .. })), "{last:?}");
}

#[test]
fn a_closed_case_that_the_machine_could_not_archive_is_warned_of_and_not_supervised() {
    let channel = Actor::Channel(ChannelName::parse("hotline-12345").unwrap());
    let ended = [
        (channel, Command::Withdraw { note: None }),
        (Actor::Sweep, Command::Hold { attempts: 10 }),
    ];
    let ticket = led(&[&doubted()[..1], &ended].concat());
    let now = ticket.status_since().plus_millis(30 * Timestamp::HOUR_MS);
    let (calendar, directory) = (&Calendar::default(), &directory());
    let context = Context { actor: Actor::Clocks, now, calendar, directory, cause: None };
    let events = ticket.decide(&Command::Tick, &context).unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events.iter().all(|event| matches!(event, Event::Warned { .. })), "{events:?}");
}
