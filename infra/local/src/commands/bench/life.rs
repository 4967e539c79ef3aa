//! One ticket's life in a running city, every call of it recorded.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use domain::{
    Actor, ChannelName, CommandId, FollowUpResult, Outcome, RequestKind, Status, Ticket, TicketId,
    Timestamp,
};
use lambda::{Admitted, Order, Submission};
use ports::{Clock as _, World};

use super::super::replay::measured::invented;
use super::budget::Calls;
use crate::city::{Access, City, DESK, DataDir};

/// Real messages and their replies are of about so many bytes: the mean of two thousand.
const TEXT_BYTES: usize = 1_000;
/// How often is looked whether a step is done, and how many times.
const LOOK: (Duration, u32) = (Duration::from_millis(20), 1_500);

/// Lives one life; gives its calls, those of the same kind together. What is asked per city and not
/// per ticket is left out: the sweep's and the worklists' queries.
pub(super) async fn recorded(data: DataDir) -> anyhow::Result<Calls> {
    let city = City::start(data.clone(), 0).await?;
    // The desk and the one who only looks have meters of their own.
    let (desk, eye) = (Access::open(data.clone()).await?, Access::open(data).await?);
    for access in [&city.access, &desk, &eye] {
        access.hold_rules().await?;
    }
    // What is asked once a process is asked before.
    city.access.clock.advance_to(city.access.clock.now().plus_millis(Timestamp::MINUTE_MS + 1))?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    city.access.meter.record();
    desk.meter.record();
    let lived = live(&city, &desk.world(DESK)?, &eye.world(DESK)?).await;
    let mut calls: Calls = BTreeMap::new();
    for call in city.access.meter.recorded().into_iter().chain(desk.meter.recorded()) {
        let per_city = ["Query tickets ", "GetQueueAttributes "];
        let followers = call.what == "Query tickets lead";
        if per_city.iter().any(|begin| call.what.starts_with(begin)) && !followers {
            continue;
        }
        let sum = calls.entry(call.what).or_default();
        sum.times += 1;
        sum.write_units += call.write_units;
        sum.read_units += call.read_units;
    }
    city.stop().await?;
    lived.map(|()| calls)
}

async fn live(city: &City, desk: &World, eye: &World) -> anyhow::Result<()> {
    let title = "三天停水";
    let begun = "松果社区突然停水三天，没通知就停，家里断水，停水通知也没有贴。";
    let (body, reply) = invented((title, begun), TEXT_BYTES)?;
    let submission = Submission {
        order: "bench-1".to_owned(),
        want: RequestKind::Help,
        sent_at: city.access.clock.now(),
        title: title.to_owned(),
        body,
        citizen: contracts::Citizen {
            name: Some("样例民甲".to_owned()),
            phone: Some("10000000001".to_owned()),
            address: Some("虚构里1号".to_owned()),
        },
        place: None,
        photos: Vec::new(),
    };
    let channel = ChannelName::parse("hotline-12345").context("the channel")?;
    let door = city.access.world("channel-hotline-12345")?;
    let admitted = lambda::submit(&door, &channel, &submission).await?;
    let Admitted::Created(ticket) = admitted else { anyhow::bail!("the request stood already") };
    let id = ticket.id().clone();
    let handled = until(eye, &id, Status::Handling).await?;
    told(city, eye, &id).await?;
    let unit = handled.assignment().context("nobody has it")?.unit.clone();
    let resolve = Order::Resolve { outcome: Outcome::Solved, reply };
    order(desk, &format!("staff:bench/handler/{unit}"), &id, &resolve).await?;
    until(eye, &id, Status::Answered).await?;
    told(city, eye, &id).await?;
    let (contacted, solved, satisfaction) = (Some(true), Some(true), None);
    let result = FollowUpResult::Reached { contacted, solved, satisfaction };
    let call = Order::FollowUp { result };
    order(desk, "staff:bench/caller/command-centre", &id, &call).await?;
    until(eye, &id, Status::Archived).await?;
    told(city, eye, &id).await?;
    // The archive step's last message is acknowledged after the ticket is seen to be archived.
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(())
}

/// Lets a minute pass, so that the sweep asks for what the channel is to be told, and waits until it
/// is told.
async fn told(city: &City, eye: &World, id: &TicketId) -> anyhow::Result<()> {
    let clock = &city.access.clock;
    clock.advance_to(clock.now().plus_millis(Timestamp::MINUTE_MS + 1))?;
    for _ in 0..LOOK.1 {
        let found = eye.deliveries.of(id).await?;
        if found.is_some_and(|(_, delivery)| delivery.due.is_none()) {
            return Ok(());
        }
        tokio::time::sleep(LOOK.0).await;
    }
    anyhow::bail!("the channel was never told")
}

async fn order(desk: &World, actor: &str, id: &TicketId, order: &Order) -> anyhow::Result<()> {
    let actor = Actor::parse(actor).context("the actor")?;
    let cause = CommandId::derive(&actor.to_string(), id.as_str());
    lambda::command(desk, &actor, id, (order, &cause), None).await?;
    Ok(())
}

async fn until(eye: &World, id: &TicketId, status: Status) -> anyhow::Result<Ticket> {
    for _ in 0..LOOK.1 {
        if let Some(stored) = eye.tickets.load(id).await?
            && stored.ticket.status() == status
        {
            return Ok(stored.ticket);
        }
        tokio::time::sleep(LOOK.0).await;
    }
    anyhow::bail!("the ticket never became {status}")
}
