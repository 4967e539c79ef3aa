//! Uploads on S3: the caller puts the object itself, by a presigned URL.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use domain::{MediaType, Timestamp, UploadKey};
use ports::{Cursor, Grant, LyingMail, Page, PortError, Upload, Uploads};

use crate::error::port_error;
use crate::settings::needed;

/// How the keys of mails begin: the mail server is told so, and functions may touch no others.
const MAILS: &str = "m/";

/// The bucket of uploads, if this function has it.
#[derive(Debug)]
pub(crate) struct S3Uploads {
    pub(crate) client: Client,
    /// The bucket's name; `None` when the function's settings name none.
    pub(crate) bucket: Option<String>,
    /// The bucket that a mail server puts mails into, likewise.
    pub(crate) mail: Option<String>,
}

impl S3Uploads {
    fn bucket(&self) -> Result<&str, PortError> {
        needed(self.bucket.as_deref(), "UPLOADS_BUCKET")
    }

    fn mail_bucket(&self) -> Result<&str, PortError> {
        needed(self.mail.as_deref(), "MAIL_BUCKET")
    }

    /// Reads an object and its declared type; no bytes when there are too many.
    async fn read(
        &self,
        (bucket, key): (&str, &str),
        bytes_max: u64,
    ) -> Result<Option<Upload>, PortError> {
        let get = self.client.get_object().bucket(bucket).key(key);
        let object = match get.send().await {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => {
                return Ok(None);
            }
            Err(error) => return Err(port_error("GetObject upload", &error)),
        };
        let declared = object.content_type().unwrap_or_default().to_owned();
        // Too long a body is not read at all; without a length it is none that we have granted.
        let length = object.content_length().and_then(|length| u64::try_from(length).ok());
        if length.is_none_or(|length| length > bytes_max) {
            return Ok(Some(Upload { declared, bytes: None }));
        }
        let body = object.body.collect().await.map_err(|_stream| {
            PortError::Temporary("GetObject upload: the body broke off".to_owned())
        })?;
        Ok(Some(Upload { declared, bytes: Some(body.to_vec()) }))
    }

    async fn delete(&self, bucket: &str, key: &str) -> Result<(), PortError> {
        let delete = self.client.delete_object().bucket(bucket).key(key);
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.raw_response().map(|raw| raw.status().as_u16()) == Some(404) => {
                Ok(())
            }
            Err(error) => Err(port_error("DeleteObject upload", &error)),
        }
    }
}

#[async_trait]
impl Uploads for S3Uploads {
    async fn grant(
        &self,
        key: &UploadKey,
        (media, bytes): (MediaType, u32),
        (from, seconds): (Timestamp, u32),
    ) -> Result<Grant, PortError> {
        let since = Duration::from_millis(u64::try_from(from.millis()).unwrap_or_default());
        let config = PresigningConfig::builder()
            .start_time(SystemTime::UNIX_EPOCH + since)
            .expires_in(Duration::from_secs(seconds.into()))
            .build()
            .map_err(|e| PortError::Permanent(format!("impossible request: {e}")))?;
        let put = self.client.put_object().bucket(self.bucket()?).key(key.as_str());
        // Both become signed headers: S3 refuses an object of another type or length.
        let put = put.content_type(media.as_str()).content_length(bytes.into());
        let signed =
            put.presigned(config).await.map_err(|e| port_error("presign PutObject", &e))?;
        let header = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(Grant { url: signed.uri().to_owned(), headers: signed.headers().map(header).collect() })
    }

    async fn put(
        &self,
        key: &UploadKey,
        media: MediaType,
        bytes: Vec<u8>,
    ) -> Result<(), PortError> {
        let put = self.client.put_object().bucket(self.bucket()?).key(key.as_str());
        let put = put.content_type(media.as_str()).body(bytes.into());
        put.send().await.map(drop).map_err(|e| port_error("PutObject upload", &e))
    }

    async fn fetch(&self, key: &UploadKey, bytes_max: u32) -> Result<Option<Upload>, PortError> {
        self.read((self.bucket()?, key.as_str()), bytes_max.into()).await
    }

    async fn list(&self, from: Option<&Cursor>) -> Result<Page<(UploadKey, Timestamp)>, PortError> {
        let list = self.client.list_objects_v2().bucket(self.bucket()?);
        let list = list.set_start_after(from.map(|cursor| cursor.0.clone()));
        let page = list.send().await.map_err(|e| port_error("ListObjectsV2 uploads", &e))?;
        let last = page.contents().last().and_then(|object| object.key());
        let items = page.contents().iter().filter_map(|object| {
            let put = object.last_modified()?.to_millis().ok()?;
            Some((UploadKey::parse(object.key()?).ok()?, Timestamp::from_millis(put)))
        });
        Ok(Page {
            items: items.collect(),
            next: last.filter(|_| page.is_truncated() == Some(true)).map(|k| Cursor(k.to_owned())),
        })
    }

    async fn remove(&self, key: &UploadKey) -> Result<(), PortError> {
        self.delete(self.bucket()?, key.as_str()).await
    }

    async fn mail(
        &self,
        key: &str,
        bytes_max: usize,
    ) -> Result<Option<Option<Vec<u8>>>, PortError> {
        let bytes_max = u64::try_from(bytes_max).unwrap_or(u64::MAX);
        let read = self.read((self.mail_bucket()?, key), bytes_max).await?;
        Ok(read.map(|mail| mail.bytes))
    }

    async fn mails(&self, from: Option<&Cursor>) -> Result<Page<LyingMail>, PortError> {
        let list = self.client.list_objects_v2().bucket(self.mail_bucket()?).prefix(MAILS);
        let list = list.set_start_after(from.map(|cursor| cursor.0.clone()));
        let page = list.send().await.map_err(|e| port_error("ListObjectsV2 mails", &e))?;
        let last = page.contents().last().and_then(|object| object.key());
        let items = page.contents().iter().filter_map(|object| {
            let put = Timestamp::from_millis(object.last_modified()?.to_millis().ok()?);
            let bytes = u64::try_from(object.size()?).ok()?;
            Some(LyingMail { key: object.key()?.to_owned(), put, bytes })
        });
        Ok(Page {
            items: items.collect(),
            next: last.filter(|_| page.is_truncated() == Some(true)).map(|k| Cursor(k.to_owned())),
        })
    }

    async fn remove_mail(&self, key: &str) -> Result<(), PortError> {
        self.delete(self.mail_bucket()?, key).await
    }
}
