//! Photos that come with a command: uploaded as a phone does it, by a permission for each.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use domain::{
    CommandId, Hash, MediaType, PHOTO_BYTES_MAX, PHOTOS_MAX, TicketId, Timestamp, UploadKey,
};
use image::ImageFormat;
use ports::World;

use crate::wire::put_granted;

/// How long a permission holds, in seconds of wall time.
const SECONDS: u32 = 600;

/// Uploads the photos; gives their keys. What they are called follows from the command and the pictures:
/// the same command again is the same.
pub(crate) async fn upload(
    world: &World,
    (id, cause): (&TicketId, &CommandId),
    files: &[PathBuf],
) -> anyhow::Result<Vec<UploadKey>> {
    ensure!(files.len() <= PHOTOS_MAX, "at most {PHOTOS_MAX} photos come with a report");
    if files.is_empty() {
        return Ok(Vec::new());
    }
    // All are read before the first is sent.
    let photos = files.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<_>>>()?;
    let stored = world.tickets.load(id).await?.context("there is no such ticket")?;
    let (received, http) = (stored.ticket.received_at(), reqwest::Client::new());
    let mut keys = Vec::new();
    for (file, photo) in files.iter().zip(&photos) {
        let key = name(world, (received, cause), &photo.bytes);
        let put = put(world, &http, &key, photo).await;
        put.with_context(|| format!("cannot upload {}", file.display()))?;
        keys.push(key);
    }
    Ok(keys)
}

struct Photo {
    media: MediaType,
    bytes: Vec<u8>,
}

fn read(file: &Path) -> anyhow::Result<Photo> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    ensure!(
        bytes.len() <= PHOTO_BYTES_MAX as usize,
        "{} is longer than {PHOTO_BYTES_MAX} bytes",
        file.display()
    );
    let media = match image::guess_format(&bytes) {
        Ok(ImageFormat::Jpeg) => MediaType::Jpeg,
        Ok(ImageFormat::Png) => MediaType::Png,
        Ok(ImageFormat::WebP) => MediaType::Webp,
        _ => anyhow::bail!("{} is neither JPEG nor PNG nor WebP", file.display()),
    };
    Ok(Photo { media, bytes })
}

fn name(world: &World, (at, cause): (Timestamp, &CommandId), bytes: &[u8]) -> UploadKey {
    let hash = Hash::of("lianxin.report-photo.v1", &[cause.as_str().as_bytes(), bytes]);
    let mut name = [0; 16];
    name.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    UploadKey::new(&world.region, at, &name)
}

async fn put(
    world: &World,
    http: &reqwest::Client,
    key: &UploadKey,
    photo: &Photo,
) -> anyhow::Result<()> {
    let of = (photo.media, u32::try_from(photo.bytes.len())?);
    let grant = world.uploads.grant(key, of, (world.clock.wall(), SECONDS)).await?;
    let headers = grant.headers.iter().map(|(name, value)| (name, value));
    put_granted(http, &grant.url, headers, photo.bytes.clone()).await
}
