//! Uploads on S3: the caller puts the object itself, by a presigned URL.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use domain::{MediaType, Timestamp, UploadKey};
use ports::{Grant, PortError, Uploads};

use crate::error::port_error;

/// The bucket of uploads, if this function has it.
#[derive(Debug)]
pub(crate) struct S3Uploads {
    pub(crate) client: Client,
    /// The bucket's name; `None` when the function's settings name none.
    pub(crate) bucket: Option<String>,
}

impl S3Uploads {
    fn bucket(&self) -> Result<&str, PortError> {
        self.bucket
            .as_deref()
            .ok_or_else(|| PortError::Permanent("this function has no UPLOADS_BUCKET".to_owned()))
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
}
