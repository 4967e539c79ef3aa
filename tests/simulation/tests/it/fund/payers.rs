//! Payers who race for one account, give again what nobody answered, and die anywhere.

use std::collections::BTreeMap;

use domain::fund::{ApplicationId, FundRefusal, invoice_hash};
use lambda::{FundError, FundOrder, Posted, fund};
use ports::PortError;
use simulation::{Fault, Idea, Look, Memory, Rng, Stand as _};

use super::{EACH, Given, LEASE_MS, SPILL_AT, accepted, pay, yuan};
use crate::followers::now;

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
