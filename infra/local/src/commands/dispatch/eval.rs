//! `lianxin dispatch eval`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use classifier::{
    Head, Labelled, Measures, Model, Prediction, Ranked, Text, Training, coverage_at_precision,
    fold, top,
};
use serde_json::{Value, json};

use super::rows::{self, Row};
use crate::commands::{print, say};

/// So many answers are kept of each text.
const ANSWERS: usize = 5;
/// A model is loaded so often to say how long that takes.
const LOADS: u32 = 20;

#[derive(Debug, Args)]
pub(super) struct Eval {
    /// Labelled texts, as of `train`; labels that are items of the model's catalog are measured as items
    #[arg(long, value_name = "FILE")]
    labelled: PathBuf,
    /// The model to measure
    #[arg(long, value_name = "MODEL", required_unless_present = "folds")]
    model: Option<PathBuf>,
    /// Train and measure in turn instead: so many folds, by a hash of the text, so that repeats stay
    /// together
    #[arg(long, value_name = "K", conflicts_with = "model", value_parser = clap::value_parser!(u64).range(2..=20))]
    folds: Option<u64>,
    /// Measure title and body as they were typed, of the lines that have them
    #[arg(long)]
    raw: bool,
    /// Write each text's label, answers and confidences as JSON Lines; never the text
    #[arg(long, value_name = "OUT.jsonl")]
    predictions: Option<PathBuf>,
}

/// What was answered, and how quickly.
struct Answered {
    predictions: Vec<Prediction>,
    micros: f64,
    load_ms: f64,
    bytes: usize,
}

impl Eval {
    pub(super) fn run(self, json: bool) -> anyhow::Result<ExitCode> {
        let rows = rows::read(&self.labelled)?;
        let all: Vec<&Row> = rows.iter().collect();
        let asked = all.iter().copied().filter(|row| self.asked(row).is_some());
        let asked: Vec<&Row> = asked.collect();
        anyhow::ensure!(!asked.is_empty(), "no line has a title and a body as they were typed");
        let answered = match (&self.model, self.folds) {
            (Some(file), _) => self.by_model(file, &asked)?,
            (None, folds) => self.in_folds(folds.unwrap_or(5), &all)?,
        };
        if let Some(out) = &self.predictions {
            write(out, &answered.predictions)?;
        }
        told(&answered, json)
    }

    fn asked<'a>(&self, row: &'a Row) -> Option<Text<'a>> {
        if self.raw { row.typed() } else { Some(row.prepared()) }
    }

    fn by_model(&self, file: &std::path::Path, rows: &[&Row]) -> anyhow::Result<Answered> {
        let model = super::model(file)?;
        let bytes = model.to_bytes();
        let began = Instant::now();
        for _ in 0..LOADS {
            std::hint::black_box(Model::from_bytes(&bytes)?);
        }
        let load_ms = began.elapsed().as_secs_f64() * 1e3 / f64::from(LOADS);
        let head = head_of(&model, rows)?;
        let (predictions, micros) = self.answers(&model, head, rows);
        Ok(Answered { predictions, micros, load_ms, bytes: bytes.len() })
    }

    fn answers(&self, model: &Model, head: Head, rows: &[&Row]) -> (Vec<Prediction>, f64) {
        let answer = |text: &Text<'_>| match head {
            Head::Items => model.items(text, ANSWERS),
            Head::Labels => model.labels(text, ANSWERS),
        };
        let asked: Vec<(&str, Text<'_>)> =
            rows.iter().filter_map(|row| Some((row.label.as_str(), self.asked(row)?))).collect();
        let began = Instant::now();
        let prediction = |(truth, text): &(&str, Text<'_>)| Prediction {
            truth: (*truth).to_owned(),
            ranked: answer(text),
        };
        let predictions: Vec<Prediction> = asked.iter().map(prediction).collect();
        let micros = began.elapsed().as_secs_f64() * 1e6 / asked.len().max(1) as f64;
        (predictions, micros)
    }

    /// A text is measured by a model that has seen it in none of its forms.
    fn in_folds(&self, folds: u64, rows: &[&Row]) -> anyhow::Result<Answered> {
        let count = usize::try_from(folds)?;
        let mut all = Answered { predictions: Vec::new(), micros: 0.0, load_ms: 0.0, bytes: 0 };
        for at in 0..count {
            let (held, others): (Vec<&Row>, Vec<&Row>) =
                rows.iter().copied().partition(|row| fold(&row.prepared(), count) == at);
            let labelled: Vec<Labelled<'_>> = others.iter().flat_map(|row| row.lessons()).collect();
            let training = Training { labelled: &labelled, ..Training::default() };
            let model = Model::train(&training, &mut |_| ()).context("a fold cannot be trained")?;
            let (predictions, micros) = self.answers(&model, Head::Labels, &held);
            all.micros += micros / count as f64;
            all.bytes = model.to_bytes().len();
            say(&format!("fold {} of {count}: {:.4}", at + 1, Measures::of(&predictions).macro_f1));
            all.predictions.extend(predictions);
        }
        Ok(all)
    }
}

/// Which head the labels are of.
fn head_of(model: &Model, rows: &[&Row]) -> anyhow::Result<Head> {
    let labels: BTreeSet<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    let known = |head| labels.iter().all(|label| model.knows(head, label));
    if known(Head::Labels) {
        return Ok(Head::Labels);
    }
    anyhow::ensure!(
        known(Head::Items),
        "the model knows neither as labels nor as items all of: {}",
        labels.into_iter().take(10).collect::<Vec<_>>().join(", ")
    );
    Ok(Head::Items)
}

fn write(out: &std::path::Path, predictions: &[Prediction]) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", out.display());
    let mut file = std::io::BufWriter::new(std::fs::File::create(out).with_context(cannot)?);
    for one in predictions {
        let answers: Vec<Value> = one
            .ranked
            .iter()
            .map(|Ranked { label, confidence }| json!({ "label": label, "confidence": confidence }))
            .collect();
        let line = json!({ "label": one.truth, "answers": answers });
        writeln!(file, "{line}").with_context(cannot)?;
    }
    file.flush().with_context(cannot)
}

fn told(answered: &Answered, json: bool) -> anyhow::Result<ExitCode> {
    let Answered { predictions, micros, load_ms, bytes } = answered;
    let measures = Measures::of(predictions);
    let coverage = |precision| coverage_at_precision(predictions, precision);
    let round = |number: f64| (number * 1e4).round() / 1e4;
    let classes: serde_json::Map<String, Value> = measures
        .classes
        .iter()
        .map(|(name, of)| {
            let one = json!({
                "precision": round(of.precision), "recall": round(of.recall), "f1": round(of.f1),
                "support": of.support,
            });
            (name.clone(), one)
        })
        .collect();
    let object = json!({
        "texts": measures.texts,
        "accuracy": round(measures.accuracy),
        "macro_f1": round(measures.macro_f1),
        "top3": round(top(predictions, 3)),
        "top5": round(top(predictions, 5)),
        "ece": round(measures.ece),
        "coverage_at_precision": { "0.95": round(coverage(0.95)), "0.98": round(coverage(0.98)) },
        "micros_per_message": (micros * 10.0).round() / 10.0,
        "load_ms": round(*load_ms),
        "model_bytes": bytes,
        "classes": classes,
    });
    let mut lines = vec![
        format!("{} texts", measures.texts),
        format!(
            "accuracy {:.4}, macro-F1 {:.4}, top 3 {:.4}",
            measures.accuracy,
            measures.macro_f1,
            top(predictions, 3)
        ),
        format!("expected calibration error {:.4}", measures.ece),
        format!(
            "answered at 95 % precision: {:.1} %; at 98 %: {:.1} %",
            coverage(0.95) * 100.0,
            coverage(0.98) * 100.0
        ),
        format!("{micros:.0} µs a message; {bytes} bytes; loads in {load_ms:.1} ms"),
    ];
    if measures.classes.len() <= 40 {
        lines.push("precision recall     F1 support".to_owned());
        for (name, of) in &measures.classes {
            let (precision, recall, f1) = (of.precision, of.recall, of.f1);
            lines
                .push(format!("{precision:>9.3} {recall:>6.3} {f1:>6.3} {:>7} {name}", of.support));
        }
    }
    print(json, &object, &lines.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}
