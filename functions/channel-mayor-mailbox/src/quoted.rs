//! What a person wrote in a mail, without what the mail it answers said.

/// How a line begins under which only the mail before follows.
const CUTS: &[&str] = &[
    "-----原始邮件-----",
    "----- 原始邮件 -----",
    "------------------ 原始邮件 ------------------",
    "------------------ Original ------------------",
    "-----Original Message-----",
    "---- 回复的原邮件 ----",
    "---- Replied Message ----",
    "发自我的",
    "Sent from my",
];
/// What a line ends with that brings in a quotation: "On … wrote:".
const BRINGS_IN: &[&str] = &["写道：", "写道:", "wrote:", "wrote："];
/// Longer lines are a person's, whatever they end with; in characters.
const BRINGING_CHARS_MAX: usize = 200;

/// The text without quoted lines, what follows them, and signatures.
pub(crate) fn own_words(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines() {
        let bare = line.trim();
        let cut = CUTS.iter().any(|start| bare.starts_with(start)) || line == "-- ";
        let brings_in = bare.chars().count() <= BRINGING_CHARS_MAX
            && BRINGS_IN.iter().any(|end| bare.ends_with(end));
        if cut || brings_in {
            break;
        }
        if !bare.starts_with('>') {
            kept.push(line.trim_end());
        }
    }
    kept.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_and_signatures_go_and_words_stay() {
        let cases = [
            ("一\n\n二 > 一\n", "一\n\n二 > 一"),
            ("好的\n\n在 2026年3月1日，市长信箱 <a@example.org> 写道：\n> 您好", "好的"),
            ("yes\nOn Mon, 1 Mar 2026, a wrote:\n> no", "yes"),
            ("> 您好\n补充：灯又坏了\n> 再见", "补充：灯又坏了"),
            ("灯坏了\n-----原始邮件-----\n发件人: a", "灯坏了"),
            ("灯坏了\n发自我的iPhone", "灯坏了"),
            ("灯坏了\n-- \n样例民甲", "灯坏了"),
            ("", ""),
        ];
        for (mail, own) in cases {
            assert_eq!(own_words(mail), own, "{mail}");
        }
    }
}
