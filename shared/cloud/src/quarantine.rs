//! Quarantine on S3: a bucket of its own, whose lifecycle ends what nobody looks at.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use contracts::QuarantineId;
use ports::{Cursor, Page, PortError, Quarantine};

use crate::error::port_error;
use crate::settings::needed;

/// How all of its keys begin.
const PREFIX: &str = "q/";

/// The bucket, if this function has it.
#[derive(Debug)]
pub(crate) struct S3Quarantine {
    pub(crate) client: Client,
    /// The bucket's name; `None` when the function's settings name none.
    pub(crate) bucket: Option<String>,
}

impl S3Quarantine {
    fn bucket(&self) -> Result<&str, PortError> {
        needed(self.bucket.as_deref(), "QUARANTINE_BUCKET")
    }
}

#[async_trait]
impl Quarantine for S3Quarantine {
    async fn put(&self, id: &QuarantineId, bytes: &[u8]) -> Result<(), PortError> {
        let put = self.client.put_object().bucket(self.bucket()?).key(id.key());
        // The first one stays, so a channel that sends it for a month does not keep it for two; and
        // a function needs no right to read here.
        let put = put.if_none_match("*").content_type("application/json");
        match put.body(ByteStream::from(bytes.to_vec())).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.raw_response().map(|raw| raw.status().as_u16()) == Some(412) => {
                Ok(())
            }
            Err(error) => Err(port_error("PutObject quarantine", &error)),
        }
    }

    async fn list(&self, from: Option<&Cursor>) -> Result<Page<QuarantineId>, PortError> {
        let list = self.client.list_objects_v2().bucket(self.bucket()?).prefix(PREFIX);
        let list = list.set_start_after(from.map(|cursor| cursor.0.clone()));
        let page = list.send().await.map_err(|e| port_error("ListObjectsV2 quarantine", &e))?;
        let keys = || page.contents().iter().filter_map(|object| object.key());
        let last = keys().next_back().filter(|_| page.is_truncated() == Some(true));
        Ok(Page {
            items: keys().filter_map(QuarantineId::from_key).collect(),
            next: last.map(|key| Cursor(key.to_owned())),
        })
    }

    async fn get(&self, id: &QuarantineId) -> Result<Option<Vec<u8>>, PortError> {
        let get = self.client.get_object().bucket(self.bucket()?).key(id.key());
        let object = match get.send().await {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => {
                return Ok(None);
            }
            Err(error) => return Err(port_error("GetObject quarantine", &error)),
        };
        let body = object.body.collect().await.map_err(|_stream| {
            PortError::Temporary("GetObject quarantine: the body broke off".to_owned())
        })?;
        Ok(Some(body.to_vec()))
    }

    async fn remove(&self, id: &QuarantineId) -> Result<(), PortError> {
        let delete = self.client.delete_object().bucket(self.bucket()?).key(id.key());
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.raw_response().map(|raw| raw.status().as_u16()) == Some(404) => {
                Ok(())
            }
            Err(error) => Err(port_error("DeleteObject quarantine", &error)),
        }
    }
}
