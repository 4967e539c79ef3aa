//! What channels are told is what `events/` says.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use domain::{DeclineGround, News, Outcome, RecordId, SealedRef, Tier, Timestamp, UnitCode};
use lambda::Notice;
use serde_json::Value;

use crate::invented;
use crate::support::{assert_valid, text, validator};
use crate::wire::WIRES;

/// One of each kind.
pub(crate) fn notices() -> Vec<Notice> {
    let ticket = invented::case().ticket;
    let at = Timestamp::from_millis(1_772_409_600_000);
    let sealed = || SealedRef { record: RecordId::request(ticket.id()), seal: domain::Hash::ZERO };
    let unit = UnitCode::parse("water-company").unwrap();
    let declined = |ground| News::Declined { ground, note: None };
    let news = [
        News::Accepted,
        News::Dispatched { unit, tier: Tier::City, due: at.plus_millis(Timestamp::DAY_MS) },
        News::Extended { due: at.plus_millis(3 * Timestamp::DAY_MS) },
        News::Answered { outcome: Outcome::Solved, reply: sealed() },
        declined(DeclineGround::OutsideJurisdiction),
        declined(DeclineGround::Withdrawn),
        News::Closed,
        News::Consulted,
    ];
    let notice = |(seq, news): (usize, News)| Notice {
        key: format!("{}/{}", ticket.id(), seq + 2),
        order: "A-1".to_owned(),
        number: ticket.number().to_string(),
        at,
        text: matches!(news, News::Answered { .. } | News::Declined { .. })
            .then(|| "样例答复：已修复。".to_owned()),
        title: "路灯不亮".to_owned(),
        particulars: [("电子邮箱".to_owned(), "jia@mail.example".to_owned())].into(),
        news,
    };
    news.into_iter().enumerate().map(notice).collect()
}

#[test]
fn every_telling_is_as_its_schema_says_and_as_its_guide_tells() {
    let (schema, guide) =
        (validator("events/schemas/telling.v1.schema.json"), text("events/telling.md"));
    let mut told: Vec<&str> = notices().iter().map(|notice| notice.news.as_str()).collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), News::WORDS.len(), "this test must try every word");
    for notice in notices() {
        let members = notice.to_json("order_id");
        for name in members.keys().filter(|name| *name != "order_id") {
            assert!(guide.contains(&format!("`{name}`")), "the guide does not tell of {name}");
        }
        assert_valid(&schema, &Value::Object(members), notice.news.as_str());
    }
    let words: Vec<&str> = News::WORDS.to_vec();
    assert!(words.iter().all(|word| guide.contains(&format!("`{word}`"))));
    for wire in WIRES {
        let order = (wire.adapter)().order_field();
        let (media, body) = (wire.adapter)().tell(&notices().remove(3)).unwrap();
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains(order) && body.contains("样例答复"), "{}: {media} {body}", wire.name);
    }
}

#[test]
fn the_sample_is_what_is_told() {
    let answered = Value::Object(notices().remove(3).to_json("order_id"));
    crate::golden::assert_golden("telling.v1", format!("{answered:#}\n").as_bytes());
}
