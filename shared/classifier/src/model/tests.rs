//! What a model answers, learns and explains.

use super::*;
use crate::samples::{ENTRIES, labelled, small_model, text};

fn best(ranked: &[Ranked]) -> &str {
    ranked.first().map(|one| one.label.as_str()).unwrap_or_default()
}

fn train(training: &Training<'_>) -> Result<Model, TrainFault> {
    Model::train(training, &mut |_| ())
}

#[test]
fn texts_lead_to_their_items_and_labels() {
    let model = small_model();
    assert_eq!(best(&model.items(&text("路灯又不亮了"), 5)), "AA-001");
    assert_eq!(best(&model.items(&text("搅拌站整夜轰鸣"), 5)), "BB-001");
    let labels = model.labels(&text("公交车不来"), 5);
    assert_eq!((best(&labels), labels.len()), ("交通", 2));
    let sum: f32 = labels.iter().map(|one| one.confidence).sum();
    assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    assert_eq!(model.items(&text("路灯"), 2).len(), 2);
    assert_eq!((model.trained_on().entries, model.trained_on().lessons), (3, 1));
}

#[test]
fn odd_texts_are_answered_without_fuss() {
    let model = small_model();
    for body in ["", " \n\u{3000}", "😀", "灯", "\u{10FFFF}", "<script>", "ﷺ"] {
        for head in [Head::Items, Head::Labels] {
            assert!(model.explain(&text(body), head, "AA-001").len() <= 6);
        }
        assert!(model.labels(&text(body), 9).len() <= 2);
        assert!(model.items(&text(body), 9).len() <= 3);
    }
    assert!(model.labels(&text(""), 9).is_empty() && model.items(&text("😀"), 9).is_empty());
    let endless = "路灯不亮".repeat(50_000);
    assert_eq!(best(&model.items(&text(&endless), 1)), "AA-001");
}

#[test]
fn a_lesson_takes_effect_at_once() {
    let mut model = small_model();
    let words = text("小区门口路灯不亮，其实是变压器烧了");
    assert_eq!(best(&model.items(&words, 1)), "AA-001");
    let lesson = Lesson { item: "CC-001", category: "电力", text: words };
    model.learn(&lesson).unwrap();
    let ranked = model.items(&words, 1);
    assert_eq!(best(&ranked), "CC-001");
    assert!(ranked[0].confidence > 0.9, "{ranked:?}");
    assert_eq!(model.trained_on().lessons, 2);
    // What was said last counts.
    model.learn(&Lesson { item: "BB-001", category: "环境", text: words }).unwrap();
    assert_eq!(best(&model.items(&words, 1)), "BB-001");
    assert_eq!(best(&model.items(&text("窨井没有盖"), 1)), "AA-002");
}

#[test]
fn a_lesson_that_is_none_is_refused() {
    let mut model = small_model();
    let lesson = Lesson { item: "AA-001", category: "市政", text: text("\u{3000}") };
    assert_eq!(model.learn(&lesson), Err(LearnFault::Empty));
    let unnamed = Lesson { item: "", text: text("路灯"), ..lesson };
    assert_eq!(model.learn(&unnamed), Err(LearnFault::Unnamed));
    assert_eq!(model, small_model());
}

#[test]
fn a_model_of_labels_alone_can_learn_items() {
    let labelled = labelled();
    let mut model = train(&Training { labelled: &labelled, ..Training::default() }).unwrap();
    assert!(!model.has(Head::Items) && model.items(&text("路灯"), 1).is_empty());
    model.learn(&Lesson { item: "A", category: "B", text: text("路灯不亮") }).unwrap();
    assert_eq!(best(&model.items(&text("路灯"), 1)), "A");
}

#[test]
fn one_class_alone_is_certain() {
    let labelled = [Labelled { label: "一", text: text("路灯不亮") }];
    let model = train(&Training { labelled: &labelled, ..Training::default() }).unwrap();
    assert_eq!(model.labels(&text("水"), 3)[0].confidence, 1.0);
}

#[test]
fn reasons_are_pieces_of_the_text() {
    let model = small_model();
    let words = Text {
        title: "紧急！ 求 助",
        body: "我们村的ＬＥＤ路灯不亮，黑灯瞎火的，公交车也不来",
    };
    for (head, label) in [(Head::Items, "AA-001"), (Head::Labels, "交通")] {
        let reasons = model.explain(&words, head, label);
        assert!((1..=6).contains(&reasons.len()), "{reasons:?}");
        for reason in &reasons {
            assert!(words.title.contains(&reason.words) || words.body.contains(&reason.words));
            assert!((2..=12).contains(&reason.words.chars().count()), "{reason:?}");
            assert!(reason.weight > 0.0 && reason.weight <= 1.0, "{reason:?}");
        }
        assert!(reasons.is_sorted_by(|a, b| a.weight >= b.weight));
    }
    let reasons = model.explain(&words, Head::Items, "AA-001");
    assert!(reasons.iter().any(|reason| reason.words.contains("路灯")), "{reasons:?}");
    assert!(model.explain(&words, Head::Items, "ZZ-999").is_empty());
}

#[test]
fn a_training_with_faults_says_which() {
    assert_eq!(train(&Training::default()), Err(TrainFault::Nothing));
    let twice = [ENTRIES[0], ENTRIES[0]];
    let contradicted = TrainFault::Contradicted { item: "AA-001".to_owned() };
    let fault = train(&Training { entries: &twice, ..Training::default() }).unwrap_err();
    assert_eq!(fault, contradicted);
    let lessons = [Lesson { item: "AA-001", category: "环境", text: text("路灯") }];
    let training = Training { entries: &ENTRIES, lessons: &lessons, ..Training::default() };
    assert_eq!(train(&training), Err(contradicted));
    let labelled = [Labelled { label: "", text: text("路灯") }];
    let fault = train(&Training { labelled: &labelled, ..Training::default() }).unwrap_err();
    assert_eq!(fault, TrainFault::Unnamed { of: "labelled texts", row: 0 });
}

#[test]
fn progress_rises_to_its_end() {
    let mut all = Vec::new();
    let labelled = labelled();
    let training = Training { entries: &ENTRIES, labelled: &labelled, ..Training::default() };
    Model::train(&training, &mut |progress| all.push(progress)).unwrap();
    for head in [Head::Items, Head::Labels] {
        let own: Vec<&Progress> = all.iter().filter(|one| one.head == head).collect();
        assert!(own.is_sorted_by(|a, b| a.done < b.done), "{own:?}");
        assert!(own.last().is_some_and(|last| last.done == last.of), "{own:?}");
    }
}
