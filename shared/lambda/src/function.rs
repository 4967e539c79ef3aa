//! A function as both hosts see it: the Lambda runtime in the cloud, the runner on one machine.

use std::sync::Arc;

use async_trait::async_trait;
use cloud::{AwsSecrets, Clients, Parts, Settings, SystemClock, SystemEntropy};
use lambda_runtime::{LambdaEvent, service_fn};
use ports::World;
use serde_json::Value;

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

/// Logs as JSON lines to standard output, filtered by `RUST_LOG`.
pub fn init_logging(settings: &Settings) {
    let filter = tracing_subscriber::EnvFilter::new(settings.get("RUST_LOG").unwrap_or("info"));
    // A second call in one process changes nothing, which is right.
    drop(tracing_subscriber::fmt().json().with_env_filter(filter).with_target(false).try_init());
}

/// The whole `main` of a deployed function.
///
/// # Errors
/// When the settings are wrong or the runtime ends.
pub async fn run(make: Constructor) -> Result<(), lambda_runtime::Error> {
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
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        calendar: Arc::new(crate::calendar()),
    };
    let function = make(cloud::world(parts, &settings)?);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move { function.invoke(event.payload).await.map_err(lambda_runtime::Error::from) }
    }))
    .await
}
