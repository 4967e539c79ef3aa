//! From a citizen's text to ranked items or labels, with a confidence that means what it says and the words
//! that spoke.
//!
//! Pure: no I/O, no clock, no randomness but from a fixed seed. Linear models on hashed runs of characters:
//! small enough to travel with a function, quick enough to answer while a request comes in, and plain
//! enough to say why.

mod baseline;
mod calibration;
mod evidence;
mod explain;
mod features;
mod file;
mod held_out;
mod index;
mod items;
mod labels;
mod linear;
mod measures;
mod model;
mod names;
#[cfg(test)]
mod samples;
mod svm;
mod wire;

pub use baseline::{Baseline, Ranker, Scored};
pub use calibration::{TARGET_PRECISIONS, Threshold};
pub use explain::REASONS_MAX;
pub use features::{STAND_IN_TITLE_CHARS, TEXT_CHARS_MAX, Text, fold};
pub use file::{FORMAT_VERSION, ModelFault};
pub use items::ITEMS_RANKED_MAX;
pub use measures::{
    ClassMeasure, Cut, Measures, Prediction, at_threshold, coverage_at_precision, cross_validate,
    cross_validate_items, top,
};
pub use model::{
    CLASSES_MAX, DOCUMENTS_MAX, Entry, Head, Labelled, LearnFault, Lesson, Model, Progress, Ranked,
    Reason, TrainFault, TrainedOn, Training,
};
