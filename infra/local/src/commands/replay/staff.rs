//! The city's staff, played: they read their inboxes and act through the one command function, in
//! their roles, as `lianxin ticket do` and the desk do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::{
    Actor, COMMAND_CENTRE, CommandId, FollowUpResult, Outcome, Role, Satisfaction, StaffId, Ticket,
    TicketId, Timestamp, UnitCode,
};
use indicatif::ProgressBar;
use lambda::{CommandError, Order, command};
use ports::{Clock as _, InboxCard, World};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::citizens::draw;
use super::messages::Message;
use super::sender::Sent;
use crate::city::{Access, CityClock, DESK};
use crate::commands::ticket::act::destination;

/// Staff who act at the same time.
const AT_ONCE: usize = 8;
/// How many cards of one inbox are taken at a time.
const PAGE: u16 = 100;
/// Where a dispatcher sends what no keyword speaks for: the item of the command centre's own.
const FALLBACK_ITEM: &str = "UC-003";

/// All of the city's staff.
#[derive(Clone)]
pub(super) struct Staff {
    world: World,
    clock: Arc<CityClock>,
    messages: Arc<BTreeMap<TicketId, Message>>,
    inboxes: Arc<Vec<String>>,
    seed: u64,
}

/// What became of a card.
enum Acted {
    /// Something was done.
    Yes,
    /// A caller waits until then.
    Waits(Timestamp),
    /// Not ours to act on: another file's ticket, or already done by somebody else.
    No,
}

impl Staff {
    pub(super) fn hire(
        access: &Access,
        messages: Arc<BTreeMap<TicketId, Message>>,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let mut inboxes: BTreeSet<String> =
            lambda::keyword_table().items().iter().map(|item| item.unit.to_string()).collect();
        inboxes.extend(["dispatcher", "caller"].map(|desk| format!("{COMMAND_CENTRE}.{desk}")));
        let inboxes = Arc::new(inboxes.into_iter().collect());
        Ok(Self {
            world: access.world(DESK)?,
            clock: Arc::clone(&access.clock),
            messages,
            inboxes,
            seed,
        })
    }

    /// What was sent in earlier runs: the tickets that these messages have made already.
    pub(super) async fn known(&self) -> anyhow::Result<Sent> {
        let mut sent = Sent::default();
        for id in self.messages.keys() {
            if self.world.tickets.load(id).await?.is_some() {
                sent.tickets.insert(id.clone());
            }
        }
        Ok(sent)
    }

    /// Works until everything sent is archived, or nothing moves for longer than `patience`. Gives
    /// what was sent and how many of those tickets are archived.
    pub(super) async fn work(
        &self,
        sending: JoinHandle<anyhow::Result<Sent>>,
        patience: Duration,
        progress: &ProgressBar,
    ) -> anyhow::Result<(Sent, usize)> {
        let (mut sending, mut sent) = (Some(sending), Sent::default());
        let mut archived: BTreeSet<TicketId> = BTreeSet::new();
        let mut moved_at = Instant::now();
        loop {
            if sending.as_ref().is_some_and(JoinHandle::is_finished)
                && let Some(finished) = sending.take()
            {
                sent = finished.await.context("the sender failed")??;
                archived.extend(sent.archived_before.iter().cloned());
                moved_at = Instant::now();
            }
            let (acted, waits) = self.round().await?;
            let before = archived.len();
            if acted == 0 && sending.is_none() {
                self.look_for_archived(&sent, &mut archived).await?;
            }
            progress.set_position(u64::try_from(archived.len()).unwrap_or(u64::MAX));
            if sending.is_none() && archived.len() >= sent.tickets.len() {
                return Ok((sent, archived.len()));
            }
            if acted > 0 || archived.len() > before {
                moved_at = Instant::now();
                continue;
            }
            // Nothing to do now: if only callers wait for tomorrow, tomorrow comes.
            if let Some(due) =
                waits.filter(|_| sending.is_none() && moved_at.elapsed() > Duration::from_secs(1))
            {
                self.clock.advance_to(due)?;
            }
            if moved_at.elapsed() > patience {
                tracing::error!(
                    missing = sent.tickets.len() - archived.len(),
                    "replay gave up: nothing moves"
                );
                return Ok((sent, archived.len()));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// One look at every inbox: how many cards were acted on, and when the first waiting caller's
    /// next call is due.
    async fn round(&self) -> anyhow::Result<(usize, Option<Timestamp>)> {
        let mut outcomes = Vec::new();
        for inbox in self.inboxes.iter() {
            let cards = self.world.tickets.inbox(inbox, None, PAGE).await?.items;
            outcomes.extend(self.act_on(inbox, cards).await);
        }
        let (mut acted, mut waits) = (0, None);
        for outcome in outcomes {
            match outcome? {
                Acted::Yes => acted += 1,
                Acted::Waits(due) => waits = Some(waits.map_or(due, |first| due.min(first))),
                Acted::No => {}
            }
        }
        Ok((acted, waits))
    }

    async fn act_on(&self, inbox: &str, cards: Vec<InboxCard>) -> Vec<anyhow::Result<Acted>> {
        let gate = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        for card in cards {
            let (staff, inbox, gate) = (self.clone(), inbox.to_owned(), Arc::clone(&gate));
            tasks.spawn(async move {
                let _free = gate.acquire().await;
                staff.act(&inbox, &card).await
            });
        }
        tasks.join_all().await
    }

    async fn act(&self, inbox: &str, card: &InboxCard) -> anyhow::Result<Acted> {
        let Some(message) = self.messages.get(&card.ticket).filter(|_| card.kind == "turn") else {
            return Ok(Acted::No);
        };
        let Some(stored) = self.world.tickets.load(&card.ticket).await? else {
            return Ok(Acted::No);
        };
        let ticket = stored.ticket;
        let (role, unit, order) =
            match inbox.strip_prefix(COMMAND_CENTRE).and_then(|rest| rest.strip_prefix('.')) {
                Some("dispatcher") => (Role::Dispatcher, COMMAND_CENTRE, Self::dispatch(message)?),
                Some("caller") if ticket.calls_failed() > 0 && card.due > self.clock.now() => {
                    return Ok(Acted::Waits(card.due));
                }
                Some("caller") => {
                    (Role::Caller, COMMAND_CENTRE, Order::FollowUp { result: self.call(&ticket) })
                }
                Some(_) | None => (Role::Handler, inbox, Self::resolve(message)),
            };
        let fault = |fault: domain::IdFault| anyhow::anyhow!("{fault}");
        let actor = Actor::Staff {
            id: StaffId::parse(&format!("played-{role}")).map_err(fault)?,
            role,
            unit: UnitCode::parse(unit).map_err(fault)?,
        };
        // Derived from the version: a killed replay that is started again gives the same command.
        let cause =
            CommandId::derive(&actor.to_string(), &format!("{} {}", card.ticket, ticket.version()));
        match command(&self.world, &actor, &card.ticket, (&order, &cause), Some(ticket.version()))
            .await
        {
            Ok(_) => Ok(Acted::Yes),
            // The card was stale: somebody has acted since.
            Err(
                CommandError::Changed(_)
                | CommandError::Refused { .. }
                | CommandError::Reused
                | CommandError::NoTicket,
            ) => Ok(Acted::No),
            Err(CommandError::Port(ports::PortError::Temporary(_))) => Ok(Acted::No),
            Err(error @ CommandError::Port(ports::PortError::Permanent(_))) => Err(error.into()),
        }
    }

    /// A person reads it and finds the best item, or takes the general one.
    fn dispatch(message: &Message) -> anyhow::Result<Order> {
        let proposals = lambda::keyword_table().propose(&message.title, &message.body);
        let ours = proposals
            .iter()
            .map(|proposal| proposal.to.item.as_str())
            .find(|item| !item.starts_with("NO-"));
        Ok(Order::Dispatch { to: destination(ours.unwrap_or(FALLBACK_ITEM), None)? })
    }

    fn resolve(message: &Message) -> Order {
        let reply = message.reply.clone();
        let reply = reply
            .unwrap_or_else(|| "您好，您反映的问题已收悉并已安排处理，感谢您的支持。".to_owned());
        Order::Resolve { outcome: Outcome::Solved, reply }
    }

    /// What the citizen says, by the seed: most are content, a few are not reached or say no.
    fn call(&self, ticket: &Ticket) -> FollowUpResult {
        let drawn = draw(self.seed, "call", &format!("{} {}", ticket.id(), ticket.version())) % 100;
        let reached = |solved, satisfaction| FollowUpResult::Reached {
            contacted: Some(true),
            solved: Some(solved),
            satisfaction: Some(satisfaction),
        };
        match drawn {
            0..3 => FollowUpResult::NoAnswer,
            3..8 => reached(false, Satisfaction::Dissatisfied),
            8..25 => reached(true, Satisfaction::Fairly),
            _ => reached(true, Satisfaction::Satisfied),
        }
    }

    async fn look_for_archived(
        &self,
        sent: &Sent,
        archived: &mut BTreeSet<TicketId>,
    ) -> anyhow::Result<()> {
        let open: Vec<TicketId> = sent.tickets.difference(archived).cloned().collect();
        for id in open {
            let stored = self.world.tickets.load(&id).await?;
            if stored.is_some_and(|stored| stored.ticket.status() == domain::Status::Archived) {
                archived.insert(id);
            }
        }
        Ok(())
    }
}
