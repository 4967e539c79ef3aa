//! The printed case file shows the photos: after the journal tells of it, to who reads unmasked, and as
//! long as there is a key.

use data_encoding::BASE64;
use domain::{Access as Done, JournalEntry, RecordId};
use lianxin_local::city::DESK;
use serde_json::json;

use super::{App, MARK, jpeg, put};
use crate::support::TestCity;

const ARCHIVE: &str = "lianxin-archive-000000000000";
const DATA: &str = "src=\"data:image/jpeg;base64,";

/// A closed city with one archived case that has two photos: its id and their records.
async fn archived() -> (TestCity, String, Vec<String>) {
    let app = App::open();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let grant = app.granted(jpeg().len()).await;
        assert_eq!(put(&grant, &[], &jpeg()).await, 200);
        keys.push(grant["key"].as_str().unwrap().to_owned());
    }
    let report = json!({
        "type": "submit",
        "report_id": "GP-1",
        "reported_at": "2025-06-01T08:00:00+08:00",
        "text": "松果社区突然停水三天，没通知就停，家里断水，停水通知也没有贴。",
        "photos": keys,
    });
    let (status, answer) = app.post("", &report).await;
    assert_eq!(status, 202, "{answer}");
    let id = answer["ticket"].as_str().unwrap().to_owned();
    let settled = app.settled(&id, 2).await;
    let records = settled.iter().map(|(_, fields)| fields["record"].as_str().unwrap().to_owned());
    let records = records.collect();
    app.city.wait_for(&id, "handling").await;
    app.city.json(&["ticket", "do", &id, "resolve", "已恢复供水。"]);
    app.city.wait_for(&id, "answered").await;
    app.city.json(&["ticket", "do", &id, "follow-up", "--solved", "true"]);
    app.city.wait_for(&id, "archived").await;
    let App { city, up, .. } = app;
    up.stop();
    city.assert_clean();
    (city, id, records)
}

/// The page, as `ticket dossier` writes it.
fn page(city: &TestCity, id: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("case.html");
    let args = ["ticket", "dossier", id, "--reason", "audit", "--out", out.to_str().unwrap()];
    city.json(&[&args[..], more].concat());
    std::fs::read_to_string(out).unwrap()
}

/// The pictures within a page.
fn pictures(html: &str) -> Vec<Vec<u8>> {
    let data = html.split(DATA).skip(1).map(|rest| rest.split('"').next().unwrap());
    data.map(|text| BASE64.decode(text.as_bytes()).unwrap()).collect()
}

async fn journal(city: &TestCity) -> Vec<JournalEntry> {
    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    let date = world.clock.now().beijing_compact_date();
    let entries = world.journal.day(&date).await.unwrap();
    access.close().await.unwrap();
    entries
}

#[tokio::test]
async fn the_page_shows_the_photos_to_who_reads_unmasked_and_counts_them_for_others() {
    let (city, id, records) = archived().await;
    let masked = page(&city, &id, &[]);
    assert!(masked.contains("附件照片") && masked.contains("共 2 张"));
    assert!(masked.contains("照片无法脱敏") && !masked.contains("<img"));
    let whole = page(&city, &id, &["--unmask"]);
    let shown = pictures(&whole);
    assert_eq!((shown.len(), whole.matches("<img").count()), (2, 2));
    for image in &shown {
        assert!(image.starts_with(&[0xFF, 0xD8]) && image.ends_with(&[1, 2, 3, 0xFF, 0xD9]));
        assert!(!String::from_utf8_lossy(image).contains(MARK), "the metadata is still there");
    }
    // The request, the reply and two photos.
    assert_eq!(whole.matches("与承诺一致").count(), 4);
    for bad in ["与承诺不符", "无法读取", "无法脱敏"] {
        assert!(!whole.contains(bad), "the page has {bad}");
    }

    // The journal tells of a photo when it was shown, and only then.
    let entries = journal(&city).await;
    let accesses: Vec<_> = entries.iter().map(|entry| entry.reading.access).collect();
    assert_eq!(accesses, [Done::Masked, Done::Unmasked]);
    for record in &records {
        let record = RecordId::parse(record).unwrap();
        let told: Vec<_> = entries.iter().map(|e| e.reading.records.contains(&record)).collect();
        assert_eq!(told, [false, true], "the record of a photo");
    }

    let erase = ["erase", "--ticket", &id, "--reason", "citizen_request"];
    city.json(&[&erase[..], &["--as", "u1/supervisor/command-centre"]].concat());
    for more in [&[][..], &["--unmask"]] {
        let erased = page(&city, &id, more);
        assert!(erased.contains("共 2 张") && !erased.contains("<img"), "{more:?}");
        assert_eq!(erased.matches("已删除，无从核验照片").count(), 2, "{more:?}");
    }
    city.assert_clean();
}

#[tokio::test]
async fn a_photo_that_is_damaged_or_lost_is_said_to_be_unreadable_and_the_other_is_shown() {
    let (city, id, records) = archived().await;
    let key = format!("e/140581/{id}/{}", records[0]);
    for damage in [Some(&b"another"[..]), None] {
        let copy = TestCity::copy_of(&city);
        let access = copy.access().await;
        let s3 = &access.clients.s3;
        match damage {
            Some(body) => {
                let put = s3.put_object().bucket(ARCHIVE).key(&key).body(body.to_vec().into());
                put.send().await.unwrap();
            }
            None => drop(s3.delete_object().bucket(ARCHIVE).key(&key).send().await.unwrap()),
        }
        access.close().await.unwrap();
        let html = page(&copy, &id, &["--unmask"]);
        assert_eq!(pictures(&html).len(), 1);
        assert_eq!(html.matches("无法读取").count(), 1);
    }
}

#[tokio::test]
async fn without_a_journal_no_photo_is_shown() {
    let (city, id, _) = archived().await;
    let access = city.access().await;
    let table = access.template.tables.iter().find(|table| table.logical == "Journal").unwrap();
    access.clients.dynamodb.delete_table().table_name(&table.name).send().await.unwrap();
    let ticket = domain::TicketId::parse(&id).unwrap();
    let world = access.world(DESK).unwrap();
    let ticket = world.tickets.load(&ticket).await.unwrap().unwrap().ticket;
    let actor = domain::Actor::parse("staff:u1/supervisor/command-centre").unwrap();
    let reader = lambda::Reader { actor, reason: domain::Reason::Audit, unmasked: true };
    let shown = lambda::case_file(&world, &reader, &ticket).await;
    assert!(matches!(shown, Err(lambda::CaseFileError::Read(_))), "{shown:?}");
    drop(world);
    access.close().await.unwrap();
}
