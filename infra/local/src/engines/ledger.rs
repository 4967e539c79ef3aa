//! What was asked of the services, call by call, while a [`super::meter::Meter`] records: operations,
//! tables, queues and statuses; never a key or a text.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde::Serialize;
use serde_json::Value;

use super::meter::FORM;

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    /// What was asked of what: `UpdateItem tickets accepted`, `SendMessage step-intake`, `PUT d`.
    pub what: String,
    /// Write capacity units.
    pub write_units: f64,
    /// Read capacity units.
    pub read_units: f64,
}

/// What the names of tables and queues begin with.
const PREFIX: &str = "lianxin-";

/// What a request asks of what.
pub(super) fn what(request: &HttpRequest) -> String {
    let headers = request.headers();
    if headers.get("content-type").is_some_and(|one| one.starts_with(FORM)) {
        let form = request.body().bytes().unwrap_or_default();
        let form = String::from_utf8_lossy(form);
        let action = form.split('&').find_map(|field| field.strip_prefix("Action="));
        return action.unwrap_or_default().to_owned();
    }
    let Some(target) = headers.get("x-amz-target") else {
        // Path style: after the bucket comes the key, whose first part says what kind of object it is.
        let path = request.uri().split('?').next().unwrap_or_default();
        return format!("{} {}", request.method(), path.split('/').nth(4).unwrap_or_default());
    };
    let operation = target.rsplit('.').next().unwrap_or_default();
    let body = request.body().bytes().unwrap_or_default();
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut words = vec![operation.to_owned()];
    words.extend(of_what(&asked));
    let many = asked.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    for item in many.filter_map(Value::as_object).flat_map(|item| item.values()) {
        words.extend(of_what(item));
    }
    words.join(" ")
}

/// Table, index and new status, or queue.
fn of_what(asked: &Value) -> Vec<String> {
    let text = |pointer: &str| asked.pointer(pointer).and_then(Value::as_str);
    let queue = text("/QueueUrl").and_then(|url| url.rsplit('/').next());
    let status = text("/ExpressionAttributeValues/:st/S");
    let words = [text("/TableName").or(queue), text("/IndexName"), status].into_iter().flatten();
    words.map(|word| word.trim_start_matches(PREFIX).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn a_call_is_named_by_what_it_asks_of_what() {
        let named = |target: &'static str, body: &str| {
            let mut request = HttpRequest::new(SdkBody::from(body));
            request.headers_mut().insert("x-amz-target", target);
            what(&request)
        };
        let update = r#"{"TableName":"lianxin-tickets","ExpressionAttributeValues":{":st":{"S":"accepted"}}}"#;
        assert_eq!(named("DynamoDB_20120810.UpdateItem", update), "UpdateItem tickets accepted");
        let many = r#"{"TransactItems":[{"Put":{"TableName":"lianxin-a"}},{"Put":{"TableName":"lianxin-b"}}]}"#;
        assert_eq!(named("DynamoDB_20120810.TransactWriteItems", many), "TransactWriteItems a b");
        let send = r#"{"QueueUrl":"http://x/0/lianxin-step-intake","MessageBody":"secret"}"#;
        assert_eq!(named("AmazonSQS.SendMessage", send), "SendMessage step-intake");
        let mut put = HttpRequest::new(SdkBody::empty());
        put.set_method("PUT").unwrap();
        put.set_uri("http://127.0.0.1:1/bucket/d/140581/x.json?x-id=PutObject").unwrap();
        assert_eq!(what(&put), "PUT d");
        let mut publish = HttpRequest::new(SdkBody::from("Action=Publish&Message=secret"));
        publish.headers_mut().insert("content-type", FORM);
        assert_eq!(what(&publish), "Publish");
    }
}
