//! Short forms: how people leave the last part of a unit's name away, and when what is left is a word of
//! the language and no name.

/// What is left away, the longer first.
const SUFFIXES: [&str; 5] = ["社区", "街道", "村", "镇", "乡"];
/// A short form has at least so many characters.
const CHARS_MIN: usize = 2;

/// What is left of names in many cities and is said without them: parts of a town, the highest class of
/// hospitals (三甲), anybody's village. A city that does say one of these for a place says so by an alias.
const COMMON: [&str; 26] = [
    "东城", "西城", "南城", "北城", "新城", "老城", "城关", "城区", "三甲", "原村", "本村", "新村",
    "老村", "全村", "中心", "神农", "和平", "幸福", "团结", "建设", "人民", "解放", "胜利", "光明",
    "文化", "东风",
];
/// A short form that ends so says where and not what: 河西 is the west of a river, 柿树上 up in a tree.
const WHERE: &str = "上下里中内外前后边旁东西南北";
/// A short form after one of these is the end of another place's name: 下马村 is not in 马村镇.
const BEFORE: &str = "上下东西南北前后大小老新";
/// What makes another name when it follows a short form: 建宁县 is not 建宁乡, and 米山路 may be anywhere.
const AFTER: [&str; 12] =
    ["村", "社区", "镇", "乡", "县", "市", "省", "区", "路", "街", "巷", "小区"];
/// What begins like one of those and makes none.
const AFTER_ALL: [&str; 14] = [
    "路灯", "路口", "路面", "路边", "路上", "路旁", "路段", "街上", "街边", "街头", "市场", "市民",
    "区域", "巷口",
];

/// The short form of a unit's name, unless what is left is a word.
pub(super) fn short_form(name: &str) -> Option<&str> {
    let short = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix))?;
    let is_name = short.chars().count() >= CHARS_MIN
        && !COMMON.contains(&short)
        && !short.ends_with(|last| WHERE.contains(last));
    is_name.then_some(short)
}

/// Whether a short form stands by itself, after this character and before these.
pub(super) fn stands_alone(before: Option<char>, after: &[char]) -> bool {
    let begins = |word: &str| {
        let mut after = after.iter();
        word.chars().all(|c| after.next() == Some(&c))
    };
    let is_another =
        AFTER.iter().any(|word| begins(word)) && !AFTER_ALL.iter().any(|word| begins(word));
    !is_another && before.is_none_or(|before| !BEFORE.contains(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_form_is_a_name_and_no_word() {
        for (name, expected) in [
            ("石榴沟村", Some("石榴沟")),
            ("米山镇", Some("米山")),
            ("马村镇", Some("马村")),
            ("锦鸡社区", Some("锦鸡")),
            ("河西镇", None),
            ("三甲镇", None),
            ("北城街道", None),
            ("柿树上村", None),
            ("王村", None),
            ("指挥中心", None),
        ] {
            assert_eq!(short_form(name), expected, "{name}");
        }
    }

    #[test]
    fn what_stands_round_a_short_form_can_make_it_another_s() {
        for (before, after, expected) in [
            (None, "", true),
            (Some('在'), "的路", true),
            (Some('下'), "的路", false),
            (None, "县", false),
            (None, "小区三号楼", false),
            (None, "路18号", false),
            (None, "路灯不亮", true),
            (None, "市场", true),
        ] {
            let after: Vec<char> = after.chars().collect();
            assert_eq!(stands_alone(before, &after), expected, "{before:?} {after:?}");
        }
    }
}
