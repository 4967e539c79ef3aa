//! The finished city that is damaged, only ever in copies.

use std::collections::BTreeMap;
use std::time::Duration;

use cloud::keys;
use contracts::{Citizen, dossier_key};
use domain::fund::{AccountId, invoice_hash};
use domain::{
    Actor, ChannelName, Command, CommandId, Context, PayeeCode, Reason, RequestKind, Role, StaffId,
    Ticket, TicketId, UnitCode,
};
use lambda::{Admitted, Order, Submission};
use lianxin_local::city::{Access, DESK};
use ports::World;
use serde_json::json;
use tokio::runtime::Runtime;

use super::scene::TICKETS;
use crate::support::{TestCity, submission};

/// The life of the tickets `a` and `b`.
const KINDS: [&str; 9] = [
    "received",
    "accepted",
    "dispatched",
    "opened",
    "resolved",
    "answered",
    "followed_up",
    "evaluated",
    "archived",
];

/// With it every citizen answers the first call, so that no night comes while the city is played.
const SEED: &str = "8";

/// A city at rest. Its tickets, by the names that the tables of damages use:
///
/// - `a`, `b`: archived after the nine events of [`KINDS`], with two sealed records each;
/// - `c`: as these, rated after its archive, so that it has an addendum;
/// - `open`: with its unit, its citizen has supplemented it, and it is supervised;
/// - `follower`: merged into `open`;
/// - `funded`: with its unit, and the fund has paid for it;
/// - `waiting`: received and the machine's turn; its citizen gave no telephone number;
/// - `closed`: withdrawn, to be archived;
/// - `erased`: received when its person was erased.
pub(super) struct Base {
    pub(super) city: TestCity,
    pub(super) runtime: Runtime,
    pub(super) tickets: BTreeMap<&'static str, Ticket>,
    /// The keys of the daily heads: the older holds all replayed tickets, the newer none.
    pub(super) heads: [String; 2],
    /// The account that has paid.
    pub(super) fund: AccountId,
}

impl Base {
    pub(super) fn build() -> Self {
        let city = TestCity::new();
        let replayed = city.json(&["replay", "--first", "45", "--seed", SEED]);
        assert_eq!(replayed["archived"], 45, "{replayed}");
        let runtime = Runtime::new().unwrap();
        let heads = runtime.block_on(heads(&city));
        assert!(heads.is_empty(), "a caller waited for tomorrow: find a SEED with which none does");
        // One head with all that is archived so far, and one of a day on which nothing happened.
        let heads = [(); 2].map(|()| runtime.block_on(a_night(&city)));
        let [open, follower, funded] = runtime.block_on(three_with_their_unit(&city));
        let fund = money(&city, &funded);
        city.json(&["ticket", "do", &open, "supervise", "请关注。"]);
        let tickets = runtime.block_on(async {
            let access = city.access().await;
            let tickets = the_rest(&access, [&open, &follower, &funded]).await;
            access.close().await.unwrap();
            tickets
        });
        let base = Self { city, runtime, tickets, heads, fund };
        assert_eq!(base.city.assert_clean()["tickets"], 51);
        base
    }

    /// Puts ids in place of names: `{a}` is the ticket's id, `{a:pk}` its partition key, and
    /// `{a:dossier}` the key of its dossier.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, ticket) in &self.tickets {
            text = text
                .replace(&format!("{{{name}}}"), ticket.id().as_str())
                .replace(&format!("{{{name}:pk}}"), &keys::ticket(ticket.region(), ticket.id()))
                .replace(&format!("{{{name}:dossier}}"), &dossier_key(ticket));
        }
        let [older, newer] = &self.heads;
        let c = &self.tickets["c"];
        let fund = self.fund.to_string();
        let region = self.tickets["funded"].region();
        text.replace("{journal}", &self.journal())
            .replace("{fund}", &fund)
            .replace("{fund:pk}", &keys::ledger(region, &self.fund))
            .replace("{fund:year}", &keys::accounts(region, self.fund.year))
            .replace("{invoice}", &invoice_hash(&payee(), "B-2").to_string())
            .replace("{head}", older)
            .replace("{head:next}", newer)
            .replace("{c:addendum}", &c.addendum().unwrap().key)
    }

    /// The partition of the journal that tells of the erasure.
    pub(super) fn journal(&self) -> String {
        let ticket = &self.tickets["erased"];
        let date = ticket.erased_at().unwrap().beijing_compact_date();
        keys::journal(ticket.region(), &date, keys::shard(ticket.id()))
    }
}

async fn heads(city: &TestCity) -> Vec<String> {
    let access = city.access().await;
    let heads = lambda::head_keys(&access.world(DESK).unwrap()).await.unwrap();
    access.close().await.unwrap();
    heads
}

/// A day goes by, and the night's work is done; gives the key of the head.
async fn a_night(city: &TestCity) -> String {
    city.json(&["clock", "advance", "1d"]);
    let access = city.access().await;
    let world = access.world("schedule-upkeep").unwrap();
    let region = world.region.clone();
    let night = schedule_upkeep::Upkeep::new(world).night().await.unwrap().unwrap();
    access.close().await.unwrap();
    contracts::head_key(&region, &night.date)
}

/// Three tickets that came through a running city to their unit; the first was supplemented there.
async fn three_with_their_unit(city: &TestCity) -> [String; 3] {
    let up = city.up();
    let secret = city.secret();
    let mut tickets = Vec::new();
    for (order, phone) in
        [("OPEN-1", "10000000001"), ("FOLLOWER-1", "10000000002"), ("FUNDED-1", "10000000003")]
    {
        let mut submission = submission(order);
        // Of the same person it would follow by itself.
        submission["citizen"]["phone"] = json!(phone);
        // So many keywords of one item that no dispatcher is asked.
        submission["title"] = json!("三天停水");
        submission["content"] =
            json!("松果社区突然停水三天，没通知就停，家里断水，停水通知也没有贴。");
        let (status, answer) = up.post(&secret, submission.to_string().as_bytes()).await;
        assert_eq!(status, 202, "{answer}");
        let ticket = answer["ticket"].as_str().unwrap().to_owned();
        let mut tries = 0;
        while city.json(&["ticket", "show", &ticket])["status"] != "handling" {
            tries += 1;
            let at = || city.json(&["ticket", "show", &ticket])["status"].clone();
            assert!(tries < 100, "{order} never came to its unit: it is {}", at());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tickets.push(ticket);
    }
    let supplement = json!({
        "type": "supplement", "order_id": "OPEN-1", "message_id": "M-1", "content": "今天还是没水。",
    });
    let (status, answer) = up.post(&secret, supplement.to_string().as_bytes()).await;
    assert_eq!(status, 202, "{answer}");
    up.stop();
    tickets.try_into().unwrap()
}

fn payee() -> PayeeCode {
    PayeeCode::parse("SAMPLE-FIRM-01").unwrap()
}

/// Money for a case: paid, taken back because it was wrong, and paid rightly. Gives the account.
fn money(city: &TestCity, ticket: &str) -> AccountId {
    let now = city.json(&["clock", "show"])["city_time"].as_str().unwrap().to_owned();
    let fund = format!("fund/{}", now.get(..4).unwrap());
    let (fund, case) = (fund.as_str(), &*format!("{ticket}-1"));
    let payment = &*format!("{fund}#7");
    let payee = ["--payee", "SAMPLE-FIRM-01", "--invoice"];
    let pay = |amount, invoice| [&["pay", case, amount], payee.as_slice(), &[invoice]].concat();
    let deeds: [&[&str]; 9] = [
        &["appropriate", fund, "50000000"],
        &["apply", fund, ticket, "--item", "water=12000", "主管道破损，不在预算内。"],
        &["approve", case, "10000", "会议纪要：同意。"],
        &["reserve", case],
        &["contract", case, "派工单一号。"],
        &["accept", case, "验收合格。"],
        &pay("5000", "A-1"),
        &["reverse", payment],
        &pay("6000", "B-2"),
    ];
    for deed in deeds {
        city.json(&[&["fund"], deed].concat());
    }
    AccountId::parse(fund).unwrap()
}

/// Makes `waiting` and `closed` and merges `follower`, while no function runs; gives all tickets.
async fn the_rest(access: &Access, led: [&str; 3]) -> BTreeMap<&'static str, Ticket> {
    let world = access.world(DESK).unwrap();
    let [open, follower, funded] = led.map(|id| TicketId::parse(id).unwrap());
    let supervisor = Actor::Staff {
        id: StaffId::parse("u1").unwrap(),
        role: Role::Supervisor,
        unit: UnitCode::parse(domain::COMMAND_CENTRE).unwrap(),
    };
    let before = load(&world, &follower).await;
    let context = Context {
        actor: supervisor.clone(),
        now: world.clock.now(),
        calendar: &world.rules.calendar().await.unwrap(),
        directory: &world.rules.directory().await.unwrap(),
        cause: None,
    };
    let after = before.execute(&Command::Merge { lead: open.clone() }, &context).unwrap();
    world.tickets.advance(&before, &after).await.unwrap();

    let channel = ChannelName::parse("hotline-12345").unwrap();
    let waiting = submit(&world, &channel, "WAITING-1", None).await;
    let closed = submit(&world, &channel, "CLOSED-1", Some("10000000009")).await;
    let actor = Actor::Channel(channel.clone());
    let cause = CommandId::derive(&actor.to_string(), "M-1");
    let withdraw = Order::Withdraw { text: Some("不用了。".to_owned()) };
    lambda::command(&world, &actor, &closed, (&withdraw, &cause), None).await.unwrap();

    let erased = submit(&world, &channel, "ERASED-1", Some("10000000008")).await;
    let tickets = [erased.clone()];
    lambda::erase(&world, &supervisor, Reason::CitizenRequest, &tickets).await.unwrap();

    let mut named = vec![
        ("open", open),
        ("follower", follower),
        ("funded", funded),
        ("waiting", waiting),
        ("closed", closed),
        ("erased", erased),
    ];
    let ordinary = ordinary(access, &world).await;
    late(&world, &ordinary[2]).await;
    named.extend(["a", "b", "c"].into_iter().zip(ordinary));
    let mut tickets = BTreeMap::new();
    for (name, id) in named {
        tickets.insert(name, load(&world, &id).await);
    }
    assert_eq!(tickets.len(), 9, "fewer than three tickets went the ordinary way");
    tickets
}

/// A citizen rates an archived case, and the archive step seals that.
async fn late(world: &World, id: &TicketId) {
    let actor = Actor::Channel(load(world, id).await.channel().clone());
    let rate = Order::Rate { solved: Some(true), satisfaction: None };
    let cause = CommandId::derive(&actor.to_string(), "RATE-1");
    let rated = lambda::command(world, &actor, id, (&rate, &cause), None).await.unwrap().ticket;
    let hint = contracts::Hint::new(id.clone(), rated.version());
    lambda::step::turn(world, &step_archive::Archive, &hint).await.unwrap();
}

async fn load(world: &World, id: &TicketId) -> Ticket {
    world.tickets.load(id).await.unwrap().unwrap().ticket
}

async fn submit(
    world: &World,
    channel: &ChannelName,
    order: &str,
    phone: Option<&str>,
) -> TicketId {
    let submission = Submission {
        order: order.to_owned(),
        want: RequestKind::Help,
        sent_at: world.clock.now(),
        title: "路灯不亮".to_owned(),
        body: "松果社区示例路的路灯不亮，灯全灭了，黑灯瞎火。".to_owned(),
        citizen: Citizen { phone: phone.map(str::to_owned), ..Citizen::default() },
        place: None,
        photos: Vec::new(),
    };
    match lambda::submit(world, channel, &submission).await.unwrap() {
        Admitted::Created(ticket) => ticket.id().clone(),
        other => panic!("{order}: {other:?}"),
    }
}

/// The tickets with the life of [`KINDS`].
async fn ordinary(access: &Access, world: &World) -> Vec<TicketId> {
    let table = &access.template.tables.iter().find(|table| table.logical == TICKETS).unwrap().name;
    let scanned = access.clients.dynamodb.scan().table_name(table).send().await.unwrap();
    let keys: Vec<&String> =
        scanned.items().iter().map(|item| item["pk"].as_s().unwrap()).collect();
    let mut ordinary = Vec::new();
    for id in keys.into_iter().filter_map(|pk| keys::ticket_of(pk)) {
        let ticket = load(world, &id).await;
        if ticket.timeline().iter().map(|entry| entry.event.kind().as_str()).eq(KINDS) {
            ordinary.push(id);
        }
    }
    ordinary.sort();
    ordinary
}
