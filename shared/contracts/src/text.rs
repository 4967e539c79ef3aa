//! What lies inside a sealed record: the only place for names, telephones, addresses and texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who asks. All of it may be missing: a caller can stay anonymous.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citizen {
    /// The name as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The telephone number, digits only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The address as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A person never shows in a debug print.
impl std::fmt::Debug for Citizen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Citizen(…)")
    }
}

/// A place by WGS-84, in whole millionths of a degree (about a decimetre), so that the same place is
/// always the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Latitude, -90 to 90 degrees.
    pub lat_e6: i32,
    /// Longitude, -180 to 180 degrees.
    pub lon_e6: i32,
}

/// A place tells who was there.
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Place(…)")
    }
}

/// From where in the government a request comes, when staff post it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The tier of the unit: `city`, `town`, `village` or `grid`, in the words of the channel.
    pub tier: String,
    /// The unit's code.
    pub unit: String,
    /// Who posted it: the id of a member of staff, as the issuer of its token knows it.
    pub staff: String,
    /// Whether it was found on the spot; else it is posted on behalf of a citizen.
    pub found: bool,
}

/// A member of staff is a person too.
impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Origin(…)")
    }
}

/// What only some channels know of a request. Whatever is absent leaves no byte.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circumstances {
    /// The other parties of a dispute; the citizen is the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Citizen>,
    /// Whether only who may read unmasked may read the texts at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
    /// Who in the government posted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// What else the channel says, under its own names for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub particulars: BTreeMap<String, String>,
}

impl Circumstances {
    /// The particular with the address of who wrote a mail.
    pub const EMAIL: &str = "电子邮箱";

    /// As a member of a request: nothing at all when nothing is known, so that such a text has one
    /// form only.
    #[must_use]
    pub fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

/// Parties and particulars are personal data.
impl std::fmt::Debug for Circumstances {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Circumstances(…)")
    }
}

/// The plaintext of a sealed record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SealedText {
    /// The request as it was submitted.
    RequestV1 {
        /// The channel's own order id.
        order: String,
        /// When the citizen sent it, as the channel says; RFC 3339.
        sent_at: String,
        /// The title.
        title: String,
        /// The text.
        body: String,
        /// Who asks.
        citizen: Citizen,
        /// Where the citizen stood, if the channel says so. Absent it leaves no byte: texts that
        /// were sealed before it existed stay the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
        /// The keys of the photos that were uploaded for it. None leave no byte either.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        photos: Vec<String>,
        /// What only some channels know of it. Absent it leaves no byte.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        circumstances: Option<Box<Circumstances>>,
    },
    /// A later text: a reply, a supplement, a note.
    NoteV1 {
        /// The text.
        text: String,
        /// The keys of the photos that were uploaded with it. None leave no byte.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        photos: Vec<String>,
    },
}

/// A text never shows in a debug print.
impl std::fmt::Debug for SealedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::RequestV1 { .. } => "RequestV1(…)",
            Self::NoteV1 { .. } => "NoteV1(…)",
        })
    }
}

impl SealedText {
    /// A later text without photos.
    #[must_use]
    pub fn note(text: impl Into<String>) -> Self {
        Self::NoteV1 { text: text.into(), photos: Vec::new() }
    }

    /// By what the person of a request is found again: the telephone number, or the address of who
    /// wrote a mail.
    #[must_use]
    pub fn found_by(&self) -> Option<&str> {
        let Self::RequestV1 { citizen, circumstances, .. } = self else { return None };
        let address = || circumstances.as_ref()?.particulars.get(Circumstances::EMAIL);
        citizen.phone.as_deref().or_else(|| address().map(String::as_str))
    }

    /// The bytes that are sealed and committed to; the same text always gives the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the bytes back; `None` when they are of another version of this code.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(place: Option<Place>, photos: Vec<String>) -> SealedText {
        SealedText::RequestV1 {
            order: "A-1".to_owned(),
            sent_at: "2026-01-20T09:12:30.000+08:00".to_owned(),
            title: "t".to_owned(),
            body: "b".to_owned(),
            citizen: Citizen::default(),
            place,
            photos,
            circumstances: None,
        }
    }

    /// The commitments of old tickets are over these very bytes.
    #[test]
    fn a_request_without_place_and_photos_is_the_bytes_it_always_was() {
        let bytes = request(None, Vec::new()).to_bytes();
        let old = r#"{"type":"request_v1","order":"A-1","sent_at":"2026-01-20T09:12:30.000+08:00","title":"t","body":"b","citizen":{}}"#;
        assert_eq!(String::from_utf8(bytes).unwrap(), old);
        assert_eq!(SealedText::from_bytes(old.as_bytes()), Some(request(None, Vec::new())));
        let place = Place { lat_e6: 35_798_000, lon_e6: -1 };
        let full = request(Some(place), vec!["u/140581/x".to_owned()]);
        assert_eq!(SealedText::from_bytes(&full.to_bytes()), Some(full.clone()));
        assert_eq!(format!("{full:?} {place:?}"), "RequestV1(…) Place(…)");
    }

    #[test]
    fn circumstances_leave_only_the_bytes_of_what_is_known() {
        assert_eq!(Circumstances::default().boxed(), None);
        let known = Circumstances { confidential: true, ..Circumstances::default() };
        let mut text = request(None, Vec::new());
        let SealedText::RequestV1 { circumstances, .. } = &mut text else { panic!("a request") };
        *circumstances = known.boxed();
        let bytes = String::from_utf8(text.to_bytes()).unwrap();
        assert!(bytes.ends_with(r#""citizen":{},"circumstances":{"confidential":true}}"#));
        assert_eq!(SealedText::from_bytes(bytes.as_bytes()), Some(text.clone()));
        assert_eq!(format!("{text:?}"), "RequestV1(…)");
    }
}
