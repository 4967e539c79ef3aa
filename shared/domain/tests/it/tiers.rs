//! 三级联动: whistles up, assignments down, returns, extensions, tables, teams, warnings.

mod found;

use domain::directory::Skill;
use domain::{
    Actor, Ask, CardKind, Command, Event, EventKind, Level, Limit, Matter, Paper, RED, Refusal,
    Role, Stage, Status, Step, Terms, Ticket, Timestamp, Trigger, YELLOW, cards,
};

use crate::support::{
    AWAY, Deed, MEMBER, OTHER, OWN, TOWNSHIP, VILLAGE, ask, assign, centre, close_matter, conclude,
    crew, deed, dispatch, end_task, finding, handler, minute, mobilise, open_matter, perform, play,
    report, report_in, resolve, staff, ticket, to_handling, unit, units,
};

fn last(ticket: &Ticket) -> Timestamp {
    ticket.timeline().last().unwrap().at
}

fn of(code: &str) -> Actor {
    staff(Role::Handler, code)
}

#[allow(clippy::needless_pass_by_value, reason = "most deeds are made where they are refused")]
fn refused(ticket: &Ticket, deed: Deed) -> Refusal {
    perform(ticket, &deed, last(ticket), None).unwrap_err()
}

fn kinds(ticket: &Ticket, after: usize) -> Vec<EventKind> {
    ticket.timeline()[after..].iter().map(|entry| entry.event.kind()).collect()
}

/// Led by a unit with this limit, and in its hands.
fn led_by(from: &Ticket, code: &str, limit: Limit) -> Ticket {
    let way = [
        deed(Actor::Step(Step::Intake), Command::Accept),
        deed(Actor::Step(Step::Dispatch), dispatch(code, limit)),
        deed(Actor::Step(Step::Handling), Command::Open),
    ];
    play(from, way)
}

fn tick(ticket: &Ticket, now: Timestamp) -> Ticket {
    perform(ticket, &deed(Actor::Clocks, Command::Tick), now, None).unwrap()
}

fn doubted() -> Vec<Deed> {
    let doubt = Command::Doubt { candidates: domain::Candidates(Vec::new()) };
    vec![deed(Actor::Step(Step::Intake), Command::Accept), deed(Actor::Step(Step::Dispatch), doubt)]
}

#[test]
fn a_village_leads_only_what_it_found_itself() {
    let accepted = play(&ticket(), [deed(Actor::Step(Step::Intake), Command::Accept)]);
    let to_village = deed(Actor::Step(Step::Dispatch), dispatch(VILLAGE, Limit::Days(7)));
    assert_eq!(refused(&accepted, to_village.clone()), Refusal::VillageLeads);
    let own = play(&finding(), [deed(Actor::Step(Step::Intake), Command::Accept), to_village]);
    assert_eq!(own.assignment().unwrap().unit, unit(VILLAGE));
}

#[test]
fn a_village_whistles_to_its_township_and_that_to_the_city() {
    let own = led_by(&finding(), VILLAGE, Limit::Days(7));
    let too_far = deed(of(VILLAGE), ask(Ask::Whistle(units([OWN]))));
    assert!(matches!(refused(&own, too_far), Refusal::Terms(_)));
    let called = play(&own, [deed(of(VILLAGE), ask(Ask::Whistle(units([TOWNSHIP]))))]);
    assert_eq!(refused(&called, deed(of(VILLAGE), resolve())), Refusal::Blocked(Matter::Whistle));
    let came = play(&called, [deed(of(TOWNSHIP), report_in(true))]);
    assert_eq!(
        kinds(&came, called.timeline().len()),
        [EventKind::ReportedIn, EventKind::Tasked, EventKind::MatterClosed]
    );
    // The township whistles on, from its task.
    let on = play(&came, [deed(of(TOWNSHIP), ask(Ask::Whistle(units([OWN, OTHER]))))]);
    let half = play(&on, [deed(of(OWN), report_in(true))]);
    assert!(half.matters().contains_key(&Matter::Whistle), "the other is awaited");
    assert_eq!(refused(&half, deed(of(OWN), report_in(false))), Refusal::NotYourUnit);
    let all = play(&half, [deed(of(OTHER), report_in(true))]);
    assert!(all.matters().is_empty());
    assert_eq!(all.tasks().len(), 3);
}

#[test]
fn a_refused_or_unanswered_whistle_brings_the_parties_to_one_table() {
    let led = led_by(&ticket(), TOWNSHIP, Limit::Workdays(5));
    let called = play(&led, [deed(of(TOWNSHIP), ask(Ask::Whistle(units([OWN, OTHER]))))]);
    let silent = Command::ReportIn { accepts: false, note: None };
    assert!(matches!(refused(&called, deed(of(OWN), silent)), Refusal::ReasonNeeded(_)));
    let due = called.matters()[&Matter::Whistle].terms.due().unwrap();
    let refusal = play(&called, [deed(of(OWN), report_in(false))]);
    let unanswered = tick(&called, due);
    assert!(tick(&called, due.plus_millis(-1)).matters().contains_key(&Matter::Whistle));
    for (after, why) in
        [(refusal, Trigger::WhistleRefused), (unanswered, Trigger::WhistleUnanswered)]
    {
        let Terms::Consultation { level, trigger, units: seats, .. } =
            &after.matters()[&Matter::Consultation].terms
        else {
            panic!("no table");
        };
        assert_eq!((*level, *trigger), (Level::Two, why));
        assert_eq!(*seats, units([OWN, OTHER, TOWNSHIP]));
        assert!(!after.matters().contains_key(&Matter::Whistle));
    }
}

#[test]
fn an_urgent_whistle_is_answered_within_half_an_hour() {
    for (limit, minutes) in [(Limit::Hours(2), Some(30)), (Limit::Workdays(5), None)] {
        let led = led_by(&ticket(), TOWNSHIP, limit);
        let called = play(&led, [deed(of(TOWNSHIP), ask(Ask::Whistle(units([OWN]))))]);
        let due = called.matters()[&Matter::Whistle].terms.due().unwrap();
        let given = (due.millis() - last(&called).millis()) / Timestamp::MINUTE_MS;
        assert!(minutes.map_or(given > 600, |minutes| given == minutes), "{given}");
    }
}

#[test]
fn the_lead_answers_when_nobody_assists_any_more() {
    let handling = play(&ticket(), to_handling());
    let dispatcher = centre(Role::Dispatcher);
    let tasked = play(&handling, [deed(dispatcher.clone(), assign(OTHER))]);
    assert_eq!(refused(&tasked, deed(handler(), resolve())), Refusal::TaskOpen(unit(OTHER)));
    assert_eq!(
        refused(&tasked, deed(dispatcher.clone(), assign(OWN))),
        Refusal::Terms("the lead does not assist itself")
    );
    let card = cards(&tasked, 0).into_iter().find(|card| card.kind == CardKind::Task(unit(OTHER)));
    assert_eq!(card.unwrap().due, tasked.tasks()[&unit(OTHER)].due);
    // Done by the unit itself and nobody else; released by who leads or gave it.
    assert_eq!(refused(&tasked, deed(handler(), end_task(OTHER, true))), Refusal::NotYourUnit);
    assert_eq!(refused(&tasked, deed(of(OTHER), end_task(OTHER, false))), Refusal::NotYourUnit);
    for end in [
        deed(of(OTHER), end_task(OTHER, true)),
        deed(handler(), end_task(OTHER, false)),
        deed(dispatcher, end_task(OTHER, false)),
    ] {
        assert_eq!(play(&tasked, [end, deed(handler(), resolve())]).status(), Status::Resolved);
    }
}

#[test]
fn a_township_gives_tasks_to_its_own_villages_only() {
    let led = led_by(&ticket(), TOWNSHIP, Limit::Workdays(5));
    for role in [Role::Handler, Role::Dispatcher] {
        let actor = staff(role, TOWNSHIP);
        assert_eq!(refused(&led, deed(actor.clone(), assign(OTHER))), Refusal::NotYourUnit);
        assert_eq!(play(&led, [deed(actor, assign(VILLAGE))]).tasks().len(), 1);
    }
    let foreign = play(&ticket(), to_handling());
    let stranger = deed(staff(Role::Dispatcher, TOWNSHIP), assign(VILLAGE));
    assert_eq!(refused(&foreign, stranger), Refusal::NotYourUnit);
}

#[test]
fn the_first_unit_keeps_the_case_until_another_accepts_it() {
    let handling = play(&ticket(), to_handling());
    let back = [
        deed(handler(), open_matter(Matter::Return)),
        deed(centre(Role::Dispatcher), dispatch(OTHER, Limit::Days(3))),
        deed(Actor::Step(Step::Handling), Command::Open),
    ];
    let sent_on = play(&handling, back);
    assert_eq!((sent_on.keeper(), sent_on.returned()), (Some(&unit(OWN)), 1));
    assert!(sent_on.is_led_by(&unit(OWN)) && sent_on.is_led_by(&unit(OTHER)));
    let kept = cards(&sent_on, 0).into_iter().any(|c| c.kind == CardKind::Keeper(unit(OWN)));
    assert!(kept);
    assert_eq!(refused(&sent_on, deed(handler(), Command::Sign)), Refusal::NotYourUnit);
    let signed = play(&sent_on, [deed(of(OTHER), Command::Sign)]);
    assert_eq!(signed.keeper(), Some(&unit(OTHER)));
    assert_eq!(refused(&signed, deed(handler(), resolve())), Refusal::NotYourUnit);
    assert!(matches!(refused(&signed, deed(of(OTHER), Command::Sign)), Refusal::Decided(_)));
}

#[test]
fn a_return_has_its_window_its_basis_and_one_decision() {
    let handling = play(&ticket(), to_handling());
    let give_back = deed(handler(), open_matter(Matter::Return));
    let Command::OpenMatter { ask, .. } = open_matter(Matter::Return) else { panic!() };
    let no_basis = deed(handler(), Command::OpenMatter { ask, note: None });
    assert!(matches!(refused(&handling, no_basis), Refusal::ReasonNeeded(_)));
    let late = handling.assignment().unwrap().since.plus_millis(2 * Timestamp::DAY_MS);
    assert!(matches!(perform(&handling, &give_back, late, None), Err(Refusal::TooLate(_))));
    let asked = play(&handling, [give_back.clone()]);
    assert_eq!(refused(&asked, give_back.clone()), Refusal::AlreadyOpen(Matter::Return));
    let stays = play(&asked, [deed(centre(Role::Dispatcher), close_matter(Matter::Return, false))]);
    assert!(matches!(refused(&stays, give_back), Refusal::Decided(_)), "that is final");
    // Of a limit of hours a quarter.
    let urgent = led_by(&ticket(), OWN, Limit::Hours(8));
    let since = urgent.assignment().unwrap().since;
    let again = deed(handler(), open_matter(Matter::Return));
    assert!(perform(&urgent, &again, since.plus_millis(119 * Timestamp::MINUTE_MS), None).is_ok());
    let over = perform(&urgent, &again, since.plus_millis(2 * Timestamp::HOUR_MS), None);
    assert!(matches!(over, Err(Refusal::TooLate(_))));
}

#[test]
fn an_extension_is_asked_in_time_and_decided_one_tier_up() {
    let own = led_by(&finding(), VILLAGE, Limit::Workdays(5));
    let more = deed(of(VILLAGE), open_matter(Matter::Extension));
    let due = own.assignment().unwrap().due;
    assert!(matches!(perform(&own, &more, due, None), Err(Refusal::TooLate(_))));
    let asked = play(&own, [more.clone()]);
    let grant = close_matter(Matter::Extension, true);
    // The city is two tiers up.
    let city = deed(centre(Role::Supervisor), grant.clone());
    assert_eq!(refused(&asked, city), Refusal::NotYourUnit);
    let granted = play(&asked, [deed(staff(Role::Dispatcher, TOWNSHIP), grant)]);
    assert!(granted.assignment().unwrap().due > due);
    assert!(granted.citizen_due() > own.citizen_due());
    let told = domain::tellings(granted.timeline(), 0);
    assert!(told.iter().any(|telling| telling.news.as_str() == "extended"));
    assert!(matches!(refused(&granted, more), Refusal::Decided(_)), "once");
}

#[test]
fn a_table_concludes_upon_its_papers() {
    let handling = play(&ticket(), to_handling());
    let supervisor = centre(Role::Supervisor);
    let open = play(&handling, [deed(handler(), open_matter(Matter::Consultation))]);
    let decide = deed(supervisor.clone(), conclude(OTHER, units([OWN, VILLAGE])));
    assert_eq!(refused(&open, decide.clone()), Refusal::PaperNeeded(Paper::Minutes));
    let written = play(&open, [deed(supervisor.clone(), minute(Paper::Minutes))]);
    let decided = play(&written, [decide]);
    assert_eq!(decided.status(), Status::Dispatched);
    assert_eq!(decided.assignment().unwrap().unit, unit(OTHER));
    let assisting: Vec<_> = decided.tasks().keys().map(|unit| unit.as_str()).collect();
    assert_eq!(assisting, [OWN, VILLAGE]);
    assert!(decided.matters().contains_key(&Matter::FollowThrough));
    assert_eq!(decided.citizen_due(), handling.citizen_due(), "a table moves no promise");
    // The lead waits for the others, and then for who sees whether the measures are done.
    let works = play(&decided, [deed(Actor::Step(Step::Handling), Command::Open)]);
    assert_eq!(
        refused(&works, deed(of(OTHER), resolve())),
        Refusal::Blocked(Matter::FollowThrough)
    );
    let seen = [
        deed(supervisor, close_matter(Matter::FollowThrough, true)),
        deed(of(OWN), end_task(OWN, true)),
        deed(of(VILLAGE), end_task(VILLAGE, true)),
    ];
    assert_eq!(play(&play(&works, seen), [deed(of(OTHER), resolve())]).status(), Status::Resolved);
}

#[test]
fn level_one_is_the_leaders() {
    let handling = play(&ticket(), to_handling());
    let (supervisor, leader) = (centre(Role::Supervisor), centre(Role::Leader));
    let raise = |level| ask(Ask::Consultation(level, units([OWN, TOWNSHIP])));
    assert!(matches!(refused(&handling, deed(handler(), raise(Level::Two))), Refusal::Terms(_)));
    let two = play(&handling, [deed(supervisor.clone(), raise(Level::Two))]);
    let down = deed(supervisor.clone(), raise(Level::Three));
    assert_eq!(refused(&two, down), Refusal::AlreadyOpen(Matter::Consultation));
    assert!(matches!(
        refused(&two, deed(leader.clone(), minute(Paper::Instruction))),
        Refusal::Terms(_)
    ));
    let one = play(&two, [deed(supervisor.clone(), raise(Level::One))]);
    let inbox =
        cards(&one, 0).into_iter().find(|c| c.kind == CardKind::Matter(Matter::Consultation));
    assert_eq!(inbox.unwrap().owner.inbox().as_deref(), Some("command-centre.leader"));
    let by_supervisor = deed(supervisor, minute(Paper::Instruction));
    assert_eq!(refused(&one, by_supervisor), Refusal::NotAllowed(domain::CommandKind::Minute));
    let referred = play(
        &one,
        [
            deed(leader.clone(), minute(Paper::Minutes)),
            deed(leader.clone(), minute(Paper::Referral)),
        ],
    );
    let due = |ticket: &Ticket| ticket.matters()[&Matter::Consultation].terms.due();
    assert!(due(&referred) > due(&one), "the standing committee has its own time");
    let decide = deed(leader.clone(), conclude(OWN, units([TOWNSHIP])));
    assert_eq!(refused(&referred, decide.clone()), Refusal::PaperNeeded(Paper::Instruction));
    let instructed = play(&referred, [deed(leader, minute(Paper::Instruction)), decide]);
    assert_eq!(instructed.status(), Status::Dispatched);
}

#[test]
fn a_village_mobilises_whom_it_can_call() {
    let own = led_by(&finding(), VILLAGE, Limit::Days(7));
    let village = of(VILLAGE);
    for (id, skill) in
        [(MEMBER, Skill::Plumbing), (AWAY, Skill::Errands), ("m99999", Skill::Errands)]
    {
        let called = refused(&own, deed(village.clone(), mobilise(id, skill)));
        assert!(matches!(called, Refusal::Terms(_) | Refusal::NoSuchPart), "{called:?}");
    }
    let out = play(&own, [deed(village.clone(), mobilise(MEMBER, Skill::Visiting))]);
    assert_eq!(refused(&out, deed(village.clone(), resolve())), Refusal::MembersOut);
    assert!(matches!(refused(&out, deed(crew(), report(Stage::Arrived))), Refusal::Terms(_)));
    let steps = [Stage::Accepted, Stage::Arrived, Stage::Finished];
    let done = play(&out, steps.map(|stage| deed(crew(), report(stage))));
    assert_eq!(play(&done, [deed(village, resolve())]).status(), Status::Resolved);
    // Who does not answer in time is not waited for.
    let due = out.crew().values().next().unwrap().due;
    let silent = tick(&out, due);
    assert_eq!(silent.crew().values().next().unwrap().stage, Stage::StoodDown);
    assert_eq!(refused(&silent, deed(crew(), report(Stage::Accepted))), Refusal::NotYourUnit);
}

/// 黄牌, 红牌, and every day after: each once, up the tiers.
#[test]
fn a_limit_warns_once_a_level_and_up_the_tiers() {
    let own = led_by(&finding(), VILLAGE, Limit::Hours(100));
    let (since, due) = own.assignment().map(|a| (a.since, a.due)).unwrap();
    let warned = |ticket: &Ticket| -> Vec<(u16, String)> {
        let entries = ticket.timeline().iter();
        let warnings = entries.filter_map(|entry| match &entry.event {
            Event::Warned { level, to, due: of, .. } => {
                assert_eq!(*of, due);
                Some((*level, to.inbox().unwrap()))
            }
            _ => None,
        });
        warnings.collect()
    };
    let yellow = since.plus_millis(80 * Timestamp::HOUR_MS);
    assert!(warned(&tick(&own, yellow.plus_millis(-1))).is_empty());
    let mut now = tick(&tick(&own, yellow), yellow);
    assert_eq!(warned(&now), [(YELLOW, VILLAGE.to_owned())], "once");
    now = tick(&tick(&now, due), due.plus_millis(1));
    assert_eq!(warned(&now)[1..], [(RED, TOWNSHIP.to_owned())]);
    assert_eq!(
        cards(&now, 0)[1].owner.inbox().as_deref(),
        Some(TOWNSHIP),
        "supervised one tier up"
    );
    // A week in which nobody looked: nothing is left out.
    now = tick(&now, due.plus_millis(7 * Timestamp::DAY_MS));
    let levels: Vec<u16> = warned(&now).iter().map(|(level, _)| *level).collect();
    assert_eq!(levels, (YELLOW..=RED + 7).collect::<Vec<_>>());
    let to: Vec<String> = warned(&now).into_iter().map(|(_, to)| to).collect();
    assert_eq!(to[4], "command-centre.supervisor");
    assert_eq!(to[8], "command-centre.leader");
    assert_eq!(cards(&now, 0)[1].owner.inbox().as_deref(), Some("command-centre.leader"));
}

/// A ticket that no unit has is warned of as well.
#[test]
fn a_dispatcher_who_sleeps_is_warned_of() {
    let waiting = play(&ticket(), doubted());
    let due = cards(&waiting, 0)[0].due;
    assert_eq!(cards(&waiting, 0)[0].alarm, Some(due));
    let late = tick(&waiting, due);
    assert_eq!(
        kinds(&late, waiting.timeline().len()),
        [EventKind::Warned, EventKind::MatterOpened]
    );
    assert_eq!(cards(&late, 0)[0].alarm, Some(due.plus_millis(Timestamp::DAY_MS)));
}

#[test]
fn what_ends_a_case_ends_all_that_hangs_on_it() {
    let led = led_by(&finding(), VILLAGE, Limit::Days(7));
    let busy = [
        deed(of(VILLAGE), mobilise(MEMBER, Skill::Visiting)),
        deed(centre(Role::Dispatcher), assign(OTHER)),
        deed(of(VILLAGE), ask(Ask::Whistle(units([TOWNSHIP])))),
        deed(centre(Role::Supervisor), ask(Ask::Consultation(Level::Two, units([OWN])))),
        deed(of(VILLAGE), open_matter(Matter::Suspension)),
        deed(centre(Role::Supervisor), close_matter(Matter::Suspension, true)),
    ];
    let busy = play(&led, busy);
    let citizen = Actor::Channel(crate::support::channel("hotline-12345"));
    let ended = play(&busy, [deed(citizen, Command::Withdraw { note: None })]);
    assert_eq!(ended.status(), Status::Declined);
    assert!(ended.matters().is_empty() && ended.tasks().is_empty());
    assert!(ended.crew().values().all(|crew| !crew.stage.is_out()));
    assert_eq!(cards(&ended, 0).len(), 1, "the archive's turn");
    assert!(ended.suspended_ms() <= 2 * Timestamp::HOUR_MS, "what was not used is given back");
}
