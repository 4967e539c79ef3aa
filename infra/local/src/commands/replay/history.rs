//! `replay --history`: city time follows the messages. Each is sent when its citizen sent it and
//! answered when its unit answered it; callers call a day later. The machine finishes what it has in
//! hand before city time moves on, so that timelines carry the real dates.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::{Status, TicketId, Timestamp};
use indicatif::ProgressBar;
use ports::{Clock as _, World};

use super::home::{Home, Photos};
use super::messages::Message;
use super::sender::{Sender, Sent};
use super::staff::{Acted, Staff};
use crate::city::{Access, CityClock, DESK};

/// A reply that no file tells comes so long after the message.
const REPLY_AFTER_MS: i64 = 3 * Timestamp::DAY_MS;
/// A caller calls so long after the answer, and after a call that reached nobody.
const CALL_AFTER_MS: i64 = Timestamp::DAY_MS;
/// How often the machine is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// So often somebody tries who is overtaken.
const TRIES: u32 = 5;

/// What happens next in the city's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Send,
    Serve,
}

/// A history to be played.
pub(super) struct History {
    world: World,
    clock: Arc<CityClock>,
    staff: Staff,
    sender: Sender,
    patience: Duration,
    /// What is to come: when, which message, what.
    to_come: BinaryHeap<Reverse<(Timestamp, usize, Act)>>,
}

fn instant(text: &str) -> anyhow::Result<Timestamp> {
    Timestamp::parse(text)
        .map_err(|fault| anyhow::anyhow!("a time in the file must be {}", fault.0))
}

impl History {
    /// Sets the clock of a new city to the first message.
    pub(super) fn begin(
        access: &Access,
        messages: &[Message],
        (staff, sender): (Staff, Sender),
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let times = messages.iter().map(|message| instant(&message.sent_at));
        let times: Vec<Timestamp> = times.collect::<anyhow::Result<_>>()?;
        let first = times.iter().min().context("there is no message to begin with")?;
        access.clock.begin_at(*first)?;
        let to_come = (0..).zip(times).map(|(at, time)| Reverse((time, at, Act::Send))).collect();
        let (world, clock) = (access.world(DESK)?, Arc::clone(&access.clock));
        Ok(Self { world, clock, staff, sender, patience, to_come })
    }

    /// Plays it to its end. Gives what was sent and what has come home.
    pub(super) async fn play(
        mut self,
        messages: &[Message],
        progress: &ProgressBar,
    ) -> anyhow::Result<(Sent, Home)> {
        let (mut sent, mut home) = (Sent::default(), Home::default());
        while let Some(Reverse((time, at, act))) = self.to_come.pop() {
            self.clock.advance_to(time)?;
            progress.set_message(time.beijing_date().to_string());
            let message = messages.get(at).context("a message that is not there")?;
            if act == Act::Send {
                sent.note(self.sender.send(message).await?);
            }
            let status = self.serve(message, act).await?;
            match self.next(message, status)? {
                Some(time) => self.to_come.push(Reverse((time, at, Act::Serve))),
                None => progress.inc(1),
            }
        }
        self.staff.look(&sent, &mut home).await?;
        Ok((sent, home))
    }

    /// Lets the machine and then the person whose turn it is do their work; dispatchers are at their
    /// desks all day.
    async fn serve(&self, message: &Message, act: Act) -> anyhow::Result<Status> {
        let (id, photos) = (message.ticket()?, message.photos);
        let mut status = self.settled(&id, photos).await?;
        let at_work = act == Act::Serve || status == Status::NeedsDispatcher;
        // The clocks may warn of the ticket while somebody answers it: who is overtaken tries again.
        let tries = if at_work { TRIES } else { 0 };
        for _ in 0..tries {
            match self.staff.serve(&id).await? {
                Acted::Yes => {
                    status = self.settled(&id, photos).await?;
                    break;
                }
                Acted::Waits(_) => break,
                Acted::No => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
        Ok(status)
    }

    /// When the ticket is looked at again; `None` when it is archived.
    fn next(&self, message: &Message, status: Status) -> anyhow::Result<Option<Timestamp>> {
        let now = self.clock.now();
        Ok(match status {
            Status::Archived => None,
            Status::Handling => {
                let told = message.replied_at.as_deref().map(instant).transpose()?;
                // Sent back after the reply of the file: a second reply takes its time.
                Some(told.filter(|told| *told > now).unwrap_or(now.plus_millis(REPLY_AFTER_MS)))
            }
            _ => Some(now.plus_millis(CALL_AFTER_MS)),
        })
    }

    /// Waits until it is not the machine's turn and its photos are looked at.
    async fn settled(&self, id: &TicketId, photos: usize) -> anyhow::Result<Status> {
        let started = Instant::now();
        loop {
            let stored = self.world.tickets.load(id).await?;
            let status =
                stored.context("a ticket that was answered for is not there")?.ticket.status();
            if !status.is_machine() && Photos::of(&self.world, id, photos).await?.settled() {
                return Ok(status);
            }
            anyhow::ensure!(
                started.elapsed() < self.patience,
                "{id} does not get beyond {status}, or {photos} photos are not looked at"
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
