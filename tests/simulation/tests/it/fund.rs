//! The fund under many hands: payers who race, give again what nobody answered, and die anywhere; and a script of
//! all kinds of orders that dies at every call.

mod payers;
mod script;

use std::pin::Pin;

use domain::fund::{AccountId, ApplicationId, Category, Item, Items, Money};
use domain::{Actor, CommandId, PayeeCode, TicketId};
use lambda::{FundError, FundOrder, Order, Posted, Written, command, fund};
use ports::World;
use simulation::{Idea, Look, Memory, Stand as _, with_its_unit};

use crate::followers::now;

const LEASE_MS: i64 = 900_000;
/// Timelines spill early, so that keys are looked for there as well.
const SPILL_AT: usize = 12;

const S1: &str = "staff:s1/supervisor/command-centre";
const S2: &str = "staff:s2/supervisor/command-centre";
const LEADER: &str = "staff:l1/leader/command-centre";

/// A payment, in yuan.
const EACH: i64 = 100;

type Given<'a> = Pin<Box<dyn Future<Output = Result<Posted, FundError>> + 'a>>;

fn yuan(yuan: i64) -> Money {
    Money::from_fen(yuan * 100).unwrap()
}

fn actor(text: &str) -> Actor {
    Actor::parse(text).unwrap()
}

fn account() -> AccountId {
    AccountId::parse("fund/2026").unwrap()
}

fn firm() -> PayeeCode {
    PayeeCode::parse("SAMPLE-FIRM-01").unwrap()
}

fn written(text: &str) -> Written {
    Written { text: text.to_owned(), photos: Vec::new() }
}

fn cause(text: &str) -> CommandId {
    CommandId::derive("fund", text)
}

async fn does(world: &World, who: &str, order: FundOrder) -> Posted {
    fund(world, &actor(who), (&order, &cause(&format!("{order:?}")))).await.unwrap()
}

fn apply(ticket: &TicketId, estimate: Money) -> FundOrder {
    let items = Items(vec![Item { category: Category::Water, estimate }]);
    FundOrder::Apply { account: account(), ticket: ticket.clone(), items, paper: written("申请") }
}

/// A case whose accepted application has exactly so much money, and its account not a fen more.
async fn accepted(world: &World, amount: Money) -> ApplicationId {
    let ticket = with_its_unit(world, "PAYERS").await;
    let application = ApplicationId { ticket, number: 1 };
    let of = || application.clone();
    does(world, S1, FundOrder::Appropriate { account: account(), amount }).await;
    does(world, S1, apply(&application.ticket, amount)).await;
    let paper = || written("材料");
    does(world, LEADER, FundOrder::Approve { application: of(), amount, paper: paper() }).await;
    does(world, S2, FundOrder::Reserve { application: of() }).await;
    does(world, S2, FundOrder::Contract { application: of(), paper: paper() }).await;
    does(world, S2, FundOrder::Accept { application: of(), paper: paper() }).await;
    application
}

fn give<'a>(world: &'a World, idea: &'a Idea) -> Given<'a> {
    Box::pin(fund(world, &idea.actor, (&idea.order, &idea.cause)))
}

fn pay(application: &ApplicationId, key: &str, invoice: &str) -> Idea {
    let order = FundOrder::Pay {
        application: application.clone(),
        amount: yuan(EACH),
        payee: firm(),
        invoice: invoice.to_owned(),
    };
    Idea { actor: actor(S2), order, cause: cause(key) }
}

/// Whoever gives an order again while the first try is still on its way must not hear that it was refused.
#[test]
fn an_order_that_is_given_twice_at_once_is_refused_to_neither() {
    for turn in 0..60 {
        let memory = Memory::new(LEASE_MS, SPILL_AT);
        let world = memory.world();
        let application = now(accepted(world, yuan(EACH)));
        let idea = pay(&application, "twice", "N-1");
        let (mut first, mut second) = (give(world, &idea), give(world, &idea));
        // The second comes so far, then the first is carried out, then the second goes on.
        let mut early = None;
        for _ in 0..turn {
            if let Look::Done(done) = memory.look(&mut second) {
                early = Some(done);
                break;
            }
        }
        let first = finish(&memory, &mut first);
        let second = early.unwrap_or_else(|| finish(&memory, &mut second));
        let told = first.and_then(|first| second.map(|second| (first, second)));
        let (first, second) = told.unwrap_or_else(|error| panic!("after {turn} looks: {error}"));
        assert_eq!(first.postings, second.postings);
        assert_eq!(memory.wrong(), Vec::<String>::new());
    }
}

fn finish(memory: &Memory, work: &mut Given<'_>) -> Result<Posted, FundError> {
    loop {
        if let Look::Done(done) = memory.look(work) {
            return done;
        }
    }
}

/// A key is a key of one order, be it one to the ticket: else the ledger would have what the ticket does not tell.
#[test]
fn the_key_of_another_command_is_none_for_an_order() {
    now(async {
        for spill_at in [2, 1000] {
            let memory = Memory::new(LEASE_MS, spill_at);
            let world = memory.world();
            let ticket = with_its_unit(world, "KEY").await;
            let note = |text: &str| Order::Note { text: text.to_owned() };
            let dispatcher = actor("staff:d1/dispatcher/command-centre");
            for (key, text) in [("key", "一"), ("other", "二"), ("third", "三"), ("fourth", "四")]
            {
                let given = (&note(text), &cause(key));
                command(world, &dispatcher, &ticket, given, None).await.unwrap();
            }
            let order = apply(&ticket, yuan(100));
            let reused = fund(world, &actor(S1), (&order, &cause("key"))).await;
            assert_eq!(reused, Err(FundError::Reused), "spilled at {spill_at}");
            fund(world, &actor(S1), (&order, &cause("money"))).await.unwrap();
            // It has no text by which it would be known.
            let application = ApplicationId { ticket: ticket.clone(), number: 1 };
            let release = FundOrder::Release { application };
            for key in ["key", "fourth"] {
                let reused = fund(world, &actor(S1), (&release, &cause(key))).await;
                assert_eq!(reused, Err(FundError::Reused), "spilled at {spill_at}");
            }
            assert_eq!(memory.wrong(), Vec::<String>::new());
            // And the other way round.
            let given = (&note("五"), &cause("money"));
            let reused = command(world, &dispatcher, &ticket, given, None).await;
            assert_eq!(reused, Err(lambda::CommandError::Reused));
        }
    });
}
