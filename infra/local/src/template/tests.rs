//! The reader on the real template, and on small ones that are wrong.

use std::collections::BTreeMap;

use super::*;

const STEPS: [&str; 6] = ["intake", "dispatch", "handling", "feedback", "evaluation", "archive"];

fn city() -> Template {
    Template::local().unwrap()
}

/// The folders of functions, sorted: what there is, without a list of it here.
fn folders() -> Vec<String> {
    let functions = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions");
    let all = std::fs::read_dir(functions).unwrap();
    let mut names: Vec<_> =
        all.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
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
    let mut names: Vec<_> = city().functions.into_iter().map(|function| function.name).collect();
    names.sort();
    assert_eq!(names, folders());
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
    let routes: Vec<_> =
        city.routes.iter().filter(|route| route.function == channel.name).collect();
    let (method, path) = ("POST".to_owned(), "/channels/hotline-12345".to_owned());
    assert_eq!(routes, [&Route { method, path, function: channel.name.clone() }]);
}

#[test]
fn secrets_say_how_to_make_them() {
    let secrets = city().secrets;
    let mut names: Vec<_> = secrets.iter().map(|secret| secret.name.clone()).collect();
    names.sort();
    let channels = folders().into_iter().filter(|name| name.starts_with("channel-"));
    let mut expected: Vec<_> = channels.map(|channel| format!("{channel}-secret")).collect();
    expected.extend(["report-key", "root-key"].map(str::to_owned));
    assert_eq!(names, expected);
    assert!(secrets.iter().all(|secret| secret.length == 64));
    // Both keys are text; what channels have is JSON.
    assert!(secrets[..2].iter().all(|secret| secret.json.is_none()));
    let json = secrets[2].json.clone().unwrap();
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
    assert!(tickets.indexes.iter().all(|index| !index.whole));
    assert_eq!(tickets.expires.as_deref(), Some("ex"));
    let sketches = table("Sketches");
    assert_eq!((sketches.hash.as_str(), sketches.range.as_deref()), ("pk", None));
    let index = |name: &str, hash: &str, range: &str| Index {
        name: name.to_owned(),
        hash: hash.to_owned(),
        range: Some(range.to_owned()),
        whole: true,
    };
    let indexes = [index("near", "nr_pk", "nr_sk"), index("body", "bd_pk", "nr_sk")];
    assert_eq!(sketches.indexes, indexes);
    assert_eq!(sketches.expires.as_deref(), Some("ex"));
    assert_eq!(table("Sealed").expires, None);
    assert_eq!(table("Sealed").range.as_deref(), Some("sk"));
    assert_eq!(table("Journal").range.as_deref(), Some("sk"));
    assert_eq!(table("Keys").range, None);
    let bucket = |logical: &str, name: &str, created: &[&str]| Bucket {
        logical: logical.to_owned(),
        name: format!("lianxin-{name}-000000000000"),
        created: created.iter().map(|queue| (*queue).to_owned()).collect(),
    };
    let buckets = [
        bucket("Archive", "archive", &[]),
        bucket("Reports", "reports", &[]),
        bucket("Uploads", "uploads", &["lianxin-attachment"]),
        bucket("Mail", "mail", &["lianxin-channel-mayor-mailbox"]),
        bucket("Quarantine", "quarantine", &[]),
        bucket("Directory", "directory", &[]),
    ];
    assert_eq!(city.buckets, buckets);
}

#[test]
fn the_reports_have_the_ledger_and_the_topic_of_finance() {
    let city = city();
    assert_eq!(city.topics, ["lianxin-ops", "lianxin-finance"]);
    let environment = &city.function("schedule-fund-report").unwrap().environment;
    let expected = [
        ("ACCOUNTS_TABLE", EnvValue::Table("lianxin-accounts".to_owned())),
        ("FINANCE_TOPIC", EnvValue::Topic("lianxin-finance".to_owned())),
        ("LEDGER_TABLE", EnvValue::Table("lianxin-ledger".to_owned())),
        ("REPORTS_BUCKET", EnvValue::Bucket("lianxin-reports-000000000000".to_owned())),
        ("REPORT_KEY_SECRET", EnvValue::Secret("report-key".to_owned())),
    ];
    for (name, value) in expected {
        assert_eq!(environment[name], value, "{name}");
    }
}

#[test]
fn clocks_and_sweep_run_every_minute_and_upkeep_and_reports_every_hour() {
    let city = city();
    let schedules: Vec<_> =
        city.schedules().map(|(function, every_s)| (function.name.as_str(), every_s)).collect();
    let every_minute = [("schedule-deadlines", 60), ("schedule-sweep", 60)];
    let every_hour = [("schedule-upkeep", 3600), ("schedule-fund-report", 3600)];
    assert_eq!(schedules, [every_minute, every_hour].concat());
    for (name, every_s) in every_minute {
        assert!(city.function(name).unwrap().timeout_s < every_s);
    }
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
