//! Transfers from the Jincheng 12345 hotline (晋城12345转办).
//!
//! The contract is `events/channels/hotline-12345/`: JSON, proven by HMAC-SHA256 over timestamp and
//! body. This crate holds what is peculiar to the channel and nothing else.

mod payload;

use std::sync::Arc;

use contracts::Problem;
use lambda::{Adapter, ChannelFunction, Function, Message, Unverified, Verified, signature};
use ports::World;

/// The header with the time of signing, in whole seconds since the epoch.
pub const TIMESTAMP_HEADER: &str = "x-lianxin-timestamp";
/// The header with `v1=` and the signature in hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-lianxin-signature";

/// The hotline's adapter.
#[derive(Debug)]
pub struct Hotline12345;

impl Adapter for Hotline12345 {
    fn name(&self) -> &'static str {
        "hotline-12345"
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<(), Problem> {
        let timestamp = request.header(TIMESTAMP_HEADER).unwrap_or_default();
        let given = request.header(SIGNATURE_HEADER).unwrap_or_default();
        // The signature first: only who knows the secret learns that the clock is the trouble.
        if !signature::is_signed(secrets, timestamp, request.body(), given) {
            let problem = Problem::new(
                401,
                "not-proven",
                "The request is not proven to come from this channel",
            );
            return Err(problem.detail(format!(
                "Send `{TIMESTAMP_HEADER}` and `{SIGNATURE_HEADER}`: v1= and the HMAC-SHA256 of `<timestamp>.<body>`."
            )));
        }
        if !signature::is_fresh(timestamp, request.wall()) {
            let problem =
                Problem::new(401, "stale", "The signature is too old or its clock is wrong");
            return Err(problem.detail(
                "Sign anew with the present time; it may differ from ours by five minutes.",
            ));
        }
        Ok(())
    }

    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        payload::read(request.body(), request.wall()).map(|message| vec![Ok(message)])
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    ChannelFunction::create(Hotline12345, world)
}
