//! How each channel's messages look on the wire, for every test that plays a caller: how a body is
//! proven, and which messages a body holds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use lambda::Adapter;
use lianxin_local::wire::Channel;
pub(crate) use lianxin_local::wire::Headers;
use serde_json::Value;

use crate::support::names;

/// The media type of every sample of a form.
const FORM: &str = "multipart/form-data; boundary=lianxin-sample";

/// One channel.
pub(crate) struct Wire {
    pub(crate) name: &'static str,
    /// Its name for the id of a request.
    pub(crate) order: &'static str,
    /// How its samples' names end.
    pub(crate) ending: &'static str,
    /// The headers that prove a body at a time; the guide tells of each.
    pub(crate) prove: fn(&[u8], u64, &[u8]) -> Headers,
    /// The messages in a body, each as the schema sees one; `None` for what is none.
    pub(crate) messages: fn(&[u8]) -> Option<Vec<Option<Value>>>,
    /// Whether each message of a body has its own result.
    pub(crate) batch: bool,
    pub(crate) adapter: fn() -> Box<dyn Adapter>,
}

/// Every channel that is posted to.
pub(crate) const WIRES: &[Wire] = &[
    Wire {
        name: "hotline-12345",
        order: "order_id",
        ending: ".json",
        prove: hmac,
        messages: json_object,
        batch: false,
        adapter: || Box::new(channel_hotline_12345::Hotline12345),
    },
    Wire {
        name: "gaoxiaoban",
        order: "report_id",
        ending: ".json",
        prove: hmac,
        messages: json_object,
        batch: false,
        adapter: || Box::new(channel_gaoxiaoban::Gaoxiaoban),
    },
    Wire {
        name: "leader-board",
        order: "thread_id",
        ending: ".json",
        prove: |secret, seconds, body| Channel::LeaderBoard.prove(secret, seconds, body),
        messages: json_object,
        batch: false,
        adapter: || Box::new(channel_leader_board::LeaderBoard),
    },
    Wire {
        name: "state-council",
        order: "letter_id",
        ending: ".json",
        prove: |secret, seconds, body| Channel::StateCouncil.prove(secret, seconds, body),
        messages: json_object,
        batch: false,
        adapter: || Box::new(channel_state_council::StateCouncil),
    },
    Wire {
        name: "mediation",
        order: "case_id",
        ending: ".json",
        prove: hmac,
        messages: json_object,
        batch: false,
        adapter: || Box::new(channel_mediation::Mediation),
    },
    Wire {
        name: "cyberspace",
        order: "clue_id",
        ending: ".jsonl",
        prove: hmac,
        messages: json_lines,
        batch: true,
        adapter: || Box::new(channel_cyberspace::Cyberspace),
    },
    Wire {
        name: "media-help",
        order: "story_id",
        ending: ".form",
        prove: form_headers,
        messages: form,
        batch: false,
        adapter: || Box::new(channel_media_help::MediaHelp),
    },
    Wire {
        name: "grid",
        order: "event_id",
        ending: ".xml",
        prove: hmac,
        messages: xml,
        batch: true,
        adapter: || Box::new(channel_grid::Grid),
    },
    Wire {
        name: "street-whistle",
        order: "report_id",
        ending: ".json",
        prove: |secret, seconds, body| Channel::StreetWhistle.prove(secret, seconds, body),
        messages: json_object,
        batch: false,
        adapter: || Box::new(channel_street_whistle::StreetWhistle),
    },
];

impl Wire {
    pub(crate) fn of(name: &str) -> &'static Self {
        WIRES.iter().find(|wire| wire.name == name).unwrap()
    }

    pub(crate) fn folder(&self) -> String {
        format!("events/channels/{}/samples", self.name)
    }

    /// The names of the samples that begin so.
    pub(crate) fn samples(&self, kind: &str) -> Vec<String> {
        let mut names = names(&self.folder());
        names.retain(|name| name.starts_with(kind) && !name.ends_with(".expected.json"));
        assert!(names.iter().all(|name| name.ends_with(self.ending)), "{}: {names:?}", self.name);
        names
    }

    /// The name of what a sample is answered.
    pub(crate) fn expected(&self, sample: &str) -> String {
        format!("{}/{}.expected.json", self.folder(), sample.strip_suffix(self.ending).unwrap())
    }
}

pub(crate) fn hmac(secret: &[u8], seconds: u64, body: &[u8]) -> Headers {
    Channel::Hotline.prove(secret, seconds, body)
}

fn form_headers(secret: &[u8], seconds: u64, body: &[u8]) -> Headers {
    let mut headers = Channel::MediaHelp.prove(secret, seconds, body);
    headers.push(("content-type", FORM.to_owned()));
    headers
}

pub(crate) fn json_object(body: &[u8]) -> Option<Vec<Option<Value>>> {
    serde_json::from_slice(body).ok().map(|value| vec![Some(value)])
}

fn json_lines(body: &[u8]) -> Option<Vec<Option<Value>>> {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    let lines = body.split(|byte| *byte == b'\n');
    (!body.is_empty()).then(|| lines.map(|line| serde_json::from_slice(line).ok()).collect())
}

fn form(body: &[u8]) -> Option<Vec<Option<Value>>> {
    let members = channel_media_help::members(Some(FORM), body).ok()?;
    Some(vec![Some(Value::Object(members))])
}

fn xml(body: &[u8]) -> Option<Vec<Option<Value>>> {
    let events = channel_grid::events(body).ok()?;
    Some(events.into_iter().map(|event| Some(Value::Object(event))).collect())
}
