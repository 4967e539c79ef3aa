//! From an SDK's error to its retry meaning. The text names operation and code, never a value.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ports::PortError;

/// What an SDK error of `operation` means. Only what can never succeed is permanent; whatever may
/// have happened or may happen next time is temporary, so that nothing is acknowledged on it.
pub(crate) fn port_error<E: ProvideErrorMetadata>(
    operation: &str,
    error: &SdkError<E, HttpResponse>,
) -> PortError {
    let code = match error {
        SdkError::ServiceError(service) => {
            service.err().code().unwrap_or("unknown service error").to_owned()
        }
        SdkError::TimeoutError(_) => "timed out, outcome unknown".to_owned(),
        SdkError::DispatchFailure(_) => "no connection, outcome unknown".to_owned(),
        SdkError::ResponseError(_) => "unreadable answer, outcome unknown".to_owned(),
        SdkError::ConstructionFailure(_) => {
            return PortError::Permanent(format!("{operation}: impossible request"));
        }
        _ => "unknown failure".to_owned(),
    };
    let text = format!("{operation}: {code}");
    if matches!(code.as_str(), "ValidationException" | "ItemCollectionSizeLimitExceededException") {
        PortError::Permanent(text)
    } else {
        PortError::Temporary(text)
    }
}

/// How a conditional write of `operation` ended: `false` when its condition failed.
pub(crate) fn written<T, E: ProvideErrorMetadata>(
    operation: &str,
    outcome: Result<T, SdkError<E, HttpResponse>>,
) -> Result<bool, PortError> {
    match outcome {
        Ok(_) => Ok(true),
        Err(error) => match &error {
            SdkError::ServiceError(service)
                if service.err().code() == Some("ConditionalCheckFailedException") =>
            {
                Ok(false)
            }
            _ => Err(port_error(operation, &error)),
        },
    }
}
