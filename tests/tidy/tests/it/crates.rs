//! Rules for packages.

use crate::repository::{assert_none, files_with, folder, packages, path, text};

/// Packages whose folder has another name, and why.
const OTHER_NAMES: &[(&str, &str, &str)] = &[
    ("infra/local", "lianxin-local", "`local` alone says nothing in a list of packages"),
    ("tests/contracts", "contract-tests", "`contracts` is the crate under test"),
    ("tests/deploy", "deploy-tests", "`deploy` alone says nothing in a list of packages"),
];

#[test]
fn every_package_takes_what_the_workspace_says() {
    let wanted = [
        "version.workspace = true",
        "edition.workspace = true",
        "rust-version.workspace = true",
        "license.workspace = true",
        "publish.workspace = true",
        "[lints]\nworkspace = true",
    ];
    let mut found = Vec::new();
    for name in files_with("/Cargo.toml") {
        let text = text(&name);
        let missing = wanted.iter().filter(|line| !text.contains(*line));
        found.extend(missing.map(|line| format!("{name}: {}", line.replace('\n', " "))));
    }
    assert_none(&found, "Add to the manifest:");
}

#[test]
fn every_dependency_has_its_version_in_the_workspace() {
    let mut found = Vec::new();
    for name in files_with("/Cargo.toml") {
        let text = text(&name);
        let mut in_dependencies = false;
        for line in text.lines() {
            if line.starts_with('[') {
                in_dependencies = line.trim_end_matches(']').ends_with("dependencies");
            } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
                let inherits = line.contains("workspace = true");
                found.extend((!inherits).then(|| format!("{name}: {line}")));
            }
        }
    }
    assert_none(&found, "Give the version once, in [workspace.dependencies], and inherit it:");
}

#[test]
fn a_folder_is_named_as_its_package() {
    let mut found = Vec::new();
    for package in packages() {
        let (folder, name) = (folder(&package), package["name"].as_str().unwrap().to_owned());
        let excepted = OTHER_NAMES.iter().any(|(f, n, _)| *f == folder && *n == name);
        if folder.rsplit('/').next() != Some(name.as_str()) && !excepted {
            found.push(format!("{folder} holds the package {name}"));
        }
    }
    assert_none(&found, "Give folder and package one name:");
}

#[test]
fn every_package_says_what_it_is_for() {
    let packages = packages();
    let silent = packages.iter().filter(|package| {
        package["description"].as_str().is_none_or(|text| text.split(' ').count() < 3)
    });
    let found: Vec<_> = silent.map(|package| package["name"].to_string()).collect();
    assert_none(&found, "Write a `description` in the manifest:");
}

#[test]
fn the_tests_of_a_package_are_one_binary() {
    let mut found = Vec::new();
    for package in packages() {
        let targets = package["targets"].as_array().unwrap();
        let tests = targets.iter().filter(|target| target["kind"][0] == "test").count();
        if tests > 1 {
            found.push(format!("{} has {tests} test targets", package["name"]));
        }
    }
    assert_none(&found, "Make them modules of tests/it/main.rs, so that they link once:");
}

#[test]
fn a_function_s_folder_is_of_a_known_kind() {
    let kinds = ["channel-", "step-", "schedule-", "web-"];
    let names = ["write-back", "attachment"];
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path("functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !kinds.iter().any(|kind| name.starts_with(kind)) && !names.contains(&name.as_str()) {
            found.push(name);
        }
    }
    assert_none(&found, &format!("Name the folder by its kind, one of {kinds:?} or {names:?}:"));
}
