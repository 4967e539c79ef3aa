//! The S3 engine: s3s over plain files, with signatures checked and requests ordered by locks.
//!
//! Gaps that callers must live with: keys of at most 115 bytes or so, `a` and `a/b` cannot both
//! exist, no tagging, lifecycle or versioning, and no `fsync`.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;

use anyhow::Context as _;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper::{Method, Request};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{HttpError, HttpResponse};
use tokio::sync::mpsc::UnboundedSender;

use super::locks::Locks;

/// The store as a hyper service; clones share the files and the locks.
#[derive(Clone)]
pub(super) struct Store {
    inner: S3Service,
    locks: Locks,
    created: UnboundedSender<Created>,
}

/// An object that was put: what the cloud's S3 would tell a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The bucket.
    pub bucket: String,
    /// The key, as in an address.
    pub key: String,
}

/// What a request creates if it succeeds. Parts of an upload create nothing; its completion does.
fn creates(method: &Method, path: &str, query: &str) -> Option<Created> {
    let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    let is_whole = (*method == Method::PUT && !has("uploadId"))
        || (*method == Method::POST && has("uploadId"));
    let (bucket, key) = path.trim_start_matches('/').split_once('/')?;
    (is_whole && !key.is_empty())
        .then(|| Created { bucket: bucket.to_owned(), key: key.to_owned() })
}

/// Opens the store in `directory`, which is created if absent, for one pair of keys; tells `created` of every object put.
///
/// # Errors
///
/// When the directory cannot be created or read.
pub(super) fn open(
    directory: &Path,
    (access_key, secret_key): (&str, &str),
    created: UnboundedSender<Created>,
) -> anyhow::Result<Store> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    let files = s3s_fs::FileSystem::new(directory)
        // The engine's error type has no Display.
        .map_err(|error| anyhow::anyhow!("{error:?}"))
        .with_context(|| format!("cannot open the S3 store in {}", directory.display()))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(access_key, secret_key));
    Ok(Store { inner: builder.build(), locks: Locks::new(), created })
}

impl Service<Request<Incoming>> for Store {
    type Response = HttpResponse;
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let store = self.clone();
        Box::pin(async move {
            // The engine answers a change or a listing only when it is done, so the permit may
            // go before the response body is sent.
            let _permit = store.locks.acquire(request.method(), request.uri().path()).await;
            let uri = request.uri();
            let created = creates(request.method(), uri.path(), uri.query().unwrap_or_default());
            let answer = Service::call(&store.inner, request).await;
            if let (Ok(answer), Some(created)) = (&answer, created)
                && answer.status().is_success()
            {
                // Where no city runs, nobody listens.
                drop(store.created.send(created));
            }
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_objects_are_told_and_nothing_else() {
        let told =
            |method: &Method, path: &str, query: &str| creates(method, path, query).is_some();
        assert!(told(&Method::PUT, "/bucket/u/key", "X-Amz-Expires=600"));
        assert!(told(&Method::POST, "/bucket/u/key", "uploadId=7"));
        assert!(!told(&Method::PUT, "/bucket/u/key", "partNumber=1&uploadId=7"));
        assert!(!told(&Method::POST, "/bucket/u/key", "uploads"));
        assert!(!told(&Method::PUT, "/bucket", ""));
        assert!(!told(&Method::PUT, "/bucket/", ""));
        assert!(!told(&Method::DELETE, "/bucket/u/key", ""));
    }
}
