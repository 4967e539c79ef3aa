//! Names of places that no gazetteer has, told by how they end: citizens name estates.

use super::sketch::PLACES_MAX;
use super::text::normal;

/// How a name of a place ends. The longer first, so that 街道 is not 街.
const ENDS: [&str; 42] = [
    "小区", "社区", "街道", "公园", "广场", "花园", "公寓", "大道", "大厦", "学校", "小学", "中学",
    "学院", "医院", "新城", "山庄", "家园", "国际", "中心", "楼盘", "工地", "市场", "路", "街",
    "镇", "村", "乡", "城", "苑", "园", "府", "湾", "桥", "站", "巷", "庭", "郡", "湖", "里弄",
    "港", "坊", "墅",
];
/// So many characters before the end are the name: nothing here tells where a longer one begins.
const NAME_CHARS: usize = 2;
/// Words of grammar and direction: what has one of these is no name.
const NO_NAME: &str = "的在了和与是我们对有为从到这那于至及该此市区县本全各某说被把将请就都也不没要求使让个每\
                       等来去上下里中内外前后旁边";
/// Words that stand before such an end and name nothing (居民小区, 破坏小区, 市政府).
const COMMON: [&str; 43] = [
    "居民", "聊天", "希望", "破坏", "影响", "占用", "物业", "政府", "我们", "整个", "一个", "道路",
    "老旧", "这个", "那个", "很多", "许多", "附近", "周边", "市政", "公共", "公交", "农贸", "业主",
    "农村", "城市", "新建", "高档", "住宅", "封闭", "开放", "进城", "停车", "马路", "水泥", "修公",
    "高速", "幼儿", "学生", "工业", "商业", "生活", "投诉",
];

fn is_name(name: &[char]) -> bool {
    let text: String = name.iter().collect();
    name.len() == NAME_CHARS
        && name.iter().any(|c| !c.is_ascii())
        && !name.iter().any(|c| NO_NAME.contains(*c))
        && !COMMON.contains(&text.as_str())
}

/// What looks like the end of a place's name in a normal text: two characters and how it ends.
fn found_in(normal: &str) -> Vec<String> {
    let text: Vec<char> = normal.chars().collect();
    let ends_at = |at: usize| {
        let rest = text.get(at..)?;
        let stands = |end: &&&str| {
            end.chars().zip(rest).filter(|(a, b)| a == *b).count() == end.chars().count()
        };
        ENDS.iter().find(stands).map(|end| end.chars().count())
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(length) = ends_at(at) else {
            at += 1;
            continue;
        };
        let begin = at.saturating_sub(NAME_CHARS);
        if text.get(begin..at).is_some_and(is_name) {
            found.extend(text.get(begin..at + length).map(|word| word.iter().collect::<String>()));
        }
        at += length;
    }
    found
}

/// What looks like names of places in a text, at most six.
///
/// Those of the title come first, then those of the body, the more frequent first. Two characters and how the name ends (力之城 of 魅力之城): enough to
/// compare by, not to show, and no proof that it is a place. They are part of the citizen's text: give
/// them to [`Sketch::of`](super::Sketch::of), never store them.
#[must_use]
pub fn place_words(title: &str, body: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in found_in(&normal(title)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let mut counted: Vec<(String, usize)> = Vec::new();
    for word in found_in(&normal(body)) {
        match counted.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None if words.contains(&word) => {}
            None => counted.push((word, 1)),
        }
    }
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    words.extend(counted.into_iter().map(|(word, _)| word));
    words.truncate(PLACES_MAX);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_end_speaks_and_words_that_name_nothing_do_not() {
        for (text, expected) in [
            ("青禾街道办", &["青禾街道"][..]),
            ("魅力之城小区一楼", &["力之城", "之城小区"]),
            ("居民小区", &[]),
            ("我们小区的路", &[]),
            ("a3路", &[]),
            ("路", &[]),
            ("", &[]),
        ] {
            assert_eq!(found_in(text), expected, "{text}");
        }
    }

    #[test]
    fn the_title_comes_first_and_then_what_is_said_most() {
        let words = place_words("石榴沟桥", "杏花苑、青禾路，青禾路，石榴沟桥");
        assert_eq!(words, ["榴沟桥", "青禾路", "杏花苑"]);
    }

    #[test]
    fn no_more_than_six_are_kept() {
        let body = "甲乙路，丙丁路，戊己路，庚辛路，壬癸路，子丑路，寅卯路";
        assert_eq!(place_words("", body).len(), PLACES_MAX);
    }
}
