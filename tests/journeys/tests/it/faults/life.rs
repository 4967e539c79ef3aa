//! A ticket's whole life, driven by hand: a door, functions that are called with what the queues took
//! and called again when they fail, staff who press the button again, a sweep at the end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use contracts::{Citizen, Hint, addendum_key, dossier_key, evidence_key};
use domain::{
    Actor, ChannelName, CommandId, Event, FollowUpResult, Hash, Outcome, RequestKind, Status,
    Ticket, TicketId, UploadKey, tellings,
};
use lambda::{Admitted, CommandError, Failure, Function, Order, Submission};
use lianxin_local::city::{Access, DESK};
use ports::{PortError, Post, Posts, World};
use schedule_sweep::Sweep;
use serde_json::{Value, json};

use super::connector::{Fault, Network};
use crate::support::TestCity;

/// After so many receives a queue puts a message among the dead letters (`infra/template.yaml`).
const RECEIVES_MAX: usize = 6;
/// So often a channel, or a member of staff, tries again.
const TRIES_MAX: usize = 4;

/// A city whose functions run only when they are called, over a network that breaks.
pub(super) struct Place {
    city: TestCity,
    access: Access,
    pub(super) network: Network,
    /// A desk whose network never breaks: who looks at what became of it all.
    pub(super) sound: World,
    /// The same desk over the network that breaks.
    pub(super) desk: World,
    functions: BTreeMap<String, Arc<dyn Function>>,
    heard: Arc<Heard>,
}

/// A receiver that remembers the keys of what it was told.
#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

#[async_trait]
impl Posts for Heard {
    async fn post(&self, post: &Post) -> Result<u16, PortError> {
        let key = post.headers.iter().find(|(name, _)| name == "idempotency-key").unwrap();
        self.0.lock().unwrap().push(key.1.clone());
        Ok(200)
    }
}

/// Registers an address at which a channel is told.
fn register(city: &TestCity, channel: &str) {
    let file = city.path().join(format!("secrets/channel-{channel}-secret"));
    let mut secret: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    secret["told_at"] = json!("https://receiver.example/");
    std::fs::write(&file, secret.to_string()).unwrap();
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A telephone call.
    Call,
    /// A telephone call whose first message every queue loses.
    Unhinted,
    /// A report by the app, with a photo.
    Photo,
}

impl Place {
    pub(super) async fn new(retries: bool) -> Self {
        let city = TestCity::new();
        let mut access = city.access().await;
        access.hold_rules().await.unwrap();
        let (network, sound) = (Network::new(access.meter.clone()), access.world(DESK).unwrap());
        let plain = access.clients.clone();
        access.clients = network.clients(&plain, retries);
        let desk = access.world(DESK).unwrap();
        let all: [(&str, lambda::Constructor); 7] = [
            ("step-intake", step_intake::function),
            ("step-dispatch", step_dispatch::function),
            ("step-handling", step_handling::function),
            ("step-feedback", step_feedback::function),
            ("step-evaluation", step_evaluation::function),
            ("step-archive", step_archive::function),
            ("attachment", attachment::function),
        ];
        let hosted = |(name, make): (&str, lambda::Constructor)| {
            (format!("lianxin-{name}"), make(access.world(name).unwrap()))
        };
        let mut functions: BTreeMap<_, _> = all.into_iter().map(hosted).collect();
        let heard = Arc::new(Heard::default());
        let channels: [(&str, lambda::Constructor); 2] = [
            ("hotline-12345", channel_hotline_12345::function),
            ("gaoxiaoban", channel_gaoxiaoban::function),
        ];
        for (channel, make) in channels {
            register(&city, channel);
            let mut world = access.world(&format!("channel-{channel}")).unwrap();
            world.posts = Arc::<Heard>::clone(&heard);
            functions.insert(told_by(channel), make(world));
        }
        access.clients = plain;
        Self { city, access, network, sound, desk, functions, heard }
    }

    /// Ends the city; `verify` must find so many tickets and nothing wrong.
    pub(super) async fn close(self, tickets: usize) {
        let Self { city, access, network, sound, desk, functions, heard } = self;
        drop((network, sound, desk, functions, heard));
        access.close().await.unwrap();
        let found = city.assert_clean();
        assert_eq!((&found["tickets"], &found["archived"]), (&json!(tickets), &json!(tickets)));
    }

    /// Gives the functions what the queues have taken, until there is no more.
    async fn pump(&self) {
        while let Some((queue, body)) = self.network.next_message() {
            self.deliver(&queue, &body).await;
        }
    }

    /// Gives a message to the function of its queue until it is acknowledged.
    async fn deliver(&self, queue: &str, body: &str) {
        let Some(function) = self.functions.get(queue) else {
            panic!("a message in {queue}: {body}");
        };
        let event = json!({ "Records": [{ "messageId": "1", "body": body }] });
        let mut receives = 1;
        while !is_acknowledged(function.invoke(event.clone()).await) {
            receives += 1;
            assert!(receives <= RECEIVES_MAX, "a dead letter in {queue}");
        }
    }

    /// Pumps, and sweeps if that was not enough, until the ticket is there.
    async fn come_to(&self, id: &TicketId, status: Status, open_late: bool) {
        for _ in 0..TRIES_MAX {
            self.pump().await;
            let ticket = self.load(id).await;
            if ticket.status() == status && (open_late || ticket.late().is_none()) {
                return;
            }
            Sweep::new(self.desk.clone()).run(true).await;
        }
        let stands = self.load(id).await;
        panic!("{} instead of {status}", stands.status());
    }

    async fn load(&self, id: &TicketId) -> Ticket {
        self.sound.tickets.load(id).await.unwrap().unwrap().ticket
    }

    /// One life, with a fault or without; gives how many calls it took.
    pub(super) async fn live(
        &self,
        (kind, order): (Kind, &str),
        plan: Option<(usize, Fault, usize)>,
    ) -> usize {
        let upload = match kind {
            Kind::Photo => Some(self.put_photo(order).await),
            Kind::Call | Kind::Unhinted => None,
        };
        self.network.arm(plan);
        let id = self.submitted(order, upload.clone()).await;
        if kind == Kind::Unhinted {
            while self.network.next_message().is_some() {}
        }
        self.come_to(&id, Status::Handling, true).await;
        let unit = self.load(&id).await.assignment().unwrap().unit.clone();
        let reply = "已恢复供水，请放心使用。".to_owned();
        let resolve = Order::Resolve { outcome: Outcome::Solved, reply };
        self.order(&format!("staff:u2/handler/{unit}"), (&id, "resolve"), &resolve).await;
        self.come_to(&id, Status::Answered, true).await;
        let (contacted, solved, satisfaction) = (Some(true), Some(true), None);
        let result = FollowUpResult::Reached { contacted, solved, satisfaction };
        let caller = "staff:u3/caller/command-centre";
        self.order(caller, (&id, "call"), &Order::FollowUp { result }).await;
        self.come_to(&id, Status::Archived, true).await;
        let rate = Order::Rate { solved: Some(true), satisfaction: None };
        self.order(&format!("channel:{}", channel(kind)), (&id, "rate"), &rate).await;
        self.come_to(&id, Status::Archived, false).await;
        // As the sweep asks; its own calls break where it must find the ticket.
        let hint = Hint::new(id.clone(), 1);
        self.deliver(&told_by(channel(kind)), &hint.to_body()).await;
        let (calls, broken) = self.network.report();
        let (wanted, times) = plan.map_or((0, 0), |(at, _, times)| (at, times));
        assert!(plan.is_none() || !broken.is_empty(), "there is no call {wanted}");
        assert!(broken.len() <= times);
        self.network.arm(None);
        self.examine(&id, upload).await;
        calls
    }

    async fn put_photo(&self, order: &str) -> UploadKey {
        let random = Hash::of_bytes(order.as_bytes());
        let random = random.as_bytes().first_chunk().unwrap();
        let key = UploadKey::new(&self.sound.region, self.sound.clock.wall(), random);
        let put = self.access.clients.s3.put_object().bucket("lianxin-uploads-000000000000");
        let put = put.key(key.as_str()).content_type("image/jpeg");
        put.body(crate::photos::jpeg().into()).send().await.unwrap();
        key
    }

    /// The channel sends until it is told that the request stands.
    async fn submitted(&self, order: &str, upload: Option<UploadKey>) -> TicketId {
        let kind = if upload.is_some() { Kind::Photo } else { Kind::Call };
        let submission = Submission {
            order: order.to_owned(),
            want: RequestKind::Help,
            sent_at: self.sound.clock.now(),
            title: "三天停水".to_owned(),
            body: "松果社区突然停水三天，没通知就停，家里断水，停水通知也没有贴。".to_owned(),
            citizen: Citizen { phone: Some("10000000001".to_owned()), ..Citizen::default() },
            place: None,
            photos: upload.into_iter().collect(),
        };
        let channel = ChannelName::parse(channel(kind)).unwrap();
        for _ in 0..TRIES_MAX {
            match lambda::submit(&self.desk, &channel, &submission).await {
                Ok(Admitted::Created(ticket) | Admitted::Known(ticket)) => {
                    return ticket.id().clone();
                }
                Ok(Admitted::Conflict(_)) => panic!("{order}: a request conflicts with itself"),
                Err(PortError::Temporary(_)) => {}
                Err(error @ PortError::Permanent(_)) => panic!("{order}: {error}"),
            }
        }
        panic!("{order} was never accepted");
    }

    /// Somebody presses the button until it is done.
    async fn order(&self, actor: &str, (id, message): (&TicketId, &str), order: &Order) {
        let actor = Actor::parse(actor).unwrap();
        let cause = CommandId::derive(&actor.to_string(), message);
        for _ in 0..TRIES_MAX {
            match lambda::command(&self.desk, &actor, id, (order, &cause), None).await {
                Ok(_) => return,
                Err(CommandError::Port(PortError::Temporary(_))) => {}
                Err(error) => panic!("{message}: {error}"),
            }
        }
        panic!("{message} was never done");
    }

    /// Everything happened once: every event, the dossier, the addendum, each text, the photo.
    async fn examine(&self, id: &TicketId, upload: Option<UploadKey>) {
        let ticket = self.load(id).await;
        let mut kinds: Vec<_> = ticket.timeline().iter().map(|e| e.event.kind().as_str()).collect();
        let attached = kinds.iter().filter(|kind| **kind == "attached").count();
        assert_eq!(attached, usize::from(upload.is_some()), "{kinds:?}");
        kinds.retain(|kind| *kind != "attached");
        assert_eq!(kinds, KINDS);
        let mut objects = 0;
        for entry in ticket.timeline() {
            let (Event::Archived { key, sha256, .. } | Event::AddendumSealed { key, sha256, .. }) =
                &entry.event
            else {
                continue;
            };
            let object = self.sound.dossiers.get(key).await.unwrap().unwrap();
            assert_eq!(Hash::of_bytes(&object), *sha256);
            objects += 1;
        }
        let (dossier, addendum) =
            (dossier_key(&ticket), addendum_key(&ticket, last_rating(&ticket)));
        let folder = dossier.trim_end_matches(".json");
        let keys = self.sound.dossiers.list(folder).await.unwrap();
        assert_eq!((objects, keys), (2, vec![dossier.clone(), addendum]));
        assert_eq!(self.sound.texts.list(id).await.unwrap().len(), 2, "request and reply");
        let (_, delivery) = self.sound.deliveries.of(id).await.unwrap().unwrap();
        assert_eq!((delivery.due, delivery.given_up), (None, false));
        let mut heard = self.heard.0.lock().unwrap().clone();
        heard.retain(|key| key.starts_with(id.as_str()));
        let mut first = Vec::new();
        heard.into_iter().for_each(|key| {
            if !first.contains(&key) {
                first.push(key);
            }
        });
        let wanted =
            tellings(ticket.timeline(), 0).into_iter().map(|one| format!("{id}/{}", one.seq));
        assert_eq!(first, wanted.collect::<Vec<_>>(), "told in order");
        if let Some(upload) = upload {
            let cause = attachment::cause(&upload);
            let record = domain::RecordId::of_command(&cause);
            let photo = evidence_key(&self.sound.region, id, &record);
            assert!(self.sound.dossiers.get(&photo).await.unwrap().is_some());
            assert!(self.sound.uploads.fetch(&upload, u32::MAX).await.unwrap().is_none());
        }
    }
}

/// Whether the queue may forget the message.
fn is_acknowledged(answer: Result<Value, Failure>) -> bool {
    answer.is_ok_and(|answer| answer["batchItemFailures"] == json!([]))
}

/// What happens in every life, once and in this order.
const KINDS: [&str; 11] = [
    "received",
    "accepted",
    "dispatched",
    "opened",
    "resolved",
    "answered",
    "followed_up",
    "evaluated",
    "archived",
    "rated",
    "addendum_sealed",
];

fn last_rating(ticket: &Ticket) -> u32 {
    let rated = ticket.timeline().iter().rfind(|entry| matches!(entry.event, Event::Rated { .. }));
    rated.unwrap().seq
}

/// The queue by which a channel's function is asked to tell.
fn told_by(channel: &str) -> String {
    format!("lianxin-channel-{channel}-tell")
}

const fn channel(kind: Kind) -> &'static str {
    match kind {
        Kind::Call | Kind::Unhinted => "hotline-12345",
        Kind::Photo => "gaoxiaoban",
    }
}
