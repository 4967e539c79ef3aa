//! The S3 engine: s3s over plain files, with signatures checked and requests ordered by locks.
//!
//! Gaps that callers must live with: keys of at most 115 bytes or so, `a` and `a/b` cannot both
//! exist, no tagging, lifecycle or versioning, and no `fsync`.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;

use anyhow::Context as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{HttpError, HttpResponse};

use super::locks::Locks;

/// The store as a hyper service; clones share the files and the locks.
#[derive(Clone)]
pub(super) struct Store {
    inner: S3Service,
    locks: Locks,
}

/// Opens the store in `directory`, which is created if absent, for one pair of keys.
///
/// # Errors
///
/// When the directory cannot be created or read.
pub(super) fn open(directory: &Path, access_key: &str, secret_key: &str) -> anyhow::Result<Store> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    let files = s3s_fs::FileSystem::new(directory)
        // The engine's error type has no Display.
        .map_err(|error| anyhow::anyhow!("{error:?}"))
        .with_context(|| format!("cannot open the S3 store in {}", directory.display()))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(access_key, secret_key));
    Ok(Store { inner: builder.build(), locks: Locks::new() })
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
            Service::call(&store.inner, request).await
        })
    }
}
