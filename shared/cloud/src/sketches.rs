//! The sketches of open tickets on DynamoDB: an item a ticket, found by neighbourhood or by body.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue as Value, ReturnConsumedCapacity};
use domain::repeat::{Seen, Sketch};
use domain::{RegionCode, TicketId, Timestamp, UnitCode};
use ports::{Cursor, Neighbourhood, Page, PortError, Sketches};

use crate::error::port_error;
use crate::item::{Item, bytes};
use crate::keys;
use crate::settings::needed;

/// So many tickets with one body are read: the first of them lead.
const SAME_BODY_MAX: i32 = 100;
/// An entry that nobody deleted, neither the archive nor the night after it, goes by itself then.
const KEPT_DAYS: i64 = 180;

/// The table of sketches.
#[derive(Debug)]
pub(crate) struct DynamoSketches {
    pub(crate) client: Client,
    pub(crate) region: RegionCode,
    pub(crate) table: Option<String>,
}

impl DynamoSketches {
    fn table(&self) -> Result<&str, PortError> {
        needed(self.table.as_deref(), "SKETCHES_TABLE")
    }
}

fn to_item(region: &RegionCode, category: &str, seen: &Seen) -> Item {
    let Seen { ticket, citizen, received_at, township, village, sketch } = seen;
    let place = Neighbourhood { township: township.as_ref(), category };
    let sort = Value::S(keys::instant_sort(*received_at, ticket));
    let ends_s = received_at.plus_millis(KEPT_DAYS * Timestamp::DAY_MS).millis() / 1000;
    let mut item = Item::from([
        ("pk".to_owned(), Value::S(keys::ticket(region, ticket))),
        ("nr_pk".to_owned(), Value::S(keys::neighbourhood(region, place))),
        ("nr_sk".to_owned(), sort),
        ("sb".to_owned(), bytes(&sketch.to_bytes())),
        ("ex".to_owned(), Value::N(ends_s.to_string())),
    ]);
    if let Some(body) = sketch.body_key() {
        item.insert("bd_pk".to_owned(), Value::S(keys::same_body(region, body)));
    }
    let units = [("to", township), ("vi", village)];
    let units = units.into_iter().filter_map(|(name, unit)| Some((name, unit.as_ref()?)));
    item.extend(units.map(|(name, unit)| (name.to_owned(), Value::S(unit.as_str().to_owned()))));
    item.extend(citizen.map(|hash| ("ci".to_owned(), bytes(&hash))));
    item
}

fn from_item(item: &Item) -> Option<Seen> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let blob = |name: &str| item.get(name).and_then(|value| value.as_b().ok());
    let unit = |name: &str| text(name).map(|code| UnitCode::parse(code)).transpose().ok();
    Some(Seen {
        ticket: keys::ticket_of(text("pk")?)?,
        citizen: blob("ci").map(|hash| hash.as_ref().try_into()).transpose().ok()?,
        received_at: keys::instant_of_sort(text("nr_sk")?)?,
        township: unit("to")?,
        village: unit("vi")?,
        sketch: Sketch::from_bytes(blob("sb")?.as_ref())?,
    })
}

/// What cannot be read is passed over: a proposal less, and no request waits for it.
fn readable(items: &[Item]) -> Vec<Seen> {
    let seen: Vec<Seen> = items.iter().filter_map(from_item).collect();
    if seen.len() < items.len() {
        tracing::error!(lost = items.len() - seen.len(), "sketches that cannot be read");
    }
    seen
}

#[async_trait]
impl Sketches for DynamoSketches {
    async fn put(&self, category: &str, seen: &Seen) -> Result<(), PortError> {
        let put = self
            .client
            .put_item()
            .table_name(self.table()?)
            .set_item(Some(to_item(&self.region, category, seen)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        put.send().await.map(|_| ()).map_err(|e| port_error("PutItem sketch", &e))
    }

    async fn near(
        &self,
        place: Neighbourhood<'_>,
        from: Option<&Cursor>,
    ) -> Result<Page<Seen>, PortError> {
        // The cursor is the last sort value seen: the next page begins below it.
        let below = from.map_or("~", |cursor| cursor.0.as_str());
        let answer = self
            .client
            .query()
            .table_name(self.table()?)
            .index_name("near")
            .key_condition_expression("nr_pk = :place AND nr_sk < :below")
            .expression_attribute_values(
                ":place",
                Value::S(keys::neighbourhood(&self.region, place)),
            )
            .expression_attribute_values(":below", Value::S(below.to_owned()))
            .scan_index_forward(false)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query near", &e))?;
        let last = answer.items().last().and_then(|item| item.get("nr_sk")?.as_s().ok().cloned());
        let next = answer.last_evaluated_key().and(last).map(Cursor);
        Ok(Page { items: readable(answer.items()), next })
    }

    async fn same_body(&self, body: [u8; 8]) -> Result<Vec<Seen>, PortError> {
        let answer = self
            .client
            .query()
            .table_name(self.table()?)
            .index_name("body")
            .key_condition_expression("bd_pk = :body")
            .expression_attribute_values(":body", Value::S(keys::same_body(&self.region, body)))
            .limit(SAME_BODY_MAX)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| port_error("Query body", &e))?;
        Ok(readable(answer.items()))
    }

    async fn remove(&self, ticket: &TicketId) -> Result<(), PortError> {
        let delete = self
            .client
            .delete_item()
            .table_name(self.table()?)
            .key("pk", Value::S(keys::ticket(&self.region, ticket)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        delete.send().await.map(|_| ()).map_err(|e| port_error("DeleteItem sketch", &e))
    }
}
