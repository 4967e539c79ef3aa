//! What citizens send: requests, some of them at once, some of them twice with other words, and photos.

use contracts::{Circumstances, Citizen, Origin};
use domain::{ChannelName, RequestKind, TicketId, Timestamp, UploadKey};
use lambda::Submission;

use crate::core::START_MS;
use crate::rng::Rng;
use crate::settings::Settings;
use crate::staff::one;
use crate::town::town;
use crate::world::region;

/// Titles and texts: such as the machine is sure of, of the city, a township and a village, and such as it is
/// not sure of.
const WORDS: [(&str, &str); 6] = [
    ("路灯不亮", "松果社区示例路口的路灯不亮，灯全灭了，黑灯瞎火。"),
    ("井盖破损", "松果社区示例路口的窨井盖破了，成了没盖的井，请尽快更换。"),
    ("一个问题", "想问一个问题。"),
    ("停水", "松果社区突然停水，没通知就停，家里断水。"),
    ("镇上的事", "米山镇便民服务中心锁门，办事没人。"),
    ("村里的事", "石榴沟村的村里路灯不亮。"),
];

/// A request that somebody means to send.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) channel: ChannelName,
    pub(crate) submission: Submission,
    pub(crate) circumstances: Option<Circumstances>,
    pub(crate) at: i64,
    pub(crate) copies: u32,
}

/// A photo that somebody means to upload.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    pub(crate) key: UploadKey,
    pub(crate) at: i64,
    pub(crate) good: bool,
}

/// Everything that citizens mean to send.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    pub(crate) requests: Vec<Planned>,
    pub(crate) shots: Vec<Shot>,
}

impl Planned {
    pub(crate) fn ticket(&self) -> TicketId {
        TicketId::derive(&self.channel, &self.submission.order)
    }
}

fn phone(of: u64) -> String {
    format!("100{of:08}")
}

impl Plans {
    /// What this run's citizens mean to send.
    pub(crate) fn new(settings: &Settings, rng: &mut Rng) -> Self {
        let mut plans = Self::default();
        for order in 0..settings.tickets {
            let channel = rng.pick(&["hotline-12345", "gaoxiaoban"]);
            let at = START_MS + rng.time(settings.busy_ms);
            let (title, body) = rng.pick(&WORDS);
            let citizen = Citizen {
                phone: rng
                    .chance(8000)
                    .then(|| phone(rng.below(1 + u64::from(settings.tickets) / 2))),
                ..Citizen::default()
            };
            let photos = plans.shots(settings, rng, at);
            let submission = Submission {
                order: format!("A-{order}"),
                want: rng.pick(&[RequestKind::Help, RequestKind::Complaint]),
                sent_at: Timestamp::from_millis(at),
                title: title.to_owned(),
                body: body.to_owned(),
                citizen,
                place: None,
                photos,
            };
            let copies = 1 + u32::try_from(rng.below(settings.copies.into())).unwrap_or(0);
            let channel = ChannelName::parse(channel).unwrap();
            let circumstances = found(settings, rng);
            let one = Planned { channel, submission, circumstances, at, copies };
            if settings.copies > 1 && rng.chance(1000) {
                let mut rival = one.clone();
                rival.submission.body.push_str("（另一次）");
                rival.at = at + rng.time(2_000);
                rival.submission.sent_at = one.submission.sent_at;
                plans.requests.push(rival);
            }
            plans.requests.push(one);
        }
        plans
    }

    /// The photos of one request; now and then one that another has named.
    fn shots(&mut self, settings: &Settings, rng: &mut Rng, at: i64) -> Vec<UploadKey> {
        if !settings.photos || !rng.chance(5000) {
            return Vec::new();
        }
        let mut keys = Vec::new();
        for _ in 0..=rng.below(2) {
            if let Some(shot) = self.shots.last().filter(|_| rng.chance(1500)) {
                keys.push(shot.key.clone());
                continue;
            }
            let (a, b) = (rng.draw().to_le_bytes(), rng.draw().to_le_bytes());
            let mut random = [0; 16];
            random.iter_mut().zip(a.iter().chain(&b)).for_each(|(to, from)| *to = *from);
            let key = UploadKey::new(&region(), Timestamp::from_millis(at), &random);
            // Most are put before their request is sent, some long after.
            let late = if rng.chance(5000) { rng.time(settings.busy_ms) } else { 0 };
            let at = at - rng.time(60_000) + late;
            let shot = Shot { key: key.clone(), at, good: rng.chance(5000) };
            self.shots.push(shot);
            keys.push(key);
        }
        keys.dedup();
        keys
    }
}

/// Who in the government posts it, of what a unit has found itself.
fn found(settings: &Settings, rng: &mut Rng) -> Option<Circumstances> {
    if !rng.chance(settings.found) {
        return None;
    }
    let town = town();
    let unit = one(rng.pick(&[&town.villages, &town.villages, &town.townships]), rng)?;
    let (unit, staff) = (unit.to_string(), format!("{unit}-1"));
    let origin = Origin { tier: "village".to_owned(), unit, staff, found: true };
    Some(Circumstances { origin: Some(origin), ..Circumstances::default() })
}

/// The smallest photo.
pub(crate) fn jpeg() -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], length.as_slice(), body].concat()
    };
    [
        vec![0xFF, 0xD8],
        segment(0xDB, &[0; 65]),
        segment(0xC0, &[8, 0, 2, 0, 3, 1, 1, 0x11, 0]),
        segment(0xC4, &[0; 19]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        vec![1, 2, 3, 4, 0xFF, 0xD9],
    ]
    .concat()
}
