//! What a full model weighs and how quick it is: the sample catalog, and labelled messages whose file (JSON
//! Lines with `label` and `text`) is named on the command line.
//!
//! `cargo run --release -p classifier --example figures -- FILE`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a measurement, run by hand"
)]

use std::time::Instant;

use classifier::{Entry, Head, Labelled, Model, Text, Training};
use serde_json::Value;

const CATALOG: &str = include_str!("../../../infra/city/catalog.csv");
const LOADS: u32 = 20;

fn main() {
    let file = std::env::args().nth(1).unwrap();
    let rows: Vec<Value> = std::fs::read_to_string(file)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let labelled: Vec<Labelled<'_>> = rows
        .iter()
        .map(|row| Labelled {
            label: row["label"].as_str().unwrap(),
            text: Text::untitled(row["text"].as_str().unwrap()),
        })
        .collect();
    let cells: Vec<Vec<&str>> =
        CATALOG.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let keywords: Vec<Vec<&str>> = cells.iter().map(|row| row[10].split('|').collect()).collect();
    let entry = |(row, keywords)| {
        let (row, keywords): (&Vec<&'static str>, &Vec<&str>) = (row, keywords);
        Entry { item: row[0], category: row[1], name: row[2], keywords, examples: &row[11..13] }
    };
    let entries: Vec<Entry<'_>> = cells.iter().zip(&keywords).map(entry).collect();

    let began = Instant::now();
    let training = Training { entries: &entries, labelled: &labelled, ..Training::default() };
    let model = Model::train(&training, &mut |_| ()).unwrap();
    println!("training: {:.1} s", began.elapsed().as_secs_f64());

    let bytes = model.to_bytes();
    let began = Instant::now();
    for _ in 0..LOADS {
        std::hint::black_box(Model::from_bytes(&bytes).unwrap());
    }
    let load_ms = began.elapsed().as_secs_f64() * 1e3 / f64::from(LOADS);
    println!("model: {} bytes; loads in {load_ms:.1} ms", bytes.len());

    let words: String =
        labelled.iter().take(40).map(|one| one.text.body.replace(' ', "")).collect();
    let long: String = words.chars().take(400).collect();
    let texts = || labelled.iter().map(|one| one.text);
    let count = f64::from(u32::try_from(labelled.len()).unwrap());
    let micros = |name: &str, answer: &dyn Fn(&Text<'_>)| {
        let began = Instant::now();
        texts().for_each(|text| answer(&text));
        let each = began.elapsed().as_secs_f64() * 1e6 / count;
        let began = Instant::now();
        (0..labelled.len()).for_each(|_| answer(&Text::untitled(&long)));
        let of_400 = began.elapsed().as_secs_f64() * 1e6 / count;
        println!("{name}: {each:.0} microseconds a message, {of_400:.0} of 400 characters");
    };
    micros("labels", &|text| drop(std::hint::black_box(model.labels(text, 3))));
    micros("items", &|text| drop(std::hint::black_box(model.items(text, 5))));
    micros("explain", &|text| {
        drop(std::hint::black_box(model.explain(text, Head::Items, "UC-001")));
    });
}
