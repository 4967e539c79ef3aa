//! The night's work: heads are published and hold every ticket, orphans go and nothing else does,
//! forgotten uploads and mails are looked at; and what came after the archive is sealed and proven too.

use std::sync::Arc;
use std::time::Duration;

use contracts::{Hint, PublishedHead, head_key, leaves_key, leaves_to_bytes};
use domain::merkle::{Leaf, root_by};
use domain::{
    Actor, ChannelName, CommandId, Hash, RecordId, RequestKind, Status, TicketId, Timestamp,
};
use lambda::{Admitted, Order, Submission};
use lianxin_local::city::{Access, DESK};
use ports::World;
use schedule_upkeep::{Mails, Night, Upkeep};
use serde_json::json;

use crate::support::{Standing, TestCity, submission};

/// A city whose functions do not run, and the world of its desk.
struct Still {
    city: TestCity,
    access: Access,
}

impl Still {
    async fn new() -> Self {
        let city = TestCity::new();
        let access = city.access().await;
        Self { city, access }
    }

    fn world(&self, at: &str) -> World {
        let clock = Arc::new(Standing(Timestamp::parse(&format!("{at}+08:00")).unwrap()));
        World { clock, ..self.access.world(DESK).unwrap() }
    }

    /// What the night's work does at this time.
    async fn night(&self, at: &str) -> Option<Night> {
        Upkeep::new(self.world(at)).night().await.unwrap()
    }

    /// The head of a date.
    async fn head(&self, date: &str) -> PublishedHead {
        let world = self.world("2026-03-01T12:00:00");
        lambda::published(&world, &head_key(&world.region, date)).await.unwrap()
    }

    async fn clean(self) {
        self.access.close().await.unwrap();
        self.city.assert_clean();
    }
}

fn channel() -> ChannelName {
    ChannelName::parse("hotline-12345").unwrap()
}

async fn received(world: &World, order: &str) -> TicketId {
    let submission = Submission {
        order: order.to_owned(),
        want: RequestKind::Help,
        sent_at: world.clock.now(),
        title: "路灯不亮".to_owned(),
        body: "松果社区示例路的路灯不亮，灯全灭了，黑灯瞎火。".to_owned(),
        citizen: contracts::Citizen::default(),
        place: None,
        photos: Vec::new(),
    };
    match lambda::submit(world, &channel(), &submission).await.unwrap() {
        Admitted::Created(ticket) => ticket.id().clone(),
        other @ (Admitted::Known(_) | Admitted::Conflict(_)) => panic!("{other:?}"),
    }
}

async fn order(world: &World, actor: &str, id: &TicketId, order: Order, message: &str) {
    let actor = Actor::parse(actor).unwrap();
    let cause = CommandId::derive(&actor.to_string(), message);
    lambda::command(world, &actor, id, (&order, &cause), None).await.unwrap();
}

async fn version(world: &World, id: &TicketId) -> u32 {
    world.tickets.load(id).await.unwrap().unwrap().ticket.version()
}

/// The archive step takes its turn.
async fn archive(world: &World, id: &TicketId) {
    let hint = Hint::new(id.clone(), version(world, id).await);
    lambda::step::turn(world, &step_archive::Archive, &hint).await.unwrap();
}

/// A request that was withdrawn and archived at once.
async fn archived(world: &World, name: &str) -> TicketId {
    let id = received(world, name).await;
    order(world, "channel:hotline-12345", &id, Order::Withdraw { text: None }, name).await;
    archive(world, &id).await;
    assert_eq!(world.tickets.load(&id).await.unwrap().unwrap().ticket.status(), Status::Archived);
    id
}

fn held(head: &PublishedHead) -> Vec<(&str, u32)> {
    let mut held: Vec<_> =
        head.leaves.iter().map(|leaf| (leaf.ticket.as_str(), leaf.version)).collect();
    held.sort_unstable();
    held
}

fn sorted<'a>(list: impl IntoIterator<Item = (&'a TicketId, u32)>) -> Vec<(&'a str, u32)> {
    let mut list: Vec<_> = list.into_iter().map(|(id, version)| (id.as_str(), version)).collect();
    list.sort_unstable();
    list
}

#[tokio::test]
async fn a_head_holds_what_is_open_and_what_has_changed_and_names_the_one_before() {
    let still = Still::new().await;
    assert_eq!(still.night("2026-03-01T00:20:00").await, None, "a city without tickets is silent");
    let first = still.world("2026-03-01T10:00:00");
    let (open, closed) = (received(&first, "A-1").await, archived(&first, "A-2").await);
    let nights = [
        ("2026-03-02T00:09:00", None), // not settled yet
        ("2026-03-02T00:10:00", Some("2026-03-01")),
        ("2026-03-02T01:10:00", None), // done
        ("2026-03-03T00:10:00", Some("2026-03-02")),
    ];
    for (at, date) in nights {
        assert_eq!(still.night(at).await.map(|night| night.date), date.map(str::to_owned), "{at}");
    }
    let (one, two) = (still.head("2026-03-01").await, still.head("2026-03-02").await);
    assert_eq!(held(&one), sorted([(&open, 1), (&closed, 3)]));
    assert_eq!(held(&two), sorted([(&open, 1)]), "what is closed and known is left out");
    assert!(one.head.follows(None) && two.head.follows(Some(&one)));

    // A late fact, sealed; a head after days in which nobody was there.
    let late = still.world("2026-03-08T10:00:00");
    let rate = Order::Rate { solved: Some(true), satisfaction: None };
    order(&late, "channel:hotline-12345", &closed, rate, "R-1").await;
    archive(&late, &closed).await;
    assert_eq!(still.night("2026-03-09T03:00:00").await.unwrap().date, "2026-03-08");
    let three = still.head("2026-03-08").await;
    assert_eq!(held(&three), sorted([(&open, 1), (&closed, 5)]));
    assert!(three.head.follows(Some(&two)));
    still.clean().await;
}

/// A step reads the clock before midnight and writes when the walk has gone by.
#[tokio::test]
async fn what_was_written_just_after_a_walk_with_a_time_before_it_is_in_the_next_head() {
    let still = Still::new().await;
    let day = still.world("2026-03-01T10:00:00");
    archived(&day, "A-1").await;
    still.night("2026-03-02T00:10:00").await.unwrap();
    let straggler = archived(&still.world("2026-03-01T23:59:59"), "A-2").await;
    still.night("2026-03-05T00:10:00").await.unwrap();
    assert_eq!(held(&still.head("2026-03-04").await), sorted([(&straggler, 3)]));
    let again = archived(&still.world("2026-03-04T23:59:59"), "A-3").await;
    still.night("2026-03-06T00:10:00").await.unwrap();
    assert_eq!(held(&still.head("2026-03-05").await), sorted([(&again, 3)]));
    still.night("2026-03-07T00:10:00").await.unwrap();
    still.clean().await;
}

#[tokio::test]
async fn a_run_after_one_that_broke_off_takes_its_leaves_as_they_stand() {
    let still = Still::new().await;
    let world = still.world("2026-03-01T10:00:00");
    let id = received(&world, "A-1").await;
    let head = world.tickets.load(&id).await.unwrap().unwrap().ticket.head();
    let leaf = Leaf { ticket: id.clone(), version: 1, head };
    let key = leaves_key(&head_key(&world.region, "2026-03-01"));
    world.dossiers.put_once(&key, &leaves_to_bytes(&[leaf])).await.unwrap();
    // Meanwhile the world has gone on.
    received(&world, "A-2").await;
    order(&world, "channel:hotline-12345", &id, Order::Urge { text: None }, "U-1").await;
    assert_eq!(still.night("2026-03-02T00:10:00").await.unwrap().leaves, 1);
    assert_eq!(held(&still.head("2026-03-01").await), sorted([(&id, 1)]));
    still.clean().await;
}

#[tokio::test]
async fn a_damaged_ticket_keeps_no_other_from_being_published() {
    let still = Still::new().await;
    let world = still.world("2026-03-01T10:00:00");
    let (good, bad) = (received(&world, "A-1").await, received(&world, "A-2").await);
    let table = still.access.template.tables.iter().find(|table| table.logical == "Tickets");
    let update = still.access.clients.dynamodb.update_item().table_name(&table.unwrap().name);
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let update = update.key("pk", text(format!("140581#{bad}"))).key("sk", text("T".to_owned()));
    let update = update.update_expression("SET st = :st");
    update.expression_attribute_values(":st", text("archived".to_owned())).send().await.unwrap();
    let night = still.night("2026-03-02T00:10:00").await.unwrap();
    assert_eq!((night.leaves, night.unread), (1, 1));
    assert_eq!(held(&still.head("2026-03-01").await), sorted([(&good, 1)]));
    still.access.close().await.unwrap();
}

/// Seals a text that no event names, as a command does that then breaks off.
async fn orphan(world: &World, id: &TicketId, name: &str) -> RecordId {
    let record = RecordId::of_command(&CommandId::derive("staff:u1/operator/command-centre", name));
    let text = contracts::SealedText::note("打过电话。");
    world.vault().put(id, &record, &text).await.unwrap().unwrap();
    record
}

#[tokio::test]
async fn orphans_go_after_a_day_and_nothing_else_does() {
    let still = Still::new().await;
    let day = still.world("2026-03-01T10:00:00");
    let (open, closed) = (received(&day, "A-1").await, archived(&day, "A-2").await);
    for id in [&open, &closed] {
        orphan(&day, id, "old").await;
        orphan(&still.world("2026-03-02T00:05:00"), id, "young").await;
    }
    assert_eq!(still.night("2026-03-02T00:10:00").await.unwrap().orphans, 0, "none is a day old");
    let night = still.night("2026-03-03T00:04:00").await;
    assert_eq!(night, None, "not settled");
    // The same command again, in time: it finds its text, and the event names it.
    let again = still.world("2026-03-02T20:00:00");
    let note = || Order::Note { text: "打过电话。".to_owned() };
    order(&again, "staff:u1/operator/command-centre", &open, note(), "old").await;
    let before = day.texts.list(&open).await.unwrap().len();
    assert_eq!(still.night("2026-03-03T00:10:00").await.unwrap().orphans, 3);
    assert_eq!((before, day.texts.list(&open).await.unwrap().len()), (3, 2), "request and note");
    assert_eq!(day.texts.list(&closed).await.unwrap().len(), 1, "the request");
    still.clean().await;
}

/// A record that a command wants again as the night's work is about to delete it stays.
#[tokio::test]
async fn a_record_that_is_wanted_again_is_not_deleted() {
    let still = Still::new().await;
    let (day, later) = (still.world("2026-03-01T10:00:00"), still.world("2026-03-03T00:10:00"));
    let id = received(&day, "A-1").await;
    let record = orphan(&day, &id, "old").await;
    let listed = day.clock.now();
    assert_eq!(orphan(&later, &id, "old").await, record, "it stands, and is wanted");
    assert!(!later.texts.remove(&id, &record, listed).await.unwrap());
    assert!(later.texts.remove(&id, &record, later.clock.now()).await.unwrap());
    assert!(!later.texts.renew(&id, &record, later.clock.now()).await.unwrap(), "gone is gone");
    orphan(&later, &id, "old").await;
    assert_eq!(later.texts.list(&id).await.unwrap().len(), 2, "and is put again");
    still.access.close().await.unwrap();
}

/// Long after the archive nobody looks at a case by itself: the command says so before it seals.
#[tokio::test]
async fn an_orphan_of_a_case_closed_long_ago_goes_too() {
    let still = Still::new().await;
    let closed = archived(&still.world("2026-03-01T10:00:00"), "A-1").await;
    for at in ["2026-03-02T00:10:00", "2026-03-03T00:10:00", "2026-03-04T00:10:00"] {
        still.night(at).await.unwrap();
    }
    let may = still.world("2026-05-01T10:00:00");
    let ticket = may.tickets.load(&closed).await.unwrap().unwrap().ticket;
    assert!(may.tickets.touch(&ticket, may.clock.now()).await.unwrap());
    orphan(&may, &closed, "broken off").await;
    still.night("2026-05-02T00:10:00").await.unwrap();
    assert_eq!(still.night("2026-05-03T00:10:00").await.unwrap().orphans, 1);
    still.clean().await;
}

#[tokio::test]
async fn an_upload_that_was_named_and_not_looked_at_is_hinted_at_again() {
    let still = Still::new().await;
    let now = still.access.world(DESK).unwrap().clock.wall();
    let region = domain::RegionCode::parse("140581").unwrap();
    let key = |n: u8| domain::UploadKey::new(&region, now, &[n; 16]);
    let (named, unnamed) = (key(1), key(2));
    for key in [&named, &unnamed] {
        let put = still.access.clients.s3.put_object().bucket("lianxin-uploads-000000000000");
        put.key(key.as_str()).body(vec![1].into()).send().await.unwrap();
    }
    let world = still.access.world(DESK).unwrap();
    let id = received(&world, "A-1").await;
    assert!(world.claims.claim(&named, &id).await.unwrap());
    assert_eq!(Upkeep::new(world.clone()).remind().await.unwrap(), 0, "the first hint is young");
    let clock = Arc::new(Standing(now.plus_millis(2 * Timestamp::HOUR_MS)));
    let later = World { clock, ..world };
    assert_eq!(Upkeep::new(later).remind().await.unwrap(), 1, "what nobody has named waits");
    let url = still.access.queue_url("lianxin-attachment").unwrap();
    let got = still.access.clients.sqs.receive_message().queue_url(url).send().await.unwrap();
    let bodies: Vec<_> = got.messages().iter().filter_map(|message| message.body()).collect();
    assert_eq!(bodies, [contracts::UploadHint { key: named }.to_body()]);
    still.access.close().await.unwrap();
}

#[tokio::test]
async fn a_mail_that_nobody_has_taken_is_told_of_again() {
    let still = Still::new().await;
    let world = still.access.world("schedule-upkeep").unwrap();
    let now = world.clock.wall();
    let bytes_max = contracts::MailNotice::BYTES_MAX;
    // The last is never taken: nobody is told again of what would be a dead letter again.
    for (key, bytes) in [("m/样例 1+.eml", bytes_max), ("m/2.eml", bytes_max + 1)] {
        let put = still.access.clients.s3.put_object().bucket("lianxin-mail-000000000000").key(key);
        put.body(vec![b'x'; bytes].into()).send().await.unwrap();
    }
    let at = async |hours: i64| {
        let clock = Arc::new(Standing(now.plus_millis(hours * Timestamp::HOUR_MS)));
        Upkeep::new(World { clock, ..world.clone() }).mails().await.unwrap()
    };
    assert_eq!(at(0).await, Mails { told: 0, too_large: 0 }, "the bucket's own message is young");
    assert_eq!(at(2).await, Mails { told: 1, too_large: 1 });
    let url = still.access.queue_url("lianxin-channel-mayor-mailbox").unwrap();
    let got = still.access.clients.sqs.receive_message().queue_url(url).send().await.unwrap();
    let bodies: Vec<_> = got.messages().iter().filter_map(|message| message.body()).collect();
    let notice = contracts::MailNotice { key: "m/样例 1+.eml".to_owned() };
    assert_eq!(bodies, [notice.to_body()]);
    still.access.close().await.unwrap();
}

/// As a citizen and an auditor see it: through the binary, over HTTP.
#[tokio::test]
async fn a_case_proves_before_and_after_a_late_fact_and_after_its_person_was_erased() {
    let city = TestCity::new();
    let up = city.up();
    let secret = city.secret();
    let post = async |body: serde_json::Value| {
        let (status, answer) = up.post(&secret, body.to_string().as_bytes()).await;
        assert_eq!(status, 202, "{answer}");
        answer["ticket"].as_str().unwrap().to_owned()
    };
    let id = post(submission("N-1")).await;
    post(json!({ "type": "withdraw", "order_id": "N-1", "message_id": "W-1" })).await;
    city.wait_for(&id, "archived").await;
    let unproven = city.run(&["ticket", "prove", &id]);
    assert!(!unproven.status.success());
    assert!(String::from_utf8_lossy(&unproven.stderr).contains("no daily head holds it yet"));

    let proof = proven(&city, &id, true).await;
    let leaf = Leaf::parse(proof["leaf"].as_str().unwrap()).unwrap();
    let path: Vec<Hash> = proof["path"].as_array().unwrap().iter().map(hash).collect();
    let place = (usize_of(&proof["index"]), usize_of(&proof["leaves"]));
    assert_eq!(root_by(leaf.hash(), place, &path), Some(hash(&proof["root"])));

    post(json!({ "type": "rate", "order_id": "N-1", "message_id": "R-1", "solved": true })).await;
    let shown = sealed(&city, &id, "rated").await;
    let younger = city.json(&["ticket", "prove", &id]);
    assert!(younger["proven_version"].as_u64() < younger["version"].as_u64());
    let page = city.path().join("page.html");
    let out = page.to_str().unwrap();
    city.json(&["ticket", "dossier", &id, "--out", out, "--reason", "audit"]);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("补充卷") && page.contains("诉求人评价"));
    assert_eq!(page.matches("与归档事件所载一致").count(), 2, "{shown}");
    proven(&city, &id, true).await;

    let erase = ["erase", "--ticket", &id, "--reason", "citizen_request"];
    city.json(&[&erase[..], &["--as", "u1/supervisor/command-centre"]].concat());
    sealed(&city, &id, "erased").await;
    proven(&city, &id, false).await;
    proven(&city, &id, true).await;
    city.assert_clean();
    up.stop();
}

fn hash(value: &serde_json::Value) -> Hash {
    Hash::parse(value.as_str().unwrap()).unwrap()
}

fn usize_of(value: &serde_json::Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// Proves a ticket, after a night if it must be proven as it is now.
async fn proven(city: &TestCity, id: &str, wholly: bool) -> serde_json::Value {
    if wholly {
        city.json(&["clock", "advance", "1d"]);
    }
    for _ in 0..100 {
        let output = city.run(&["ticket", "prove", id]);
        let proof: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if output.status.success() && (!wholly || proof["proven_version"] == proof["version"]) {
            return proof;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!(
        "{id} is not proven: {}",
        String::from_utf8_lossy(&city.run(&["ticket", "prove", id]).stderr)
    );
}

/// Waits until an event has happened and lies in an addendum.
async fn sealed(city: &TestCity, id: &str, kind: &str) -> serde_json::Value {
    for _ in 0..100 {
        let shown = city.json(&["ticket", "show", id]);
        let timeline = shown["timeline"].as_array().unwrap();
        if let [.., fact, seal] = timeline.as_slice()
            && fact["kind"] == kind
            && seal["kind"] == "addendum_sealed"
        {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no addendum for {kind}: {}", city.json(&["ticket", "show", id]));
}
