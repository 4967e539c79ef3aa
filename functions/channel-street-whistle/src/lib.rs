//! Townships that whistle departments (街乡吹哨): staff of a town, a village or a grid post what a citizen
//! asks of them, or what they found on the spot.
//!
//! The contract is `events/channels/street-whistle/`: JSON, proven by a token (JWT) of the member of
//! staff; photos are uploaded first, by the route `uploads`. A whistle on a ticket that stands is not
//! posted here: it is an open matter of that ticket, and the desk's. This crate holds what is peculiar
//! to the channel and nothing else.

mod payload;
mod token;

use std::sync::Arc;

use contracts::Problem;
use lambda::{
    Adapter, ChannelFunction, Claims, Function, Message, Unverified, Verified, signature,
};
use ports::World;

pub use crate::token::{AUDIENCE, HEADER};

/// The townships' adapter.
#[derive(Debug)]
pub struct StreetWhistle;

impl Adapter for StreetWhistle {
    fn name(&self) -> &'static str {
        "street-whistle"
    }

    fn order_field(&self) -> &'static str {
        payload::CONTRACT.order
    }

    fn takes_uploads(&self) -> bool {
        true
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        token::prove(request, secrets)
    }

    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        Ok(vec![payload::message(request)])
    }

    /// As most channels are told. Of an issuer with a key of its own we hold the public half only, by
    /// which nobody can prove anything: until it shares a secret for this (`tell_secret`), it is told
    /// unsigned.
    fn sign(
        &self,
        secret: &[u8],
        (_key, seconds): (&str, &str),
        body: &[u8],
    ) -> Vec<(String, String)> {
        if token::is_public(secret) {
            return Vec::new();
        }
        signature::headers(secret, seconds, body)
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    ChannelFunction::create(StreetWhistle, world)
}
