//! The callers' side of the ten channels: how each proves what it posts.
//!
//! What plays a caller stands on this: `lianxin replay`, `lianxin channels send`, the tests.

mod mailbag;

use std::fmt;
use std::str::FromStr;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Hash;
use hmac::{Hmac, KeyInit, Mac};
use lambda::signature;
use serde_json::{Value, json};
use sha2::Sha256;

pub use self::mailbag::Mailbag;
use crate::city::DataDir;

/// Headers by lower-case name.
pub type Headers = Vec<(&'static str, String)>;

/// A channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// The telephone hotline: words only.
    #[default]
    Hotline,
    /// The app: words, a place, photos.
    App,
    /// The message board of the leaders.
    LeaderBoard,
    /// The State Council's mini-program.
    StateCouncil,
    /// The mediation centres.
    Mediation,
    /// The cyberspace office.
    Cyberspace,
    /// The media centre's help desk.
    MediaHelp,
    /// The grid platform.
    Grid,
    /// Staff of townships and villages.
    StreetWhistle,
    /// The mayor's mailbox: mail, put into a bucket.
    Mailbox,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Hotline,
        Self::App,
        Self::LeaderBoard,
        Self::StateCouncil,
        Self::Mediation,
        Self::Cyberspace,
        Self::MediaHelp,
        Self::Grid,
        Self::StreetWhistle,
        Self::Mailbox,
    ];

    /// The name in its URL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hotline => "hotline-12345",
            Self::App => "gaoxiaoban",
            Self::LeaderBoard => "leader-board",
            Self::StateCouncil => "state-council",
            Self::Mediation => "mediation",
            Self::Cyberspace => "cyberspace",
            Self::MediaHelp => "media-help",
            Self::Grid => "grid",
            Self::StreetWhistle => "street-whistle",
            Self::Mailbox => "mayor-mailbox",
        }
    }

    /// The order id under which the city knows a request that the caller calls `id`; a mail's is
    /// derived from its `Message-ID`.
    #[must_use]
    pub fn order(self, id: &str) -> String {
        match self {
            Self::Mailbox => channel_mayor_mailbox::order_of(&message_id(id)),
            _ => id.to_owned(),
        }
    }

    /// The headers by which a caller proves `body` at `seconds` since the epoch. A mail is proven by
    /// what is written in it: see [`verdict`].
    #[must_use]
    pub fn prove(self, secret: &[u8], seconds: u64, body: &[u8]) -> Headers {
        let time = seconds.to_string();
        match self {
            Self::Mailbox => Vec::new(),
            Self::LeaderBoard => standard_webhooks(secret, time, body),
            Self::StateCouncil => hmac_sm3(secret, time, body),
            Self::StreetWhistle => token(secret, seconds),
            Self::Hotline
            | Self::App
            | Self::Mediation
            | Self::Cyberspace
            | Self::MediaHelp
            | Self::Grid => hmac_sha256(secret, time, body),
        }
    }

    /// All headers with which a caller posts `body`: [`Self::prove`] and the media type.
    #[must_use]
    pub fn headers(self, secret: &[u8], seconds: u64, body: &[u8]) -> Headers {
        let mut headers = self.prove(secret, seconds, body);
        headers.push(("content-type", self.media_type(body)));
        headers
    }

    fn media_type(self, body: &[u8]) -> String {
        match self {
            Self::Cyberspace => "application/x-ndjson".to_owned(),
            Self::Grid => "application/xml".to_owned(),
            Self::Mailbox => "message/rfc822".to_owned(),
            Self::MediaHelp => format!("multipart/form-data; boundary={}", boundary(body)),
            _ => "application/json".to_owned(),
        }
    }
}

/// Known by its name.
impl FromStr for Channel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|channel| channel.name() == text);
        named.ok_or_else(|| {
            format!("no channel; there are {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The secret with which a channel's caller proves itself in the city of this data directory.
///
/// # Errors
/// When there is none.
pub fn secret(data: &DataDir, channel: Channel) -> anyhow::Result<Vec<u8>> {
    let file = data.secrets().join(format!("channel-{channel}-secret"));
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let secret = cloud::channel_secret(&text)?.secrets.into_iter().next();
    secret.with_context(|| format!("the channel {channel} has no secret"))
}

/// The `Message-ID` of the mail that a played citizen calls `id`, without its angle brackets.
#[must_use]
pub fn message_id(id: &str) -> String {
    format!("{id}@mail.example")
}

/// The header by which the mail server named `server` says that a mail comes from whom it says
/// (RFC 8601); it stands above all others.
#[must_use]
pub fn verdict(server: &str) -> String {
    format!(
        "Authentication-Results: {server}; dkim=pass header.d=mail.example; spf=pass smtp.mailfrom=mail.example\r\n"
    )
}

/// What parts the parts of a form: its first line after two hyphens.
fn boundary(form: &[u8]) -> String {
    let first = form.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    String::from_utf8_lossy(first.strip_prefix(b"--").unwrap_or(first)).into_owned()
}

fn hmac_sha256(secret: &[u8], time: String, body: &[u8]) -> Headers {
    let signature = signature::sign(secret, &time, body);
    vec![(signature::TIMESTAMP_HEADER, time), (signature::SIGNATURE_HEADER, signature)]
}

/// The id is the same when the same body is sent again.
fn standard_webhooks(secret: &[u8], time: String, body: &[u8]) -> Headers {
    use channel_leader_board::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
    let id = format!("msg_{}", Hash::of_bytes(body));
    let signature = sign(secret, (&id, &time), body);
    vec![(ID_HEADER, id), (TIMESTAMP_HEADER, time), (SIGNATURE_HEADER, signature)]
}

fn hmac_sm3(secret: &[u8], time: String, body: &[u8]) -> Headers {
    use channel_state_council::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
    let signature = sign(secret, &time, body);
    vec![(TIMESTAMP_HEADER, time), (SIGNATURE_HEADER, signature)]
}

/// A token of five minutes, made by hand as the guide does: what reads tokens is a library, and this
/// side must not be the same one.
fn token(secret: &[u8], seconds: u64) -> Headers {
    token_of(secret, seconds, ("dongcheng", "town", "town_officer"))
}

/// The token of a member of staff of this unit, at this tier and in this role, as [`Channel::prove`] makes
/// it.
#[must_use]
pub fn token_of(secret: &[u8], seconds: u64, (unit, tier, role): (&str, &str, &str)) -> Headers {
    use channel_street_whistle::{AUDIENCE, HEADER};
    let claims = json!({
        "aud": AUDIENCE, "sub": "sample-0007", "unit": unit, "tier": tier,
        "role": role, "iat": seconds, "exp": seconds + 300,
    });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string().as_bytes());
    let text = format!("{}.{}", part(json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    // HMAC takes keys of any length, so this cannot fail; an empty signature would prove nothing.
    let signature = Hmac::<Sha256>::new_from_slice(secret).map(|mut mac| {
        mac.update(text.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    });
    vec![(HEADER, format!("Bearer {text}.{}", signature.unwrap_or_default()))]
}

/// Puts an object as a permission says: to its address, with its headers.
pub(crate) async fn put_granted(
    http: &reqwest::Client,
    url: &str,
    headers: impl IntoIterator<Item = (&String, &String)>,
    bytes: Vec<u8>,
) -> anyhow::Result<()> {
    let mut put = http.put(url).body(bytes);
    for (name, value) in headers {
        put = put.header(name, value);
    }
    // The address is a secret while it holds: an error does not tell it.
    let answer = put.send().await.map_err(reqwest::Error::without_url)?;
    let status = answer.status().as_u16();
    anyhow::ensure!(status == 200, "{status} from the store of uploads");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_known_by_its_name() {
        for channel in Channel::ALL {
            assert_eq!(channel.to_string().parse(), Ok(channel));
        }
        let fault = "wechat".parse::<Channel>().unwrap_err();
        assert!(fault.contains("hotline-12345, gaoxiaoban, leader-board"), "{fault}");
    }

    #[test]
    fn a_form_is_sent_with_the_boundary_that_it_has() {
        let headers = Channel::MediaHelp.headers(b"secret", 1, b"--a-b\r\nx");
        let (_, media) = headers.last().unwrap();
        assert_eq!(media, "multipart/form-data; boundary=a-b");
    }
}
