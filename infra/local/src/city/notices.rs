//! What S3 does when an object was put: it tells the queues that the bucket's template names.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Access;
use crate::engines::{Created, REGION};

/// Starts telling. Queues are in memory and empty after a start, so every object that still lies in
/// such a bucket counts as put once.
pub(super) async fn run(
    access: &Access,
    mut created: UnboundedReceiver<Created>,
    (stop, tasks): (&CancellationToken, &mut JoinSet<()>),
) -> anyhow::Result<()> {
    let mut urls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let sqs = access.clients.sqs.clone();
    for bucket in access.template.buckets.iter().filter(|bucket| !bucket.created.is_empty()) {
        let queues: Vec<String> = bucket
            .created
            .iter()
            .map(|queue| access.queue_url(queue))
            .collect::<anyhow::Result<_>>()?;
        for key in lying(access, &bucket.name).await? {
            tell(&sqs, &queues, &Created { bucket: bucket.name.clone(), key }).await?;
        }
        urls.insert(bucket.name.clone(), queues);
    }
    let stop = stop.clone();
    tasks.spawn(async move {
        loop {
            let one = tokio::select! {
                () = stop.cancelled() => return,
                one = created.recv() => one,
            };
            let Some(one) = one else { return };
            let Some(queues) = urls.get(&one.bucket) else { continue };
            // One that is lost here is told at the next start.
            if let Err(error) = tell(&sqs, queues, &one).await {
                tracing::error!(error = %format!("{error:#}"), "a put object was not told");
            }
        }
    });
    Ok(())
}

async fn lying(access: &Access, bucket: &str) -> anyhow::Result<Vec<String>> {
    let mut pages = access.clients.s3.list_objects_v2().bucket(bucket).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.with_context(|| format!("cannot list {bucket}"))?;
        keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
    }
    Ok(keys)
}

/// The body as S3 writes it, as far as anybody reads it.
async fn tell(
    sqs: &aws_sdk_sqs::Client,
    queues: &[String],
    Created { bucket, key }: &Created,
) -> anyhow::Result<()> {
    let body = json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": bucket }, "object": { "key": key } },
    }] });
    for queue in queues {
        let send = sqs.send_message().queue_url(queue).message_body(body.to_string());
        send.send().await.context("SendMessage")?;
    }
    Ok(())
}
