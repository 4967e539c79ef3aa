//! The letters office (信访局): what citizens write on paper, typed in.
//!
//! The contract is `events/channels/letters/`: JSON, proven by HMAC-SHA256 over timestamp and body.
//! This crate holds what is peculiar to the channel and nothing else.

mod payload;

use std::sync::Arc;

use contracts::Problem;
use lambda::{
    Adapter, ChannelFunction, Claims, Function, Message, Unverified, Verified, messages, signature,
};
use ports::World;

/// The office's adapter.
#[derive(Debug)]
pub struct Letters;

impl Adapter for Letters {
    fn name(&self) -> &'static str {
        "letters"
    }

    fn order_field(&self) -> &'static str {
        payload::CONTRACT.order
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
    ChannelFunction::create(Letters, world)
}
