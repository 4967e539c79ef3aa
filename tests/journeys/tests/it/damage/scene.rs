//! The finished city, and a copy of it with open stores, to be damaged.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use cloud::{index_values, keys};
use contracts::{Citizen, Dossier, EntryWire, SealedText, dossier_key};
use domain::{
    Actor, ChannelName, Command, CommandId, Context, Entry, Hash, RecordId, RequestKind, Role,
    StaffId, Ticket, TicketId, Timestamp, UnitCode, commitment,
};
use lambda::{Admitted, Order, Submission};
use lianxin_local::city::{Access, DESK};
use ports::World;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{TestCity, Up, submission};

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) const TICKETS: &str = "Tickets";
pub(super) const SEALED: &str = "Sealed";
pub(super) const KEYS: &str = "Keys";
/// The sort key of the one extra card.
pub(super) const CARD: &str = "C#consultation";

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

/// A city at rest. Its tickets, by the names that the tables of damages use:
///
/// - `a`, `b`: archived after the nine events of [`KINDS`], with two sealed records each;
/// - `open`: with its unit, its citizen has supplemented it, and a consultation is open;
/// - `follower`: merged into `open`;
/// - `waiting`: received and the machine's turn; its citizen gave no telephone number;
/// - `closed`: withdrawn, to be archived.
pub(super) struct Base {
    city: TestCity,
    runtime: Runtime,
    tickets: BTreeMap<&'static str, Ticket>,
}

impl Base {
    pub(super) fn build() -> Self {
        let city = TestCity::new();
        let replayed = city.json(&["replay", "--first", "25"]);
        assert_eq!(replayed["archived"], 25, "{replayed}");
        let runtime = Runtime::new().unwrap();
        let (open, follower) = runtime.block_on(two_with_their_unit(&city));
        city.json(&["ticket", "do", &open, "open-matter", "consultation", "请几家一起看看。"]);
        let tickets = runtime.block_on(async {
            let access = city.access().await;
            let tickets = the_rest(&access, &open, &follower).await;
            access.close().await.unwrap();
            tickets
        });
        let base = Self { city, runtime, tickets };
        assert_eq!(base.city.assert_clean()["tickets"], 29);
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
        text
    }
}

/// Two tickets that came through a running city to their unit; the first was supplemented there.
async fn two_with_their_unit(city: &TestCity) -> (String, String) {
    let up = city.up();
    let secret = city.secret();
    let mut tickets = Vec::new();
    for order in ["OPEN-1", "FOLLOWER-1"] {
        let mut submission = submission(order);
        // So many keywords of one item that no dispatcher is asked.
        submission["title"] = json!("三天停水");
        submission["content"] =
            json!("自来水公司停水三天，家里没水，昨天水压就低，断水也没人说一声。");
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
    (tickets.remove(0), tickets.remove(0))
}

/// Makes `waiting` and `closed` and merges `follower`, while no function runs; gives all tickets.
async fn the_rest(access: &Access, open: &str, follower: &str) -> BTreeMap<&'static str, Ticket> {
    let world = access.world(DESK).unwrap();
    let (open, follower) = (TicketId::parse(open).unwrap(), TicketId::parse(follower).unwrap());
    let supervisor = Actor::Staff {
        id: StaffId::parse("u1").unwrap(),
        role: Role::Supervisor,
        unit: UnitCode::parse(domain::COMMAND_CENTRE).unwrap(),
    };
    let before = load(&world, &follower).await;
    let context = Context {
        actor: supervisor,
        now: world.clock.now(),
        calendar: &world.calendar,
        cause: None,
    };
    let after = before.execute(&Command::Merge { lead: open.clone() }, &context).unwrap();
    world.tickets.advance(&before, &after).await.unwrap();

    let channel = ChannelName::parse("hotline-12345").unwrap();
    let waiting = submit(&world, &channel, "WAITING-1", None).await;
    let closed = submit(&world, &channel, "CLOSED-1", Some("10000000009")).await;
    let actor = Actor::Channel(channel);
    let cause = CommandId::derive(&actor.to_string(), "M-1");
    let withdraw = Order::Withdraw { text: Some("不用了。".to_owned()) };
    lambda::command(&world, &actor, &closed, (&withdraw, &cause), None).await.unwrap();

    let mut named =
        vec![("open", open), ("follower", follower), ("waiting", waiting), ("closed", closed)];
    named.extend(["a", "b"].into_iter().zip(ordinary(access, &world).await));
    let mut tickets = BTreeMap::new();
    for (name, id) in named {
        tickets.insert(name, load(&world, &id).await);
    }
    assert_eq!(tickets.len(), 6, "fewer than two tickets went the ordinary way");
    tickets
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
        body: "示例路的路灯不亮了。".to_owned(),
        citizen: Citizen { phone: phone.map(str::to_owned), ..Citizen::default() },
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

/// A copy of the base with open stores.
pub(super) struct Scene<'a> {
    base: &'a Base,
    city: TestCity,
    access: Option<Access>,
    up: Option<Up>,
}

impl<'a> Scene<'a> {
    pub(super) fn open(base: &'a Base) -> Self {
        let city = TestCity::copy_of(&base.city);
        let access = Some(base.runtime.block_on(city.access()));
        Self { base, city, access, up: None }
    }

    /// What `verify` says, after the stores are closed.
    pub(super) fn verify(mut self) -> Value {
        self.close();
        self.city.verify()
    }

    /// Closes the stores, so that their files may be changed.
    pub(super) fn close(&mut self) {
        if let Some(access) = self.access.take() {
            self.wait(access.close()).unwrap();
        }
    }

    /// Lets the copy run in a process of its own until it has been verified.
    pub(super) fn run(&mut self) {
        self.close();
        self.up = Some(self.city.up());
        self.access = Some(self.wait(self.city.access()));
    }

    /// Sends a message to a queue.
    pub(super) fn send(&self, queue: &str, body: &str) {
        let url = self.access().queue_url(queue).unwrap();
        let send = self.access().clients.sqs.send_message().queue_url(url).message_body(body);
        self.wait(send.send()).unwrap();
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.base.runtime.block_on(future)
    }

    fn access(&self) -> &Access {
        self.access.as_ref().unwrap()
    }

    fn table(&self, logical: &str) -> &str {
        let tables = &self.access().template.tables;
        &tables.iter().find(|table| table.logical == logical).unwrap().name
    }

    fn bucket(&self) -> &str {
        &self.access().template.buckets[0].name
    }

    pub(super) fn path(&self) -> &Path {
        self.city.path()
    }

    pub(super) fn ticket(&self, name: &str) -> &Ticket {
        &self.base.tickets[name]
    }

    pub(super) fn fill(&self, text: &str) -> String {
        self.base.fill(text)
    }

    pub(super) fn pk(&self, name: &str) -> String {
        keys::ticket(self.ticket(name).region(), self.ticket(name).id())
    }

    pub(super) fn get(&self, table: &str, pk: &str, sk: &str) -> Item {
        let get = self.access().clients.dynamodb.get_item().table_name(self.table(table));
        self.wait(get.set_key(Some(key(pk, sk))).send()).unwrap().item.unwrap()
    }

    pub(super) fn put(&self, table: &str, item: Item) {
        let put = self.access().clients.dynamodb.put_item().table_name(self.table(table));
        self.wait(put.set_item(Some(item)).send()).unwrap();
    }

    pub(super) fn delete(&self, table: &str, pk: &str, sk: &str) {
        let delete = self.access().clients.dynamodb.delete_item().table_name(self.table(table));
        self.wait(delete.set_key(Some(key(pk, sk))).send()).unwrap();
    }

    /// Sets an attribute of a ticket's item.
    pub(super) fn set(&self, name: &str, attribute: &str, value: AttributeValue) {
        let mut item = self.get(TICKETS, &self.pk(name), keys::TICKET);
        item.insert(attribute.to_owned(), value);
        self.put(TICKETS, item);
    }

    /// Removes attributes of a ticket's item.
    pub(super) fn unset(&self, name: &str, attributes: &[&str]) {
        let mut item = self.get(TICKETS, &self.pk(name), keys::TICKET);
        item.retain(|attribute, _| !attributes.contains(&attribute.as_str()));
        self.put(TICKETS, item);
    }

    /// Changes the stored timeline, and nothing else.
    pub(super) fn edit(&self, name: &str, change: impl FnOnce(&mut Vec<EntryWire>)) {
        let mut timeline = self.ticket(name).timeline().iter().map(EntryWire::from).collect();
        change(&mut timeline);
        self.set(name, "tl", AttributeValue::L(timeline.iter().map(stored).collect()));
    }

    /// Changes the timeline as one who knows how: with right links, head, version, status and index
    /// values.
    pub(super) fn rewrite(&self, name: &str, change: impl FnOnce(&mut Vec<EntryWire>)) {
        let before = self.ticket(name);
        let mut timeline = before.timeline().iter().map(EntryWire::from).collect();
        change(&mut timeline);
        let (mut head, mut entries) = (Hash::ZERO, Vec::new());
        for (seq, wire) in (1..).zip(&mut timeline) {
            (wire.seq, wire.prev) = (seq, head.to_string());
            let entry = Entry::try_from(wire.clone()).unwrap();
            head = entry.hash();
            entries.push(entry);
        }
        let mut item = self.get(TICKETS, &self.pk(name), keys::TICKET);
        let mut set = |name: &str, value| drop(item.insert(name.to_owned(), value));
        set("tl", AttributeValue::L(timeline.iter().map(stored).collect()));
        set("hd", bytes(head.as_bytes()));
        set("v", AttributeValue::N(timeline.len().to_string()));
        let lease_ms = self.access().world(DESK).unwrap().lease_ms;
        // An impossible timeline has neither.
        if let Ok(after) =
            Ticket::replay(before.region().clone(), before.id().clone(), entries, head)
        {
            set("st", text(after.status().as_str()));
            index_values(&after, lease_ms)
                .into_iter()
                .for_each(|(name, value)| set(name, text(&value)));
        }
        self.put(TICKETS, item);
    }

    /// Seals a text under the ticket's key in place of a record; gives its commitment.
    pub(super) fn seal(&self, name: &str, record: &RecordId, sealed: &SealedText) -> Hash {
        let (id, salt) = (self.ticket(name).id(), [7; 16]);
        let world = self.access().world(DESK).unwrap();
        let root = self.wait(world.secrets.root_key()).unwrap();
        let wrapped = self.wait(world.keys.wrapped(id)).unwrap().unwrap();
        let plain = sealed.to_bytes();
        let salted = [salt.as_slice(), &plain].concat();
        let key = root.unwrap(id, &wrapped).unwrap();
        let ciphertext = key.seal((id, record), &salted, [9; 12]).unwrap();
        self.reseal(name, record, &ciphertext);
        commitment(&salt, &plain)
    }

    /// The record that an entry of the ticket names.
    pub(super) fn record(&self, name: &str, seq: usize) -> RecordId {
        self.ticket(name).timeline()[seq - 1].event.sealed().unwrap().record.clone()
    }

    pub(super) fn ciphertext(&self, name: &str, record: &RecordId) -> Vec<u8> {
        self.get(SEALED, &self.pk(name), record.as_str())["ct"].as_b().unwrap().clone().into_inner()
    }

    /// Puts other bytes into a sealed record.
    pub(super) fn reseal(&self, name: &str, record: &RecordId, ciphertext: &[u8]) {
        let mut item = self.get(SEALED, &self.pk(name), record.as_str());
        item.insert("ct".to_owned(), bytes(ciphertext));
        self.put(SEALED, item);
    }

    /// The dossier that the archive step makes of a ticket.
    pub(super) fn dossier(&self, name: &str) -> Vec<u8> {
        let hex = |record: &RecordId| {
            self.ciphertext(name, record).iter().map(|byte| format!("{byte:02x}")).collect()
        };
        Dossier::of(self.ticket(name), |record| Some(hex(record))).unwrap().to_bytes()
    }

    pub(super) fn object(&self, key: &str) -> Vec<u8> {
        let get = self.access().clients.s3.get_object().bucket(self.bucket()).key(key);
        let body = self.wait(get.send()).unwrap().body;
        self.wait(body.collect()).unwrap().to_vec()
    }

    pub(super) fn put_object(&self, key: &str, bytes: &[u8]) {
        let put = self.access().clients.s3.put_object().bucket(self.bucket()).key(key);
        self.wait(put.body(bytes.to_vec().into()).send()).unwrap();
    }

    pub(super) fn delete_object(&self, key: &str) {
        let delete = self.access().clients.s3.delete_object().bucket(self.bucket()).key(key);
        self.wait(delete.send()).unwrap();
    }
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn bytes(value: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// A key; tables without a sort key have an empty `sk`.
pub(super) fn key(pk: &str, sk: &str) -> Item {
    let parts = [("pk", pk), ("sk", sk)].into_iter().filter(|(_, value)| !value.is_empty());
    parts.map(|(name, value)| (name.to_owned(), text(value))).collect()
}

/// An entry as the tickets table has it.
fn stored(wire: &EntryWire) -> AttributeValue {
    let at = Timestamp::parse(&wire.at).unwrap().millis();
    let fields = wire.fields.iter().map(|(name, value)| (name.clone(), text(value)));
    let mut map = Item::from([
        ("n".to_owned(), AttributeValue::N(wire.seq.to_string())),
        ("t".to_owned(), AttributeValue::N(at.to_string())),
        ("a".to_owned(), text(&wire.actor)),
        ("k".to_owned(), text(&wire.kind)),
        ("f".to_owned(), AttributeValue::M(fields.collect())),
        ("p".to_owned(), bytes(Hash::parse(&wire.prev).unwrap().as_bytes())),
    ]);
    map.extend(wire.cause.iter().map(|cause| ("c".to_owned(), text(cause))));
    AttributeValue::M(map)
}
