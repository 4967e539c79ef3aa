//! Masking: what a reader sees who has no need to know the person.
//!
//! Names keep their surname, telephones their ends, addresses their beginning. In free text a
//! detector looks for what a person can be found by: long numbers (telephones, identity cards, bank
//! cards), written in any digits and with separators, car plates, and the person's own name,
//! telephone and address. It masks too much rather than too little, but it is no proof: a text may
//! describe somebody without any of these, so a masked reading is journalled as well.

use std::borrow::Cow;

/// A run of at least so many digits is a number that somebody can be found by.
const DIGITS_MIN: usize = 7;
/// So many characters of an address are shown.
const ADDRESS_SHOWN: usize = 6;
/// The characters that may stand between the digits of one number.
const SEPARATORS: [char; 6] = ['-', ' ', '－', '—', '·', '.'];
/// The one-character names of the provinces, with which a car plate begins.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// `张**`.
#[must_use]
pub fn name(name: &str) -> String {
    name.trim().chars().next().map_or_else(String::new, |first| format!("{first}**"))
}

/// `138****5678`; a shorter number keeps fewer of its digits.
#[must_use]
pub fn number(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(|c| !SEPARATORS.contains(c)).collect();
    let (front, back) = match digits.len() {
        11.. => (3, 4),
        7..=10 => (2, 2),
        _ => (0, 0),
    };
    let hidden = digits.len().saturating_sub(front + back);
    let shown = |at: usize| at < front || at >= front + hidden;
    (0..).zip(digits).map(|(at, digit)| if shown(at) { digit } else { '*' }).collect()
}

/// The first six characters, or the first half of a short address, and `***`.
#[must_use]
pub fn address(address: &str) -> String {
    let length = address.chars().count();
    let shown = ADDRESS_SHOWN.min(length / 2);
    format!("{}***", address.chars().take(shown).collect::<String>())
}

/// The value of a digit in any of the ways people write one.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c) || "〇零一二三四五六七八九幺两".contains(c)
}

/// A text with everything masked that the detector knows. `known` are the person's own name and
/// address as given, each with what to show instead.
#[must_use]
pub fn text(text: &str, known: &[(&str, String)]) -> String {
    let mut shown = Cow::Borrowed(text);
    for (secret, instead) in known {
        // One character would mask half of the text.
        if secret.chars().count() > 1 && shown.contains(*secret) {
            shown = Cow::Owned(shown.replace(*secret, instead));
        }
    }
    plates(&numbers(&shown))
}

/// Masks every long number.
fn numbers(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut masked = String::with_capacity(text.len());
    let mut rest = characters.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let length = number_length(rest);
        if length == 0 {
            masked.push(*first);
            rest = after;
            continue;
        }
        let (run, after) = rest.split_at(length);
        let run: String = run.iter().collect();
        let digits = run.chars().filter(|c| !SEPARATORS.contains(c)).count();
        if digits < DIGITS_MIN || is_date(&run) {
            masked.push_str(&run);
        } else {
            masked.push_str(&number(&run));
        }
        rest = after;
    }
    masked
}

/// How many characters of `rest` are one number: digits with single separators, and the X in which
/// an identity card's number may end.
fn number_length(rest: &[char]) -> usize {
    let (mut length, mut digits) = (0, 0);
    while let Some(c) = rest.get(length) {
        let next_is_digit = rest.get(length + 1).is_some_and(|next| is_digit(*next));
        if is_digit(*c) {
            digits += 1;
        } else if !(digits > 0 && SEPARATORS.contains(c) && next_is_digit) {
            break;
        }
        length += 1;
    }
    let ends_in_x = digits == 17 && rest.get(length).is_some_and(|c| matches!(c, 'x' | 'X'));
    length + usize::from(ends_in_x)
}

/// `2026-01-05`: a day and nobody's number.
fn is_date(run: &str) -> bool {
    let parts: Vec<&str> = run.split(SEPARATORS).collect();
    let short = |part: &str| (1..=2).contains(&part.len());
    matches!(parts.as_slice(), [year, month, day]
        if year.len() == 4 && (year.starts_with("19") || year.starts_with("20"))
            && short(month) && short(day))
}

/// Masks car plates: a province, a letter, five or six letters and digits.
fn plates(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut masked = String::with_capacity(text.len());
    let mut rest = characters.as_slice();
    while let Some((first, after)) = rest.split_first() {
        masked.push(*first);
        rest = after;
        if let (true, Some(letter)) = (PROVINCES.contains(*first), after.first()) {
            let length = plate_length(after);
            if length > 0 {
                masked.push(*letter);
                masked.push_str("***");
                rest = after.split_at(length).1;
            }
        }
    }
    masked
}

/// How many characters after the province belong to a plate; 0 if it is none.
fn plate_length(after: &[char]) -> usize {
    let is_letter = |c: &char| c.is_ascii_alphabetic();
    let dot = usize::from(after.get(1).is_some_and(|c| SEPARATORS.contains(c)));
    let tail = after.iter().skip(1 + dot).take_while(|c| c.is_ascii_alphanumeric()).count();
    let has_digit = after.iter().skip(1 + dot).take(tail).any(char::is_ascii_digit);
    if after.first().is_some_and(is_letter) && (5..=6).contains(&tail) && has_digit {
        1 + dot + tail
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_first_character_a_number_its_ends_an_address_its_beginning() {
        assert_eq!(
            (name("张三"), name(" 欧阳小明"), name("")),
            ("张**".into(), "欧**".into(), String::new())
        );
        assert_eq!(number("13812345678"), "138****5678");
        assert_eq!(number("0356-5220000"), "035****0000");
        assert_eq!((number("5220000"), number("12345")), ("52***00".into(), "*****".into()));
        assert_eq!(number("14052219800101123X"), "140***********123X");
        assert_eq!(address("虚构市虚构区虚构里三号院"), "虚构市虚构区***");
        assert_eq!((address("东街2号"), address("")), ("东街***".into(), "***".into()));
    }

    #[test]
    fn long_numbers_are_found_however_they_are_written() {
        let masked = |t: &str| text(t, &[]);
        for (said, shown) in [
            ("电话13812345678，急", "电话138****5678，急"),
            ("138 1234 5678", "138****5678"),
            ("138-1234-5678", "138****5678"),
            ("１３８１２３４５６７８", "１３８****５６７８"),
            ("一三八一二三四五六七八打我", "一三八****五六七八打我"),
            ("身份证14052219800101123X号", "身份证140***********123X号"),
            ("卡号6222020000001234567", "卡号622************4567"),
            ("座机5220000", "座机52***00"),
        ] {
            assert_eq!(masked(said), shown);
        }
    }

    #[test]
    fn what_is_nobody_s_number_stays() {
        for said in [
            "2026-01-05 停水",
            "三天没水，12345打了两次",
            "3号楼2单元501",
            "一共100000元",
            "",
            "…-·",
        ] {
            assert_eq!(text(said, &[]), said);
        }
    }

    #[test]
    fn plates_are_masked_and_words_are_not() {
        assert_eq!(text("晋E12345占道", &[]), "晋E***占道");
        assert_eq!(text("晋E·A1234和晋EAD1234", &[]), "晋E***和晋E***");
        assert_eq!(text("新App不好用，川A组", &[]), "新App不好用，川A组");
    }

    #[test]
    fn the_person_s_own_name_and_address_are_masked_wherever_they_stand() {
        let known = [("样例民甲", name("样例民甲")), ("虚构里三号院", address("虚构里三号院"))];
        let said = "我是样例民甲，住虚构里三号院，样例民甲再说一遍";
        assert_eq!(text(said, &known), "我是样**，住虚构里***，样**再说一遍");
        assert_eq!(text("甲", &[("甲", name("甲"))]), "甲");
    }
}
