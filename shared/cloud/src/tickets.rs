//! The ticket store on DynamoDB: every write has a condition (design, section 3).

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue as Value, Delete, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use domain::{CardKind, PublicNumber, RegionCode, Ticket, TicketId, Timestamp};
use ports::{Advanced, Cursor, DueTurn, InboxCard, NewTicket, Page, PortError, Stored, Tickets};

use crate::error::port_error;
use crate::item::{
    Item, bytes, card_items, entry_to_value, index_values, new_item, ticket_from_item,
};
use crate::keys;
use crate::settings::{Settings, SettingsFault};

/// The tables of tickets and of what is created with them.
#[derive(Debug)]
pub(crate) struct DynamoTickets {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    pub(crate) lease_ms: i64,
    pub(crate) tickets: String,
    pub(crate) sealed: Option<String>,
    pub(crate) keys: Option<String>,
}

impl DynamoTickets {
    pub(crate) fn new(
        client: Client,
        settings: &Settings,
        region: RegionCode,
        lease_ms: i64,
    ) -> Result<Self, SettingsFault> {
        let table = |name| settings.get(name).map(str::to_owned);
        Ok(Self {
            client,
            region,
            lease_ms,
            tickets: settings
                .parse("TICKETS_TABLE", "the name of a table", |t| Some(t.to_owned()))?,
            sealed: table("SEALED_TABLE"),
            keys: table("KEYS_TABLE"),
        })
    }

    fn key(&self, id: &TicketId, sort: &str) -> Item {
        Item::from([
            ("pk".to_owned(), Value::S(keys::ticket(&self.region, id))),
            ("sk".to_owned(), Value::S(sort.to_owned())),
        ])
    }

    /// The one conditional write of a transition, as the parts of an update.
    fn change(&self, before: &Ticket, after: &Ticket) -> Change {
        let mut change = Change::default();
        change.set("v", Value::N(after.version().to_string()));
        change.set("st", Value::S(after.status().as_str().to_owned()));
        change.set("hd", bytes(after.head().as_bytes()));
        let new =
            after.timeline().iter().skip(before.timeline().len()).map(entry_to_value).collect();
        change.append("tl", Value::L(new));
        let (old, new) = (index_values(before, self.lease_ms), index_values(after, self.lease_ms));
        for (name, value) in &new {
            if old.get(name) != Some(value) {
                change.set(name, Value::S(value.clone()));
            }
        }
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            change.remove(name);
        }
        // The sweep counts anew for the new turn.
        change.remove("at");
        change
    }

    /// The extra cards that appeared, changed or went.
    fn card_writes(
        &self,
        before: &Ticket,
        after: &Ticket,
    ) -> Result<Vec<TransactWriteItem>, PortError> {
        let (old, new) = (card_items(before, self.lease_ms), card_items(after, self.lease_ms));
        let mut writes = Vec::new();
        for (sort, values) in &new {
            if old.get(sort) != Some(values) {
                let mut item = self.key(after.id(), sort);
                item.extend(
                    values
                        .iter()
                        .map(|(name, value)| ((*name).to_owned(), Value::S(value.clone()))),
                );
                let put = Put::builder().table_name(&self.tickets).set_item(Some(item)).build();
                writes.push(
                    TransactWriteItem::builder().put(put.map_err(|e| impossible(&e))?).build(),
                );
            }
        }
        for sort in old.keys().filter(|sort| !new.contains_key(*sort)) {
            let key = Some(self.key(after.id(), sort));
            let delete = Delete::builder().table_name(&self.tickets).set_key(key).build();
            writes.push(
                TransactWriteItem::builder().delete(delete.map_err(|e| impossible(&e))?).build(),
            );
        }
        Ok(writes)
    }

    async fn advance_alone(&self, id: &TicketId, change: Change) -> Result<Advanced, PortError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tickets)
            .set_key(Some(self.key(id, keys::TICKET)))
            .update_expression(change.expression())
            .condition_expression("v = :read")
            .set_expression_attribute_values(Some(change.values))
            .set_expression_attribute_names(Some(change.names))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match update.send().await {
            Ok(_) => Ok(Advanced::Done),
            Err(error) => {
                let lost = error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception());
                if lost { Ok(Advanced::Stale) } else { Err(port_error("UpdateItem", &error)) }
            }
        }
    }

    async fn advance_with_cards(
        &self,
        id: &TicketId,
        change: Change,
        cards: Vec<TransactWriteItem>,
    ) -> Result<Advanced, PortError> {
        let update = Update::builder()
            .table_name(&self.tickets)
            .set_key(Some(self.key(id, keys::TICKET)))
            .update_expression(change.expression())
            .condition_expression("v = :read")
            .set_expression_attribute_values(Some(change.values))
            .set_expression_attribute_names(Some(change.names))
            .build()
            .map_err(|e| impossible(&e))?;
        let written = self.transact(
            std::iter::once(TransactWriteItem::builder().update(update).build()).chain(cards),
        );
        Ok(if written.await? { Advanced::Done } else { Advanced::Stale })
    }

    /// Runs a transaction; `false` when one of its conditions failed.
    async fn transact(
        &self,
        items: impl IntoIterator<Item = TransactWriteItem>,
    ) -> Result<bool, PortError> {
        let call = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items.into_iter().collect()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled))
                    if canceled
                        .cancellation_reasons()
                        .iter()
                        .any(|reason| reason.code() == Some("ConditionalCheckFailed")) =>
                {
                    Ok(false)
                }
                // TransactionConflict and throttles among them: the SDK does not retry those.
                Some(_) | None => Err(port_error("TransactWriteItems", &error)),
            },
        }
    }

    fn new_put(
        &self,
        table: &str,
        mut item: Item,
        key: Item,
    ) -> Result<TransactWriteItem, PortError> {
        item.extend(key);
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|e| impossible(&e))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// The builders only fail when a required member is not set, and all are.
pub(crate) fn impossible(error: &aws_sdk_dynamodb::error::BuildError) -> PortError {
    PortError::Permanent(format!("impossible request: {error}"))
}

fn missing(setting: &str) -> PortError {
    PortError::Permanent(format!("this function has no {setting}"))
}

/// An update expression in the making.
#[derive(Default)]
struct Change {
    sets: Vec<String>,
    removes: Vec<String>,
    names: std::collections::HashMap<String, String>,
    values: Item,
}

impl Change {
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

    fn append(&mut self, name: &str, list: Value) {
        let placeholder = self.name(name);
        self.sets.push(format!("{placeholder} = list_append({placeholder}, :{name})"));
        self.values.insert(format!(":{name}"), list);
    }

    fn remove(&mut self, name: &str) {
        let placeholder = self.name(name);
        self.removes.push(placeholder);
    }

    fn read_version(mut self, version: u32) -> Self {
        self.values.insert(":read".to_owned(), Value::N(version.to_string()));
        self
    }

    fn expression(&self) -> String {
        format!("SET {} REMOVE {}", self.sets.join(", "), self.removes.join(", "))
    }
}

#[async_trait]
impl Tickets for DynamoTickets {
    async fn create(&self, new: &NewTicket) -> Result<bool, PortError> {
        let (ticket, id) = (&new.ticket, new.ticket.id());
        let sealed = self.sealed.as_deref().ok_or_else(|| missing("SEALED_TABLE"))?;
        let keys_table = self.keys.as_deref().ok_or_else(|| missing("KEYS_TABLE"))?;
        let pk = || ("pk".to_owned(), Value::S(keys::ticket(&self.region, id)));
        let record = ("sk".to_owned(), Value::S(ticket.request().record.as_str().to_owned()));
        let item = new_item(ticket, new.citizen.as_deref(), self.lease_ms);
        let text = Item::from([
            ("ct".to_owned(), bytes(&new.ciphertext)),
            ("at".to_owned(), Value::N(ticket.received_at().millis().to_string())),
        ]);
        let key = Item::from([("wk".to_owned(), bytes(&new.wrapped_key))]);
        self.transact([
            self.new_put(&self.tickets, item, Item::new())?,
            self.new_put(sealed, text, Item::from([pk(), record]))?,
            self.new_put(keys_table, key, Item::from([pk()]))?,
        ])
        .await
    }

    async fn load(&self, id: &TicketId) -> Result<Option<Stored>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tickets)
            .set_key(Some(self.key(id, keys::TICKET)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("GetItem", &e))?;
        let Some(item) = answer.item else { return Ok(None) };
        let stored = ticket_from_item(&self.region, id, &item);
        stored
            .map(Some)
            .map_err(|fault| PortError::Permanent(format!("the stored ticket is damaged: {fault}")))
    }

    async fn advance(&self, before: &Ticket, after: &Ticket) -> Result<Advanced, PortError> {
        if after.version() == before.version() {
            return Ok(Advanced::Done);
        }
        let change = self.change(before, after).read_version(before.version());
        let cards = self.card_writes(before, after)?;
        if cards.is_empty() {
            self.advance_alone(after.id(), change).await
        } else {
            self.advance_with_cards(after.id(), change, cards).await
        }
    }

    async fn due_turns(
        &self,
        shard: u8,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueTurn>, PortError> {
        let answer = self
            .client
            .query()
            .table_name(&self.tickets)
            .index_name("due")
            .key_condition_expression("due_pk = :shard AND due_sk <= :until")
            .expression_attribute_values(":shard", Value::S(keys::due(&self.region, true, shard)))
            .expression_attribute_values(":until", Value::S(keys::due_until(until)))
            .limit(i32::from(limit))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query due", &e))?;
        Ok(answer
            .items()
            .iter()
            .filter_map(|item| sort_of(item, "due_sk"))
            .map(|(turn, _)| turn)
            .collect())
    }

    async fn postpone(
        &self,
        turn: &DueTurn,
        version: u32,
        to: Timestamp,
        attempts: u32,
    ) -> Result<bool, PortError> {
        let sort = |due| Value::S(keys::due_sort(due, &turn.ticket, CardKind::Turn));
        let update = self
            .client
            .update_item()
            .table_name(&self.tickets)
            .set_key(Some(self.key(&turn.ticket, keys::TICKET)))
            .update_expression("SET due_sk = :to, #at = :attempts")
            .condition_expression("v = :version AND due_sk = :due")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":to", sort(to))
            .expression_attribute_values(":due", sort(turn.due))
            .expression_attribute_values(":attempts", Value::N(attempts.to_string()))
            .expression_attribute_values(":version", Value::N(version.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let lost = error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception());
                if lost { Ok(false) } else { Err(port_error("UpdateItem postpone", &error)) }
            }
        }
    }

    async fn inbox(
        &self,
        inbox: &str,
        from: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<InboxCard>, PortError> {
        // The cursor is the last sort value seen: the next page begins above it.
        let above = from.map_or("0", |cursor| cursor.0.as_str());
        let answer = self
            .client
            .query()
            .table_name(&self.tickets)
            .index_name("inbox")
            .key_condition_expression("in_pk = :inbox AND in_sk > :above")
            .expression_attribute_values(":inbox", Value::S(keys::inbox(&self.region, inbox)))
            .expression_attribute_values(":above", Value::S(above.to_owned()))
            .limit(i32::from(limit))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query inbox", &e))?;
        let sorts: Vec<&String> =
            answer.items().iter().filter_map(|item| item.get("in_sk")?.as_s().ok()).collect();
        let next = answer
            .last_evaluated_key()
            .and_then(|_| sorts.last().map(|sort| Cursor((*sort).clone())));
        let items = sorts.iter().filter_map(|sort| keys::parse_due_sort(sort));
        let items = items
            .map(|(turn, kind)| InboxCard { ticket: turn.ticket, kind, due: turn.due })
            .collect();
        Ok(Page { items, next })
    }

    async fn by_number(&self, number: &PublicNumber) -> Result<Vec<TicketId>, PortError> {
        let answer = self
            .client
            .query()
            .table_name(&self.tickets)
            .index_name("number")
            .key_condition_expression("no_pk = :number")
            .expression_attribute_values(":number", Value::S(keys::number(&self.region, number)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query number", &e))?;
        Ok(answer
            .items()
            .iter()
            .filter_map(|item| keys::ticket_of(item.get("pk")?.as_s().ok()?))
            .collect())
    }
}

fn sort_of(item: &Item, name: &str) -> Option<(DueTurn, String)> {
    keys::parse_due_sort(item.get(name)?.as_s().ok()?)
}
