//! A city that runs in this process on real engines, and who posts to it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::{
    Actor, COMMAND_CENTRE, ChannelName, CommandId, Outcome, Role, StaffId, Status, TicketId, Tier,
    UnitCode,
};
use lambda::{Constructor, Order, command, sample_catalog};
use lianxin_local::city::{City, DESK, DataDir, FUNCTIONS};
use lianxin_local::template::Template;
use serde_json::Value;

use crate::wire::Wire;

/// A city, and a caller who knows its channels' secrets.
pub(crate) struct Caller {
    pub(crate) city: City,
    pub(crate) data: tempfile::TempDir,
    http: reqwest::Client,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    /// After how many seconds to come again.
    pub(crate) retry_after: Option<u64>,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Caller {
    pub(crate) async fn start() -> Self {
        Self::start_as(Template::local().unwrap(), FUNCTIONS).await
    }

    pub(crate) async fn start_as(
        template: Template,
        functions: &[(&'static str, Constructor)],
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let dir = DataDir::open(data.path()).unwrap();
        let city = City::start_as((template, functions), dir, 0).await.unwrap();
        Self { city, data, http: reqwest::Client::new() }
    }

    /// What the city's own receiver of a channel was told, in its order, all of it rightly signed.
    pub(crate) async fn told(&self, channel: &str) -> Vec<Value> {
        let all = self.http.get(format!("http://{}/receivers", self.city.address)).send().await;
        let all: Vec<Value> = all.unwrap().json().await.unwrap();
        let mut told = Vec::new();
        for receiver in all.iter().filter(|one| one["channel"] == channel) {
            assert_eq!(receiver["refused"], 0, "{receiver}");
            let bodies = receiver["told"].as_array().unwrap().iter();
            told.extend(
                bodies.map(|one| {
                    serde_json::from_str::<Value>(one["body"].as_str().unwrap()).unwrap()
                }),
            );
        }
        told
    }

    pub(crate) fn secret(&self, wire: &Wire) -> Vec<u8> {
        let file = self.data.path().join("secrets").join(format!("channel-{}-secret", wire.name));
        let secret: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        secret["current"].as_str().unwrap().as_bytes().to_vec()
    }

    pub(crate) async fn post(&self, wire: &Wire, body: &[u8]) -> Answer {
        let headers = (wire.prove)(&self.secret(wire), now_s(), body);
        self.post_to(&format!("/channels/{}", wire.name), &headers, body).await
    }

    pub(crate) async fn post_to(
        &self,
        route: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
    ) -> Answer {
        let mut post = self.http.post(format!("http://{}{route}", self.city.address));
        for (name, value) in headers {
            post = post.header(*name, value);
        }
        let answer = post.body(body.to_vec()).send().await.unwrap();
        let status = answer.status().as_u16();
        let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let retry_after = answer.headers().get("retry-after");
        let retry_after = retry_after.map(|value| value.to_str().unwrap().parse().unwrap());
        let text = answer.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{status} {text}: {e}"));
        Answer { status, media_type, retry_after, text, json }
    }

    /// Plays the staff until the ticket of `order` is answered and waits for its rating.
    pub(crate) async fn until_answered(&self, wire: &Wire, order: &str) {
        let world = self.city.access.world(DESK).unwrap();
        let id = TicketId::derive(&ChannelName::parse(wire.name).unwrap(), order);
        let begun = Instant::now();
        loop {
            let ticket = world.tickets.load(&id).await.unwrap().unwrap().ticket;
            let unit = ticket.assignment().map(|assignment| assignment.unit.clone());
            let (actor, order) = match (ticket.status(), unit) {
                (Status::Answered, _) => return,
                (Status::NeedsDispatcher, _) => (centre(Role::Dispatcher), dispatch()),
                (Status::Handling, Some(unit)) => (staff(Role::Handler, unit), resolve()),
                (status, _) => {
                    assert!(begun.elapsed() < Duration::from_secs(60), "still {status}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let cause = CommandId::derive("contract-tests", &ticket.version().to_string());
            command(&world, &actor, &id, (&order, &cause), None).await.unwrap();
        }
    }

    pub(crate) async fn stop(self) {
        self.city.stop().await.unwrap();
    }
}

fn centre(role: Role) -> Actor {
    staff(role, UnitCode::parse(COMMAND_CENTRE).unwrap())
}

fn staff(role: Role, unit: UnitCode) -> Actor {
    Actor::Staff { id: StaffId::parse("sample-1").unwrap(), role, unit }
}

fn dispatch() -> Order {
    let catalog = sample_catalog();
    let unit = UnitCode::parse("urban-management").unwrap();
    Order::Dispatch { to: catalog.items()[0].to(unit, Tier::City, None) }
}

fn resolve() -> Order {
    Order::Resolve { outcome: Outcome::Solved, reply: "您好，已办理。".to_owned() }
}

pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
