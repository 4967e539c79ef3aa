//! A case with money, and those who give orders about it.

use domain::fund::{
    AccountId, AccountOwner, ApplicationId, Balance, Category, FiscalYear, Item, Items, Money,
};
use domain::{Actor, CommandId, PayeeCode, Ticket, TicketId};
use lambda::{FundError, FundOrder, Posted, Written, fund};
use ports::World;
use simulation::with_its_unit;

pub(super) const S1: &str = "staff:s1/supervisor/command-centre";
pub(super) const S2: &str = "staff:s2/supervisor/command-centre";
pub(super) const S3: &str = "staff:s3/supervisor/command-centre";
pub(super) const LEADER: &str = "staff:l1/leader/command-centre";

pub(super) fn yuan(text: &str) -> Money {
    Money::parse(text).unwrap()
}

pub(super) fn cause(text: &str) -> CommandId {
    CommandId::derive("conformance", text)
}

pub(super) fn firm() -> PayeeCode {
    PayeeCode::parse("SAMPLE-FIRM-01").unwrap()
}

pub(super) fn written(text: &str) -> Written {
    Written { text: text.to_owned(), photos: Vec::new() }
}

/// The special fund of the year in which the test runs.
pub(super) fn account(world: &World) -> AccountId {
    AccountId { owner: AccountOwner::Fund, year: FiscalYear::of(world.clock.now()) }
}

pub(super) async fn give(
    world: &World,
    (who, key): (&str, &str),
    order: &FundOrder,
) -> Result<Posted, FundError> {
    fund(world, &Actor::parse(who).unwrap(), (order, &cause(key))).await
}

pub(super) async fn does(world: &World, who: &str, order: FundOrder) -> Posted {
    let key = format!("{order:?}");
    give(world, (who, &key), &order).await.unwrap()
}

pub(super) fn appropriate(world: &World, amount: &str) -> FundOrder {
    FundOrder::Appropriate { account: account(world), amount: yuan(amount) }
}

pub(super) fn apply(world: &World, ticket: &TicketId, estimate: &str) -> FundOrder {
    let items = Items(vec![Item { category: Category::Road, estimate: yuan(estimate) }]);
    let (account, ticket) = (account(world), ticket.clone());
    FundOrder::Apply { account, ticket, items, paper: written("路面破损，不在预算内") }
}

pub(super) fn pay(application: &ApplicationId, amount: &str, invoice: &str) -> FundOrder {
    let (application, amount) = (application.clone(), yuan(amount));
    FundOrder::Pay { application, amount, payee: firm(), invoice: invoice.to_owned() }
}

/// A case that a unit has, and its application.
pub(super) async fn case(world: &World) -> ApplicationId {
    ApplicationId { ticket: with_its_unit(world, "M-1").await, number: 1 }
}

/// A case whose application for 10,000 yuan was accepted for 9,000.
pub(super) async fn accepted(world: &World) -> ApplicationId {
    let application = case(world).await;
    let of = || application.clone();
    does(world, S1, appropriate(world, "100000")).await;
    does(world, S1, apply(world, &application.ticket, "10000")).await;
    let paper = written("会议纪要");
    let amount = yuan("9000");
    does(world, LEADER, FundOrder::Approve { application: of(), amount, paper }).await;
    does(world, S2, FundOrder::Reserve { application: of() }).await;
    let paper = written("派工单");
    does(world, S2, FundOrder::Contract { application: of(), paper }).await;
    let paper = written("验收合格");
    does(world, S2, FundOrder::Accept { application: of(), paper }).await;
    application
}

pub(super) async fn ticket(world: &World, application: &ApplicationId) -> Ticket {
    world.tickets.whole(&application.ticket).await.unwrap().unwrap()
}

pub(super) async fn balance(world: &World) -> Balance {
    world.fund.balance(&account(world)).await.unwrap().unwrap()
}
