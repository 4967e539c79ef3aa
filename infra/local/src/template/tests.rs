//! The reader on the real template, and on small ones that are wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde_norway::Value;

use super::resources::kebab;
use super::*;

/// In the template's order.
const CHANNELS: [&str; 10] = [
    "hotline-12345",
    "gaoxiaoban",
    "leader-board",
    "state-council",
    "mediation",
    "cyberspace",
    "media-help",
    "street-whistle",
    "grid",
    "mayor-mailbox",
];
const STEPS: [&str; 6] = ["intake", "dispatch", "handling", "feedback", "evaluation", "archive"];

fn city() -> Template {
    Template::local().unwrap()
}

fn set(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

/// The error of a template with these resources.
fn error(resources: &str) -> String {
    let text = format!("Parameters: {{P: {{Default: 1}}}}\nResources:\n{resources}");
    format!("{:#}", Template::parse(&text, &BTreeMap::new()).unwrap_err())
}

#[test]
fn every_function_is_read() {
    let names: Vec<_> = city().functions.into_iter().map(|function| function.name).collect();
    let mut expected = CHANNELS.map(|channel| format!("channel-{channel}")).to_vec();
    expected.push("attachment".to_owned());
    expected.extend(STEPS.map(|step| format!("step-{step}")));
    expected.extend(["schedule-sweep", "schedule-upkeep"].map(str::to_owned));
    assert_eq!(names, expected);
}

#[test]
fn a_step_takes_its_own_queue_and_knows_all_others() {
    let city = city();
    for step in STEPS {
        let function = city.function(&format!("step-{step}")).unwrap();
        let own = format!("lianxin-step-{step}");
        assert_eq!(
            function.sources,
            [Source::Queue { queue: own.clone(), batch_size: 10, max_concurrency: 20 }]
        );
        for other in STEPS {
            assert_eq!(
                function.environment[&format!("QUEUE_{}", other.to_uppercase())],
                EnvValue::QueueUrl(format!("lianxin-step-{other}"))
            );
        }
        assert_eq!(
            function.environment["DEAD_LETTER_QUEUE"],
            EnvValue::QueueUrl(format!("{own}-dead"))
        );
        let queue = city.queues.iter().find(|queue| queue.name == own).unwrap();
        assert_eq!(queue.dead_letter, Some((format!("{own}-dead"), 6)));
        assert!(u64::from(queue.visibility_s) >= 6 * function.timeout_s);
    }
    assert_eq!(city.queues.len(), 36);
}

#[test]
fn the_channel_has_its_route_and_its_secrets() {
    let city = city();
    let channel = city.function("channel-hotline-12345").unwrap();
    assert_eq!(channel.timeout_s, 10);
    let queue = "lianxin-channel-hotline-12345-tell".to_owned();
    assert_eq!(channel.sources, [Source::Queue { queue, batch_size: 5, max_concurrency: 2 }]);
    let expected = [
        ("CHANNEL_SECRET", EnvValue::Secret("channel-hotline-12345-secret".to_owned())),
        (
            "DEAD_LETTER_QUEUE",
            EnvValue::QueueUrl("lianxin-channel-hotline-12345-tell-dead".to_owned()),
        ),
        ("KEYS_TABLE", EnvValue::Table("lianxin-keys".to_owned())),
        ("LEASE_SECONDS", EnvValue::Literal("10".to_owned())),
        ("LIANXIN_REGION", EnvValue::Literal("140581".to_owned())),
        ("QUARANTINE_BUCKET", EnvValue::Bucket("lianxin-quarantine-000000000000".to_owned())),
        ("QUEUE_ARCHIVE", EnvValue::QueueUrl("lianxin-step-archive".to_owned())),
        ("QUEUE_EVALUATION", EnvValue::QueueUrl("lianxin-step-evaluation".to_owned())),
        ("QUEUE_INTAKE", EnvValue::QueueUrl("lianxin-step-intake".to_owned())),
        ("ROOT_KEY_SECRET", EnvValue::Secret("root-key".to_owned())),
        ("RUST_LOG", EnvValue::Literal("info".to_owned())),
        ("SEALED_TABLE", EnvValue::Table("lianxin-sealed".to_owned())),
        ("TICKETS_TABLE", EnvValue::Table("lianxin-tickets".to_owned())),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(channel.environment, BTreeMap::from(expected));
    let mut expected = Vec::new();
    for channel in CHANNELS.into_iter().filter(|channel| *channel != "mayor-mailbox") {
        expected.push(format!("POST /channels/{channel} channel-{channel}"));
        let second = match channel {
            "gaoxiaoban" | "media-help" | "street-whistle" => "uploads",
            "state-council" => "status",
            _ => continue,
        };
        expected.push(format!("POST /channels/{channel}/{second} channel-{channel}"));
    }
    let routes = city.routes.iter().map(|r| format!("{} {} {}", r.method, r.path, r.function));
    assert_eq!(routes.collect::<Vec<_>>(), expected);
}

#[test]
fn secrets_say_how_to_make_them() {
    let secrets = city().secrets;
    let names: Vec<_> = secrets.iter().map(|secret| secret.name.as_str()).collect();
    let mut expected = vec!["root-key".to_owned()];
    expected.extend(CHANNELS.map(|channel| format!("channel-{channel}-secret")));
    assert_eq!(names, expected);
    assert!(secrets.iter().all(|secret| secret.length == 64));
    assert_eq!(secrets[0].json, None);
    let json = secrets[1].json.clone().unwrap();
    assert_eq!((json.template.as_str(), json.key.as_str()), (r#"{"previous":""}"#, "current"));
}

#[test]
fn tables_and_bucket_have_their_keys_and_names() {
    let city = city();
    let table =
        |logical: &str| city.tables.iter().find(|table| table.logical == logical).cloned().unwrap();
    let tickets = table("Tickets");
    assert_eq!(tickets.name, "lianxin-tickets");
    assert_eq!((tickets.hash.as_str(), tickets.range.as_deref()), ("pk", Some("sk")));
    let indexes: Vec<_> = tickets
        .indexes
        .iter()
        .map(|index| (index.name.as_str(), index.hash.as_str(), index.range.as_deref()))
        .collect();
    assert_eq!(
        indexes,
        [
            ("tier_status", "ts_pk", Some("ts_sk")),
            ("inbox", "in_pk", Some("in_sk")),
            ("due", "due_pk", Some("due_sk")),
            ("number", "no_pk", None),
            ("citizen", "ci_pk", Some("ci_sk")),
            ("lead", "ld_pk", Some("ld_sk")),
            ("archived", "ar_pk", Some("ar_sk")),
            ("telling", "tl_pk", Some("tl_sk")),
        ]
    );
    assert_eq!(tickets.expires.as_deref(), Some("ex"));
    assert_eq!(table("Sealed").expires, None);
    assert_eq!(table("Sealed").range.as_deref(), Some("sk"));
    assert_eq!(table("Journal").range.as_deref(), Some("sk"));
    assert_eq!(table("Keys").range, None);
    let bucket = |name: &str, created: &[&str]| Bucket {
        name: format!("lianxin-{name}-000000000000"),
        created: created.iter().map(|queue| (*queue).to_owned()).collect(),
    };
    let buckets = [
        bucket("archive", &[]),
        bucket("uploads", &["lianxin-attachment"]),
        bucket("mail", &["lianxin-channel-mayor-mailbox"]),
        bucket("quarantine", &[]),
    ];
    assert_eq!(city.buckets, buckets);
}

#[test]
fn the_sweep_runs_every_minute_and_the_upkeep_every_hour() {
    let city = city();
    let schedules: Vec<_> =
        city.schedules().map(|(function, every_s)| (function.name.as_str(), every_s)).collect();
    assert_eq!(schedules, [("schedule-sweep", 60), ("schedule-upkeep", 3600)]);
    assert!(city.function("schedule-sweep").unwrap().timeout_s < 60);
}

#[test]
fn parameters_override_defaults_and_are_checked() {
    let city = Template::parse(TEMPLATE, &set("LeaseSeconds", "7")).unwrap();
    let step = city.function("step-intake").unwrap();
    assert_eq!(step.environment["LEASE_SECONDS"], EnvValue::Literal("7".to_owned()));
    let refused = |parameters| format!("{:#}", Template::parse(TEMPLATE, &parameters).unwrap_err());
    assert_eq!(refused(set("Leese", "7")), "there is no parameter Leese");
    assert_eq!(
        refused(set("Stage", "moon")),
        "parameter Stage: moon is not one of its AllowedValues"
    );
}

#[test]
fn every_environment_fits_the_template() {
    let files = [
        LOCAL_PARAMETERS,
        include_str!("../../../environments/dev.yaml"),
        include_str!("../../../environments/test.yaml"),
        include_str!("../../../environments/prod.yaml"),
    ];
    let stages = ["local", "dev", "test", "prod"];
    for (file, stage) in files.into_iter().zip(stages) {
        let parameters = parse_parameters(file).unwrap();
        assert_eq!(parameters["Stage"], stage);
        Template::parse(TEMPLATE, &parameters).unwrap();
    }
    assert!(parse_parameters("Stage: [a]").is_err());
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
    let root: Value = serde_norway::from_str(TEMPLATE).unwrap();
    let mut found = Vec::new();
    grants(&root, &mut found);
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
    prefixes.extend(["${Uploads.Arn}/u/*", "${Mail.Arn}/m/*"]);
    let own = CHANNELS.map(|channel| format!("${{Quarantine.Arn}}/q/{channel}/*"));
    prefixes.extend(own.iter().map(String::as_str));
    assert_eq!(
        wide, prefixes,
        "only the prefixes of dossiers, photos, heads, uploads, mails and each channel's own in quarantine"
    );
}

/// A channel's function puts into quarantine what it has not understood; only people look there.
#[test]
fn a_channel_s_function_only_puts_into_its_own_part_of_the_quarantine() {
    let root: Value = serde_norway::from_str(TEMPLATE).unwrap();
    for channel in CHANNELS {
        let name = format!("channel-{channel}");
        let roles = root["Resources"].as_mapping().unwrap().values();
        let mut policies = roles.filter_map(|of| of["Properties"].get("Policies")?.get(0));
        let policy = policies.find(|of| of["PolicyName"] == name.as_str()).unwrap();
        let mut found = Vec::new();
        grants(policy, &mut found);
        let on_quarantine = |grant: &&&Value| {
            listed(&grant["Resource"]).iter().any(|name| name.contains("Quarantine"))
        };
        let found: Vec<_> = found.iter().filter(on_quarantine).collect();
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(listed(&found[0]["Action"]), ["s3:PutObject"], "{name}");
        let own = format!("${{Quarantine.Arn}}/q/{channel}/*");
        assert_eq!(listed(&found[0]["Resource"]), [own.as_str()], "{name}");
    }
}

/// Erasing and reading are people's: no deployed function destroys a key or touches the journal.
#[test]
fn no_function_destroys_a_key_or_has_the_journal() {
    let root: Value = serde_norway::from_str(TEMPLATE).unwrap();
    let mut found = Vec::new();
    grants(&root, &mut found);
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

#[test]
fn each_function_is_named_by_its_folder_alone() {
    let root: Value = serde_norway::from_str(TEMPLATE).unwrap();
    let mut roles = BTreeSet::new();
    for (logical, resource) in root["Resources"].as_mapping().unwrap() {
        if resource["Type"] != "AWS::Serverless::Function" {
            continue;
        }
        let of = &resource["Properties"];
        let folder = of["Tags"]["lianxin:function"].as_str().unwrap();
        assert_eq!(kebab(logical.as_str().unwrap()), folder);
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
    assert_eq!(roles.len(), 19);
}

#[test]
fn both_spellings_of_the_functions_and_conditions_work() {
    let text = r#"
Parameters: {Deep: {Default: "yes"}}
Conditions:
  Deep: !Equals [!Ref Deep, "yes"]
  Shallow: {"Fn::Not": [!Condition Deep]}
  Both: !And [!Condition Deep, !Condition Shallow]
  One: !Or [!Condition Shallow, !Condition Deep]
Resources:
  A:
    Type: AWS::SQS::Queue
    Condition: One
    Properties:
      QueueName: {"Fn::Sub": "${AWS::StackName}-${AWS::Region}-a"}
      VisibilityTimeout: !If [Both, 1, 2]
      RedrivePolicy: !If [Shallow, {maxReceiveCount: 1}, !Ref AWS::NoValue]
  B: {Type: AWS::SQS::Queue, Condition: Shallow, Properties: {}}
"#;
    let name = "lianxin-cn-north-1-a".to_owned();
    assert_eq!(
        Template::parse(text, &BTreeMap::new()).unwrap().queues,
        [Queue { name, visibility_s: 2, dead_letter: None }]
    );
}

#[test]
fn errors_name_the_resource_and_the_property() {
    let function = "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      ";
    let cases = [
        (
            "  Q: {Type: AWS::SQS::Queue, Properties: {}}".to_owned(),
            "resource Q: Properties.QueueName is missing",
        ),
        (
            "  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: a, VisibilityTimeout: long}}"
                .to_owned(),
            "resource Q: Properties.VisibilityTimeout: long is no such number",
        ),
        (
            "  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub \"${Nope}-b\"}}".to_owned(),
            "resource B: Properties.BucketName: Nope is neither a parameter nor a resource",
        ),
        (
            "  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Join [a, [b]]}}".to_owned(),
            "resource B: Properties.BucketName: this use of Join is not understood by the local city",
        ),
        (
            format!("{function}Timeout: 3"),
            "resource F: Properties.Tags.lianxin:function is missing",
        ),
        (
            format!("{function}Environment: {{Variables: {{X: !GetAtt F.Arn}}}}"),
            "resource F: Properties.Environment.Variables.X: Arn of F, of type AWS::Serverless::Function, means nothing to the local city",
        ),
        (
            format!("{function}Events: {{E: {{Type: S3, Properties: {{}}}}}}"),
            "resource F: Properties.Events.E.Type: the local city cannot raise S3 events",
        ),
        (
            format!(
                "{function}Events: {{E: {{Type: ScheduleV2, Properties: {{ScheduleExpression: rate(0 days)}}}}}}"
            ),
            "resource F: Properties.Events.E.Properties.ScheduleExpression: rate(0 days) is not rate(N unit)",
        ),
    ];
    for (resources, expected) in cases {
        assert_eq!(error(&resources), expected);
    }
}
