//! A look at an upload that an erasure overtakes: no fault, and nothing of the photo is kept.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::UploadHint;
use domain::{
    Actor, ChannelName, MediaType, Reason, RegionCode, RequestKind, TicketId, Timestamp, UploadKey,
};
use lambda::{Admitted, Submission, erase, submit};
use lianxin_local::city::{Access, DESK};
use ports::{Cursor, Dossiers, Grant, Page, PortError, PutOnce, Upload, Uploads, World};
use serde_json::json;

use super::jpeg;
use crate::support::TestCity;

/// Erases the person; a second time it changes nothing.
struct Erasure {
    world: World,
    ticket: TicketId,
}

impl Erasure {
    async fn now(&self) {
        let actor = Actor::parse("staff:u1/supervisor/command-centre").unwrap();
        let tickets = [self.ticket.clone()];
        erase(&self.world, &actor, Reason::CitizenRequest, &tickets).await.unwrap();
    }
}

/// Uploads whose person is erased as soon as one was fetched: before it is sealed.
struct ErasedWhenFetched(Arc<dyn Uploads>, Erasure);

#[async_trait]
impl Uploads for ErasedWhenFetched {
    async fn grant(
        &self,
        key: &UploadKey,
        what: (MediaType, u32),
        when: (Timestamp, u32),
    ) -> Result<Grant, PortError> {
        self.0.grant(key, what, when).await
    }

    async fn fetch(&self, key: &UploadKey, bytes_max: u32) -> Result<Option<Upload>, PortError> {
        let fetched = self.0.fetch(key, bytes_max).await;
        self.1.now().await;
        fetched
    }

    async fn list(&self, from: Option<&Cursor>) -> Result<Page<(UploadKey, Timestamp)>, PortError> {
        self.0.list(from).await
    }

    async fn remove(&self, key: &UploadKey) -> Result<(), PortError> {
        self.0.remove(key).await
    }
}

/// An archive whose person is erased as soon as a photo was put: before an event names it.
struct ErasedWhenPut(Arc<dyn Dossiers>, Erasure);

#[async_trait]
impl Dossiers for ErasedWhenPut {
    async fn put_once(&self, key: &str, bytes: &[u8]) -> Result<PutOnce, PortError> {
        let put = self.0.put_once(key, bytes).await;
        self.1.now().await;
        put
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.0.get(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        self.0.list(prefix).await
    }
}

/// A ticket whose request names an upload that is there, in a city whose functions do not run.
async fn named(access: &Access, world: &World) -> (TicketId, UploadKey) {
    let region = RegionCode::parse("140581").unwrap();
    let key = UploadKey::new(&region, world.clock.wall(), &[7; 16]);
    let submission = Submission {
        order: "GP-1".to_owned(),
        want: RequestKind::Help,
        sent_at: world.clock.now(),
        title: String::new(),
        body: "松果社区示例路口的窨井盖破了，成了没盖的井，请尽快更换。".to_owned(),
        citizen: contracts::Citizen::default(),
        place: None,
        photos: vec![key.clone()],
    };
    let channel = ChannelName::parse("gaoxiaoban").unwrap();
    let ticket = match submit(world, &channel, &submission).await.unwrap() {
        Admitted::Created(ticket) => ticket.id().clone(),
        other @ (Admitted::Known(_) | Admitted::Conflict(_)) => panic!("{other:?}"),
    };
    let put = access.clients.s3.put_object().bucket("lianxin-uploads-000000000000");
    let put = put.key(key.as_str()).content_type("image/jpeg").body(jpeg().into());
    put.send().await.unwrap();
    (ticket, key)
}

async fn in_dead_letters(access: &Access) -> usize {
    let url = access.queue_url("lianxin-attachment-dead").unwrap();
    let got = access.clients.sqs.receive_message().queue_url(url).send().await.unwrap();
    got.messages().len()
}

/// Lets one look at an upload be overtaken where `overtake` says.
async fn look_overtaken(overtake: fn(&mut World, Erasure)) {
    let city = TestCity::new();
    let access = city.access().await;
    let desk = access.world(DESK).unwrap();
    let (ticket, key) = named(&access, &desk).await;
    let mut world = access.world("attachment").unwrap();
    let plain = world.clone();
    overtake(&mut world, Erasure { world: desk.clone(), ticket: ticket.clone() });
    let body = UploadHint { key: key.clone() }.to_body();
    let event = json!({ "Records": [{ "messageId": "1", "body": body }] });
    let answer = attachment::function(world).invoke(event).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]), "the look comes again");
    assert_eq!(in_dead_letters(&access).await, 0, "an erasure is no fault of the upload");
    assert!(plain.uploads.fetch(&key, u32::MAX).await.unwrap().is_none(), "the upload is kept");
    let after = desk.tickets.load(&ticket).await.unwrap().unwrap().ticket;
    let kinds: Vec<_> = after.timeline().iter().map(|e| e.event.kind().as_str()).collect();
    assert_eq!(kinds, ["received", "erased"]);
    drop((plain, desk));
    access.close().await.unwrap();
    city.assert_clean();
}

#[tokio::test]
async fn an_upload_whose_person_is_erased_before_it_is_sealed_is_let_go() {
    look_overtaken(|world, erasure| {
        world.uploads = Arc::new(ErasedWhenFetched(Arc::clone(&world.uploads), erasure));
    })
    .await;
}

#[tokio::test]
async fn a_photo_whose_person_is_erased_before_it_is_attached_is_none() {
    look_overtaken(|world, erasure| {
        world.dossiers = Arc::new(ErasedWhenPut(Arc::clone(&world.dossiers), erasure));
    })
    .await;
}
