//! The repository's files, as git sees them: tracked, or new and not ignored.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A path of the repository.
pub(crate) fn path(inside: &str) -> PathBuf {
    root().join(inside)
}

/// Runs a program in the root and gives what it prints.
fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(root()).output();
    let output = output.unwrap_or_else(|e| panic!("{program} cannot be run: {e}"));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?} failed: {err}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs cargo without network and without touching the lock file.
pub(crate) fn cargo(args: &[&str]) -> String {
    run(env!("CARGO"), &[args, &["--frozen"]].concat())
}

/// What cargo knows of the workspace's packages.
pub(crate) fn packages() -> Vec<Value> {
    let text = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// The folder of a package, from the root.
pub(crate) fn folder(package: &Value) -> String {
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap();
    folder.to_str().unwrap().to_owned()
}

/// Every file's path from the root.
pub(crate) fn files() -> Vec<String> {
    let list = run("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names = list.split('\0').filter(|name| !name.is_empty()).map(str::to_owned);
    // A file that is deleted and not yet committed is still listed.
    names.filter(|name| path(name).is_file()).collect()
}

/// The paths that end in `suffix`.
pub(crate) fn files_with(suffix: &str) -> Vec<String> {
    files().into_iter().filter(|name| name.ends_with(suffix)).collect()
}

/// A file's text; what is not UTF-8 in it is replaced.
pub(crate) fn text(inside: &str) -> String {
    let bytes = std::fs::read(path(inside)).unwrap_or_else(|e| panic!("{inside}: {e}"));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Fails with every finding and what to do about it.
#[track_caller]
pub(crate) fn assert_none(found: &[String], todo: &str) {
    assert!(found.is_empty(), "{todo}\n  {}", found.join("\n  "));
}
