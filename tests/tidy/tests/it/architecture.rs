//! `ARCHITECTURE.md` against the code: its diagram, and a test for each invariant.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use crate::prose::prose;
use crate::repository::{assert_none, path, text};

const FILE: &str = "ARCHITECTURE.md";
const BEGIN: &str = "<!-- diagram:begin -->";
const END: &str = "<!-- diagram:end -->";

fn document() -> String {
    assert!(path(FILE).is_file(), "{FILE} is missing: write it, with {BEGIN} and {END}");
    text(FILE)
}

/// What stands before, between and after the marks.
fn around_diagram(document: &str) -> (String, String, String) {
    let (before, rest) =
        document.split_once(BEGIN).unwrap_or_else(|| panic!("{FILE} lacks {BEGIN}"));
    let (block, after) = rest.split_once(END).unwrap_or_else(|| panic!("{FILE} lacks {END}"));
    (before.to_owned(), block.to_owned(), after.to_owned())
}

#[test]
fn the_diagram_is_drawn_from_the_transition_table() {
    let document = document();
    let (before, block, after) = around_diagram(&document);
    let wanted = format!("\n```mermaid\n{}\n```\n", domain::diagram().trim_end());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path(FILE), format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
    } else {
        assert!(
            block == wanted,
            "The diagram in {FILE} is not domain::diagram(): run UPDATE_DOCS=1 cargo test -p tidy"
        );
    }
}

/// An invariant: its number and its paragraph.
struct Invariant {
    number: usize,
    text: String,
}

/// The paragraphs that begin with, or hold, `**Invariant N.**`; each ends at an empty line or where
/// the next one begins.
fn invariants(document: &str) -> Vec<Invariant> {
    let mut all: Vec<Invariant> = Vec::new();
    let mut open = false;
    let mut last = 0;
    for (at, line) in prose(document) {
        // A code fence between two lines of prose ends a paragraph too.
        open = open && !line.trim().is_empty() && at == last + 1;
        last = at;
        let number = line.split_once("**Invariant ").and_then(|(_, rest)| rest.split_once(".**"));
        if let Some((number, _)) = number {
            let number = number.parse().unwrap_or_else(|e| panic!("{FILE}:{at}: {e}: {line}"));
            all.push(Invariant { number, text: String::new() });
            open = true;
        }
        if let Some(invariant) = all.last_mut().filter(|_| open) {
            invariant.text.push_str(line);
            invariant.text.push(' ');
        }
    }
    all
}

/// The paths in backticks within parentheses; a path may be followed by `::name_of_the_test`.
fn tests_named(paragraph: &str) -> Vec<String> {
    let mut named = Vec::new();
    for inside in paragraph.split('(').skip(1).filter_map(|rest| rest.split(')').next()) {
        let spans = inside.split('`').skip(1).step_by(2);
        named.extend(spans.filter(|span| span.contains('/')).map(str::to_owned));
    }
    named
}

/// What is wrong with the naming of a test, if anything is.
fn fault(test: &str) -> Option<String> {
    let (file, name) =
        test.split_once("::").map_or((test, None), |(file, name)| (file, Some(name)));
    if !path(file).exists() {
        return Some(format!("{file} does not exist"));
    }
    let name = name?.rsplit("::").next()?.to_owned();
    let is_there = text(file).contains(&format!("fn {name}("));
    (!is_there).then(|| format!("{file} has no test {name}"))
}

#[test]
fn every_invariant_names_the_test_that_holds_it() {
    let all = invariants(&document());
    assert!(!all.is_empty(), "{FILE} has no line with **Invariant 1.**");
    let mut found = Vec::new();
    for (expected, invariant) in (1..).zip(&all) {
        let number = invariant.number;
        if number != expected {
            found.push(format!("Invariant {number} should have the number {expected}"));
        }
        let tests = tests_named(&invariant.text);
        if tests.is_empty() {
            found
                .push(format!("Invariant {number} names no test: end it with (`path/of/test.rs`)"));
        }
        let faults = tests.iter().filter_map(|test| fault(test));
        found.extend(faults.map(|fault| format!("Invariant {number}: {fault}")));
    }
    assert_none(&found, &format!("{FILE}:"));
}

#[test]
fn invariants_are_found_with_their_tests() {
    let text = "# a\n**Invariant 1.** b\nc (`d/e.rs`, `f/g.rs::h`).\n\n(`not/this.rs`)\n\
                - **Invariant 2.** i (see `j`)\n- **Invariant 3.** k (`tests/tidy/Cargo.toml`)\n";
    let all = invariants(text);
    let tests: Vec<_> = all.iter().map(|one| (one.number, tests_named(&one.text))).collect();
    assert_eq!(
        tests,
        [
            (1, vec!["d/e.rs".to_owned(), "f/g.rs::h".to_owned()]),
            (2, vec![]),
            (3, vec!["tests/tidy/Cargo.toml".to_owned()]),
        ]
    );
    assert_eq!(fault("tests/tidy/Cargo.toml"), None);
    assert!(fault("tests/nowhere.rs").is_some());
    assert!(fault("tests/tidy/tests/it/architecture.rs::no_such_test").is_some());
}
