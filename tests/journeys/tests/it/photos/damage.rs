//! What `verify` says of photos, claims and uploads: a finished city with one attached photo is damaged
//! in one way at a time, each time in a fresh copy.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::AttributeValue;
use lianxin_local::city::Access;
use serde_json::{Value, json};

use super::{App, jpeg, put, report};
use crate::support::TestCity;

const ARCHIVE: &str = "lianxin-archive-000000000000";
const UPLOADS: &str = "lianxin-uploads-000000000000";

const HOUR: Duration = Duration::from_secs(3600);

/// A closed city, one ticket of which has one photo.
struct Base {
    city: TestCity,
    ticket: String,
    /// The photo's record.
    record: String,
    /// The key that it was uploaded under: claimed, and empty since it was settled.
    upload: String,
}

impl Base {
    async fn build() -> Self {
        let app = App::open();
        let (photo, grant) = (jpeg(), app.granted(jpeg().len()).await);
        let upload = grant["key"].as_str().unwrap().to_owned();
        assert_eq!(put(&grant, &[], &photo).await, 200);
        let (_, answer) = app.post("", &report("GP-1", &[&upload])).await;
        let ticket = answer["ticket"].as_str().unwrap().to_owned();
        let settled = app.settled(&ticket, 1).await;
        app.gone(&upload).await;
        let record = settled[0].1["record"].as_str().unwrap().to_owned();
        let App { city, up, .. } = app;
        up.stop();
        city.assert_clean();
        Self { city, ticket, record, upload }
    }

    /// Where a sealed photo of the ticket lies.
    fn evidence(&self, record: &str) -> String {
        format!("e/140581/{}/{record}", self.ticket)
    }
}

/// A copy of the city with open stores.
struct Scene {
    city: TestCity,
    access: Access,
}

impl Scene {
    async fn of(base: &Base) -> Self {
        let city = TestCity::copy_of(&base.city);
        let access = city.access().await;
        Self { city, access }
    }

    async fn object(self, bucket: &str, key: &str) -> Self {
        let put = self.access.clients.s3.put_object().bucket(bucket).key(key);
        put.body(b"another".to_vec().into()).send().await.unwrap();
        self
    }

    async fn without(self, bucket: &str, key: &str) -> Self {
        self.access.clients.s3.delete_object().bucket(bucket).key(key).send().await.unwrap();
        self
    }

    /// An upload that was put so long ago, as the engine's file says.
    async fn upload_of(self, key: &str, age: Duration) -> Self {
        let scene = self.object(UPLOADS, key).await;
        let files = crate::search::files(scene.city.path());
        let mut files = files.into_iter().filter(|file| file.ends_with(key));
        let file = files.next().expect("the engine keeps an object in a file of its name");
        assert_eq!(files.next(), None);
        let file = std::fs::File::options().write(true).open(file).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        scene
    }

    async fn claim(self, upload: &str, ticket: &str) -> Self {
        let put = self.access.clients.dynamodb.put_item().table_name("lianxin-tickets");
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let put = put.item("pk", text(&format!("140581#u#{upload}"))).item("sk", text("U"));
        put.item("tk", text(ticket)).send().await.unwrap();
        self
    }

    /// Everything that `verify` finds: kinds and ids.
    async fn found(self) -> Vec<(String, String)> {
        self.access.close().await.unwrap();
        let said = self.city.verify();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let found = said["violations"].as_array().unwrap().iter();
        found.map(|one| (text(&one["kind"]), text(&one["id"]))).collect()
    }
}

fn only(kind: &str, id: &str) -> Vec<(String, String)> {
    vec![(kind.to_owned(), id.to_owned())]
}

#[tokio::test]
async fn verify_names_what_is_wrong_with_photos_claims_and_uploads() {
    let base = Base::build().await;
    let scene = || Scene::of(&base);
    let (photo, other) = (base.evidence(&base.record), base.evidence(&base.ticket));

    let found = scene().await.without(ARCHIVE, &photo).await.found().await;
    assert_eq!(found, only("photo_missing", &base.ticket));
    let found = scene().await.object(ARCHIVE, &photo).await.found().await;
    assert_eq!(found, only("photo_altered", &base.ticket));
    let found = scene().await.object(ARCHIVE, &other).await.found().await;
    assert_eq!(found, only("photo_orphan", &other));

    let nobody = "0".repeat(26);
    let found = scene().await.claim(&nobody, &base.record).await.found().await;
    assert_eq!(found, only("claim_dangling", &format!("140581#u#{nobody}")));

    let found = scene().await.upload_of(&base.upload, 25 * HOUR).await.found().await;
    assert_eq!(found, only("upload_left", &base.upload));
    for unknown in ["x/140581/20260101/00000000000000000000000000", "u/140581/notes.txt"] {
        let found = scene().await.object(UPLOADS, unknown).await.found().await;
        assert_eq!(found, only("upload_unknown", unknown));
    }
}

#[tokio::test]
async fn verify_leaves_uploads_alone_that_are_under_way_or_nobodys() {
    let base = Base::build().await;
    // Put again after it was settled: its look may be under way for a day.
    let found = Scene::of(&base).await.upload_of(&base.upload, 23 * HOUR).await.found().await;
    assert_eq!(found, []);
    // Never named by a request: it goes by the bucket's lifecycle.
    let unclaimed = format!("u/140581/20260101/{}", "0".repeat(26));
    let found = Scene::of(&base).await.upload_of(&unclaimed, 100 * HOUR).await.found().await;
    assert_eq!(found, []);
    // Claimed for a ticket that stands, and not yet put.
    let claimed = Scene::of(&base).await.claim(&"0".repeat(26), &base.ticket).await;
    assert_eq!(claimed.found().await, []);
    assert_eq!(base.city.verify()["violations"], json!([]));
}
