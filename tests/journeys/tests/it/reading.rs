//! Reading what a citizen said: masked unless there is a reason, journalled first, and the printable
//! case file made of what was sealed.

use std::os::unix::fs::PermissionsExt as _;

use domain::{Access as Done, Actor, JournalEntry, Reason, Ticket, TicketId};
use lambda::{Reader, held, read};
use lianxin_local::city::DESK;
use ports::World;
use serde_json::{Value, json};

use crate::support::{TestCity, Up, submission};

const NAME: &str = "样例民乙";
const PHONE: &str = "10000088888";
const ADDRESS: &str = "虚构区虚构里九号院三单元";
const HOSTILE: &str = "<script>alert('x')</script><b onmouseover=\"y\">";

/// A case from the webhook to the archive, its texts full of what must be masked.
async fn archived(city: &TestCity, up: &Up) -> String {
    let mut request = submission("D-1");
    request["title"] = json!(format!("路口井盖破损{HOSTILE}"));
    request["content"] = json!(format!(
        "松果社区示例路口的窨井盖破了，成了没盖的井，请尽快更换。我是{NAME}，住{ADDRESS}，电话{PHONE}，车牌晋E12345。\n第二行。"
    ));
    request["citizen"] = json!({ "name": NAME, "phone": PHONE, "address": ADDRESS });
    let (status, answer) = up.post(&city.secret(), request.to_string().as_bytes()).await;
    assert_eq!(status, 202, "{answer}");
    let id = answer["ticket"].as_str().unwrap().to_owned();
    city.wait_for(&id, "handling").await;
    city.json(&["ticket", "do", &id, "note", "已电话联系诉求人。"]);
    let reply = format!("{NAME}您好，井盖已更换，请致电{PHONE}确认。{HOSTILE}");
    city.json(&["ticket", "do", &id, "resolve", &reply]);
    city.wait_for(&id, "answered").await;
    let call = ["--contacted", "true", "--solved", "true", "--satisfaction", "satisfied"];
    city.json(&[&["ticket", "do", &id, "follow-up"], &call[..]].concat());
    city.wait_for(&id, "archived").await;
    id
}

fn refused(city: &TestCity, args: &[&str]) -> String {
    let output = city.run(args);
    assert!(!output.status.success() && output.stdout.is_empty(), "{args:?} showed something");
    String::from_utf8(output.stderr).unwrap()
}

async fn journal(world: &World) -> Vec<JournalEntry> {
    world.journal.day(&world.clock.now().beijing_compact_date()).await.unwrap()
}

fn says_who_it_is(text: &str) -> bool {
    [NAME, PHONE, ADDRESS, "E12345"].iter().any(|needle| text.contains(needle))
}

#[tokio::test]
async fn a_text_is_shown_masked_or_with_a_reason_and_always_journalled() {
    let city = TestCity::new();
    let up = city.up();
    let id = archived(&city, &up).await;
    let access = city.access().await;
    let world = access.world(DESK).unwrap();

    let closed = city.json(&["ticket", "show", &id]);
    assert!(closed.get("texts").is_none() && !says_who_it_is(&closed.to_string()));
    assert_eq!(journal(&world).await, [], "what stays sealed is not journalled");

    let show = ["ticket", "show", &id, "--open"];
    assert!(refused(&city, &show).contains("--reason"));
    let wrong = refused(&city, &[&show[..], &["--reason", NAME]].concat());
    assert!(wrong.contains("not one of handling") && !wrong.contains(NAME));
    for (actor, more, why) in [
        ("u1/handler/education", None, "another unit"),
        ("u1/dispatcher/command-centre", Some("--unmask"), "may not read"),
        ("u1/operator/command-centre", Some("--unmask"), "may not read"),
    ] {
        let args = [&show[..], &["--reason", "handling", "--as", actor]].concat();
        let args: Vec<&str> = args.into_iter().chain(more).collect();
        assert!(refused(&city, &args).contains(why), "{actor}");
    }
    assert_eq!(journal(&world).await, [], "a refused reading reads nothing");

    let operator = ["--reason", "follow_up", "--as", "u7/operator/command-centre"];
    let masked = city.json(&[&show[..], &operator].concat());
    assert_eq!(masked["texts"].as_array().unwrap().len(), 3);
    let citizen = &masked["texts"][0]["text"]["citizen"];
    assert_eq!(
        *citizen,
        json!({ "name": "样**", "phone": "100****8888", "address": "虚构区虚构里***" })
    );
    assert!(!says_who_it_is(&masked.to_string()), "{masked:#}");
    let unit = closed["unit"].as_str().unwrap();
    let handler = format!("u8/handler/{unit}");
    let all =
        city.json(&[&show[..], &["--reason", "handling", "--unmask", "--as", &handler]].concat());
    assert!(all["texts"][2]["text"]["text"].as_str().unwrap().contains(PHONE));

    let entries = journal(&world).await;
    let told: Vec<_> = entries
        .iter()
        .map(|e| (e.reading.actor.to_string(), e.reading.reason, e.reading.access))
        .collect();
    assert_eq!(
        told,
        [
            ("staff:u7/operator/command-centre".to_owned(), Reason::FollowUp, Done::Masked),
            (format!("staff:{handler}"), Reason::Handling, Done::Unmasked),
        ]
    );
    assert!(entries.iter().all(|e| e.reading.records.len() == 3));
    city.assert_clean();

    // Without a journal nothing is shown.
    let table = access.template.tables.iter().find(|table| table.logical == "Journal").unwrap();
    access.clients.dynamodb.delete_table().table_name(&table.name).send().await.unwrap();
    refused(&city, &[&show[..], &operator].concat());
    access.close().await.unwrap();
    up.stop();
}

#[tokio::test]
async fn many_readers_at_once_make_one_chain() {
    let city = TestCity::new();
    let up = city.up();
    let id = TicketId::parse(&archived(&city, &up).await).unwrap();
    let access = city.access().await;
    let world = access.world(DESK).unwrap();
    let ticket: Ticket = world.tickets.load(&id).await.unwrap().unwrap().ticket;
    let records = held(&world, &ticket).await.unwrap();
    let reader = Reader {
        actor: Actor::parse("staff:u1/caller/command-centre").unwrap(),
        reason: Reason::FollowUp,
        unmasked: false,
    };
    let mut written = 0;
    for _ in 0..5 {
        let one = || read(&world, &reader, &ticket, &records);
        let four = tokio::join!(one(), one(), one(), one());
        let four = [four.0, four.1, four.2, four.3];
        written += four.iter().filter(|outcome| outcome.is_ok()).count();
    }
    assert_eq!((written, journal(&world).await.len()), (20, 20));
    access.close().await.unwrap();
    up.stop();
    city.assert_clean();
}

#[tokio::test]
async fn the_case_file_is_printed_from_what_was_sealed() {
    let city = TestCity::new();
    let up = city.up();
    let id = archived(&city, &up).await;
    let pages = tempfile::tempdir().unwrap();
    let page = |name: &str| pages.path().join(name);
    let render = |name: &str, more: &[&str]| -> (Value, String) {
        let out = page(name);
        let args = ["ticket", "dossier", &id, "--reason", "audit", "--out", out.to_str().unwrap()];
        let said = city.json(&[&args[..], more].concat());
        (said, std::fs::read_to_string(out).unwrap())
    };
    let (said, masked) = render("masked.html", &[]);
    assert_eq!(said["by"], "staff:shell/supervisor/command-centre");
    let mode = std::fs::metadata(page("masked.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let shown = city.json(&["ticket", "show", &id]);
    let (number, sha256) = (&shown["number"], &shown["dossier"]["sha256"]);
    for word in [
        "工单编号",
        "诉求人",
        "承办单位",
        "办理时限",
        "受理",
        "派单",
        "处置",
        "反馈",
        "评价",
        "与承诺一致",
        "与归档事件所载一致",
        "已脱敏",
        "审计",
        "样**",
        number.as_str().unwrap(),
        sha256.as_str().unwrap(),
    ] {
        assert!(masked.contains(word), "the page lacks {word}");
    }
    for bad in [NAME, PHONE, ADDRESS, "<script", "<b ", "与承诺不符", "不一致", "无法读取"]
    {
        assert!(!masked.contains(bad), "the page has {bad}");
    }
    let (_, whole) = render("whole.html", &["--unmask"]);
    assert!(whole.contains(NAME) && whole.contains(PHONE) && whole.contains("未脱敏"));
    assert!(whole.contains("&lt;script&gt;alert(&#39;x&#39;)") && !whole.contains("<script"));
    let stands = page("whole.html");
    let again = ["ticket", "dossier", &id, "--reason", "audit", "--out", stands.to_str().unwrap()];
    assert!(refused(&city, &again).contains("cannot write"));

    city.json(&[
        "erase",
        "--ticket",
        &id,
        "--reason",
        "citizen_request",
        "--as",
        "u1/supervisor/command-centre",
    ]);
    let (_, erased) = render("erased.html", &["--unmask"]);
    assert!(erased.contains("【已删除】") && erased.contains("个人信息已依法删除"));
    assert!(erased.contains("与归档事件所载一致") && erased.contains("逐条核验通过"));
    assert!(![NAME, PHONE, ADDRESS, "第二行"].iter().any(|needle| erased.contains(needle)));
    if let Some(kept) = std::env::vars().find(|(name, _)| name == "LIANXIN_PAGES") {
        for name in ["masked.html", "whole.html", "erased.html"] {
            std::fs::copy(page(name), std::path::Path::new(&kept.1).join(name)).unwrap();
        }
    }
    up.stop();
    city.assert_clean();
}
