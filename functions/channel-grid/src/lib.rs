//! The grid platform (网格化服务管理平台): events that grid workers and sensors find, in four loops (四循环)
//! - the grid's, the village's, the town's and the city's. Only the city's become requests.
//!
//! The contract is `events/channels/grid/`: a batch as XML, proven by HMAC-SHA256 over timestamp and
//! body; each event has its own result. This crate holds what is peculiar to the channel and nothing
//! else.

mod payload;
mod xml;

use std::sync::Arc;

use contracts::Problem;
use lambda::{
    Adapter, ChannelFunction, Claims, Function, Message, Notice, Unread, Unverified, Verified,
    signature,
};
use ports::World;

pub use crate::xml::events;

/// The platform's adapter.
#[derive(Debug)]
pub struct Grid;

impl Adapter for Grid {
    fn name(&self) -> &'static str {
        "grid"
    }

    fn order_field(&self) -> &'static str {
        payload::CONTRACT.order
    }

    fn body_bytes_max(&self) -> usize {
        xml::BODY_BYTES_MAX
    }

    fn is_batch(&self) -> bool {
        true
    }

    fn prove(&self, request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        signature::prove(request, secrets)
    }

    fn translate(&self, request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        let events = events(request.body())?.into_iter();
        Ok(events.map(|event| payload::message(event, request.wall())).collect())
    }

    /// An event is what has its own result: its element as it came, and its fields to read.
    fn unread(&self, request: &Verified, item: Option<usize>) -> Unread {
        let body = request.body();
        item.and_then(|item| xml::unread(body, item)).unwrap_or_else(|| Unread::text(body))
    }

    /// The closing of the loop, as the platform's XML.
    fn tell(&self, notice: &Notice) -> Option<(&'static str, Vec<u8>)> {
        let body = xml::feedback(&notice.to_json(self.order_field()));
        Some(("application/xml", body.into_bytes()))
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    ChannelFunction::create(Grid, world)
}
