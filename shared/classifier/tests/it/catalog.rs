//! The items head on the sample city's catalog, one example of each item held out.

use classifier::{
    Baseline, Entry, Head, Lesson, Measures, Model, Prediction, Ranked, Ranker, Scored, Text,
    Training, at_threshold, coverage_at_precision, cross_validate_items, top,
};
use sha2::{Digest as _, Sha256};

const CATALOG: &str = include_str!("../../../../infra/city/catalog.csv");
const SENTENCES: &str = include_str!("../../../domain/tests/data/sentences.csv");

/// One line of the catalog.
struct Item {
    cells: Vec<&'static str>,
    keywords: Vec<&'static str>,
}

impl Item {
    fn entry(&self) -> Entry<'_> {
        Entry {
            item: self.cells[0],
            category: self.cells[1],
            name: self.cells[2],
            keywords: &self.keywords,
            examples: &self.cells[11..13],
        }
    }
}

fn items() -> Vec<Item> {
    let item = |line: &'static str| {
        let cells: Vec<&str> = line.split(',').collect();
        Item { keywords: cells[10].split('|').collect(), cells }
    };
    CATALOG.lines().skip(1).map(item).collect()
}

#[test]
fn an_example_that_was_held_out_leads_to_its_item() {
    let items = items();
    let entries: Vec<Entry<'_>> = items.iter().map(Item::entry).collect();
    let predictions = cross_validate_items(&entries, &[], &mut |_| ());
    report("an example held out", &predictions);
    for turn in predictions.chunks(items.len()) {
        report("  in one turn", turn);
        let (first, five) = (top(turn, 1), top(turn, 5));
        assert!(first >= 0.88, "{first}");
        assert!(five >= 0.97, "{five}");
        // The confidence is fitted on harder texts too: it may say too little here, never too much.
        let best = turn.iter().filter_map(|one| one.ranked.first());
        let confidence = best.map(|one| f64::from(one.confidence)).sum::<f64>();
        let confidence = confidence / items.len() as f64;
        assert!(confidence <= first, "{confidence} {first}");
        let covered = coverage_at_precision(turn, 0.95);
        assert!(covered >= 0.85, "{covered}");
    }
}

fn report(name: &str, predictions: &[Prediction]) {
    println!(
        "{name}: {} texts, top 1 {:.3}, top 5 {:.3}, ECE {:.3}, coverage at 0.90 {:.3}, \
         at 0.95 {:.3}, at 0.98 {:.3}",
        predictions.len(),
        top(predictions, 1),
        top(predictions, 5),
        Measures::of(predictions).ece,
        coverage_at_precision(predictions, 0.90),
        coverage_at_precision(predictions, 0.95),
        coverage_at_precision(predictions, 0.98),
    );
}

/// A sentence that was written by hand, and how it was answered.
struct Answered {
    kind: &'static str,
    /// By the first byte of its SHA-256. Features were chosen on the even half of the clear ones.
    is_even: bool,
    prediction: Prediction,
}

fn answered(rank: &dyn Fn(&Text<'_>) -> Vec<Ranked>) -> Vec<Answered> {
    let answer = |line: &'static str| {
        let row: Vec<&str> = line.split(',').collect();
        let ranked = rank(&Text::untitled(row[0]));
        // Any of the accepted items is right: the best of them stands for all.
        let hit = ranked.iter().find(|one| row[2].split('|').any(|item| item == one.label));
        let truth = hit.map_or(row[2], |hit| hit.label.as_str()).to_owned();
        assert!(!ranked.is_empty(), "{line}");
        let is_even = Sha256::digest(row[0]).first().unwrap() % 2 == 0;
        Answered { kind: row[1], is_even, prediction: Prediction { truth, ranked } }
    };
    SENTENCES.lines().skip(1).map(answer).collect()
}

fn of(all: &[Answered], is_meant: impl Fn(&Answered) -> bool) -> Vec<Prediction> {
    let meant = all.iter().filter(|one| is_meant(one));
    meant.map(|one| &one.prediction).cloned().collect()
}

/// Sentences that were written before the classifier, and not from the examples.
#[test]
fn sentences_written_by_hand_lead_to_their_items() {
    let items = items();
    let entries: Vec<Entry<'_>> = items.iter().map(Item::entry).collect();
    let training = Training { entries: &entries, ..Training::default() };
    let mut model = Model::train(&training, &mut |_| ()).unwrap();
    let all = answered(&|text| model.items(text, 5));
    let clear = of(&all, |one| one.kind == "clear");
    let even = of(&all, |one| one.kind == "clear" && one.is_even);
    let odd = of(&all, |one| one.kind == "clear" && !one.is_even);
    report("clear sentences", &clear);
    report("  the even half", &even);
    report("  the odd half", &odd);
    for threshold in model.thresholds(Head::Items) {
        let confidence = f64::from(threshold.confidence);
        println!("  {threshold:?}");
        let cut = |predictions: &[Prediction]| at_threshold(predictions, confidence);
        let (all_clear, even, odd) = (cut(&clear), cut(&even), cut(&odd));
        println!("    clear {all_clear:?}\n    even {even:?}\n    odd {odd:?}");
        for kind in ["ambiguous", "wrong", "not_ours"] {
            println!("    {kind} {:?}", cut(&of(&all, |one| one.kind == kind)));
        }
        // With 200 sentences a share is known to some hundredths only.
        let slack = 0.05;
        assert!(all_clear.precision >= f64::from(threshold.precision) - slack, "{all_clear:?}");
        let refused = cut(&of(&all, |one| matches!(one.kind, "ambiguous" | "wrong"))).coverage;
        assert!(refused <= 0.1, "{refused}");
    }
    let lowest = model.thresholds(Head::Items).first().unwrap();
    let answered_share = at_threshold(&clear, f64::from(lowest.confidence)).coverage;
    assert!(answered_share >= 0.4, "{answered_share}");
    let share_at_95 = model
        .thresholds(Head::Items)
        .get(1)
        .map_or(0.0, |threshold| at_threshold(&clear, f64::from(threshold.confidence)).coverage);
    assert!(share_at_95 >= 0.2, "{share_at_95}");
    assert!(top(&clear, 5) >= 0.8, "{}", top(&clear, 5));
    // What a dispatcher said of a text holds for that text, however it was judged before.
    for line in SENTENCES.lines().skip(1).step_by(10) {
        let text = Text::untitled(line.split(',').next().unwrap());
        model.learn(&Lesson { item: "UC-001", category: "市政设施", text }).unwrap();
        let ranked = model.items(&text, 5);
        let best = ranked.first().unwrap();
        assert!(best.label == "UC-001" && best.confidence > 0.95, "{line} {ranked:?}");
        let sum: f32 = ranked.iter().map(|one| one.confidence).sum();
        assert!(sum <= 1.0 + 1e-5 && ranked.is_sorted_by(|a, b| a.confidence >= b.confidence));
    }
    for baseline in [Baseline::Bm25, Baseline::Cosine] {
        let ranker = Ranker::new(baseline, &entries, &[]);
        let ranked = |scored: Scored| Ranked { label: scored.item, confidence: 0.0 };
        let all = answered(&|text| ranker.rank(text, 5).into_iter().map(ranked).collect());
        let clear = of(&all, |one| one.kind == "clear");
        println!("{baseline:?}: top 1 {:.3}, top 5 {:.3}", top(&clear, 1), top(&clear, 5));
    }
}
