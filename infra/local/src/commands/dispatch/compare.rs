//! `lianxin dispatch compare`: approaches side by side, on sentences that none of them has seen.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use classifier::{
    Baseline, Entry, Labelled, Model, Prediction, Ranked, Ranker, Text, Training,
    cross_validate_items, top,
};
use domain::catalog::Catalog;
use lambda::{Asked, Dispatcher, Opinion, entries, sample_catalog, sample_model, words};
use serde_json::{Value, json};

use crate::city::sample_directory;
use crate::commands::print;

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// Sentences written by hand, as shared/domain/tests/data/sentences.csv: `text,kind,items,township,village`
    #[arg(long, value_name = "FILE")]
    sentences: Option<PathBuf>,
    /// A taxonomy of three levels, as `level1,level2,level3` after a heading
    #[arg(long, value_name = "FILE")]
    taxonomy: Option<PathBuf>,
}

/// An approach, what it was asked, and the shares it found.
type Row = (&'static str, &'static str, usize, f64, f64);

impl Compare {
    pub(super) fn run(self, json: bool) -> anyhow::Result<ExitCode> {
        let catalog = sample_catalog();
        let mut rows = held_out(&catalog);
        let mut hand = Value::Null;
        let mut lines = Vec::new();
        if let Some(file) = &self.sentences {
            let sentences = read_sentences(file)?;
            rows.extend(by_hand(&catalog, &sentences));
            let (object, said) = places_and_units(&sentences);
            hand = object;
            lines.push(said);
        }
        if let Some(file) = &self.taxonomy {
            rows.extend(levels(file)?);
        }
        let mut table = vec![format!(
            "{:<34} {:<22} {:>6} {:>7} {:>7}",
            "asked", "approach", "texts", "top 1", "top 5"
        )];
        for (asked, approach, texts, first, five) in &rows {
            table.push(format!("{asked:<34} {approach:<22} {texts:>6} {first:>7.3} {five:>7.3}"));
        }
        table.extend(lines);
        let objects: Vec<Value> = rows
            .iter()
            .map(|(asked, approach, texts, first, five)| {
                json!({ "asked": asked, "approach": approach, "texts": texts, "top1": first, "top5": five })
            })
            .collect();
        print(json, &json!({ "compared": objects, "by_hand": hand }), &table.join("\n"))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn measured(asked: &'static str, approach: &'static str, predictions: &[Prediction]) -> Row {
    (asked, approach, predictions.len(), top(predictions, 1), top(predictions, 5))
}

/// The answers of a baseline as predictions; its scores are no probabilities.
fn ranked(ranker: &Ranker, text: &Text<'_>) -> Vec<Ranked> {
    let scored = ranker.rank(text, 5).into_iter();
    scored.map(|one| Ranked { label: one.item, confidence: one.score }).collect()
}

/// The catalog's sentences, each asked of machines that have only the item's other one.
fn held_out(catalog: &Catalog) -> Vec<Row> {
    const ASKED: &str = "the catalog's sentences, held out";
    let words = words(catalog);
    let all = entries(catalog, &words);
    let mut rows =
        vec![measured(ASKED, "the items head", &cross_validate_items(&all, &[], &mut |_| ()))];
    for (baseline, name) in [(Baseline::Bm25, "BM25"), (Baseline::Cosine, "TF-IDF cosine")] {
        let halves = (0..2).flat_map(|held| half_held_out(baseline, &all, held));
        let predictions: Vec<Prediction> = halves.collect();
        rows.push(measured(ASKED, name, &predictions));
    }
    rows
}

/// The example at this place of every item, asked of a baseline that has the other one.
fn half_held_out(baseline: Baseline, all: &[Entry<'_>], held: usize) -> Vec<Prediction> {
    let kept = all.iter().map(|one| {
        let other = one.examples.get(1 - held..2 - held).unwrap_or_default();
        Entry { examples: other, ..*one }
    });
    let ranker = Ranker::new(baseline, &kept.collect::<Vec<Entry<'_>>>(), &[]);
    let asked = all.iter().filter_map(|one| Some((one.item, *one.examples.get(held)?)));
    let prediction = |(item, example): (&str, &str)| {
        let ranked = ranked(&ranker, &Text::untitled(example));
        Prediction { truth: item.to_owned(), ranked }
    };
    asked.map(prediction).collect()
}

/// A sentence written by hand, and what it should give.
struct Sentence {
    text: String,
    kind: String,
    items: Vec<String>,
    township: String,
    village: String,
}

fn read_sentences(file: &Path) -> anyhow::Result<Vec<Sentence>> {
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record.with_context(|| format!("{} is no CSV", file.display()))?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let items = cell(2).split('|').filter(|item| !item.is_empty()).map(str::to_owned).collect();
        all.push(Sentence {
            text: cell(0),
            kind: cell(1),
            items,
            township: cell(3),
            village: cell(4),
        });
    }
    Ok(all)
}

/// The clear ones, of which each has one right item.
fn by_hand(catalog: &Catalog, sentences: &[Sentence]) -> Vec<Row> {
    const ASKED: &str = "clear sentences written by hand";
    let words = words(catalog);
    let all = entries(catalog, &words);
    let clear: Vec<&Sentence> = sentences.iter().filter(|one| one.kind == "clear").collect();
    let model = sample_model();
    let asked = |answer: &dyn Fn(&Text<'_>) -> Vec<Ranked>| -> Vec<Prediction> {
        let of = |one: &&Sentence| Prediction {
            truth: one.items.first().cloned().unwrap_or_default(),
            ranked: answer(&Text::untitled(&one.text)),
        };
        clear.iter().map(of).collect()
    };
    let mut rows = vec![measured(ASKED, "the shipped model", &asked(&|text| model.items(text, 5)))];
    for (baseline, name) in [(Baseline::Bm25, "BM25"), (Baseline::Cosine, "TF-IDF cosine")] {
        let ranker = Ranker::new(baseline, &all, &[]);
        rows.push(measured(ASKED, name, &asked(&|text| ranked(&ranker, text))));
    }
    rows
}

/// What the whole machine does with each kind of sentence: how many places it finds, how many it sends on by
/// itself, and how many of those are right.
fn places_and_units(sentences: &[Sentence]) -> (Value, String) {
    let by = Dispatcher::new(sample_directory(), sample_catalog(), sample_model());
    #[derive(Default)]
    struct Count {
        all: usize,
        placed: usize,
        sent: usize,
        right: usize,
    }
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for one in sentences {
        let Opinion { place, sure, .. } = by.opinion(Asked { body: &one.text, ..Asked::default() });
        let count = counts.entry(&one.kind).or_default();
        let is = |found: Option<&str>, wanted: &str| found.unwrap_or_default() == wanted;
        let township = is(place.township.as_ref().map(domain::UnitCode::as_str), &one.township);
        let village = is(place.village.as_ref().map(domain::UnitCode::as_str), &one.village);
        count.all += 1;
        count.placed += usize::from(township && village);
        count.sent += usize::from(sure.is_some());
        let right = sure.is_some_and(|to| one.items.iter().any(|item| item == to.item.as_str()));
        count.right += usize::from(right);
    }
    let mut lines = vec![format!(
        "{:<12} {:>5} {:>12} {:>13} {:>6}",
        "by hand", "all", "place right", "sent at once", "right"
    )];
    let mut object = serde_json::Map::new();
    for (kind, Count { all, placed, sent, right }) in counts {
        lines.push(format!("{kind:<12} {all:>5} {placed:>12} {sent:>13} {right:>6}"));
        let one =
            json!({ "all": all, "place_right": placed, "sent_at_once": sent, "right": right });
        object.insert(kind.to_owned(), one);
    }
    (Value::Object(object), lines.join("\n"))
}

/// One of a leaf's names.
type Level = fn(&[String; 3]) -> &str;

/// A taxonomy's leaves, each held out: its second level, and by that its first.
fn levels(file: &Path) -> anyhow::Result<Vec<Row>> {
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut leaves: Vec<[String; 3]> = Vec::new();
    for record in reader.records() {
        let record = record.with_context(|| format!("{} is no CSV", file.display()))?;
        let cell = |at: usize| record.get(at).unwrap_or_default().trim().to_owned();
        leaves.push([cell(0), cell(1), cell(2)]);
    }
    let mut rows = Vec::new();
    let levels: [(&'static str, Level); 2] = [
        ("taxonomy leaf held out: level 1", |[first, _, _]| first),
        ("taxonomy leaf held out: level 2", |[_, second, _]| second),
    ];
    for (asked, level) in levels {
        let predictions = leaves_held_out(&leaves, level)?;
        rows.push(measured(asked, "the labels head", &predictions));
    }
    Ok(rows)
}

/// Five folds over the leaves by their text; each is asked of a machine that has the others. A leaf is known
/// by its name, and a level by its own name too.
fn leaves_held_out(leaves: &[[String; 3]], level: Level) -> anyhow::Result<Vec<Prediction>> {
    const FOLDS: usize = 5;
    let mut predictions = Vec::new();
    for at in 0..FOLDS {
        let held = |leaf: &&[String; 3]| classifier::fold(&Text::untitled(&leaf[2]), FOLDS) == at;
        let mut labelled: Vec<Labelled<'_>> = Vec::new();
        for leaf in leaves {
            let label = level(leaf);
            labelled.push(Labelled { label, text: Text::untitled(&leaf[1]) });
            if !held(&leaf) {
                labelled.push(Labelled { label, text: Text::untitled(&leaf[2]) });
            }
        }
        let training = Training { labelled: &labelled, ..Training::default() };
        let model =
            Model::train(&training, &mut |_| ()).context("the taxonomy cannot be learned")?;
        for leaf in leaves.iter().filter(held) {
            let ranked = model.labels(&Text::untitled(&leaf[2]), 5);
            predictions.push(Prediction { truth: level(leaf).to_owned(), ranked });
        }
    }
    Ok(predictions)
}
