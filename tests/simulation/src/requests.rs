//! Requests that a test needs at some point of their way, on any stores.

use domain::{
    Actor, ChannelName, Command, Context, DispatchTo, Limit, RequestKind, Step, TicketId, Tier,
    UnitCode,
};
use lambda::{Admitted, Submission, submit};
use ports::{Advanced, World};

/// A request, as far as these commands bring it.
pub async fn request(world: &World, order: &str, commands: &[(Actor, Command)]) -> TicketId {
    let submission = Submission {
        order: order.to_owned(),
        want: RequestKind::Help,
        sent_at: world.clock.now(),
        title: "停水".to_owned(),
        body: "全小区停水三天了。".to_owned(),
        citizen: contracts::Citizen::default(),
        place: None,
        photos: Vec::new(),
    };
    let channel = ChannelName::parse("hotline-12345").unwrap();
    let admitted = submit(world, &channel, &submission).await.unwrap();
    let Admitted::Created(ticket) = admitted else { panic!("{order} stands") };
    let id = ticket.id().clone();
    let before = world.tickets.load(&id).await.unwrap().unwrap().ticket;
    let mut after = before.clone();
    for (actor, command) in commands {
        let context = Context {
            actor: actor.clone(),
            now: world.clock.now(),
            calendar: &world.rules.calendar().await.unwrap(),
            directory: &world.rules.directory().await.unwrap(),
            cause: None,
        };
        after = after.execute(command, &context).unwrap();
    }
    assert_eq!(world.tickets.advance(&before, &after).await.unwrap(), Advanced::Done);
    id
}

/// A request that the machine has brought to its unit.
pub async fn with_its_unit(world: &World, order: &str) -> TicketId {
    let catalog = lambda::sample_catalog();
    let item = catalog.items().iter().find(|item| item.code.as_str() == "WS-001").unwrap();
    let unit = UnitCode::parse("water-company").unwrap();
    let to = DispatchTo { limit: Limit::Workdays(5), ..item.to(unit, Tier::City, None) };
    let steps = [
        (Step::Intake, Command::Accept),
        (Step::Dispatch, Command::Dispatch { to }),
        (Step::Handling, Command::Open),
    ];
    request(world, order, &steps.map(|(step, command)| (Actor::Step(step), command))).await
}
