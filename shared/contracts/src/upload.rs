//! The messages of the queue of uploads: the store's own, and a door's hint.

use domain::UploadKey;
use serde::{Deserialize, Serialize};

use crate::hint::HintFault;

/// "Look at this upload": a request has named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadHint {
    /// The uploaded object's key.
    pub key: UploadKey,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Wire {
    UploadHintV1 { key: String },
}

/// What S3 sends, as far as it is read; a test event has no records.
#[derive(Deserialize)]
struct S3Event {
    #[serde(rename = "Records", default)]
    records: Vec<S3Record>,
    #[serde(rename = "Event", default)]
    event: Option<String>,
}

#[derive(Deserialize)]
struct S3Record {
    s3: S3Entity,
}

#[derive(Deserialize)]
struct S3Entity {
    object: S3Object,
}

#[derive(Deserialize)]
struct S3Object {
    key: String,
}

impl UploadHint {
    /// The body of the message.
    #[must_use]
    pub fn to_body(&self) -> String {
        let wire = Wire::UploadHintV1 { key: self.key.as_str().to_owned() };
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// Reads a body of either kind; the store's may name several objects, or none for a test.
    ///
    /// # Errors
    /// [`HintFault`] says what is wrong, without quoting.
    pub fn all_from_body(body: &str) -> Result<Vec<Self>, HintFault> {
        let keys = match serde_json::from_str(body) {
            Ok(Wire::UploadHintV1 { key }) => vec![key],
            Err(_other_kind) => Self::of_store(body)?,
        };
        // The store writes keys as in an address; ours hold nothing that this changes but slashes.
        let read = |key: String| UploadKey::parse(&key.replace("%2F", "/"));
        keys.into_iter()
            .map(|key| read(key).map(|key| Self { key }))
            .collect::<Result<_, _>>()
            .map_err(|e| HintFault(format!("key: {e}")))
    }

    fn of_store(body: &str) -> Result<Vec<String>, HintFault> {
        let event: S3Event = serde_json::from_str(body).map_err(|e| {
            HintFault(format!("{:?} at line {} column {}", e.classify(), e.line(), e.column()))
        })?;
        if event.records.is_empty() && event.event.as_deref() != Some("s3:TestEvent") {
            return Err(HintFault("neither a hint nor an event of the store".to_owned()));
        }
        Ok(event.records.into_iter().map(|record| record.s3.object.key).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "u/140581/20260120/0123456789abcdefghjkmnpqrs";

    #[test]
    fn both_kinds_of_message_are_read_and_no_other_is_quoted() {
        let hint = UploadHint { key: UploadKey::parse(KEY).unwrap() };
        let stored =
            format!(r#"{{"Records":[{{"eventName":"x","s3":{{"object":{{"key":"{KEY}"}}}}}}]}}"#);
        let encoded = stored.replace("u/", "u%2F");
        for body in [hint.to_body(), stored, encoded] {
            assert_eq!(UploadHint::all_from_body(&body), Ok(vec![hint.clone()]));
        }
        assert_eq!(UploadHint::all_from_body(r#"{"Event":"s3:TestEvent"}"#), Ok(Vec::new()));
        for body in ["", "张三", "{}", r#"{"type":"upload_hint_v1","key":"张三"}"#] {
            let fault = UploadHint::all_from_body(body).unwrap_err().to_string();
            assert!(!fault.contains("张三"), "{fault}");
        }
    }
}
