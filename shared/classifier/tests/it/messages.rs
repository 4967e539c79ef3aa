//! The labels head on real messages that people labelled.

use std::path::{Path, PathBuf};

use classifier::{
    Head, Labelled, Measures, Model, Prediction, Text, Training, at_threshold,
    coverage_at_precision, cross_validate, top,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const FOLDS: usize = 5;

/// A message as the file has it.
struct Message {
    label: String,
    /// Segmented, without stop words.
    text: String,
    /// Title and body as they were typed; of some only.
    raw: Option<(String, String)>,
}

impl Message {
    fn labelled(&self) -> Labelled<'_> {
        Labelled { label: &self.label, text: Text::untitled(&self.text) }
    }

    /// A tenth is kept aside: nothing is tuned on it.
    fn is_kept_aside(&self) -> bool {
        Sha256::digest(&self.text).last().unwrap() % 10 == 0
    }
}

fn file() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::vars()
        .find(|(name, _)| name == "LIANXIN_MESSAGES")
        .map_or(default, |(_, dir)| dir.into());
    let file = folder.join("messages_labelled.jsonl");
    if file.is_file() {
        return Some(file);
    }
    println!("SKIPPED: no labelled messages at {} (set LIANXIN_MESSAGES)", file.display());
    None
}

fn messages(file: &Path) -> Vec<Message> {
    let text = std::fs::read_to_string(file).unwrap();
    let message = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let cell = |name: &str| row[name].as_str().map(str::to_owned);
        Message {
            label: cell("label").unwrap(),
            text: cell("text").unwrap(),
            raw: cell("title").zip(cell("body")),
        }
    };
    text.lines().map(message).collect()
}

fn report(name: &str, predictions: &[Prediction]) -> Measures {
    let measures = Measures::of(predictions);
    println!(
        "{name}: {} texts, accuracy {:.4}, macro-F1 {:.4}, top 3 {:.4}, ECE {:.4}, \
         coverage at 0.95 {:.3}, at 0.98 {:.3}",
        measures.texts,
        measures.accuracy,
        measures.macro_f1,
        top(predictions, 3),
        measures.ece,
        coverage_at_precision(predictions, 0.95),
        coverage_at_precision(predictions, 0.98),
    );
    measures
}

fn predict(model: &Model, label: &str, text: Text<'_>) -> Prediction {
    Prediction { truth: label.to_owned(), ranked: model.labels(&text, usize::MAX) }
}

#[test]
fn labels_of_real_messages_are_right_and_so_is_the_confidence() {
    let Some(file) = file() else { return };
    let all = messages(&file);
    let (aside, rest): (Vec<&Message>, Vec<&Message>) =
        all.iter().partition(|message| message.is_kept_aside());
    let labelled: Vec<Labelled<'_>> = rest.iter().map(|message| message.labelled()).collect();

    let predictions = cross_validate(&labelled, FOLDS, &mut |_| ());
    let measures = report("5 folds", &predictions);
    for (class, one) in &measures.classes {
        println!(
            "  {class}: precision {:.3}, recall {:.3}, F1 {:.3}, {} texts",
            one.precision, one.recall, one.f1, one.support
        );
    }

    let training = Training { labelled: &labelled, ..Training::default() };
    let model = Model::train(&training, &mut |_| ()).unwrap();
    let kept: Vec<Prediction> = aside
        .iter()
        .map(|message| predict(&model, &message.label, Text::untitled(&message.text)))
        .collect();
    report("kept aside", &kept);
    let raw = aside.iter().filter_map(|message| Some((message, message.raw.as_ref()?)));
    let raw: Vec<Prediction> = raw
        .map(|(message, (title, body))| predict(&model, &message.label, Text { title, body }))
        .collect();
    report("kept aside, as typed", &raw);
    for threshold in model.thresholds(Head::Labels) {
        let cut = at_threshold(&kept, f64::from(threshold.confidence));
        println!("  {threshold:?}; kept aside: {cut:?}");
    }

    assert!(measures.macro_f1 >= 0.92, "{}", measures.macro_f1);
    assert!(measures.ece <= 0.03, "{}", measures.ece);
}
