//! A model as one file.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `LXDM` |
//! | 4 | the version of the format |
//! | 8 | the length of the whole file |
//! | 4 | the length of the header |
//! | … | the header: JSON, with what the model was trained on, all names, calibration and thresholds |
//! | … | the arrays of the items head, then of the labels head, as far as the header has them |
//! | 32 | SHA-256 of everything before |
//!
//! Numbers are little-endian. The same model gives the same bytes.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::calibration::{Calibration, Threshold};
use crate::evidence::Confidence;
use crate::index::{Cell, Index};
use crate::items::{self, ItemHead};
use crate::labels::{self, LabelHead};
use crate::linear::{Buckets, Linear, WORDS};
use crate::model::{CLASSES_MAX, DOCUMENTS_MAX, Model, TrainedOn};
use crate::names::Names;
use crate::wire::{Reader, Writer};

const MAGIC: &[u8; 4] = b"LXDM";
/// The version this code writes, and the only one it reads.
pub const FORMAT_VERSION: u32 = 1;
/// Magic, version, length of the file, length of the header.
const PREFIX_LEN: usize = 20;
const DIGEST_LEN: usize = 32;

/// Why bytes are not a model that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// It does not begin as a model does.
    #[error("this is no model: it does not begin with LXDM")]
    NotAModel,
    /// Another format than this program's.
    #[error("the model's format is {found}; this program reads {FORMAT_VERSION}")]
    OtherVersion {
        /// The version that the file has.
        found: u32,
    },
    /// Bytes are missing at the end.
    #[error("the model is cut short: {has} of {needs} bytes")]
    CutShort {
        /// Bytes that are there.
        has: u64,
        /// Bytes that there should be.
        needs: u64,
    },
    /// Bytes follow its end.
    #[error("the model is followed by {extra} bytes that are not its own")]
    TooLong {
        /// How many.
        extra: u64,
    },
    /// Its bytes are not those that were written.
    #[error("the model is damaged: its SHA-256 is another")]
    Damaged,
    /// The header cannot be read; it is whole, so another program wrote it.
    #[error("the model's header cannot be read")]
    Header,
    /// The parts do not fit together; they are whole, so another program wrote them.
    #[error("the model's parts disagree: {what}")]
    Disagree {
        /// Which part.
        what: &'static str,
    },
}

/// The JSON header. Floating-point numbers are `f32`, which JSON keeps exactly.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    trained_on: TrainedOn,
    items: Option<ItemsHeader>,
    labels: Option<LabelsHeader>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ItemsHeader {
    items: Vec<String>,
    categories: Vec<String>,
    /// Categories that have a plane: the first ones.
    planes: usize,
    documents: usize,
    trained: usize,
    lessons_from: usize,
    cells: usize,
    confidence: Confidence,
    thresholds: Vec<Threshold>,
}

#[derive(Debug, Serialize, Deserialize)]
struct LabelsHeader {
    classes: Vec<String>,
    calibration: Calibration,
    thresholds: Vec<Threshold>,
}

impl Header {
    fn of(model: &Model) -> Self {
        let items = model.items.as_ref().map(|head| ItemsHeader {
            items: head.names.items.clone(),
            categories: head.names.categories.clone(),
            planes: head.scorer.linear.steps.len(),
            documents: head.scorer.index.documents(),
            trained: head.scorer.index.trained(),
            lessons_from: head.scorer.lessons_from,
            cells: head.scorer.index.cells().len(),
            confidence: head.confidence.clone(),
            thresholds: head.thresholds.clone(),
        });
        let labels = model.labels.as_ref().map(|head| LabelsHeader {
            classes: head.classes.clone(),
            calibration: head.calibration.clone(),
            thresholds: head.thresholds.clone(),
        });
        Self { trained_on: model.trained_on.clone(), items, labels }
    }
}

fn must(holds: bool, what: &'static str) -> Result<(), ModelFault> {
    if holds { Ok(()) } else { Err(ModelFault::Disagree { what }) }
}

fn write_linear(out: &mut Writer, linear: &Linear) {
    out.u64s(linear.buckets.words());
    out.f32s(&linear.steps);
    out.f32s(&linear.biases);
    out.i8s(&linear.weights);
}

fn read_linear(read: &mut Reader<'_>, classes: usize) -> Result<Linear, ModelFault> {
    must(classes <= CLASSES_MAX, "the number of classes")?;
    let buckets = Buckets::of_words(read.u64s(WORDS, "the set of buckets")?);
    let steps = read.f32s(classes, "the steps of the planes")?;
    let biases = read.f32s(classes, "the biases of the planes")?;
    // At most 2^18 rows of a thousand classes: no overflow.
    let weights = read.i8s(buckets.len() * classes, "the weights of the planes")?;
    Ok(Linear { buckets, weights, steps, biases })
}

fn write_items(out: &mut Writer, head: &ItemHead) {
    out.u32s(head.names.category_of.iter().copied());
    out.u32s(head.scorer.item_of.iter().copied());
    out.u32s(head.scorer.index.ends().iter().copied());
    out.u32s(head.scorer.index.cells().iter().map(|cell| cell.0));
    write_linear(out, &head.scorer.linear);
}

/// Whether the cells of each document rise by bucket, and the ends rise to the number of cells.
fn are_documents(cells: &[Cell], ends: &[u32]) -> bool {
    let mut from = 0;
    let is_document = |to: &u32| {
        let own = cells.get(from..*to as usize);
        from = *to as usize;
        own.is_some_and(|own| own.is_sorted_by(|a, b| a.bucket() < b.bucket()))
    };
    ends.iter().all(is_document) && ends.last().copied().unwrap_or_default() as usize == cells.len()
}

fn read_items(read: &mut Reader<'_>, header: ItemsHeader) -> Result<ItemHead, ModelFault> {
    must(header.documents <= DOCUMENTS_MAX, "the number of documents")?;
    must(header.trained <= header.documents, "the number of documents in training")?;
    must(header.lessons_from <= header.trained, "where the lessons begin")?;
    must(header.planes <= header.categories.len(), "the number of planes")?;
    let category_of = read.u32s(header.items.len(), "the items' categories")?;
    let item_of = read.u32s(header.documents, "the documents' items")?;
    let ends = read.u32s(header.documents, "the documents' ends")?;
    let cells = read.u32s(header.cells, "the documents' grams")?;
    let cells: Vec<Cell> = cells.into_iter().map(Cell).collect();
    let below = |all: &[u32], end: usize| all.iter().all(|one| (*one as usize) < end);
    must(below(&category_of, header.categories.len()), "the items' categories")?;
    must(below(&item_of, header.items.len()), "the documents' items")?;
    must(are_documents(&cells, &ends), "the documents' grams")?;
    let linear = read_linear(read, header.planes)?;
    confident(&header.confidence)?;
    Ok(ItemHead {
        names: Names { items: header.items, category_of, categories: header.categories },
        scorer: items::Scorer {
            index: Index::of_cells(cells, ends, header.trained),
            item_of,
            lessons_from: header.lessons_from,
            linear,
        },
        confidence: header.confidence,
        thresholds: header.thresholds,
    })
}

fn write_labels(out: &mut Writer, head: &LabelHead) {
    write_linear(out, &head.scorer.linear);
    out.f32s(&head.scorer.scales);
    out.f32s(&[head.scorer.unseen]);
}

fn read_labels(read: &mut Reader<'_>, header: LabelsHeader) -> Result<LabelHead, ModelFault> {
    must(!header.classes.is_empty(), "the number of classes")?;
    must(header.classes.is_sorted_by(|a, b| a < b), "the order of the classes")?;
    let linear = read_linear(read, header.classes.len())?;
    let scales = read.f32s(linear.buckets.len(), "the scales of the grams")?;
    let unseen = read.f32s(1, "the scale of unseen grams")?.into_iter().sum();
    calibrated(&header.calibration, header.classes.len())?;
    Ok(LabelHead {
        classes: header.classes,
        scorer: labels::Scorer { linear, scales, unseen },
        calibration: header.calibration,
        thresholds: header.thresholds,
    })
}

fn confident(confidence: &Confidence) -> Result<(), ModelFault> {
    calibrated(&confidence.shares, 0)?;
    let numbers =
        confidence.judge.iter().flat_map(|judge| judge.weights.iter().chain([&judge.bias]));
    must(numbers.into_iter().all(|one| one.is_finite()), "the judge of answers")
}

fn calibrated(calibration: &Calibration, classes: usize) -> Result<(), ModelFault> {
    let are_finite = calibration.offsets.iter().all(|one| one.is_finite());
    let is_calibration = calibration.sharpness.is_finite() && are_finite;
    must(is_calibration && calibration.offsets.len() == classes, "the calibration")
}

/// The part before the arrays, and the arrays, of bytes that are whole.
fn whole(bytes: &[u8]) -> Result<(&[u8], Reader<'_>), ModelFault> {
    let has = bytes.len() as u64;
    let rest = bytes.strip_prefix(MAGIC).ok_or(ModelFault::NotAModel)?;
    let short = |needs: u64| ModelFault::CutShort { has, needs };
    let least = (PREFIX_LEN + DIGEST_LEN) as u64;
    let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(|| short(least))?;
    match u32::from_le_bytes(*version) {
        FORMAT_VERSION => {}
        found => return Err(ModelFault::OtherVersion { found }),
    }
    let (length, _) = rest.split_first_chunk::<8>().ok_or_else(|| short(least))?;
    let length = u64::from_le_bytes(*length);
    if has < length.max(least) {
        return Err(short(length.max(least)));
    }
    if has > length {
        return Err(ModelFault::TooLong { extra: has - length });
    }
    let (sealed, digest) = bytes.split_last_chunk::<DIGEST_LEN>().ok_or_else(|| short(least))?;
    if Sha256::digest(sealed).as_slice() != digest {
        return Err(ModelFault::Damaged);
    }
    let mut reader = Reader::new(sealed);
    reader.take(PREFIX_LEN - 4, "the beginning")?;
    let header = reader.u32s(1, "the length of the header")?.into_iter().sum::<u32>();
    Ok((reader.take(header as usize, "the header")?, reader))
}

fn seal(header: &[u8], arrays: &[u8]) -> Vec<u8> {
    let length = PREFIX_LEN + header.len() + arrays.len() + DIGEST_LEN;
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend((length as u64).to_le_bytes());
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend(header);
    bytes.extend(arrays);
    let digest = Sha256::digest(&bytes);
    bytes.extend(digest);
    bytes
}

impl Model {
    /// The model as one file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.items.iter().for_each(|head| write_items(&mut out, head));
        self.labels.iter().for_each(|head| write_labels(&mut out, head));
        // Strings, numbers and lists of them: there is nothing that JSON could refuse.
        let header = serde_json::to_vec(&Header::of(self)).unwrap_or_default();
        seal(&header, &out.bytes)
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`ModelFault`] says what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelFault> {
        let (header, mut reader) = whole(bytes)?;
        // What a parser says quotes what it read.
        let header: Header = serde_json::from_slice(header).ok().ok_or(ModelFault::Header)?;
        let items = header.items.map(|items| read_items(&mut reader, items)).transpose()?;
        let labels = header.labels.map(|labels| read_labels(&mut reader, labels)).transpose()?;
        reader.end()?;
        Ok(Self { trained_on: header.trained_on, items, labels })
    }
}

#[cfg(test)]
mod tests;
