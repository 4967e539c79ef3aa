//! The archive and the reports on S3: each object is written once, by `If-None-Match`.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use domain::Hash;
use ports::{Dossiers, PortError, PutOnce};

use crate::error::port_error;
use crate::settings::needed;

/// A bucket whose objects are written once, if this function has it.
#[derive(Debug)]
pub(crate) struct S3Dossiers {
    pub(crate) client: Client,
    /// The bucket's name; `None` when the function's settings name none.
    pub(crate) bucket: Option<String>,
    /// The setting.
    pub(crate) setting: &'static str,
}

impl S3Dossiers {
    fn bucket(&self) -> Result<&str, PortError> {
        needed(self.bucket.as_deref(), self.setting)
    }
}

#[async_trait]
impl Dossiers for S3Dossiers {
    async fn put_once(&self, key: &str, bytes: &[u8]) -> Result<PutOnce, PortError> {
        let put = self
            .client
            .put_object()
            .bucket(self.bucket()?)
            .key(key)
            .if_none_match("*")
            .content_type(if key.ends_with(".json") {
                "application/json"
            } else {
                "application/octet-stream"
            })
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(bytes.to_vec()));
        let error = match put.send().await {
            Ok(_) => return Ok(PutOnce::Written),
            Err(error) => error,
        };
        if error.raw_response().map(|raw| raw.status().as_u16()) != Some(412) {
            return Err(port_error("PutObject", &error));
        }
        let stands = self.get(key).await?;
        let stands = stands.ok_or_else(|| {
            PortError::Temporary("PutObject: the object that stood is gone".to_owned())
        })?;
        Ok(if stands == bytes {
            PutOnce::Same
        } else {
            PutOnce::Different(Hash::of_bytes(&stands))
        })
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        let object = match self.client.get_object().bucket(self.bucket()?).key(key).send().await {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => {
                return Ok(None);
            }
            Err(error) => return Err(port_error("GetObject", &error)),
        };
        let body = object.body.collect().await;
        let body = body
            .map_err(|_stream| PortError::Temporary("GetObject: the body broke off".to_owned()))?;
        Ok(Some(body.to_vec()))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let list = self.client.list_objects_v2().bucket(self.bucket()?).prefix(prefix);
        let mut pages = list.into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| port_error("ListObjectsV2", &e))?;
            keys.extend(
                page.contents().iter().filter_map(|object| object.key().map(str::to_owned)),
            );
        }
        keys.sort_unstable();
        Ok(keys)
    }
}
