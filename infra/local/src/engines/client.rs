//! AWS SDK clients for the embedded engines.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use cloud::Clients;

use super::Endpoints;
use super::meter::Meter;

/// Clients of the engines at `endpoints` whose requests `meter` counts. Opens no connection.
#[must_use]
pub fn clients(endpoints: &Endpoints, meter: &Meter) -> Clients {
    let shared = sdk_config(endpoints, meter);
    let dynamodb =
        aws_sdk_dynamodb::config::Builder::from(&shared).endpoint_url(&endpoints.dynamodb).build();
    let sqs = aws_sdk_sqs::config::Builder::from(&shared).endpoint_url(&endpoints.sqs).build();
    let s3 = aws_sdk_s3::config::Builder::from(&shared)
        .endpoint_url(&endpoints.s3)
        .force_path_style(true)
        .build();
    Clients {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
        sqs: aws_sdk_sqs::Client::from_conf(sqs),
        s3: aws_sdk_s3::Client::from_conf(s3),
    }
}

/// A client of the topics. Beside the others, since no store of a function's world needs it.
#[must_use]
pub fn sns_client(endpoints: &Endpoints, meter: &Meter) -> aws_sdk_sns::Client {
    let shared = sdk_config(endpoints, meter);
    let sns = aws_sdk_sns::config::Builder::from(&shared).endpoint_url(&endpoints.sns).build();
    aws_sdk_sns::Client::from_conf(sns)
}

/// What the clients have in common: keys, region and the counting HTTP client.
///
/// It names no endpoint, since each service has its own: a client built from this alone would
/// call AWS, and fail, as the HTTP client speaks no TLS.
#[must_use]
pub fn sdk_config(endpoints: &Endpoints, meter: &Meter) -> SdkConfig {
    let keys = Credentials::new(
        endpoints.access_key.clone(),
        endpoints.secret_key.clone(),
        None,
        None,
        "lianxin-local",
    );
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(endpoints.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(meter.clone())
        .build()
}
