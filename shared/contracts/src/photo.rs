//! A photo as it is sealed, and where it lies.

use domain::{MediaType, RecordId, RegionCode, TicketId};
use serde::{Deserialize, Serialize};

use crate::text::Place;

/// A photo rid of its metadata; what of them matters to the case stands beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its kind.
    pub media: MediaType,
    /// When it was taken, as the camera says: local time without offset, or nothing.
    pub taken_at: Option<String>,
    /// Where it was taken, as the camera says.
    pub place: Option<Place>,
    /// The image file.
    pub image: Vec<u8>,
}

/// A photo never shows in a debug print.
impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({}, …)", self.media)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Header {
    PhotoV1 {
        media: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taken_at: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
    },
}

impl Photo {
    /// The bytes that are sealed and committed to: a line of JSON, then the image file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (media, taken_at) = (self.media.as_str().to_owned(), self.taken_at.clone());
        let header = Header::PhotoV1 { media, taken_at, place: self.place };
        let mut bytes = serde_json::to_vec(&header).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.image);
        bytes
    }

    /// Reads the bytes back; `None` when they are of another version of this code.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (header, image) = bytes.split_at(end);
        let Header::PhotoV1 { media, taken_at, place } = serde_json::from_slice(header).ok()?;
        let media = MediaType::parse(&media)?;
        Some(Self { media, taken_at, place, image: image.get(1..)?.to_vec() })
    }
}

/// Where a sealed photo lies: `e/<region>/<ticket>/<record>`. Short: see [`crate::dossier_key`].
#[must_use]
pub fn evidence_key(region: &RegionCode, ticket: &TicketId, record: &RecordId) -> String {
    format!("e/{region}/{ticket}/{record}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_reads_back_whatever_its_bytes() {
        let photo = Photo {
            media: MediaType::Png,
            taken_at: Some("2026-01-20T09:12:30".to_owned()),
            place: Some(Place { lat_e6: 1, lon_e6: -2 }),
            image: b"\n{}\n\xff".to_vec(),
        };
        assert_eq!(Photo::from_bytes(&photo.to_bytes()), Some(photo));
        assert_eq!(Photo::from_bytes(b"{}\nx"), None);
    }
}
