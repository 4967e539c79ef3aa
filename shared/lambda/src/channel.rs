//! The shape of a channel: a message in, proof, translation, door, answer.
//!
//! An adapter answers three questions and nothing more: is this caller who it says it is, what is
//! it submitting, and how is it told what became of it. See `docs/adr/0004-one-adapter-type.md` for
//! how all ten channels fit.

mod answers;
mod counter;
mod mailbox;
mod proof;
mod status;
mod uploads;

use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Circumstances, Hint, Problem};
use domain::{ChannelName, Hash, MediaType, Satisfaction};
use futures_util::{StreamExt as _, stream};
use ports::World;
use serde_json::Value;

use self::counter::Counter;
pub use self::mailbox::Mailbox;
pub use self::proof::{Claims, Unverified, Verified};
use crate::command::Order;
pub use crate::door::Submission;
use crate::function::{Failure, Function};
use crate::http::{BODY_BYTES_MAX, Request, refuse};
use crate::quarantine::{Unread, keep};
use crate::records::{self, Records};
use crate::signature;
use crate::step::StepError;
use crate::tell::{Notice, tell};

/// Of the messages of a batch that are not understood so many are put into quarantine at a time, so that
/// a bad batch is answered in time.
const KEPT_AT_ONCE: usize = 8;

/// What a channel posts: a new request, or something about one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A new request, with what only some channels know of one.
    Submit(Submission, Option<Box<Circumstances>>),
    /// Taken note of: understood, acknowledged, and no ticket's affair. It says why, for the caller.
    Noted(&'static str),
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

/// A photo within a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its kind, as the message declares it.
    pub media: MediaType,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// It is somebody's photo.
impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Photo(…)")
    }
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

    /// The longest body that is read, in bytes.
    fn body_bytes_max(&self) -> usize {
        BODY_BYTES_MAX
    }

    /// Whether a body is a list of messages. Then each has its own result in one answer, and what is
    /// wrong with one does no harm to the others.
    fn is_batch(&self) -> bool {
        false
    }

    /// Whether callers may ask how a request stands, by the second route `…/status`.
    fn tells_status(&self) -> bool {
        false
    }

    /// Is this caller who it says it is?
    ///
    /// # Errors
    /// A 401 problem that tells an attacker nothing and an integrator where to read.
    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem>;

    /// What is it submitting? One message, or a list of them for a batch, in the order in which the
    /// caller counts them.
    ///
    /// # Errors
    /// A problem with the whole body; each message of a batch has its own result.
    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem>;

    /// The photos within the message, for a mail: it brings them itself. They are put where uploads
    /// are, and named by the request.
    fn photos(&self, _request: &Verified) -> Vec<Photo> {
        Vec::new()
    }

    /// What is kept for staff of a message that was not understood, or of the `item`-th of a batch,
    /// counted from nought: its bytes, and what a person can read in them.
    fn unread(&self, request: &Verified, _item: Option<usize>) -> Unread {
        Unread::text(request.body())
    }

    /// How is it told what became of it? Media type and body, in the channel's own form; `None` when
    /// nobody is there to be told.
    fn tell(&self, notice: &Notice) -> Option<(&'static str, Vec<u8>)> {
        let body = Value::Object(notice.to_json(self.order_field()));
        Some(("application/json", body.to_string().into_bytes()))
    }

    /// The headers by which the channel knows that it is told by us, and when: `key` is that of the
    /// notice, `seconds` the wall time since the epoch.
    fn sign(
        &self,
        secret: &[u8],
        (_key, seconds): (&str, &str),
        body: &[u8],
    ) -> Vec<(String, String)> {
        signature::headers(secret, seconds, body)
    }
}

/// A deployed channel that callers post to.
pub struct ChannelFunction<A> {
    adapter: A,
    counter: Counter,
}

impl<A> std::fmt::Debug for ChannelFunction<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelFunction({})", self.counter.channel)
    }
}

/// The name of an adapter's channel.
///
/// # Panics
/// Never for a name that a folder can have; the name is a constant of the adapter.
#[expect(
    clippy::expect_used,
    reason = "the name is a constant, and every adapter's tests build one"
)]
fn name_of(adapter: &dyn Adapter) -> ChannelName {
    ChannelName::parse(adapter.name()).expect("an adapter's name is a channel's name")
}

impl<A: Adapter + 'static> ChannelFunction<A> {
    /// The function of `adapter`.
    #[must_use]
    pub fn create(adapter: A, world: World) -> Arc<dyn Function> {
        let counter = Counter::new(&adapter, world);
        Arc::new(Self { adapter, counter })
    }

    async fn admit(&self, request: Request) -> Result<Value, Problem> {
        let Counter { world, channel, .. } = &self.counter;
        let bytes_max = self.adapter.body_bytes_max();
        if request.body.len() > bytes_max {
            tracing::warn!(
                channel = %channel,
                body.bytes = request.body.len(),
                body.sha256 = %Hash::of_bytes(&request.body),
                "refused: too large"
            );
            let problem = Problem::new(413, "too-large", "The body is too large");
            return Err(problem
                .detail(format!("At most {bytes_max} bytes; upload photos and files apart.")));
        }
        let secret = world.secrets.channel().await.map_err(|e| self.counter.unavailable(&e))?;
        let unverified = Unverified::new(request, world.clock.wall());
        let verified = unverified.verify(&self.adapter, &secret.secrets)?;
        if secret.registration.closed {
            return Err(Problem::new(403, "closed", "This channel is switched off").detail(
                "Nothing was taken. Ask the command centre, and send it again when it is open.",
            ));
        }
        if let Some(too_many) = self.counter.too_many(secret.registration.per_minute).await {
            return Ok(too_many);
        }
        if verified.path().ends_with(uploads::PATH) && self.adapter.takes_uploads() {
            let granted = uploads::grant(world, verified.body()).await?;
            return granted.map_err(|e| self.counter.unavailable(&e));
        }
        if verified.path().ends_with(status::PATH) && self.adapter.tells_status() {
            return status::tell(&self.counter, verified.body()).await;
        }
        let messages = self.understand(&verified).await?;
        if self.adapter.is_batch() {
            return Ok(self.counter.take_all(messages).await);
        }
        let message = messages.into_iter().next();
        let message =
            message.unwrap_or_else(|| Err(Problem::new(400, "empty", "The body holds no message")));
        Ok(answers::taken(&self.counter.take(message?).await?))
    }
}

impl<A: Adapter> ChannelFunction<A> {
    /// Translates a body. Before its sender hears that it, or a message in it, is not understood, that
    /// lies in quarantine.
    async fn understand(
        &self,
        request: &Verified,
    ) -> Result<Vec<Result<Message, Problem>>, Problem> {
        let messages = match self.adapter.translate(request) {
            Ok(messages) => messages,
            Err(problem) => return Err(self.kept(request, (None, problem)).await),
        };
        let one = async |(item, message): (usize, Result<Message, Problem>)| match message {
            Ok(message) => Ok(message),
            Err(problem) => {
                let item = self.adapter.is_batch().then_some(item);
                Err(self.kept(request, (item, problem)).await)
            }
        };
        let all: Vec<_> = messages.into_iter().enumerate().map(one).collect();
        Ok(stream::iter(all).buffered(KEPT_AT_ONCE).collect().await)
    }

    /// The problem to answer, once what it is with is kept; what is too large is not. If it cannot be
    /// kept the caller sends it again, and nothing is lost.
    async fn kept(&self, request: &Verified, (item, problem): (Option<usize>, Problem)) -> Problem {
        let Counter { world, channel, .. } = &self.counter;
        if !matches!(problem.status, 400 | 422) {
            return problem;
        }
        let unread = self.adapter.unread(request, item);
        match keep(world, channel, (&problem, &unread)).await {
            Ok(()) => problem,
            Err(error) => self.counter.unavailable(&error),
        }
    }
}

/// The channel's queue: tickets of which it has something to be told.
#[async_trait]
impl<A: Adapter + 'static> Records for ChannelFunction<A> {
    fn name(&self) -> &str {
        self.counter.channel.as_str()
    }

    async fn record(&self, body: &str) -> Result<(), StepError> {
        let hint = Hint::from_body(body).map_err(|e| StepError::Permanent(e.to_string()))?;
        tell(&self.counter.world, &self.adapter, &hint).await
    }
}

#[async_trait]
impl<A: Adapter + 'static> Function for ChannelFunction<A> {
    async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        if event.get("Records").is_some() {
            return records::settle(self, &self.counter.world, event).await;
        }
        let request = Request::from_event(event)?;
        Ok(match self.admit(request).await {
            Ok(answer) => answer,
            Err(problem) => {
                self.counter.refused(&problem);
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
