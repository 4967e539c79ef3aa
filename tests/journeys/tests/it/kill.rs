//! kill -9 at random moments: what was answered with 202 is archived exactly once.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use domain::{Status, TicketId};
use lianxin_local::city::DESK;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::support::TestCity;

const MESSAGES: &str = "500";
const KILLS: usize = 10;

#[tokio::test]
async fn ten_kills_lose_nothing_and_double_nothing() {
    let city = TestCity::new();
    let receipts = city.path().join("receipts.txt");
    let receipts_arg = receipts.to_str().unwrap();
    // Printed by the harness when the test fails, so that the moments can be tried again.
    let seed = crate::support::now_s();
    println!("seed {seed}");
    let mut moments = StdRng::seed_from_u64(seed);
    let replay = ["--first", MESSAGES, "--receipts", receipts_arg, "--seed", "3"];
    let (mut killed, mut longest_ms) = (0, 2000);
    while killed < KILLS {
        let mut child =
            city.replay(&replay).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = Duration::from_millis(moments.random_range(100..longest_ms));
        tokio::time::sleep(moment).await;
        if child.try_wait().unwrap().is_some() {
            // A quick machine was done before the moment came: that was no kill.
            longest_ms = (longest_ms / 2).max(200);
            continue;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
    // Nothing is sent again: the city itself must bring home what it has answered for.
    let left = city.replay(&["--first", MESSAGES, "--seed", "3", "--staff-only"]).output().unwrap();
    assert!(left.status.success(), "{}", String::from_utf8_lossy(&left.stderr));
    every_receipt_is_archived(&city, &std::fs::read_to_string(&receipts).unwrap()).await;

    let rest = city.replay(&replay).output().unwrap();
    assert!(rest.status.success(), "{}", String::from_utf8_lossy(&rest.stderr));
    let found = city.assert_clean();
    let expected: u64 = MESSAGES.parse().unwrap();
    // Where the real messages are absent the samples are fewer.
    let all = found["tickets"].as_u64().unwrap();
    assert!(all == expected || crate::support::real_messages().is_none(), "{found}");
    assert_eq!(found["tickets"], found["archived"], "{found}");
}

async fn every_receipt_is_archived(city: &TestCity, receipts: &str) {
    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    // A kill can cut the last line of a receipt short; a whole one has two words.
    let tickets: BTreeSet<&str> = receipts
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, ticket)| ticket)
        .collect();
    assert!(!tickets.is_empty(), "no webhook was answered before a kill");
    for ticket in tickets.iter().filter(|ticket| ticket.len() == 26) {
        let stored = world.tickets.load(&TicketId::parse(ticket).unwrap()).await.unwrap();
        let stored = stored.unwrap_or_else(|| panic!("{ticket} was answered with 202 and is lost"));
        assert_eq!(stored.ticket.status(), Status::Archived, "{ticket}");
    }
    println!("{} receipts, all archived", tickets.len());
    access.close().await.unwrap();
}
