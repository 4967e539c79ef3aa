//! Two hundred orders to the fund, each over a network that breaks at each of its calls in turn: given again by the
//! same key each is carried out once, and ledger and tickets say the same.

use domain::fund::{
    AccountId, AccountOwner, ApplicationId, Category, EntryRef, FiscalYear, Item, Items, Money,
};
use domain::{Actor, CommandId, PayeeCode, TicketId};
use lambda::{FundError, FundOrder, Posted, Written, fund};
use lianxin_local::city::DESK;
use ports::World;
use simulation::with_its_unit;

use super::connector::Network;
use super::{FAULTS, TestCity};

/// So many cases, each with [`DEEDS`] orders, and the orders by which the accounts get money: 200 and more.
const CASES: u32 = 22;
const DEEDS: u32 = 9;
/// No order makes more calls than this.
const CALLS_MOST: usize = 40;

fn actor(text: &str) -> Actor {
    Actor::parse(&format!("staff:{text}/command-centre")).unwrap()
}

fn yuan(yuan: i64) -> Money {
    Money::from_fen(yuan * 100).unwrap()
}

fn written(text: &str) -> Written {
    Written { text: text.to_owned(), photos: Vec::new() }
}

/// Gives orders over a network that breaks.
struct Giver {
    network: Network,
    desk: World,
    orders: u32,
    points: usize,
}

impl Giver {
    /// Breaks the first call, then the second, and so on, until the order is answered without a fault.
    async fn gives(&mut self, who: &str, order: FundOrder) -> Posted {
        self.orders += 1;
        let fault = FAULTS[usize::try_from(self.orders).unwrap() % FAULTS.len()];
        let cause = CommandId::derive("script", &self.orders.to_string());
        for at in 1..=CALLS_MOST {
            self.network.arm(Some((at, fault, 1)));
            let posted = fund(&self.desk, &actor(who), (&order, &cause)).await;
            let (_, broken) = self.network.report();
            if broken.is_empty() {
                self.network.arm(None);
                return posted.unwrap_or_else(|error| panic!("{order:?}: {error:?}"));
            }
            self.points += 1;
            // A hint that is lost is nobody's loss, and the order was carried out.
            let unknown = matches!(posted, Ok(_) | Err(FundError::Port(_)));
            assert!(unknown, "{order:?}, {fault:?} at call {at}: {posted:?}");
        }
        panic!("{order:?} makes more than {CALLS_MOST} calls")
    }
}

#[tokio::test]
async fn any_call_of_two_hundred_orders_may_break() {
    let city = TestCity::new();
    let mut access = city.access().await;
    access.hold_rules().await.unwrap();
    let (network, sound) = (Network::new(access.meter.clone()), access.world(DESK).unwrap());
    let plain = access.clients.clone();
    access.clients = network.clients(&plain, false);
    let desk = access.world(DESK).unwrap();
    access.clients = plain;
    let mut giver = Giver { network, desk, orders: 0, points: 0 };
    let year = FiscalYear::of(sound.clock.now());
    let account = |owner| AccountId { owner, year };
    let (special, centre) = (account(AccountOwner::Fund), account(AccountOwner::Centre));
    for amount in [40_000, 60_000] {
        let order = FundOrder::Appropriate { account: special.clone(), amount: yuan(amount) };
        giver.gives("f1/supervisor", order).await;
    }
    let (from, to) = (special.clone(), centre.clone());
    giver
        .gives("f1/supervisor", FundOrder::Transfer { account: from, to, amount: yuan(50_000) })
        .await;
    for number in 0..CASES {
        let ticket = with_its_unit(&sound, &format!("M-{number}")).await;
        let account = if number % 2 == 0 { &special } else { &centre };
        money_of(&mut giver, (account, &ticket), number).await;
    }
    assert!(giver.orders >= 200, "{}", giver.orders);
    println!("{} orders, {} points", giver.orders, giver.points);
    for (account, own) in [(&special, 50_000), (&centre, 50_000)] {
        let balance = sound.fund.balance(account).await.unwrap().unwrap();
        let cases = i64::from(CASES / 2);
        assert_eq!(balance.paid, yuan(cases * 900), "900 of each");
        assert_eq!(balance.reserved, Money::ZERO);
        assert_eq!(balance.available, yuan(own - cases * 900));
    }
    drop((giver, sound));
    access.close().await.unwrap();
    let found = city.assert_clean();
    assert_eq!(found["postings"], 4 + CASES * DEEDS);
}

/// The orders of one case: [`DEEDS`] of them, at the end of which 900 yuan are paid.
async fn money_of(giver: &mut Giver, (account, ticket): (&AccountId, &TicketId), number: u32) {
    let application = ApplicationId { ticket: ticket.clone(), number: 1 };
    let of = || application.clone();
    let payee = PayeeCode::parse("SAMPLE-FIRM-01").unwrap();
    let pay = |amount, part| {
        let (application, payee, invoice) = (of(), payee.clone(), format!("I-{number}-{part}"));
        FundOrder::Pay { application, amount: yuan(amount), payee, invoice }
    };
    let items = Items(vec![Item { category: Category::Road, estimate: yuan(1_200) }]);
    let (account, ticket, paper) = (account.clone(), ticket.clone(), written("附报价。"));
    giver.gives("a1/supervisor", FundOrder::Apply { account, ticket, items, paper }).await;
    let (amount, paper) = (yuan(1_000), written("同意。"));
    giver.gives("l1/leader", FundOrder::Approve { application: of(), amount, paper }).await;
    giver.gives("f1/supervisor", FundOrder::Reserve { application: of() }).await;
    let paper = written("派工单。");
    giver.gives("f1/supervisor", FundOrder::Contract { application: of(), paper }).await;
    let paper = written("合格。");
    giver.gives("f1/supervisor", FundOrder::Accept { application: of(), paper }).await;
    let first: EntryRef = giver.gives("f1/supervisor", pay(500, 1)).await.postings[0].entry();
    giver.gives("f2/supervisor", FundOrder::Reverse { entry: first }).await;
    giver.gives("f1/supervisor", pay(900, 2)).await;
    giver.gives("f1/supervisor", FundOrder::Release { application: of() }).await;
}
