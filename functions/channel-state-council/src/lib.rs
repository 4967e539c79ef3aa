//! The State Council's mini-program on `WeChat` (国务院客户端小程序), which sends on what citizens of the city
//! ask there.
//!
//! The contract is `events/channels/state-council/`: JSON, proven by HMAC-SM3; a second route tells
//! how a request stands. This crate holds what is peculiar to the channel and nothing else.

mod payload;
mod proof;

use std::sync::Arc;

use contracts::Problem;
use lambda::{Adapter, ChannelFunction, Claims, Function, Message, Unverified, Verified, messages};
use ports::World;

pub use crate::proof::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};

/// The mini-program's adapter.
#[derive(Debug)]
pub struct StateCouncil;

impl Adapter for StateCouncil {
    fn name(&self) -> &'static str {
        "state-council"
    }

    fn order_field(&self) -> &'static str {
        payload::CONTRACT.order
    }

    fn tells_status(&self) -> bool {
        true
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        proof::prove(request, secrets)
    }

    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        messages::translate(&payload::CONTRACT, request)
    }

    fn sign(
        &self,
        secret: &[u8],
        (_key, seconds): (&str, &str),
        body: &[u8],
    ) -> Vec<(String, String)> {
        let signature = sign(secret, seconds, body);
        let headers = [(TIMESTAMP_HEADER, seconds), (SIGNATURE_HEADER, &signature)];
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    ChannelFunction::create(StateCouncil, world)
}
