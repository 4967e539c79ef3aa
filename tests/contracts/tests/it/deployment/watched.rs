//! What `infra/template.yaml` watches: whatever can fail, fall behind or fill up has its alarm, every
//! alarm tells ops, and the dashboard shows it all.
//!
//! An alarm's metrics and the dashboard's are brought into one form, so that both are asked alike.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use serde_norway::Value;

use crate::eleventh::stands;
use crate::support::text;

/// So many metrics one alarm may take.
const METRICS_OF_ALARM_MAX: usize = 10;

/// A metric: namespace, name, and dimensions whose values are logical ids, an attribute behind a dot.
type Metric = (String, String, BTreeMap<String, String>);

fn metric(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Metric {
    let owned = dimensions.iter().map(|(name, of)| ((*name).to_owned(), (*of).to_owned()));
    (namespace.to_owned(), name.to_owned(), owned.collect())
}

/// The template's resources, by logical id: type and properties.
struct Resources(BTreeMap<String, (String, Value)>);

impl Resources {
    /// Those of the template, and those with an eleventh channel's.
    fn all() -> [Self; 2] {
        stands().map(|stand| Self::of_root(&stand.root))
    }

    fn of_root(root: &Value) -> Self {
        let all = root["Resources"].as_mapping().unwrap().iter().map(|(id, of)| {
            let kind = of["Type"].as_str().unwrap().to_owned();
            (id.as_str().unwrap().to_owned(), (kind, of["Properties"].clone()))
        });
        Self(all.collect())
    }

    fn of(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let found = self.0.iter().filter(|(_, (one, _))| one == kind);
        let found: BTreeMap<_, _> = found.map(|(id, (_, of))| (id.as_str(), of)).collect();
        assert!(!found.is_empty(), "infra/template.yaml has no {kind}");
        found
    }

    fn functions(&self) -> Vec<&str> {
        self.of("AWS::Serverless::Function").into_keys().collect()
    }

    /// Queues that work waits in, and those for what was given up: only the first send on to others.
    fn queues(&self) -> (Vec<&str>, Vec<&str>) {
        let all = self.of("AWS::SQS::Queue").into_iter();
        let (work, dead): (BTreeMap<_, _>, BTreeMap<_, _>) =
            all.partition(|(_, of)| of.get("RedrivePolicy").is_some());
        (work.into_keys().collect(), dead.into_keys().collect())
    }

    /// Each table, and each index of it.
    fn stores(&self) -> Vec<Vec<(&str, &str)>> {
        let mut stores = Vec::new();
        for (id, of) in self.of("AWS::DynamoDB::Table") {
            let table = ("TableName", id);
            stores.push(vec![table]);
            let indexes = of.get("GlobalSecondaryIndexes").and_then(Value::as_sequence);
            for index in indexes.into_iter().flatten() {
                let name = index["IndexName"].as_str().unwrap();
                stores.push(vec![table, ("GlobalSecondaryIndexName", name)]);
            }
        }
        stores
    }

    /// What each alarm watches.
    fn alarms(&self) -> BTreeMap<&str, Vec<Metric>> {
        let all = self.of("AWS::CloudWatch::Alarm").into_iter();
        all.map(|(id, of)| match of.get("Metrics").and_then(Value::as_sequence) {
            None => (id, vec![of_alarm(of)]),
            Some(list) => {
                let stats = list.iter().filter_map(|one| one.get("MetricStat"));
                (id, stats.map(|stat| of_alarm(&stat["Metric"])).collect())
            }
        })
        .collect()
    }

    fn dashboard(&self) -> (&str, Json) {
        let [of] = *self.of("AWS::CloudWatch::Dashboard").into_values().collect::<Vec<_>>() else {
            panic!("infra/template.yaml has not one dashboard")
        };
        let body = of["DashboardBody"].as_str().unwrap();
        (body, serde_json::from_str(body).unwrap())
    }
}

fn of_alarm(of: &Value) -> Metric {
    let text = |of: &Value| of.as_str().unwrap().to_owned();
    let dimensions = of.get("Dimensions").and_then(Value::as_sequence).into_iter().flatten();
    let dimensions = dimensions.map(|one| (text(&one["Name"]), text(&one["Value"])));
    (text(&of["Namespace"]), text(&of["MetricName"]), dimensions.collect())
}

/// `${X}` without its braces.
fn bare(text: &str) -> String {
    text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text).to_owned()
}

/// What the dashboard shows.
fn shown(dashboard: &Json) -> BTreeSet<Metric> {
    let widgets = dashboard["widgets"].as_array().unwrap().iter();
    let metrics = widgets.filter_map(|widget| widget["properties"]["metrics"].as_array()).flatten();
    let texts = metrics.map(|metric| -> Vec<String> {
        metric.as_array().unwrap().iter().filter_map(Json::as_str).map(bare).collect()
    });
    texts
        .map(|texts| {
            let (head, dimensions) = texts.split_at(2);
            let pairs = dimensions.chunks_exact(2).map(|two| (two[0].clone(), two[1].clone()));
            (head[0].clone(), head[1].clone(), pairs.collect())
        })
        .collect()
}

#[track_caller]
fn assert_all(wanted: impl IntoIterator<Item = Metric>, has: &BTreeSet<Metric>, what: &str) {
    let missing: Vec<Metric> = wanted.into_iter().filter(|one| !has.contains(one)).collect();
    assert!(missing.is_empty(), "infra/template.yaml: {what}: {missing:#?}");
}

fn of_functions(resources: &Resources, names: &[&str]) -> Vec<Metric> {
    let all = resources.functions().into_iter();
    all.flat_map(|id| {
        names.iter().map(move |name| metric("AWS/Lambda", name, &[("FunctionName", id)]))
    })
    .collect()
}

fn of_queues(ids: &[&str], name: &str) -> Vec<Metric> {
    let dimension = |id: &&str| format!("{id}.QueueName");
    ids.iter().map(|id| metric("AWS/SQS", name, &[("QueueName", &dimension(id))])).collect()
}

fn of_stores(resources: &Resources, names: &[&str]) -> Vec<Metric> {
    let all = resources.stores().into_iter();
    all.flat_map(|of| names.iter().map(move |name| metric("AWS/DynamoDB", name, &of))).collect()
}

/// What the log filters count.
fn counted(resources: &Resources) -> Vec<Metric> {
    let filters = resources.of("AWS::Logs::MetricFilter").into_values();
    let counted = filters.flat_map(|of| of["MetricTransformations"].as_sequence().unwrap());
    let name = |of: &Value, key: &str| of[key].as_str().unwrap().to_owned();
    counted.map(|of| metric(&name(of, "MetricNamespace"), &name(of, "MetricName"), &[])).collect()
}

/// All of them, of one template.
pub(super) fn rules(root: &Value) {
    let resources = Resources::of_root(root);
    functions_are_watched(&resources);
    queues_are_watched(&resources);
    stores_are_watched(&resources);
    topics_reach_somebody(&resources);
    alarms_tell_ops(&resources);
    filters_find(&resources);
    dashboard_shows(&resources);
    dashboard_names(&resources);
}

const AGE: &str = "ApproximateAgeOfOldestMessage";
const DEPTH: &str = "ApproximateNumberOfMessagesVisible";
const THROTTLES: [&str; 2] = ["ReadThrottleEvents", "WriteThrottleEvents"];

#[test]
fn every_function_has_log_retention_and_a_faults_alarm() {
    for resources in Resources::all() {
        functions_are_watched(&resources);
    }
}

fn functions_are_watched(resources: &Resources) {
    let logs = resources.of("AWS::Logs::LogGroup");
    for id in resources.functions() {
        let log = logs.get(format!("{id}Log").as_str());
        let kept = log.and_then(|log| log.get("RetentionInDays"));
        assert!(kept.is_some(), "infra/template.yaml: {id}Log with RetentionInDays is missing");
    }
    let watched = resources.alarms().into_values().flatten().collect();
    assert_all(of_functions(resources, &["Errors", "Throttles"]), &watched, "no alarm watches");
}

#[test]
fn every_queue_has_an_age_alarm_and_its_dead_letter_queue_an_alarm() {
    for resources in Resources::all() {
        queues_are_watched(&resources);
    }
}

fn queues_are_watched(resources: &Resources) {
    let (work, dead) = resources.queues();
    let queues = resources.of("AWS::SQS::Queue");
    for id in &work {
        let target = queues[id]["RedrivePolicy"]["deadLetterTargetArn"].as_str().unwrap();
        let target = target.strip_suffix(".Arn").unwrap();
        assert!(dead.contains(&target), "{id} gives up to {target}, which gives up itself");
    }
    let watched = resources.alarms().into_values().flatten().collect();
    assert_all(of_queues(&work, AGE), &watched, "no alarm watches");
    assert_all(of_queues(&dead, DEPTH), &watched, "no alarm watches");
}

#[test]
fn every_table_and_index_has_an_alarm_for_throttled_reads_and_writes() {
    for resources in Resources::all() {
        stores_are_watched(&resources);
    }
}

fn stores_are_watched(resources: &Resources) {
    let watched = resources.alarms().into_values().flatten().collect();
    assert_all(of_stores(resources, &THROTTLES), &watched, "no alarm watches");
}

/// A topic without a subscription tells nobody.
#[test]
fn every_topic_can_be_mailed_to_somebody() {
    for resources in Resources::all() {
        topics_reach_somebody(&resources);
    }
}

fn topics_reach_somebody(resources: &Resources) {
    let mails = resources.of("AWS::SNS::Subscription");
    let mailed: BTreeSet<&str> = mails.values().filter_map(|of| of["TopicArn"].as_str()).collect();
    let topics: BTreeSet<&str> = resources.of("AWS::SNS::Topic").into_keys().collect();
    assert_eq!(mailed, topics, "infra/template.yaml: topics, and those with a subscription");
}

#[test]
fn every_alarm_tells_ops_and_is_one_that_cloudwatch_takes() {
    for resources in Resources::all() {
        alarms_tell_ops(&resources);
    }
}

fn alarms_tell_ops(resources: &Resources) {
    let alarms = resources.alarms();
    for (id, of) in resources.of("AWS::CloudWatch::Alarm") {
        let told = of["AlarmActions"].as_sequence().unwrap();
        assert!(told.iter().any(|one| one.as_str() == Some("OpsTopic")), "{id} tells nobody");
        assert!(alarms[id].len() <= METRICS_OF_ALARM_MAX, "{id} has too many metrics");
    }
    let watched = alarms.into_values().flatten().collect();
    assert_all(counted(resources), &watched, "no alarm watches what a log filter counts");
}

#[test]
fn the_log_filters_look_for_what_is_logged() {
    for resources in Resources::all() {
        filters_find(&resources);
    }
}

fn filters_find(resources: &Resources) {
    let filters = resources.of("AWS::Logs::MetricFilter");
    let counts = |id: &str| filters.contains_key(format!("{id}GivenUpMetric").as_str());
    for channel in resources.0.keys().filter_map(|id| id.strip_suffix("TellQueue")) {
        assert!(counts(channel), "infra/template.yaml: nothing counts what {channel} gives up");
    }
    let sweep = text("functions/schedule-sweep/src/lib.rs");
    let upkeep = text("functions/schedule-upkeep/src/head.rs");
    let deadlines = text("functions/schedule-deadlines/src/lib.rs");
    let reports = text("functions/schedule-fund-report/src/lib.rs");
    let tell = text("shared/lambda/src/tell.rs");
    for (id, of) in resources.of("AWS::Logs::MetricFilter") {
        let source = match of["LogGroupName"].as_str() {
            Some("ScheduleSweepLog") => &sweep,
            Some("ScheduleUpkeepLog") => &upkeep,
            Some("ScheduleDeadlinesLog") => &deadlines,
            Some("ScheduleFundReportLog") => &reports,
            Some(channel) if channel.starts_with("Channel") => &tell,
            other => panic!("{id}: teach this test who writes to {other:?}"),
        };
        let words = of["FilterPattern"].as_str().unwrap().split('"').skip(1).step_by(2);
        for words in words {
            assert!(source.contains(&format!("\"{words}\"")), "{id}: nobody logs {words:?}");
        }
        for value in of["MetricTransformations"].as_sequence().unwrap() {
            let field = value["MetricValue"].as_str().unwrap().strip_prefix("$.fields.");
            let logged = field.is_none_or(|field| source.contains(&format!("{field} = ")));
            assert!(logged, "{id}: nobody logs a field {field:?}");
        }
    }
}

#[test]
fn the_dashboard_shows_every_queue_every_function_every_table_and_every_alarm() {
    for resources in Resources::all() {
        dashboard_shows(&resources);
    }
}

fn dashboard_shows(resources: &Resources) {
    let (body, dashboard) = resources.dashboard();
    let shown = shown(&dashboard);
    let (work, dead) = resources.queues();
    let not = "the dashboard does not show";
    assert_all(of_functions(resources, &["Errors", "Throttles", "Duration"]), &shown, not);
    let requests = of_functions(resources, &["Invocations"]).into_iter();
    let of_channels = requests.filter(|(_, _, of)| of["FunctionName"].starts_with("Channel"));
    assert_all(of_channels, &shown, not);
    assert_all([AGE, DEPTH].iter().flat_map(|name| of_queues(&work, name)), &shown, not);
    assert_all(of_queues(&dead, DEPTH), &shown, not);
    let units = ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"];
    assert_all(of_stores(resources, &[units, THROTTLES].concat()), &shown, not);
    assert_all(counted(resources), &shown, not);
    let api = |name| metric("AWS/ApiGateway", name, &[("ApiId", "Api")]);
    assert_all(["Count", "4xx", "5xx"].map(api), &shown, not);
    for id in resources.alarms().into_keys() {
        assert!(body.contains(&format!("\"${{{id}.Arn}}\"")), "{not} {id}");
    }
}

/// One template for all regions, partitions, accounts and stacks.
#[test]
fn the_dashboard_names_what_is_there_and_no_place() {
    for resources in Resources::all() {
        dashboard_names(&resources);
    }
}

fn dashboard_names(resources: &Resources) {
    let (body, dashboard) = resources.dashboard();
    assert!(!body.contains("arn:"), "an ARN is written out; take !GetAtt's ${{X.Arn}}");
    for widget in dashboard["widgets"].as_array().unwrap() {
        let of = &widget["properties"];
        let region = of.get("region").and_then(Json::as_str);
        assert!(of.get("metrics").is_none() || region == Some("${AWS::Region}"), "{}", of["title"]);
    }
    for name in body.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()) {
        let logical = name.split('.').next().unwrap();
        let known = resources.0.contains_key(logical);
        assert!(known || name.starts_with("AWS::"), "there is no resource {name}");
    }
}
