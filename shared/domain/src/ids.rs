//! Identities: derived, never generated in a step that may be retried.
//!
//! A ticket's id is the hash of its channel and the channel's own order id, so that a webhook
//! delivered ten times names one ticket (design, section 3: identity is idempotency).

use std::sync::OnceLock;

use data_encoding::{Encoding, Specification};

use crate::hash::Hash;
use crate::record::{RecordFault, Text};
use crate::timestamp::Timestamp;

/// Why a text is not an identity of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must be {0}")]
pub struct IdFault(pub &'static str);

/// Crockford's base 32 in lower case: no I, L, O or U, so it can be read out over a telephone.
fn base32() -> &'static Encoding {
    static ENCODING: OnceLock<Encoding> = OnceLock::new();
    ENCODING.get_or_init(|| {
        let mut specification = Specification::new();
        specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
        // The specification is a constant and right; the fallback keeps this free of panics.
        specification.encoding().unwrap_or(data_encoding::BASE32_NOPAD)
    })
}

fn derive26(purpose: &str, parts: &[&[u8]]) -> String {
    let hash = Hash::of(purpose, parts);
    let (half, _) = hash.as_bytes().split_at(16);
    base32().encode(half)
}

fn is_base32(text: &str, length: usize) -> bool {
    text.len() == length
        && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z'))
}

fn is_code(text: &str, max: usize, extra: &str) -> bool {
    (1..=max).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

macro_rules! identity {
    ($(#[$meta:meta])* $name:ident, $expected:literal, $valid:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes `text` if it is well formed.
            ///
            /// # Errors
            /// [`IdFault`] says what a well-formed one looks like.
            pub fn parse(text: &str) -> Result<Self, IdFault> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(IdFault($expected)) }
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Text for $name {
            fn to_text(&self) -> String {
                self.0.clone()
            }

            fn from_text(text: &str) -> Result<Self, RecordFault> {
                Self::parse(text).map_err(|fault| RecordFault::Value(fault.0))
            }
        }
    };
}

identity!(
    /// The administrative division served, by its GB/T 2260 code: 6 to 12 digits. It is the first
    /// part of every key, so that one stack can serve a city or a province.
    RegionCode, "6 to 12 digits", |t| (6..=12).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit())
);
identity!(
    /// The name of a channel, as in its URL and its function: `hotline-12345`.
    ChannelName, "1 to 32 letters, digits and hyphens", |t| is_code(t, 32, "-")
);
identity!(
    /// The code of a responsible unit (承办单位) in the directory.
    UnitCode, "1 to 40 letters, digits and hyphens", |t| is_code(t, 40, "-")
);
identity!(
    /// The code of an item (事项) of the dispatch catalog.
    ItemCode, "1 to 24 letters, digits, hyphens and dots", |t| is_code(t, 24, "-.")
);
identity!(
    /// The id of a member of staff at the identity provider; never a name.
    StaffId, "1 to 64 letters, digits and `-_.`", |t| is_code(t, 64, "-_.")
);
identity!(
    /// The code of a grid (网格): the grid platform's own, so as long as its contract allows.
    GridCode, "1 to 32 letters, digits and hyphens", |t| is_code(t, 32, "-")
);
identity!(
    /// The id of a member of a team in a grid (队员); never a name.
    MemberId, "1 to 64 letters, digits and `-_.`", |t| is_code(t, 64, "-_.")
);
identity!(
    /// The code of a payee (收款单位) of the fund: a firm's credit code, say; never a person's name.
    PayeeCode, "1 to 40 letters, digits and hyphens", |t| is_code(t, 40, "-")
);
identity!(
    /// The identity of a ticket (工单): 26 characters of base 32.
    TicketId, "26 characters of base 32", |t| is_base32(t, 26)
);
identity!(
    /// The identity of a command from outside, for its deduplication: 26 characters of base 32.
    CommandId, "26 characters of base 32", |t| is_base32(t, 26)
);
identity!(
    /// The identity of a sealed record within its ticket: 26 characters of base 32.
    RecordId, "26 characters of base 32", |t| is_base32(t, 26)
);
identity!(
    /// The key of an uploaded object: `u/<region>/<yyyymmdd>/<26 characters of base 32>`. Short: one
    /// of the engines refuses keys over 115 bytes.
    UploadKey, "the `key` that an upload was granted", is_upload
);
identity!(
    /// The number a citizen is told: date of receipt, 8 characters of the id, a check character.
    PublicNumber, "8 digits, 8 characters and a check character", number_is_valid
);

impl TicketId {
    /// The id of the ticket that `order` of `channel` is, whoever asks and however often.
    #[must_use]
    pub fn derive(channel: &ChannelName, order: &str) -> Self {
        Self(derive26("lianxin.ticket.v1", &[channel.0.as_bytes(), order.as_bytes()]))
    }
}

impl CommandId {
    /// The id of a command: `source` (a channel or a member of staff) and its own message id.
    #[must_use]
    pub fn derive(source: &str, message: &str) -> Self {
        Self(derive26("lianxin.command.v1", &[source.as_bytes(), message.as_bytes()]))
    }
}

impl RecordId {
    /// The record that the request itself is; each ticket has exactly one.
    #[must_use]
    pub fn request(ticket: &TicketId) -> Self {
        Self(derive26("lianxin.record.request.v1", &[ticket.0.as_bytes()]))
    }

    /// The record of the text that `command` brings, so that a repeated command puts no second one.
    #[must_use]
    pub fn of_command(command: &CommandId) -> Self {
        Self(derive26("lianxin.record.command.v1", &[command.0.as_bytes()]))
    }
}

impl UploadKey {
    /// Its last part: random, so it is enough to find what belongs to it.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The key of an upload granted at `at` (the date is Beijing's), of these random bytes.
    #[must_use]
    pub fn new(region: &RegionCode, at: Timestamp, random: &[u8; 16]) -> Self {
        let random = base32().encode(random);
        Self(format!("u/{region}/{}/{random}", at.beijing_compact_date()))
    }
}

fn is_upload(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let [prefix, region, date, random] = parts.as_slice() else { return false };
    let is_date = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
    *prefix == "u" && RegionCode::parse(region).is_ok() && is_date && is_base32(random, 26)
}

impl PublicNumber {
    /// The number of `ticket`, received at `at` (the date is Beijing's).
    #[must_use]
    pub fn new(ticket: &TicketId, at: Timestamp) -> Self {
        let head: String = ticket.0.chars().take(8).collect::<String>().to_uppercase();
        let text = format!("{}{head}", at.beijing_compact_date());
        let check = check_character(&text).unwrap_or('0');
        Self(format!("{text}{check}"))
    }
}

/// ISO/IEC 7064 MOD 37,36 over digits and capital letters: finds every single wrong character and
/// nearly every swap of two neighbours.
fn check_character(text: &str) -> Option<char> {
    let mut product: u32 = 36;
    for c in text.chars() {
        let sum = (product + c.to_digit(36)?) % 36;
        product = (if sum == 0 { 36 } else { sum }) * 2 % 37;
    }
    char::from_digit((37 - product) % 36, 36).map(|c| c.to_ascii_uppercase())
}

fn number_is_valid(text: &str) -> bool {
    let Some((payload, check)) = text.char_indices().last().map(|(at, c)| (text.split_at(at).0, c))
    else {
        return false;
    };
    text.len() == 17
        && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && payload.bytes().take(8).all(|b| b.is_ascii_digit())
        && check_character(payload) == Some(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(order: &str) -> TicketId {
        TicketId::derive(&ChannelName::parse("hotline-12345").unwrap(), order)
    }

    #[test]
    fn the_same_order_is_the_same_ticket_and_another_is_not() {
        assert_eq!(id("A-1"), id("A-1"));
        assert_ne!(id("A-1"), id("A-2"));
        assert_eq!(TicketId::parse(id("A-1").as_str()), Ok(id("A-1")));
    }

    #[test]
    fn ids_refuse_other_lengths_and_letters() {
        for bad in ["", "short", "0123456789abcdefghjkmnpqri", "0123456789ABCDEFGHJKMNPQRS"] {
            assert!(TicketId::parse(bad).is_err(), "{bad}");
        }
        for bad in ["14058", "14058a", "1405811234567"] {
            assert!(RegionCode::parse(bad).is_err(), "{bad}");
        }
        for bad in ["", "-x", "a b", "a/b", "城"] {
            assert!(UnitCode::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_upload_s_key_reads_back_and_no_other_path_is_one() {
        let region = RegionCode::parse("140581").unwrap();
        let at = Timestamp::parse("2026-03-01T23:30:00+08:00").unwrap();
        let key = UploadKey::new(&region, at, &[7; 16]);
        assert!(key.as_str().starts_with("u/140581/20260301/") && key.as_str().len() < 60);
        assert_eq!(UploadKey::parse(key.as_str()), Ok(key.clone()));
        let more = format!("{key}/x");
        for bad in ["", "u/140581", "d/140581/20260301/x", "u/../20260301/x", &more] {
            assert!(UploadKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_number_with_any_one_character_changed_is_refused() {
        let number =
            PublicNumber::new(&id("A-1"), Timestamp::parse("2026-03-01T23:30:00+08:00").unwrap());
        assert!(number.as_str().starts_with("20260301"));
        assert_eq!(PublicNumber::parse(number.as_str()), Ok(number.clone()));
        for at in 0..number.as_str().len() {
            for c in ('0'..='9').chain('A'..='Z') {
                let mut changed: Vec<char> = number.as_str().chars().collect();
                let same = std::mem::replace(&mut changed[at], c) == c;
                let changed: String = changed.into_iter().collect();
                assert_eq!(PublicNumber::parse(&changed).is_ok(), same, "{changed}");
            }
        }
    }
}
