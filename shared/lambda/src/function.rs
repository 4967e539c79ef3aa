//! A function as both hosts see it: the Lambda runtime in the cloud, the runner on one machine.

use std::sync::Arc;

use async_trait::async_trait;
use cloud::{AwsSecrets, Clients, Parts, Settings, SnsTopic, SystemClock, SystemEntropy};
use domain::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use ports::{Kit, NoPosts, Posts, World};
use serde_json::Value;
use tracing_subscriber::EnvFilter;

/// Why an invocation failed as a whole; the host reports it and the event comes again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// One deployed Lambda: takes the event that its source sends, answers what its source expects.
#[async_trait]
pub trait Function: Send + Sync {
    /// Handles one event.
    ///
    /// # Errors
    /// [`Failure`] when the event as a whole could not be handled.
    async fn invoke(&self, event: Value) -> Result<Value, Failure>;
}

/// Makes a function for a world; what each function's crate exports as `function`.
pub type Constructor = fn(World) -> Arc<dyn Function>;

/// Crates that print requests, bodies among them, at their finer levels.
const TALKATIVE: &[&str] = &[
    "aws_config",
    "aws_sdk_dynamodb",
    "aws_sdk_s3",
    "aws_sdk_secretsmanager",
    "aws_sdk_sns",
    "aws_sdk_sqs",
    "aws_smithy_http_client",
    "aws_smithy_runtime",
    "aws_smithy_runtime_api",
    "dynoxide",
    "hyper",
    "hyper_util",
    "lambda_runtime",
    "reqwest",
    "s3s",
];

/// The filter that a setting such as `debug` asks for, but never so fine that a library prints what
/// citizens wrote.
#[must_use]
pub fn log_filter(setting: &str) -> EnvFilter {
    let held_back: Vec<String> = TALKATIVE.iter().map(|name| format!("{name}=info")).collect();
    EnvFilter::new(format!("{setting},{}", held_back.join(",")))
}

/// Logs as JSON lines to standard output, filtered by `RUST_LOG`.
pub fn init_logging(settings: &Settings) {
    let filter = log_filter(settings.get("RUST_LOG").unwrap_or("info"));
    // A second call in one process changes nothing, which is right.
    drop(tracing_subscriber::fmt().json().with_env_filter(filter).with_target(false).try_init());
}

/// How long a function goes by the calendar and the directory that it has read, in milliseconds: an import
/// is in force everywhere after a minute.
const RULES_KEPT_MS: i64 = Timestamp::MINUTE_MS;

/// The whole `main` of a deployed function that tells nobody outside anything.
///
/// # Errors
/// When the settings are wrong or the runtime ends.
pub async fn run(make: Constructor) -> Result<(), lambda_runtime::Error> {
    run_with(make, Arc::new(NoPosts)).await
}

/// The whole `main` of a deployed function with a way out.
///
/// # Errors
/// When the settings are wrong or the runtime ends.
pub async fn run_with(
    make: Constructor,
    posts: Arc<dyn Posts>,
) -> Result<(), lambda_runtime::Error> {
    let settings = Settings::from_env();
    init_logging(&settings);
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        sqs: aws_sdk_sqs::Client::new(&config),
        s3: aws_sdk_s3::Client::new(&config),
    };
    let secrets = AwsSecrets::new(aws_sdk_secretsmanager::Client::new(&config), &settings);
    let parts = Parts {
        clients,
        secrets: Arc::new(secrets),
        posts,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        kit: Kit::new(crate::defaults(), RULES_KEPT_MS),
    };
    let function = make(cloud::world(parts, &settings)?);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move { function.invoke(event.payload).await.map_err(lambda_runtime::Error::from) }
    }))
    .await
}

/// The whole `main` of a deployed function that tells finance of what it has done.
///
/// # Errors
/// When the settings are wrong or the runtime ends.
pub async fn run_with_topic(make: Constructor) -> Result<(), lambda_runtime::Error> {
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let client = aws_sdk_sns::Client::new(&config);
    run_with(make, Arc::new(SnsTopic::new(client, &Settings::from_env()))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_setting_makes_a_library_print_bodies() {
        for setting in ["trace", "info", "aws_smithy_runtime=trace", "trace,hyper=trace"] {
            let filter = log_filter(setting).to_string();
            for name in TALKATIVE {
                assert!(filter.contains(&format!("{name}=info")), "{setting}: {filter}");
                assert!(!filter.contains(&format!("{name}=trace")), "{setting}: {filter}");
            }
        }
    }
}
