//! The fund's command function: the one way by which anybody moves public money.

mod order;

use std::collections::BTreeMap;

use domain::directory::role_fits;
use domain::fund::{
    AccountId, AccountOwner, ActKind, Application, ApplicationId, Balance, Deed, EntryRef,
    FundRefusal, LedgerChange, Occasion, Order, Posting, Stage, Target, View, decide,
};
use domain::{
    Actor, Command, CommandId, Context, EventKind, PHOTOS_MAX, RecordId, Refusal, SealedRef,
    Ticket, Tier, UnitCode,
};
use ports::{Advanced, PortError, World};

pub use self::order::{FundOrder, Written};
use crate::command::{CommandError, done, hint, is_sealed_as, look, placeholder, seal};

/// After so many lost races the caller is told to come again: an account takes one entry at a time.
const TRIES_MAX: u32 = 24;
/// The longest pause after the first lost race; it doubles with each, up to [`PAUSE_MOST_MS`].
const PAUSE_MS: u64 = 8;
const PAUSE_MOST_MS: u64 = 500;

/// An order that was carried out, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its entries.
    pub postings: Vec<Posting>,
    /// `false` when it had been carried out before.
    pub changed: bool,
}

/// Why an order was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FundError {
    /// The ledger's rules refuse it.
    #[error("{0}")]
    Refused(FundRefusal),
    /// The ticket's rules refuse it.
    #[error("{0}")]
    Ticket(Refusal),
    /// The directory has no such township or subdistrict.
    #[error("the directory has no township or subdistrict `{0}`")]
    NoTownship(UnitCode),
    /// There is no such ticket.
    #[error("there is no such ticket")]
    NoTicket,
    /// This cause was given before, to another order or with another text.
    #[error("this id was given to another order before")]
    Reused,
    /// A photo was given to another case before, or there are too many of them.
    #[error("at most {PHOTOS_MAX} photos, none of which another case has")]
    Photos,
    /// Others were first again and again. Nothing has changed.
    #[error("others write to the same account: give the same order again, with the same key")]
    Busy,
    /// A store did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl FundError {
    /// Whether the rules have refused the order.
    const fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Ticket(_) => true,
            Self::NoTownship(_)
            | Self::NoTicket
            | Self::Reused
            | Self::Photos
            | Self::Busy
            | Self::Port(_) => false,
        }
    }
}

impl From<CommandError> for FundError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::NoTicket => Self::NoTicket,
            CommandError::Refused { refusal, .. } => Self::Ticket(refusal),
            CommandError::Reused => Self::Reused,
            CommandError::Photos => Self::Photos,
            CommandError::Changed(_) => Self::Busy,
            CommandError::Port(error) => Self::Port(error),
        }
    }
}

/// What was read for an order.
#[derive(Debug)]
struct Read {
    accounts: BTreeMap<AccountId, Balance>,
    application: Option<Application>,
    /// The entry that the order names, whether it was reversed, and its other side.
    target: Option<(Posting, bool, Option<Posting>)>,
    invoice: Option<EntryRef>,
}

impl Read {
    fn view(&self) -> View<'_> {
        let target = self.target.as_ref().map(|(posting, reversed, partner)| Target {
            posting,
            reversed: *reversed,
            partner: partner.as_ref(),
        });
        View {
            accounts: self.accounts.clone(),
            application: self.application.as_ref(),
            done: false,
            invoice: self.invoice.clone(),
            target,
        }
    }
}

/// Carries out an order: entries, accounts, application and ticket in one write. The same `cause` again changes
/// nothing.
///
/// # Errors
/// [`FundError`]. After a temporary port error the outcome is unknown: give the same `cause` again.
pub async fn fund(
    world: &World,
    actor: &Actor,
    (order, cause): (&FundOrder, &CommandId),
) -> Result<Posted, FundError> {
    let mut clerk = Clerk { world, actor, order, cause, paper: None };
    clerk.check_staff().await?;
    clerk.check_owner().await?;
    let mut lost = 0;
    while lost < TRIES_MAX {
        match clerk.attempt().await {
            Ok(Attempt::Done(posted)) => return Ok(posted),
            Ok(Attempt::Sealed) => {}
            Ok(Attempt::Lost) => {
                lost += 1;
                pause(world, lost).await?;
            }
            // What refuses it may be itself: the same order was given twice at once, and the other was first.
            Err(error) if error.is_refusal() => return clerk.done().await?.ok_or(error),
            Err(error) => return Err(error),
        }
    }
    Err(FundError::Busy)
}

/// How an attempt ended that the rules have not refused.
enum Attempt {
    /// It was carried out.
    Done(Posted),
    /// Its paper is sealed now.
    Sealed,
    /// Somebody else was first.
    Lost,
}

/// Who carries out one order.
struct Clerk<'a> {
    world: &'a World,
    actor: &'a Actor,
    order: &'a FundOrder,
    cause: &'a CommandId,
    paper: Option<SealedRef>,
}

impl Clerk<'_> {
    /// What the directory does not know, may nothing: such a role at such a unit. Who somebody is, whoever lets
    /// them give orders must know.
    async fn check_staff(&self) -> Result<(), FundError> {
        let directory = self.world.rules.directory().await?;
        let known = match self.actor {
            Actor::Staff { role, unit, .. } => {
                directory.unit(unit).is_some_and(|unit| role_fits(*role, unit.kind))
            }
            _ => false,
        };
        if known { Ok(()) } else { Err(FundError::Ticket(Refusal::UnknownStaff)) }
    }

    /// By these an account begins: then its owner is of the directory.
    async fn check_owner(&self) -> Result<(), FundError> {
        let begun = match self.order {
            FundOrder::Appropriate { account, .. }
            | FundOrder::Transfer { to: account, .. }
            | FundOrder::Apply { account, .. } => account,
            _ => return Ok(()),
        };
        let AccountOwner::Township(code) = &begun.owner else { return Ok(()) };
        let directory = self.world.rules.directory().await?;
        let known = directory.unit(code).is_some_and(|unit| unit.tier() == Tier::Township);
        if known { Ok(()) } else { Err(FundError::NoTownship(code.clone())) }
    }

    async fn attempt(&mut self) -> Result<Attempt, FundError> {
        let world = self.world;
        if let Some(posted) = self.done().await? {
            return Ok(Attempt::Done(posted));
        }
        let said = self.order.said();
        // Tried first, so that a refused order leaves no sealed record behind.
        let paper = self.paper.clone().or_else(|| said.as_ref().map(|_| placeholder()));
        let (actor, cause) = (self.actor.clone(), self.cause.clone());
        let occasion = Occasion { actor, now: world.clock.now(), cause };
        let (order, read) = self.read(paper).await?;
        let postings = match decide(&order, &read.view(), &occasion) {
            Ok(postings) => postings,
            // Somebody wrote between two reads.
            Err(FundRefusal::View(_)) => return Ok(Attempt::Lost),
            Err(refusal) => return Err(FundError::Refused(refusal)),
        };
        let ticket = self.ticket(&postings, &occasion).await?;
        if let (None, Some(text), Some((before, _))) = (&self.paper, &said, &ticket) {
            let photos = self.order.photos();
            self.paper = seal(world, before, (self.cause, text, photos)).await?;
            return Ok(if self.paper.is_some() { Attempt::Sealed } else { Attempt::Lost });
        }
        let change = LedgerChange::of(&read.view(), postings.clone());
        let change = change.map_err(|wrong| FundError::Refused(FundRefusal::View(wrong)))?;
        let Some(change) = change else { return Ok(Attempt::Lost) };
        let both = ticket.as_ref().map(|(before, after)| (before, after));
        if world.fund.post(&change, both).await? == Advanced::Stale {
            return Ok(Attempt::Lost);
        }
        if let Some((_, after)) = &ticket {
            hint(world, after).await;
        }
        look(world, self.order.photos()).await;
        Ok(Attempt::Done(Posted { postings, changed: true }))
    }

    /// What the order has led to, if it was carried out before: a key that comes again with another order, or with
    /// another text, would be lost if it passed for a repeat.
    async fn done(&self) -> Result<Option<Posted>, FundError> {
        let fund = &self.world.fund;
        let mut postings = Vec::new();
        for entry in fund.done(self.cause).await? {
            postings.extend(fund.entry(&entry).await?);
        }
        let Some(first) = postings.first() else { return Ok(None) };
        if !self.order.leads_to(first) || !self.is_what_was_said(first).await? {
            return Err(FundError::Reused);
        }
        if let Some(application) = &first.application
            && let Some(stored) = self.world.tickets.load(&application.ticket).await?
        {
            // The first attempt may have died before its hint.
            hint(self.world, &stored.ticket).await;
        }
        look(self.world, self.order.photos()).await;
        Ok(Some(Posted { postings, changed: false }))
    }

    async fn is_what_was_said(&self, posting: &Posting) -> Result<bool, FundError> {
        let (Some(text), Some(application)) = (self.order.said(), &posting.application) else {
            return Ok(true);
        };
        let record = RecordId::of_command(self.cause);
        Ok(is_sealed_as(self.world, (&application.ticket, &record), &text).await?)
    }

    /// The order with this reference in place of its text, and what it is decided upon.
    async fn read(&self, paper: Option<SealedRef>) -> Result<(Order, Read), FundError> {
        let fund = &self.world.fund;
        let target = self.target().await?;
        let named = match (self.order, &target) {
            (FundOrder::Apply { ticket, .. }, _) => {
                let last = fund.cases(ticket).await?.last().map_or(0, |last| last.number);
                let number = last.checked_add(1).ok_or(FundError::Busy)?;
                Some(ApplicationId { ticket: ticket.clone(), number })
            }
            (_, Some((posting, ..))) => posting.application.clone(),
            (order, None) => order.application().cloned(),
        };
        let entries = match &named {
            Some(id) => fund.case(id).await?,
            None => Vec::new(),
        };
        let application = (!entries.is_empty()).then(|| Application::of(&entries)).transpose();
        let application = application.map_err(|wrong| {
            PortError::Permanent(format!("the fund's ledger is damaged, run `verify`: {wrong}"))
        })?;
        let missing = |id: &Option<ApplicationId>| match (id, self.order.entry()) {
            (Some(id), _) => FundRefusal::NoApplication(id.clone()),
            (None, Some(entry)) => FundRefusal::NoPayment(entry.clone()),
            (None, None) => FundRefusal::Nothing,
        };
        let refused = |refusal| FundError::Refused(refusal);
        let here = application.as_ref().map(|case| &case.account);
        let account = self.order.account().or(here);
        let account = account.cloned().ok_or_else(|| refused(missing(&named)))?;
        let deed = self.order.deed(named.as_ref(), paper);
        let order = Order { account, deed: deed.ok_or_else(|| refused(missing(&named)))? };
        let invoice = match &order.deed {
            Deed::Pay { payee, invoice, .. } => fund.payment(payee, invoice).await?,
            _ => None,
        };
        let partner = target.as_ref().and_then(|(_, _, partner)| partner.as_ref());
        let mut accounts = BTreeMap::new();
        for account in order.accounts().iter().chain(partner.map(|partner| &partner.account)) {
            accounts.extend(fund.balance(account).await?.map(|known| (account.clone(), known)));
        }
        Ok((order, Read { accounts, application, target, invoice }))
    }

    /// The entry that the order names, whether it was reversed, and its other side.
    async fn target(&self) -> Result<Option<(Posting, bool, Option<Posting>)>, FundError> {
        let Some(entry) = self.order.entry() else { return Ok(None) };
        let fund = &self.world.fund;
        let posting = fund.entry(entry).await?;
        let posting =
            posting.ok_or_else(|| FundError::Refused(FundRefusal::NoEntry(entry.clone())))?;
        let sides = fund.done(&posting.cause).await?;
        let other = match sides.iter().find(|side| *side != entry) {
            Some(other) => fund.entry(other).await?,
            None => None,
        };
        Ok(Some((posting, fund.is_reversed(entry).await?, other)))
    }

    /// Whether what was asked for of the ticket is decided by this entry, and how; not while another application of
    /// it waits.
    async fn decides(&self, posting: &Posting) -> Result<Option<bool>, FundError> {
        let granted = match posting.act.kind() {
            ActKind::Approved => true,
            ActKind::Refused => false,
            // Withdrawn before anybody decided.
            ActKind::Released if posting.approval.is_none() => false,
            _ => return Ok(None),
        };
        let Some(own) = &posting.application else { return Ok(None) };
        let fund = &self.world.fund;
        for other in fund.cases(&own.ticket).await?.iter().filter(|other| *other != own) {
            let case = Application::of(&fund.case(other).await?);
            if case.is_ok_and(|case| case.stage() == Stage::Applied) {
                return Ok(None);
            }
        }
        Ok(Some(granted))
    }

    /// The ticket that the entries are about, before and after.
    async fn ticket(
        &self,
        postings: &[Posting],
        occasion: &Occasion,
    ) -> Result<Option<(Ticket, Ticket)>, FundError> {
        let Some(first) = postings.first() else { return Ok(None) };
        let Some(application) = &first.application else { return Ok(None) };
        let before = self.world.tickets.load(&application.ticket).await?;
        let before = before.ok_or(FundError::NoTicket)?.ticket;
        // A ticket takes one command by one key: of an entry by another's it would not tell.
        let known = done(self.world, &before, self.cause).await?;
        if known.is_some_and(|kind| kind != EventKind::Funded) {
            return Err(FundError::Reused);
        }
        let command = Command::Fund {
            act: first.act.kind(),
            entry: first.entry(),
            amount: first.act.sum(),
            paper: first.act.paper().cloned(),
            decides: self.decides(first).await?,
        };
        let calendar = self.world.rules.calendar().await?;
        let directory = self.world.rules.directory().await?;
        let context = Context {
            actor: occasion.actor.clone(),
            now: occasion.now,
            calendar: &calendar,
            directory: &directory,
            cause: Some(occasion.cause.clone()),
        };
        let after = before.execute(&command, &context).map_err(FundError::Ticket)?;
        Ok(Some((before, after)))
    }
}

/// Waits, so that those who lost a race do not all run the next one together.
async fn pause(world: &World, lost: u32) -> Result<(), PortError> {
    let most = PAUSE_MS.saturating_mul(1 << lost.min(10)).min(PAUSE_MOST_MS);
    let mut drawn = [0; 2];
    world.entropy.fill(&mut drawn)?;
    let ms = u64::from(u16::from_le_bytes(drawn)).checked_rem(most.max(1)).unwrap_or(0);
    world.clock.pause(ms).await;
    Ok(())
}
