//! The app "Today Gaoping" (今日高平·高效办): what citizens report from where they stand.
//!
//! The contract is `events/channels/gaoxiaoban/`: JSON, proven by HMAC-SHA256 over timestamp and
//! body; photos are uploaded first, by the route `uploads`. This crate holds what is peculiar to
//! the channel and nothing else.

mod payload;

use std::sync::Arc;

use contracts::Problem;
use lambda::{
    Adapter, ChannelFunction, Claims, Function, Message, Unverified, Verified, messages, signature,
};
use ports::World;

/// The app's adapter.
#[derive(Debug)]
pub struct Gaoxiaoban;

impl Adapter for Gaoxiaoban {
    fn name(&self) -> &'static str {
        "gaoxiaoban"
    }

    fn order_field(&self) -> &'static str {
        payload::CONTRACT.order
    }

    fn takes_uploads(&self) -> bool {
        true
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
    ChannelFunction::create(Gaoxiaoban, world)
}
