//! The shape of a channel: HTTP in, proof, translation, door, answer.
//!
//! An adapter answers three questions and nothing more: is this caller who it says it is, what is
//! it submitting, and how is it told what became of it. The third comes with the write-back; see
//! `docs/adr/0004-one-adapter-type.md` for how all ten channels fit.

mod uploads;

use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Hint, Problem};
use domain::{Actor, ChannelName, CommandId, Hash, Satisfaction, Ticket, TicketId, Timestamp};
use ports::{PortError, World};
use serde_json::{Value, json};

use crate::command::{CommandError, Order, command};
pub use crate::door::Submission;
use crate::door::{Admitted, submit};
use crate::function::{Failure, Function};
use crate::http::{BODY_BYTES_MAX, Request, answer, refuse};
use crate::records::{self, Records};
use crate::signature::{self, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use crate::step::StepError;
use crate::tell::{Notice, tell};

/// A request that nobody has proven anything about yet.
#[derive(Debug)]
pub struct Unverified {
    request: Request,
    wall: Timestamp,
}

impl Unverified {
    /// The header `name` (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// The body's bytes, exactly as sent.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.request.body
    }

    /// Wall time: the replay window's middle.
    #[must_use]
    pub const fn wall(&self) -> Timestamp {
        self.wall
    }

    fn verify(self, adapter: &dyn Adapter, secrets: &[Vec<u8>]) -> Result<Verified, Problem> {
        adapter.prove(&self, secrets)?;
        Ok(Verified(self))
    }
}

/// A request that comes from the channel. Only [`Adapter::prove`] leads here, and only this can be
/// translated.
#[derive(Debug)]
pub struct Verified(Unverified);

impl Verified {
    /// The header `name` (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.header(name)
    }

    /// The body's bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.0.body()
    }

    /// Wall time, for what must not be in the future.
    #[must_use]
    pub const fn wall(&self) -> Timestamp {
        self.0.wall
    }
}

/// What a channel posts: a new request, or something about one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A new request.
    Submit(Submission),
    /// A command on the ticket of one of its orders, with its own message id.
    About {
        /// The order it submitted before.
        order: String,
        /// The id of this message; the same again changes nothing.
        message: String,
        /// What is wanted: supplement, urge, withdraw or rate.
        command: Order,
    },
}

/// What is peculiar to one channel.
pub trait Adapter: Send + Sync {
    /// The channel's name, as in its URL.
    fn name(&self) -> &'static str;

    /// The field of its messages with the channel's own id of a request.
    fn order_field(&self) -> &'static str {
        "order_id"
    }

    /// Whether callers may upload photos, by the second route `…/uploads`.
    fn takes_uploads(&self) -> bool {
        false
    }

    /// Is this caller who it says it is?
    ///
    /// # Errors
    /// A 401 problem that tells an attacker nothing and an integrator where to read.
    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<(), Problem>;

    /// What is it submitting? One message, or a line-by-line list of them for a batch.
    ///
    /// # Errors
    /// A problem with the whole body; each message of a batch has its own result.
    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem>;

    /// How is it told what became of it? Media type and body, in the channel's own form.
    fn tell(&self, notice: &Notice) -> (&'static str, Vec<u8>) {
        let body = Value::Object(notice.to_json(self.order_field()));
        ("application/json", body.to_string().into_bytes())
    }

    /// The headers by which the channel knows that it is told by us, and when: `key` is that of the
    /// notice, `seconds` the wall time since the epoch.
    fn sign(
        &self,
        secret: &[u8],
        (_key, seconds): (&str, &str),
        body: &[u8],
    ) -> Vec<(String, String)> {
        let signature = signature::sign(secret, seconds, body);
        let headers = [(TIMESTAMP_HEADER, seconds.to_owned()), (SIGNATURE_HEADER, signature)];
        headers.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }
}

/// A deployed channel.
pub struct ChannelFunction<A> {
    adapter: A,
    channel: ChannelName,
    world: World,
}

impl<A> std::fmt::Debug for ChannelFunction<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelFunction({})", self.channel)
    }
}

impl<A: Adapter + 'static> ChannelFunction<A> {
    /// The function of `adapter`.
    ///
    /// # Panics
    /// Never for a name that a folder can have; the name is a constant of the adapter.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "the name is a constant, and every adapter's tests build one"
    )]
    pub fn create(adapter: A, world: World) -> Arc<dyn Function> {
        let channel =
            ChannelName::parse(adapter.name()).expect("an adapter's name is a channel's name");
        Arc::new(Self { adapter, channel, world })
    }

    async fn admit(&self, request: Request) -> Result<Value, Problem> {
        if request.body.len() > BODY_BYTES_MAX {
            tracing::warn!(
                channel = %self.channel,
                body.bytes = request.body.len(),
                body.sha256 = %Hash::of_bytes(&request.body),
                "refused: too large"
            );
            let problem = Problem::new(413, "too-large", "The body is too large");
            return Err(problem.detail(format!(
                "At most {BODY_BYTES_MAX} bytes; upload photos and files apart."
            )));
        }
        let secrets = self.world.secrets.channel().await.map_err(|e| self.unavailable(&e))?;
        let unverified = Unverified { request, wall: self.world.clock.wall() };
        let verified = unverified.verify(&self.adapter, &secrets)?;
        if verified.0.request.path.ends_with(uploads::PATH) && self.adapter.takes_uploads() {
            let granted = uploads::grant(&self.world, verified.body()).await?;
            return granted.map_err(|e| self.unavailable(&e));
        }
        // So far every adapter posts one message; a batch gets its own answer with its first adapter.
        let mut messages = self.adapter.translate(&verified)?.into_iter();
        let message = messages
            .next()
            .unwrap_or_else(|| Err(Problem::new(400, "empty", "The body holds no message")))?;
        match message {
            Message::Submit(submission) => self.submit(&submission).await,
            Message::About { order, message, command } => {
                self.about(&order, &message, &command).await
            }
        }
    }

    async fn submit(&self, submission: &Submission) -> Result<Value, Problem> {
        match submit(&self.world, &self.channel, submission)
            .await
            .map_err(|e| self.unavailable(&e))?
        {
            Admitted::Created(ticket) => {
                tracing::info!(channel = %self.channel, ticket.id = %ticket.id(), "request received");
                Ok(accepted(&ticket, false))
            }
            Admitted::Known(ticket) => Ok(accepted(&ticket, true)),
            Admitted::Conflict(ticket) => {
                let mut problem = Problem::new(409, "order-exists", "This order id stands for another request")
                    .detail("A new request needs an order id of its own; to add to this one, post a `supplement`.");
                problem.ticket = Some(ticket.number().to_string());
                Err(problem)
            }
        }
    }

    async fn about(&self, order: &str, message: &str, what: &Order) -> Result<Value, Problem> {
        let id = TicketId::derive(&self.channel, order);
        let actor = Actor::Channel(self.channel.clone());
        let cause = CommandId::derive(&actor.to_string(), message);
        match command(&self.world, &actor, &id, (what, &cause), None).await {
            Ok(done) => {
                tracing::info!(channel = %self.channel, ticket.id = %id, command = ?what, "command taken");
                Ok(accepted(&done.ticket, !done.changed))
            }
            Err(CommandError::NoTicket) => {
                Err(Problem::new(404, "unknown-order", "No request stands under this order id")
                    .field(self.adapter.order_field(), "the id of an earlier `submit`"))
            }
            Err(CommandError::Refused { refusal, .. }) => {
                Err(Problem::new(409, "refused", "Not possible for this request now")
                    .detail(refusal.to_string()))
            }
            Err(CommandError::Reused) => {
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

    /// Our own trouble: nothing is lost, the caller tries again.
    fn unavailable(&self, error: &PortError) -> Problem {
        tracing::error!(channel = %self.channel, %error, "could not be stored");
        Problem::new(503, "unavailable", "The request could not be stored")
            .detail("Send the same request again; a repeated one never makes a second ticket.")
    }
}

/// `202`: the ticket stands in the table.
fn accepted(ticket: &Ticket, duplicate: bool) -> Value {
    answer(
        202,
        &json!({
            "ticket": ticket.id().as_str(),
            "number": ticket.number().as_str(),
            "status": ticket.status().as_str(),
            "duplicate": duplicate,
        }),
    )
}

/// The channel's queue: tickets of which it has something to be told.
#[async_trait]
impl<A: Adapter + 'static> Records for ChannelFunction<A> {
    fn name(&self) -> &str {
        self.channel.as_str()
    }

    async fn record(&self, body: &str) -> Result<(), StepError> {
        let hint = Hint::from_body(body).map_err(|e| StepError::Permanent(e.to_string()))?;
        tell(&self.world, &self.adapter, &hint).await
    }
}

#[async_trait]
impl<A: Adapter + 'static> Function for ChannelFunction<A> {
    async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        if event.get("Records").is_some() {
            return records::settle(self, &self.world, event).await;
        }
        let request = Request::from_event(event)?;
        Ok(match self.admit(request).await {
            Ok(answer) => answer,
            Err(problem) => {
                if problem.status < 500 {
                    let fields: Vec<_> =
                        problem.errors.iter().map(|fault| fault.field.as_str()).collect();
                    tracing::warn!(channel = %self.channel, status = problem.status, kind = problem.kind, ?fields, "refused");
                }
                refuse(&problem)
            }
        })
    }
}

/// Reads a citizen's rating word: `satisfied`, `fairly`, `dissatisfied`.
pub const SATISFACTION_WORDS: &[&str] = &[
    Satisfaction::Satisfied.as_str(),
    Satisfaction::Fairly.as_str(),
    Satisfaction::Dissatisfied.as_str(),
];
