//! The one conditional write of a transition, as the parts of an update expression, and the cards
//! that change with it.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue as Value, Delete, Put, TransactWriteItem};

use domain::{Spill, Ticket};
use ports::PortError;

use crate::item::{Item, base_to_value, bytes, card_items, index_values};
use crate::keys;
use crate::packed::pack;

/// An update expression in the making.
#[derive(Default)]
pub(crate) struct Change {
    sets: Vec<String>,
    removes: Vec<String>,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: Item,
}

impl Change {
    /// The one conditional write of a transition, as the parts of an update.
    pub(crate) fn of(
        before: &Ticket,
        after: &Ticket,
        spill: Option<&Spill>,
        lease_ms: i64,
    ) -> Self {
        let mut change = Self::default();
        change.set("v", Value::N(after.version().to_string()));
        change.set("st", Value::S(after.status().as_str().to_owned()));
        change.set("hd", bytes(after.head().as_bytes()));
        match spill {
            None => change.set("tl", bytes(&pack(after.timeline()))),
            Some(spill) => {
                change.set("tl", bytes(&pack(spill.rest.timeline())));
                if let Some(base) = spill.rest.base().map(base_to_value) {
                    change.set("sn", base);
                }
            }
        }
        let (old, new) = (index_values(before, lease_ms), index_values(after, lease_ms));
        for (name, value) in &new {
            if old.get(name) != Some(value) {
                change.set(name, Value::S(value.clone()));
            }
        }
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            change.remove(name);
        }
        let new = after.timeline().iter().filter(|entry| entry.seq > before.version());
        if let Some(first) = new.filter(|entry| entry.event.is_news()).map(|entry| entry.at).next()
        {
            // What waits to be told already keeps its place.
            let partition = keys::telling(after.region(), after.channel(), false);
            change.set_first("tl_pk", Value::S(partition));
            change.set_first("tl_sk", Value::S(keys::instant_sort(first, after.id())));
        }
        // The sweep counts anew for the new turn.
        change.remove("at");
        change.values.insert(":read".to_owned(), Value::N(before.version().to_string()));
        change
    }

    fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn set(&mut self, name: &str, value: Value) {
        let placeholder = self.name(name);
        self.sets.push(format!("{placeholder} = :{name}"));
        self.values.insert(format!(":{name}"), value);
    }

    /// Sets what is not set yet.
    fn set_first(&mut self, name: &str, value: Value) {
        let placeholder = self.name(name);
        self.sets.push(format!("{placeholder} = if_not_exists({placeholder}, :{name})"));
        self.values.insert(format!(":{name}"), value);
    }

    fn remove(&mut self, name: &str) {
        let placeholder = self.name(name);
        self.removes.push(placeholder);
    }

    pub(crate) fn expression(&self) -> String {
        format!("SET {} REMOVE {}", self.sets.join(", "), self.removes.join(", "))
    }
}

/// The extra cards that appeared, changed or went.
pub(crate) fn card_writes(
    (table, key): (&str, &dyn Fn(&str) -> Item),
    before: &Ticket,
    after: &Ticket,
    lease_ms: i64,
) -> Result<Vec<TransactWriteItem>, PortError> {
    let (old, new) = (card_items(before, lease_ms), card_items(after, lease_ms));
    let mut writes = Vec::new();
    for (sort, values) in &new {
        if old.get(sort) != Some(values) {
            let mut item = key(sort);
            item.extend(
                values.iter().map(|(name, value)| ((*name).to_owned(), Value::S(value.clone()))),
            );
            let put = Put::builder().table_name(table).set_item(Some(item)).build();
            writes.push(TransactWriteItem::builder().put(put.map_err(|e| impossible(&e))?).build());
        }
    }
    for sort in old.keys().filter(|sort| !new.contains_key(*sort)) {
        let key = Some(key(sort));
        let delete = Delete::builder().table_name(table).set_key(key).build();
        writes
            .push(TransactWriteItem::builder().delete(delete.map_err(|e| impossible(&e))?).build());
    }
    Ok(writes)
}

/// The builders only fail when a required member is not set, and all are.
pub(crate) fn impossible(error: &BuildError) -> PortError {
    PortError::Permanent(format!("impossible request: {error}"))
}
