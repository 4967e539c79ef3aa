//! [`ports::Fund`], by the one command function that writes to it.

mod orders;

use domain::fund::{
    AccountId, AccountOwner, ActKind, Application, ApplicationId, Balance, FiscalYear, FundRefusal,
    LedgerChange, Money, Occasion, Order, Stage, View, decide, invoice_hash,
};
use domain::{Actor, Event, EventKind, Hash, Matter, UnitCode};
use futures_util::future::join_all;
use lambda::{FundError, FundOrder};
use ports::Advanced;
use simulation::Stand;

use self::orders::{
    LEADER, S1, S2, S3, accepted, account, apply, appropriate, balance, case, cause, does, firm,
    give, pay, ticket, written, yuan,
};
use crate::lives::lives;
use crate::stands::both;

both!(
    the_money_of_a_case_goes_its_way,
    an_order_given_again_changes_nothing,
    what_was_wrong_is_reversed_once,
    an_invoice_is_paid_once,
    what_was_asked_for_is_decided_when_nothing_waits,
    money_is_given_for_this_year_and_the_next,
    of_many_payers_at_once_none_is_lost,
    what_was_decided_upon_something_else_is_not_written,
    a_journal_is_read_page_by_page,
);

async fn the_money_of_a_case_goes_its_way(stand: &impl Stand) {
    let world = stand.world();
    let application = accepted(world).await;
    does(world, S2, pay(&application, "5000", "A-1")).await;
    let release = FundOrder::Release { application: application.clone() };
    does(world, S3, release).await;
    let entries = world.fund.case(&application).await.unwrap();
    let case = Application::of(&entries).unwrap();
    assert_eq!((case.stage(), case.version), (Stage::Ended, 7));
    let balance = balance(world).await;
    let parts = [balance.available, balance.reserved, balance.paid];
    assert_eq!(parts.map(|part| part.to_string()), ["95,000.00", "0.00", "5,000.00"]);
    assert_eq!(
        world.fund.accounts(balance.account.year).await.unwrap(),
        std::slice::from_ref(&balance)
    );
    let last = FiscalYear::new(balance.account.year.number() - 1).unwrap();
    assert_eq!(world.fund.accounts(last).await.unwrap(), []);
    // The ticket tells the same, each with its paper.
    let ticket = ticket(world, &application).await;
    let told = ticket.timeline().iter().filter_map(|e| match &e.event {
        Event::Funded { act, entry, amount, paper } => {
            Some((*act, entry.clone(), *amount, paper.clone()))
        }
        _ => None,
    });
    let told = told.collect::<Vec<_>>();
    let said = entries.iter().map(|posting| {
        (posting.act.kind(), posting.entry(), posting.act.sum(), posting.act.paper().cloned())
    });
    assert_eq!(told, said.collect::<Vec<_>>());
    assert!(!ticket.matters().contains_key(&Matter::FundApplication), "it was decided");
    let minutes = told[1].3.clone().unwrap();
    let opened = world.vault().open(&application.ticket, &minutes.record).await.unwrap().unwrap();
    assert_eq!(opened.seal, minutes.seal);
    assert_eq!(world.fund.cases(&application.ticket).await.unwrap(), [application]);
}

async fn an_order_given_again_changes_nothing(stand: &impl Stand) {
    let world = stand.world();
    let application = case(world).await;
    let order = appropriate(world, "100000");
    let first = give(world, (S1, "money"), &order).await.unwrap();
    let again = give(world, (S1, "money"), &order).await.unwrap();
    assert_eq!((first.changed, again.changed), (true, false));
    assert_eq!(first.postings, again.postings);
    let other = give(world, (S1, "money"), &appropriate(world, "100001")).await;
    assert_eq!(other, Err(FundError::Reused));
    let asked = apply(world, &application.ticket, "10000");
    give(world, (S1, "asked"), &asked).await.unwrap();
    assert!(!give(world, (S1, "asked"), &asked).await.unwrap().changed);
    let FundOrder::Apply { account, ticket, items, .. } = asked.clone() else { unreachable!() };
    let paper = written("别的话");
    let other = FundOrder::Apply { account, ticket, items, paper };
    assert_eq!(give(world, (S1, "asked"), &other).await, Err(FundError::Reused));
    // By another key it is another application, with the next number.
    let second = give(world, (S1, "asked again"), &asked).await.unwrap();
    assert_eq!(second.postings[0].application.as_ref().map(|id| id.number), Some(2));
    assert_eq!(world.fund.cases(&application.ticket).await.unwrap().len(), 2);
    assert_eq!(balance(world).await.seq, 3);
}

async fn what_was_wrong_is_reversed_once(stand: &impl Stand) {
    let world = stand.world();
    let application = accepted(world).await;
    let paid = does(world, S2, pay(&application, "5000", "A-1")).await;
    let undo = FundOrder::Reverse { entry: paid.postings[0].entry() };
    does(world, S1, undo.clone()).await;
    let again = give(world, (S3, "again"), &undo).await;
    let twice = FundRefusal::AlreadyReversed(paid.postings[0].entry());
    assert_eq!(again, Err(FundError::Refused(twice)));
    // Its invoice may be paid now, and nothing is lost.
    does(world, S2, pay(&application, "5001", "a - 1")).await;
    let given = account(world);
    let given = domain::fund::EntryRef { account: given, seq: 1 };
    let given = FundOrder::Reverse { entry: given };
    let short = give(world, (S2, "given"), &given).await;
    assert!(
        matches!(short, Err(FundError::Refused(FundRefusal::Insufficient { .. }))),
        "{short:?}"
    );
    let balance = balance(world).await;
    assert_eq!(balance.paid, yuan("5001"));
    assert!(balance.is_even());
}

async fn an_invoice_is_paid_once(stand: &impl Stand) {
    let world = stand.world();
    let application = accepted(world).await;
    let paid = does(world, S2, pay(&application, "5000", "A-1")).await;
    let again = give(world, (S2, "once more"), &pay(&application, "5000", "a-1 ")).await;
    let entry = paid.postings[0].entry();
    assert_eq!(again, Err(FundError::Refused(FundRefusal::InvoicePaid(entry.clone()))));
    let wide = give(world, (S2, "wide"), &pay(&application, "5000", "Ａ－１")).await;
    assert_eq!(wide, Err(FundError::Refused(FundRefusal::InvoicePaid(entry.clone()))));
    let known = world.fund.payment(&firm(), &invoice_hash(&firm(), "A-1")).await.unwrap();
    assert_eq!(known, Some(entry.clone()));
    let back = FundOrder::Refund { payment: entry, amount: yuan("1000") };
    does(world, S1, back).await;
    assert_eq!(balance(world).await.paid, yuan("4000"));
}

async fn what_was_asked_for_is_decided_when_nothing_waits(stand: &impl Stand) {
    let world = stand.world();
    let first = accepted(world).await;
    let asked =
        async || ticket(world, &first).await.matters().contains_key(&Matter::FundApplication);
    assert!(!asked().await);
    let order = apply(world, &first.ticket, "500");
    give(world, (S1, "second"), &order).await.unwrap();
    give(world, (S1, "third"), &order).await.unwrap();
    let of = |number| ApplicationId { number, ..first.clone() };
    // The end of one that was decided long ago decides nothing.
    does(world, S3, FundOrder::Release { application: first.clone() }).await;
    assert!(asked().await);
    let refuse = FundOrder::Refuse { application: of(2), paper: written("会议纪要") };
    does(world, LEADER, refuse).await;
    assert!(asked().await, "the third waits");
    does(world, S3, FundOrder::Release { application: of(3) }).await;
    assert!(!asked().await);
}

async fn money_is_given_for_this_year_and_the_next(stand: &impl Stand) {
    let world = stand.world();
    let this = account(world);
    for (years, known) in [(0, true), (1, true), (2, false)] {
        let year = FiscalYear::new(this.year.number() + years).unwrap();
        let account = AccountId { owner: AccountOwner::Fund, year };
        let order = FundOrder::Appropriate { account: account.clone(), amount: yuan("1") };
        let given = give(world, (S1, &format!("year {years}")), &order).await;
        let refused = Err(FundError::Refused(FundRefusal::YearNotBegun(account)));
        assert_eq!(given.is_ok(), known);
        assert!(known || given == refused, "{given:?}");
    }
    let nowhere = UnitCode::parse("nowhere").unwrap();
    let owner = AccountOwner::Township(nowhere.clone());
    let account = AccountId { owner, year: this.year };
    let order = FundOrder::Appropriate { account, amount: yuan("1") };
    assert_eq!(give(world, (S1, "x"), &order).await, Err(FundError::NoTownship(nowhere)));
}

async fn of_many_payers_at_once_none_is_lost(stand: &impl Stand) {
    const PAYERS: u32 = 16;
    let world = stand.world();
    let application = accepted(world).await;
    // Nine of them take all there is: a thousand each.
    let orders: Vec<(String, FundOrder)> = (0..PAYERS)
        .map(|payer| (format!("payer {payer}"), pay(&application, "1000", &format!("N{payer}"))))
        .collect();
    let (mut paid, mut short) = (0, 0);
    let mut open: Vec<&(String, FundOrder)> = orders.iter().collect();
    while !open.is_empty() {
        let all = join_all(open.iter().map(|(key, order)| give(world, (S2, key), order))).await;
        let mut left = Vec::new();
        for (order, outcome) in open.into_iter().zip(all) {
            match outcome {
                Ok(_) => paid += 1,
                Err(FundError::Refused(FundRefusal::Insufficient { .. })) => short += 1,
                Err(FundError::Busy) => left.push(order),
                Err(error) => panic!("{error:?}"),
            }
        }
        open = left;
    }
    assert_eq!((paid, short), (9, PAYERS - 9));
    let balance = balance(world).await;
    assert_eq!((balance.paid, balance.reserved), (yuan("9000"), Money::ZERO));
    for (key, order) in &orders {
        if let Ok(posted) = give(world, (S2, key), order).await {
            assert!(!posted.changed);
        }
    }
    let told = ticket(world, &application).await;
    let told = told.timeline().iter().filter(|entry| entry.event.kind() == EventKind::Funded);
    assert_eq!(told.count(), 5 + 9);
}

async fn what_was_decided_upon_something_else_is_not_written(stand: &impl Stand) {
    let world = stand.world();
    let application = accepted(world).await;
    let (known, head) = (account(world), balance(world).await);
    let entries = world.fund.case(&application).await.unwrap();
    let case = Application::of(&entries).unwrap();
    let deed = |invoice: &str| Order {
        account: known.clone(),
        deed: domain::fund::Deed::Pay {
            application: application.clone(),
            amount: yuan("10"),
            payee: firm(),
            invoice: invoice_hash(&firm(), invoice),
        },
    };
    let before = ticket(world, &application).await;
    let decided = |invoice: &str, key: &str| {
        let mut view = View { application: Some(&case), ..View::default() };
        view.accounts.insert(known.clone(), head.clone());
        let (actor, now) = (Actor::parse(S2).unwrap(), world.clock.now());
        let occasion = Occasion { actor, now, cause: cause(key) };
        let postings = decide(&deed(invoice), &view, &occasion).unwrap();
        LedgerChange::of(&view, postings).unwrap().unwrap()
    };
    let post = async |change: &LedgerChange| world.fund.post(change, None).await.unwrap();
    let mut other = decided("Z", "z");
    other.case.as_mut().unwrap().before -= 1;
    assert_eq!(post(&other).await, Advanced::Stale, "the application has changed");
    let stale = &lives(1).remove(0).versions[0];
    let change = decided("Z", "z");
    let both = Some((stale, &before));
    assert_eq!(world.fund.post(&change, both).await.unwrap(), Advanced::Stale, "the ticket has");
    assert_eq!(world.fund.done(&cause("z")).await.unwrap(), [], "nothing of it was written");
    assert_eq!(post(&change).await, Advanced::Done);
    assert_eq!(post(&change).await, Advanced::Stale, "the same again");
    assert_eq!(post(&decided("Y", "y")).await, Advanced::Stale, "the account has changed");
    // What follows on the right head and is wrong otherwise.
    let after = balance(world).await;
    let mut entries = world.fund.case(&application).await.unwrap();
    let case = Application::of(&entries).unwrap();
    let follow = |invoice: &str, key: &str| {
        let mut view = View { application: Some(&case), ..View::default() };
        view.accounts.insert(known.clone(), after.clone());
        let (actor, now) = (Actor::parse(S2).unwrap(), world.clock.now());
        let occasion = Occasion { actor, now, cause: cause(key) };
        let postings = decide(&deed(invoice), &view, &occasion).unwrap();
        LedgerChange::of(&view, postings).unwrap().unwrap()
    };
    assert_eq!(post(&follow("Z", "x")).await, Advanced::Stale, "the invoice was paid");
    assert_eq!(post(&follow("X", "z")).await, Advanced::Stale, "the command was carried out");
    assert_eq!(post(&follow("X", "x")).await, Advanced::Done);
    assert_eq!(world.fund.entry(&entries.remove(0).entry()).await.unwrap().unwrap().seq, 2);
    assert_eq!(
        balance(world).await.head,
        world.fund.entries(&known, 7, 9).await.unwrap()[0].hash()
    );
    assert_ne!(balance(world).await.head, Hash::ZERO);
}

async fn a_journal_is_read_page_by_page(stand: &impl Stand) {
    let world = stand.world();
    for amount in 1..=7 {
        does(world, S1, appropriate(world, &amount.to_string())).await;
    }
    let account = account(world);
    let all = world.fund.entries(&account, 0, 100).await.unwrap();
    assert_eq!(all.iter().map(|posting| posting.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(world.fund.entries(&account, 2, 3).await.unwrap(), all[2..5]);
    assert_eq!(world.fund.entries(&account, 7, 3).await.unwrap(), []);
    assert!(all.iter().all(|posting| posting.act.kind() == ActKind::Appropriated));
    let mut folded = Balance::new(account.clone());
    all.iter().for_each(|posting| folded.apply(posting).unwrap());
    assert_eq!(folded, balance(world).await);
}
