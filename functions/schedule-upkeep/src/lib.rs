//! The upkeep: what keeps a city's house in order, every hour and every night.
//!
//! Every hour it hints again at uploads that a request has named and nobody has looked at, and tells
//! again of mails that nobody has taken (`mails.rs`). Once a night it publishes the *daily head* of the
//! day that is over (`head.rs`) and deletes the sealed records that no event names (`orphans.rs`); both
//! come to every ticket that is open or has changed of late, and to no other. A run that was missed or
//! broke off is made up by the next one.

mod head;
mod mails;
mod orphans;

use std::sync::Arc;

use async_trait::async_trait;
use contracts::UploadHint;
use domain::{Timestamp, UploadKey};
use lambda::{Failure, Function};
use ports::{PortError, World};
use serde_json::{Value, json};

pub use head::{HEAD_PUBLISHED, Night, UNREAD};
pub use mails::Mails;

/// An upload that has lain for so long, in wall time, was not looked at for want of a hint.
const UPLOAD_FORGOTTEN_MS: i64 = Timestamp::HOUR_MS;

/// The upkeep.
#[derive(Debug)]
pub struct Upkeep {
    world: World,
}

impl Upkeep {
    /// The upkeep of this world.
    #[must_use]
    pub const fn new(world: World) -> Self {
        Self { world }
    }

    /// Hints at uploads that were named and not looked at; gives how many.
    ///
    /// # Errors
    /// [`PortError`].
    pub async fn remind(&self) -> Result<u32, PortError> {
        let (mut reminded, mut from) = (0, None);
        loop {
            let page = self.world.uploads.list(from.as_ref()).await?;
            for (key, put) in page.items {
                reminded += u32::from(self.remind_of(key, put).await?);
            }
            from = page.next;
            if from.is_none() {
                return Ok(reminded);
            }
        }
    }

    /// Hints at an upload that has lain for long, if a request has named it; without a claim the photo
    /// waits for its request, and its request hints at it.
    async fn remind_of(&self, key: UploadKey, put: Timestamp) -> Result<bool, PortError> {
        let world = &self.world;
        let young = put.plus_millis(UPLOAD_FORGOTTEN_MS) > world.clock.wall();
        if young || world.claims.of(&key).await?.is_none() {
            return Ok(false);
        }
        world.hints.look(&UploadHint { key }).await?;
        Ok(true)
    }

    /// Tells again of mails that have lain for long.
    ///
    /// # Errors
    /// [`PortError`].
    pub async fn mails(&self) -> Result<Mails, PortError> {
        mails::tell_again(&self.world).await
    }

    /// The night's work for the last day that is over; `None` when it is done already.
    ///
    /// # Errors
    /// [`PortError`]; permanent when what was published before cannot be read.
    pub async fn night(&self) -> Result<Option<Night>, PortError> {
        head::night(&self.world).await
    }
}

#[async_trait]
impl Function for Upkeep {
    async fn invoke(&self, _event: Value) -> Result<Value, Failure> {
        // One that fails must not keep the others from their work.
        let (reminded, mails) = (self.remind().await, self.mails().await);
        let night = self.night().await;
        let failure = |error: PortError| Failure(error.to_string());
        let (reminded, mails) = (reminded.map_err(failure)?, mails.map_err(failure)?);
        let night = night.map_err(failure)?;
        if reminded > 0 {
            tracing::warn!(reminded, "uploads hinted at again");
        }
        let published = night.map(|night| night.date);
        Ok(json!({ "reminded": reminded, "mails": mails.told, "published": published }))
    }
}

/// The function, for any host.
#[must_use]
pub fn function(world: World) -> Arc<dyn Function> {
    Arc::new(Upkeep::new(world))
}
