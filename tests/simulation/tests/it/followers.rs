//! A lead with ten thousand followers: one answer, told to each of them once, whatever dies or gets lost.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context as Poller, Poll, Waker};

use contracts::SealedText;
use domain::{
    Actor, Ask, COMMAND_CENTRE, Candidates, Command, CommandId, EventKind, FOLLOW_MS, Outcome,
    Role, StaffId, Status, Step, Ticket, TicketId, Timestamp, UnitCode,
};
use lambda::{Function, Order, StepLogic as _, command};
use ports::World;
use serde_json::json;
use simulation::{Memory, Rng, Stand as _, request};
use step_dispatch::Dispatch;
use step_feedback::PAGE;

/// So many follow.
const FOLLOWERS: u32 = 10_000;
/// No function lives longer than so many looks of its executor.
const LIVES_MAX: u64 = 4_000;
const REPLY: &str = "主管道已修复，十日起恢复供水。";
const LEASE_MS: i64 = Timestamp::MINUTE_MS;

/// What a future comes to whose stores are in memory: it waits for nobody.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut poller = Poller::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut poller) {
            return done;
        }
    }
}

fn dispatcher() -> Actor {
    staff(Role::Dispatcher, COMMAND_CENTRE)
}

fn staff(role: Role, unit: &str) -> Actor {
    let id = StaffId::parse("u1").unwrap();
    Actor::Staff { id, role, unit: UnitCode::parse(unit).unwrap() }
}

/// Runs a function on a message; `false` when it died after so many looks, or did not acknowledge.
fn run(function: &Arc<dyn Function>, body: &str, looks: u64) -> bool {
    let event = json!({ "Records": [{ "messageId": "1", "body": body }] });
    let mut running = function.invoke(event);
    let mut poller = Poller::from_waker(Waker::noop());
    for _ in 0..looks {
        if let Poll::Ready(answer) = running.as_mut().poll(&mut poller) {
            return answer.unwrap()["batchItemFailures"].as_array().unwrap().is_empty();
        }
    }
    false
}

/// What happened to messages.
#[derive(Debug, Default)]
struct Happened {
    lost: u32,
    died: u32,
    doubled: u32,
    most_sent: usize,
}

/// Lets the feedback step work until its queue is empty. Some messages are lost, some come twice, and
/// some invocations die wherever they are.
fn drain(memory: &Memory, feedback: &Arc<dyn Function>, chance: &mut Rng) -> Happened {
    let mut happened = Happened::default();
    let mut queue: VecDeque<String> = memory.hints(Step::Feedback).into();
    while let Some(body) = queue.pop_front() {
        match chance.below(100) {
            0 => happened.lost += 1,
            1..=3 if !run(feedback, &body, 1 + chance.below(16)) => {
                happened.died += 1;
                queue.push_back(body);
            }
            4 => {
                happened.doubled += 1;
                assert!(run(feedback, &body, LIVES_MAX) && run(feedback, &body, LIVES_MAX));
            }
            _ => assert!(run(feedback, &body, LIVES_MAX), "not acknowledged"),
        }
        let sent = memory.hints(Step::Feedback);
        happened.most_sent = happened.most_sent.max(sent.len());
        queue.extend(sent);
    }
    happened
}

fn of(ticket: &Ticket, kind: EventKind) -> usize {
    ticket.timeline().iter().filter(|entry| entry.event.kind() == kind).count()
}

async fn answered(world: &World, followers: &[TicketId]) -> usize {
    let mut answered = 0;
    for id in followers {
        let stored = world.tickets.load(id).await.unwrap().unwrap();
        answered += usize::from(stored.ticket.status() == Status::Answered);
    }
    answered
}

/// Whoever of two looks second finds the other, though neither is dispatched yet.
#[test]
fn of_two_that_come_at_once_one_asks_about_the_other() {
    for second in [0, 1] {
        now(async {
            let memory = Memory::new(LEASE_MS, 1000);
            let world = memory.world();
            let intake = [(Actor::Step(Step::Intake), Command::Accept)];
            let mut two = Vec::new();
            for order in ["ONE", "TWO"] {
                let id = request(world, order, &intake).await;
                two.push(world.tickets.load(&id).await.unwrap().unwrap().ticket);
            }
            let first = Dispatch.commands(world, &two[1 - second]).await.unwrap();
            assert_eq!(first.len(), 1, "{first:?}");
            let asks = Dispatch.commands(world, &two[second]).await.unwrap();
            let Some(Command::OpenMatter { ask: Ask::Merge(likely), .. }) = asks.get(1) else {
                panic!("{asks:?}");
            };
            assert_eq!(likely.0[0].ticket, *two[1 - second].id());
        });
    }
}

#[test]
fn ten_thousand_followers_get_the_lead_s_answer_once_each() {
    now(play());
}

async fn play() {
    let memory = Memory::new(LEASE_MS, 1000);
    let (world, chance) = (memory.world(), &mut Rng::new(13));
    let intake = (Actor::Step(Step::Intake), Command::Accept);
    let doubt = Command::Doubt { candidates: Candidates::default() };
    let doubt = (Actor::Step(Step::Dispatch), doubt);
    let lead = request(world, "LEAD", &[intake.clone(), doubt.clone()]).await;
    let mut followers = Vec::new();
    for number in 0..FOLLOWERS {
        let merge = (dispatcher(), Command::Merge { lead: lead.clone() });
        let order = format!("A-{number}");
        followers.push(request(world, &order, &[intake.clone(), doubt.clone(), merge]).await);
    }
    assert_eq!(lambda::followers(world, &lead).await.unwrap(), FOLLOWERS);

    // The lead is dealt with, and written twice: its reply, and that it went out.
    let catalog = lambda::sample_catalog();
    let item = catalog.items().iter().find(|item| item.code.as_str() == "WS-001").unwrap();
    let unit = UnitCode::parse("water-company").unwrap();
    let to = item.to(unit, domain::Tier::City, None);
    let of_shell = |order, actor: Actor, key: &str| {
        let cause = CommandId::derive("test", key);
        let lead = lead.clone();
        async move { command(world, &actor, &lead, (&order, &cause), None).await.unwrap().ticket }
    };
    of_shell(Order::Dispatch { to }, dispatcher(), "dispatch").await;
    let handling = step_handling::function(world.clone());
    let hints = memory.hints(Step::Handling);
    assert!(hints.iter().all(|hint| run(&handling, hint, LIVES_MAX)));
    let resolve = Order::Resolve { outcome: Outcome::Solved, reply: REPLY.to_owned() };
    let resolved = of_shell(resolve, staff(Role::Handler, "water-company"), "resolve").await;

    let feedback = step_feedback::function(world.clone());
    let happened = drain(&memory, &feedback, chance);
    let at_once = answered(world, &followers).await;
    println!("{at_once} of {FOLLOWERS} at once: {happened:?}");
    assert!(happened.lost > 50 && happened.died > 50 && happened.doubled > 50, "{happened:?}");
    assert!(happened.most_sent <= 2 * usize::from(PAGE) + 2, "{happened:?}");

    // Who was missed asks within the hour, or the message of a step that was lost is sent again.
    let sweep = schedule_sweep::function(world.clone());
    let mut rounds = 0;
    while answered(world, &followers).await < followers.len() {
        rounds += 1;
        assert!(rounds < 200, "no end of it");
        memory.pass(if rounds == 1 { FOLLOW_MS + 1 } else { LEASE_MS });
        sweep.invoke(json!({})).await.unwrap();
        drain(&memory, &feedback, chance);
    }
    println!("all of them after {rounds} sweeps");

    for id in &followers {
        let ticket = world.tickets.load(id).await.unwrap().unwrap().ticket;
        let counted = [EventKind::ResolvedWith, EventKind::Answered, EventKind::Dispatched];
        assert_eq!(counted.map(|kind| of(&ticket, kind)), [1, 1, 1]);
        assert_eq!((ticket.lead(), ticket.answered_with()), (None, Some(&lead)));
        let reply = ticket.timeline().iter().find_map(|entry| entry.event.reply()).unwrap();
        let opened = world.vault().open(id, &reply.1.record).await.unwrap().unwrap();
        assert_eq!((opened.seal, opened.text), (reply.1.seal, SealedText::note(REPLY)));
    }
    let lead = world.tickets.load(&lead).await.unwrap().unwrap().ticket;
    assert_eq!(lead.version(), resolved.version() + 1);
    assert_eq!(lambda::followers(world, lead.id()).await.unwrap(), FOLLOWERS);
}
