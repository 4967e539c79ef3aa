//! What became of a request reaches the channel it came by, whatever its receiver does.

use std::collections::BTreeMap;
use std::time::Duration;

use lianxin_local::wire::Channel;
use serde_json::{Value, json};

use crate::support::{TestCity, Up, submission};

/// So many requests.
const REQUESTS: &str = "24";
/// The channels that are played alone; both are told in JSON.
const HOTLINE: &str = "hotline-12345";
const APP: &str = "gaoxiaoban";

async fn mood(up: &Up, channel: &str, mood: &Value) {
    let url = format!("{}/receivers/{channel}/mood", up.url);
    let answer = reqwest::Client::new().post(url).json(mood).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// Leads city time on until `enough`, in steps that outlast every pause.
async fn wait(city: &TestCity, enough: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..80 {
        let channels = city.json(&["channels"]);
        if enough(&channels) {
            return channels;
        }
        city.json(&["clock", "advance", "61m"]);
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    panic!("it takes too long: {}", city.json(&["channels"]));
}

fn sum(channels: &Value, of: impl Fn(&Value) -> u64) -> u64 {
    channels["channels"].as_array().unwrap().iter().map(of).sum()
}

fn due(channels: &Value) -> u64 {
    sum(channels, |one| one["due"].as_u64().unwrap())
}

fn given_up(channels: &Value) -> u64 {
    sum(channels, |one| one["given_up"].as_array().unwrap().len() as u64)
}

/// What each ticket's channel was told, in the order in which it was told first.
async fn heard(up: &Up) -> BTreeMap<String, Vec<(u32, String)>> {
    let all = reqwest::get(format!("{}/receivers", up.url)).await.unwrap();
    let all: Value = all.json().await.unwrap();
    let mut heard = BTreeMap::<String, Vec<(u32, String)>>::new();
    for receiver in all.as_array().unwrap() {
        assert_eq!(receiver["refused"], 0, "a wrong signature");
        for told in receiver["told"].as_array().unwrap() {
            let (ticket, seq) = told["key"].as_str().unwrap().split_once('/').unwrap();
            let body: Value = serde_json::from_str(told["body"].as_str().unwrap()).unwrap();
            let status = body["status"].as_str().unwrap().to_owned();
            if status == "answered" {
                assert!(body["reply"].as_str().is_some_and(|reply| !reply.is_empty()), "{body}");
            }
            heard.entry(ticket.to_owned()).or_default().push((seq.parse().unwrap(), status));
        }
    }
    heard
}

#[tokio::test]
async fn a_channel_is_told_everything_in_order_though_its_receiver_is_down_and_then_fails() {
    let city = TestCity::new();
    let up = city.up();
    mood(&up, APP, &json!({ "down": true })).await;
    let played = city.json(&["replay", "--channel", APP, "--first", REQUESTS]);
    assert_eq!(played["archived"], 24, "{played}");
    city.json(&["clock", "advance", "3h"]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    mood(&up, APP, &json!({ "fail_percent": 30 })).await;
    wait(&city, |channels| due(channels) == 0).await;
    let heard = heard(&up).await;
    assert_eq!(heard.len(), 24, "{heard:#?}");
    for (ticket, told) in &heard {
        assert!(told.is_sorted_by(|one, next| one.0 < next.0), "{ticket}: {told:?}");
        let words: Vec<&str> = told.iter().map(|(_, word)| word.as_str()).collect();
        assert_eq!(
            (words.first(), words.last()),
            (Some(&"accepted"), Some(&"closed")),
            "{words:?}"
        );
        assert!(words.contains(&"answered") || words.contains(&"declined"), "{words:?}");
    }
    city.assert_clean();
}

/// Each message comes in its channel's own form and proof, and each channel is told in its own.
#[tokio::test]
async fn all_ten_channels_are_told_every_status_though_receivers_fail_and_are_down() {
    let city = TestCity::new();
    let up = city.up();
    let play = ["--first", "150", "--receivers-fail", "30", "--receivers-down", "5"];
    let output = city.replay(&play).output().unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{all}");
    assert_eq!((&all["tickets"], &all["archived"]), (&json!(150), &json!(150)), "{all}");
    let told = &all["told"];
    assert_eq!((&told["missing"], &told["disordered"]), (&json!(0), &json!(0)), "{told}");
    let count = |name: &str| told[name].as_u64().unwrap();
    assert!(count("heard") >= 4 * 150 && count("again") > 0, "{told}");
    let heard: Value =
        reqwest::get(format!("{}/receivers", up.url)).await.unwrap().json().await.unwrap();
    for channel in Channel::ALL {
        let mut receivers = heard.as_array().unwrap().iter();
        let one = receivers.find(|one| one["channel"] == channel.name()).unwrap();
        assert_eq!(one["refused"], 0, "{channel}");
        assert!(!one["told"].as_array().unwrap().is_empty(), "{channel}");
    }
    city.assert_clean();
}

#[tokio::test]
async fn what_fails_for_a_day_is_given_up_shown_to_staff_and_told_when_they_put_it_back() {
    let city = TestCity::new();
    let up = city.up();
    mood(&up, HOTLINE, &json!({ "down": true })).await;
    city.json(&["replay", "--channel", HOTLINE, "--first", "3"]);
    let channels = wait(&city, |channels| given_up(channels) == 3).await;
    assert_eq!(due(&channels), 0, "{channels}");
    mood(&up, HOTLINE, &json!({})).await;
    let back = city.json(&["channels", "retry", HOTLINE]);
    assert_eq!(back["put_back"], 3);
    wait(&city, |channels| due(channels) == 0 && given_up(channels) == 0).await;
    assert_eq!(heard(&up).await.len(), 3);
}

#[tokio::test]
async fn a_channel_is_switched_off_and_given_another_secret_while_the_city_runs() {
    let city = TestCity::new();
    let up = city.up();
    let (old, body) = (city.secret(), submission("A-1").to_string());
    let set = |change: &str| city.json(&["channels", "set", HOTLINE, change]);
    assert_eq!(set("--close")["closed"], true);
    let (status, answer) = up.post(&old, body.as_bytes()).await;
    assert_eq!((status, &answer["type"]), (403, &json!("urn:lianxin:problem:closed")));
    assert_eq!(up.post(b"a wrong secret", body.as_bytes()).await.0, 401, "it tells nobody else");
    assert_eq!(set("--open")["closed"], false);
    set("--new-secret");
    let new = city.secret();
    assert_ne!(new, old);
    for secret in [new, old] {
        assert_eq!(up.post(&secret, body.as_bytes()).await.0, 202);
    }
    let refused = city.run(&["channels", "set", HOTLINE, "--told-at", "https://10.0.0.1/"]);
    assert!(!refused.status.success());
}
