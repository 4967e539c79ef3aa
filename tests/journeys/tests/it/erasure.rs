//! A person is erased: nothing of the texts can be read any more, every chain still verifies, and
//! every case still ends.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use contracts::{Citizen, Hint, dossier_key};
use data_encoding::BASE64;
use domain::{
    Access as Done, Actor, Command, CommandId, Context, Outcome, Reason, RecordId, RequestKind,
    Status, Step, Ticket, TicketId, Tier, Timestamp, UnitCode,
};
use lambda::step::turn;
use lambda::{Admitted, Order, StepError, StepLogic, Submission, erase, submit, tickets_of};
use lianxin_local::city::{Access, DESK};
use ports::{PortError, World};
use serde_json::{Value, json};

use crate::support::{TestCity, submission};

const SUPERVISOR: &str = "u1/supervisor/command-centre";

fn supervisor() -> Actor {
    Actor::parse(&format!("staff:{SUPERVISOR}")).unwrap()
}

/// Everything that a city leaves, but for secrets.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let all = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    all.filter(|path| !path.to_string_lossy().contains("/secrets/")).collect()
}

fn erase_phone<'a>(phone: &'a str, actor: &'a str) -> [&'a str; 7] {
    ["erase", "--phone", phone, "--reason", "citizen_request", "--as", actor]
}

/// A request through the door, in a city whose functions do not run.
async fn received(world: &World, order: &str, phone: &str) -> TicketId {
    let submission = Submission {
        order: order.to_owned(),
        want: RequestKind::Help,
        sent_at: Timestamp::from_millis(1_750_000_000_000),
        title: "三天停水".to_owned(),
        body: "松果社区突然停水三天，没通知就停，家里断水，停水通知也没有贴。".to_owned(),
        citizen: Citizen { phone: Some(phone.to_owned()), ..Citizen::default() },
        place: None,
        photos: Vec::new(),
    };
    let channel = domain::ChannelName::parse("hotline-12345").unwrap();
    match submit(world, &channel, &submission).await.unwrap() {
        Admitted::Created(ticket) => ticket.id().clone(),
        other @ (Admitted::Known(_) | Admitted::Conflict(_)) => panic!("{other:?}"),
    }
}

async fn load(world: &World, id: &TicketId) -> Ticket {
    world.tickets.load(id).await.unwrap().unwrap().ticket
}

/// One step of the machine, by hand.
async fn step(world: &World, id: &TicketId, step: Step, command: Command) {
    let before = load(world, id).await;
    let context = Context {
        actor: Actor::Step(step),
        now: world.clock.now(),
        calendar: &world.rules.calendar().await.unwrap(),
        directory: &world.rules.directory().await.unwrap(),
        cause: None,
    };
    let after = before.execute(&command, &context).unwrap();
    world.tickets.advance(&before, &after).await.unwrap();
}

/// Plays a ticket up to this status without any function.
async fn come_to(world: &World, id: &TicketId, status: Status) {
    let unit = UnitCode::parse("water-company").unwrap();
    let to = lambda::sample_catalog().items()[0].to(unit, Tier::City, None);
    loop {
        let now = load(world, id).await;
        if now.status() == status {
            return;
        }
        let (who, command) = match now.status() {
            Status::Received => (Step::Intake, Command::Accept),
            Status::Accepted if status == Status::NeedsDispatcher => {
                (Step::Dispatch, Command::Doubt { candidates: domain::Candidates::default() })
            }
            Status::Accepted => (Step::Dispatch, Command::Dispatch { to: to.clone() }),
            Status::Dispatched => (Step::Handling, Command::Open),
            Status::Resolved => (Step::Feedback, Command::Answer),
            Status::Handling => {
                resolve(world, id).await.unwrap();
                continue;
            }
            other => panic!("{other} is past {status}"),
        };
        step(world, id, who, command).await;
    }
}

async fn resolve(world: &World, id: &TicketId) -> Result<lambda::Done, lambda::CommandError> {
    let unit = load(world, id).await.assignment().unwrap().unit.clone();
    let actor = Actor::parse(&format!("staff:u2/handler/{unit}")).unwrap();
    let order = Order::Resolve { outcome: Outcome::Solved, reply: "已恢复供水。".to_owned() };
    let cause = CommandId::derive(&actor.to_string(), "resolve");
    lambda::command(world, &actor, id, (&order, &cause), None).await
}

async fn object(access: &Access, ticket: &Ticket) -> Vec<u8> {
    let world = access.world(DESK).unwrap();
    world.dossiers.get(&dossier_key(ticket)).await.unwrap().unwrap()
}

async fn cannot_be_opened(world: &World, ticket: &Ticket) {
    for entry in ticket.timeline() {
        let Some(sealed) = entry.event.sealed() else { continue };
        let opened = world.vault().open(ticket.id(), &sealed.record).await;
        assert!(matches!(opened, Err(PortError::Permanent(_))), "entry {} opens", entry.seq);
    }
}

/// Neither the key nor a text is in any byte of what the city leaves, but for secrets.
fn nothing_is_left(city: &TestCity, id: &TicketId, key: &str, canaries: &[&str]) {
    // The engine's file has no page left with the key, not even a free one.
    let database = std::fs::read(city.path().join("dynamo.db")).unwrap();
    let database = String::from_utf8_lossy(&database);
    assert!(database.contains(id.as_str()), "the database is not searchable as text");
    assert!(!database.contains(key), "the destroyed key is still in the file");
    for path in files(city.path()) {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for canary in canaries.iter().chain(&["10000077777"]) {
            assert!(!text.contains(canary), "{} holds a canary", path.display());
        }
    }
}

#[tokio::test]
async fn an_archived_case_keeps_its_dossier_and_loses_its_person() {
    let canaries = [
        "金丝雀标题甲",
        "金丝雀正文乙",
        "金丝雀姓名丙",
        "金丝雀地址丁",
        "金丝雀补充戊",
        "金丝雀答复己",
    ];
    let city = TestCity::new();
    let up = city.up();
    let mut request = submission("E-1");
    request["title"] = json!(format!("{}：路口井盖破损", canaries[0]));
    request["content"] =
        json!(format!("松果社区示例路口的窨井盖破了，成了没盖的井，请尽快更换。{}", canaries[1]));
    request["citizen"] =
        json!({ "name": canaries[2], "phone": "10000077777", "address": canaries[3] });
    let (secret, body) = (city.secret(), request.to_string());
    let (status, answer) = up.post(&secret, body.as_bytes()).await;
    assert_eq!(status, 202, "{answer}");
    let id = answer["ticket"].as_str().unwrap().to_owned();
    city.wait_for(&id, "handling").await;
    let more = json!({ "type": "supplement", "order_id": "E-1", "message_id": "M-1", "content": canaries[4] });
    assert_eq!(up.post(&secret, more.to_string().as_bytes()).await.0, 202);
    city.json(&["ticket", "do", &id, "resolve", canaries[5]]);
    city.wait_for(&id, "answered").await;
    city.json(&["ticket", "do", &id, "follow-up", "--solved", "true"]);
    city.wait_for(&id, "archived").await;
    let (other, _) = (up.post(&secret, submission("E-2").to_string().as_bytes()).await, ());
    assert_eq!(other.0, 202);

    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    let ticket = load(&world, &TicketId::parse(&id).unwrap()).await;
    assert!(world.vault().open(ticket.id(), &ticket.request().record).await.unwrap().is_some());
    let key = BASE64.encode(&world.keys.wrapped(ticket.id()).await.unwrap().unwrap());
    let dossier = object(&access, &ticket).await;

    for wrong in ["u1/handler/command-centre", "u1/caller/command-centre"] {
        let refused = city.run(&erase_phone("10000077777", wrong));
        assert!(!refused.status.success() && refused.stdout.is_empty());
        assert!(String::from_utf8_lossy(&refused.stderr).contains("may not `erase`"));
    }
    let erased = city.json(&erase_phone("10000077777", SUPERVISOR));
    assert_eq!((&erased["tickets"], &erased["open"]), (&json!([id]), &json!([])));
    assert_eq!(city.json(&erase_phone("10000077777", SUPERVISOR))["erased"], 0, "once is for ever");
    let again = ["erase", "--ticket", &id, "--reason", "citizen_request", "--as", SUPERVISOR];
    assert_eq!(city.json(&again)["erased"], 0);

    // The chain has grown by one event and its seal, the case file has not changed, and nothing opens.
    let after = load(&world, ticket.id()).await;
    let new = after.timeline().iter().filter(|entry| entry.seq > ticket.version());
    let new: Vec<_> = new.map(|entry| entry.event.kind().as_str()).collect();
    assert!(["erased", "addendum_sealed"].starts_with(&new) && !new.is_empty(), "{new:?}");
    assert_eq!(after.status(), Status::Archived);
    assert_eq!(object(&access, &after).await, dossier);
    cannot_be_opened(&world, &after).await;
    let date = after.erased_at().unwrap().beijing_compact_date();
    let journal = world.journal.day(&date).await.unwrap();
    let told: Vec<_> = journal.iter().filter(|e| e.reading.access == Done::Erased).collect();
    assert_eq!(told.len(), 1, "one erasure, one entry: {journal:?}");
    assert_eq!(
        (&told[0].reading.tickets[..], told[0].reading.reason),
        (&[ticket.id().clone()][..], Reason::CitizenRequest)
    );
    // The other person of the city is as before.
    let other = TicketId::parse(other.1["ticket"].as_str().unwrap()).unwrap();
    assert!(world.vault().open(&other, &RecordId::request(&other)).await.unwrap().is_some());

    // The same order again is known and makes nothing anew; nothing can be added.
    let (status, answer) = up.post(&secret, body.as_bytes()).await;
    assert_eq!((status, &answer["duplicate"]), (202, &json!(true)), "{answer}");
    access.close().await.unwrap();
    up.stop();
    city.assert_clean();
    nothing_is_left(&city, ticket.id(), &key, &canaries);
}

#[tokio::test]
async fn a_case_whose_person_is_erased_in_any_status_still_ends() {
    let statuses = [
        Status::Received,
        Status::Accepted,
        Status::NeedsDispatcher,
        Status::Dispatched,
        Status::Handling,
        Status::Resolved,
        Status::Answered,
    ];
    let (city, phone) = (TestCity::new(), "10000066666");
    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    let mut tickets = Vec::new();
    for status in statuses {
        let id = received(&world, &format!("S-{status}"), phone).await;
        come_to(&world, &id, status).await;
        tickets.push(id);
    }
    let mut found = tickets_of(&world, phone).await.unwrap();
    found.sort();
    let mut all = tickets.clone();
    all.sort();
    assert_eq!(found, all);
    erase(&world, &supervisor(), Reason::LegalRequest, &found).await.unwrap();
    for id in &tickets {
        cannot_be_opened(&world, &load(&world, id).await).await;
    }
    drop(world);
    access.close().await.unwrap();
    city.assert_clean();

    let up = city.up();
    for (id, status) in tickets.iter().zip(statuses) {
        let id = id.as_str();
        let waits_at = match status {
            Status::Received | Status::Accepted | Status::NeedsDispatcher => "needs_dispatcher",
            Status::Dispatched | Status::Handling => "handling",
            _ => "answered",
        };
        city.wait_for(id, waits_at).await;
        bring_to_its_end(&city, id, waits_at);
        city.wait_for(id, "archived").await;
    }
    up.stop();
    let found = city.assert_clean();
    assert_eq!((&found["tickets"], &found["archived"]), (&json!(7), &json!(7)));
    let log = std::fs::read_to_string(city.path().join("logs/city.log")).unwrap();
    assert!(!log.contains("to the dead letters"), "an erased ticket is no fault");
}

/// What staff can still do: note that nobody is reached, or take the case from the unit.
fn bring_to_its_end(city: &TestCity, id: &str, waits_at: &str) {
    if waits_at == "answered" {
        for _ in 0..3 {
            city.json(&["ticket", "do", id, "follow-up", "--no-answer"]);
        }
        return;
    }
    let refused = city.run(&["ticket", "do", id, "decline", "--ground", "repeated"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("was erased"));
    city.json(&["ticket", "do", id, "decline", "--ground", "withdrawn"]);
}

/// A crash after any of the parts: `verify` names what remains, the same command finishes it.
#[tokio::test]
async fn an_erasure_that_broke_off_is_finished_by_the_same_command() {
    for crashed_after in ["journal", "event", "key"] {
        let (city, phone) = (TestCity::new(), "10000055555");
        let access = city.access().await;
        let world = access.world(DESK).unwrap();
        let id = received(&world, "C-1", phone).await;
        let reading = domain::Reading {
            actor: supervisor(),
            reason: Reason::CitizenRequest,
            access: Done::Erased,
            tickets: vec![id.clone()],
            records: Vec::new(),
        };
        world.journal.append(reading, world.clock.now()).await.unwrap();
        let mut remains: Vec<&str> = Vec::new();
        if crashed_after != "journal" {
            let cause = CommandId::derive(&supervisor().to_string(), "erase");
            let order = (&Order::Erase, &cause);
            lambda::command(&world, &supervisor(), &id, order, None).await.unwrap();
            remains = vec!["erased_index_remains", "erased_key_remains"];
        }
        if crashed_after == "key" {
            world.keys.destroy(&id).await.unwrap();
            remains.pop();
        }
        drop(world);
        access.close().await.unwrap();
        let found = city.verify();
        let kinds: Vec<&Value> =
            found["violations"].as_array().unwrap().iter().map(|v| &v["kind"]).collect();
        assert_eq!(kinds, remains, "after {crashed_after}: {found}");

        let erased = city.json(&erase_phone(phone, SUPERVISOR));
        let this = json!([id.as_str()]);
        assert_eq!((&erased["tickets"], &erased["open"]), (&this, &this), "{crashed_after}");
        city.assert_clean();
        assert_eq!(city.json(&erase_phone(phone, SUPERVISOR))["erased"], 0);
    }
}

#[tokio::test]
async fn an_erasure_and_an_answer_at_once_leave_the_city_in_order() {
    let (city, phone) = (TestCity::new(), "10000044444");
    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    let (mut answered, mut refused) = (0, 0);
    for round in 0..12 {
        let id = received(&world, &format!("R-{round}"), phone).await;
        come_to(&world, &id, Status::Handling).await;
        let tickets = [id.clone()];
        let (actor, other) =
            (supervisor(), Actor::parse("staff:u9/supervisor/command-centre").unwrap());
        let (first, second, reply) = tokio::join!(
            erase(&world, &actor, Reason::CitizenRequest, &tickets),
            erase(&world, &other, Reason::CitizenRequest, &tickets),
            resolve(&world, &id),
        );
        first.unwrap();
        second.unwrap();
        match reply {
            Ok(_) => answered += 1,
            Err(lambda::CommandError::Refused { refusal, .. }) => {
                assert_eq!(refusal, domain::Refusal::Erased);
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
        let after = load(&world, &id).await;
        let erasures = after.timeline().iter().filter(|e| e.event == domain::Event::Erased {});
        assert_eq!(erasures.count(), 1);
        cannot_be_opened(&world, &after).await;
    }
    println!("{answered} answered first, {refused} erased first");
    drop(world);
    access.close().await.unwrap();
    city.assert_clean();
}

/// Decides by the text, and is overtaken by an erasure between reading the ticket and opening it.
struct Overtaken;

#[async_trait]
impl StepLogic for Overtaken {
    fn step(&self) -> Step {
        Step::Dispatch
    }

    async fn commands(&self, world: &World, ticket: &Ticket) -> Result<Vec<Command>, StepError> {
        if ticket.erased_at().is_some() {
            return Ok(vec![Command::Doubt { candidates: domain::Candidates::default() }]);
        }
        let tickets = [ticket.id().clone()];
        erase(world, &supervisor(), Reason::CitizenRequest, &tickets).await.unwrap();
        world.vault().open(ticket.id(), &ticket.request().record).await?;
        panic!("the key was there");
    }
}

#[tokio::test]
async fn a_step_that_is_overtaken_by_an_erasure_looks_again() {
    let city = TestCity::new();
    let access = city.access().await;
    let world = access.world("step-dispatch").unwrap();
    let desk = access.world(DESK).unwrap();
    let id = received(&desk, "O-1", "10000033333").await;
    come_to(&desk, &id, Status::Accepted).await;
    let hint = Hint::new(id.clone(), 2);
    // Without the second look the fault would be permanent and the message a dead letter.
    turn(&desk, &Overtaken, &hint).await.unwrap();
    assert_eq!(load(&world, &id).await.status(), Status::NeedsDispatcher);
    drop((world, desk));
    access.close().await.unwrap();
    city.assert_clean();
}
