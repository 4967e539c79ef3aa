//! Where a message is taken in, whatever brought it: HTTP, a batch, a mail.

use contracts::{Circumstances, Problem};
use domain::{Actor, ChannelName, CommandId, Ticket, TicketId, Timestamp};
use ports::{PortError, World};
use serde_json::Value;

use super::{Adapter, Message, answers, name_of};
use crate::command::{CommandError, Order, command};
use crate::door::{Admitted, Submission, submit_with};
use crate::http::refuse_for;

/// A channel's counter.
pub(super) struct Counter {
    pub(super) channel: ChannelName,
    pub(super) order_field: &'static str,
    pub(super) world: World,
}

/// What became of a message that was understood.
pub(super) enum Taken {
    /// It is in this ticket, now or before.
    Ticket { ticket: Box<Ticket>, duplicate: bool },
    /// It makes no ticket, for this reason.
    Noted(&'static str),
}

impl Counter {
    pub(super) fn new(adapter: &dyn Adapter, world: World) -> Self {
        Self { channel: name_of(adapter), order_field: adapter.order_field(), world }
    }

    /// The answer to a post of a proven caller that is one too many in this minute. A count that
    /// fails keeps nobody out: the limit is there to spare us, not to lose a request.
    pub(super) async fn too_many(&self, per_minute: Option<u32>) -> Option<Value> {
        let (most, wall) = (per_minute?, self.world.clock.wall());
        match self.world.turnstile.pass(&self.channel, wall, most).await {
            Ok(true) => return None,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(channel = %self.channel, %error, "not counted, and let through");
                return None;
            }
        }
        let left_ms = Timestamp::MINUTE_MS - wall.millis().rem_euclid(Timestamp::MINUTE_MS);
        let problem = Problem::new(429, "too-many", "More messages than are taken in a minute");
        let problem = problem.detail(format!(
            "At most {most} a minute; nothing was taken. Send it again after `Retry-After` seconds."
        ));
        self.refused(&problem);
        Some(refuse_for(&problem, (left_ms + 999) / 1000))
    }

    /// Takes one message.
    pub(super) async fn take(&self, message: Message) -> Result<Taken, Problem> {
        match message {
            Message::Submit(submission, circumstances) => {
                self.submit(&submission, circumstances.as_deref()).await
            }
            Message::About { order, message, command } => {
                self.about(&order, &message, &command).await
            }
            Message::Noted(why) => {
                tracing::info!(channel = %self.channel, outcome = "noted", why, "noted");
                Ok(Taken::Noted(why))
            }
        }
    }

    /// Takes the messages of a batch one after the other: a later one may be about an earlier one.
    pub(super) async fn take_all(&self, messages: Vec<Result<Message, Problem>>) -> Value {
        let mut results = Vec::with_capacity(messages.len());
        for message in messages {
            let result = match message {
                Ok(message) => self.take(message).await,
                Err(problem) => Err(problem),
            };
            if let Err(problem) = &result {
                self.refused(problem);
            }
            results.push(result);
        }
        answers::batch(&results)
    }

    async fn submit(
        &self,
        submission: &Submission,
        circumstances: Option<&Circumstances>,
    ) -> Result<Taken, Problem> {
        let admitted = submit_with(&self.world, &self.channel, (submission, circumstances)).await;
        match admitted.map_err(|e| self.unavailable(&e))? {
            Admitted::Created(ticket) => {
                tracing::info!(channel = %self.channel, outcome = "received", ticket.id = %ticket.id(), "request received");
                Ok(Taken::Ticket { ticket: Box::new(ticket), duplicate: false })
            }
            Admitted::Known(ticket) => {
                Ok(Taken::Ticket { ticket: Box::new(ticket), duplicate: true })
            }
            Admitted::Conflict(ticket) => {
                let mut problem = Problem::new(409, "order-exists", "This order id stands for another request")
                    .detail("A new request needs an order id of its own; to add to this one, post a `supplement`.");
                problem.ticket = Some(ticket.number().to_string());
                Err(problem)
            }
        }
    }

    async fn about(&self, order: &str, message: &str, what: &Order) -> Result<Taken, Problem> {
        let id = TicketId::derive(&self.channel, order);
        let actor = Actor::Channel(self.channel.clone());
        let cause = CommandId::derive(&actor.to_string(), message);
        match command(&self.world, &actor, &id, (what, &cause), None).await {
            Ok(done) => {
                tracing::info!(channel = %self.channel, outcome = "added", ticket.id = %id, command = ?what, "command taken");
                Ok(Taken::Ticket { ticket: Box::new(done.ticket), duplicate: !done.changed })
            }
            Err(CommandError::NoTicket) => Err(self.unknown_order()),
            Err(CommandError::Refused { refusal, .. }) => {
                Err(Problem::new(409, "refused", "Not possible for this request now")
                    .detail(refusal.to_string()))
            }
            // No channel gives photos to a command.
            Err(CommandError::Reused | CommandError::Photos) => {
                let title = "This message id stands for another message";
                Err(Problem::new(409, "message-exists", title).field(
                    "message_id",
                    "an id of its own for every message; the same one only for a repeat",
                ))
            }
            Err(CommandError::Changed(_)) => {
                Err(self.unavailable(&PortError::Temporary("too many changes at once".to_owned())))
            }
            Err(CommandError::Port(error)) => Err(self.unavailable(&error)),
        }
    }

    /// No request stands under the order that was named.
    pub(super) fn unknown_order(&self) -> Problem {
        Problem::new(404, "unknown-order", "No request stands under this order id")
            .field(self.order_field, "the id of an earlier `submit`")
    }

    /// Our own trouble: nothing is lost, the caller tries again.
    pub(super) fn unavailable(&self, error: &PortError) -> Problem {
        tracing::error!(channel = %self.channel, %error, "could not be stored");
        Problem::new(503, "unavailable", "The request could not be stored")
            .detail("Send the same request again; a repeated one never makes a second ticket.")
    }

    /// Logs a refusal, which is counted by `outcome` and `kind`; our own trouble has been logged where it arose.
    pub(super) fn refused(&self, problem: &Problem) {
        if problem.status < 500 {
            let fields: Vec<_> = problem.errors.iter().map(|fault| fault.field.as_str()).collect();
            tracing::warn!(channel = %self.channel, outcome = "refused", status = problem.status, kind = problem.kind, ?fields, "refused");
        }
    }
}
