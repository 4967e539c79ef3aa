//! Who tells the channels: the shape of a channel's function with an adapter of no channel.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Hint, Problem};
use lambda::{
    Adapter, Claims, Failure, Function, Message, Records, StepError, Unverified, Verified, records,
    tell,
};
use ports::World;
use serde_json::Value;

/// An adapter that takes nothing and tells in our own words.
struct Mute;

impl Adapter for Mute {
    fn name(&self) -> &'static str {
        "mute"
    }

    fn prove(&self, _request: &Unverified, _secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
        Err(Problem::new(401, "mute", "It takes nothing"))
    }

    fn translate(&self, _request: &Verified) -> Result<Vec<Result<Message, Problem>>, Problem> {
        Ok(Vec::new())
    }
}

struct Teller(World);

/// The function that tells.
pub(crate) fn teller(world: World) -> Arc<dyn Function> {
    Arc::new(Teller(world))
}

#[async_trait]
impl Records for Teller {
    fn name(&self) -> &str {
        "teller"
    }

    async fn record(&self, body: &str) -> Result<(), StepError> {
        let hint = Hint::from_body(body).map_err(|e| StepError::Permanent(e.to_string()))?;
        tell(&self.0, &Mute, &hint).await
    }
}

#[async_trait]
impl Function for Teller {
    async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        records::settle(self, &self.0, event).await
    }
}
