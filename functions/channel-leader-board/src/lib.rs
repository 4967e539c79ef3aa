//! The message board for leaders of People's Daily Online (人民网领导留言板).
//!
//! The contract is `events/channels/leader-board/`: JSON, proven by the three headers of [Standard
//! Webhooks](https://www.standardwebhooks.com). This crate holds what is peculiar to the channel and
//! nothing else.

mod payload;
mod standard;

use std::sync::Arc;

use contracts::Problem;
use lambda::{Adapter, ChannelFunction, Claims, Function, Message, Unverified, Verified, messages};
use ports::World;

pub use crate::standard::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};

/// The board's adapter.
#[derive(Debug)]
pub struct LeaderBoard;

impl Adapter for LeaderBoard {
    fn name(&self) -> &'static str {
        "leader-board"
    }

    fn order_field(&self) -> &'static str {
        payload::CONTRACT.order
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        standard::prove(request, secrets)
    }

    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        messages::translate(&payload::CONTRACT, request)
    }

    fn sign(
        &self,
        secret: &[u8],
        (key, seconds): (&str, &str),
        body: &[u8],
    ) -> Vec<(String, String)> {
        let signature = sign(secret, (key, seconds), body);
        let headers =
            [(ID_HEADER, key), (TIMESTAMP_HEADER, seconds), (SIGNATURE_HEADER, &signature)];
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    ChannelFunction::create(LeaderBoard, world)
}
