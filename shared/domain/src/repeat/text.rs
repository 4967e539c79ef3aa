//! What of a text is compared: its characters without dress, its runs of four, its numbers.

/// A run has so many characters: two words of Chinese.
const GRAM: usize = 4;
/// A longer number is a telephone or a sum, not a house.
const DIGITS_MAX: usize = 4;
/// What a number before it is the number of: a house, a building, a bus line, a stage. The longer first.
const NUMBERED: [&str; 14] =
    ["号线", "单元", "号", "栋", "幢", "座", "楼", "期", "路", "组", "弄", "室", "街", "队"];

/// Forms of full width are those of a keyboard's other mode.
fn folded(c: char) -> char {
    match c {
        '！'..='～' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    }
}

/// Letters, digits and characters, in half width, ASCII in lower case: neither spaces nor signs.
pub(super) fn normal(text: &str) -> String {
    let plain = text.chars().map(folded).filter(|c| c.is_alphanumeric());
    plain.map(|c| c.to_ascii_lowercase()).collect()
}

/// Every run of four characters of a normal text; a shorter text is one run, an empty one has none.
pub(super) fn grams(normal: &str) -> impl Iterator<Item = &str> {
    let begins: Vec<usize> = normal.char_indices().map(|(at, _)| at).collect();
    let runs = begins.len().saturating_sub(GRAM - 1).max(usize::from(!begins.is_empty()));
    (0..runs).filter_map(move |first| {
        let end = begins.get(first + GRAM).copied().unwrap_or(normal.len());
        normal.get(begins.get(first).copied()?..end)
    })
}

/// The numbers of houses, buildings and bus lines in a normal text, with what they number: `3栋`,
/// `905路`. Only digits are read, not 三栋: 一楼 and 一路 are words. A day (5月3号) is none.
pub(super) fn numbers(normal: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut before = None;
    let mut rest = normal;
    while let Some(first) = rest.chars().next() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if digits == 0 {
            before = Some(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (run, after) = rest.split_at_checked(digits).unwrap_or((rest, ""));
        let of = NUMBERED.iter().find(|of| after.starts_with(**of));
        let is_apart = !before.is_some_and(|c: char| c.is_ascii_alphanumeric() || c == '月');
        if let Some(of) = of.filter(|_| is_apart && run.len() <= DIGITS_MAX) {
            found.extend(rest.get(..digits + of.len()));
        }
        before = Some('0');
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dress_does_not_count() {
        assert_eq!(normal("Ａ３区，  “路灯”不亮！！ OK"), "a3区路灯不亮ok");
        assert_eq!(normal("……"), "");
    }

    #[test]
    fn runs_are_of_four_characters_and_a_short_text_is_one() {
        for (text, expected) in [
            ("", &[][..]),
            ("路灯", &["路灯"]),
            ("路灯不亮", &["路灯不亮"]),
            ("路灯不亮a", &["路灯不亮", "灯不亮a"]),
        ] {
            assert_eq!(grams(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_of_houses_and_lines_and_of_nothing_else() {
        for (text, expected) in [
            ("我住3栋2单元", &["3栋", "2单元"][..]),
            ("坐905路到12号线", &["905路", "12号线"]),
            ("5月3号停水2019年", &[]),
            ("电话13800000000号", &[]),
            ("a3号楼", &[]),
            ("1234号", &["1234号"]),
            ("12345号", &[]),
            ("三栋", &[]),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
    }
}
