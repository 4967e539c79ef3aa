//! What stores are asked, as values: a run's questions can be put to other stores, and the answers
//! compared.

use std::fmt::Debug;

use async_trait::async_trait;
use contracts::{Hint, UploadHint};
use domain::fund::{AccountId, ApplicationId, EntryRef, FiscalYear, LedgerChange};
use domain::repeat::Seen;
use domain::{
    ChannelName, CommandId, Entry, Hash, PayeeCode, PublicNumber, Reading, RecordId, Step, Ticket,
    TicketId, Timestamp, UnitCode, UploadKey,
};
use ports::{
    Advanced, Cursor, Delivery, DueTurn, Neighbourhood, NewTicket, Page, PortError, Stored,
    StoredCalendar, Upload, World,
};

use crate::faults::Call;

/// A list of more pages than this goes in a circle.
const PAGES_MAX: usize = 10_000;

/// Which record.
type Record = (TicketId, RecordId);

/// A call of a port with what it is given. A page of a list is the whole list, page by page: a cursor
/// means something only to the store that has given it.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "they are named as the calls of the ports")]
pub enum Op {
    Create(Box<NewTicket>),
    Load(TicketId),
    Whole(TicketId),
    Cause(TicketId, CommandId),
    Advance(Box<(Ticket, Ticket)>),
    DueTurns(u8, Timestamp, u16),
    DueCards(u8, Timestamp, u16),
    Postpone(DueTurn, u32, (Timestamp, u32)),
    Inbox(String, u16),
    Touch(Box<Ticket>, Timestamp),
    ByNumber(PublicNumber),
    Open(u8),
    Archived(u8, Timestamp),
    Followers((TicketId, bool), Option<TicketId>, u16),
    FundPost(Box<(LedgerChange, Option<(Ticket, Ticket)>)>),
    FundBalance(AccountId),
    FundAccounts(FiscalYear),
    FundEntries(AccountId, u32, u16),
    FundEntry(EntryRef),
    FundCase(ApplicationId),
    FundCases(TicketId),
    FundDone(CommandId),
    FundPayment(PayeeCode, Hash),
    FundReversed(EntryRef),
    SketchPut(String, Box<Seen>),
    SketchNear(Option<UnitCode>, String),
    SketchBody([u8; 8]),
    SketchRemove(TicketId),
    Person(String),
    Forget(TicketId),
    TextPut(Record, Vec<u8>, Timestamp),
    TextGet(TicketId, RecordId),
    TextRenew(Record, Timestamp),
    TextList(TicketId),
    TextRemove(Record, Timestamp),
    TextAll(TicketId),
    Key(TicketId),
    KeyDestroy(TicketId),
    JournalAppend(Box<Reading>, Timestamp),
    HintSend(Step, Hint),
    HintLook(UploadHint),
    HintBacklog(Step),
    HintBury(String, String),
    ObjectPut(String, Vec<u8>),
    ObjectGet(String),
    ObjectList(String),
    Claim(UploadKey, TicketId),
    ClaimOf(UploadKey),
    UploadPut(UploadKey, Upload),
    UploadFetch(UploadKey, u32),
    UploadList,
    UploadRemove(UploadKey),
    TellDue(ChannelName, Timestamp, u16),
    DeliveryOf(TicketId),
    Told(Box<Ticket>, u32),
    PutOff(Box<Ticket>, Delivery, Delivery),
    CalendarCurrent,
    CalendarPut(Box<StoredCalendar>),
    Replanned(u32, u8),
}

/// Stores that can be asked, and into which somebody can upload and put mails.
#[async_trait]
pub trait Stand: Send + Sync {
    /// The stores' ports.
    fn world(&self) -> &World;

    /// Puts an object where uploads lie, as whoever holds a grant does.
    async fn upload(&self, key: &UploadKey, upload: &Upload);

    /// Puts a mail where mails lie, as a mail server does.
    async fn put_mail(&self, key: &str, mail: &[u8]);
}

/// An answer as a text: what a caller can tell from it, and no more. Of a refusal that is its kind.
fn told<T: Debug>(answer: Result<T, PortError>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(PortError::Temporary(_)) => "temporary".to_owned(),
        Err(PortError::Permanent(_)) => "permanent".to_owned(),
    }
}

/// What a load tells: how much of the timeline was spilled is the store's own affair.
fn view(stored: Stored) -> impl Debug {
    let Stored { ticket, attempts } = stored;
    (ticket.version(), ticket.head(), ticket.status(), ticket.turn(), attempts)
}

/// All of a list.
async fn pages<T, F: Future<Output = Result<Page<T>, PortError>>>(
    page: impl Fn(Option<Cursor>) -> F,
) -> Result<Vec<T>, PortError> {
    let (mut all, mut from) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let Page { items, next } = page(from).await?;
        all.extend(items);
        let Some(next) = next else { return Ok(all) };
        from = Some(next);
    }
    Err(PortError::Permanent("a list without an end".to_owned()))
}

/// A ticket that is to be advanced as its callers do: from what this store has loaded, which may have spilled
/// other entries than the store in which the trace was made.
async fn own(
    world: &World,
    (before, after): (&Ticket, &Ticket),
) -> Result<(Ticket, Ticket), PortError> {
    let stands = world.tickets.load(before.id()).await?.map(|stored| stored.ticket);
    let Some(stands) = stands.filter(|stands| stands.version() == before.version()) else {
        return Ok((before.clone(), after.clone()));
    };
    let mut next = stands.clone();
    let new = after.timeline().iter().filter(|entry| entry.seq > before.version());
    for Entry { event, actor, cause, at, .. } in new {
        let applied = next.apply(event.clone(), actor.clone(), cause.clone(), *at);
        applied.map_err(|fault| PortError::Permanent(fault.to_string()))?;
    }
    Ok((stands, next))
}

async fn advance(world: &World, before: &Ticket, after: &Ticket) -> Result<Advanced, PortError> {
    let (before, after) = own(world, (before, after)).await?;
    world.tickets.advance(&before, &after).await
}

async fn post(
    world: &World,
    change: &LedgerChange,
    ticket: Option<&(Ticket, Ticket)>,
) -> Result<Advanced, PortError> {
    let Some((before, after)) = ticket else { return world.fund.post(change, None).await };
    let (before, after) = own(world, (before, after)).await?;
    world.fund.post(change, Some((&before, &after))).await
}

impl Op {
    /// Asks these stores.
    #[allow(clippy::too_many_lines, reason = "one arm a call")]
    pub async fn ask(&self, stand: &dyn Stand) -> (Call, String) {
        let w = stand.world();
        match self {
            Self::Create(new) => (Call::Create, told(w.tickets.create(new).await)),
            Self::Load(id) => {
                (Call::Load, told(w.tickets.load(id).await.map(|stored| stored.map(view))))
            }
            Self::Whole(id) => (Call::Whole, told(w.tickets.whole(id).await)),
            Self::Cause(id, cause) => {
                // Known is known, whether its entry was spilled or stands on the ticket.
                let stands = w.tickets.load(id).await.ok().flatten();
                let held = stands.and_then(|stored| stored.ticket.done(cause));
                let spilled = w.tickets.spilled_cause(id, cause).await;
                (Call::SpilledCause, told(spilled.map(|kind| held.or(kind))))
            }
            Self::Advance(two) => (Call::Advance, told(advance(w, &two.0, &two.1).await)),
            Self::DueTurns(shard, until, limit) => {
                (Call::DueTurns, told(w.tickets.due_turns(*shard, *until, *limit).await))
            }
            Self::DueCards(shard, until, limit) => {
                let page = async |from: Option<Cursor>| {
                    w.tickets.due_cards(*shard, *until, from.as_ref(), *limit).await
                };
                (Call::DueCards, told(pages(page).await))
            }
            Self::Postpone(turn, version, (to, attempts)) => {
                let answer = w.tickets.postpone(turn, *version, *to, *attempts).await;
                (Call::Postpone, told(answer))
            }
            Self::Inbox(inbox, limit) => {
                let page = async |from: Option<Cursor>| {
                    w.tickets.inbox(inbox, from.as_ref(), *limit).await
                };
                (Call::Inbox, told(pages(page).await))
            }
            Self::Touch(ticket, now) => (Call::Touch, told(w.tickets.touch(ticket, *now).await)),
            Self::ByNumber(number) => (Call::ByNumber, told(w.tickets.by_number(number).await)),
            Self::Open(shard) => {
                let open = w.census.open(*shard).await;
                (Call::CensusOpen, told(open.map(sorted)))
            }
            Self::Archived(shard, since) => {
                (Call::CensusArchived, told(w.census.archived(*shard, *since).await))
            }
            Self::Followers((lead, answered), from, limit) => {
                let of = (lead, *answered);
                (Call::Followers, told(w.census.followers(of, from.as_ref(), *limit).await))
            }
            Self::FundPost(both) => (Call::FundPost, told(post(w, &both.0, both.1.as_ref()).await)),
            Self::FundBalance(account) => (Call::FundBalance, told(w.fund.balance(account).await)),
            Self::FundAccounts(year) => (Call::FundAccounts, told(w.fund.accounts(*year).await)),
            Self::FundEntries(account, after, limit) => {
                (Call::FundEntries, told(w.fund.entries(account, *after, *limit).await))
            }
            Self::FundEntry(entry) => (Call::FundEntry, told(w.fund.entry(entry).await)),
            Self::FundCase(id) => (Call::FundCase, told(w.fund.case(id).await)),
            Self::FundCases(ticket) => (Call::FundCases, told(w.fund.cases(ticket).await)),
            Self::FundDone(cause) => (Call::FundDone, told(w.fund.done(cause).await)),
            Self::FundPayment(payee, invoice) => {
                (Call::FundPayment, told(w.fund.payment(payee, invoice).await))
            }
            Self::FundReversed(entry) => {
                (Call::FundReversed, told(w.fund.is_reversed(entry).await))
            }
            Self::SketchPut(category, seen) => {
                (Call::SketchPut, told(w.sketches.put(category, seen).await))
            }
            Self::SketchNear(township, category) => {
                let place = Neighbourhood { township: township.as_ref(), category };
                let page = async |from: Option<Cursor>| w.sketches.near(place, from.as_ref()).await;
                (Call::SketchNear, told(pages(page).await))
            }
            Self::SketchBody(body) => (Call::SketchBody, told(w.sketches.same_body(*body).await)),
            Self::SketchRemove(id) => (Call::SketchRemove, told(w.sketches.remove(id).await)),
            Self::Person(hash) => {
                let page =
                    async |from: Option<Cursor>| w.citizens.tickets(hash, from.as_ref()).await;
                (Call::CitizenTickets, told(pages(page).await))
            }
            Self::Forget(id) => (Call::CitizenForget, told(w.citizens.forget(id).await)),
            Self::TextPut((id, record), sealed, at) => {
                (Call::TextPut, told(w.texts.put(id, record, sealed, *at).await))
            }
            Self::TextGet(id, record) => (Call::TextGet, told(w.texts.get(id, record).await)),
            Self::TextRenew((id, record), at) => {
                (Call::TextRenew, told(w.texts.renew(id, record, *at).await))
            }
            Self::TextList(id) => (Call::TextList, told(w.texts.list(id).await)),
            Self::TextRemove((id, record), at) => {
                (Call::TextRemove, told(w.texts.remove(id, record, *at).await))
            }
            Self::TextAll(id) => (Call::TextAll, told(w.texts.all(id).await)),
            Self::Key(id) => (Call::KeyWrapped, told(w.keys.wrapped(id).await)),
            Self::KeyDestroy(id) => (Call::KeyDestroy, told(w.keys.destroy(id).await)),
            Self::JournalAppend(reading, now) => {
                let entry = w.journal.append((**reading).clone(), *now).await;
                let day = w.journal.day(&now.beijing_compact_date()).await;
                (Call::JournalAppend, told(entry.and_then(|entry| day.map(|day| (entry, day)))))
            }
            Self::HintSend(step, hint) => (Call::HintSend, told(w.hints.send(*step, hint).await)),
            Self::HintLook(hint) => (Call::HintLook, told(w.hints.look(hint).await)),
            Self::HintBacklog(step) => (Call::HintBacklog, told(w.hints.backlog(*step).await)),
            Self::HintBury(body, reason) => {
                (Call::HintBury, told(w.hints.bury(body, reason).await))
            }
            Self::ObjectPut(key, bytes) => {
                (Call::ObjectPut, told(w.dossiers.put_once(key, bytes).await))
            }
            Self::ObjectGet(key) => (Call::ObjectGet, told(w.dossiers.get(key).await)),
            Self::ObjectList(prefix) => (Call::ObjectList, told(w.dossiers.list(prefix).await)),
            Self::Claim(key, id) => (Call::Claim, told(w.claims.claim(key, id).await)),
            Self::ClaimOf(key) => (Call::ClaimOf, told(w.claims.of(key).await)),
            Self::UploadPut(key, upload) => {
                stand.upload(key, upload).await;
                (Call::UploadGrant, String::new())
            }
            Self::UploadFetch(key, most) => {
                let upload = w.uploads.fetch(key, *most).await;
                let seen = upload.map(|found| found.map(|upload| (upload.declared, upload.bytes)));
                (Call::UploadFetch, told(seen))
            }
            Self::UploadList => {
                let page = async |from: Option<Cursor>| w.uploads.list(from.as_ref()).await;
                // When it was put is the wall's time, and another one at every putting.
                let keys = |all: Vec<(UploadKey, Timestamp)>| {
                    all.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
                };
                (Call::UploadList, told(pages(page).await.map(keys)))
            }
            Self::UploadRemove(key) => (Call::UploadRemove, told(w.uploads.remove(key).await)),
            Self::TellDue(channel, until, limit) => {
                (Call::TellDue, told(w.deliveries.due(channel, *until, *limit).await))
            }
            Self::DeliveryOf(id) => {
                let found = w.deliveries.of(id).await;
                let view = |(ticket, delivery): (Ticket, Delivery)| (ticket.head(), delivery);
                (Call::DeliveryOf, told(found.map(|found| found.map(view))))
            }
            Self::Told(ticket, seq) => (Call::Told, told(w.deliveries.told(ticket, *seq).await)),
            Self::PutOff(ticket, before, now) => {
                (Call::PutOff, told(w.deliveries.put_off(ticket, before, now).await))
            }
            Self::CalendarCurrent => {
                (Call::CalendarCurrent, told(w.rules.calendars.current().await))
            }
            Self::CalendarPut(calendar) => {
                (Call::CalendarPut, told(w.rules.calendars.put(calendar).await))
            }
            Self::Replanned(number, shards) => {
                let noted = w.rules.calendars.replanned(*number, *shards).await;
                (Call::CalendarReplanned, told(noted))
            }
        }
    }
}

/// In an order that is everywhere the same, for a list that has none.
fn sorted(mut ids: Vec<TicketId>) -> Vec<TicketId> {
    ids.sort();
    ids
}
