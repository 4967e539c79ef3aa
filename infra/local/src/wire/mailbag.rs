//! Mail put into the bucket of mail, as a mail server does.

use anyhow::Context as _;
use aws_sdk_s3::Client;
use domain::Hash;

use crate::city::Access;

/// How the name of the bucket begins, after the stack's name.
const BUCKET: &str = "lianxin-mail-";

/// The way into the bucket of mail.
#[derive(Clone, Debug)]
pub struct Mailbag {
    s3: Client,
    bucket: String,
}

impl Mailbag {
    /// The bucket of this city.
    ///
    /// # Errors
    /// When the template has none.
    pub fn of(access: &Access) -> anyhow::Result<Self> {
        let mut buckets = access.template.buckets.iter();
        let bucket = buckets.find(|bucket| bucket.name.starts_with(BUCKET));
        let bucket = bucket.context("the template has no bucket of mail")?.name.clone();
        Ok(Self { s3: access.clients.s3.clone(), bucket })
    }

    /// Puts a mail and gives its key, which is named by its bytes: the same mail lies there once.
    ///
    /// # Errors
    /// When the store does not take it.
    pub async fn put(&self, mail: Vec<u8>) -> anyhow::Result<String> {
        let key = format!("m/{}.eml", Hash::of_bytes(&mail));
        let put = self.s3.put_object().bucket(&self.bucket).key(&key);
        put.body(mail.into()).send().await.context("cannot put the mail")?;
        Ok(key)
    }

    /// Whether a mail lies there still: it is removed once it is settled.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn lies(&self, key: &str) -> anyhow::Result<bool> {
        let list = self.s3.list_objects_v2().bucket(&self.bucket).prefix(key).max_keys(1);
        let list = list.send().await.context("cannot look into the bucket of mail")?;
        Ok(!list.contents().is_empty())
    }
}
