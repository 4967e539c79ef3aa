//! The queue messages of the steps: a reason to look at a ticket, or at those that follow it. The table is the truth.

use domain::{Ticket, TicketId};
use serde::{Deserialize, Serialize};

/// "Look at this ticket; it was at this version or later when I wrote."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The ticket.
    pub ticket: TicketId,
    /// The version the sender knew; a reader that sees an older one must not acknowledge.
    pub version: u32,
    /// Of an answered lead: its followers up to this one have been told.
    pub after: Option<TicketId>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Wire {
    TicketHintV1 { ticket: String, version: u32 },
    FollowersHintV1 { ticket: String, version: u32, after: String },
}

/// Why a body is not a hint. It never quotes the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unreadable hint: {0}")]
pub struct HintFault(pub String);

impl Hint {
    /// A reason to look at a ticket, which is at this version.
    #[must_use]
    pub const fn new(ticket: TicketId, version: u32) -> Self {
        Self { ticket, version, after: None }
    }

    /// A reason to look at this ticket as it is now.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        Self::new(ticket.id().clone(), ticket.version())
    }

    /// The body of the message.
    #[must_use]
    pub fn to_body(&self) -> String {
        let (ticket, version) = (self.ticket.as_str().to_owned(), self.version);
        let wire = match &self.after {
            None => Wire::TicketHintV1 { ticket, version },
            Some(after) => {
                Wire::FollowersHintV1 { ticket, version, after: after.as_str().to_owned() }
            }
        };
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`HintFault`] says what is wrong and where, without quoting.
    pub fn from_body(body: &str) -> Result<Self, HintFault> {
        let wire = serde_json::from_str(body).map_err(|e| {
            HintFault(format!("{:?} at line {} column {}", e.classify(), e.line(), e.column()))
        })?;
        let (ticket, version, after) = match wire {
            Wire::TicketHintV1 { ticket, version } => (ticket, version, None),
            Wire::FollowersHintV1 { ticket, version, after } => (ticket, version, Some(after)),
        };
        let id = |name: &str, text: &str| {
            TicketId::parse(text).map_err(|e| HintFault(format!("{name}: {e}")))
        };
        let after = after.as_deref().map(|text| id("after", text)).transpose()?;
        Ok(Self { ticket: id("ticket", &ticket)?, version, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_round_trips_and_a_fault_quotes_nothing() {
        let ticket = TicketId::parse("0123456789abcdefghjkmnpqrs").unwrap();
        let hint = Hint::new(ticket, 3);
        assert_eq!(
            hint.to_body(),
            r#"{"type":"ticket_hint_v1","ticket":"0123456789abcdefghjkmnpqrs","version":3}"#
        );
        let further = Hint { after: Some(hint.ticket.clone()), ..hint.clone() };
        for hint in [hint, further] {
            assert_eq!(Hint::from_body(&hint.to_body()), Ok(hint));
        }
        for body in [
            "",
            "张三",
            r#"{"type":"ticket_hint_v1","ticket":"张三","version":3}"#,
            r#"{"type":"x"}"#,
        ] {
            let fault = Hint::from_body(body).unwrap_err().to_string();
            assert!(!fault.contains("张三"), "{fault}");
        }
    }
}
