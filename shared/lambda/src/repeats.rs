//! 重复诉求: which open tickets a new request may repeat, by the sketches of both ([`domain::repeat`]).

use std::collections::BTreeSet;

use domain::place::Located;
use domain::repeat::{Kind, PAGES_MAX, Seen, Sketch, place_words, propose};
use domain::{Ask, Command, Likely, LikelyLead, Ticket, TicketId};
use ports::{Cursor, Neighbourhood, PortError, World};

/// So many tickets are proposed to people.
const PROPOSED_MAX: usize = 5;

/// So many followers are counted by one read.
const COUNTED_AT_ONCE: u16 = 1000;

/// A request as far as its repeats are looked for. It is a citizen's text: never to be stored or logged.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The title; it may be empty.
    pub title: &'a str,
    /// The text.
    pub body: &'a str,
    /// The person's telephone number, when it is known.
    pub phone: Option<&'a str>,
    /// Where it lies.
    pub place: &'a Located,
    /// The category of the item that it is most likely of: of two texts that are alike the same, also where it
    /// is the wrong one.
    pub category: &'a str,
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request(…)")
    }
}

/// Puts a ticket's sketch and says what is to be done about the tickets that it may repeat: nothing, ask a
/// dispatcher, or follow the one that the same person has sent with the same text before.
///
/// It is put before others are looked for, so of two that come at once one finds the other.
///
/// # Errors
/// [`PortError`].
pub async fn repeats(
    world: &World,
    ticket: &Ticket,
    request: Request<'_>,
) -> Result<Option<Command>, PortError> {
    let root = world.secrets.root_key().await?;
    let Request { title, body, phone, place, category } = request;
    let sketch = Sketch::of(title, body, &place_words(title, body), &root.sketches());
    let citizen = phone.map(|phone| root.citizen(&world.region, phone));
    let seen = Seen {
        ticket: ticket.id().clone(),
        citizen: citizen.and_then(|hash| hash.into_bytes().try_into().ok()),
        received_at: ticket.received_at(),
        township: place.township.clone(),
        village: place.village.clone(),
        sketch,
    };
    world.sketches.put(category, &seen).await?;
    let others = others(world, &seen, category).await?;
    let mut leads: Vec<LikelyLead> = Vec::new();
    for likeness in propose(&seen, others.iter()) {
        let Some((lead, leads_now)) = lead_of(world, ticket, &likeness.ticket).await? else {
            continue;
        };
        if likeness.kind == Kind::SamePersonSameText && leads_now && leads.is_empty() {
            return Ok(Some(Command::Merge { lead }));
        }
        if leads.iter().all(|known| known.ticket != lead) && leads.len() < PROPOSED_MAX {
            leads.push(LikelyLead { ticket: lead, score: likeness.score });
        }
    }
    let ask = Ask::Merge(Likely(leads.clone()));
    Ok((!leads.is_empty()).then_some(Command::OpenMatter { ask, note: None }))
}

/// What may be like it: those with its body, and of its neighbourhoods the newest.
async fn others(world: &World, seen: &Seen, category: &str) -> Result<Vec<Seen>, PortError> {
    let mut others = match seen.sketch.body_key() {
        Some(body) => world.sketches.same_body(body).await?,
        None => Vec::new(),
    };
    let mut known: BTreeSet<TicketId> = others.iter().map(|seen| seen.ticket.clone()).collect();
    let here = seen.township.as_ref().map(Some);
    let places: Vec<_> = here.into_iter().chain([None]).collect();
    for township in &places {
        let place = Neighbourhood { township: *township, category };
        let mut from: Option<Cursor> = None;
        for _ in 0..PAGES_MAX / places.len() {
            let page = world.sketches.near(place, from.as_ref()).await?;
            let new = page.items.into_iter().filter(|seen| known.insert(seen.ticket.clone()));
            others.extend(new);
            from = page.next;
            if from.is_none() {
                break;
            }
        }
    }
    Ok(others)
}

/// Whom a ticket that is like another may follow: that one, or the one which that one follows; `None` when it
/// leads nobody any more. And whether a machine may let it follow now: only what came before, and is dispatched,
/// so that of two that come at once neither follows the other.
async fn lead_of(
    world: &World,
    ticket: &Ticket,
    like: &TicketId,
) -> Result<Option<(TicketId, bool)>, PortError> {
    let Some(found) = readable(world, like).await? else { return Ok(None) };
    let lead = match found.lead() {
        None => found,
        Some(lead) => match readable(world, lead).await? {
            Some(lead) => lead,
            None => return Ok(None),
        },
    };
    let leads_now = lead.check_may_lead().is_ok();
    // One that came at the same time is dispatched when people look.
    let offered = lead.id() != ticket.id() && (leads_now || lead.is_to_be_dispatched());
    let came = |ticket: &Ticket| (ticket.received_at(), ticket.id().clone());
    Ok(offered.then(|| (lead.id().clone(), leads_now && came(&lead) < came(ticket))))
}

/// A ticket, if it can be read: no other waits for one that is damaged.
///
/// # Errors
/// [`PortError::Temporary`].
pub async fn readable(world: &World, id: &TicketId) -> Result<Option<Ticket>, PortError> {
    match world.tickets.load(id).await {
        Err(PortError::Permanent(_)) => Ok(None),
        read => Ok(read?.map(|stored| stored.ticket)),
    }
}

/// How many tickets follow this one or got its answer (design, section 3: the lead holds a count, which is that
/// of an index: what was merged a moment ago may be missing).
///
/// # Errors
/// [`PortError`].
pub async fn followers(world: &World, lead: &TicketId) -> Result<u32, PortError> {
    let mut count = 0;
    for answered in [false, true] {
        let mut from = None;
        loop {
            let of = (lead, answered);
            let page = world.census.followers(of, from.as_ref(), COUNTED_AT_ONCE).await?;
            count += u32::try_from(page.len()).unwrap_or(u32::MAX);
            from = page.last().filter(|_| page.len() == usize::from(COUNTED_AT_ONCE)).cloned();
            if from.is_none() {
                break;
            }
        }
    }
    Ok(count)
}
