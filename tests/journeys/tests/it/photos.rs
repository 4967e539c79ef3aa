//! Photos: a permission to upload one, what the store refuses, and what becomes of an upload.

mod casefile;
mod damage;
mod overtaken;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestCity, Up};

const CHANNEL: &str = "gaoxiaoban";
const ROUTE: &str = "/channels/gaoxiaoban";
const PHOTO: &[u8] = b"not a photo, but of this length";

struct App {
    city: TestCity,
    up: Up,
    secret: Vec<u8>,
}

impl App {
    fn open() -> Self {
        let city = TestCity::new();
        let up = city.up();
        let secret = city.secret_of(CHANNEL);
        Self { city, up, secret }
    }

    async fn post(&self, more: &str, body: &Value) -> (u16, Value) {
        self.up.post_to(&format!("{ROUTE}{more}"), &self.secret, body).await
    }

    async fn granted(&self, bytes: usize) -> Value {
        let asked = json!({ "content_type": "image/jpeg", "bytes": bytes });
        let (status, grant) = self.post("/uploads", &asked).await;
        assert_eq!(status, 201, "{grant}");
        grant
    }

    /// The bytes that lie in the bucket of uploads.
    async fn stored(&self, key: &str) -> Option<Vec<u8>> {
        let access = self.city.access().await;
        let s3 = &access.clients.s3;
        let object = s3.get_object().bucket("lianxin-uploads-000000000000").key(key).send().await;
        Some(object.ok()?.body.collect().await.unwrap().to_vec())
    }

    fn close(self) {
        self.city.assert_clean();
        self.up.stop();
    }
}

/// Puts `body` as the grant says, with some headers changed; gives the status.
async fn put(grant: &Value, changed: &[(&str, &str)], body: &[u8]) -> u16 {
    let url = grant["url"].as_str().unwrap();
    let mut put = reqwest::Client::new().request(Method::PUT, url).body(body.to_vec());
    for (name, value) in grant["headers"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        let other = changed.iter().find(|(changed, _)| changed == name).map(|(_, other)| *other);
        put = put.header(name, other.unwrap_or(value));
    }
    put.send().await.map_or(0, |answer| answer.status().as_u16())
}

fn report(id: &str, photos: &[&str]) -> Value {
    json!({
        "type": "submit",
        "report_id": id,
        "reported_at": "2025-06-01T08:00:00+08:00",
        "text": "松果社区示例路口的窨井盖破了，成了没盖的井，请尽快更换，已经三天没有人来看过，晚上走路很危险。",
        "gps": { "lat": 35.798, "lon": 112.923 },
        "photos": photos,
    })
}

/// A tiny JPEG whose metadata and tail hold a mark.
pub(crate) fn jpeg() -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], length.as_slice(), body].concat()
    };
    [
        vec![0xFF, 0xD8],
        segment(0xE1, format!("Exif\0\0MM\0*{MARK}").as_bytes()),
        segment(0xFE, MARK.as_bytes()),
        segment(0xC0, &[8, 0, 2, 0, 3, 1, 1, 0x11, 0]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        vec![1, 2, 3, 0xFF, 0xD9],
        MARK.as_bytes().to_vec(),
    ]
    .concat()
}

const MARK: &str = "EXIF-MARK-7f3c";

impl App {
    /// Waits until the ticket has so many settled uploads; gives the kinds and reasons, in order.
    async fn settled(&self, ticket: &str, count: usize) -> Vec<(String, Value)> {
        for _ in 0..100 {
            let shown = self.city.json(&["ticket", "show", ticket]);
            let timeline = shown["timeline"].as_array().unwrap();
            let settled: Vec<_> = timeline
                .iter()
                .filter(|entry| entry["kind"].as_str().unwrap().starts_with("attach"))
                .map(|entry| (entry["kind"].as_str().unwrap().to_owned(), entry["fields"].clone()))
                .collect();
            if settled.len() >= count {
                return settled;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{}", self.city.json(&["ticket", "show", ticket]));
    }

    async fn gone(&self, key: &str) {
        for _ in 0..50 {
            if self.stored(key).await.is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("an upload is still there");
    }
}

#[tokio::test]
async fn a_photo_is_attached_whichever_comes_first_and_once() {
    let app = App::open();
    let photo = jpeg();
    let (before, after) = (app.granted(photo.len()).await, app.granted(photo.len()).await);
    let keys = [&before, &after].map(|grant| grant["key"].as_str().unwrap());
    assert_eq!(put(&before, &[], &photo).await, 200);
    let (status, answer) = app.post("", &report("GP-1", &keys)).await;
    assert_eq!(status, 202, "{answer}");
    let ticket = answer["ticket"].as_str().unwrap().to_owned();
    app.settled(&ticket, 1).await;
    assert_eq!(put(&after, &[], &photo).await, 200);
    let settled = app.settled(&ticket, 2).await;
    assert!(settled.iter().all(|(kind, fields)| kind == "attached"
        && fields["media"] == "image/jpeg"
        && fields["bytes"].as_str().unwrap().parse::<usize>().unwrap() < photo.len()));
    for key in keys {
        app.gone(key).await;
    }
    // Late and double: the same request, the same upload, another request that names it.
    assert_eq!(app.post("", &report("GP-1", &keys)).await.1["duplicate"], true);
    assert_eq!(put(&before, &[], &photo).await, 200);
    app.gone(keys[0]).await;
    assert_eq!(app.post("", &report("GP-2", &keys)).await.0, 202);
    assert_eq!(app.settled(&ticket, 2).await.len(), 2);
    app.city.assert_clean();
    app.up.stop();
    for file in crate::search::files(app.city.path()) {
        let content = std::fs::read(&file).unwrap();
        let found = content.windows(MARK.len()).any(|run| run == MARK.as_bytes());
        assert!(!found, "metadata in {}", file.display());
    }
}

#[tokio::test]
async fn a_hostile_upload_is_refused_with_its_reason_and_an_unclaimed_one_left() {
    let app = App::open();
    let cut = jpeg()[..30].to_vec();
    let hostile: [(&[u8], &str); 3] =
        [(PHOTO, "unknown_type"), (&cut, "damaged"), (b"\x89PNG\r\n\x1a\n", "other_type")];
    let mut keys = Vec::new();
    for (body, _) in hostile {
        let grant = app.granted(body.len()).await;
        assert_eq!(put(&grant, &[], body).await, 200);
        keys.push(grant["key"].as_str().unwrap().to_owned());
    }
    let unclaimed = app.granted(PHOTO.len()).await;
    assert_eq!(put(&unclaimed, &[], PHOTO).await, 200);
    let named: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (_, answer) = app.post("", &report("GP-1", &named)).await;
    let settled = app.settled(answer["ticket"].as_str().unwrap(), 3).await;
    let mut reasons: Vec<_> =
        settled.iter().map(|(_, fields)| fields["reason"].as_str().unwrap()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["damaged", "other_type", "unknown_type"]);
    for key in &keys {
        app.gone(key).await;
    }
    assert!(app.stored(unclaimed["key"].as_str().unwrap()).await.is_some());
    app.close();
}

#[tokio::test]
async fn a_photo_put_while_the_queue_was_lost_is_attached_after_a_start() {
    let app = App::open();
    let (photo, grant) = (jpeg(), app.granted(jpeg().len()).await);
    let (_, answer) = app.post("", &report("GP-1", &[grant["key"].as_str().unwrap()])).await;
    let App { city, up, secret } = app;
    up.stop();
    let access = city.access().await;
    let put = access.clients.s3.put_object().bucket("lianxin-uploads-000000000000");
    let put = put.key(grant["key"].as_str().unwrap()).content_type("image/jpeg");
    put.body(photo.into()).send().await.unwrap();
    access.close().await.unwrap();
    let up = city.up();
    let app = App { city, up, secret };
    let settled = app.settled(answer["ticket"].as_str().unwrap(), 1).await;
    assert_eq!(settled[0].0, "attached");
    app.close();
}

#[tokio::test]
async fn a_photo_is_put_by_its_grant_and_a_report_names_it() {
    let app = App::open();
    let grant = app.granted(PHOTO.len()).await;
    assert_eq!(grant["method"], "PUT");
    let headers = grant["headers"].as_object().unwrap();
    assert_eq!(headers["content-type"], "image/jpeg");
    assert_eq!(headers["content-length"], PHOTO.len().to_string());
    assert_eq!(put(&grant, &[], PHOTO).await, 200);
    let key = grant["key"].as_str().unwrap();
    assert_eq!(app.stored(key).await.as_deref(), Some(PHOTO));
    let report = report("GP-1", &[key]);
    let (status, first) = app.post("", &report).await;
    assert_eq!((status, &first["duplicate"]), (202, &json!(false)), "{first}");
    assert_eq!(app.post("", &report).await.1["duplicate"], true);
    // Another place is another request.
    let mut elsewhere = report;
    elsewhere["gps"]["lat"] = json!(35.799);
    assert_eq!(app.post("", &elsewhere).await.0, 409);
    app.close();
}

#[tokio::test]
async fn an_upload_of_another_type_length_key_or_signature_is_refused() {
    let app = App::open();
    let grant = app.granted(PHOTO.len()).await;
    let key = grant["key"].as_str().unwrap();
    let longer = [PHOTO, b"!"].concat();
    let length = longer.len().to_string();
    assert_eq!(put(&grant, &[("content-type", "text/html")], PHOTO).await, 403);
    assert_eq!(put(&grant, &[("content-length", &length)], &longer).await, 403);
    for (part, other) in
        [(key, "u/140581/20260101/other"), ("X-Amz-Expires=600", "X-Amz-Expires=900")]
    {
        let mut forged = grant.clone();
        forged["url"] = json!(grant["url"].as_str().unwrap().replace(part, other));
        assert_ne!(forged, grant, "{part} is not in the address");
        assert_eq!(put(&forged, &[], PHOTO).await, 403, "{part}");
    }
    assert_eq!(app.stored(key).await, None);
    app.close();
}

#[tokio::test]
async fn what_is_no_photo_or_too_large_is_granted_nothing() {
    let app = App::open();
    let cases = [
        (json!({ "content_type": "application/pdf", "bytes": 1 }), "content_type"),
        (json!({ "content_type": "image/heic", "bytes": 1 }), "content_type"),
        (json!({ "content_type": "image/png", "bytes": 0 }), "bytes"),
        (json!({ "content_type": "image/png", "bytes": 10 * 1024 * 1024 + 1 }), "bytes"),
        (json!({ "content_type": "image/png", "bytes": "7" }), "bytes"),
        (json!({ "content_type": "image/png", "bytes": 7, "name": "张三.png" }), "*"),
    ];
    for (body, field) in cases {
        let (status, problem) = app.post("/uploads", &body).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)), "{problem}");
        assert!(!problem.to_string().contains("张三"));
    }
    let asked = json!({ "content_type": "image/webp", "bytes": 10 * 1024 * 1024 });
    assert_eq!(app.post("/uploads", &asked).await.0, 201);
    let (status, problem) = app.up.post_to(&format!("{ROUTE}/uploads"), b"wrong", &asked).await;
    assert_eq!((status, &problem["status"]), (401, &json!(401)));
    // The hotline has no such route.
    let (status, _) =
        app.up.post_to("/channels/hotline-12345/uploads", &app.city.secret(), &asked).await;
    assert_eq!(status, 404);
    app.close();
}
