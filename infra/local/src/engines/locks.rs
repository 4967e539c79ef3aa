//! The locks that make the S3 engine's conditional writes and listings sound.
//!
//! The engine checks `If-None-Match` and then writes, so that concurrent writers of one key all
//! win; and a listing fails when a file goes while it is being read. Requests are therefore
//! ordered before they reach it: writers of one key go one by one, and whatever looks at a whole
//! bucket excludes the writers in that bucket.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use hyper::Method;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// Locks per kind. Names that share one merely wait for each other.
const BUCKET_SHARDS: usize = 16;
const KEY_SHARDS: usize = 256;

/// The locks of one store; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Locks {
    buckets: Arc<Shards<RwLock<()>>>,
    keys: Arc<Shards<Mutex<()>>>,
}

/// Permission to run one request; the locks are released when it is dropped.
#[derive(Debug)]
pub(super) enum Permit {
    /// Reading one object: replaced atomically, so no lock is needed.
    Read,
    /// Changing one object.
    Key { _bucket: OwnedRwLockReadGuard<()>, _key: OwnedMutexGuard<()> },
    /// Listing or changing a whole bucket.
    Bucket { _bucket: OwnedRwLockWriteGuard<()> },
}

impl Locks {
    /// Locks that nobody holds.
    pub(super) fn new() -> Self {
        Self {
            buckets: Arc::new(Shards::new(BUCKET_SHARDS)),
            keys: Arc::new(Shards::new(KEY_SHARDS)),
        }
    }

    /// Waits until a request of `method` on `path` (`/bucket/key`) may run.
    ///
    /// Locks are always taken bucket first, and one of each kind at most: no deadlock.
    pub(super) async fn acquire(&self, method: &Method, path: &str) -> Permit {
        let path = path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let lock = Arc::clone(self.buckets.of(bucket));
        if method == Method::HEAD || (method == Method::GET && !key.is_empty()) {
            Permit::Read
        } else if key.is_empty() {
            Permit::Bucket { _bucket: lock.write_owned().await }
        } else {
            let _bucket = lock.read_owned().await;
            Permit::Key { _bucket, _key: Arc::clone(self.keys.of(path)).lock_owned().await }
        }
    }
}

/// A fixed set of locks, picked by the hash of a name.
#[derive(Debug)]
struct Shards<T> {
    hasher: RandomState,
    first: Arc<T>,
    others: Vec<Arc<T>>,
}

impl<T: Default> Shards<T> {
    fn new(count: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            first: Arc::default(),
            others: (1..count).map(|_| Arc::default()).collect(),
        }
    }

    /// The lock of `name`: always the same one.
    fn of(&self, name: &str) -> &Arc<T> {
        let count = self.others.len() as u64 + 1;
        // The remainder is below the count, so it fits; `count - 1` stands for the first.
        let slot = (self.hasher.hash_one(name) % count) as usize;
        self.others.get(slot).unwrap_or(&self.first)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn runs_beside(held: (&Method, &str), asked: (&Method, &str)) -> bool {
        let locks = Locks::new();
        let _held = locks.acquire(held.0, held.1).await;
        let wait = Duration::from_millis(20);
        tokio::time::timeout(wait, locks.acquire(asked.0, asked.1)).await.is_ok()
    }

    #[tokio::test]
    async fn writers_of_one_key_exclude_each_other_but_not_readers() {
        let put = (&Method::PUT, "/cases/a/1");
        assert!(!runs_beside(put, put).await);
        assert!(!runs_beside(put, (&Method::DELETE, "/cases/a/1")).await);
        assert!(runs_beside(put, (&Method::GET, "/cases/a/1")).await);
        assert!(runs_beside(put, (&Method::HEAD, "/cases/a/1")).await);
    }

    #[tokio::test]
    async fn a_listing_excludes_the_writers_of_its_bucket() {
        let list = (&Method::GET, "/cases");
        assert!(!runs_beside(list, (&Method::PUT, "/cases/a")).await);
        assert!(!runs_beside((&Method::PUT, "/cases/a"), (&Method::GET, "/cases/")).await);
        assert!(!runs_beside((&Method::PUT, "/cases/a"), (&Method::POST, "/cases")).await);
        assert!(runs_beside(list, (&Method::GET, "/cases/a")).await);
    }

    #[test]
    fn a_name_keeps_its_lock_and_all_locks_are_used() {
        let shards: Shards<Mutex<()>> = Shards::new(4);
        let mut seen: Vec<*const Mutex<()>> = Vec::new();
        for name in 0..200 {
            let name = name.to_string();
            let lock = Arc::as_ptr(shards.of(&name));
            assert_eq!(lock, Arc::as_ptr(shards.of(&name)));
            seen.push(lock);
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 4);
    }
}
