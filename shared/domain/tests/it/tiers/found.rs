//! Cases that random staff and the simulated city have brought up.

use domain::directory::Skill;
use domain::{
    Actor, Ask, Command, EventKind, Level, Limit, Matter, Refusal, Role, Stage, Status, Step,
    Timestamp,
};

use super::{doubted, kinds, led_by, of, refused, tick};
use crate::support::{
    MEMBER, OTHER, VILLAGE, ask, assign, centre, channel, deed, dispatch, finding, handler,
    mobilise, open_matter, play, resolve, ticket, to_answered, to_handling, units,
};

/// Found by random staff: a member who was out for a village that had no part any more was out for ever.
#[test]
fn whoever_accepts_the_case_calls_the_first_units_members_back() {
    let own = led_by(&finding(), VILLAGE, Limit::Days(7));
    let sent_on = [
        deed(centre(Role::Dispatcher), dispatch(OTHER, Limit::Days(3))),
        deed(Actor::Step(Step::Handling), Command::Open),
        deed(of(VILLAGE), mobilise(MEMBER, Skill::Visiting)),
        deed(of(OTHER), Command::Sign),
    ];
    let signed = play(&own, sent_on);
    assert_eq!(signed.crew().values().next().unwrap().stage, Stage::StoodDown);
    assert_eq!(play(&signed, [deed(of(OTHER), resolve())]).status(), Status::Resolved);
}

/// Found by the simulated city, as the two that follow.
#[test]
fn a_case_that_nobody_leads_gets_no_task_in_which_it_could_not_be_ended() {
    let waiting = play(&ticket(), doubted());
    let refusal = refused(&waiting, deed(centre(Role::Dispatcher), assign(OTHER)));
    assert!(matches!(refusal, Refusal::WrongStatus { .. }), "{refusal:?}");
    let citizen = Actor::Channel(channel("hotline-12345"));
    let withdrawn = play(&waiting, [deed(citizen, Command::Withdraw { note: None })]);
    assert_eq!(withdrawn.status(), Status::Declined);
}

#[test]
fn what_nobody_could_settle_any_more_is_not_opened() {
    let table = || ask(Ask::Consultation(Level::Two, units([OTHER])));
    let supervisor = || centre(Role::Supervisor);
    let answered = play(&play(&ticket(), to_handling()), to_answered());
    let late = [
        deed(supervisor(), table()),
        deed(handler(), open_matter(Matter::Extension)),
        deed(handler(), open_matter(Matter::Suspension)),
    ];
    for late in late {
        let refusal = refused(&answered, late);
        assert!(matches!(refusal, Refusal::WrongStatus { .. }), "{refusal:?}");
    }
    for asked in [Ask::Supervision, Ask::FundApplication] {
        play(&answered, [deed(supervisor(), ask(asked))]);
    }
    // A table would keep the machine for ever from dispatching what it gave up.
    let held = deed(Actor::Sweep, Command::Hold { attempts: 10 });
    let given_up = play(&ticket(), [deed(Actor::Step(Step::Intake), Command::Accept), held]);
    let refusal = refused(&given_up, deed(supervisor(), table()));
    assert!(matches!(refusal, Refusal::WrongStatus { .. }), "{refusal:?}");
}

#[test]
fn a_closed_case_that_the_machine_could_not_archive_is_warned_of_and_not_supervised() {
    let citizen = Actor::Channel(channel("hotline-12345"));
    let ended = [
        deed(Actor::Step(Step::Intake), Command::Accept),
        deed(citizen, Command::Withdraw { note: None }),
        deed(Actor::Sweep, Command::Hold { attempts: 10 }),
    ];
    let held = play(&ticket(), ended);
    let late = tick(&held, held.status_since().plus_millis(30 * Timestamp::HOUR_MS));
    assert_eq!(kinds(&late, held.timeline().len()), [EventKind::Warned, EventKind::Warned]);
}
