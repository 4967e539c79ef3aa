//! Transfers from the Jincheng 12345 hotline (晋城12345转办).
//!
//! The contract is `events/channels/hotline-12345/`: JSON, proven by HMAC-SHA256 over timestamp and
//! body. This crate holds what is peculiar to the channel and nothing else.

mod payload;

use std::sync::Arc;

use contracts::Problem;
pub use lambda::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use lambda::{
    Adapter, ChannelFunction, Claims, Function, Message, Unverified, Verified, messages, signature,
};
use ports::World;

/// The hotline's adapter.
#[derive(Debug)]
pub struct Hotline12345;

impl Adapter for Hotline12345 {
    fn name(&self) -> &'static str {
        "hotline-12345"
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        signature::prove(request, secrets)
    }

    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        messages::translate(&payload::CONTRACT, request)
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    ChannelFunction::create(Hotline12345, world)
}
