//! `ARCHITECTURE.md` against the code: its diagram, and a test for each invariant.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use crate::prose::prose;
use crate::repository::{assert_none, path, text};

const FILE: &str = "ARCHITECTURE.md";
/// What is drawn from the tables: by the name between the marks.
fn drawn() -> [(&'static str, String); 3] {
    [
        ("diagram", format!("```mermaid\n{}\n```", domain::diagram().trim_end())),
        ("authority", domain::authority_table().trim_end().to_owned()),
        ("matters", domain::matter_table().trim_end().to_owned()),
    ]
}

fn document() -> String {
    assert!(path(FILE).is_file(), "{FILE} is missing: write it, with its marks");
    text(FILE)
}

/// What stands before, between and after the marks of a name.
fn around(document: &str, name: &str) -> (String, String, String) {
    let (begin, end) = (format!("<!-- {name}:begin -->"), format!("<!-- {name}:end -->"));
    let (before, rest) =
        document.split_once(&begin).unwrap_or_else(|| panic!("{FILE} lacks {begin}"));
    let (block, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{FILE} lacks {end}"));
    (format!("{before}{begin}"), block.to_owned(), format!("{end}{after}"))
}

#[test]
fn the_diagram_and_the_tables_are_drawn_from_the_code() {
    let mut document = document();
    for (name, wanted) in drawn() {
        let (before, block, after) = around(&document, name);
        let wanted = format!("\n{wanted}\n");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            document = format!("{before}{wanted}{after}");
            std::fs::write(path(FILE), &document).unwrap();
        } else {
            assert!(
                block == wanted,
                "{name} in {FILE} is not what the code says: run UPDATE_DOCS=1 cargo test --workspace --test tidy"
            );
        }
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
