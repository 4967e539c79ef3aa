//! People who move public money: who orders it of the fund, what the answer means, and who audits.

use contracts::SealedText;
use domain::fund::{Application, Balance, EntryRef, FiscalYear, FundRefusal, Posting};
use domain::{TicketId, Timestamp};
use lambda::{FundError, FundOrder, Posted, Written, fund};
use ports::{PortError, World};

use crate::city::{City, Ended, Event, Kind};
use crate::core::State;
use crate::money::{Need, Warrant, twin};
use crate::settings::MONEY_GOES_ON;
use crate::whim::is_strange;

/// So often in ten thousand that a ticket moves somebody audits, where there is money.
const AUDITS: u32 = 500;
/// So many entries of a journal are read at once.
const PAGE: u16 = 10;

/// The paper of an order.
const fn paper(order: &FundOrder) -> Option<&Written> {
    match order {
        FundOrder::Apply { paper, .. }
        | FundOrder::Approve { paper, .. }
        | FundOrder::Refuse { paper, .. }
        | FundOrder::Contract { paper, .. }
        | FundOrder::Accept { paper, .. } => Some(paper),
        FundOrder::Appropriate { .. }
        | FundOrder::Transfer { .. }
        | FundOrder::Reserve { .. }
        | FundOrder::Pay { .. }
        | FundOrder::Release { .. }
        | FundOrder::Refund { .. }
        | FundOrder::Reverse { .. }
        | FundOrder::Carry { .. }
        | FundOrder::Close { .. } => None,
    }
}

/// Reads the accounts, and one's journal page by page, as who audits does: what is wrong with them.
async fn audit(world: &World, which: usize) -> Result<Vec<String>, PortError> {
    let all = world.fund.accounts(FiscalYear::of(world.clock.now())).await?;
    let uneven = all.iter().filter(|known| !known.is_even());
    let mut wrong: Vec<String> =
        uneven.map(|known| format!("{} is uneven", known.account)).collect();
    let Some(known) = all.get(which.checked_rem(all.len()).unwrap_or(0)) else { return Ok(wrong) };
    let mut folded = Balance::new(known.account.clone());
    while folded.seq < known.seq {
        let page = world.fund.entries(&known.account, folded.seq, PAGE).await?;
        let mut until = page.iter().take_while(|posting| posting.seq <= known.seq);
        if page.is_empty() || until.any(|posting| folded.apply(posting).is_err()) {
            wrong.push(format!("the journal of {} breaks at {}", known.account, folded.seq));
            return Ok(wrong);
        }
    }
    if folded != *known {
        wrong.push(format!("{} is not what its journal folds to", known.account));
    }
    Ok(wrong)
}

impl City {
    /// A ticket has moved, and somebody thinks of its money.
    pub(crate) fn spend(&mut self, id: &TicketId) {
        let mut state = self.core.lock();
        let money = state.settings.money;
        if !self.busy || money == 0 {
            return;
        }
        let State { store, rng, now, .. } = &mut *state;
        let Some(ticket) = store.tickets.get(id).map(|row| &row.ticket) else { return };
        let (number, town) = (self.warrants.len() as u64, self.town);
        let need = Need { ticket, purse: &store.fund, number, now: *now, town };
        let goes_on = need.applications().iter().any(Application::is_open);
        let audits = rng.chance(AUDITS).then(|| usize::try_from(rng.below(64)).unwrap_or(0));
        let chance = if goes_on { (MONEY_GOES_ON * money).min(8500) } else { money };
        let mut given: Vec<(Warrant, i64)> = Vec::new();
        if rng.chance(chance) {
            let mut warrant = need.warrant(rng);
            let twin = rng.chance(700).then(|| twin(&warrant));
            warrant.twin |= twin.is_some();
            let longest =
                rng.pick(&[1, 1, 1, 1_000, 60_000, Timestamp::HOUR_MS, 4 * Timestamp::DAY_MS]);
            let time = *now + rng.time(longest);
            let again = time + rng.time(2 * Timestamp::HOUR_MS);
            if rng.chance(1500) {
                given.extend([(warrant.clone(), time), (warrant.clone(), again)]);
            }
            given.extend(twin.map(|twin| (twin, time)));
            let rival = rng.chance(3000).then(|| need.rival(&warrant, rng)).flatten();
            given.extend(rival.map(|rival| (rival, time)));
            given.push((warrant, time));
        }
        drop(state);
        if let Some(which) = audits {
            let world = self.looks.clone();
            let work =
                async move { Ended::Audited(audit(&world, which).await.unwrap_or_default()) };
            self.start(Kind::Audit, work);
        }
        for (warrant, time) in given {
            self.warrants.push(warrant);
            self.unanswered += 1;
            self.at(time, Event::Warrant(self.warrants.len() - 1));
        }
    }

    pub(crate) fn audited(&mut self, wrong: Vec<String>) {
        let mut state = self.core.lock();
        wrong.into_iter().for_each(|wrong| state.ledger.violation("audit", wrong));
    }

    pub(crate) fn order(&mut self, at: usize) {
        let (world, warrant) = (self.desk.clone(), self.warrants[at].clone());
        self.start(Kind::Warrant(at), async move {
            let given = (&warrant.order, &warrant.cause);
            Ended::Posted(Box::new(fund(&world, &warrant.actor, given).await))
        });
    }

    pub(crate) fn ordered(&mut self, at: usize, ended: Option<Ended>) {
        let warrant = self.warrants[at].clone();
        let result = match ended {
            Some(Ended::Posted(result)) => *result,
            _ => Err(FundError::Busy),
        };
        let mut state = self.core.lock();
        let subject = warrant.cause.as_str();
        match result {
            Ok(_) if is_strange(&warrant.actor, self.town) => {
                state.ledger.violation(subject, "a unit without any part in it moved money");
            }
            Ok(posted) => state.answered(&warrant, &posted),
            Err(FundError::Busy | FundError::Port(PortError::Temporary(_))) => {
                drop(state);
                return self.order_again(at);
            }
            Err(FundError::Port(PortError::Permanent(reason))) => {
                let text = format!("an order failed for good: {reason}: {:?}", warrant.order);
                state.ledger.violation(subject, text);
            }
            Err(FundError::Reused) if !warrant.twin => {
                let text = format!("an order was taken for another one: {:?}", warrant.order);
                state.ledger.violation(subject, text);
            }
            Err(FundError::Refused(FundRefusal::View(wrong))) => {
                let text = format!("an order was decided upon two ledgers: {wrong}");
                state.ledger.violation(subject, text);
            }
            Err(FundError::Reused) => {}
            Err(
                FundError::Refused(_)
                | FundError::Ticket(_)
                | FundError::NoTicket
                | FundError::NoTownship(_)
                | FundError::Photos,
            ) => state.refused(&warrant),
        }
        self.unanswered -= 1;
    }

    /// Nobody answered: the same order again, with the same key.
    fn order_again(&mut self, at: usize) {
        let warrant = &mut self.warrants[at];
        warrant.tries = warrant.tries.saturating_sub(1);
        let (given_up, cause) = (warrant.tries == 0, warrant.cause.clone());
        let mut state = self.core.lock();
        if given_up {
            state.ledger.unheard.insert(cause);
            drop(state);
            self.unanswered -= 1;
            return;
        }
        let delay = 1_000 + state.rng.time(60_000);
        drop(state);
        self.after(delay, Event::Warrant(at));
    }
}

impl State {
    /// An order was answered with yes: whoever gives the same again hears the same.
    fn answered(&mut self, warrant: &Warrant, posted: &Posted) {
        let subject = warrant.cause.as_str();
        let entries: Vec<EntryRef> = posted.postings.iter().map(Posting::entry).collect();
        let about = posted.postings.first().and_then(|first| first.application.clone());
        let row = about.as_ref().and_then(|about| self.store.tickets.get(&about.ticket));
        // A text of an erased person cannot be compared with.
        let erased = row.is_some_and(|row| row.ticket.erased_at().is_some());
        if posted.postings.iter().any(|posting| posting.cause != warrant.cause) {
            self.ledger.violation(subject, "an order was answered with another's entries");
        }
        if let Some(about) = about {
            let said = paper(&warrant.order).map(|paper| {
                let photos = paper.photos.iter().map(ToString::to_string).collect();
                SealedText::NoteV1 { text: paper.text.clone(), photos }
            });
            let before =
                self.ledger.done.insert((about.ticket, warrant.cause.clone()), said.clone());
            if before.is_some_and(|before| before != said) && !erased {
                self.ledger.violation(subject, "one key, two texts, both accepted");
            }
        }
        let now = (warrant.order.clone(), entries.clone());
        let before = self.ledger.posted.insert(warrant.cause.clone(), now);
        if before.as_ref().is_some_and(|(order, _)| *order != warrant.order) && !erased {
            self.ledger.violation(subject, "one key, two orders, both accepted");
        }
        if before.is_some_and(|(_, before)| before != entries) {
            self.ledger.violation(subject, "one key, two answers");
        }
    }

    /// An order was refused. Whoever hears that while its entries stand, pays once more by another key.
    fn refused(&mut self, warrant: &Warrant) {
        // A slow answer may tell of the time before.
        let steady = self.settings.rates.call == 0 && self.settings.rates.focus.is_empty();
        if steady && self.store.fund.done.contains_key(&warrant.cause) && !warrant.twin {
            let text = format!("an order that stands was refused: {:?}", warrant.order);
            self.ledger.violation(warrant.cause.as_str(), text);
        }
        self.ledger.refused.insert(warrant.cause.clone());
    }
}
