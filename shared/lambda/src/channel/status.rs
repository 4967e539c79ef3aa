//! The second route of a channel that asks how its requests stand, instead of waiting to be told.

use contracts::Problem;
use domain::TicketId;
use serde_json::{Value, json};

use super::answers::of_ticket;
use super::counter::Counter;
use crate::http::answer;
use crate::json::{Fields, object};

/// How the route's path ends.
pub(super) const PATH: &str = "/status";
/// The longest order id, in characters, as in every contract.
const ID: usize = 64;

/// Answers 200 with where the ticket of the channel's own order stands. Another channel's tickets
/// cannot be asked for: the id is derived from channel and order.
pub(super) async fn tell(counter: &Counter, body: &[u8]) -> Result<Value, Problem> {
    let mut fields = Fields::new(object(body)?);
    let order = fields.identifier(counter.order_field, ID);
    fields.finish()?;
    let id = TicketId::derive(&counter.channel, &order);
    let stored = counter.world.tickets.load(&id).await.map_err(|e| counter.unavailable(&e))?;
    let ticket = stored.ok_or_else(|| counter.unknown_order())?.ticket;
    let mut members = of_ticket(&ticket);
    members.insert("since".to_owned(), json!(ticket.status_since().to_string()));
    if let Some(due) = ticket.citizen_due() {
        members.insert("due".to_owned(), json!(due.to_string()));
    }
    Ok(answer(200, &Value::Object(members)))
}
