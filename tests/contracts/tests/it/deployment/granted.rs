//! What `infra/template.yaml` grants, and by which names.

use std::collections::BTreeSet;

use serde_norway::Value;

use crate::eleventh::{Stand, stands};

/// `channel-hotline-12345` is `ChannelHotline12345`.
fn logical_id(folder: &str) -> String {
    let upper = |part: &str| part[..1].to_uppercase() + &part[1..];
    folder.split('-').map(upper).collect()
}

/// All of them, of one template.
pub(super) fn rules(stand: &Stand) {
    no_wildcard_or_scan(stand);
    own_part_of_the_quarantine(stand);
    keys_and_journal_are_out_of_reach(&stand.root);
    reports_post_nothing(stand);
    nobody_alters_the_ledger(&stand.root);
    named_by_folders(stand);
    settings_are_granted(&stand.root);
    routes_may_invoke(&stand.root);
}

/// All mappings that grant something, wherever they are.
fn grants<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Mapping(mapping) => {
            let allow = value.get("Effect").and_then(Value::as_str) == Some("Allow");
            if allow && value.get("Principal").is_none() {
                found.push(value);
            }
            mapping.values().for_each(|value| grants(value, found));
        }
        Value::Sequence(items) => items.iter().for_each(|value| grants(value, found)),
        _ => {}
    }
}

/// A string or a list of strings, tags left out.
fn listed(value: &Value) -> Vec<&str> {
    match value.as_sequence() {
        Some(items) => items.iter().map(|item| item.as_str().unwrap()).collect(),
        None => vec![value.as_str().unwrap()],
    }
}

#[test]
fn no_grant_has_a_wildcard_or_a_scan() {
    for stand in stands() {
        no_wildcard_or_scan(&stand);
    }
}

fn no_wildcard_or_scan(stand: &Stand) {
    let mut found = Vec::new();
    grants(&stand.root, &mut found);
    assert!(found.len() > 30);
    let mut wide = BTreeSet::new();
    for grant in found {
        for action in listed(&grant["Action"]) {
            assert!(!action.contains('*') && !action.ends_with(":Scan"), "{action}");
        }
        wide.extend(listed(&grant["Resource"]).into_iter().filter(|name| name.contains('*')));
    }
    let archive = ["d", "e", "h"].map(|prefix| format!("${{Archive.Arn}}/{prefix}/*"));
    let mut prefixes: BTreeSet<&str> = archive.iter().map(String::as_str).collect();
    prefixes.extend(["${Uploads.Arn}/u/*", "${Mail.Arn}/m/*", "${Directory.Arn}/${RegionCode}/*"]);
    prefixes.extend(["${Reports.Arn}/f/*", "${Reports.Arn}/s/*"]);
    let own: Vec<String> = channels(stand).map(part_of_the_quarantine).collect();
    prefixes.extend(own.iter().map(String::as_str));
    assert_eq!(
        wide, prefixes,
        "only the prefixes of dossiers, photos, heads, uploads, mails, reports, the region's directories and each channel's own in quarantine"
    );
}

fn channels(stand: &Stand) -> impl Iterator<Item = &str> {
    stand.folders.iter().filter_map(|folder| folder.strip_prefix("channel-"))
}

fn part_of_the_quarantine(channel: &str) -> String {
    format!("${{Quarantine.Arn}}/q/{channel}/*")
}

/// What the role of a function grants.
fn granted_to<'a>(stand: &'a Stand, function: &str) -> Vec<&'a Value> {
    let roles = stand.root["Resources"].as_mapping().unwrap().values();
    let mut policies = roles.filter_map(|of| of["Properties"].get("Policies")?.get(0));
    let policy = policies.find(|of| of["PolicyName"] == function).unwrap();
    let mut found = Vec::new();
    grants(policy, &mut found);
    found
}

/// A channel's function puts into quarantine what it has not understood; only people look there.
#[test]
fn a_channel_s_function_only_puts_into_its_own_part_of_the_quarantine() {
    for stand in stands() {
        own_part_of_the_quarantine(&stand);
    }
}

fn own_part_of_the_quarantine(stand: &Stand) {
    for channel in channels(stand) {
        let name = format!("channel-{channel}");
        let found = granted_to(stand, &name);
        let on_quarantine = |grant: &&&Value| {
            listed(&grant["Resource"]).iter().any(|name| name.contains("Quarantine"))
        };
        let found: Vec<_> = found.iter().filter(on_quarantine).collect();
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(listed(&found[0]["Action"]), ["s3:PutObject"], "{name}");
        assert_eq!(listed(&found[0]["Resource"]), [part_of_the_quarantine(channel)], "{name}");
    }
}

/// Erasing and reading are people's: no deployed function destroys a key or touches the journal.
#[test]
fn no_function_destroys_a_key_or_has_the_journal() {
    for stand in stands() {
        keys_and_journal_are_out_of_reach(&stand.root);
    }
}

fn keys_and_journal_are_out_of_reach(root: &Value) {
    let mut found = Vec::new();
    grants(root, &mut found);
    let mut keys = 0;
    for grant in found {
        let resources = listed(&grant["Resource"]);
        assert!(!resources.iter().any(|name| name.starts_with("Journal.")), "{grant:?}");
        if resources.contains(&"Keys.Arn") {
            keys += 1;
            assert!(!listed(&grant["Action"]).contains(&"dynamodb:DeleteItem"), "{grant:?}");
        }
    }
    assert!(keys > 0, "the search for grants on the keys finds nothing");
}

/// What DynamoDB lets one do without changing anything.
const READS: [&str; 3] = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];

/// Who reports on money must not be able to move it.
#[test]
fn a_function_that_reports_can_post_nothing() {
    for stand in stands() {
        reports_post_nothing(&stand);
    }
}

fn reports_post_nothing(stand: &Stand) {
    let mut seen = 0;
    for name in stand.folders.iter().filter(|name| name.ends_with("-report")) {
        seen += 1;
        let found = granted_to(stand, name);
        for action in found.iter().flat_map(|grant| listed(&grant["Action"])) {
            let writes = action.starts_with("dynamodb:") && !READS.contains(&action);
            assert!(!writes, "{name} may {action}");
            assert!(!action.contains(":Delete"), "{name} may {action}");
        }
        let reads = |table: &str| {
            found.iter().any(|grant| listed(&grant["Resource"]).contains(&&*format!("{table}.Arn")))
        };
        assert!(reads("Ledger") && reads("Accounts"), "{name} does not read the ledger");
    }
    assert!(seen > 0, "no function ends in -report");
}

/// To the journals of the fund entries are added, by whoever posts; none is changed or taken away.
#[test]
fn no_function_alters_the_ledger() {
    for stand in stands() {
        nobody_alters_the_ledger(&stand.root);
    }
}

fn nobody_alters_the_ledger(root: &Value) {
    let mut found = Vec::new();
    grants(root, &mut found);
    let on_ledger = |grant: &&Value| {
        let resources = listed(&grant["Resource"]);
        resources.iter().any(|name| name.starts_with("Ledger.") || name.contains("${Ledger."))
    };
    let mut actions =
        found.into_iter().filter(on_ledger).flat_map(|grant| listed(&grant["Action"]));
    let mut appends = READS.to_vec();
    appends.push("dynamodb:PutItem");
    let wrong = actions.find(|action| !appends.contains(action));
    assert_eq!(wrong, None, "the ledger is only read and added to");
}

#[test]
fn each_function_is_named_by_its_folder_alone() {
    for stand in stands() {
        named_by_folders(&stand);
    }
}

fn named_by_folders(stand: &Stand) {
    let mut roles = BTreeSet::new();
    for (logical, resource) in stand.root["Resources"].as_mapping().unwrap() {
        if resource["Type"] != "AWS::Serverless::Function" {
            continue;
        }
        let of = &resource["Properties"];
        let folder = of["Tags"]["lianxin:function"].as_str().unwrap();
        assert_eq!(logical.as_str().unwrap(), logical_id(folder));
        assert_eq!(of["CodeUri"].as_str().unwrap(), format!("../target/lambda/{folder}/"));
        let name = of["FunctionName"].as_str().unwrap();
        assert_eq!(name, format!("${{AWS::StackName}}-{folder}"));
        assert!(roles.insert(of["Role"].as_str().unwrap().to_owned()), "{folder} shares a role");
        for (_, event) in of["Events"].as_mapping().into_iter().flatten() {
            if event["Type"] == "SQS" {
                let types = &event["Properties"]["FunctionResponseTypes"];
                assert_eq!(listed(types), ["ReportBatchItemFailures"]);
            }
        }
    }
    assert_eq!(roles.len(), stand.folders.len());
}

#[test]
fn a_role_grants_every_queue_table_secret_and_topic_of_its_function_s_settings() {
    for stand in stands() {
        settings_are_granted(&stand.root);
    }
}

fn settings_are_granted(root: &Value) {
    let resources = &root["Resources"];
    let mut seen = 0;
    for (logical, resource) in resources.as_mapping().unwrap() {
        if resource["Type"] != "AWS::Serverless::Function" {
            continue;
        }
        let of = &resource["Properties"];
        let role = of["Role"].as_str().unwrap().strip_suffix(".Arn").unwrap();
        let mut found = Vec::new();
        grants(&resources[role], &mut found);
        let granted: BTreeSet<&str> =
            found.iter().flat_map(|grant| listed(&grant["Resource"])).collect();
        let events = of["Events"].as_mapping().into_iter().flatten();
        let queues = events.filter_map(|(_, event)| event["Properties"]["Queue"].as_str());
        let set = of["Environment"]["Variables"].as_mapping().into_iter().flatten();
        let set = set.filter_map(|(_, value)| value.as_str()).filter_map(|name| {
            let kind = resources.get(name)?["Type"].as_str()?;
            // What `!Ref` of these gives is their ARN.
            let is_arn = ["AWS::SecretsManager::Secret", "AWS::SNS::Topic"].contains(&kind);
            Some(if is_arn { name.to_owned() } else { format!("{name}.Arn") })
        });
        let log = of["LoggingConfig"]["LogGroup"].as_str().unwrap();
        let log = std::iter::once(format!("{log}.Arn"));
        for wanted in set.chain(queues.map(str::to_owned)).chain(log) {
            seen += 1;
            let has = granted.iter().any(|one| one.contains(&wanted));
            assert!(has, "{role} of {logical:?} does not grant {wanted}");
        }
    }
    assert!(seen > 100, "the search for settings finds nothing");
}

#[test]
fn the_api_may_invoke_every_function_that_a_route_leads_to() {
    for stand in stands() {
        routes_may_invoke(&stand.root);
    }
}

fn routes_may_invoke(root: &Value) {
    let resources = root["Resources"].as_mapping().unwrap();
    let of = |kind: &str| {
        let all = resources.values().filter(move |one| one["Type"] == kind);
        all.map(|one| &one["Properties"]).collect::<Vec<_>>()
    };
    let permitted: Vec<&str> = of("AWS::Lambda::Permission")
        .into_iter()
        .filter_map(|one| one["SourceArn"].as_sequence()?.get(1)?["Path"].as_str())
        .collect();
    for route in of("AWS::ApiGatewayV2::Route") {
        let key = route["RouteKey"].as_str().unwrap();
        let path = key.strip_prefix("POST /").unwrap();
        assert!(permitted.contains(&path), "no permission for {key}");
    }
}
