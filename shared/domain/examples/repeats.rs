//! How quick sketches are made and compared, on one core: texts of random characters, as long as messages are.
//!
//! `cargo run --release -p domain --example repeats`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement, run by hand"
)]

use std::hint::black_box;
use std::time::Instant;

use domain::repeat::{Evidence, Seen, Sketch, place_words, propose};
use domain::{ChannelName, TicketId, Timestamp};

const KEY: [u8; 32] = [7; 32];
/// So many open tickets are compared: what a page of the search has, by thousands.
const TICKETS: u32 = 4_000;
const ROUNDS: u32 = 25;

/// Random characters: the first 2,000 of the block, by a linear congruence.
fn text(state: &mut u32, length: usize) -> String {
    let character = |_| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x4e00 + (*state >> 16) % 2000).unwrap()
    };
    (0..length).map(character).collect()
}

fn seen(order: u32, state: &mut u32) -> Seen {
    let (title, body) = (text(state, 20), text(state, 203));
    Seen {
        ticket: TicketId::derive(&ChannelName::parse("hotline").unwrap(), &order.to_string()),
        citizen: Some([u8::try_from(order % 251).unwrap(); 32]),
        received_at: Timestamp::from_millis(i64::from(order) * 60_000),
        township: None,
        village: None,
        sketch: Sketch::of(&title, &body, &place_words(&title, &body), &KEY),
    }
}

/// Seconds that `work` takes.
fn seconds(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn main() {
    let mut state = 1;
    for (what, length) in [("median", 203), ("p99", 2_329), ("longest", 6_999)] {
        let (title, body) = (text(&mut state, 20), text(&mut state, length));
        let taken = seconds(|| {
            for _ in 0..ROUNDS {
                black_box(Sketch::of(&title, &body, &place_words(&title, &body), &KEY));
            }
        });
        println!(
            "a sketch of {length} characters ({what}): {:.2} ms",
            taken * 1e3 / f64::from(ROUNDS)
        );
    }
    let tickets: Vec<Seen> = (0..TICKETS).map(|order| seen(order, &mut state)).collect();
    let bytes: Vec<_> = tickets.iter().map(|ticket| ticket.sketch.to_bytes()).collect();
    let new = seen(TICKETS, &mut state);
    let each = |taken: f64| taken * 1e9 / f64::from(TICKETS * ROUNDS);
    let reading = seconds(|| {
        for _ in 0..ROUNDS {
            bytes.iter().for_each(|bytes| {
                black_box(Sketch::from_bytes(bytes));
            });
        }
    });
    let scoring = seconds(|| {
        for _ in 0..ROUNDS {
            tickets.iter().for_each(|other| {
                black_box(Evidence::of(&new, other).score());
            });
        }
    });
    let proposing = seconds(|| {
        for _ in 0..ROUNDS {
            black_box(propose(&new, tickets.iter()));
        }
    });
    println!(
        "each of {TICKETS} tickets: read {:.0} ns, scored {:.0} ns, proposed or not {:.0} ns",
        each(reading),
        each(scoring),
        each(proposing)
    );
    let page = f64::from(TICKETS) * (each(reading) + each(proposing)) / 1e6;
    println!("a page of {TICKETS}: {page:.2} ms; {} bytes a sketch", Sketch::BYTES);
}
