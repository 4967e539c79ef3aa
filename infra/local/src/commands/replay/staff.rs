//! The city's staff, played: they read their inboxes and act through the one command function, in
//! their roles, as `lianxin ticket do` and the desk do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::catalog::Where;
use domain::{
    Actor, COMMAND_CENTRE, CommandId, DispatchTo, FollowUpResult, ItemCode, Outcome, Role,
    Satisfaction, StaffId, Status, Ticket, TicketId, Tier, Timestamp, UnitCode, UploadKey,
};
use indicatif::ProgressBar;
use lambda::{Asked, CommandError, Dispatcher, GENERAL_ITEM, Order, command, dispatcher};
use ports::{Clock as _, InboxCard, PortError, World};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::citizens::draw;
use super::home::Home;
use super::messages::Message;
use super::phones::Phones;
use super::sender::Sent;
use super::tiers::{Deed, Next, Tiers};
use crate::city::{Access, CityClock, DESK};

/// Staff who act at the same time.
const AT_ONCE: usize = 8;
/// How many cards of one inbox are taken at a time.
const PAGE: u16 = 100;

/// All of the city's staff.
#[derive(Clone)]
pub(super) struct Staff {
    world: World,
    by: Arc<Dispatcher>,
    clock: Arc<CityClock>,
    messages: Arc<BTreeMap<TicketId, Message>>,
    inboxes: Arc<Vec<String>>,
    tiers: Option<Arc<Tiers>>,
    seed: u64,
}

/// What became of a card.
pub(super) enum Acted {
    /// Something was done.
    Yes,
    /// A caller waits until then.
    Waits(Timestamp),
    /// Not ours to act on: another file's ticket, or already done by somebody else.
    No,
}

impl Staff {
    /// Hires the city's staff, or those of all tiers.
    pub(super) async fn hire(
        access: &Access,
        messages: Arc<BTreeMap<TicketId, Message>>,
        (seed, all_tiers): (u64, bool),
    ) -> anyhow::Result<Self> {
        let world = access.world(DESK)?;
        // Read before all of them ask at once.
        let directory = world.rules.directory().await?;
        let calendar = world.rules.calendar().await?;
        let tiers =
            if all_tiers { Some(Arc::new(Tiers { directory, calendar, seed })) } else { None };
        let by = dispatcher(&world).await?;
        let mut inboxes: BTreeSet<String> = by
            .directory()
            .units()
            .filter(|unit| unit.tier() != Tier::Village)
            .map(|unit| unit.code.to_string())
            .collect();
        inboxes.extend(["dispatcher", "caller"].map(|desk| format!("{COMMAND_CENTRE}.{desk}")));
        inboxes.extend(tiers.iter().flat_map(|tiers| tiers.inboxes()));
        let inboxes = Arc::new(inboxes.into_iter().collect());
        Ok(Self { world, by, tiers, clock: Arc::clone(&access.clock), messages, inboxes, seed })
    }

    /// What was sent in earlier runs: the tickets that these messages have made already. Of photos
    /// only those are waited for whose claim stands: without it no 202 was given, and the phone that
    /// would send again is not played.
    pub(super) async fn known(&self, phones: &Phones) -> anyhow::Result<Sent> {
        let mut sent = Sent::default();
        for (id, message) in self.messages.iter() {
            if self.world.tickets.load(id).await?.is_none() {
                continue;
            }
            let mut photos = 0;
            for key in phones.kept(message).unwrap_or_default() {
                let key = UploadKey::parse(&key)
                    .map_err(|fault| anyhow::anyhow!("a phone's upload: {fault}"))?;
                photos += usize::from(self.world.claims.of(&key).await?.as_ref() == Some(id));
            }
            sent.tickets.insert(id.clone(), photos);
        }
        Ok(sent)
    }

    /// Works until everything sent is archived and every photo is settled, or nothing moves for
    /// longer than `patience`. Gives what was sent and what has come home.
    pub(super) async fn work(
        &self,
        sending: JoinHandle<anyhow::Result<Sent>>,
        patience: Duration,
        progress: &ProgressBar,
    ) -> anyhow::Result<(Sent, Home)> {
        let (mut sending, mut sent) = (Some(sending), Sent::default());
        let mut home = Home::default();
        let mut moved_at = Instant::now();
        loop {
            if sending.as_ref().is_some_and(JoinHandle::is_finished)
                && let Some(finished) = sending.take()
            {
                sent = finished.await.context("the sender failed")??;
                moved_at = Instant::now();
            }
            let (acted, waits) = self.round().await?;
            let before = home.moved();
            if acted == 0 && sending.is_none() {
                self.look(&sent, &mut home).await?;
            }
            progress.set_position(u64::try_from(home.archived()).unwrap_or(u64::MAX));
            if sending.is_none() && home.complete(&sent) {
                return Ok((sent, home));
            }
            if acted > 0 || home.moved() > before {
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
                    missing = sent.tickets.len() - home.archived(),
                    photos = ?home.photos(),
                    "replay gave up: nothing moves"
                );
                return Ok((sent, home));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// One look at every inbox: how many cards were acted on, and when the first waiting caller's
    /// next call is due.
    async fn round(&self) -> anyhow::Result<(usize, Option<Timestamp>)> {
        let (mut outcomes, mut seen) = (Vec::new(), BTreeSet::new());
        for inbox in self.inboxes.iter() {
            let mut cards = self.world.tickets.inbox(inbox, None, PAGE).await?.items;
            // Without tiers nobody decides on matters; a card of one must not hide the turn in another inbox. One
            // thing at a time is done to a ticket, in however many inboxes it lies.
            cards.retain(|card| self.serves(card) && seen.insert(card.ticket.clone()));
            outcomes.extend(self.act_on(cards).await);
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

    async fn act_on(&self, cards: Vec<InboxCard>) -> Vec<anyhow::Result<Acted>> {
        let gate = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        for card in cards {
            let (staff, gate) = (self.clone(), Arc::clone(&gate));
            tasks.spawn(async move {
                let _free = gate.acquire().await;
                staff.serve(&card.ticket).await
            });
        }
        tasks.join_all().await
    }

    fn serves(&self, card: &InboxCard) -> bool {
        card.kind == "turn" || self.tiers.is_some()
    }

    /// Does what a ticket waits for, in the role whose turn it is.
    pub(super) async fn serve(&self, id: &TicketId) -> anyhow::Result<Acted> {
        let Some(message) = self.messages.get(id) else { return Ok(Acted::No) };
        let Some(stored) = self.world.tickets.load(id).await? else { return Ok(Acted::No) };
        let ticket = stored.ticket;
        match self.tiers.as_ref().map(|tiers| tiers.next(&ticket, self.clock.now())) {
            Some(Next::Deed(deed)) => return self.give(&ticket, *deed).await,
            Some(Next::Waits(due)) => return Ok(Acted::Waits(due)),
            Some(Next::Plain) | None => {}
        }
        let (role, order) = match ticket.status() {
            Status::NeedsDispatcher => (Role::Dispatcher, self.dispatch(message)?),
            Status::Handling => (Role::Handler, Self::resolve(message)),
            Status::Answered => match self.next_call(&ticket) {
                Some(due) => return Ok(Acted::Waits(due)),
                None => (Role::Caller, Order::FollowUp { result: self.call(&ticket) }),
            },
            _ => return Ok(Acted::No),
        };
        let unit = ticket.assignment().map(|assignment| assignment.unit.as_str());
        let unit = unit.filter(|_| role == Role::Handler).unwrap_or(COMMAND_CENTRE);
        let fault = |fault: domain::IdFault| anyhow::anyhow!("{fault}");
        let actor = Actor::Staff {
            id: StaffId::parse(&format!("played-{role}")).map_err(fault)?,
            role,
            unit: UnitCode::parse(unit).map_err(fault)?,
        };
        // Derived from the stay that it ends: a killed replay that is started again gives the same
        // command, and so does one that a photo has overtaken, whose reply is sealed already.
        let stay = (ticket.status(), ticket.status_since().millis(), ticket.calls_failed());
        let (version, key) = (ticket.version(), format!("{id} {} {} {}", stay.0, stay.1, stay.2));
        let cause = CommandId::derive(&actor.to_string(), &key);
        match command(&self.world, &actor, id, (&order, &cause), Some(version)).await {
            Ok(_) => Ok(Acted::Yes),
            Err(error @ CommandError::Port(PortError::Permanent(_))) => Err(error.into()),
            // Somebody has acted since, or a store did not answer: the next round looks again.
            Err(_) => Ok(Acted::No),
        }
    }

    /// Gives a command between the tiers: the same at the same version, however often it is tried.
    async fn give(&self, ticket: &Ticket, deed: Deed) -> anyhow::Result<Acted> {
        let (id, version) = (ticket.id(), ticket.version());
        let cause = CommandId::derive(&deed.actor.to_string(), &format!("{id} tiers {version}"));
        match command(&self.world, &deed.actor, id, (&deed.order, &cause), Some(version)).await {
            Ok(_) => Ok(Acted::Yes),
            Err(error @ CommandError::Port(PortError::Permanent(_))) => Err(error.into()),
            Err(CommandError::Refused { refusal, .. }) => {
                tracing::error!(ticket.id = %id, actor = %deed.actor, order = ?deed.order, %refusal, "a played deed is refused");
                Ok(Acted::No)
            }
            Err(_) => Ok(Acted::No),
        }
    }

    /// When the next call is due, if one has failed and it is not yet.
    fn next_call(&self, ticket: &Ticket) -> Option<Timestamp> {
        let due = ticket.last_call_at()?.plus_millis(Timestamp::DAY_MS);
        (due > self.clock.now()).then_some(due)
    }

    /// A person reads it and takes the best item that is the city's, or the general one. Where the place
    /// decides and nobody knows it, a township is drawn: who sent the real messages lives elsewhere.
    fn dispatch(&self, message: &Message) -> anyhow::Result<Order> {
        let (title, body) = (message.title.as_str(), message.body.as_str());
        let opinion = self.by.opinion(Asked { title, body, ..Asked::default() });
        let ours = opinion.proposals.iter().find(|one| one.item.elsewhere.is_none());
        if let Some(Where::To(to)) = ours.map(|ours| &ours.to)
            && to.tier != Tier::Village
        {
            return Ok(Order::Dispatch { to: DispatchTo { confidence: None, ..to.clone() } });
        }
        let general = || self.by.catalog().item(&ItemCode::parse(GENERAL_ITEM).ok()?);
        let item = ours.map(|ours| ours.item).or_else(general).context("no general item")?;
        let units = self.by.directory().units();
        let townships: Vec<_> = units.filter(|unit| unit.tier() == Tier::Township).collect();
        let drawn = draw(self.seed, "township", &message.id);
        let at = drawn % u64::try_from(townships.len().max(1))?;
        let township = townships.get(usize::try_from(at)?).context("no township")?;
        Ok(Order::Dispatch { to: item.to(township.code.clone(), Tier::Township, None) })
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

    /// Looks at what of everything sent has come home since.
    pub(super) async fn look(&self, sent: &Sent, home: &mut Home) -> anyhow::Result<()> {
        home.look(&self.world, sent).await
    }
}
