//! By which channel a message comes.

use std::fmt;
use std::str::FromStr;

use super::citizens::draw;
use super::messages::Message;
use crate::wire::Channel;

/// Of a hundred messages so many come by each: people who telephone are still the most.
const SHARES: [(Channel, u64); 10] = [
    (Channel::Hotline, 28),
    (Channel::App, 22),
    (Channel::LeaderBoard, 10),
    (Channel::StateCouncil, 8),
    (Channel::Mailbox, 8),
    (Channel::Grid, 7),
    (Channel::Cyberspace, 6),
    (Channel::MediaHelp, 5),
    (Channel::StreetWhistle, 4),
    (Channel::Mediation, 2),
];
/// Of so many of the app's messages two carry photos: one of them one photo, the other two.
const PHOTOS_WITH_TWO_OF: u64 = 4;

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
        text.parse().map(Self::One).map_err(|fault: String| format!("{fault}, or all"))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::One(channel) => channel.fmt(f),
        }
    }
}

impl Choice {
    /// Says by which channel a message comes, and with how many photos.
    pub(super) fn assign(self, seed: u64, message: &mut Message) {
        message.channel = match self {
            Self::One(channel) => channel,
            Self::All => drawn(draw(seed, "channel", &message.id) % 100),
        };
        message.photos = match (message.channel, draw(seed, "photos", &message.id)) {
            (Channel::App, drawn) if drawn % PHOTOS_WITH_TWO_OF == 0 => 1,
            (Channel::App, drawn) if drawn % PHOTOS_WITH_TWO_OF == 1 => 2,
            _ => 0,
        };
    }
}

fn drawn(mut of_hundred: u64) -> Channel {
    for (channel, share) in SHARES {
        if of_hundred < share {
            return channel;
        }
        of_hundred -= share;
    }
    Channel::default()
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
        assert!(fault.contains("mayor-mailbox, or all"), "{fault}");
    }

    #[test]
    fn all_share_every_channel_and_the_shares_are_of_a_hundred() {
        assert_eq!(SHARES.iter().map(|(_, share)| share).sum::<u64>(), 100);
        assert!(Channel::ALL.iter().all(|one| SHARES.iter().any(|(channel, _)| channel == one)));
    }

    #[test]
    fn the_samples_come_by_all_channels_the_same_at_every_run_and_some_with_photos() {
        let assigned = |choice: Choice, seed| {
            let mut messages = super::super::messages::read(&[]).unwrap();
            messages.iter_mut().for_each(|message| choice.assign(seed, message));
            messages.iter().map(|m| (m.channel, m.photos)).collect::<Vec<_>>()
        };
        let all = assigned(Choice::All, 1);
        assert_eq!(all, assigned(Choice::All, 1));
        assert_ne!(all, assigned(Choice::All, 2));
        for channel in Channel::ALL {
            assert!(all.iter().any(|(one, _)| *one == channel), "{channel}");
        }
        let app = all.iter().filter(|(channel, _)| *channel == Channel::App).count();
        assert!((all.len() / 7..all.len() / 3).contains(&app), "{app} of {}", all.len());
        for photos in [1, 2] {
            assert!(all.contains(&(Channel::App, photos)));
        }
        assert!(!all.iter().any(|one| one.0 != Channel::App && one.1 > 0));
        let one = Choice::One(Channel::App);
        assert!(assigned(one, 1).iter().all(|(channel, _)| *channel == Channel::App));
    }
}
