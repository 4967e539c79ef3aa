//! The cyberspace office (网信办): what citizens say of the city's affairs on the open web, sent on in
//! batches.
//!
//! The contract is `events/channels/cyberspace/`: JSON Lines, proven by HMAC-SHA256 over timestamp and
//! the whole body; each line has its own result. This crate holds what is peculiar to the channel and
//! nothing else.

mod payload;

use std::sync::Arc;

use contracts::Problem;
use lambda::{
    Adapter, ChannelFunction, Claims, Function, Message, Notice, Unread, Unverified, Verified,
    messages, signature,
};
use ports::World;
use serde_json::Value;

/// The office's adapter.
#[derive(Debug)]
pub struct Cyberspace;

impl Adapter for Cyberspace {
    fn name(&self) -> &'static str {
        "cyberspace"
    }

    fn order_field(&self) -> &'static str {
        payload::CONTRACT.order
    }

    fn body_bytes_max(&self) -> usize {
        payload::BODY_BYTES_MAX
    }

    fn is_batch(&self) -> bool {
        true
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        signature::prove(request, secrets)
    }

    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        let read = |line| {
            let object = payload::object_of(line)?;
            messages::message(&payload::CONTRACT, object, request.wall())
        };
        Ok(payload::lines(request.body())?.into_iter().map(read).collect())
    }

    /// A line is what has its own result.
    fn unread(&self, request: &Verified, item: Option<usize>) -> Unread {
        let lines = payload::lines(request.body()).unwrap_or_default();
        let line = item.and_then(|item| lines.get(item).copied());
        Unread::text(line.unwrap_or(request.body()))
    }

    /// A batch of one line, as the office sends its own.
    fn tell(&self, notice: &Notice) -> Option<(&'static str, Vec<u8>)> {
        let line = Value::Object(notice.to_json(self.order_field()));
        Some(("application/x-ndjson", format!("{line}\n").into_bytes()))
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    ChannelFunction::create(Cyberspace, world)
}
