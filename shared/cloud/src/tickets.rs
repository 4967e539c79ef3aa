//! The ticket store on DynamoDB: every write has a condition (design, section 3).

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue as Value, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use domain::{
    CardKind, CommandId, EventKind, PublicNumber, RegionCode, Ticket, TicketId, Timestamp,
};
use ports::{
    Advanced, Cursor, DueCard, DueTurn, InboxCard, NewTicket, Page, PortError, Stored, Tickets,
};

use crate::change::{Change, card_writes, impossible};
use crate::error::{port_error, written};
use crate::item::{Item, ItemFault, bytes, entries_from_item, new_item, ticket_from_item};
use crate::keys;
use crate::settings::{Settings, SettingsFault, needed};
use crate::spill::{items, spill};
use crate::transaction::{Transacted, put_new, transact};

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
        let written = written("UpdateItem", update.send().await)?;
        Ok(if written { Advanced::Done } else { Advanced::Stale })
    }

    /// The writes of a transition: the ticket's own, its cards, what it spills.
    pub(crate) fn writes(
        &self,
        before: &Ticket,
        after: &Ticket,
    ) -> Result<Vec<TransactWriteItem>, PortError> {
        let (change, others) = self.changed(before, after)?;
        let update = Update::builder()
            .table_name(&self.tickets)
            .set_key(Some(self.key(after.id(), keys::TICKET)))
            .update_expression(change.expression())
            .condition_expression("v = :read")
            .set_expression_attribute_values(Some(change.values))
            .set_expression_attribute_names(Some(change.names))
            .build()
            .map_err(|e| impossible(&e))?;
        let own = TransactWriteItem::builder().update(update).build();
        Ok(std::iter::once(own).chain(others).collect())
    }

    /// The change of the ticket's own item, and the writes of others that go with it.
    fn changed(
        &self,
        before: &Ticket,
        after: &Ticket,
    ) -> Result<(Change, Vec<TransactWriteItem>), PortError> {
        let spill = spill(after);
        let change = Change::of(before, after, spill.as_ref(), self.lease_ms);
        let key = |sort: &str| self.key(after.id(), sort);
        let mut others = card_writes((&self.tickets, &key), before, after, self.lease_ms)?;
        for (sort, item) in spill.iter().flat_map(|spill| items(&spill.entries)) {
            others.push(new_put(&self.tickets, item, self.key(after.id(), &sort))?);
        }
        Ok((change, others))
    }

    /// Runs a transaction; `false` when one of its conditions failed.
    async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<bool, PortError> {
        match transact((&self.client, "TransactWriteItems"), items).await? {
            Transacted::Done => Ok(true),
            Transacted::Refused => Ok(false),
            Transacted::Conflict => {
                Err(PortError::Temporary("TransactWriteItems: TransactionConflict".to_owned()))
            }
        }
    }

    /// A page of what of a shard of `due` is due, the machine's turns or people's cards, oldest first.
    async fn due(
        &self,
        (machine, shard): (bool, u8),
        until: Timestamp,
        from: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<(DueTurn, String)>, PortError> {
        let above = from.map_or("0", |cursor| cursor.0.as_str());
        let partition = keys::due(&self.region, machine, shard);
        let answer = self
            .client
            .query()
            .table_name(&self.tickets)
            .index_name("due")
            .key_condition_expression("due_pk = :shard AND due_sk BETWEEN :above AND :until")
            .expression_attribute_values(":shard", Value::S(partition))
            .expression_attribute_values(":above", Value::S(above.to_owned()))
            .expression_attribute_values(":until", Value::S(keys::due_until(until)))
            .limit(i32::from(limit))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query due", &e))?;
        let sorts = answer.items().iter().filter_map(|item| item.get("due_sk")?.as_s().ok());
        let last = sorts.clone().next_back().filter(|_| answer.last_evaluated_key().is_some());
        // `~` comes after every character of a kind: the next page begins above the last card.
        let next = last.map(|sort| Cursor(format!("{sort}~")));
        Ok(Page { items: sorts.filter_map(|sort| keys::parse_due_sort(sort)).collect(), next })
    }

    /// The items of spilled entries or causes, oldest first.
    async fn spilled_items(&self, id: &TicketId, prefix: &str) -> Result<Vec<Item>, PortError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.tickets)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", Value::S(keys::ticket(&self.region, id)))
            .expression_attribute_values(":prefix", Value::S(prefix.to_owned()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .send();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            items.extend(
                page.map_err(|e| port_error("Query spilled", &e))?.items.unwrap_or_default(),
            );
        }
        Ok(items)
    }
}

fn new_put(table: &str, mut item: Item, key: Item) -> Result<TransactWriteItem, PortError> {
    item.extend(key);
    put_new(table, item)
}

fn damaged(fault: &ItemFault) -> PortError {
    PortError::Permanent(format!("the stored ticket is damaged: {fault}"))
}

#[async_trait]
impl Tickets for DynamoTickets {
    async fn create(&self, new: &NewTicket) -> Result<bool, PortError> {
        let (ticket, id) = (&new.ticket, new.ticket.id());
        let sealed = needed(self.sealed.as_deref(), "SEALED_TABLE")?;
        let keys_table = needed(self.keys.as_deref(), "KEYS_TABLE")?;
        let pk = || ("pk".to_owned(), Value::S(keys::ticket(&self.region, id)));
        let record = ("sk".to_owned(), Value::S(ticket.request().record.as_str().to_owned()));
        let item = new_item(ticket, new.citizen.as_deref(), self.lease_ms);
        let text = Item::from([
            ("ct".to_owned(), bytes(&new.ciphertext)),
            ("at".to_owned(), Value::N(ticket.received_at().millis().to_string())),
        ]);
        let key = Item::from([("wk".to_owned(), bytes(&new.wrapped_key))]);
        self.transact(vec![
            new_put(&self.tickets, item, Item::new())?,
            new_put(sealed, text, Item::from([pk(), record]))?,
            new_put(keys_table, key, Item::from([pk()]))?,
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
        stored.map(Some).map_err(|fault| damaged(&fault))
    }

    async fn whole(&self, id: &TicketId) -> Result<Option<Ticket>, PortError> {
        // The ticket first: what spills after it was read is in its entries still.
        let Some(Stored { ticket, .. }) = self.load(id).await? else { return Ok(None) };
        if ticket.spilled() == 0 {
            return Ok(Some(ticket));
        }
        let mut entries = Vec::new();
        for item in self.spilled_items(id, keys::ENTRIES).await? {
            entries.extend(entries_from_item(&item).map_err(|fault| damaged(&fault))?);
        }
        entries.retain(|entry| entry.seq <= ticket.spilled());
        entries.extend(ticket.timeline().iter().cloned());
        let whole = Ticket::replay(self.region.clone(), id.clone(), entries, ticket.head());
        whole.map(Some).map_err(|fault| damaged(&fault.into()))
    }

    async fn spilled_cause(
        &self,
        id: &TicketId,
        cause: &CommandId,
    ) -> Result<Option<EventKind>, PortError> {
        let items = self.spilled_items(id, keys::CAUSES).await?;
        // The newest first: a spill may part the events of one command, and its last one counts.
        let kind = items
            .iter()
            .rev()
            .find_map(|item| item.get("cs")?.as_m().ok()?.get(cause.as_str())?.as_s().ok());
        Ok(kind.and_then(|kind| EventKind::parse(kind)))
    }

    async fn advance(&self, before: &Ticket, after: &Ticket) -> Result<Advanced, PortError> {
        if after.version() == before.version() {
            return Ok(Advanced::Done);
        }
        let (change, others) = self.changed(before, after)?;
        if others.is_empty() {
            return self.advance_alone(after.id(), change).await;
        }
        let written = self.transact(self.writes(before, after)?).await?;
        Ok(if written { Advanced::Done } else { Advanced::Stale })
    }

    async fn due_turns(
        &self,
        shard: u8,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueTurn>, PortError> {
        let page = self.due((true, shard), until, None, limit).await?;
        Ok(page.items.into_iter().map(|(turn, _)| turn).collect())
    }

    async fn due_cards(
        &self,
        shard: u8,
        until: Timestamp,
        from: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<DueCard>, PortError> {
        let Page { items, next } = self.due((false, shard), until, from, limit).await?;
        let card = |(DueTurn { ticket, due }, _)| DueCard { ticket, alarm: due };
        Ok(Page { items: items.into_iter().map(card).collect(), next })
    }

    async fn postpone(
        &self,
        turn: &DueTurn,
        version: u32,
        to: Timestamp,
        attempts: u32,
    ) -> Result<bool, PortError> {
        let sort = |due| Value::S(keys::due_sort(due, &turn.ticket, &CardKind::Turn));
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
        written("UpdateItem postpone", update.send().await)
    }

    async fn touch(&self, ticket: &Ticket, now: Timestamp) -> Result<bool, PortError> {
        let sort = keys::instant_sort(now, ticket.id());
        let update = self
            .client
            .update_item()
            .table_name(&self.tickets)
            .set_key(Some(self.key(ticket.id(), keys::TICKET)))
            .update_expression("SET ar_sk = :now")
            .condition_expression("v = :version AND attribute_exists(ar_sk)")
            .expression_attribute_values(":now", Value::S(sort))
            .expression_attribute_values(":version", Value::N(ticket.version().to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        written("UpdateItem touch", update.send().await)
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
