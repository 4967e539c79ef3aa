//! A copy of the finished city with open stores, to be damaged.

use std::collections::HashMap;
use std::future::Future;
use std::path::Path;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use cloud::{index_values, keys};
use contracts::{Dossier, EntryWire, SealedText};
use domain::{Entry, Hash, RecordId, Ticket, Timestamp, commitment};
use lianxin_local::city::{Access, DESK};
use serde_json::Value;

use super::base::Base;
use crate::support::{TestCity, Up};

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) const TICKETS: &str = "Tickets";
pub(super) const SEALED: &str = "Sealed";
pub(super) const KEYS: &str = "Keys";
pub(super) const SKETCHES: &str = "Sketches";
pub(super) const JOURNAL: &str = "Journal";
pub(super) const LEDGER: &str = "Ledger";
pub(super) const ACCOUNTS: &str = "Accounts";
/// The sort key of the one extra card.
pub(super) const CARD: &str = "C#supervision";

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
        self.bucket_of("Archive")
    }

    fn bucket_of(&self, logical: &str) -> &str {
        let buckets = &self.access().template.buckets;
        &buckets.iter().find(|bucket| bucket.logical == logical).unwrap().name
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

    pub(super) fn journal(&self) -> String {
        self.base.journal()
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
        let lease_ms = self.access().world(DESK).unwrap().lease_ms;
        let mut item = self.get(TICKETS, &self.pk(name), keys::TICKET);
        // An impossible timeline has no index values, and keeps those that stood.
        let after = Ticket::replay(before.region().clone(), before.id().clone(), entries, head);
        if after.is_ok() {
            let gone = index_values(before, lease_ms);
            item.retain(|name, _| !gone.contains_key(name.as_str()));
        }
        let mut set = |name: &str, value| drop(item.insert(name.to_owned(), value));
        set("tl", AttributeValue::L(timeline.iter().map(stored).collect()));
        set("hd", bytes(head.as_bytes()));
        set("v", AttributeValue::N(timeline.len().to_string()));
        if let Ok(after) = after {
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

    /// Puts the first version of a directory.
    pub(super) fn put_directory(&self, bytes: &[u8]) {
        let bucket = self.bucket_of("Directory");
        let put = self.access().clients.s3.put_object().bucket(bucket).key("140581/000001.json");
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
