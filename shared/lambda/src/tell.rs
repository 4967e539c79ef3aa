//! 回写: telling a channel what became of a request.
//!
//! What there is to tell is derived from the timeline; that there is something is written with the
//! event itself. So a lost message, a crash anywhere and a receiver that is down lose nothing: the
//! sweep finds what is due. A receiver may be told the same twice, by the same key.

use std::collections::BTreeMap;

use contracts::{Hint, SealedText};
use domain::{DeclineGround, News, RecordId, SealedRef, Ticket, Timestamp, tellings};
use ports::{Delivery, Opened, PortError, Post, World};
use serde_json::{Map, Value, json};

use crate::channel::Adapter;
use crate::command::has_moved;
use crate::step::StepError;

/// A telling that loses more races than this lets the message come again.
const TRIES_MAX: u32 = 4;
/// The first pause after a failure; it doubles.
const PAUSE_MS: i64 = Timestamp::MINUTE_MS;
/// The longest pause.
const PAUSE_MAX_MS: i64 = Timestamp::HOUR_MS;
/// After so much wall time no further one is begun: the function has ten seconds.
const TURN_MS: i64 = 5_000;
/// What has failed for so long is given up, and shown to staff (design, section 7).
const GIVEN_UP_AFTER_MS: i64 = Timestamp::DAY_MS;
/// And this often: a day in which we were down ourselves is not the receiver's.
const GIVEN_UP_ATTEMPTS: u32 = 10;

/// What the log says then; the alarm in `infra/template.yaml` looks for it.
pub const GIVEN_UP: &str = "telling given up after a day";

/// One thing that a channel is told, with the texts in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// Ticket and event: the same whenever it is told again.
    pub key: String,
    /// The channel's own id of the request.
    pub order: String,
    /// The public number.
    pub number: String,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub news: News,
    /// The reply, or the explanation of who declined, if there is one.
    pub text: Option<String>,
    /// The title of the request.
    pub title: String,
    /// What else the channel said of the request, under its own names for it.
    pub particulars: BTreeMap<String, String>,
}

/// It holds a citizen's reply.
impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notice({} {})", self.key, self.news.as_str())
    }
}

/// Why a request was declined, and where to go instead, for who asked.
#[must_use]
pub const fn advice(ground: DeclineGround) -> &'static str {
    match ground {
        DeclineGround::OutsideJurisdiction => "不属于本市管辖，请向有管辖权的地区或部门反映。",
        DeclineGround::Litigation => "涉法涉诉事项，请通过司法机关依法解决。",
        DeclineGround::Repeated => "与已受理的诉求重复，请以原诉求的办理结果为准。",
        DeclineGround::NotActionable => "没有可以办理的具体事项，补充情况后可重新提出。",
        DeclineGround::Withdrawn => "诉求人已撤回。",
    }
}

impl Notice {
    /// The notice as the members of a JSON object, in the words that channels of our own contracts
    /// are told in; `order` is the name of the member with the channel's own id.
    #[must_use]
    pub fn to_json(&self, order: &str) -> Map<String, Value> {
        let mut all = Map::from_iter([
            ("type".to_owned(), json!("status")),
            ("message_id".to_owned(), json!(self.key)),
            (order.to_owned(), json!(self.order)),
            ("number".to_owned(), json!(self.number)),
            ("status".to_owned(), json!(self.news.as_str())),
            ("at".to_owned(), json!(self.at.to_string())),
        ]);
        let mut add = |name: &str, value: Value| drop(all.insert(name.to_owned(), value));
        match &self.news {
            News::Accepted | News::Consulted | News::Closed => {}
            News::Extended { due } => add("due", json!(due.to_string())),
            News::Dispatched { unit, tier, due } => {
                add("unit", json!(unit.as_str()));
                add("tier", json!(tier.as_str()));
                add("due", json!(due.to_string()));
            }
            News::Answered { outcome, .. } => {
                add("outcome", json!(outcome.as_str()));
                add("reply", json!(self.text));
            }
            News::Declined { ground, .. } => {
                add("ground", json!(ground.as_str()));
                add("advice", json!(advice(*ground)));
                if let Some(text) = &self.text {
                    add("explanation", json!(text));
                }
            }
        }
        all
    }
}

/// Tells a channel what there is to tell of a ticket.
///
/// # Errors
/// [`StepError`] tells what it means for the message. A receiver that fails is no error: when it is
/// tried again is written on the ticket.
pub async fn tell(world: &World, adapter: &dyn Adapter, hint: &Hint) -> Result<(), StepError> {
    for _ in 0..TRIES_MAX {
        let found = world.deliveries.of(&hint.ticket).await?;
        let (ticket, before) =
            found.ok_or_else(|| StepError::Temporary("the ticket is not there".to_owned()))?;
        let now = world.clock.now();
        if before.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        let (told, failed) = send_all(world, adapter, (&ticket, &before)).await?;
        let Some(reason) = failed else {
            if world.deliveries.told(&ticket, told).await? {
                return Ok(());
            }
            // It has moved on meanwhile: there may be more to tell.
            continue;
        };
        let after = put_off(&before, told, now);
        let (attempts, channel) = (after.attempts, ticket.channel());
        if after.given_up {
            tracing::error!(ticket.id = %ticket.id(), %channel, attempts, reason, "{GIVEN_UP}");
        } else {
            tracing::warn!(ticket.id = %ticket.id(), %channel, attempts, reason, "not told; tried again later");
        }
        world.deliveries.put_off(&ticket, &before, &after).await?;
        return Ok(());
    }
    Err(StepError::Temporary("others were first too often".to_owned()))
}

/// How a delivery goes on after a failure.
fn put_off(before: &Delivery, told: u32, now: Timestamp) -> Delivery {
    // What was told meanwhile makes a new beginning: the receiver is not down.
    let moved = told > before.told;
    let attempts = if moved { 1 } else { before.attempts + 1 };
    let since = before.failing_since.filter(|_| !moved).unwrap_or(now);
    let pause = PAUSE_MS.saturating_mul(1 << (attempts - 1).min(10)).min(PAUSE_MAX_MS);
    let given_up =
        now.millis() - since.millis() >= GIVEN_UP_AFTER_MS && attempts >= GIVEN_UP_ATTEMPTS;
    let due = (!given_up).then(|| now.plus_millis(pause));
    Delivery { told, attempts, failing_since: Some(since), due, given_up }
}

/// Sends everything in order until one fails: the last event told, and why the next one failed.
async fn send_all(
    world: &World,
    adapter: &dyn Adapter,
    (ticket, delivery): (&Ticket, &Delivery),
) -> Result<(u32, Option<String>), StepError> {
    let (mut told, began) = (delivery.told, world.clock.wall());
    let channel = world.secrets.channel().await?;
    let told_at = channel.registration.told_at.as_deref();
    let Some(url) = told_at else { return Ok((ticket.version(), None)) };
    let secret = channel.tells_with();
    let Some(asked) = asked(world, ticket).await? else { return Ok((ticket.version(), None)) };
    let whole = if ticket.spilled() > 0 { world.tickets.whole(ticket.id()).await? } else { None };
    let timeline = whole.as_ref().unwrap_or(ticket).timeline();
    for telling in tellings(timeline, told) {
        if world.clock.wall().millis() - began.millis() > TURN_MS {
            return Ok((told, Some("a slow receiver: the rest comes later".to_owned())));
        }
        let sealed = match &telling.news {
            News::Answered { reply, .. } => Some(reply),
            News::Declined { note, .. } => note.as_ref(),
            News::Accepted
            | News::Dispatched { .. }
            | News::Extended { .. }
            | News::Consulted
            | News::Closed => None,
        };
        let notice = Notice {
            key: format!("{}/{}", ticket.id(), telling.seq),
            order: asked.order.clone(),
            title: asked.title.clone(),
            particulars: asked.particulars.clone(),
            number: ticket.number().to_string(),
            at: telling.at,
            text: text(world, ticket, sealed).await?,
            news: telling.news,
        };
        let Some(post) = post(world, adapter, (url, secret), &notice) else {
            told = telling.seq;
            continue;
        };
        match world.posts.post(&post).await {
            Ok(status) if (200..300).contains(&status) => told = telling.seq,
            Ok(status) => return Ok((told, Some(format!("answered {status}")))),
            Err(error) => return Ok((told, Some(error.to_string()))),
        }
    }
    Ok((told, None))
}

/// What a request said that its channel knows it by.
struct Asked {
    order: String,
    title: String,
    particulars: BTreeMap<String, String>,
}

/// `None` when the person was erased, and nothing can be told of it any more.
async fn asked(world: &World, ticket: &Ticket) -> Result<Option<Asked>, StepError> {
    if ticket.erased_at().is_some() {
        return Ok(None);
    }
    let opened = open(world, ticket, &RecordId::request(ticket.id())).await?;
    Ok(opened.and_then(|opened| match opened.text {
        SealedText::RequestV1 { order, title, circumstances, .. } => {
            let particulars = circumstances.map(|known| known.particulars).unwrap_or_default();
            Some(Asked { order, title, particulars })
        }
        SealedText::NoteV1 { .. } => None,
    }))
}

async fn open(
    world: &World,
    ticket: &Ticket,
    record: &RecordId,
) -> Result<Option<Opened>, StepError> {
    match world.vault().open(ticket.id(), record).await {
        // The person may have been erased under its hands; that is no fault of the message.
        Err(PortError::Permanent(_)) if has_moved(world, ticket).await? => {
            Err(StepError::Temporary("the ticket has changed while it was read".to_owned()))
        }
        opened => Ok(opened?),
    }
}

async fn text(
    world: &World,
    ticket: &Ticket,
    sealed: Option<&SealedRef>,
) -> Result<Option<String>, StepError> {
    let Some(sealed) = sealed else { return Ok(None) };
    let opened = open(world, ticket, &sealed.record).await?;
    Ok(opened.and_then(|opened| match opened.text {
        SealedText::NoteV1 { text, .. } => Some(text),
        SealedText::RequestV1 { .. } => None,
    }))
}

/// The request in the channel's own form, signed with its current secret; `None` when there is nobody
/// to tell.
fn post(
    world: &World,
    adapter: &dyn Adapter,
    (url, secret): (&str, &[u8]),
    notice: &Notice,
) -> Option<Post> {
    let (media, body) = adapter.tell(notice)?;
    let seconds = (world.clock.wall().millis() / 1000).to_string();
    let mut headers = adapter.sign(secret, (&notice.key, &seconds), &body);
    headers.push(("content-type".to_owned(), media.to_owned()));
    headers.push(("idempotency-key".to_owned(), notice.key.clone()));
    Some(Post { url: url.to_owned(), headers, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * Timestamp::MINUTE_MS)
    }

    #[test]
    fn pauses_double_to_an_hour_and_a_day_of_failures_ends_it() {
        let mut delivery = Delivery { due: Some(at(0)), ..Delivery::default() };
        let mut pauses = Vec::new();
        while let Some(due) = delivery.due {
            delivery = put_off(&delivery, 0, due);
            pauses.extend(delivery.due.map(|next| (next.millis() - due.millis()) / 60_000));
        }
        assert_eq!(pauses.get(..7), Some([1, 2, 4, 8, 16, 32, 60].as_slice()));
        assert!(delivery.given_up && delivery.failing_since == Some(at(0)));
        assert_eq!(pauses.len(), 29, "{pauses:?}");
    }

    #[test]
    fn what_was_told_makes_a_new_beginning() {
        let failing = Delivery {
            told: 2,
            attempts: 9,
            failing_since: Some(at(0)),
            due: Some(at(100)),
            given_up: false,
        };
        let next = put_off(&failing, 3, at(2000));
        assert_eq!((next.told, next.attempts, next.given_up), (3, 1, false));
        assert_eq!((next.failing_since, next.due), (Some(at(2000)), Some(at(2001))));
    }
}
