//! The two sets of stores.

use async_trait::async_trait;
use domain::{MediaType, Timestamp, UploadKey};
use lianxin_local::city::{Access, DESK, DataDir};
use ports::{Upload, World};
use simulation::{Memory, Stand};
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// So many entries stay unspilled in memory: fewer than fit into the 4 KB of a ticket's item.
const SPILL_AT: usize = 12;

/// The stores of the cloud on engines of their own.
#[derive(Debug)]
pub(crate) struct Engines {
    /// The way to them; its meter counts.
    pub(crate) access: Access,
    world: World,
    _home: TempDir,
}

impl Engines {
    /// Empty ones.
    pub(crate) async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let access = Access::open(DataDir::open(home.path()).unwrap()).await.unwrap();
        let world = access.world(DESK).unwrap();
        Self { access, world, _home: home }
    }

    /// Empty stores in memory with the same lease.
    pub(crate) fn like(&self) -> Memory {
        Memory::new(self.world.lease_ms, SPILL_AT)
    }
}

#[async_trait]
impl Stand for Engines {
    fn world(&self) -> &World {
        &self.world
    }

    async fn upload(&self, key: &UploadKey, upload: &Upload) {
        let bytes = upload.bytes.clone().unwrap();
        let media = MediaType::parse(&upload.declared).unwrap();
        let length = u32::try_from(bytes.len()).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let now = Timestamp::from_millis(i64::try_from(now).unwrap());
        let grant = self.world.uploads.grant(key, (media, length), (now, 60)).await.unwrap();
        let mut put = reqwest::Client::new().put(grant.url).body(bytes);
        for (name, value) in grant.headers.iter().filter(|(name, _)| name != "host") {
            put = put.header(name, value);
        }
        assert!(put.send().await.unwrap().status().is_success());
    }

    async fn put_mail(&self, key: &str, mail: &[u8]) {
        let put = self.access.clients.s3.put_object().bucket("lianxin-mail-000000000000").key(key);
        put.body(mail.to_vec().into()).send().await.unwrap();
    }
}

/// Makes each function a test of both sets of stores.
macro_rules! both {
    ($($case:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() {
                super::$case(&simulation::Memory::new(900_000, 12)).await;
            })*
        }

        mod engines {
            $(#[tokio::test]
            async fn $case() {
                super::$case(&crate::stands::Engines::new().await).await;
            })*
        }
    };
}
pub(crate) use both;
