//! Rules for documents, and for what no file may hold.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use crate::repository::{assert_none, files, files_with, path, text};

/// The lines outside code fences, with their numbers.
pub(crate) fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fence: Option<&str> = None;
    let mut kept = Vec::new();
    for (at, line) in (1..).zip(text.lines()) {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
            (None, None) => kept.push((at, line)),
        }
    }
    kept
}

/// The targets of a line's links; spans of code are no links.
fn links(line: &str) -> Vec<String> {
    let text: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(|target| target.split(' ').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_document_has_one_title() {
    let mut found = Vec::new();
    for name in files_with(".md") {
        let text = text(&name);
        let titles = prose(&text).iter().filter(|(_, line)| line.starts_with("# ")).count();
        if titles != 1 {
            found.push(format!("{name}: {titles} titles"));
        }
    }
    assert_none(&found, "Give the document one `# ` title, and `## ` below it:");
}

/// Whether a link leaves the repository, or stays in its document.
fn is_elsewhere(target: &str) -> bool {
    ["http://", "https://", "mailto:", "#"].iter().any(|start| target.starts_with(start))
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let mut found = Vec::new();
    for name in files_with(".md") {
        let folder = path(&name).parent().unwrap().to_owned();
        let leads = |target: &str| folder.join(target.split('#').next().unwrap_or("")).exists();
        let text = text(&name);
        for (at, line) in prose(&text) {
            let mut targets = links(line);
            targets.retain(|target| !is_elsewhere(target) && !leads(target));
            found.extend(targets.into_iter().map(|target| format!("{name}:{at}: {target}")));
        }
    }
    assert_none(&found, "Mend the link (it is relative to its document):");
}

#[test]
fn code_in_documents_is_not_prose() {
    let text = "# a\n```sh\n# b\n```\n[c](d.md#e) `[f](g)` ![h](i.png \"j\")\n";
    assert_eq!(prose(text).len(), 2);
    assert_eq!(links(prose(text)[1].1), ["d.md#e", "i.png"]);
}

#[test]
fn the_changelog_has_a_place_for_the_next_change() {
    let text = if path("CHANGELOG.md").is_file() { text("CHANGELOG.md") } else { String::new() };
    let next = text.lines().any(|l| l.starts_with("## ") && l.contains("Unreleased"));
    assert!(next, "CHANGELOG.md needs a section `## Unreleased`, and your change in it");
}

/// The only key of this form: what the local engines take for an account.
const LOCAL_KEY: &str = concat!("AK", "IALIANXINLOCAL");

/// Keys of AWS's form in a text: the prefix and at least eight more capitals and digits.
fn access_keys(text: &str) -> Vec<&str> {
    let prefixes = [concat!("AK", "IA"), concat!("AS", "IA")];
    let starts = prefixes.iter().flat_map(|prefix| text.match_indices(prefix));
    let keys = starts.map(|(at, _)| {
        let rest = text.split_at(at).1;
        let end = rest.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit());
        rest.split_at(end.unwrap_or(rest.len())).0
    });
    keys.filter(|key| key.len() >= 12 && *key != LOCAL_KEY).collect()
}

#[test]
fn no_file_holds_a_secret() {
    let private = concat!("PRIVATE", " KEY-----");
    let mut found = Vec::new();
    for name in files() {
        let text = text(&name);
        if !access_keys(&text).is_empty() || text.contains(private) {
            found.push(name);
        }
    }
    assert_none(&found, "Take the key out, and revoke it: it was published:");
}

#[test]
fn no_file_names_the_place_where_it_was_written() {
    let places = [concat!("/wo", "rk/"), concat!(".lib", "rary")];
    let mut found = Vec::new();
    for name in files() {
        let text = text(&name);
        for (at, line) in (1..).zip(text.lines()) {
            if places.iter().any(|place| line.contains(place)) {
                found.push(format!("{name}:{at}"));
            }
        }
    }
    assert_none(&found, "Use a path from the root of the repository:");
}

#[test]
fn nothing_runs_or_lies_in_the_repository_that_a_city_makes() {
    let made = [".lianxin/", "target/", "city.json", "canaries.txt", "root-key"];
    let found: Vec<_> = files()
        .into_iter()
        .filter(|name| made.iter().any(|m| name.starts_with(m) || name.ends_with(&format!("/{m}"))))
        .collect();
    assert_none(&found, "A city's data and secrets are never committed:");
}
