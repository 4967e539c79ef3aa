//! What the template's resources mean on one machine, type by type.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};

use super::node::{INTEGRATION, Node, REF, Resolved, Scope};
use super::{Bucket, EnvValue, Function, Index, Queue, Route, Secret, SecretJson, Source, Table};

const FUNCTION: &str = "AWS::Serverless::Function";
const QUEUE: &str = "AWS::SQS::Queue";
const TABLE: &str = "AWS::DynamoDB::Table";
const BUCKET: &str = "AWS::S3::Bucket";
const SECRET: &str = "AWS::SecretsManager::Secret";
const TOPIC: &str = "AWS::SNS::Topic";
const ROUTE: &str = "AWS::ApiGatewayV2::Route";

/// The tag that holds a function's folder.
const FOLDER_TAG: &str = "lianxin:function";

/// What AWS takes when a function, a queue or an event source does not say.
const DEFAULT_TIMEOUT_S: u64 = 3;
const DEFAULT_VISIBILITY_S: u32 = 30;
const DEFAULT_BATCH: u32 = 10;
const DEFAULT_SECRET_LENGTH: u32 = 32;

/// Applies `read` to the properties of every resource of the type `kind`.
fn each<T>(
    scope: &Scope<'_>,
    kind: &str,
    read: impl Fn(&str, &Node<'_, '_>) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    scope
        .resources_of(kind)?
        .into_iter()
        .map(|logical| read(logical, &properties(scope, logical)?))
        .collect()
}

fn properties<'a, 's>(scope: &'s Scope<'a>, logical: &str) -> anyhow::Result<Node<'a, 's>> {
    scope
        .resource(logical)
        .with_context(|| format!("there is no resource {logical}"))?
        .need(&["Properties"])
}

/// All functions.
pub(super) fn functions(scope: &Scope<'_>) -> anyhow::Result<Vec<Function>> {
    let functions = each(scope, FUNCTION, |_, of| function(scope, of))?;
    let mut seen = BTreeMap::new();
    for function in &functions {
        ensure!(
            seen.insert(&function.name, ()).is_none(),
            "two functions have the folder {} in their tag {FOLDER_TAG}",
            function.name
        );
    }
    Ok(functions)
}

fn function(scope: &Scope<'_>, of: &Node<'_, '_>) -> anyhow::Result<Function> {
    let defaults = scope.function_defaults();
    let mut timeout_s = DEFAULT_TIMEOUT_S;
    let mut environment = BTreeMap::new();
    for layer in defaults.iter().chain([of]) {
        if let Some(timeout) = layer.find(&["Timeout"])? {
            timeout_s = timeout.number()?;
        }
        if let Some(variables) = layer.find(&["Environment", "Variables"])? {
            for (name, value) in variables.entries()? {
                environment.insert(name, env_value(&value)?);
            }
        }
    }
    let mut sources = Vec::new();
    if let Some(events) = of.find(&["Events"])? {
        for (_, event) in events.entries()? {
            sources.push(source(&event)?);
        }
    }
    Ok(Function { name: folder(of)?, timeout_s, environment, sources })
}

fn folder(function: &Node<'_, '_>) -> anyhow::Result<String> {
    function.need(&["Tags", FOLDER_TAG])?.text()
}

fn env_value(value: &Node<'_, '_>) -> anyhow::Result<EnvValue> {
    let (logical, attribute) = match value.resolve()? {
        Resolved::Text(text) => return Ok(EnvValue::Literal(text)),
        Resolved::Reference { logical, attribute } => (logical, attribute),
    };
    let name = || physical_name(value.scope(), &logical);
    Ok(match (value.scope().kind(&logical), attribute.as_str()) {
        (TABLE, REF) => EnvValue::Table(name()?),
        (BUCKET, REF) => EnvValue::Bucket(name()?),
        (QUEUE, REF | "QueueUrl") => EnvValue::QueueUrl(name()?),
        (QUEUE, "QueueName") => EnvValue::Literal(name()?),
        (SECRET, REF | "Id") => EnvValue::Secret(kebab(&logical)),
        (TOPIC, REF | "TopicArn") => EnvValue::Topic(name()?),
        (kind, attribute) => bail!(
            "{}: {attribute} of {logical}, of type {kind}, means nothing to the local city",
            value.at()
        ),
    })
}

/// The name that the template gives to a table, queue, bucket or topic.
fn physical_name(scope: &Scope<'_>, logical: &str) -> anyhow::Result<String> {
    let property = match scope.kind(logical) {
        TABLE => "TableName",
        QUEUE => "QueueName",
        BUCKET => "BucketName",
        TOPIC => "TopicName",
        kind => bail!("resource {logical}: a {kind} has no local name"),
    };
    properties(scope, logical)?.need(&[property])?.text()
}

/// The logical id of a resource of type `kind` whose ARN `value` is.
fn arn_of(value: &Node<'_, '_>, kind: &str) -> anyhow::Result<String> {
    match value.resolve()? {
        Resolved::Reference { logical, attribute }
            if attribute == "Arn" && value.scope().kind(&logical) == kind =>
        {
            Ok(logical)
        }
        _ => bail!("{}: expected !GetAtt X.Arn of a resource of type {kind}", value.at()),
    }
}

fn source(event: &Node<'_, '_>) -> anyhow::Result<Source> {
    let kind = event.need(&["Type"])?;
    let of = event.need(&["Properties"])?;
    match kind.text()?.as_str() {
        "SQS" => Ok(Source::Queue {
            queue: physical_name(event.scope(), &arn_of(&of.need(&["Queue"])?, QUEUE)?)?,
            batch_size: number_or(&of, &["BatchSize"], DEFAULT_BATCH)?,
            max_concurrency: of.need(&["ScalingConfig", "MaximumConcurrency"])?.number()?,
        }),
        "Schedule" | "ScheduleV2" => {
            let expression = of.need(&[match kind.text()?.as_str() {
                "Schedule" => "Schedule",
                _ => "ScheduleExpression",
            }])?;
            Ok(Source::Schedule { every_s: rate(&expression)? })
        }
        other => bail!("{}: the local city cannot raise {other} events", kind.at()),
    }
}

/// The seconds of a `rate(…)` expression.
fn rate(expression: &Node<'_, '_>) -> anyhow::Result<u64> {
    let text = expression.text()?;
    let seconds = || {
        let (count, unit) = text.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
        let unit = match unit {
            "minute" | "minutes" => 60,
            "hour" | "hours" => 3_600,
            "day" | "days" => 86_400,
            _ => return None,
        };
        count.parse::<u64>().ok().filter(|count| *count > 0)?.checked_mul(unit)
    };
    seconds().with_context(|| format!("{}: {text} is not rate(N unit)", expression.at()))
}

fn number_or(of: &Node<'_, '_>, path: &[&str], default: u32) -> anyhow::Result<u32> {
    of.find(path)?.map_or(Ok(default), |node| node.number())
}

/// All queues.
pub(super) fn queues(scope: &Scope<'_>) -> anyhow::Result<Vec<Queue>> {
    each(scope, QUEUE, |logical, of| {
        let dead_letter = match of.find(&["RedrivePolicy"])? {
            Some(policy) => {
                let target = arn_of(&policy.need(&["deadLetterTargetArn"])?, QUEUE)?;
                let tries = policy.need(&["maxReceiveCount"])?.number()?;
                Some((physical_name(scope, &target)?, tries))
            }
            None => None,
        };
        Ok(Queue {
            name: physical_name(scope, logical)?,
            visibility_s: number_or(of, &["VisibilityTimeout"], DEFAULT_VISIBILITY_S)?,
            dead_letter,
        })
    })
}

/// All tables.
pub(super) fn tables(scope: &Scope<'_>) -> anyhow::Result<Vec<Table>> {
    each(scope, TABLE, |logical, of| {
        for attribute in of.need(&["AttributeDefinitions"])?.items()? {
            let kind = attribute.need(&["AttributeType"])?;
            ensure!(kind.text()? == "S", "{}: only S is understood", kind.at());
        }
        let mut indexes = Vec::new();
        if let Some(list) = of.find(&["GlobalSecondaryIndexes"])? {
            for one in list.items()? {
                indexes.push(index(&one)?);
            }
        }
        let (hash, range) = keys(of)?;
        let name = physical_name(scope, logical)?;
        let expires = of.find(&["TimeToLiveSpecification", "AttributeName"])?;
        let expires = expires.map(|attribute| attribute.text()).transpose()?;
        Ok(Table { logical: logical.to_owned(), name, hash, range, expires, indexes })
    })
}

fn index(of: &Node<'_, '_>) -> anyhow::Result<Index> {
    let projection = of.need(&["Projection", "ProjectionType"])?;
    let whole = match projection.text()?.as_str() {
        "KEYS_ONLY" => false,
        "ALL" => true,
        other => bail!("{}: {other} is neither KEYS_ONLY nor ALL", projection.at()),
    };
    let (hash, range) = keys(of)?;
    Ok(Index { name: of.need(&["IndexName"])?.text()?, hash, range, whole })
}

fn keys(of: &Node<'_, '_>) -> anyhow::Result<(String, Option<String>)> {
    let schema = of.need(&["KeySchema"])?;
    let (mut hash, mut range) = (None, None);
    for key in schema.items()? {
        let name = key.need(&["AttributeName"])?.text()?;
        let kind = key.need(&["KeyType"])?;
        match kind.text()?.as_str() {
            "HASH" => hash = Some(name),
            "RANGE" => range = Some(name),
            other => bail!("{}: {other} is neither HASH nor RANGE", kind.at()),
        }
    }
    Ok((hash.with_context(|| format!("{} has no HASH", schema.at()))?, range))
}

/// All buckets.
pub(super) fn buckets(scope: &Scope<'_>) -> anyhow::Result<Vec<Bucket>> {
    each(scope, BUCKET, |logical, of| {
        let mut created = Vec::new();
        if let Some(list) = of.find(&["NotificationConfiguration", "QueueConfigurations"])? {
            for one in list.items()? {
                let event = one.need(&["Event"])?;
                ensure!(
                    event.text()? == "s3:ObjectCreated:*",
                    "{}: only s3:ObjectCreated:* is understood",
                    event.at()
                );
                created.push(physical_name(scope, &arn_of(&one.need(&["Queue"])?, QUEUE)?)?);
            }
        }
        Ok(Bucket { logical: logical.to_owned(), name: physical_name(scope, logical)?, created })
    })
}

/// The names of all topics.
pub(super) fn topics(scope: &Scope<'_>) -> anyhow::Result<Vec<String>> {
    each(scope, TOPIC, |logical, _| physical_name(scope, logical))
}

/// All secrets.
pub(super) fn secrets(scope: &Scope<'_>) -> anyhow::Result<Vec<Secret>> {
    each(scope, SECRET, |logical, of| {
        let how = of.need(&["GenerateSecretString"])?;
        let json = match how.find(&["SecretStringTemplate"])? {
            Some(template) => Some(SecretJson {
                template: template.text()?,
                key: how.need(&["GenerateStringKey"])?.text()?,
            }),
            None => None,
        };
        let length = number_or(&how, &["PasswordLength"], DEFAULT_SECRET_LENGTH)?;
        Ok(Secret { name: kebab(logical), length, json })
    })
}

/// All routes.
pub(super) fn routes(scope: &Scope<'_>) -> anyhow::Result<Vec<Route>> {
    each(scope, ROUTE, |_, of| {
        let key = of.need(&["RouteKey"])?;
        let text = key.text()?;
        let (method, path) = text
            .split_once(' ')
            .filter(|(_, path)| path.starts_with('/'))
            .with_context(|| format!("{}: {text} is not METHOD /path", key.at()))?;
        let target = of.need(&["Target"])?;
        let text = target.text()?;
        let integration = text
            .strip_prefix("integrations/")
            .filter(|logical| scope.kind(logical) == INTEGRATION)
            .with_context(|| format!("{}: {text} is not integrations/X", target.at()))?;
        let uri = properties(scope, integration)?.need(&["IntegrationUri"])?;
        let function = folder(&properties(scope, &arn_of(&uri, FUNCTION)?)?)?;
        Ok(Route { method: method.to_owned(), path: path.to_owned(), function })
    })
}

/// A logical id in kebab case: `ChannelHotline12345Secret` is `channel-hotline-12345-secret`.
pub(super) fn kebab(logical: &str) -> String {
    let mut name = String::new();
    let mut before = None;
    for letter in logical.chars() {
        let digits_begin =
            letter.is_ascii_digit() && before.is_some_and(|before: char| !before.is_ascii_digit());
        if before.is_some() && (letter.is_ascii_uppercase() || digits_begin) {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
        before = Some(letter);
    }
    name
}
