//! Numbered objects on S3: each version written once by `If-None-Match`, none altered.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use ports::PortError;

use crate::error::port_error;

/// The digits of a version in a key, so that the order of the keys is that of the versions.
const DIGITS: usize = 6;

/// Where the versions of one thing lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shelf<'a> {
    pub(crate) client: &'a Client,
    pub(crate) bucket: &'a str,
    /// What a key begins with, to the last `/`.
    pub(crate) prefix: &'a str,
    /// How a key ends.
    pub(crate) ending: &'static str,
    /// What an object is, for people.
    pub(crate) what: &'static str,
}

impl Shelf<'_> {
    fn key(&self, version: u32) -> String {
        format!("{}{version:0DIGITS$}{}", self.prefix, self.ending)
    }

    fn version_of(&self, key: &str) -> Option<u32> {
        let number = key.strip_prefix(self.prefix)?.strip_suffix(self.ending)?;
        number.parse().ok().filter(|version| self.key(*version) == key)
    }

    /// The number of the newest version.
    pub(crate) async fn newest(&self) -> Result<Option<u32>, PortError> {
        let list = self.client.list_objects_v2().bucket(self.bucket);
        // What lies deeper is another's.
        let list = list.prefix(self.prefix).delimiter("/");
        let mut pages = list.into_paginator().send();
        let mut newest = None;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| port_error(&self.doing("ListObjectsV2"), &e))?;
            let versions = page.contents().iter().filter_map(|one| self.version_of(one.key()?));
            newest = newest.max(versions.max());
        }
        Ok(newest)
    }

    /// A version's bytes; `None` when there is none.
    pub(crate) async fn read(&self, version: u32) -> Result<Option<Vec<u8>>, PortError> {
        let get = self.client.get_object().bucket(self.bucket).key(self.key(version));
        let object = match get.send().await {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                return Ok(None);
            }
            Err(error) => return Err(port_error(&self.doing("GetObject"), &error)),
        };
        let body = object.body.collect().await.map_err(|_stream| {
            PortError::Temporary(format!("{}: the body broke off", self.doing("GetObject")))
        })?;
        Ok(Some(body.to_vec()))
    }

    /// Writes a version; `false` when one with this number stands.
    pub(crate) async fn put(&self, version: u32, bytes: Vec<u8>) -> Result<bool, PortError> {
        let put = self.client.put_object().bucket(self.bucket).key(self.key(version));
        match put.if_none_match("*").body(ByteStream::from(bytes)).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.raw_response().map(|raw| raw.status().as_u16()) == Some(412) => {
                Ok(false)
            }
            Err(error) => Err(port_error(&self.doing("PutObject"), &error)),
        }
    }

    fn doing(&self, call: &str) -> String {
        format!("{call} {}", self.what)
    }
}
