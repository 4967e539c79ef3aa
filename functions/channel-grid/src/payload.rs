//! What is peculiar to the platform's events (`events/channels/grid/schema.json`): the loop, the grid,
//! the category, and who found it.

use contracts::{Circumstances, Place, Problem};
use domain::Timestamp;
use lambda::json::{Fields, JsonObject};
use lambda::messages::{Contract, Type, message as read};
use lambda::{Message, Submission};

/// The lengths of a grid's code, a category and a grid worker's name, in characters.
const GRID: usize = 32;
const CATEGORY: (usize, usize) = (1, 64);
const WORKER: (usize, usize) = (1, 64);

/// The four loops, the city's last.
const LOOPS: [&str; 4] = ["grid", "village", "town", "city"];
/// What an event of another loop is answered.
const NOT_OURS: &str = "the event stays in its own loop; only the city's becomes a request";

/// The platform's words for what all such channels post, and its own fields. Nobody rates an event:
/// the platform closes its loop itself.
pub(crate) const CONTRACT: Contract = Contract {
    order: "event_id",
    sent_at: "found_at",
    text: "text",
    title_required: false,
    types: &[Type::Submit, Type::Supplement, Type::Urge, Type::Withdraw],
    more,
};

fn more(fields: &mut Fields, submission: &mut Submission, known: &mut Circumstances) {
    let grid = fields.identifier("grid_code", GRID);
    known.particulars.insert("网格".to_owned(), grid);
    for (field, length, label) in
        [("category", CATEGORY, "事件类别"), ("grid_worker", WORKER, "网格员")]
    {
        if let Some(text) = fields.optional_text(field, length) {
            known.particulars.insert(label.to_owned(), text);
        }
    }
    submission.place = fields.inside("gps", |gps| {
        Some(Place { lat_e6: gps.degrees("lat", 90), lon_e6: gps.degrees("lon", 180) })
    });
}

/// One event. One of another loop is read like the city's, so that its faults are told, and then
/// only noted.
pub(crate) fn message(mut event: JsonObject, wall: Timestamp) -> Result<Message, Problem> {
    let named = event.remove("loop");
    let mut fields = Fields::new(named.map(|one| ("loop".to_owned(), one)).into_iter().collect());
    let parse = |text: &str| LOOPS.iter().copied().find(|one| *one == text);
    let one = fields.word("loop", parse, &LOOPS);
    fields.finish()?;
    let message = read(&CONTRACT, event, wall)?;
    Ok(if one == Some("city") { message } else { Message::Noted(NOT_OURS) })
}
