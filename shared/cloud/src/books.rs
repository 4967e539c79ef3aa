//! Catalogs and models on S3, beside the directories: an object a version.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use domain::RegionCode;
use ports::{Book, Books, PortError};

use crate::settings::needed;
use crate::shelf::Shelf;

/// The bucket, if this function has it.
#[derive(Clone, Debug)]
pub(crate) struct S3Books {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    /// The bucket's name; `None` when the function's settings name none.
    pub(crate) bucket: Option<String>,
}

impl S3Books {
    fn prefix(&self, book: Book) -> String {
        format!("{}/{}/", self.region, book.name())
    }

    fn shelf<'a>(&'a self, book: Book, prefix: &'a str) -> Result<Shelf<'a>, PortError> {
        let ending = match book {
            Book::Catalog => ".csv",
            Book::Model => ".model",
            Book::Lessons => ".txt",
        };
        let (client, bucket) = (&self.client, needed(self.bucket.as_deref(), "DIRECTORY_BUCKET")?);
        Ok(Shelf { client, bucket, prefix, ending, what: book.name() })
    }
}

#[async_trait]
impl Books for S3Books {
    async fn newest(&self, book: Book) -> Result<Option<u32>, PortError> {
        self.shelf(book, &self.prefix(book))?.newest().await
    }

    async fn read(&self, book: Book, version: u32) -> Result<Option<Vec<u8>>, PortError> {
        self.shelf(book, &self.prefix(book))?.read(version).await
    }

    async fn put(&self, book: Book, version: u32, bytes: &[u8]) -> Result<bool, PortError> {
        self.shelf(book, &self.prefix(book))?.put(version, bytes.to_vec()).await
    }
}
