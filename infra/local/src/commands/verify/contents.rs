//! Everything that a city has stored, read into memory.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context as _;
use aws_sdk_dynamodb::types::AttributeValue as Value;

use crate::city::Access;
use crate::template::Table;

pub(super) type Item = HashMap<String, Value>;

/// An index entry: the keys of the item it stands for, and its own.
pub(super) type IndexEntry = BTreeMap<String, String>;

/// What is stored.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The tickets table by partition and sort key.
    pub(super) tickets: BTreeMap<String, BTreeMap<String, Item>>,
    /// Sealed records by partition and sort key.
    pub(super) sealed: BTreeMap<String, BTreeMap<String, Item>>,
    /// Wrapped keys by partition key.
    pub(super) keys: BTreeMap<String, Item>,
    /// Sketches of open tickets by partition key.
    pub(super) sketches: BTreeMap<String, Item>,
    /// The access journal by day and shard, and sort key.
    pub(super) journal: BTreeMap<String, BTreeMap<String, Item>>,
    /// The fund's journals by account, and place.
    pub(super) ledger: BTreeMap<String, BTreeMap<String, Item>>,
    /// What is kept beside the journals, by partition and sort key.
    pub(super) accounts: BTreeMap<String, BTreeMap<String, Item>>,
    /// The entries of each index of the tickets table.
    pub(super) indexes: BTreeMap<String, Vec<IndexEntry>>,
    /// The names of each index's own keys.
    pub(super) index_keys: BTreeMap<String, Vec<String>>,
    /// Case files and addenda.
    pub(super) objects: BTreeMap<String, Vec<u8>>,
    /// Sealed photos.
    pub(super) photos: BTreeMap<String, Vec<u8>>,
    /// Daily heads and their leaves.
    pub(super) heads: BTreeMap<String, Vec<u8>>,
    /// Uploads that lie there, with the time of their putting in seconds of wall time.
    pub(super) uploads: BTreeMap<String, i64>,
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(super) fn blob<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    item.get(name)?.as_b().ok().map(AsRef::as_ref)
}

/// How many attributes an item has besides those it may have: the chain does not see them.
pub(super) fn unknown(item: &Item, known: &[&str]) -> usize {
    item.keys().filter(|name| !known.contains(&name.as_str())).count()
}

impl Contents {
    pub(super) async fn read(access: &Access) -> anyhow::Result<Self> {
        let mut contents = Self::default();
        for table in &access.template.tables {
            let items = scan(access, &table.name, None).await?;
            match table.logical.as_str() {
                "Tickets" => {
                    contents.tickets = by_keys(items);
                    contents.read_indexes(access, table).await?;
                }
                "Sealed" => contents.sealed = by_keys(items),
                "Keys" => contents.keys = by_key(items),
                "Sketches" => contents.sketches = by_key(items),
                "Journal" => contents.journal = by_keys(items),
                "Ledger" => contents.ledger = by_keys(items),
                "Accounts" => contents.accounts = by_keys(items),
                other => anyhow::bail!(
                    "verify does not know the table {other}: teach it in verify/contents.rs"
                ),
            }
        }
        contents.read_objects(access).await?;
        Ok(contents)
    }

    async fn read_indexes(&mut self, access: &Access, table: &Table) -> anyhow::Result<()> {
        for index in &table.indexes {
            let entries = scan(access, &table.name, Some(&index.name)).await?;
            self.indexes.insert(index.name.clone(), entries.iter().map(strings).collect());
            let keys = std::iter::once(index.hash.clone()).chain(index.range.clone()).collect();
            self.index_keys.insert(index.name.clone(), keys);
        }
        Ok(())
    }

    async fn read_objects(&mut self, access: &Access) -> anyhow::Result<()> {
        // What was uploaded is told to a queue, and goes when it was looked at.
        let (uploads, kept): (Vec<_>, Vec<_>) =
            access.template.buckets.iter().partition(|bucket| !bucket.created.is_empty());
        for bucket in uploads {
            self.uploads.extend(listed(access, &bucket.name).await?);
        }
        // What lies in quarantine is no ticket's yet; who is who, and reports, are no ticket's at all.
        let no_ticket_s = ["Quarantine", "Directory", "Reports"];
        let kept = kept.into_iter().filter(|one| !no_ticket_s.contains(&one.logical.as_str()));
        for bucket in kept {
            for (key, _) in listed(access, &bucket.name).await? {
                let get = access.clients.s3.get_object().bucket(&bucket.name).key(&key).send();
                let object = get.await.with_context(|| format!("cannot read {key}"))?;
                self.objects.insert(key, object.body.collect().await?.to_vec());
            }
        }
        let is_photo = |key: &String, _: &mut Vec<u8>| key.starts_with("e/");
        self.photos = self.objects.extract_if(.., is_photo).collect();
        let is_head = |key: &String, _: &mut Vec<u8>| key.starts_with("h/");
        self.heads = self.objects.extract_if(.., is_head).collect();
        Ok(())
    }
}

/// The keys of a bucket, each with the time of its putting in seconds of wall time.
async fn listed(access: &Access, bucket: &str) -> anyhow::Result<Vec<(String, i64)>> {
    let mut pages = access.clients.s3.list_objects_v2().bucket(bucket).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.with_context(|| format!("cannot list {bucket}"))?;
        keys.extend(page.contents().iter().filter_map(|object| {
            let put = object.last_modified().map_or(0, |at| at.secs());
            Some((object.key()?.to_owned(), put))
        }));
    }
    Ok(keys)
}

fn by_key(items: Vec<Item>) -> BTreeMap<String, Item> {
    let named = |item: Item| Some((text(&item, "pk")?.to_owned(), item));
    items.into_iter().filter_map(named).collect()
}

fn by_keys(items: Vec<Item>) -> BTreeMap<String, BTreeMap<String, Item>> {
    let mut sorted: BTreeMap<String, BTreeMap<String, Item>> = BTreeMap::new();
    for item in items {
        if let (Some(pk), Some(sk)) = (text(&item, "pk"), text(&item, "sk")) {
            sorted.entry(pk.to_owned()).or_default().insert(sk.to_owned(), item);
        }
    }
    sorted
}

fn strings(item: &Item) -> IndexEntry {
    item.iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone())))
        .collect()
}

/// Reads a whole table or index. Only this tool scans; no function may.
async fn scan(access: &Access, table: &str, index: Option<&str>) -> anyhow::Result<Vec<Item>> {
    let scan =
        access.clients.dynamodb.scan().table_name(table).set_index_name(index.map(str::to_owned));
    let mut pages = scan.consistent_read(index.is_none()).into_paginator().items().send();
    let mut items = Vec::new();
    while let Some(item) = pages.next().await {
        items.push(item.with_context(|| format!("cannot read {table}"))?);
    }
    Ok(items)
}
