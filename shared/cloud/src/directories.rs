//! Directories on S3: an object a version in a bucket of their own, written once by `If-None-Match`.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use domain::RegionCode;
use domain::directory::Files;
use ports::{Directories, PortError};
use serde::{Deserialize, Serialize};

use crate::settings::needed;
use crate::shelf::Shelf;

/// The format this code writes.
const FORMAT: &str = "lianxin.directory.v1";

/// The bucket, if this function has it.
#[derive(Debug)]
pub(crate) struct S3Directories {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    /// The bucket's name; `None` when the function's settings name none.
    pub(crate) bucket: Option<String>,
}

/// The JSON object: the texts, and nothing that changes with the time of the import.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    format: String,
    grids: String,
    members: String,
    staff: String,
    units: String,
    /// Absent where a city adds none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    places: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    areas: String,
}

fn bundle(files: &Files) -> Vec<u8> {
    let Files { units, grids, staff, members, places, areas } = files.clone();
    let format = FORMAT.to_owned();
    let bundle = Bundle { format, grids, members, staff, units, places, areas };
    serde_json::to_vec(&bundle).unwrap_or_default()
}

fn unbundle(bytes: &[u8]) -> Option<Files> {
    let bundle: Bundle = serde_json::from_slice(bytes).ok()?;
    let Bundle { format, grids, members, staff, units, places, areas } = bundle;
    (format == FORMAT).then_some(Files { units, grids, staff, members, places, areas })
}

impl S3Directories {
    fn prefix(&self) -> String {
        format!("{}/", self.region)
    }

    fn shelf<'a>(&'a self, prefix: &'a str) -> Result<Shelf<'a>, PortError> {
        let (client, bucket) = (&self.client, needed(self.bucket.as_deref(), "DIRECTORY_BUCKET")?);
        Ok(Shelf { client, bucket, prefix, ending: ".json", what: "directory" })
    }
}

#[async_trait]
impl Directories for S3Directories {
    async fn newest(&self) -> Result<Option<u32>, PortError> {
        self.shelf(&self.prefix())?.newest().await
    }

    async fn current(&self) -> Result<Option<(u32, Files)>, PortError> {
        let prefix = self.prefix();
        let shelf = self.shelf(&prefix)?;
        let Some(version) = shelf.newest().await? else { return Ok(None) };
        let vanished = || PortError::Temporary("the newest directory is not there".to_owned());
        let files = self.read(version).await?.ok_or_else(vanished)?;
        Ok(Some((version, files)))
    }

    async fn read(&self, version: u32) -> Result<Option<Files>, PortError> {
        let Some(bytes) = self.shelf(&self.prefix())?.read(version).await? else {
            return Ok(None);
        };
        let damaged =
            || PortError::Permanent(format!("version {version} of the directory is no {FORMAT}"));
        unbundle(&bytes).map(Some).ok_or_else(damaged)
    }

    async fn put(&self, version: u32, files: &Files) -> Result<bool, PortError> {
        self.shelf(&self.prefix())?.put(version, bundle(files)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_reads_back_and_nothing_else_is_one() {
        let mut texts = ["a,b\n甲,\"\n", "c", "", "d", "e", ""].into_iter();
        let files = Files::gather(|_| texts.next().map(str::to_owned).ok_or(())).unwrap();
        assert_eq!(unbundle(&bundle(&files)), Some(files.clone()));
        let other = String::from_utf8(bundle(&files)).unwrap().replace(".v1", ".v2");
        for wrong in ["", "{}", other.as_str()] {
            assert_eq!(unbundle(wrong.as_bytes()), None);
        }
    }
}
