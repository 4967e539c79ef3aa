//! RFC 9457 problem details: what went wrong, where, and what would be right; never what was sent.

use serde::{Deserialize, Serialize};

/// `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable URN of the kind of problem: `urn:lianxin:problem:<kind>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The fields that are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldFault>,
    /// The ticket concerned, when the caller has proven that it is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// Its path, for example `citizen.phone`.
    pub field: String,
    /// What it must be.
    pub expected: String,
}

impl Problem {
    /// The media type of a problem's body.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem of the kind `kind` (kebab case).
    #[must_use]
    pub fn new(status: u16, kind: &str, title: &str) -> Self {
        Self {
            kind: format!("urn:lianxin:problem:{kind}"),
            title: title.to_owned(),
            status,
            detail: None,
            errors: Vec::new(),
            ticket: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names a field that is wrong and what it must be.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, expected: impl Into<String>) -> Self {
        self.errors.push(FieldFault { field: field.into(), expected: expected.into() });
        self
    }
}
