//! The fund under many hands: payers who race, give again what nobody answered, and die anywhere; and a script of
//! all kinds of orders that dies at every call.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;

use domain::fund::{
    AccountId, ApplicationId, Category, FundRefusal, Item, Items, Money, invoice_hash,
};
use domain::{
    Actor, Command, CommandId, DispatchTo, Limit, PayeeCode, Step, TicketId, Tier, UnitCode,
};
use lambda::{FundError, FundOrder, Order, Posted, Written, command, fund};
use ports::{PortError, World};
use simulation::{Fault, Idea, Look, Memory, Rng, Stand as _};

use crate::followers::{now, request};

const LEASE_MS: i64 = 900_000;
/// Timelines spill early, so that keys are looked for there as well.
const SPILL_AT: usize = 12;

const S1: &str = "staff:s1/supervisor/command-centre";
const S2: &str = "staff:s2/supervisor/command-centre";
const LEADER: &str = "staff:l1/leader/command-centre";

/// So many pay at once.
const PAYERS: usize = 64;
/// There is money for so many payments.
const PAYABLE: usize = 500;
/// So often is an order given, in all.
const ATTEMPTS: usize = 20_000;
/// So often in ten thousand looks something happens to the next call.
const STRIKES: u32 = 120;
/// What happens then.
const TROUBLE: [Fault; 5] =
    [Fault::Lost, Fault::AnswerLost, Fault::Throttled, Fault::CrashBefore, Fault::CrashAfter];
/// A payment, in yuan.
const EACH: i64 = 100;

/// So many orders of a script are carried out.
const SCRIPT: usize = 200;

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

/// A case that a unit has.
async fn case(world: &World, name: &str) -> TicketId {
    let catalog = lambda::sample_catalog();
    let item = catalog.items().iter().find(|item| item.code.as_str() == "WS-001").unwrap();
    let unit = UnitCode::parse("water-company").unwrap();
    let to = DispatchTo { limit: Limit::Workdays(5), ..item.to(unit, Tier::City, None) };
    let steps = [
        (Step::Intake, Command::Accept),
        (Step::Dispatch, Command::Dispatch { to }),
        (Step::Handling, Command::Open),
    ];
    let steps = steps.map(|(step, command)| (Actor::Step(step), command));
    request(world, name, &steps).await
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
    let ticket = case(world, "PAYERS").await;
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
            match memory.look(&mut second) {
                Look::Done(done) => {
                    early = Some(done);
                    break;
                }
                _ => continue,
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
            let ticket = case(world, "KEY").await;
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

/// What became of the payments.
#[derive(Debug, Default)]
struct Counts {
    attempts: usize,
    died: usize,
    unknown: usize,
    busy: usize,
    twins: usize,
    again: usize,
    paid: usize,
    short: usize,
    known_invoice: usize,
}

/// A payment that somebody means to make.
struct Payment {
    idea: Idea,
    /// It was answered for good, and whether with yes.
    answered: Option<bool>,
    /// So many are at it.
    hands: usize,
}

struct Race<'a> {
    memory: &'a Memory,
    application: &'a ApplicationId,
    chance: Rng,
    payments: Vec<Payment>,
    /// Those that nobody has answered, and that nobody is at.
    open: Vec<usize>,
    counts: Counts,
}

impl Race<'_> {
    /// The payment that a payer who is free gives next: a new one, one that was not answered, one that another is
    /// giving at this moment, or one that was answered long ago.
    fn next(&mut self, busy: &[usize]) -> Option<usize> {
        let over = self.counts.attempts >= ATTEMPTS;
        let draw = self.chance.below(100);
        if draw < 10 && !busy.is_empty() && !over {
            self.counts.twins += 1;
            return Some(self.chance.pick(busy));
        }
        if draw < 15 && !self.payments.is_empty() && !over {
            self.counts.again += 1;
            return Some(usize::try_from(self.chance.below(self.payments.len() as u64)).unwrap());
        }
        if (draw < 60 || over) && !self.open.is_empty() {
            let at = usize::try_from(self.chance.below(self.open.len() as u64)).unwrap();
            return Some(self.open.swap_remove(at));
        }
        if over {
            return None;
        }
        let number = self.payments.len();
        // Some find an invoice on their table that lies on another's as well.
        let invoice = if self.chance.chance(1500) { self.chance.below(40) } else { number as u64 };
        let idea = pay(self.application, &format!("pay {number}"), &format!("N-{invoice}"));
        self.payments.push(Payment { idea, answered: None, hands: 0 });
        Some(number)
    }

    fn ended(&mut self, at: usize, look: Look<Result<Posted, FundError>>) {
        let stands = self.memory.entries_of(&self.payments[at].idea.cause);
        let payment = &mut self.payments[at];
        payment.hands -= 1;
        let answer = match look {
            Look::Waits => unreachable!("it has ended"),
            Look::Died => {
                self.counts.died += 1;
                None
            }
            Look::Done(Ok(posted)) => {
                assert_eq!((posted.postings.len(), stands), (1, 1));
                Some(true)
            }
            Look::Done(Err(FundError::Port(PortError::Temporary(_)))) => {
                self.counts.unknown += 1;
                None
            }
            Look::Done(Err(FundError::Busy)) => {
                self.counts.busy += 1;
                None
            }
            Look::Done(Err(FundError::Refused(refusal))) => {
                // Whoever hears that would pay by another key.
                assert_eq!(stands, 0, "{refusal}");
                let known = matches!(refusal, FundRefusal::InvoicePaid(_));
                let short = matches!(refusal, FundRefusal::Insufficient { .. });
                assert!(known || short, "{refusal}");
                if payment.answered.is_none() {
                    self.counts.known_invoice += usize::from(known);
                    self.counts.short += usize::from(short);
                }
                Some(false)
            }
            Look::Done(Err(error)) => panic!("{error:?}"),
        };
        let Some(yes) = answer else {
            if payment.answered.is_none() && payment.hands == 0 {
                self.open.push(at);
            }
            return;
        };
        // Yes stays yes, and no stays no: nothing becomes free.
        assert!(payment.answered.is_none_or(|before| before == yes), "payment {at}");
        self.counts.paid += usize::from(yes && payment.answered.is_none());
        payment.answered = Some(yes);
        self.open.retain(|open| *open != at);
    }
}

#[test]
fn of_64_payers_none_pays_twice_and_none_too_much() {
    let began = std::time::Instant::now();
    let memory = Memory::new(LEASE_MS, SPILL_AT);
    let world = memory.world().clone();
    let amount = yuan(EACH * i64::try_from(PAYABLE).unwrap());
    let application = now(accepted(&world, amount));
    let (payments, open) = (Vec::new(), Vec::new());
    let chance = Rng::new(64);
    let counts = Counts::default();
    let mut race =
        Race { memory: &memory, application: &application, chance, payments, open, counts };
    let mut hands: Vec<(usize, Given<'static>)> = Vec::new();
    loop {
        while hands.len() < PAYERS {
            let busy: Vec<usize> = hands.iter().map(|(at, _)| *at).collect();
            let Some(at) = race.next(&busy) else { break };
            race.counts.attempts += 1;
            race.payments[at].hands += 1;
            let (world, idea) = (world.clone(), race.payments[at].idea.clone());
            let work = async move { fund(&world, &idea.actor, (&idea.order, &idea.cause)).await };
            hands.push((at, Box::pin(work)));
        }
        if hands.is_empty() {
            break;
        }
        let hand = usize::try_from(race.chance.below(hands.len() as u64)).unwrap();
        if race.chance.chance(STRIKES) {
            memory.strike(0, race.chance.pick(&TROUBLE));
        }
        match memory.look(&mut hands[hand].1) {
            Look::Waits => {}
            ended => {
                let (at, work) = hands.swap_remove(hand);
                drop(work);
                race.ended(at, ended);
            }
        }
    }
    let (counts, payments) = (race.counts, race.payments);
    println!(
        "{PAYERS} payers: {counts:?}, {} payments asked for, {} writes too late, in {:?}",
        payments.len(),
        memory.late(),
        began.elapsed()
    );
    assert_eq!(memory.wrong(), Vec::<String>::new());
    let balance = &memory.accounts()[0];
    assert_eq!((balance.paid, balance.reserved, balance.available), (amount, yuan(0), yuan(0)));
    assert_eq!(counts.paid, PAYABLE);
    assert!(counts.attempts >= ATTEMPTS && counts.died > 500 && counts.unknown > 500);
    assert!(counts.twins > 500 && counts.known_invoice > 10 && memory.late() > 500);
    let mut invoices: BTreeMap<domain::Hash, usize> = BTreeMap::new();
    for payment in &payments {
        let stands = memory.entries_of(&payment.idea.cause);
        assert_eq!(Some(stands == 1), payment.answered, "{:?}", payment.idea);
        let FundOrder::Pay { payee, invoice, .. } = &payment.idea.order else { unreachable!() };
        *invoices.entry(invoice_hash(payee, invoice)).or_default() += stands;
    }
    assert!(invoices.values().all(|times| *times <= 1));
}

/// The heads of all accounts: no byte of any journal differs when they do not.
fn heads(memory: &Memory) -> Vec<(String, u32, domain::Hash)> {
    let all = memory.accounts();
    all.iter().map(|known| (known.account.to_string(), known.seq, known.head)).collect()
}

/// An order, what it came to, and the heads afterwards.
struct Played {
    idea: Idea,
    outcome: Result<usize, FundError>,
    heads: Vec<(String, u32, domain::Hash)>,
}

fn told(outcome: Result<Posted, FundError>) -> Result<usize, FundError> {
    outcome.map(|posted| posted.postings.len())
}

fn cases(world: &World) -> Vec<TicketId> {
    ["A", "B", "C"].map(|name| now(case(world, name))).into()
}

/// Orders of all kinds on several accounts and applications, each as the ledger stands then, without a fault.
fn script() -> Vec<Played> {
    let memory = Memory::new(LEASE_MS, SPILL_AT);
    let (world, chance) = (memory.world(), &mut Rng::new(200));
    let tickets = cases(world);
    let (mut script, mut done) = (Vec::new(), 0);
    while done < SCRIPT {
        let ticket = &tickets[script.len() % tickets.len()];
        let idea = memory.idea(ticket, script.len() as u64, chance).unwrap();
        memory.draw_from(script.len() as u64);
        let outcome = told(now(fund(world, &idea.actor, (&idea.order, &idea.cause))));
        done += usize::from(outcome.is_ok());
        script.push(Played { idea, outcome, heads: heads(&memory) });
    }
    assert_eq!(memory.wrong(), Vec::<String>::new());
    script
}

/// Plays the script, and lets this happen to the call of each order that comes after so many others; the same is
/// given again until it is answered. To how many orders it happened.
fn play(script: &[Played], after: u64, fault: Fault) -> usize {
    let memory = Memory::new(LEASE_MS, SPILL_AT);
    let world = memory.world();
    let (_, mut struck) = (cases(world), 0);
    for (at, played) in script.iter().enumerate() {
        memory.draw_from(at as u64);
        memory.strike(after, fault);
        let mut work = give(world, &played.idea);
        let mut first = None;
        while first.is_none() {
            match memory.look(&mut work) {
                Look::Waits => {}
                Look::Died => break,
                Look::Done(done) => first = Some(done),
            }
        }
        struck += usize::from(!memory.spare());
        let unknown = |outcome: &Result<Posted, FundError>| {
            matches!(outcome, Err(FundError::Port(PortError::Temporary(_))))
        };
        let outcome = first.filter(|outcome| !unknown(outcome));
        let again = || {
            memory.draw_from(at as u64);
            finish(&memory, &mut give(world, &played.idea))
        };
        let outcome = outcome.unwrap_or_else(again);
        let what = || format!("order {at}, {fault:?} after {after} calls: {:?}", played.idea);
        assert_eq!(told(outcome), played.outcome, "{}", what());
        assert_eq!(heads(&memory), played.heads, "{}", what());
    }
    assert_eq!(memory.wrong(), Vec::<String>::new(), "{fault:?} after {after} calls");
    struck
}

#[test]
fn whatever_dies_at_whatever_call_each_order_is_carried_out_once() {
    let began = std::time::Instant::now();
    let script = script();
    let kinds: std::collections::BTreeSet<String> = script
        .iter()
        .filter(|played| played.outcome.is_ok())
        .map(|played| format!("{:?}", played.idea.order).split(' ').next().unwrap().to_owned())
        .collect();
    let mut crashes = 0;
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::AnswerLost] {
        for after in 0.. {
            let struck = play(&script, after, fault);
            crashes += struck;
            if struck == 0 {
                break;
            }
        }
    }
    println!(
        "{SCRIPT} orders of {} kinds among {} that were given, {crashes} times struck in {:?}",
        kinds.len(),
        script.len(),
        began.elapsed()
    );
    assert!(kinds.len() >= 11, "{kinds:?}");
}
