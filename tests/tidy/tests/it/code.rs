//! Rules for Rust sources.

use crate::repository::{assert_none, files_with, text};

/// A longer file is hard to hold in one's head.
const LINES_MAX: usize = 400;

/// Files that may be longer: path, lines allowed, why.
const LONGER: &[(&str, usize, &str)] = &[];

/// A deployed function's `main.rs` is wiring.
const MAIN_LINES_MAX: usize = 30;

#[test]
fn every_source_opens_by_saying_what_it_is_for() {
    let found: Vec<_> =
        files_with(".rs").into_iter().filter(|name| !text(name).starts_with("//! ")).collect();
    assert_none(&found, "Open the file with a `//!` line that says what it is for:");
}

#[test]
fn no_source_is_longer_than_it_may_be() {
    let mut found = Vec::new();
    for name in files_with(".rs") {
        let lines = text(&name).lines().count();
        let longer = LONGER.iter().find(|(file, _, _)| *file == name);
        let max = longer.map_or(LINES_MAX, |(_, max, _)| *max);
        if lines > max {
            found.push(format!("{name}: {lines} lines, {max} allowed"));
        }
    }
    assert_none(&found, "Split the file by what it is about, or list it in LONGER with a reason:");
}

#[test]
fn no_exception_is_out_of_date() {
    let stale = LONGER.iter().filter(|(name, max, why)| {
        *max <= LINES_MAX || why.is_empty() || !files_with(".rs").iter().any(|f| f == name)
    });
    let found: Vec<_> = stale.map(|(name, _, _)| (*name).to_owned()).collect();
    assert_none(&found, "Take the exception out of LONGER:");
}

#[test]
fn the_entry_points_of_functions_are_wiring_only() {
    let mains = files_with("/src/main.rs").into_iter();
    let found: Vec<_> = mains
        .filter(|name| name.starts_with("functions/"))
        .filter(|name| text(name).lines().count() > MAIN_LINES_MAX)
        .collect();
    assert_none(
        &found,
        &format!("Move work to lib.rs; main.rs has at most {MAIN_LINES_MAX} lines:"),
    );
}

#[test]
fn nothing_is_left_for_later() {
    let forbidden = [
        (concat!("TO", "DO"), "open an issue instead"),
        (concat!("FIX", "ME"), "mend it, or open an issue"),
        (concat!("XX", "X:"), "say what you mean"),
        (concat!("XX", "X "), "say what you mean"),
        (concat!("dbg", "!("), "take it out"),
        (concat!("todo", "!("), "write it, or leave it out"),
        (concat!("unimpl", "emented!("), "write it, or leave it out"),
        (concat!("#[ig", "nore"), "mend the test, or delete it with its reason"),
    ];
    let mut found = Vec::new();
    for name in files_with(".rs") {
        let text = text(&name);
        for (at, line) in (1..).zip(text.lines()) {
            let hits = forbidden.iter().filter(|(word, _)| line.contains(word));
            found.extend(hits.map(|(word, todo)| format!("{name}:{at}: {word}: {todo}")));
        }
    }
    assert_none(&found, "Nothing is left for later in the code:");
}

/// Channels that are called as something in the city is, and what. Only their crates' names are looked for.
const WORDS_OF_THE_FIELD: &[(&str, &str)] = &[("grid", "网格, the smallest part of a city")];

/// Other words by which a channel would be recognised.
const NICKNAMES: &[&str] = &["hotline"];

#[test]
fn nothing_in_shared_knows_a_particular_channel() {
    let channels: Vec<String> = files_with("/Cargo.toml")
        .iter()
        .filter_map(|name| name.strip_prefix("functions/channel-"))
        .filter_map(|rest| rest.strip_suffix("/Cargo.toml"))
        .flat_map(|channel| {
            let is_word = WORDS_OF_THE_FIELD.iter().any(|(word, _)| *word == channel);
            let channel = if is_word { format!("channel-{channel}") } else { channel.to_owned() };
            [channel.clone(), channel.replace('-', "_"), channel.replace('-', "")]
        })
        .chain(NICKNAMES.iter().map(|word| (*word).to_owned()))
        .collect();
    assert!(channels.len() > NICKNAMES.len(), "there are no channels under functions/");
    let mut found = Vec::new();
    for name in files_with(".rs").iter().filter(|name| is_shared_code(name)) {
        for (at, line) in production(&text(name)) {
            let line = line.to_lowercase();
            if let Some(channel) = channels.iter().find(|channel| line.contains(channel.as_str())) {
                found.push(format!("{name}:{at}: {channel}"));
            }
        }
    }
    assert_none(&found, "Move what is peculiar to a channel to functions/channel-…:");
}

fn is_shared_code(name: &str) -> bool {
    name.starts_with("shared/") && name.contains("/src/") && !name.ends_with("/tests.rs")
}

/// The lines that are neither comment nor test, with their numbers. A test module begins with its
/// attribute and ends with the first closing brace that is indented as the attribute is.
fn production(text: &str) -> Vec<(usize, &str)> {
    let mut lines = (1..).zip(text.lines());
    let mut kept = Vec::new();
    while let Some((at, line)) = lines.next() {
        let code = line.split("// ").next().unwrap_or_default();
        if code.trim_start() == "#[cfg(test)]" {
            let indent = code.len() - code.trim_start().len();
            let closing = format!("{}}}", " ".repeat(indent));
            // A module in a file of its own has no block here.
            let opens = lines.next().is_some_and(|(_, next)| next.trim_end().ends_with('{'));
            while opens && lines.next().is_some_and(|(_, inner)| inner != closing) {}
        } else if !line.trim_start().starts_with("//") {
            kept.push((at, code));
        }
    }
    kept
}

#[test]
fn comments_and_tests_are_not_production_code() {
    let text = "//! a\nuse b; // c\n#[cfg(test)]\nmod tests;\nfn d() {\n    /// e\n}\n\
                #[cfg(test)]\nmod tests {\n    fn f() {\n    }\n}\nfn g() {}\n";
    let kept: Vec<_> = production(text).into_iter().map(|(_, line)| line.trim()).collect();
    assert_eq!(kept, ["use b;", "fn d() {", "}", "fn g() {}"]);
}
