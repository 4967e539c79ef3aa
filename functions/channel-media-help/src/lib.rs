//! The media centre's help desk (融媒体中心帮办): what people tell a programme that helps.
//!
//! The contract is `events/channels/media-help/`: a form as a browser posts it, proven by HMAC-SHA256
//! over timestamp and body; photos are uploaded first, by the route `uploads`. This crate holds what
//! is peculiar to the channel and nothing else.

mod form;
mod payload;

use std::sync::Arc;

use contracts::Problem;
use lambda::{
    Adapter, ChannelFunction, Claims, Function, Message, Unread, Unverified, Verified, messages,
    signature,
};
use ports::World;

pub use crate::form::members;

/// The media centre's adapter.
#[derive(Debug)]
pub struct MediaHelp;

impl Adapter for MediaHelp {
    fn name(&self) -> &'static str {
        "media-help"
    }

    fn order_field(&self) -> &'static str {
        payload::CONTRACT.order
    }

    fn takes_uploads(&self) -> bool {
        true
    }

    fn body_bytes_max(&self) -> usize {
        form::BODY_BYTES_MAX
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        signature::prove(request, secrets)
    }

    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        let members = members(request.header("content-type"), request.body())?;
        Ok(vec![messages::message(&payload::CONTRACT, members, request.wall())])
    }

    /// The words of the form, without what is no text in it.
    fn unread(&self, request: &Verified, _item: Option<usize>) -> Unread {
        let mut unread = Unread::text(request.body());
        if let Some(words) = form::words(request.header("content-type"), request.body()) {
            unread.words = words;
        }
        unread
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    ChannelFunction::create(MediaHelp, world)
}
