//! What is registered of a channel, in the file of its secret: where it is told, whether it is open, which
//! secrets are valid. The functions read it each time, so nothing needs a restart.

use anyhow::{Context as _, bail};
use ports::Registration;
use serde_json::{Map, Value, json};

use super::data::DataDir;
use super::posts;
use super::provision::random_secret;

/// The length of a secret for what a channel is told, as of those that the template generates.
const TELL_SECRET_CHARS: usize = 64;

/// What is to be registered anew; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Where it is told; an empty text takes an address back.
    pub told_at: Option<String>,
    /// Whether it is switched off.
    pub closed: Option<bool>,
    /// How many posts a minute are taken; 0 takes the limit back.
    pub per_minute: Option<u32>,
    /// Another secret; the one before stays valid until the next.
    pub new_secret: bool,
    /// A secret of its own for what it is told.
    pub new_tell_secret: bool,
}

/// Registers a change of a channel.
///
/// # Errors
/// When there is no such channel, the address is none to which a channel may be told, or the file
/// cannot be written.
pub fn register(data: &DataDir, channel: &str, change: &Change) -> anyhow::Result<Registration> {
    let path = data.secrets().join(format!("channel-{channel}-secret"));
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("there is no channel {channel}: see events/channels"))?;
    let mut secret: Map<String, Value> =
        serde_json::from_str(&text).context("the channel's secret is not an object")?;
    if let Some(url) = change.told_at.as_deref() {
        if !url.is_empty() && posts::check(url).is_err() {
            // It may hold a password, so it is not quoted.
            bail!(
                "that is no https address of the public internet, no mail server's (events/telling.md), nor of this machine"
            );
        }
        secret.insert("told_at".to_owned(), json!(url));
    }
    if let Some(closed) = change.closed {
        secret.insert("closed".to_owned(), json!(closed));
    }
    if let Some(per_minute) = change.per_minute {
        secret.insert("per_minute".to_owned(), json!(per_minute));
    }
    if change.new_secret {
        let current = secret.get("current").and_then(Value::as_str).unwrap_or_default().to_owned();
        let next = random_secret(current.len().max(32))?;
        secret.insert("previous".to_owned(), json!(current));
        secret.insert("current".to_owned(), json!(next));
    }
    if change.new_tell_secret {
        secret.insert("tell_secret".to_owned(), json!(random_secret(TELL_SECRET_CHARS)?));
    }
    let text = serde_json::to_string(&secret)?;
    let registered = cloud::channel_secret(&text)?.registration;
    DataDir::write_private(&path, &text)?;
    Ok(registered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_told_elsewhere_closed_and_given_another_secret() {
        let home = tempfile::tempdir().unwrap();
        let data = DataDir::open(home.path()).unwrap();
        let path = data.secrets().join("channel-grid-secret");
        std::fs::write(&path, r#"{"previous":"","current":"first"}"#).unwrap();
        let url = "https://receiver.example/in".to_owned();
        let change = Change {
            told_at: Some(url.clone()),
            closed: Some(true),
            per_minute: Some(7),
            new_secret: true,
            ..Change::default()
        };
        let registered = register(&data, "grid", &change).unwrap();
        let wanted = Registration { told_at: Some(url), closed: true, per_minute: Some(7) };
        assert_eq!(registered, wanted);
        let text = std::fs::read_to_string(&path).unwrap();
        let secrets = cloud::channel_secret(&text).unwrap().secrets;
        assert_eq!((secrets.len(), secrets[0].len()), (2, 32));
        assert_eq!(secrets[1], b"first");
        let back =
            Change { told_at: Some(String::new()), per_minute: Some(0), ..Change::default() };
        let registered = register(&data, "grid", &back).unwrap();
        assert_eq!(registered, Registration { closed: true, ..Registration::default() });
        register(&data, "grid", &Change { new_tell_secret: true, ..Change::default() }).unwrap();
        let secret = cloud::channel_secret(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(secret.tells_with().len(), TELL_SECRET_CHARS);
        assert_ne!(secret.tells_with(), secret.secrets[0]);
        for wrong in ["http://receiver.example/", "https://10.0.0.1/", "nonsense"] {
            let change = Change { told_at: Some(wrong.to_owned()), ..Change::default() };
            let said = register(&data, "grid", &change).unwrap_err().to_string();
            assert!(said.contains("no https address"), "{said}");
        }
        assert!(register(&data, "county", &back).unwrap_err().to_string().contains("county"));
    }
}
