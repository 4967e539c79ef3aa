//! Whatever a channel is sent, it answers: no panic, no 5xx, nothing quoted. Mutated samples, for a
//! moment here and as long as `ROBUST_SECONDS` says:
//! `ROBUST_SECONDS=60 cargo test --workspace --test contracts -- robust`, a minute an adapter.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use contracts::Problem;
use domain::Timestamp;
use lambda::http::Request;
use lambda::{Adapter, Unverified, Verified};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::support::{bytes, names};
use crate::wire::WIRES;

/// Tries of each sample when nobody asks for more.
const TRIES: usize = 40;
const SECRET: &[u8] = b"c2VjcmV0c2VjcmV0";
/// The mail server of the samples.
const SERVER: &[u8] = b"mx.lianxin.example";
const SECONDS: u64 = 1_800_000_000;
/// What parsers stumble over.
const MORSELS: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\n",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"[[[[[[[[",
    b"]]>",
    b"<![CDATA[",
    b"<!DOCTYPE a>",
    b"&#0;",
    b"&a;",
    b"--lianxin-sample",
    b"null",
    b"1e999",
    b"-0",
    b"=?gb18030?B?",
    b"=?x?Q?=FF?=",
    b"Content-Type: multipart/mixed; boundary=\"\"",
    b"\xe2\x80\xae",
    "样例民甲".as_bytes(),
];

/// One to four changes: cut, doubled, replaced, or with a morsel in it.
fn mutated(rng: &mut StdRng, sample: &[u8], other: &[u8]) -> Vec<u8> {
    let mut body = sample.to_vec();
    for _ in 0..rng.random_range(1..=4) {
        let at = rng.random_range(0..=body.len());
        let to = rng.random_range(at..=body.len().min(at + 200));
        match rng.random_range(0..6) {
            0 => drop(body.drain(at..to)),
            1 => drop(body.splice(at..at, body[at..to].to_vec())),
            2 => body.truncate(at.max(1)),
            3 if !body.is_empty() => {
                let at = at.min(body.len() - 1);
                body[at] = rng.random();
            }
            4 => {
                let from = rng.random_range(0..=other.len());
                let until = rng.random_range(from..=other.len().min(from + 300));
                drop(body.splice(at..to, other[from..until].to_vec()));
            }
            _ => {
                let morsel = MORSELS[rng.random_range(0..MORSELS.len())];
                drop(body.splice(at..at, morsel.to_vec()));
            }
        }
    }
    body
}

/// What an adapter makes of a proven body: every problem is the caller's, and quotes nothing.
fn assert_holds(adapter: &dyn Adapter, headers: BTreeMap<String, String>, body: &[u8]) {
    let request = Request { path: String::new(), headers, body: body.to_vec() };
    let wall = Timestamp::from_millis(i64::try_from(SECONDS).unwrap() * 1000);
    let proven =
        Unverified::new(request, wall).verify(adapter, &[SECRET.to_vec(), SERVER.to_vec()]);
    let problems = match proven {
        Ok(request) => refused(adapter, &request),
        Err(problem) => vec![problem],
    };
    for problem in problems {
        let told = format!("{problem:?}");
        assert!((400..500).contains(&problem.status), "{told}");
        assert!(!told.contains("样例"), "{}: {told}", adapter.name());
    }
}

/// The problems with a proven body, once what is kept of it was asked for.
fn refused(adapter: &dyn Adapter, request: &Verified) -> Vec<Problem> {
    match adapter.translate(request) {
        Ok(messages) => {
            let refused = messages.into_iter().enumerate();
            let refused = refused.filter_map(|(item, message)| Some((item, message.err()?)));
            refused
                .inspect(|(item, _)| drop(adapter.unread(request, Some(*item))))
                .map(|(_, problem)| problem)
                .collect()
        }
        Err(problem) => {
            drop(adapter.unread(request, None));
            vec![problem]
        }
    }
}

fn try_all(name: &str, adapter: &dyn Adapter, headers: impl Fn(&[u8]) -> BTreeMap<String, String>) {
    let folder = format!("events/channels/{name}/samples");
    let mut samples = names(&folder);
    samples.retain(|name| !name.ends_with(".expected.json"));
    let samples: Vec<Vec<u8>> =
        samples.iter().map(|name| bytes(&format!("{folder}/{name}"))).collect();
    let seconds = std::env::var_os("ROBUST_SECONDS").and_then(|text| text.to_str()?.parse().ok());
    let (begun, limit) = (Instant::now(), seconds.map(Duration::from_secs));
    let mut rng = StdRng::seed_from_u64(12_345);
    let mut tries = 0;
    while limit.map_or(tries < TRIES * samples.len(), |limit| begun.elapsed() < limit) {
        let sample = &samples[tries % samples.len()];
        let other = &samples[rng.random_range(0..samples.len())];
        let body = mutated(&mut rng, sample, other);
        assert_holds(adapter, headers(&body), &body);
        tries += 1;
    }
}

#[test]
fn no_mutated_post_makes_a_panic_a_5xx_or_a_quotation() {
    for wire in WIRES {
        try_all(wire.name, &*(wire.adapter)(), |body| {
            let headers = (wire.prove)(SECRET, SECONDS, body).into_iter();
            headers.map(|(name, value)| (name.to_owned(), value)).collect()
        });
    }
}

#[test]
fn no_mutated_mail_makes_a_panic_a_5xx_or_a_quotation() {
    try_all("mayor-mailbox", &channel_mayor_mailbox::MayorMailbox, |_body| BTreeMap::new());
}
