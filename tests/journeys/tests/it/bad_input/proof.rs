//! Who has not proven to be the channel is refused, and learns nothing.

use lambda::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
use serde_json::{Value, json};

use super::{Door, WORD, full, is_problem, quotes_nothing};
use crate::support::{ROUTE, now_s};

/// A timestamp so many seconds from now.
fn at(offset: i64) -> String {
    (i64::try_from(now_s()).unwrap() + offset).to_string()
}

impl Door {
    /// Posts with these two headers.
    async fn post_signed(&self, timestamp: &str, signature: &str, body: &[u8]) -> (u16, Value) {
        let headers = [(TIMESTAMP_HEADER, timestamp), (SIGNATURE_HEADER, signature)];
        let answer = self.up.post_with(&headers, body).await;
        quotes_nothing(&answer.1.to_string());
        answer
    }

    /// Posts signed with another secret.
    async fn post_by(&self, secret: &str, body: &Value) -> (u16, Value) {
        let (timestamp, body) = (at(0), body.to_string());
        let signature = sign(secret.as_bytes(), &timestamp, body.as_bytes());
        self.post_signed(&timestamp, &signature, body.as_bytes()).await
    }

    fn write_secret(&self, text: &str) {
        let path = self.city.path().join("secrets/channel-hotline-12345-secret");
        std::fs::write(path, text).unwrap();
    }
}

#[tokio::test]
async fn no_signature_or_a_wrong_one_is_refused() {
    let door = Door::open();
    let body = full("A-1").to_string().into_bytes();
    let (now, none) = (at(0), String::new());
    let good = sign(&door.secret, &now, &body);
    let of_other_body = sign(&door.secret, &now, full("A-2").to_string().as_bytes());
    let of_other_time = sign(&door.secret, &at(-1), &body);
    let hexadecimal = good.strip_prefix("v1=").unwrap();
    for (name, timestamp, signature) in [
        ("nothing in either", &none, &none),
        ("no time", &none, &good),
        ("no signature", &now, &none),
        ("another secret", &now, &sign(b"secret", &now, &body)),
        ("an empty secret", &now, &sign(b"", &now, &body)),
        ("another body's", &now, &of_other_body),
        ("another time's", &now, &of_other_time),
        ("another version", &now, &format!("v2={hexadecimal}")),
        ("no version", &now, &hexadecimal.to_owned()),
        ("capitals", &now, &format!("v1={}", hexadecimal.to_uppercase())),
        ("cut short", &now, &good[..good.len() - 1].to_owned()),
        ("too long", &now, &format!("{good}0")),
        ("doubled", &now, &format!("{good},{good}")),
        ("no signature at all", &now, &WORD.to_owned()),
    ] {
        let (status, problem) = door.post_signed(timestamp, signature, &body).await;
        is_problem(&problem, (status, "not-proven"));
        assert_eq!(status, 401, "{name}");
    }
    for headers in [&[][..], &[(TIMESTAMP_HEADER, &*now)], &[(SIGNATURE_HEADER, &*good)]] {
        let (status, problem) = door.up.post_with(headers, &body).await;
        is_problem(&problem, (status, "not-proven"));
        assert_eq!(status, 401, "{headers:?}");
    }
    door.close(0);
}

#[tokio::test]
async fn a_good_signature_of_another_time_is_refused() {
    let door = Door::open();
    let body = full("A-1").to_string().into_bytes();
    let millis = format!("{}000", at(0));
    for timestamp in [
        at(-310),
        at(310),
        at(-86_400),
        at(86_400),
        millis,
        format!("+{}", at(0)),
        format!("{}.0", at(0)),
        "0".to_owned(),
        "-1".to_owned(),
        "9".repeat(30),
        WORD.to_owned(),
    ] {
        let signature = sign(&door.secret, &timestamp, &body);
        let (status, problem) = door.post_signed(&timestamp, &signature, &body).await;
        is_problem(&problem, (status, "stale"));
        assert_eq!(status, 401, "{timestamp}");
    }
    for timestamp in [at(-280), at(280)] {
        let signature = sign(&door.secret, &timestamp, &body);
        assert_eq!(door.post_signed(&timestamp, &signature, &body).await.0, 202, "{timestamp}");
    }
    door.close(1);
}

#[tokio::test]
async fn a_replayed_request_is_answered_again_and_makes_no_second_ticket() {
    let door = Door::open();
    let (timestamp, body) = (at(0), full("A-1").to_string().into_bytes());
    let signature = sign(&door.secret, &timestamp, &body);
    let (status, first) = door.post_signed(&timestamp, &signature, &body).await;
    assert_eq!((status, &first["duplicate"]), (202, &json!(false)), "{first}");
    let (status, second) = door.post_signed(&timestamp, &signature, &body).await;
    assert_eq!((status, &second["duplicate"]), (202, &json!(true)), "{second}");
    assert_eq!((&first["ticket"], &first["number"]), (&second["ticket"], &second["number"]));
    door.close(1);
}

#[tokio::test]
async fn a_rotation_takes_both_secrets_and_then_only_the_new_one() {
    let door = Door::open();
    let old = String::from_utf8(door.secret.clone()).unwrap();
    let not_proven = |(status, problem): (u16, Value)| {
        is_problem(&problem, (status, "not-proven"));
        assert_eq!(status, 401);
    };
    not_proven(door.post_by("new", &full("A-1")).await);
    door.write_secret(&json!({ "current": "new", "previous": old }).to_string());
    assert_eq!(door.post_by("new", &full("A-1")).await.0, 202);
    assert_eq!(door.post_by(&old, &full("A-2")).await.0, 202);
    not_proven(door.post_by("newer", &full("A-3")).await);
    door.write_secret(&json!({ "current": "new", "previous": "" }).to_string());
    not_proven(door.post_by(&old, &full("A-3")).await);
    not_proven(door.post_by("", &full("A-3")).await);
    assert_eq!(door.post_by("new", &full("A-4")).await.0, 202);

    // A secret that cannot be read is our own trouble: the sender keeps what it has, and comes again.
    for broken in ["", WORD, "{}", r#"{"current":"","previous":""}"#, r#"{"current":7}"#] {
        door.write_secret(broken);
        let (status, problem) = door.post_by("", &full("A-5")).await;
        is_problem(&problem, (status, "unavailable"));
        assert_eq!(status, 503, "{broken}");
    }
    door.write_secret(&json!({ "current": "new" }).to_string());
    assert_eq!(door.post_by("new", &full("A-5")).await.0, 202);
    door.close(4);
}

#[tokio::test]
async fn refusals_are_problem_details_and_never_cached() {
    let door = Door::open();
    let client = reqwest::Client::new();
    let body = full("A-1").to_string();
    let post = || client.post(format!("{}{ROUTE}", door.up.url));
    let refused = post().body(body.clone()).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 401);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(refused.headers()["cache-control"], "no-store");
    assert!(!refused.headers().contains_key("retry-after"));

    let (now, signature) = (at(0), |now: &str| sign(&door.secret, now, body.as_bytes()));
    let signed = || {
        post()
            .header(TIMESTAMP_HEADER, &now)
            .header(SIGNATURE_HEADER, signature(&now))
            .body(body.clone())
    };
    door.write_secret("");
    let unavailable = signed().send().await.unwrap();
    assert_eq!(unavailable.status().as_u16(), 503);
    assert_eq!(unavailable.headers()["content-type"], "application/problem+json");
    assert_eq!(unavailable.headers()["retry-after"], "5");
    door.write_secret(&json!({ "current": String::from_utf8_lossy(&door.secret) }).to_string());
    let taken = signed().send().await.unwrap();
    assert_eq!(taken.status().as_u16(), 202);
    assert_eq!(taken.headers()["content-type"], "application/json");
    assert_eq!(taken.headers()["cache-control"], "no-store");
    door.close(1);
}
