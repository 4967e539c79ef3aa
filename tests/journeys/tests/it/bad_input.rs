//! What strangers send to a channel: every refusal says what is wrong and where, quotes nothing of
//! what was sent, neither to the sender nor in the log, and makes no ticket.

mod fields;
mod orders;
mod proof;

use serde_json::{Value, json};

use crate::support::{ROUTE, TestCity, Up, submission};

/// What no answer and no log may hold. The texts of every body here are made of these.
const NAME: &str = "张三丰绝密";
const WORD: &str = "zq7Marker4f9d2c81";
const PHONE: &str = "19912345678";

/// A running city's door.
struct Door {
    city: TestCity,
    up: Up,
    secret: Vec<u8>,
}

impl Door {
    fn open() -> Self {
        let city = TestCity::new();
        let up = city.up();
        let secret = city.secret();
        Self { city, up, secret }
    }

    /// Posts a signed body.
    async fn post(&self, body: &[u8]) -> (u16, Value) {
        let answer = self.up.post(&self.secret, body).await;
        quotes_nothing(&answer.1.to_string());
        answer
    }

    /// Posts a signed body that must be taken.
    async fn taken(&self, body: &Value) -> Value {
        let (status, answer) = self.post(body.to_string().as_bytes()).await;
        assert_eq!(status, 202, "{answer}");
        answer
    }

    /// Posts a signed body that must be refused so; gives the names of the wrong fields.
    async fn refused(&self, body: &[u8], (status, kind): (u16, &str)) -> Vec<String> {
        let (said, problem) = self.post(body).await;
        is_problem(&problem, (said, kind));
        assert_eq!(said, status, "{problem}");
        let faults = problem["errors"].as_array().map_or(&[][..], Vec::as_slice);
        assert!(faults.iter().all(|fault| !fault["expected"].as_str().unwrap().is_empty()));
        faults.iter().map(|fault| fault["field"].as_str().unwrap().to_owned()).collect()
    }

    /// Ends the test: the city is in order, has so many tickets, and its log quotes nothing.
    fn close(self, tickets: u64) {
        assert_eq!(self.city.assert_clean()["tickets"], tickets);
        self.up.stop();
        let log = std::fs::read_to_string(self.city.path().join("logs/city.log")).unwrap();
        assert!(log.contains("the city is open"));
        quotes_nothing(&log);
    }
}

fn quotes_nothing(text: &str) {
    for mark in [NAME, WORD, PHONE] {
        assert!(!text.contains(mark), "{mark} is quoted in {text}");
    }
}

/// An answer is problem details of this status and kind.
fn is_problem(problem: &Value, (status, kind): (u16, &str)) {
    assert_eq!(problem["type"], format!("urn:lianxin:problem:{kind}"), "{problem}");
    assert_eq!(problem["status"], status, "{problem}");
    assert!(!problem["title"].as_str().unwrap().is_empty(), "{problem}");
}

/// A good submission full of what must not be quoted.
fn full(order: &str) -> Value {
    let mut full = submission(order);
    full["title"] = json!(format!("{NAME}的事"));
    full["content"] = json!(format!("{NAME} {WORD} {PHONE}"));
    full["citizen"] = json!({ "name": NAME, "phone": PHONE, "address": format!("{WORD}里1号") });
    full
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let door = Door::open();
    let good = full("A-1").to_string();
    let deep = |open: &str, close: &str| {
        format!("{}{WORD}{}", open.repeat(10_000), close.repeat(10_000)).into_bytes()
    };
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b" ".to_vec(),
        format!("{NAME} {WORD}").into_bytes(),
        json!([NAME, WORD]).to_string().into_bytes(),
        json!(WORD).to_string().into_bytes(),
        b"19912345678".to_vec(),
        b"true".to_vec(),
        b"null".to_vec(),
        good.as_bytes()[..good.len() - 1].to_vec(),
        format!("{good}{good}").into_bytes(),
        format!("\u{feff}{good}").into_bytes(),
        good.replace('"', "'").into_bytes(),
        good.replace("\"submit\"", "NaN").into_bytes(),
        good.replace("submit", "\\ud800").into_bytes(),
        good.replace("submit", "\u{1}").into_bytes(),
        [good.as_bytes(), b"\xff\xfe"].concat(),
        [b"{\"type\":\"\xc3(\",\"x\":\"", WORD.as_bytes(), b"\"}"].concat(),
        // GB 18030, as an old system would send it.
        b"{\"title\":\"\xd5\xc5\xc8\xfd\xb7\xe1\"}".to_vec(),
        deep("[", "]"),
        deep("[", ""),
        deep("{\"a\":", "}"),
        good.replace(
            &format!("\"{NAME}\""),
            &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
        )
        .into_bytes(),
    ];
    for body in bodies {
        let fields = door.refused(&body, (400, "not-json")).await;
        assert!(fields.is_empty(), "{fields:?}");
    }
    door.close(0);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_anything_else() {
    let door = Door::open();
    let max = lambda::http::BODY_BYTES_MAX;
    let mut large = full("A-1");
    large["content"] = json!(WORD.repeat(1024 * 1024 / WORD.len()));
    door.refused(large.to_string().as_bytes(), (413, "too-large")).await;
    let (status, problem) = door.up.post_with(&[], large.to_string().as_bytes()).await;
    is_problem(&problem, (413, "too-large"));
    assert_eq!(status, 413);
    quotes_nothing(&problem.to_string());

    let padded = |bytes: usize| {
        let body = full("A-1").to_string();
        format!("{body}{}", " ".repeat(bytes - body.len())).into_bytes()
    };
    door.refused(&padded(max + 1), (413, "too-large")).await;
    assert_eq!(door.post(&padded(max)).await.0, 202);
    door.close(1);
}

#[tokio::test]
async fn other_methods_and_addresses_are_refused() {
    use reqwest::Method;
    let door = Door::open();
    let client = reqwest::Client::new();
    let route = ROUTE.to_owned();
    let mut cases = Vec::new();
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        cases.push((method, route.clone(), 405, "wrong-method"));
    }
    let others = [
        "/".to_owned(),
        "/channels".to_owned(),
        format!("{route}/"),
        format!("{route}/{WORD}"),
        format!("/channels/{WORD}?{WORD}={WORD}"),
        "/channels/../channels/hotline-1234".to_owned(),
    ];
    cases.extend(others.map(|path| (Method::POST, path, 404, "no-such-address")));
    for (method, path, status, kind) in cases {
        let request = client.request(method, format!("{}{path}", door.up.url)).body(WORD);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let text = answer.text().await.unwrap();
        is_problem(&serde_json::from_str(&text).unwrap(), (status, kind));
        quotes_nothing(&text);
    }
    door.close(0);
}
