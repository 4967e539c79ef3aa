//! Folders, `infra/template.yaml` and the one-machine city name the same functions, queues and
//! settings.
//!
//! `infra/local/src/template/tests.rs` shows how the template is read. Here it is held to the code, in
//! `granted` to what a role may have, and in `watched` to itself: what runs is watched. All of it holds
//! with an eleventh channel's lines too.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test helpers")]

mod granted;
mod watched;

use std::collections::BTreeSet;

use domain::Step;
use lianxin_local::template::{EnvValue, Source, Template};
use serde_json::Value;

use crate::eleventh::{Stand, contract_of, stands, wire_of};
use crate::support::{names, path, text};

/// Every rule that a template has to keep by itself.
pub(crate) fn rules(stand: &Stand) {
    every_function_of(stand);
    every_channel_of(stand);
    set_and_read(&stand.template, &read());
    granted::rules(stand);
    watched::rules(&stand.root);
}

fn folders() -> BTreeSet<String> {
    names("functions").into_iter().collect()
}

/// The string literals of a Rust source, comments left out.
fn literals(source: &str) -> Vec<&str> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

/// Every name of a setting in the sources of a crate.
fn settings(inside: &str) -> BTreeSet<String> {
    let is_setting = |text: &&str| {
        text.len() > 1
            && text.contains('_')
            && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
    };
    let sources = names(inside).into_iter().filter(|name| name.ends_with(".rs"));
    let texts: Vec<String> = sources.map(|name| text(&format!("{inside}/{name}"))).collect();
    let all = texts.iter().flat_map(|text| literals(text));
    all.filter(is_setting).map(str::to_owned).collect()
}

#[test]
fn every_folder_is_a_function_of_the_template_and_of_the_local_city() {
    for stand in stands() {
        every_function_of(&stand);
    }
    let list = text("infra/local/src/city/functions.rs");
    let in_city: BTreeSet<String> = literals(&list).into_iter().map(str::to_owned).collect();
    assert_eq!(folders(), in_city, "functions/ and FUNCTIONS of infra/local/src/city/functions.rs");
}

fn every_function_of(Stand { folders, template, .. }: &Stand) {
    let in_template: BTreeSet<String> =
        template.functions.iter().map(|function| function.name.clone()).collect();
    assert_eq!(*folders, in_template, "functions/ and infra/template.yaml");
}

#[test]
fn every_folder_is_one_package_with_one_binary_of_its_name() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--frozen"])
        .current_dir(path("."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut seen = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        let manifest = package["manifest_path"].as_str().unwrap();
        let Some(folder) = manifest.rsplit_once("/functions/").map(|(_, rest)| rest) else {
            continue;
        };
        let folder = folder.strip_suffix("/Cargo.toml").unwrap();
        assert_eq!(package["name"], folder);
        let targets = package["targets"].as_array().unwrap().iter();
        let binaries: Vec<_> =
            targets.filter(|t| t["kind"][0] == "bin").map(|t| t["name"].clone()).collect();
        assert_eq!(binaries, [folder], "the binaries of functions/{folder}");
        seen.insert(folder.to_owned());
    }
    assert_eq!(seen, folders());
}

#[test]
fn every_channel_has_its_route_its_secret_and_its_published_contract() {
    for stand in stands() {
        every_channel_of(&stand);
    }
}

fn every_channel_of(Stand { folders, template, .. }: &Stand) {
    for function in folders.iter().filter(|name| name.starts_with("channel-")) {
        let channel = function.strip_prefix("channel-").unwrap();
        let variable = &template.function(function).unwrap().environment["CHANNEL_SECRET"];
        assert_eq!(*variable, EnvValue::Secret(format!("{function}-secret")));
        let published = names(&contract_of(channel));
        if !template.routes.iter().any(|route| route.function == *function) {
            // What comes by a queue is not posted, and no message of ours.
            assert_eq!(published, ["README.md", "samples"]);
            continue;
        }
        assert_eq!(published, ["README.md", "samples", "schema.json"]);
        let mut routes: Vec<_> =
            template.routes.iter().filter(|route| route.function == *function).collect();
        assert!(routes.iter().all(|route| route.method == "POST"));
        let sweep = &template.function("schedule-sweep").unwrap().environment;
        let setting = format!("TELL_{}", channel.to_uppercase().replace('-', "_"));
        let queue = EnvValue::QueueUrl(format!("lianxin-{function}-tell"));
        assert_eq!(sweep.get(&setting), Some(&queue), "{setting} of schedule-sweep");
        let own = format!("/channels/{channel}");
        assert!(routes.iter().any(|route| route.path == own), "{function} has no route {own}");
        let adapter = (wire_of(channel).adapter)();
        let second = [("uploads", adapter.takes_uploads()), ("status", adapter.tells_status())];
        for (name, has) in second {
            let path = format!("{own}/{name}");
            assert_eq!(routes.iter().any(|route| route.path == path), has, "{path}");
            routes.retain(|route| route.path != path);
        }
        routes.retain(|route| route.path != own);
        assert!(routes.is_empty(), "{function} has other routes: {routes:?}");
    }
}

#[test]
fn every_step_has_its_function_its_queue_and_its_dead_letters() {
    for Stand { template, folders, .. } in stands() {
        every_step_of(&template, &folders);
    }
}

fn every_step_of(template: &Template, folders: &BTreeSet<String>) {
    let steps: BTreeSet<String> = Step::ALL.iter().map(|step| format!("step-{step}")).collect();
    let functions: BTreeSet<String> =
        folders.iter().filter(|name| name.starts_with("step-")).cloned().collect();
    assert_eq!(functions, steps, "functions/step-… and domain::Step");
    for step in &steps {
        let sources = &template.function(step).unwrap().sources;
        let [Source::Queue { queue, .. }] = sources.as_slice() else {
            panic!("{step} has other sources than one queue")
        };
        let queue = template.queues.iter().find(|one| one.name == *queue).unwrap();
        let (dead, _) = queue.dead_letter.clone().unwrap_or_else(|| {
            panic!("the queue {} has no dead-letter queue", queue.name);
        });
        assert!(template.queues.iter().any(|one| one.name == dead), "{dead} is not a queue");
    }
}

/// Settings that no deployed function has, because none needs them: the shell's desk takes them from
/// the template's tables and buckets. A function that shows texts to people will have them, and end the
/// exception.
const DESK_ALONE: [&str; 1] = ["JOURNAL_TABLE"];

#[test]
fn what_the_code_reads_from_the_environment_the_template_sets_and_the_other_way_round() {
    let read = read();
    for Stand { template, .. } in stands() {
        set_and_read(&template, &read);
    }
}

/// What the code reads from the environment.
fn read() -> BTreeSet<String> {
    let read: BTreeSet<String> =
        ["shared/cloud/src", "shared/lambda/src"].into_iter().flat_map(settings).collect();
    assert!(read.contains("TICKETS_TABLE"), "the search for names finds nothing: {read:?}");
    read
}

fn set_and_read(template: &Template, read: &BTreeSet<String>) {
    let set: BTreeSet<String> =
        template.functions.iter().flat_map(|f| f.environment.keys().cloned()).collect();
    // What ends in an underscore is the beginning of the names of many.
    let of = |name: &String| {
        let prefix = read.iter().find(|read| read.ends_with('_') && name.starts_with(*read));
        prefix.unwrap_or(name).clone()
    };
    let set: BTreeSet<String> = set.iter().map(of).collect();
    let unset: BTreeSet<&str> = read.difference(&set).map(String::as_str).collect();
    assert_eq!(unset, BTreeSet::from(DESK_ALONE), "read by shared/, set by no function");
    assert_eq!(set.difference(read).next(), None, "set by the template, read by nobody");
    let desk: BTreeSet<String> = template.desk_stores().map(|(setting, _)| setting).collect();
    for setting in DESK_ALONE {
        assert!(desk.contains(setting), "{setting} is no table or bucket of infra/template.yaml");
    }
}

#[test]
fn the_alarms_look_for_what_is_logged() {
    let schedules = [schedule_upkeep::HEAD_PUBLISHED, schedule_upkeep::UNREAD];
    for line in [schedule_sweep::HELD, lambda::GIVEN_UP].into_iter().chain(schedules) {
        let pattern = format!(r#"FilterPattern: '{{ $.fields.message = "{line}" }}'"#);
        let template = text("infra/template.yaml");
        assert!(template.contains(&pattern), "infra/template.yaml has no {pattern}");
    }
}

#[test]
fn every_alarm_is_explained_to_ops() {
    let guide = text("docs/operations.md");
    for stand in stands() {
        alarms_are_explained(&stand.text, &guide);
    }
}

fn alarms_are_explained(template: &str, guide: &str) {
    let ids = template.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix("Alarm:"));
    let ids: Vec<&str> = ids.filter(|id| !id.starts_with(' ')).collect();
    assert!(ids.len() > 20, "the template's alarms were not found");
    for id in ids {
        let kinds = ["Faults", "Late", "Dead", "Throttle"];
        let kind =
            kinds.iter().find(|kind| id.ends_with(**kind)).map(|kind| format!("`…{kind}Alarm`"));
        let told = [Some(format!("`{id}Alarm`")), kind].into_iter().flatten();
        assert!(
            told.into_iter().any(|name| guide.contains(&name)),
            "docs/operations.md: {id}Alarm"
        );
    }
}
