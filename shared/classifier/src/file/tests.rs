//! Whole files come back; nothing else does.

use proptest::prelude::*;

use super::*;
use crate::samples::{small_model, text, train_small};
use crate::{Head, Lesson};

#[test]
fn a_model_comes_back_as_it_was() {
    let mut model = small_model();
    let bytes = model.to_bytes();
    assert_eq!(bytes, train_small().to_bytes(), "the same training, other bytes");
    assert_eq!(Model::from_bytes(&bytes).unwrap(), model);

    let lesson = Lesson { item: "ZZ-001", category: "新类", text: text("湖里漂着死鱼") };
    model.learn(&lesson).unwrap();
    let back = Model::from_bytes(&model.to_bytes()).unwrap();
    assert_eq!(back.to_bytes(), model.to_bytes());
    let query = text("湖里又漂着死鱼了");
    assert_eq!(back.items(&query, 9), model.items(&query, 9));
    assert_eq!(back.explain(&query, Head::Items, "ZZ-001")[0].words, "漂着死鱼");
}

#[test]
fn a_model_without_one_head_comes_back_too() {
    for (items, labels) in [(true, false), (false, true)] {
        let mut model = small_model();
        model.items = model.items.filter(|_| items);
        model.labels = model.labels.filter(|_| labels);
        assert_eq!(Model::from_bytes(&model.to_bytes()).unwrap(), model);
    }
}

#[test]
fn each_fault_is_named() {
    let bytes = small_model().to_bytes();
    let fault = |bytes: &[u8]| Model::from_bytes(bytes).unwrap_err();
    let len = bytes.len() as u64;
    assert_eq!(fault(b""), ModelFault::NotAModel);
    assert_eq!(fault(b"PK\x03\x04 and more"), ModelFault::NotAModel);
    assert_eq!(fault(b"LXDM\x01\0\0\0"), ModelFault::CutShort { has: 8, needs: 52 });
    assert_eq!(fault(b"LXDM\x02\0\0\0"), ModelFault::OtherVersion { found: 2 });
    let cut = ModelFault::CutShort { has: len - 1, needs: len };
    assert_eq!(fault(&bytes[..bytes.len() - 1]), cut);
    assert_eq!(fault(&[&bytes[..], b"!"].concat()), ModelFault::TooLong { extra: 1 });
    assert_eq!(fault(&seal(b"{}", b"")), ModelFault::Header);
}

#[test]
fn any_flipped_byte_is_refused() {
    let bytes = small_model().to_bytes();
    // Every one of the beginning, the header and the end, and many between.
    let ends = (0..600).chain(bytes.len() - 64..bytes.len());
    for at in ends.chain((600..bytes.len()).step_by(4_999)) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        assert!(Model::from_bytes(&flipped).is_err(), "byte {at}");
    }
}

#[test]
fn parts_that_disagree_are_refused_though_the_seal_is_right() {
    let model = small_model();
    let mut out = Writer::default();
    write_items(&mut out, model.items.as_ref().unwrap());
    write_labels(&mut out, model.labels.as_ref().unwrap());
    let disagrees = |change: &dyn Fn(&mut Header)| {
        let mut header = Header::of(&model);
        change(&mut header);
        let sealed = seal(&serde_json::to_vec(&header).unwrap(), &out.bytes);
        match Model::from_bytes(&sealed) {
            Err(ModelFault::Disagree { what }) => what,
            other => panic!("{other:?}"),
        }
    };
    let items = |header: &mut Header, change: &dyn Fn(&mut ItemsHeader)| {
        change(header.items.as_mut().unwrap());
    };
    let with_items = |change: &dyn Fn(&mut ItemsHeader)| disagrees(&|header| items(header, change));
    assert_eq!(with_items(&|it| it.cells = usize::MAX), "the documents' grams");
    assert_eq!(with_items(&|it| it.documents = usize::MAX), "the number of documents");
    assert_eq!(with_items(&|it| it.trained += 1), "the number of documents in training");
    assert_eq!(with_items(&|it| it.planes += 1), "the number of planes");
    assert_eq!(with_items(&|it| it.items.truncate(1)), "the documents' items");
    assert_eq!(with_items(&|it| it.confidence.shares.offsets.push(0.0)), "the calibration");
    let no_labels = disagrees(&|header| header.labels = None);
    assert_eq!(no_labels, "what follows the last array");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Model::from_bytes(&bytes).is_err());
        let headed = [&b"LXDM\x01\0\0\0"[..], &bytes].concat();
        prop_assert!(Model::from_bytes(&headed).is_err());
    }

    #[test]
    fn sealed_nonsense_never_panics(
        at in any::<prop::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let sealed = small_model().to_bytes();
        let mut changed = sealed[..sealed.len() - DIGEST_LEN].to_vec();
        let at = at.index(changed.len());
        for (old, new) in changed.iter_mut().skip(at).zip(&bytes) {
            *old = *new;
        }
        let digest = Sha256::digest(&changed);
        changed.extend(digest);
        if let Ok(model) = Model::from_bytes(&changed) {
            let query = text("路灯不亮");
            for head in [Head::Items, Head::Labels] {
                prop_assert!(model.explain(&query, head, "环境").len() <= 6);
            }
            let answers = model.items(&query, 5).len() + model.labels(&query, 5).len();
            prop_assert!(answers <= 10);
        }
    }
}
