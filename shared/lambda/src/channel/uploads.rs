//! The second route of a channel that takes photos: a permission to upload one.
//!
//! The photo goes from the caller to the store, not through a function: type and length are signed
//! into the address, so the store itself refuses what was not asked for.

use contracts::Problem;
use domain::{MediaType, PHOTO_BYTES_MAX, Timestamp, UploadKey};
use ports::{PortError, World};
use serde_json::{Map, Value, json};

use crate::http::answer;
use crate::json::{Fields, object};

/// How the route's path ends.
pub(super) const PATH: &str = "/uploads";
/// How long a permission holds, in seconds of wall time.
const SECONDS: u32 = 600;

/// Answers 201 with the key and how to put the object.
///
/// # Errors
/// A problem with the body; inside, a [`PortError`] of our own.
pub(super) async fn grant(world: &World, body: &[u8]) -> Result<Result<Value, PortError>, Problem> {
    let words: Vec<&str> = MediaType::ALL.iter().map(|media| media.as_str()).collect();
    let mut fields = Fields::new(object(body)?);
    let media = fields.word("content_type", MediaType::parse, &words);
    let bytes = fields.whole("bytes", 1..=PHOTO_BYTES_MAX);
    fields.finish()?;
    // A missing word is a fault that `finish` has told.
    let media = media.unwrap_or(MediaType::Jpeg);
    Ok(permit(world, media, bytes).await)
}

async fn permit(world: &World, media: MediaType, bytes: u32) -> Result<Value, PortError> {
    let mut random = [0; 16];
    world.entropy.fill(&mut random)?;
    let wall = world.clock.wall();
    let key = UploadKey::new(&world.region, wall, &random);
    let grant = world.uploads.grant(&key, (media, bytes), (wall, SECONDS)).await?;
    let headers: Map<String, Value> =
        grant.headers.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    let expires_at: Timestamp = wall.plus_millis(i64::from(SECONDS) * 1000);
    Ok(answer(
        201,
        &json!({
            "key": key.as_str(),
            "method": "PUT",
            "url": grant.url,
            "headers": headers,
            "expires_at": expires_at.to_string(),
        }),
    ))
}
