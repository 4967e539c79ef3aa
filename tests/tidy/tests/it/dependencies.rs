//! Rules for what may stand on what.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use serde_json::Value;

use crate::repository::{assert_none, cargo, folder, packages};

/// The rooms of `shared/`, top first. Arrows point only down this list.
const STACK: [&str; 8] =
    ["lambda", "cloud", "courier", "ports", "contracts", "reports", "classifier", "domain"];

/// The names of all that `package` is built of, itself left out.
fn tree(package: &str) -> Vec<String> {
    let text = cargo(&["tree", "-e", "normal", "-p", package, "--prefix", "none"]);
    let names = text.lines().filter_map(|line| line.split(' ').next());
    let names: Vec<String> =
        names.filter(|n| *n != package && !n.is_empty()).map(str::to_owned).collect();
    assert!(!names.is_empty(), "cargo tree knows nothing of {package}");
    names
}

/// What of `tree(package)` is one of the words, or begins with a word and a hyphen or underscore.
fn intruders(package: &str, words: &[&str]) -> Vec<String> {
    let is_of = |name: &str, word: &str| {
        name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    };
    let mut names = tree(package);
    names.retain(|name| words.iter().any(|word| is_of(name, word)));
    names.sort();
    names.dedup();
    names.into_iter().map(|name| format!("{package} stands on {name}")).collect()
}

/// The names of the direct dependencies that are built into a package.
fn direct(package: &Value) -> Vec<String> {
    let all = package["dependencies"].as_array().unwrap().iter();
    all.filter(|d| d["kind"] != "dev").map(|d| d["name"].as_str().unwrap().to_owned()).collect()
}

fn package(name: &str) -> Value {
    let all = packages().into_iter();
    all.into_iter()
        .find(|p| p["name"] == name)
        .unwrap_or_else(|| panic!("there is no package {name}"))
}

#[test]
fn the_domain_is_pure() {
    let found = intruders(
        "domain",
        &[
            "tokio",
            "aws",
            "lambda",
            "lambda_runtime",
            "serde",
            "chrono",
            "hyper",
            "reqwest",
            "tracing",
            "rand",
            "getrandom",
            "futures",
        ],
    );
    assert_none(&found, "Pass it into the domain as a value, and keep the rest in a room above:");
}

#[test]
fn the_contracts_need_no_cloud() {
    let found =
        intruders("contracts", &["tokio", "aws", "lambda", "lambda_runtime", "hyper", "reqwest"]);
    assert_none(&found, "A wire message is data; move what does something to a room above:");
}

#[test]
fn the_ports_are_free_of_what_lies_behind_them() {
    let found =
        intruders("ports", &["tokio", "aws", "lambda", "lambda_runtime", "hyper", "reqwest"]);
    assert_none(&found, "A port speaks the domain's language; implement it in shared/cloud:");
}

#[test]
fn the_reports_are_pure() {
    let words = ["tokio", "aws", "lambda", "lambda_runtime", "hyper", "reqwest", "rand", "tracing"];
    let found = intruders("reports", &words);
    assert_none(&found, "A report is made from what was read; read it in a room above:");
}

#[test]
fn no_emulator_is_linked_into_a_function() {
    let functions = packages();
    let functions = functions.iter().filter(|p| folder(p).starts_with("functions/"));
    let mut found = Vec::new();
    for function in functions {
        let name = function["name"].as_str().unwrap();
        found.extend(intruders(
            name,
            &["dynoxide", "winterbaume", "s3s", "axum", "lianxin", "libsqlite3"],
        ));
    }
    assert_none(&found, "Engines belong to infra/local:");
}

#[test]
fn arrows_point_only_down() {
    let mut found = Vec::new();
    for (above, name) in STACK.iter().enumerate() {
        let all = direct(&package(name)).into_iter();
        let ups =
            all.filter(|d| STACK.iter().position(|room| room == d).is_some_and(|at| at <= above));
        found.extend(ups.map(|up| format!("{name} -> {up}")));
    }
    assert_none(&found, &format!("Arrows in shared/ point only down {STACK:?}:"));
}

#[test]
fn the_stack_is_all_of_shared() {
    let all = packages();
    let mut rooms: Vec<_> = all
        .iter()
        .filter(|package| folder(package).starts_with("shared/"))
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    rooms.sort_unstable();
    let mut stack = STACK;
    stack.sort_unstable();
    assert_eq!(rooms, stack, "Give a new room its place in STACK, and in ARCHITECTURE.md");
}

#[test]
fn nobody_depends_on_a_function_but_the_city_and_the_tests() {
    let all = packages();
    let is_function =
        |name: &str| all.iter().any(|p| p["name"] == name && folder(p).starts_with("functions/"));
    let mut found = Vec::new();
    for package in &all {
        let folder = folder(package);
        if folder.starts_with("functions/") || folder.starts_with("shared/") {
            let uses =
                direct(package).into_iter().filter(|d| is_function(d) || d == "lianxin-local");
            found.extend(uses.map(|function| format!("{folder} -> {function}")));
        }
    }
    assert_none(&found, "Move what two functions share to shared/:");
}
