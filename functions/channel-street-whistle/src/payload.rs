//! What is peculiar to staff's messages (`events/channels/street-whistle/schema.json`): how they came
//! to know, the grid, place and photos; and who they are, which the token says and not the body.

use contracts::{Circumstances, Origin, Place, Problem};
use domain::{PHOTOS_MAX, UploadKey};
use lambda::json::{Fields, object};
use lambda::messages::{Contract, Type, message as read};
use lambda::{Message, Submission, Verified};

use crate::token::{ROLE, STAFF, TIER, UNIT};

/// The length of a grid's code, in characters.
const GRID: (usize, usize) = (1, 32);
/// How staff came to know.
const HOW: [&str; 2] = ["found", "behalf"];

/// The townships' words for what all such channels post, and their own fields. Who asks on behalf of
/// a citizen does not rate for one.
pub(crate) const CONTRACT: Contract = Contract {
    order: "report_id",
    sent_at: "reported_at",
    text: "text",
    title_required: true,
    types: &[Type::Submit, Type::Supplement, Type::Urge, Type::Withdraw],
    more,
};

fn more(fields: &mut Fields, submission: &mut Submission, known: &mut Circumstances) {
    let parse = |text: &str| HOW.iter().copied().find(|how| *how == text);
    let found = fields.word("how", parse, &HOW) == Some("found");
    // The token says the rest.
    let none = String::new;
    known.origin = Some(Origin { tier: none(), unit: none(), staff: none(), found });
    if let Some(grid) = fields.optional_text("grid_code", GRID) {
        known.particulars.insert("网格".to_owned(), grid);
    }
    submission.place = fields.inside("gps", |gps| {
        Some(Place { lat_e6: gps.degrees("lat", 90), lon_e6: gps.degrees("lon", 180) })
    });
    let parse: fn(&str) -> Option<UploadKey> = |text| UploadKey::parse(text).ok();
    submission.photos =
        fields.list("photos", PHOTOS_MAX, (parse, "the `key` that an upload was granted"));
}

/// One message, with what the token says of its sender. What staff add later is said to be theirs by
/// the ticket's timeline alone: their channel posted it.
pub(crate) fn message(request: &Verified) -> Result<Message, Problem> {
    let mut message = read(&CONTRACT, object(request.body())?, request.wall())?;
    if let Message::Submit(_, Some(known)) = &mut message {
        let claim = |name| request.claims().get(name).unwrap_or_default().to_owned();
        if let Some(origin) = &mut known.origin {
            (origin.tier, origin.unit, origin.staff) = (claim(TIER), claim(UNIT), claim(STAFF));
        }
        known.particulars.insert("提交人身份".to_owned(), claim(ROLE));
    }
    Ok(message)
}
