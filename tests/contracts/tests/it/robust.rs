//! Whatever a channel is sent, it answers: no panic, no 5xx, nothing quoted, in bounded memory. Mutated
//! samples go through the whole function, on stores in memory: a moment here, and by itself as long as
//! asked for, an adapter a minute:
//! `ROBUST_SECONDS=60 cargo test --workspace --test contracts -- robust::grid --nocapture`.
//!
//! What fails names the seed of its round; `ROBUST_SEED` runs that round, and alone unless seconds are given.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]
#![allow(clippy::print_stdout, reason = "how many there were, and what they took, is asked for")]

mod mutation;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{MediaType, Timestamp, UploadKey};
use lambda::{Adapter as _, Constructor, Function};
use ports::{
    ChannelSecret, Clock, Cursor, Grant, Page, PortError, ReportKey, RootKey, Secrets, Upload,
    Uploads, World,
};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use simulation::{Memory, Stand as _};

use self::mutation::mutated;
use crate::support::{bytes, names};
use crate::wire::Wire;

/// Rounds when nobody asks for more.
const ROUNDS: u64 = 16;
/// Messages to one function; its stores are then made anew.
const MESSAGES: usize = 24;
/// The seed of the first round when nobody gives another.
const SEED: u64 = 12_345;
/// At no time may a message take more memory than so many bodies of the greatest length. It is what every
/// function has: 320 of 512 MiB for a mail, 8 and 32 of 256 for what is posted.
const MEMORY_TIMES: usize = 32;
const SECRET: &[u8] = b"c2VjcmV0c2VjcmV0";
/// The mail server of the samples.
const SERVER: &[u8] = b"mx.lianxin.example";
const SECONDS: u64 = 1_800_000_000;

/// The clock, the channel's secrets and the bucket of one mail: what a function is told of outside.
#[derive(Debug, Default)]
struct Outside {
    mail: Mutex<Vec<u8>>,
}

#[async_trait]
impl Clock for Outside {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(SECONDS).unwrap() * 1000)
    }

    fn wall(&self) -> Timestamp {
        self.now()
    }

    async fn pause(&self, _ms: u64) {}
}

#[async_trait]
impl Secrets for Outside {
    async fn report_key(&self) -> Result<Arc<ReportKey>, PortError> {
        Ok(Arc::new(ReportKey::from_secret(SECRET)))
    }

    async fn root_key(&self) -> Result<Arc<RootKey>, PortError> {
        Ok(Arc::new(RootKey::from_secret(SECRET)))
    }

    async fn channel(&self) -> Result<Arc<ChannelSecret>, PortError> {
        let secrets = vec![SECRET.to_vec(), SERVER.to_vec()];
        Ok(Arc::new(ChannelSecret { secrets, ..ChannelSecret::default() }))
    }
}

/// A bucket of one mail. Posted channels have nothing to ask of it but a look at a photo, which is
/// another function's.
#[async_trait]
impl Uploads for Outside {
    async fn grant(
        &self,
        _key: &UploadKey,
        _what: (MediaType, u32),
        _when: (Timestamp, u32),
    ) -> Result<Grant, PortError> {
        Err(PortError::Temporary("nobody uploads here".to_owned()))
    }

    async fn fetch(&self, _key: &UploadKey, _max: u32) -> Result<Option<Upload>, PortError> {
        Ok(None)
    }

    async fn put(&self, _: &UploadKey, _: MediaType, _: Vec<u8>) -> Result<(), PortError> {
        Ok(())
    }

    async fn list(
        &self,
        _from: Option<&Cursor>,
    ) -> Result<Page<(UploadKey, Timestamp)>, PortError> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn remove(&self, _key: &UploadKey) -> Result<(), PortError> {
        Ok(())
    }

    async fn mail(&self, _key: &str, max: usize) -> Result<Option<Option<Vec<u8>>>, PortError> {
        let mail = self.mail.lock().unwrap().clone();
        Ok(Some((mail.len() <= max).then_some(mail)))
    }

    async fn remove_mail(&self, _key: &str) -> Result<(), PortError> {
        Ok(())
    }
}

/// Makes the event that brings a body.
type Event = Box<dyn Fn(&Outside, Vec<u8>) -> Value>;

/// One channel under test.
struct Tried {
    name: &'static str,
    make: Constructor,
    /// The longest body, in bytes.
    max: usize,
    samples: Vec<Vec<u8>>,
    event: Event,
    /// What is wrong with an answer, if anything is.
    fault: fn(&Value) -> Option<String>,
}

/// What the tries of a channel came to.
#[derive(Default)]
struct Seen {
    messages: usize,
    bytes_max: u64,
    answers: BTreeMap<u64, usize>,
}

impl Tried {
    /// So many mutated samples to a function with empty stores.
    fn round(&self, seed: u64, seen: &mut Seen) {
        let mut rng = StdRng::seed_from_u64(seed);
        let bodies = (0..MESSAGES).map(|_| {
            let sample = &self.samples[rng.random_range(0..self.samples.len())];
            let other = &self.samples[rng.random_range(0..self.samples.len())];
            mutated(&mut rng, sample, other, self.max)
        });
        self.answer_all(bodies, seen);
    }

    fn answer_all(&self, bodies: impl Iterator<Item = Vec<u8>>, seen: &mut Seen) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outside = Arc::new(Outside::default());
        let world = World {
            clock: Arc::<Outside>::clone(&outside),
            secrets: Arc::<Outside>::clone(&outside),
            uploads: Arc::<Outside>::clone(&outside),
            ..Memory::new(30_000, 50).world().clone()
        };
        let function: Arc<dyn Function> = (self.make)(world);
        for body in bodies {
            let event = (self.event)(&outside, body);
            let mut answer = None;
            let taken = allocation_counter::measure(|| {
                answer = Some(runtime.block_on(function.invoke(event)));
            });
            let answer = answer.unwrap().unwrap();
            assert_eq!((self.fault)(&answer), None);
            assert!(!answer.to_string().contains("样例"), "quoted: {answer}");
            let most = (self.max * MEMORY_TIMES) as u64;
            assert!(taken.bytes_max <= most, "{} bytes of memory, {most} allowed", taken.bytes_max);
            seen.messages += 1;
            seen.bytes_max = seen.bytes_max.max(taken.bytes_max);
            *seen.answers.entry(answer["statusCode"].as_u64().unwrap_or_default()).or_default() +=
                1;
        }
    }

    fn hold(&self) {
        let number = |name| std::env::var_os(name).and_then(|text| text.to_str()?.parse().ok());
        let limit = number("ROBUST_SECONDS").map(Duration::from_secs);
        let (begun, mut seen) = (Instant::now(), Seen::default());
        for seed in number("ROBUST_SEED").unwrap_or(SEED).. {
            let more = seed < SEED + ROUNDS;
            if !limit.map_or(more, |limit| begun.elapsed() < limit) && seen.messages > 0 {
                break;
            }
            let held = catch_unwind(AssertUnwindSafe(|| self.round(seed, &mut seen)));
            let name = self.name.replace('-', "_");
            assert!(
                held.is_ok(),
                "{name} did not hold: ROBUST_SEED={seed} cargo test --workspace --test contracts -- robust::{name}"
            );
        }
        let each = seen.messages as f64 / begun.elapsed().as_secs_f64();
        let (name, most) = (self.name, seen.bytes_max / 1024);
        println!(
            "{name}: {} messages, {each:.0} a second, at most {most} KiB of memory each, a body has {} KiB; {:?}",
            seen.messages,
            self.max / 1024,
            seen.answers,
        );
    }
}

fn samples(name: &str) -> Vec<Vec<u8>> {
    let folder = format!("events/channels/{name}/samples");
    let mut samples = names(&folder);
    samples.retain(|name| !name.ends_with(".expected.json"));
    samples.iter().map(|name| bytes(&format!("{folder}/{name}"))).collect()
}

/// A channel that is posted to: every body is proven, whatever it holds.
fn posted(name: &'static str, make: Constructor) {
    let wire = Wire::of(name);
    let event = move |_outside: &Outside, body: Vec<u8>| {
        let headers: BTreeMap<_, _> = (wire.prove)(SECRET, SECONDS, &body).into_iter().collect();
        let path = format!("/channels/{name}");
        let http = json!({ "method": "POST", "path": path });
        json!({
            "version": "2.0", "rawPath": path, "headers": headers,
            "requestContext": { "http": http },
            "body": STANDARD.encode(body), "isBase64Encoded": true,
        })
    };
    let fault = |answer: &Value| match answer["statusCode"].as_u64() {
        Some(200..500) => None,
        _ => Some(answer.to_string()),
    };
    let max = (wire.adapter)().body_bytes_max();
    let (samples, event) = (samples(name), Box::new(event));
    Tried { name, make, max, samples, event, fault }.hold();
}

#[test]
fn hotline_12345() {
    posted("hotline-12345", channel_hotline_12345::function);
}

#[test]
fn gaoxiaoban() {
    posted("gaoxiaoban", channel_gaoxiaoban::function);
}

#[test]
fn leader_board() {
    posted("leader-board", channel_leader_board::function);
}

#[test]
fn state_council() {
    posted("state-council", channel_state_council::function);
}

#[test]
fn mediation() {
    posted("mediation", channel_mediation::function);
}

#[test]
fn cyberspace() {
    posted("cyberspace", channel_cyberspace::function);
}

#[test]
fn media_help() {
    posted("media-help", channel_media_help::function);
}

#[test]
fn street_whistle() {
    posted("street-whistle", channel_street_whistle::function);
}

#[test]
fn grid() {
    posted("grid", channel_grid::function);
}

/// Of a mail there is no answer: that its message is settled for good is what a 4xx is.
fn mails() -> Tried {
    let event = |outside: &Outside, mail: Vec<u8>| {
        *outside.mail.lock().unwrap() = mail;
        let body = json!({ "Records": [{ "s3": { "object": { "key": "m/1" } } }] }).to_string();
        json!({ "Records": [{ "messageId": "1", "body": body }] })
    };
    let fault = |answer: &Value| {
        (*answer != json!({ "batchItemFailures": [] })).then(|| answer.to_string())
    };
    let (name, make) = ("mayor-mailbox", channel_mayor_mailbox::function as Constructor);
    let max = channel_mayor_mailbox::MayorMailbox.body_bytes_max();
    let (samples, event) = (samples(name), Box::new(event));
    Tried { name, make, max, samples, event, fault }
}

#[test]
fn mayor_mailbox() {
    mails().hold();
}

/// Whoever can send a mail can send ten megabytes of the shortest header, part, address, parameter, or
/// mail within a mail: each would become a value, and the last a tree.
#[test]
fn mayor_mailbox_of_nothing_but_structure() {
    let mails = mails();
    let proven = "Authentication-Results: mx.lianxin.example; dkim=pass; spf=pass\r\nFrom: a@example.org\r\n";
    let parts = format!("{proven}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n");
    let digest = format!("{proven}Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n");
    let bodies = [
        (proven, "a:\r\n"),
        (&format!("{proven}To: a"), ",a"),
        (&format!("{proven}Content-Type: text/plain"), ";a=b"),
        (&parts, "a:\r\n"),
        (&parts, "--b\r\n\r\n"),
        (&parts, "\n\n--b"),
        (&format!("{parts}From: a"), ",a"),
        (&format!("{parts}Content-Type: text/plain"), ";a=b"),
        (proven, "Content-Type:message/rfc822\n\n"),
        (proven, "Content-Type:\"message\"(a)\t/rfc822\n\n"),
        (&digest, "Content-Type:message/global\n\n"),
        (&format!("{proven}\r\n"), "<a>"),
        (&format!("{proven}\r\nmessage/"), "rfc822"),
        (&format!("{proven}Content-Type: text/html\r\n\r\n"), "<a>&lt;"),
    ];
    let bodies = bodies.map(|(head, one)| {
        let times = (mails.max - head.len()) / one.len();
        [head, &one.repeat(times)].concat().into_bytes()
    });
    for body in bodies {
        mails.answer_all(std::iter::once(body), &mut Seen::default());
    }
}

#[test]
fn every_channel_is_tried() {
    let this = crate::support::text("tests/contracts/tests/it/robust.rs");
    for channel in names("functions").iter().filter_map(|name| name.strip_prefix("channel-")) {
        let test = format!("#[test]\nfn {}() {{", channel.replace('-', "_"));
        assert!(this.contains(&test), "tests/contracts/tests/it/robust.rs does not try {channel}");
    }
}
