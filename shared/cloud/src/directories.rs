//! Directories on S3: an object a version in a bucket of their own, written once by `If-None-Match`.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use domain::RegionCode;
use domain::directory::Files;
use ports::{Directories, PortError};
use serde::{Deserialize, Serialize};

use crate::error::port_error;

/// The format this code writes.
const FORMAT: &str = "lianxin.directory.v1";
/// The digits of a version in a key, so that the order of the keys is that of the versions.
const DIGITS: usize = 6;

/// The bucket, if this function has it.
#[derive(Debug)]
pub(crate) struct S3Directories {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    /// The bucket's name; `None` when the function's settings name none.
    pub(crate) bucket: Option<String>,
}

/// The JSON object: the four texts, and nothing that changes with the time of the import.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    format: String,
    grids: String,
    members: String,
    staff: String,
    units: String,
}

fn bundle(files: &Files) -> Vec<u8> {
    let Files { units, grids, staff, members } = files.clone();
    let bundle = Bundle { format: FORMAT.to_owned(), grids, members, staff, units };
    serde_json::to_vec(&bundle).unwrap_or_default()
}

fn unbundle(bytes: &[u8]) -> Option<Files> {
    let bundle: Bundle = serde_json::from_slice(bytes).ok()?;
    let Bundle { format, grids, members, staff, units } = bundle;
    (format == FORMAT).then_some(Files { units, grids, staff, members })
}

impl S3Directories {
    fn bucket(&self) -> Result<&str, PortError> {
        self.bucket
            .as_deref()
            .ok_or_else(|| PortError::Permanent("this function has no DIRECTORY_BUCKET".to_owned()))
    }

    fn prefix(&self) -> String {
        format!("{}/", self.region)
    }

    fn key(&self, version: u32) -> String {
        format!("{}{version:0DIGITS$}.json", self.prefix())
    }

    fn version_of(&self, key: &str) -> Option<u32> {
        let number = key.strip_prefix(&self.prefix())?.strip_suffix(".json")?;
        number.parse().ok().filter(|version| self.key(*version) == key)
    }
}

#[async_trait]
impl Directories for S3Directories {
    async fn newest(&self) -> Result<Option<u32>, PortError> {
        let list = self.client.list_objects_v2().bucket(self.bucket()?).prefix(self.prefix());
        let mut pages = list.into_paginator().send();
        let mut newest = None;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| port_error("ListObjectsV2 directory", &e))?;
            let versions = page.contents().iter().filter_map(|one| self.version_of(one.key()?));
            newest = newest.max(versions.max());
        }
        Ok(newest)
    }

    async fn current(&self) -> Result<Option<(u32, Files)>, PortError> {
        let Some(version) = self.newest().await? else { return Ok(None) };
        let get = self.client.get_object().bucket(self.bucket()?).key(self.key(version));
        let object = get.send().await.map_err(|e| port_error("GetObject directory", &e))?;
        let body = object.body.collect().await.map_err(|_stream| {
            PortError::Temporary("GetObject directory: the body broke off".to_owned())
        })?;
        let files = unbundle(&body.to_vec()).ok_or_else(|| {
            PortError::Permanent(format!("version {version} of the directory is no {FORMAT}"))
        })?;
        Ok(Some((version, files)))
    }

    async fn put(&self, version: u32, files: &Files) -> Result<bool, PortError> {
        let put = self.client.put_object().bucket(self.bucket()?).key(self.key(version));
        let put = put.if_none_match("*").content_type("application/json");
        match put.body(ByteStream::from(bundle(files))).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.raw_response().map(|raw| raw.status().as_u16()) == Some(412) => {
                Ok(false)
            }
            Err(error) => Err(port_error("PutObject directory", &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_reads_back_and_nothing_else_is_one() {
        let mut texts = ["a,b\n甲,\"\n", "c", "", "d"].into_iter();
        let files = Files::gather(|_| texts.next().map(str::to_owned).ok_or(())).unwrap();
        assert_eq!(unbundle(&bundle(&files)), Some(files.clone()));
        let other = String::from_utf8(bundle(&files)).unwrap().replace(".v1", ".v2");
        for wrong in ["", "{}", other.as_str()] {
            assert_eq!(unbundle(wrong.as_bytes()), None);
        }
    }
}
