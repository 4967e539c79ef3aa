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
#[derive(Serialize, Deserialize)]
struct S3Event {
    #[serde(rename = "Records", default)]
    records: Vec<S3Record>,
    #[serde(rename = "Event", default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct S3Record {
    s3: S3Entity,
}

#[derive(Serialize, Deserialize)]
struct S3Entity {
    object: S3Object,
}

#[derive(Serialize, Deserialize)]
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
            Err(_other_kind) => of_store(body)?,
        };
        // The store writes keys as in an address; ours hold nothing that this changes but slashes.
        let read = |key: String| UploadKey::parse(&key.replace("%2F", "/"));
        keys.into_iter()
            .map(|key| read(key).map(|key| Self { key }))
            .collect::<Result<_, _>>()
            .map_err(|e| HintFault(format!("key: {e}")))
    }
}

/// "A mail is there": the store's own message about a bucket that a mail server puts mails into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailNotice {
    /// The object's key, as the mail server chose it.
    pub key: String,
}

impl MailNotice {
    /// A longer mail, in bytes, is never taken: it stays where it lies.
    pub const BYTES_MAX: usize = 10 * 1024 * 1024;

    /// The body of the message: the store's own, as far as anybody reads it.
    #[must_use]
    pub fn to_body(&self) -> String {
        let object = S3Object { key: encoded(&self.key) };
        let records = vec![S3Record { s3: S3Entity { object } }];
        serde_json::to_string(&S3Event { records, event: None }).unwrap_or_default()
    }

    /// Reads a body; it may name several objects, or none for a test.
    ///
    /// # Errors
    /// [`HintFault`] says what is wrong, without quoting.
    pub fn all_from_body(body: &str) -> Result<Vec<Self>, HintFault> {
        let keys = of_store(body)?.into_iter();
        keys.map(|key| Some(Self { key: decoded(&key)? }))
            .collect::<Option<_>>()
            .ok_or_else(|| HintFault("key: not as the store writes one".to_owned()))
    }
}

/// A key as it is; the store writes it as in a form of the web.
fn decoded(key: &str) -> Option<String> {
    let mut bytes = key.bytes();
    let mut plain = Vec::with_capacity(key.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(plain).ok()
}

/// A key as the store writes it: what could mean something else is written by its number.
fn encoded(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let write = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    key.bytes().map(write).collect()
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

    #[test]
    fn a_mail_s_key_is_read_as_the_store_writes_it() {
        let body =
            |key: &str| format!(r#"{{"Records":[{{"s3":{{"object":{{"key":"{key}"}}}}}}]}}"#);
        let read = |key: &str| MailNotice::all_from_body(&body(key)).map(|all| all[0].key.clone());
        assert_eq!(read("mail/%E4%B8%80+b%2B1.eml").unwrap(), "mail/一 b+1.eml");
        assert_eq!(MailNotice::all_from_body(r#"{"Event":"s3:TestEvent"}"#), Ok(Vec::new()));
        for bad in ["%", "%4", "%zz", "%ff"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_notice_of_ours_is_read_as_the_store_s_own() {
        let notice = |key: &str| MailNotice { key: key.to_owned() };
        for key in ["m/1.eml", "m/一 b+1%2F\"\\.eml", ""] {
            assert_eq!(MailNotice::all_from_body(&notice(key).to_body()), Ok(vec![notice(key)]));
        }
        let body = notice("m/1.eml").to_body();
        assert_eq!(body, r#"{"Records":[{"s3":{"object":{"key":"m/1.eml"}}}]}"#);
    }
}
