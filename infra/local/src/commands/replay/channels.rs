//! By which channel a message comes, and its request in that channel's words.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use super::citizens::draw;
use super::messages::Message;
use super::photos;

/// Of so many messages the app brings one and the hotline the others: people who telephone are
/// still the more.
const APP_BRINGS_ONE_OF: u64 = 3;
/// Of so many of the app's messages two carry photos: one of them one photo, the other two.
const PHOTOS_WITH_TWO_OF: u64 = 4;

/// A channel that is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Channel {
    /// The telephone hotline: words only.
    #[default]
    Hotline,
    /// The app: words, a place, photos.
    App,
}

impl Channel {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::Hotline, Self::App];

    /// The name in its URL.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hotline => "hotline-12345",
            Self::App => "gaoxiaoban",
        }
    }

    /// The channel's `submit`, with the keys of the photos that were put before.
    pub(super) fn submit(self, seed: u64, message: &Message, keys: &[String]) -> Value {
        match self {
            Self::Hotline => json!({
                "type": "submit",
                "order_id": message.id,
                "sent_at": message.sent_at,
                "title": message.title,
                "content": message.body,
                "citizen": message.citizen,
            }),
            Self::App => {
                // Who photographs is at the place; nobody else lets the app know where they are.
                let spot = (message.photos > 0).then(|| photos::Spot::of(seed, &message.id));
                let gps = spot.map(|spot| json!({ "lat": spot.lat(), "lon": spot.lon() }));
                json!({
                    "type": "submit",
                    "report_id": message.id,
                    "reported_at": message.sent_at,
                    "title": message.title,
                    "text": message.body,
                    "gps": gps,
                    "photos": keys,
                    "citizen": message.citizen,
                })
            }
        }
    }
}

/// What `--channel` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Every channel, each message by the one that its id and the seed draw.
    All,
    /// This one only.
    One(Channel),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let named = Channel::ALL.into_iter().find(|channel| channel.name() == text);
        let names = || Channel::ALL.map(Channel::name).join(", ");
        named.map(Self::One).ok_or_else(|| format!("no channel that is played: {}, all", names()))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::One(channel) => channel.name(),
        })
    }
}

impl Choice {
    /// Says by which channel a message comes, and with how many photos.
    pub(super) fn assign(self, seed: u64, message: &mut Message) {
        message.channel = match self {
            Self::One(channel) => channel,
            Self::All if draw(seed, "channel", &message.id).is_multiple_of(APP_BRINGS_ONE_OF) => {
                Channel::App
            }
            Self::All => Channel::Hotline,
        };
        message.photos = match (message.channel, draw(seed, "photos", &message.id)) {
            (Channel::App, drawn) if drawn % PHOTOS_WITH_TWO_OF == 0 => 1,
            (Channel::App, drawn) if drawn % PHOTOS_WITH_TWO_OF == 1 => 2,
            _ => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_chosen_by_its_name_or_all() {
        for choice in [Choice::All, Choice::One(Channel::Hotline), Choice::One(Channel::App)] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        let fault = "wechat".parse::<Choice>().unwrap_err();
        assert!(fault.contains("hotline-12345, gaoxiaoban, all"), "{fault}");
    }

    #[test]
    fn the_samples_come_by_both_channels_the_same_at_every_run_and_some_with_photos() {
        let assigned = |choice: Choice, seed| {
            let mut messages = super::super::messages::read(&[]).unwrap();
            messages.iter_mut().for_each(|message| choice.assign(seed, message));
            messages.iter().map(|m| (m.channel, m.photos)).collect::<Vec<_>>()
        };
        let all = assigned(Choice::All, 1);
        assert_eq!(all, assigned(Choice::All, 1));
        assert_ne!(all, assigned(Choice::All, 2));
        let app = all.iter().filter(|(channel, _)| *channel == Channel::App).count();
        assert!((all.len() / 4..all.len() / 2).contains(&app), "{app} of {}", all.len());
        for photos in [1, 2] {
            assert!(all.contains(&(Channel::App, photos)));
        }
        assert!(!all.iter().any(|one| one.0 == Channel::Hotline && one.1 > 0));
        let one = Choice::One(Channel::App);
        assert!(assigned(one, 1).iter().all(|(channel, _)| *channel == Channel::App));
    }
}
