//! Photos: a permission to upload one, and what the store refuses.

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
    let report = json!({
        "type": "submit",
        "report_id": "GP-1",
        "reported_at": "2025-06-01T08:00:00+08:00",
        "text": "示例路口的井盖破了，请尽快更换，已经三天没有人来看过，晚上走路很危险。",
        "gps": { "lat": 35.798, "lon": 112.923 },
        "photos": [key],
    });
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
