//! Small made material for tests.

use std::sync::OnceLock;

use crate::{Entry, Labelled, Lesson, Model, Text, Training};

pub(crate) fn text(body: &str) -> Text<'_> {
    Text::untitled(body)
}

pub(crate) const ENTRIES: [Entry<'_>; 3] = [
    Entry {
        item: "AA-001",
        category: "市政",
        name: "路灯不亮",
        keywords: &["路灯", "黑灯瞎火"],
        examples: &["我们这条街的路灯十来天不亮了", "晚上路太黑，灯全灭了"],
    },
    Entry {
        item: "AA-002",
        category: "市政",
        name: "井盖缺失",
        keywords: &["井盖", "窨井"],
        examples: &["路口的井盖叫人偷了", "窨井没有盖，孩子差点掉进去"],
    },
    Entry {
        item: "BB-001",
        category: "环境",
        name: "工地噪音",
        keywords: &["噪音", "打桩"],
        examples: &["工地半夜还在打桩，吵得睡不着", "楼下施工噪音太大"],
    },
];

pub(crate) const LESSONS: [Lesson<'_>; 1] = [Lesson {
    item: "BB-001",
    category: "环境",
    text: Text { title: "搅拌站扰民", body: "搅拌站整夜轰鸣" },
}];

const LABELLED: [(&str, &str); 8] = [
    ("交通", "公交车半小时不来一趟"),
    ("交通", "路口红绿灯坏了，堵车严重"),
    ("交通", "出租车拒载乱收费"),
    ("交通", "公交站台没有座椅"),
    ("环境", "工厂排黑烟，气味刺鼻"),
    ("环境", "河水发臭，有人偷排污水"),
    ("环境", "垃圾堆积，臭气熏天"),
    ("环境", "工地扬尘，没有洒水"),
];

pub(crate) fn labelled() -> Vec<Labelled<'static>> {
    let one = |(label, body): (&'static str, &'static str)| Labelled { label, text: text(body) };
    LABELLED.into_iter().map(one).collect()
}

/// A model with both heads, trained anew.
pub(crate) fn train_small() -> Model {
    let training = Training {
        entries: &ENTRIES,
        lessons: &LESSONS,
        labelled: &labelled(),
        catalog: Some("sha256:0f".to_owned()),
    };
    Model::train(&training, &mut |_| ()).unwrap()
}

pub(crate) fn small_model() -> Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(train_small).clone()
}
